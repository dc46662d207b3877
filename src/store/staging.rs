//! From arriving bytes to a toolchain that may be published: staging → staged → proven.
//!
//! Each step is a type. [`super::Locked::publish`] takes a [`Proven`] and nothing else, and a [`Proven`] is
//! made only from a [`Staged`] and the evidence that the policy asks for.

use std::path::{Path, PathBuf};

use gv_shim::version::Version;

use super::receipt::{Proof, Receipt};
use super::{Store, VersionLock};
use crate::error::{Error, Result};
use crate::fs;

/// The folder in which one version is built, held by that version's lock.
///
/// `tree/` is the GOROOT to be; `download.part` and `download.json` are kept by a failed download, to resume.
#[derive(Debug)]
pub struct Staging {
    dir: PathBuf,
    version: Version,
}

impl Staging {
    /// Clears what an earlier try unpacked, and keeps what it downloaded.
    pub fn begin(store: &Store, lock: &VersionLock) -> Result<Staging> {
        let all = store.layout().staging();
        fs::create_private_dir_all(&all)?;
        let dir = all.join(lock.version().store().as_str());
        fs::create_private_dir_all(&dir)?;
        let staging = Staging { dir, version: *lock.version() };
        fs::remove_tree(&staging.tree())?;
        Ok(staging)
    }

    /// The GOROOT to be.
    pub fn tree(&self) -> PathBuf {
        self.dir.join("tree")
    }

    /// Where a download is kept until it is complete and proven.
    pub fn partial(&self) -> PathBuf {
        self.dir.join("download.part")
    }

    /// The folder itself, for what interrupts have to remove.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Drops the unpacked files. A download that has begun stays, to be resumed.
    pub fn abandon(self) -> Result<()> {
        fs::remove_tree(&self.tree())?;
        if std::fs::metadata(self.partial()).is_ok_and(|meta| meta.len() > 0) { Ok(()) } else { self.discard() }
    }

    /// Drops everything, the download included: after success, and when its bytes were not to be trusted.
    pub fn discard(self) -> Result<()> {
        fs::remove_tree(&self.dir)
    }
}

/// A toolchain unpacked into staging, with its receipt to be. It is not proven yet.
#[derive(Debug)]
pub struct Staged {
    pub(super) staging: Staging,
    pub(super) receipt: Receipt,
}

impl Staged {
    /// `receipt` describes what was unpacked, with an empty proof.
    pub fn new(staging: Staging, receipt: Receipt) -> Staged {
        Staged { staging, receipt }
    }

    /// What was unpacked.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Adds the proof that the policy was satisfied with.
    ///
    /// # Errors
    /// An empty proof is refused unless `unproven` says that the user asked for the checksum alone.
    pub fn prove(mut self, proof: Proof, unproven: bool) -> Result<Proven> {
        if proof.openpgp.is_none() && proof.sumdb.is_none() && !unproven {
            return Err(Error::untrusted(format!("nothing proves go {}", self.staging.version)));
        }
        self.receipt.summary.proof = proof;
        Ok(Proven { staged: self })
    }

    /// Gives up: see [`Staging::discard`].
    pub fn into_staging(self) -> Staging {
        self.staging
    }
}

/// A toolchain that may be published.
#[derive(Debug)]
pub struct Proven {
    staged: Staged,
}

impl Proven {
    /// The version that was proven.
    pub fn version(&self) -> &Version {
        &self.staged.staging.version
    }

    pub(super) fn staging(&self) -> &Staging {
        &self.staged.staging
    }

    pub(super) fn receipt(&self) -> &Receipt {
        &self.staged.receipt
    }

    pub(super) fn into_staging(self) -> Staging {
        self.staged.staging
    }
}
