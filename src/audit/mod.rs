//! Whether an installed toolchain is still the one that was installed, and whether that is still proven: from the disk
//! alone, without the network and without a lock.
//!
//! Two chains are followed, as far as the receipt has them. The checksum database's: its compiled-in key has signed the
//! stored head, the stored record is in that tree, and the `h1:` of the bytes on the disk is the record's; so nothing
//! of it rests on the receipt being honest. The signature's: Google's key has signed a hash, and the receipt says that it
//! is the archive's and which files the archive held; the archive is gone, so that part is the receipt's own word.

mod compare;
mod expected;
mod problem;
mod proof;
mod queue;
mod walk;

use std::collections::HashMap;
use std::num::NonZero;

use gv_shim::version::Version;

pub use problem::{Kind, Problem};
pub use proof::Link;

use crate::config::Trust;
use crate::error::{At, Error, Exit, Result};
use crate::keys;
use crate::store::{Receipt, Store, Summary};
use crate::verify::Roots;
use expected::Expected;
use proof::Proofs;

/// More threads than this would wait for the disk.
const MOST_THREADS: usize = 16;

/// What is checked, and by what.
#[derive(Clone, Copy)]
pub struct Auditor<'a> {
    /// Where the toolchains and their receipts are.
    pub store: &'a Store,
    /// The roots of trust.
    pub roots: &'a Roots,
    /// What proof is asked for.
    pub trust: Trust,
}

/// What a toolchain was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every file is as the receipt has it, and the proofs in the receipt hold.
    Intact,
    /// Files are not as the receipt has them.
    Damaged,
    /// There is no receipt that proves anything.
    Unproven,
}

impl Verdict {
    /// For people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Intact => "intact",
            Verdict::Damaged => "damaged",
            Verdict::Unproven => "unproven",
        }
    }
}

/// What was found out about one toolchain.
#[derive(Debug)]
pub struct Audit {
    /// Which.
    pub version: Version,
    /// What its receipt tells; `None` if there is none that can be read.
    pub summary: Option<Summary>,
    /// Google's signature.
    pub signature: Link,
    /// The checksum database's record.
    pub database: Link,
    /// What is wrong with its files, sorted by path.
    pub problems: Vec<Problem>,
    /// What is wrong with its receipt or its proofs.
    pub doubts: Vec<String>,
    /// Files that were read.
    pub files: u64,
    /// Bytes that were read.
    pub size: u64,
}

impl Audit {
    /// The gravest of what was found. What cannot be told from a forgery goes before what looks like an accident.
    pub fn verdict(&self) -> Verdict {
        match (self.doubts.is_empty(), self.problems.is_empty()) {
            (false, _) => Verdict::Unproven,
            (true, false) => Verdict::Damaged,
            (true, true) => Verdict::Intact,
        }
    }

    /// What vouches for an intact toolchain, for a line about it.
    pub fn vouched(&self) -> &'static str {
        match (self.database, self.signature) {
            (Link::Holds, Link::Holds) => "proven by the checksum database and Google's signature",
            (Link::Holds, _) => "proven by the checksum database",
            (_, Link::Holds) => "as its receipt lists them, with a signature of Google's that holds",
            (_, Link::Unchecked) => "as its receipt lists them; too old a receipt to check the signature again",
            (_, Link::Absent) => "as its receipt lists them, unproven",
        }
    }
}

impl Auditor<'_> {
    /// Checks one toolchain. `progress` is told the bytes read so far, by several threads.
    ///
    /// # Errors
    /// What could not be looked at. What is wrong with a toolchain is in the [`Audit`].
    pub fn audit(&self, version: &Version, progress: &(dyn Fn(u64) + Sync)) -> Result<Audit> {
        let mut audit = Audit {
            version: *version,
            summary: None,
            signature: Link::Absent,
            database: Link::Absent,
            problems: Vec::new(),
            doubts: Vec::new(),
            files: 0,
            size: 0,
        };
        let Some(receipt) = self.receipt(version, &mut audit)? else { return Ok(audit) };
        audit.summary = Some(receipt.summary.clone());
        let proofs = self.prove(&receipt, version)?;
        (audit.signature, audit.database) = (proofs.signature, proofs.database());
        audit.doubts.extend(proofs.doubts.iter().map(ToString::to_string));
        match Expected::of(&receipt, version, proofs.signature != Link::Absent) {
            Ok(expected) => self.look(&expected, &proofs, &mut audit, progress)?,
            Err(error) => audit.doubts.push(error.to_string()),
        }
        Ok(audit)
    }

    /// The receipt; that there is none which can be read is a doubt.
    fn receipt(&self, version: &Version, audit: &mut Audit) -> Result<Option<Receipt>> {
        match self.store.receipt(version) {
            Ok(Some(receipt)) => return Ok(Some(receipt)),
            Ok(None) => audit.doubts.push("it has no receipt".to_owned()),
            Err(error) if matches!(error.exit(), Exit::Untrusted | Exit::Usage) => {
                audit.doubts.push(error.to_string());
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }

    fn prove(&self, receipt: &Receipt, version: &Version) -> Result<Proofs> {
        let keyring = || keys::keyring(self.roots, self.store.layout());
        let database_key = self.roots.database_key()?;
        let mut proofs = Proofs::check(&receipt.summary, version, keyring, &database_key)?;
        if proofs.doubts.is_empty() {
            proofs.doubts.extend(proofs.lacking(self.trust));
        }
        Ok(proofs)
    }

    fn look(
        &self,
        expected: &Expected<'_>,
        proofs: &Proofs,
        audit: &mut Audit,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<()> {
        let path = self.store.layout().toolchain(&audit.version);
        let Some(root) = walk::open(&path)? else {
            return Err(Error::not_installed(format!("go {} is not installed any more", audit.version)));
        };
        let before = rustix::fs::fstat(&root).at("read", &path)?;
        let found = walk::walk(root, expected, threads(), progress);
        // Its name may have been given to another tree meanwhile, or taken away.
        let after = rustix::fs::lstat(&path);
        if after.is_ok_and(|after| (after.st_dev, after.st_ino) != (before.st_dev, before.st_ino)) || after.is_err() {
            return Err(Error::busy(format!("go {} was replaced or removed while it was checked", audit.version))
                .hint("check it again"));
        }
        let found = found?;
        audit.files = found.seen.len() as u64;
        audit.size = found.bytes;
        let hashes: HashMap<usize, _> = found.seen.iter().copied().collect();
        audit.problems = compare::problems(expected, found);
        compare::judge(expected, proofs, &hashes, audit);
        Ok(())
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS)
}

#[cfg(test)]
mod tests;
