//! gv's own source, as the tests of the house read it.

use std::path::{Path, PathBuf};

/// A source file.
pub(super) struct Source {
    /// Relative to the repository.
    pub(super) path: PathBuf,
    /// As it stands.
    pub(super) text: String,
}

impl Source {
    /// The module directly below the crate that the file belongs to: `store` of `src/store/lock.rs`.
    pub(super) fn module(&self) -> &str {
        let below = self.path.iter().nth(1).and_then(|name| name.to_str()).unwrap_or_default();
        below.trim_end_matches(".rs")
    }

    /// Whether a `#[cfg(test)]` module fills the whole file.
    pub(super) fn is_test(&self) -> bool {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        ["tests.rs", "testing.rs", "samples.rs", "real.rs"].contains(&name)
    }

    /// The lines that run outside tests, with their numbers and without comments.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests").unwrap_or(self.text.len());
        let end = if self.is_test() { 0 } else { end };
        (1..).zip(self.text[..end].lines()).map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
    }
}

/// Every `.rs` file below some folders of the repository.
pub(super) fn below(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source { path: path.strip_prefix(root).unwrap().to_owned(), text });
            }
        }
    }
    assert!(!found.is_empty(), "there is no source");
    found
}
