//! What has arrived of a download, kept on disk so that the next run can go on from there.
//!
//! Beside the bytes stands a small file that says what they are the beginning of. Without it, or when it speaks
//! of something else, the bytes are worth nothing and go.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{At, Result};
use crate::fs;
use crate::sha256::Sha256;

/// What the kept bytes are the beginning of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Label {
    /// The URL, without credentials and query.
    pub(super) url: String,
    /// A strong `ETag`, else a `Last-Modified`: what `If-Range` takes.
    pub(super) validator: Option<String>,
    /// The size of the whole, if known.
    pub(super) size: Option<u64>,
    /// The hash of the whole, if known.
    pub(super) sha256: Option<Sha256>,
}

/// A growing file and its label.
pub(super) struct Kept {
    path: PathBuf,
    file: File,
    pub(super) label: Label,
    pub(super) len: u64,
}

impl Kept {
    /// Opens what is kept at `path`. Bytes that cannot be the beginning of `wanted` are dropped; `len` is what is left.
    pub(super) fn open(path: &Path, wanted: Label, immutable: bool) -> Result<Kept> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = fs::open_growing(path)?;
        let len = file.metadata().at("read", path)?.len();
        let old: Option<Label> =
            fs::read_bytes(&label_path(path))?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut kept = Kept { path: path.to_owned(), file, label: wanted, len };
        match old.filter(|old| len > 0 && continues(old, &kept.label, len, immutable)) {
            Some(old) if old.url == kept.label.url => {
                kept.label.validator = old.validator;
                kept.label.size = kept.label.size.or(old.size);
            }
            // The same bytes by their hash, from elsewhere: the validator was another server's.
            Some(old) => kept.label.size = kept.label.size.or(old.size),
            None => kept.clear()?,
        }
        Ok(kept)
    }

    /// Forgets the bytes; the label goes first, so that no crash leaves it beside bytes of something else.
    pub(super) fn clear(&mut self) -> Result<()> {
        fs::remove_file(&label_path(&self.path))?;
        fs::checkpoint("truncate a download");
        self.file.set_len(0).at("truncate", &self.path)?;
        self.file.seek(SeekFrom::Start(0)).at("read", &self.path)?;
        self.len = 0;
        self.label.validator = None;
        Ok(())
    }

    /// Writes the label, before the first byte that it speaks of.
    pub(super) fn write_label(&self) -> Result<()> {
        let text = serde_json::to_vec(&self.label).unwrap_or_default();
        fs::write_cached(&label_path(&self.path), &text)
    }

    /// Reads on where the last read or write ended.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.file.read(buffer).at("read", &self.path)
    }

    /// Adds bytes that have arrived. All that was kept has been read by then, so the file stands at its end.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        fs::checkpoint("write a download");
        self.file.write_all(bytes).at("write", &self.path)?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

/// Whether kept bytes may be the beginning of what is wanted. What cannot be recognised by a hash, a validator
/// or immutability is not continued.
fn continues(old: &Label, wanted: &Label, len: u64, immutable: bool) -> bool {
    let same_hash = wanted.sha256.is_some() && old.sha256 == wanted.sha256;
    let hash_differs = matches!((old.sha256, wanted.sha256), (Some(old), Some(wanted)) if old != wanted);
    let size_differs = matches!((old.size, wanted.size), (Some(old), Some(wanted)) if old != wanted);
    let fits = wanted.size.or(old.size).is_none_or(|size| len <= size);
    let recognised = same_hash || (old.url == wanted.url && (immutable || old.validator.is_some()));
    recognised && fits && !hash_differs && !size_differs
}

/// Removes what is kept at `path`, and its label.
pub fn discard(path: &Path) -> Result<()> {
    fs::remove_file(&label_path(path))?;
    fs::remove_file(path)
}

fn label_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".json");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(url: &str, validator: Option<&str>, size: Option<u64>, hash: Option<u8>) -> Label {
        let sha256 = hash.map(|byte| Sha256([byte; 32]));
        Label { url: url.to_owned(), validator: validator.map(str::to_owned), size, sha256 }
    }

    #[test]
    fn bytes_are_continued_only_when_something_says_that_they_are_the_same() {
        let wanted = label("u", None, Some(10), Some(1));
        for (old, expected) in [
            (label("u", Some("\"e\""), Some(10), Some(1)), true),
            (label("elsewhere", Some("\"e\""), Some(10), Some(1)), true),
            (label("elsewhere", Some("\"e\""), Some(10), None), false),
            (label("u", Some("\"e\""), Some(10), None), true),
            (label("u", None, Some(10), None), false),
            (label("u", Some("\"e\""), Some(11), Some(1)), false),
            (label("u", Some("\"e\""), Some(10), Some(2)), false),
        ] {
            assert_eq!(continues(&old, &wanted, 5, false), expected, "{old:?}");
        }
        assert!(continues(&label("u", None, None, None), &label("u", None, None, None), 5, true));
        assert!(!continues(&wanted, &wanted, 11, true));
    }

    #[test]
    fn bytes_without_a_label_are_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p");
        std::fs::write(&path, "abc").unwrap();
        let kept = Kept::open(&path, label("u", None, None, Some(1)), true).unwrap();
        assert_eq!((kept.len, std::fs::metadata(&path).unwrap().len()), (0, 0));
    }
}
