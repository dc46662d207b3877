//! What has to hold of a store after whatever happened to it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::golang::{Toolchain, go_name};

/// What is wrong with the store, one line each.
pub fn broken(root: &Path, made: &BTreeMap<String, Toolchain>) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["current", "previous"] {
        let pointer = root.join(name);
        if pointer.symlink_metadata().is_ok() && !pointer.join("VERSION").is_file() {
            found.push(format!("{name} does not lead to a toolchain"));
        }
    }
    if root.join("active").symlink_metadata().is_ok() && !root.join("current/bin/go").is_file() {
        found.push("there is a generation without a current toolchain".to_owned());
    }
    for path in children(&root.join("toolchains")) {
        let name = name_of(&path);
        if path.is_symlink() {
            if !path.join("VERSION").is_file() {
                found.push(format!("the line link {name} leads nowhere"));
            }
        } else {
            found.extend(partial(&path, &name, made.get(&name)));
        }
    }
    walk(root, &mut |path| {
        if name_of(path).starts_with(".gv-new.") {
            found.push(format!("{} was left behind", path.display()));
        }
    });
    for path in children(&root.join("staging")) {
        found.extend((!resumable(&path)).then(|| format!("staging still holds {}", name_of(&path))));
    }
    found
}

/// Whether a folder in staging holds a download to be continued, and nothing else.
fn resumable(dir: &Path) -> bool {
    let names: Vec<String> = children(dir).iter().map(|path| name_of(path)).collect();
    let begun = dir.join("download.part").metadata().is_ok_and(|meta| meta.len() > 0);
    begun && names == ["download.part", "download.part.json"]
}

/// What is missing from a folder that claims to be a toolchain.
fn partial(dir: &Path, name: &str, made: Option<&Toolchain>) -> Option<String> {
    let version = std::fs::read_to_string(dir.join("VERSION")).unwrap_or_default();
    if version.lines().next() != Some(&go_name(name)) {
        return Some(format!("toolchains/{name} has VERSION {version:?}"));
    }
    let files = made.map(Toolchain::module_files).unwrap_or_default();
    files.iter().find_map(|(file, item)| {
        // The module form's names are restored when it is unpacked.
        let file = file.replace("_go.mod", "go.mod");
        let whole = std::fs::read(dir.join(&file)).is_ok_and(|data| data == *item.data);
        (!whole).then(|| format!("toolchains/{name}/{file} is missing or not whole"))
    })
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
