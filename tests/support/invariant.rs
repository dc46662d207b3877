//! What has to hold of a store after whatever happened to it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::golang::{Toolchain, go_name, sha256};

/// What is wrong with the store, one line each.
pub fn broken(root: &Path, made: &BTreeMap<String, Toolchain>) -> Vec<String> {
    let mut found = unsound(root, made);
    found.extend(unsettled(root));
    found
}

/// What may never be wrong with a store, not even right after a crash.
pub fn unsound(root: &Path, made: &BTreeMap<String, Toolchain>) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["current", "previous"] {
        let pointer = root.join(name);
        if pointer.symlink_metadata().is_ok() && !pointer.join("VERSION").is_file() {
            found.push(format!("{name} does not lead to a toolchain"));
        }
    }
    if root.join("active").symlink_metadata().is_ok() && !root.join("active/current/bin/go").is_file() {
        found.push("there is a generation without a current toolchain".to_owned());
    }
    for path in children(&root.join("toolchains")) {
        let name = name_of(&path);
        if name.starts_with(TEMPORARY) {
            continue;
        }
        if path.is_symlink() {
            if !path.join("VERSION").is_file() {
                found.push(format!("the line link {name} leads nowhere"));
            }
        } else {
            found.extend(partial(&path, &name, made.get(&name)));
            found.extend(mistold(&path, &root.join("receipts").join(format!("{name}.json"))));
        }
    }
    found.extend(children(&root.join("shims")).iter().filter_map(|path| changed(path)));
    found.extend(children(&root.join("cache/archives")).iter().filter_map(|path| misnamed(path, made)));
    found
}

/// What a crash may leave behind, and the next run has to put right.
pub fn unsettled(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    if root.join("active").symlink_metadata().is_ok() && !root.join("current/bin/go").is_file() {
        found.push("there is a generation, and `current` is missing".to_owned());
    }
    walk(root, &mut |path| {
        // What is written there is written under no lock, so leftovers are swept by their age.
        let unlocked = ["bin", "cache"].iter().any(|dir| path.starts_with(root.join(dir)));
        if name_of(path).starts_with(TEMPORARY) && !unlocked {
            found.push(format!("{} was left behind", path.display()));
        }
    });
    for path in children(&root.join("staging")) {
        found.extend((!resumable(&path)).then(|| format!("staging still holds {}", name_of(&path))));
    }
    found
}

/// What the names of half-made things begin with.
const TEMPORARY: &str = ".gv-new.";

/// Whether a folder in staging holds a download to be continued, and nothing else.
fn resumable(dir: &Path) -> bool {
    let names: Vec<String> = children(dir).iter().map(|path| name_of(path)).collect();
    let begun = dir.join("download.part").metadata().is_ok_and(|meta| meta.len() > 0);
    begun && names == ["download.part", "download.part.json"]
}

/// What is wrong with a folder that claims to be a toolchain.
fn partial(dir: &Path, name: &str, made: Option<&Toolchain>) -> Option<String> {
    let version = std::fs::read_to_string(dir.join("VERSION")).unwrap_or_default();
    if version.lines().next() != Some(&go_name(name)) {
        return Some(format!("toolchains/{name} has VERSION {version:?}"));
    }
    let made = made?;
    let lacking = made.module_files().into_iter().find_map(|(file, item)| {
        // The module form's names are restored when it is unpacked.
        let file = file.replace("_go.mod", "go.mod");
        let whole = std::fs::read(dir.join(&file)).is_ok_and(|data| data == *item.data);
        (!whole).then(|| format!("toolchains/{name}/{file} is missing or not whole"))
    });
    lacking.or_else(|| {
        let mut strange = None;
        walk(dir, &mut |path| {
            let known = path.strip_prefix(dir).is_ok_and(|path| made.files.contains_key(&*path.to_string_lossy()));
            if !known && (path.is_symlink() || !path.is_dir()) {
                strange = Some(format!("toolchains/{name} also has {}", path.display()));
            }
        });
        strange
    })
}

