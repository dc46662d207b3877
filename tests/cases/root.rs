//! Rows 39 and 40: what GV_ROOT may turn out to be.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use crate::support::outcome::Outcome;
use crate::support::{Sandbox, need};

/// Every command that touches the store, in every form that goes its own way there.
const TOUCHING: [&str; 31] = [
    "install 1.22.3",
    "install latest",
    "uninstall 1.22.3",
    "use 1.22.3",
    "global 1.22.3",
    "rollback",
    "history",
    "local 1.22.3",
    "local latest",
    "link mine /tmp",
    "unlink mine",
    "list",
    "list --remote",
    "list --json",
    "current",
    "which",
    "which go --version 1.22",
    "exec 1.22.3 true",
    "setup --shell bash",
    "setup --shell bash --dry-run",
    "setup --undo --purge --yes",
    "verify --file archive.tar.gz",
    "verify",
    "verify --all",
    "repair 1.22.3",
    "repair --all",
    "prune --dry-run",
    "prune --yes",
    "keys",
    "keys refresh",
    "keys refresh --file key.asc",
];

/// Those that do not, and go on.
const OTHERS: [&str; 7] =
    ["root", "local", "local --unset", "config", "config --path", "completions bash", "setup --undo --shell bash"];

#[test]
fn the_tables_have_every_command() {
    let tables: BTreeSet<&str> = TOUCHING.iter().chain(&OTHERS).filter_map(|words| words.split(' ').next()).collect();
    let program = gv::command();
    assert_eq!(tables, program.get_subcommands().map(clap::Command::get_name).collect());
}

/// Whatever lies in the project and in HOME.
fn dotfiles(gv: &Sandbox) -> Vec<PathBuf> {
    let mut found = Vec::new();
    crate::support::invariant::walk(&gv.home(), &mut |path| found.push(path.to_owned()));
    found
}

/// Every command that touches the store refuses this root alike, and changes nothing; the others go on.
#[track_caller]
fn is_refused(gv: &Sandbox, why: &str, run: impl Fn(&Sandbox, &str) -> Outcome) {
    gv.write("archive.tar.gz", "");
    gv.write("key.asc", "");
    let before = dotfiles(gv);
    for words in TOUCHING {
        let outcome = run(gv, words).fails(2).says(&format!("as GV_ROOT: {why}")).says("hint: set GV_ROOT");
        assert!(outcome.stdout.is_empty(), "gv {words}: {}", outcome.stdout);
        assert_eq!(dotfiles(gv), before, "gv {words}");
    }
    for words in OTHERS {
        run(gv, words).ok();
    }
    assert!(gv.server().requests().is_empty());
}

#[test]
fn row_40_a_root_that_is_no_folder_is_refused_by_all_alike() {
    let run = Sandbox::run;
    let gv = Sandbox::new();
    let file = gv.folder().join("file");
    std::fs::write(&file, "").unwrap();
    is_refused(&gv.env("GV_ROOT", file), "it is not a folder", run);
    let gv = Sandbox::new();
    let below = gv.folder().join("file/below");
    std::fs::write(gv.folder().join("file"), "").unwrap();
    is_refused(&gv.env("GV_ROOT", below), "it is not a folder", run);
    let gv = Sandbox::new();
    let dangling = gv.folder().join("dangling");
    symlink("nowhere", &dangling).unwrap();
    let mut slashed = dangling.clone().into_os_string();
    slashed.push("/");
    for root in [dangling.into_os_string(), slashed] {
        let gv = Sandbox::new().env("GV_ROOT", root);
        is_refused(&gv, "it is a link to nowhere", run);
    }
    let gv = Sandbox::new();
    let looping = gv.folder().join("loop");
    symlink("loop", &looping).unwrap();
    is_refused(&gv.env("GV_ROOT", looping), "too many levels of symbolic links", run);
}

#[test]
fn row_39_a_root_that_may_not_be_entered_is_refused_by_all_alike() {
    // Root may enter everything, but for the right to do so, which only root can give away.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    let Some(wrapper) = need(if is_root { "setpriv" } else { "env" }) else { return };
    let run = |gv: &Sandbox, words: &str| {
        let mut command = gv.command(&wrapper);
        command.args(is_root.then_some("--bounding-set=-dac_override,-dac_read_search"));
        gv.output(command.arg(gv.folder().join("bin/gv")).args(words.split(' ')))
    };
    for below in ["", "below"] {
        let gv = Sandbox::new();
        let closed = gv.folder().join("closed");
        std::fs::create_dir(&closed).unwrap();
        let mode = |mode| std::fs::set_permissions(&closed, PermissionsExt::from_mode(mode)).unwrap();
        mode(0);
        let root = if below.is_empty() { closed.clone() } else { closed.join(below) };
        let gv = gv.env("GV_ROOT", root);
        is_refused(&gv, "permission denied", run);
        // So that everybody can remove it.
        mode(0o700);
    }
}

#[test]
fn row_40_a_root_that_is_missing_is_an_empty_one() {
    for (words, code) in [
        ("uninstall 1.22.3", 3),
        ("use 1.22.3", 3),
        ("rollback", 3),
        ("history", 0),
        ("unlink mine", 3),
        ("list", 0),
        ("current", 3),
        ("which", 3),
        ("exec 1.22.3 true", 3),
        ("local 1.22.3", 0),
        ("keys", 0),
        ("verify --all", 0),
        ("verify 1.22.3", 3),
        ("repair 1.22.3", 3),
        ("prune --yes", 0),
        ("install 1.22.3", 0),
    ] {
        let gv = Sandbox::new().serving(["1.22.3"]);
        let root = gv.folder().join("not/there/yet");
        let gv = gv.env("GV_ROOT", root);
        gv.run(words).fails(code);
        gv.invariant();
    }
}
