//! Where the programs under test are.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::elf;

/// An example program, built by `cargo test` beside this test program.
///
/// Refuses one that is older than a source it was made from: it would test yesterday's gv.
pub fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("the test program knows its own path");
    let path = tests.ancestors().nth(2).expect("it lies in target/debug/deps").join("examples").join(name);
    let built = modified(&path).unwrap_or_else(|| {
        panic!("{} is not built: run `cargo build --examples`, or plain `cargo test`", path.display())
    });
    let newer = sources(&path).into_iter().find(|source| modified(source).is_some_and(|time| time > built));
    if let Some(source) = newer {
        panic!("{} is older than {}: run `cargo build --examples`", path.display(), source.display());
    }
    path
}

/// What cargo noted that a program was made from.
fn sources(program: &Path) -> Vec<PathBuf> {
    let notes = std::fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let sources = notes.split_once(": ").map_or("", |(_, sources)| sources).trim_end();
    // Cargo escapes a space in a path with a backslash.
    sources.replace("\\ ", "\0").split(' ').map(|path| PathBuf::from(path.replace('\0', " "))).collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

/// A program's bytes without symbols: debug builds are several times larger with them.
pub fn stripped(program: &Path) -> Vec<u8> {
    let bytes = std::fs::read(program).unwrap_or_else(|err| panic!("cannot read {}: {err}", program.display()));
    elf::strip(&bytes)
}
