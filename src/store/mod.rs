//! The store: everything under `GV_ROOT`, and the only ways to change it.
//!
//! What changes the store exists only on [`Locked`]. A name under `toolchains/` means a complete toolchain,
//! because the rename in [`Locked::publish`] is the last step that makes it one.

mod digest;
mod generation;
mod in_use;
mod layout;
mod linked;
mod locked;
pub mod program;
mod projects;
mod receipt;
pub mod shims;
mod staging;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gv_shim::version::Version;

pub use digest::Digest;
pub use generation::Generation;
pub use in_use::users_of;
pub use layout::Layout;
pub use linked::Linked;
pub use locked::{Locked, Removal};
pub use projects::Project;
pub use receipt::{FileRow, OpenPgp, Proof, Receipt, SCHEMA, SumDb, Summary, timestamp};
pub use staging::{Proven, Staged, Staging};

use crate::error::Result;
use crate::fs;
use crate::lock::{FileLock, Patience};
use crate::ui::Ui;

/// The store of one `GV_ROOT`, open for reading.
#[derive(Clone, Debug)]
pub struct Store {
    layout: Layout,
    settings: Settings,
    interrupted: Arc<AtomicBool>,
}

/// How the store behaves; from the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a process waits for a lock.
    pub patience: Duration,
    /// Whether a toolchain is made durable before it gets its name. Off only for machines that are thrown away.
    pub sync: bool,
    /// The gv-shim program that names under `shims/` are made from; `None` leaves the one in place.
    pub shim: Option<PathBuf>,
    /// The gv that is running, to refresh `bin/gv` with.
    pub program: Option<PathBuf>,
}

impl Store {
    /// Opens the store; one that does not exist yet is empty.
    ///
    /// # Errors
    /// See [`Layout::check`].
    pub fn open(layout: Layout, settings: Settings) -> Result<Store> {
        layout.check()?;
        Ok(Store { layout, settings, interrupted: Arc::default() })
    }

    /// The same, but waiting for a lock ends soon after `interrupted` is set.
    #[must_use]
    pub fn interruptible(self, interrupted: Arc<AtomicBool>) -> Store {
        Store { interrupted, ..self }
    }

    /// Where everything lies.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Every complete toolchain, oldest version first.
    pub fn installed(&self) -> Result<Vec<Version>> {
        Ok(self.toolchains()?.0)
    }

    /// Every complete toolchain, oldest version first, and every linked one, by name: one look at the folder for both.
    pub fn toolchains(&self) -> Result<(Vec<Version>, Vec<Linked>)> {
        let dir = self.layout.toolchains();
        let (mut versions, mut linked) = (Vec::new(), Vec::new());
        for (name, kind) in fs::entries(&dir)? {
            match Version::from_store_name(name.as_encoded_bytes()) {
                Some(version) if kind.is_dir() => versions.push(version),
                Some(_) => {}
                None => linked.extend(linked::read(&dir, name)?),
            }
        }
        versions.sort_unstable();
        linked.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok((versions, linked))
    }

    /// Whether a version is completely installed. One that cannot be looked at is there: whoever uses it will say why not.
    pub fn has(&self, version: &Version) -> bool {
        match std::fs::symlink_metadata(self.layout.toolchain(version)) {
            Ok(meta) => meta.is_dir(),
            Err(err) => err.kind() != std::io::ErrorKind::NotFound,
        }
    }

    /// The version whose toolchain a folder is, by whatever links; `None` if it is none of the store's.
    pub fn version_at(&self, dir: &Path) -> Option<Version> {
        let toolchains = self.layout.toolchains().canonicalize().ok()?;
        let name = dir.canonicalize().ok()?.strip_prefix(toolchains).ok()?.to_path_buf();
        Version::from_store_name(name.as_os_str().as_encoded_bytes())
    }

    /// What the receipt of a version tells; `None` where there is none, so that the toolchain is unproven.
    pub fn summary(&self, version: &Version) -> Result<Option<Summary>> {
        Summary::read(&self.layout.receipt(version))
    }

    /// The whole receipt of a version.
    pub fn receipt(&self, version: &Version) -> Result<Option<Receipt>> {
        Receipt::read(&self.layout.receipt(version))
    }

    /// The active generation; `None` before the first flip.
    pub fn active(&self) -> Result<Option<Generation>> {
        generation::active(&self.layout)
    }

    /// All generations, oldest first.
    pub fn history(&self) -> Result<Vec<Generation>> {
        generation::all(&self.layout)
    }

    /// The numbers of all generations, oldest first, those included of which only a part is left.
    pub fn generations(&self) -> Result<Vec<u64>> {
        generation::numbers(&self.layout)
    }

    /// How this store waits for locks, telling `ui`.
    pub fn patience(&self, ui: &Ui) -> Patience {
        Patience { limit: self.settings.patience, interrupted: self.interrupted.clone(), ui: ui.clone() }
    }

    /// Takes the lock of one version, which comes before that of the store: from download to proof.
    pub fn lock_version(&self, version: &Version, ui: &Ui) -> Result<VersionLock> {
        let name = version.to_string();
        let path = self.layout.version_lock(&name);
        let lock = FileLock::acquire(&path, &format!("go {name}"), &self.patience(ui))?;
        Ok(VersionLock { version: *version, _lock: lock })
    }

    /// Puts right what a crash may have left behind, for a command that has nothing else to change: with a look, and
    /// under the lock only if there is something.
    pub fn mend(&self, ui: &Ui) -> Result<()> {
        if self.is_settled()? { Ok(()) } else { self.lock(ui).map(drop) }
    }

    fn is_settled(&self) -> Result<bool> {
        let staging = self.layout.staging();
        for name in fs::names(&staging)? {
            let dir = staging.join(name);
            if dir.join("tree").exists() || !locked::continues(&dir)? {
                return Ok(false);
            }
        }
        generation::has_links(&self.layout)
    }

    /// Takes the lock of the store and puts right what a crash may have left behind.
    pub fn lock(&self, ui: &Ui) -> Result<Locked<'_>> {
        let lock = FileLock::acquire(&self.layout.store_lock(), "the store", &self.patience(ui))?;
        let locked = Locked::new(self, lock);
        locked.settle()?;
        // The shims need some gv, and a newer one only now and then: that this fails is no reason to do nothing.
        if let Some(program) = &self.settings.program
            && let Err(error) = program::refresh(&self.layout, program)
        {
            ui.warn(format_args!("the gv that the shims hand over to was not refreshed: {error}"));
        }
        Ok(locked)
    }
}

/// The held lock of one version.
#[derive(Debug)]
pub struct VersionLock {
    version: Version,
    _lock: FileLock,
}

impl VersionLock {
    /// The version that is locked.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

#[cfg(test)]
mod tests;
