//! The newest head that this machine has seen, in a file that only moves forward.

use std::path::PathBuf;

use super::note::VerifierKey;
use super::record::SignedTree;
use crate::error::Result;
use crate::fs;
use crate::lock::{FileLock, Patience};

/// The file `latest` in the database's folder.
#[derive(Debug)]
pub(super) struct StoredHead {
    folder: PathBuf,
}

impl StoredHead {
    pub(super) fn new(folder: PathBuf) -> StoredHead {
        StoredHead { folder }
    }

    /// The stored head. One that the key did not sign is an error, not an absence: something changed it.
    pub(super) fn read(&self, key: &VerifierKey) -> Result<Option<SignedTree>> {
        let path = self.path();
        let Some(note) = fs::read_text(&path)? else { return Ok(None) };
        let opened = SignedTree::open(&note, key);
        opened.map(Some).map_err(|error| {
            error
                .during(format!("the newest known head of {} is damaged", key.name()))
                .hint(format!("remove {} to begin again from the head that gv was built with", path.display()))
        })
    }

    /// Replaces the head that was read as `seen` by a newer one that was proven consistent with it.
    ///
    /// `false` if another process has moved it in the meantime: then there is something new to be consistent with.
    pub(super) fn advance(
        &self,
        seen: Option<&SignedTree>,
        newer: &SignedTree,
        key: &VerifierKey,
        patience: &Patience,
    ) -> Result<bool> {
        // Held for the moment of one write; but whoever holds it may have been stopped in that moment.
        let what = format!("what is known of {}", key.name());
        let _lock = FileLock::acquire(&self.folder.join("lock"), &what, patience)?;
        if self.read(key)?.as_ref() != seen {
            return Ok(false);
        }
        fs::write_atomic(&self.path(), newer.note.as_bytes())?;
        Ok(true)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("latest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::sumdb::note::tests::Notary;
    use crate::verify::sumdb::tlog::Hash;

    #[test]
    fn a_head_that_another_process_has_moved_is_not_replaced() {
        let notary = Notary::new("db.test", 1);
        let key: VerifierKey = notary.vkey().parse().unwrap();
        let head = |size: u64| {
            let text = format!("go.sum database tree\n{size}\n{}\n", Hash::leaf(&size.to_be_bytes()));
            SignedTree::open(&notary.sign(&text), &key).unwrap()
        };
        let dir = tempfile::tempdir().unwrap();
        let stored = StoredHead::new(dir.path().join("db.test"));
        let patience = crate::verify::sumdb::tests::patience();
        assert!(stored.advance(None, &head(5), &key, &patience).unwrap());
        assert!(!stored.advance(None, &head(4), &key, &patience).unwrap());
        assert_eq!(stored.read(&key).unwrap(), Some(head(5)));
        assert!(stored.advance(Some(&head(5)), &head(6), &key, &patience).unwrap());
        assert_eq!(stored.read(&key).unwrap(), Some(head(6)));
    }
}
