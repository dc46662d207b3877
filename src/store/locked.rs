//! The changes: publish, flip, roll back, remove, and putting right what a crash left behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gv_shim::version::{Line, Version};

use super::staging::Proven;
use super::{Generation, Store, generation, shims};
use crate::error::{At, Error, Result};
use crate::fs;
use crate::lock::FileLock;

/// How long a partial download waits to be resumed before it is swept.
const PARTIAL_KEPT: Duration = Duration::from_hours(7 * 24);

/// What the names of removed toolchains begin with, until their files are gone.
const REMOVED: &str = "removed.";

/// The store, locked: no other process changes it.
#[derive(Debug)]
pub struct Locked<'a> {
    store: &'a Store,
    _lock: FileLock,
}

/// What [`Locked::remove`] did besides removing.
#[derive(Debug, Default)]
pub struct Removal {
    /// The generation that became active because the removed version was current or previous.
    pub flipped: Option<Generation>,
    /// Nothing is current any more.
    pub deactivated: bool,
}

impl<'a> Locked<'a> {
    pub(super) fn new(store: &'a Store, lock: FileLock) -> Locked<'a> {
        Locked { store, _lock: lock }
    }

    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// Gives a proven toolchain its name.
    ///
    /// Order: everything synced → the receipt and its folder → the toolchain and its folder → line link and shim
    /// → leftovers deleted. A crash before the rename leaves a receipt without a toolchain, which is swept; one
    /// after it leaves links and shims missing, which the next lock puts right.
    pub fn publish(&mut self, toolchain: Proven) -> Result<()> {
        let layout = &self.store.layout;
        let version = *toolchain.version();
        fs::create_dir_all(&layout.toolchains())?;
        fs::create_dir_all(&layout.receipts())?;
        if self.store.settings.sync {
            fs::sync_file_system(&toolchain.staging().tree())?;
        }
        fs::write_atomic(&layout.receipt(&version), toolchain.receipt().to_json()?.as_bytes())?;
        if !fs::rename_new(&toolchain.staging().tree(), &layout.toolchain(&version))? {
            return Err(Error::failed(format!("go {version} appeared while its version was locked")));
        }
        fs::sync_dir(&layout.toolchains())?;
        self.settle()?;
        toolchain.into_staging().discard()
    }

    /// Puts a toolchain in the place of the one installed, so that its name is never missing for longer than one
    /// exchange takes. The old receipt stays until the new tree is in place.
    pub fn replace(&mut self, toolchain: Proven) -> Result<()> {
        let layout = &self.store.layout;
        let version = *toolchain.version();
        if self.store.settings.sync {
            fs::sync_file_system(&toolchain.staging().tree())?;
        }
        fs::exchange(&toolchain.staging().tree(), &layout.toolchain(&version))?;
        fs::sync_dir(&layout.toolchains())?;
        fs::create_dir_all(&layout.receipts())?;
        fs::write_atomic(&layout.receipt(&version), toolchain.receipt().to_json()?.as_bytes())?;
        self.settle()?;
        toolchain.into_staging().discard()
    }

    /// Makes a version current. What was current becomes previous. `None` if it is current already.
    pub fn flip(&mut self, version: &Version, reason: &str) -> Result<Option<Generation>> {
        if !self.store.has(version) {
            return Err(missing(version));
        }
        let before = self.store.active()?;
        let current = before.as_ref().and_then(Generation::current);
        if current.as_ref() == Some(version) {
            return Ok(None);
        }
        let previous = current.filter(|version| self.store.has(version));
        generation::flip(&self.store.layout, version, previous.as_ref(), reason).map(Some)
    }

    /// Goes back: to the previous version, or to what was current in generation `to`. A flip like any other.
    pub fn rollback(&mut self, to: Option<u64>) -> Result<Option<Generation>> {
        let active = self.store.active()?.ok_or_else(|| {
            Error::not_installed("there is nothing to roll back to: no version was ever current")
                .hint("`gv install latest` installs one")
        })?;
        let (target, reason) = match to {
            None => (active.previous(), "rollback".to_owned()),
            Some(number) => {
                let history = self.store.history()?;
                let found = history.iter().find(|generation| generation.number == number);
                let found = found.ok_or_else(|| {
                    Error::usage(format!("there is no generation {number}")).hint("`gv history` lists them")
                })?;
                (found.current(), format!("rollback --to {number}"))
            }
        };
        let target = target.ok_or_else(|| {
            Error::not_installed("there is no previous version to roll back to")
                .hint("`gv history` lists what was current")
        })?;
        self.flip(&target, &reason)
    }

    /// Removes a version: its shim and line link first, then its name, then its files.
    ///
    /// If it is current or previous, the pointer moves off it before anything is taken away. Whether that is
    /// allowed is for the caller to ask.
    pub fn remove(&mut self, version: &Version) -> Result<Removal> {
        let removal = self.point_away_from(version)?;
        let layout = &self.store.layout;
        let mut left = self.store.installed()?;
        left.retain(|other| other != version);
        let doomed = layout.staging().join(format!("{REMOVED}{version}"));
        fs::create_private_dir_all(&layout.staging())?;
        fs::remove_tree(&doomed)?;
        shims::place(layout, self.store.settings.shim.as_deref(), &left)?;
        link_lines(&layout.toolchains(), &left)?;
        if let Err(error) = fs::rename(&layout.toolchain(version), &doomed) {
            // It is still there, so its shim and its line link come back.
            self.settle()?;
            return Err(error);
        }
        fs::sync_dir(&layout.toolchains())?;
        fs::remove_file(&layout.receipt(version))?;
        fs::remove_tree(&doomed)?;
        Ok(removal)
    }

    fn point_away_from(&mut self, version: &Version) -> Result<Removal> {
        let Some(active) = self.store.active()? else { return Ok(Removal::default()) };
        let layout = &self.store.layout;
        let kept = |other: Option<Version>| other.filter(|other| other != version && self.store.has(other));
        let reason = format!("uninstall {version}");
        if active.current().as_ref() != Some(version) {
            if active.previous().as_ref() != Some(version) {
                return Ok(Removal::default());
            }
            let current = active.current().ok_or_else(|| Error::failed("the active generation names no version"))?;
            let flipped = generation::flip(layout, &current, None, &reason)?;
            return Ok(Removal { flipped: Some(flipped), deactivated: false });
        }
        let others = self.store.installed()?;
        let newest = others.iter().rev().find(|other| *other != version && !other.is_pre_release()).copied();
        let Some(next) = kept(active.previous()).or(newest) else {
            generation::deactivate(layout)?;
            return Ok(Removal { flipped: None, deactivated: true });
        };
        let flipped = generation::flip(layout, &next, None, &reason)?;
        Ok(Removal { flipped: Some(flipped), deactivated: false })
    }

    /// Removes an old generation, as one step; the one that is active is never removed.
    pub fn forget_generation(&mut self, number: u64) -> Result<()> {
        if self.store.active()?.is_some_and(|active| active.number == number) {
            return Err(Error::busy(format!("generation {number} is active")));
        }
        let layout = &self.store.layout;
        let dir = layout.generations().join(number.to_string());
        // Another process may have been quicker.
        if !is_folder(&dir) {
            return Ok(());
        }
        let doomed = layout.staging().join(format!("removed.generation.{number}"));
        fs::create_private_dir_all(&layout.staging())?;
        fs::remove_tree(&doomed)?;
        fs::rename(&dir, &doomed)?;
        fs::remove_tree(&doomed)
    }

    /// Removes what an unfinished install left in staging under a name, its download included; `false` if that version is
    /// being installed.
    pub fn drop_leftover(&mut self, name: &str) -> Result<bool> {
        let layout = &self.store.layout;
        let dir = layout.staging().join(name);
        // What nobody's lock is for was swept when the store was locked.
        if !is_folder(&dir) {
            return Ok(true);
        }
        match FileLock::try_acquire(&layout.version_lock(name))? {
            Some(_lock) => fs::remove_tree(&dir).map(|()| true),
            None => Ok(false),
        }
    }

    /// Recomputes everything that follows from the folder names under `toolchains/`, and sweeps leftovers.
    pub(super) fn settle(&self) -> Result<()> {
        let layout = &self.store.layout;
        let installed = self.store.installed()?;
        fs::create_dir_all(&layout.toolchains())?;
        link_lines(&layout.toolchains(), &installed)?;
        shims::place(layout, self.store.settings.shim.as_deref(), &installed)?;
        if let Some(active) = self.store.active()? {
            generation::ensure_links(layout, active.previous.is_some())?;
        }
        self.sweep(&installed)
    }

    fn sweep(&self, installed: &[Version]) -> Result<()> {
        let layout = &self.store.layout;
        generation::sweep(layout)?;
        for dir in [layout.root().to_path_buf(), layout.toolchains(), layout.receipts(), layout.shims()] {
            fs::sweep_temporary(&dir)?;
        }
        // The index and the like are written under no lock.
        fs::sweep_stale(&layout.cache())?;
        fs::sweep_stale(&layout.bin())?;
        for name in fs::names(&layout.receipts())? {
            let version = name.to_str().and_then(|name| name.strip_suffix(".json"));
            let version = version.and_then(|name| Version::from_store_name(name.as_bytes()));
            if version.is_some_and(|version| !installed.contains(&version)) {
                fs::remove_file(&layout.receipts().join(name))?;
            }
        }
        self.sweep_staging()
    }

    /// Staging belongs to whoever holds the version's lock. Trying that lock cannot block, so the order of the
    /// two locks is kept.
    fn sweep_staging(&self) -> Result<()> {
        let layout = &self.store.layout;
        for name in fs::names(&layout.staging())? {
            let dir = layout.staging().join(&name);
            let name = name.to_string_lossy();
            match std::fs::symlink_metadata(&dir) {
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => {
                    fs::remove_file(&dir)?;
                    continue;
                }
                // Whoever held its version's lock has removed it since it was listed.
                Err(err) if err.kind() == std::io::ErrorKind::NotFound => continue,
                Err(err) => return Err(err).at("read", &dir),
            }
            if name.starts_with(REMOVED) {
                fs::remove_tree(&dir)?;
                continue;
            }
            if let Some(_lock) = FileLock::try_acquire(&layout.version_lock(&name))? {
                fs::remove_tree(&dir.join("tree"))?;
                fs::sweep_temporary(&dir)?;
                if !continues(&dir)? {
                    fs::remove_tree(&dir)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a download in staging is worth keeping: it has begun, says what of, and not long ago.
pub(super) fn continues(dir: &Path) -> Result<bool> {
    let (part, label) = (dir.join("download.part"), dir.join("download.part.json"));
    match std::fs::metadata(&part) {
        Ok(meta) => {
            let modified = meta.modified().at("read", &part)?;
            // A time in the future, after the clock was set back, counts as recent.
            let recent = SystemTime::now().duration_since(modified).map_or(true, |age| age < PARTIAL_KEPT);
            Ok(recent && meta.len() > 0 && label.is_file())
        }
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(err) => Err(err).at("read", &part),
    }
}

/// Points each line at its newest release, and drops the links of lines that have none. A folder of such a name is not
/// gv's: it stays, and the shim asks gv for that line.
fn link_lines(toolchains: &Path, installed: &[Version]) -> Result<()> {
    // Ascending, so the newest of a line is the last to be put in.
    let wanted: BTreeMap<Line, Version> = installed
        .iter()
        .filter(|version| !version.is_pre_release())
        .map(|version| (version.line(), *version))
        .collect();
    for (line, version) in &wanted {
        let link = toolchains.join(line.name().as_str());
        let target = PathBuf::from(version.store().as_str());
        if !is_folder(&link) && fs::read_link(&link)?.as_ref() != Some(&target) {
            fs::link_symbolic(&target, &link)?;
        }
    }
    for name in fs::names(toolchains)? {
        let line = Line::parse(name.as_encoded_bytes());
        let link = toolchains.join(name);
        if line.is_some_and(|line| !wanted.contains_key(&line)) && !is_folder(&link) {
            fs::remove_file(&link)?;
        }
    }
    Ok(())
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_dir())
}

fn missing(version: &Version) -> Error {
    Error::not_installed(format!("go {version} is not installed")).hint(format!("run `gv install {version}`"))
}