/// What a toolchain's receipt, if it has one, tells otherwise than its files.
fn mistold(dir: &Path, receipt: &Path) -> Option<String> {
    let text = std::fs::read(receipt).ok()?;
    let told: serde_json::Value = match serde_json::from_slice(&text) {
        Ok(told) => told,
        Err(err) => return Some(format!("{} cannot be read: {err}", receipt.display())),
    };
    let wrong = told["files"].as_array()?.iter().find(|row| {
        let path = row[0].as_str().unwrap_or_default();
        std::fs::read(dir.join(path)).map(|data| sha256(&data)).ok().as_deref() != row[3].as_str()
    })?;
    Some(format!("{} tells another {} than there is", receipt.display(), wrong[0]))
}

/// Generations that do not say what is current, or not when and why it became so; nothing but a hand leaves such.
pub fn broken_generations(root: &Path) -> Vec<String> {
    children(&root.join("generations")).iter().filter_map(|path| nameless(path)).collect()
}

fn nameless(dir: &Path) -> Option<String> {
    let name = name_of(dir);
    if name.starts_with(TEMPORARY) {
        return None;
    }
    let meta = std::fs::read(dir.join("meta.json")).unwrap_or_default();
    let meta: serde_json::Value = serde_json::from_slice(&meta).unwrap_or_default();
    let current = dir.join("current").read_link().unwrap_or_default();
    let same = meta["number"].as_u64() == name.parse().ok() && meta["current"].as_str() == Some(&*name_of(&current));
    (!same).then(|| format!("generation {name} is not whole"))
}

/// A shim that is not the program which all of them are.
fn changed(path: &Path) -> Option<String> {
    let name = name_of(path);
    let program = path.with_file_name(".gv-shim");
    let ours = name == "go" || name == "gofmt" || name.starts_with("go1");
    let same = !ours
        || std::fs::read(path)
            .is_ok_and(|bytes| !bytes.is_empty() && std::fs::read(program).is_ok_and(|of| of == bytes));
    (!same).then(|| format!("shims/{name} is not the shim"))
}

/// A kept archive that is not what its name says.
fn misnamed(path: &Path, made: &BTreeMap<String, Toolchain>) -> Option<String> {
    let name = name_of(path);
    let toolchain = made.values().find(|toolchain| toolchain.file_name() == name)?;
    let same = std::fs::read(path).is_ok_and(|bytes| sha256(&bytes) == archive_hash(toolchain));
    (!same).then(|| format!("the kept archive {name} holds other bytes"))
}

/// The hash of a toolchain's archive, which takes a while to pack.
fn archive_hash(toolchain: &Toolchain) -> String {
    static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    // Made toolchains with other files than the usual have another hash.
    let key = format!("{} {}", toolchain.file_name(), toolchain.h1());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(key).or_insert_with(|| sha256(&toolchain.archive())).clone()
}

/// Every path below a folder, links not followed.
pub fn walk(dir: &Path, visit: &mut impl FnMut(&Path)) {
    for path in children(dir) {
        visit(&path);
        if path.is_dir() && !path.is_symlink() {
            walk(&path, visit);
        }
    }
}

/// Everything below a folder: by its path, the content of a file or where a link leads; nothing of a folder.
pub fn contents(root: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut contents = BTreeMap::new();
    walk(root, &mut |path| {
        let link = path.read_link().map(|target| target.into_os_string().into_encoded_bytes());
        let content = link.unwrap_or_else(|_| if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() });
        contents.insert(path.to_path_buf(), content);
    });
    contents
}

/// The store as a list of names; what lies inside toolchains is only counted.
pub fn listing(root: &Path) -> String {
    let mut text = String::new();
    list(root, root, &mut text);
    text
}

fn list(root: &Path, dir: &Path, text: &mut String) {
    for path in children(dir) {
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        // Writing to a String cannot fail.
        let _ = match path.read_link() {
            Ok(target) => writeln!(text, "{shown} -> {}", target.display()),
            Err(_) if path.is_dir() && dir.ends_with("toolchains") => {
                let mut count = 0;
                walk(&path, &mut |_| count += 1);
                writeln!(text, "{shown}/ with {count} entries")
            }
            Err(_) => writeln!(text, "{shown}"),
        };
        if path.is_dir() && !path.is_symlink() && !dir.ends_with("toolchains") {
            list(root, &path, text);
        }
    }
}

fn children(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = dir.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
