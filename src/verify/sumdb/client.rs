//! Looking up records, and holding the database to one history.

use std::path::{Path, PathBuf};

use super::evidence::forked;
use super::head::StoredHead;
use super::note::VerifierKey;
use super::record::{Answer, Record, SignedTree};
use super::tile::Tiles;
use super::tlog;
use super::{Transport, escape};
use crate::error::{Error, Result};
use crate::lock::Patience;

/// A checksum database and what this machine knows of it.
///
/// Below `<cache>/sumdb/<name>/` lie `latest`, the newest head seen, and the tiles. Several processes may use
/// them at once.
#[derive(Debug)]
pub struct Database {
    key: VerifierKey,
    folder: PathBuf,
    first: SignedTree,
    patience: Patience,
}

impl Database {
    /// The database with this key, of which `first` is known beforehand to be a true head. `patience` is for other
    /// processes, which use the same folder.
    pub fn new(key: VerifierKey, cache: &Path, first: SignedTree, patience: Patience) -> Database {
        let folder = cache.join("sumdb").join(key.name());
        Database { key, folder, first, patience }
    }

    /// The name that the database goes by, such as `sum.golang.org`.
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// The newest head that is known to be true: the stored one, or the one that gv was built with.
    pub fn latest(&self) -> Result<SignedTree> {
        let stored = self.stored().read(&self.key)?;
        Ok(stored.filter(|stored| stored.tree.size >= self.first.tree.size).unwrap_or_else(|| self.first.clone()))
    }

    /// Asks for a module version and proves the answer: it is signed, it is in the tree, and that tree and all
    /// that were seen before are one history.
    ///
    /// [`crate::error::Exit::Network`] if the server cannot answer; [`crate::error::Exit::Untrusted`] if the
    /// answer is not proven, and conclusively so if the database was caught with two histories;
    /// [`crate::error::Exit::Busy`] if another process does not let go of what is known of it.
    pub fn lookup(&self, transport: &dyn Transport, module: &str, version: &str) -> Result<Record> {
        let body = transport.get(&escape::lookup_path(module, version)?)?;
        self.prove(transport, module, version, &body)
            .map_err(|error| error.during(format!("cannot prove {module}@{version} by {}", self.name())))
    }

    fn prove(&self, transport: &dyn Transport, module: &str, version: &str, body: &[u8]) -> Result<Record> {
        let answer = Answer::parse(body).ok_or_else(|| {
            Error::untrusted("the answer is no record of a checksum database")
                .because(format!("it begins with {}", crate::verify::excerpt(body)))
        })?;
        let signed = SignedTree::open(&answer.note, &self.key)?;
        let (module, version) = (module.to_owned(), version.to_owned());
        let record = Record { module, version, id: answer.id, text: answer.text, note: answer.note, proof: Vec::new() };
        record.lines()?;
        if record.id >= signed.tree.size {
            return Err(record.refused("its number lies beyond the signed tree"));
        }
        let tiles = self.reconcile(transport, &signed)?;
        let proof = tlog::prove_inclusion(record.id, signed.tree.size, |subtree| tiles.hash(subtree))?;
        let record = Record { proof, ..record };
        record.verify_offline(&self.key)?;
        tiles.save()?;
        Ok(record)
    }

    /// Proves a signed head to be of one history with every head known so far, and remembers it if it is newer.
    ///
    /// The tiles returned are those of the newest head, so they reach as far as `signed`.
    fn reconcile<'a>(&self, transport: &'a dyn Transport, signed: &SignedTree) -> Result<Tiles<'a>> {
        loop {
            let stored = self.stored().read(&self.key)?;
            let mut heads: Vec<&SignedTree> = vec![&self.first, signed];
            heads.extend(&stored);
            // Of heads of one size the known one stays.
            heads.sort_by_key(|head| head.tree.size);
            let newest = heads.iter().copied().max_by_key(|head| (head.tree.size, *head != signed)).unwrap_or(signed);
            let tiles = Tiles::open(newest.tree, self.folder.clone(), transport)?;
            for head in heads {
                self.check_consistent(&tiles, head, newest, signed)?;
            }
            if stored.as_ref() == Some(newest)
                || self.stored().advance(stored.as_ref(), newest, &self.key, &self.patience)?
            {
                return Ok(tiles);
            }
        }
    }

    /// A head is consistent with the newest one if the newest one's own hashes make it up.
    fn check_consistent(
        &self,
        tiles: &Tiles,
        head: &SignedTree,
        newest: &SignedTree,
        shown: &SignedTree,
    ) -> Result<()> {
        let root = tlog::tree_hash(head.tree.size, |subtree| tiles.hash(subtree))?;
        if root == head.tree.root {
            return Ok(());
        }
        let (known, shown) = if head == shown { (newest, head) } else { (head, newest) };
        Err(forked(&self.folder, self.name(), known, shown))
    }

    fn stored(&self) -> StoredHead {
        StoredHead::new(self.folder.clone())
    }
}
