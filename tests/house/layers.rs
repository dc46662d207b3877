//! Modules depend downwards only, and what touches the world stands in one place each.

use std::collections::BTreeSet;

use super::source::{self, Source};

/// From the top. A module uses those of rows below its own, and none of its own row.
const LAYERS: &[&[&str]] = &[
    &["main", "bin"],
    &["lib"],
    &["cli"],
    &["commands"],
    &["context"],
    &["prune"],
    &["audit", "install", "setup", "resolution"],
    &["json", "keys", "shims"],
    &["source"],
    &["index"],
    &["download"],
    &["verify", "unpack", "store"],
    &["net", "lock"],
    &["config", "platform", "ui", "interrupt", "system"],
    &["fs"],
    &["environment"],
    &["error", "sha256"],
];

/// No file is longer, so that none has more than one job.
const LONGEST: usize = 400;

fn layer(module: &str) -> usize {
    let found = LAYERS.iter().position(|row| row.contains(&module));
    found.unwrap_or_else(|| panic!("src/{module} has no layer: give it one in {}", file!()))
}

/// The modules that a file names as `crate::module` or within `crate::{…}`.
fn uses(source: &Source) -> BTreeSet<String> {
    let code = source.lines().map(|(_, line)| line).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads(group)),
            None => found.extend(word(rest)),
        }
    }
    found
}

/// The first words of a `use` group's items, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut fresh, mut found) = (0, true, Vec::new());
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b',' if depth == 0 => fresh = true,
            byte if fresh && byte.is_ascii_alphabetic() => {
                found.extend(word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    found
}

/// The module that a path begins with; a type or a macro of the crate's root is none.
fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    word.chars().all(|c| c.is_ascii_lowercase() || c == '_').then_some(word).filter(|word| !word.is_empty())
}

#[test]
fn dependencies_point_downwards() {
    let mut wrong = Vec::new();
    for source in source::below(&["src"]) {
        let module = source.module().to_owned();
        for used in uses(&source).into_iter().filter(|used| *used != module && module != "lib") {
            if layer(&used) <= layer(&module) {
                wrong.push(format!("{} uses {used}, which is no layer below {module}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_uses_sees_every_form() {
    let text = "use crate::error::Result;\nuse crate::{fs, net::{self, Url}, ui::Bar};\ncrate::store::home();\n// crate::cli\n#[cfg(test)]\nmod tests {\nuse crate::config;\n}";
    let source = Source { path: "src/x/y.rs".into(), text: text.to_owned() };
    assert_eq!(source.module(), "x");
    assert_eq!(uses(&source).into_iter().collect::<Vec<_>>(), ["error", "fs", "net", "store", "ui"]);
}

/// Lines of gv's own code that hold one of `words`, but for the files that may.
fn holding(words: &[&str], may: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in source::below(&["src"]) {
        let path = source.path.to_string_lossy().into_owned();
        if may.iter().any(|may| path.starts_with(may)) {
            continue;
        }
        let hits = source.lines().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(hits.map(|(number, line)| format!("{path}:{number}: {}", line.trim())));
    }
    found
}

#[test]
fn one_place_reads_the_process_environment() {
    // main hands over the arguments and its own path; the shim's host has to find out what was executed.
    let words = ["env::var", "env::args", "env::current_", "env::home_dir", "env::temp_dir", "env::set_", "getcwd("];
    let found = holding(&words, &["src/environment.rs", "src/main.rs", "src/system.rs"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn one_place_changes_the_disk() {
    let words = [
        "OpenOptions",
        "File::create",
        "std::fs::write",
        "std::fs::rename",
        "std::fs::copy",
        "std::fs::create_dir",
        "std::fs::remove_",
        "std::fs::hard_link",
        "std::fs::set_permissions",
        "fs::symlink(",
        "mkdirat",
        "renameat",
        "unlinkat",
        "symlinkat",
        "linkat",
    ];
    // system.rs opens files to read them, without blocking on a pipe.
    let found = holding(&words, &["src/fs.rs", "src/fs/", "src/unpack/", "src/system.rs"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let short = source::below(&["src"]).into_iter().filter(|source| {
        let imports =
            source.lines().any(|(_, line)| line.trim() == "use std::fs;" || line.contains("use std::fs::{self"));
        let changes = ["fs::write(", "fs::rename(", "fs::copy(", "fs::create_dir", "fs::remove_", "fs::hard_link("];
        let may = ["fs", "unpack"].contains(&source.module());
        !may && imports && source.lines().any(|(_, line)| changes.iter().any(|change| line.contains(change)))
    });
    let short: Vec<String> = short.map(|source| source.path.display().to_string()).collect();
    assert!(short.is_empty(), "these change the disk through std: {}", short.join(", "));
}

#[test]
fn no_file_is_too_long_to_have_one_job() {
    let long: Vec<String> = source::below(&["src", "shims", "tests"])
        .into_iter()
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn one_place_says_what_is_skipped() {
    // Put together here, so that this file has none.
    let words = [["eprint", "ln!"].concat(), ["\"skip", "ped"].concat()];
    let mut found = Vec::new();
    for source in source::below(&["src", "shims", "tests"]) {
        if source.path.ends_with("tests/support/need.rs") {
            continue;
        }
        let hits = (1..).zip(source.text.lines()).filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(
            hits.map(|(number, _)| format!("{}:{number} says by itself what is skipped", source.path.display())),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
