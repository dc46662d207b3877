//! Generations: what `current` and `previous` were, and the one rename that changes both.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gv_shim::version::Version;
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::receipt::timestamp;
use crate::error::{At, Error, Result};
use crate::fs;

/// One state of the pointer pair. Numbers only grow and order the history; times are for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// 1, 2, 3, …
    pub number: u64,
    /// The store's spelling of the current version.
    pub current: String,
    /// That of the version before, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// When it was made, RFC 3339, UTC.
    pub time: String,
    /// The command that made it: `use 1.22.3`.
    pub reason: String,
}

impl Generation {
    /// The current version.
    pub fn current(&self) -> Option<Version> {
        Version::from_store_name(self.current.as_bytes())
    }

    /// The version before.
    pub fn previous(&self) -> Option<Version> {
        self.previous.as_ref().and_then(|name| Version::from_store_name(name.as_bytes()))
    }
}

/// The generation that `active` points to; `None` before the first flip, and where the pointer leads to none, so that
/// the next flip can put it right.
pub(super) fn active(layout: &Layout) -> Result<Option<Generation>> {
    let target = fs::read_link(&layout.active())?;
    let number = target.and_then(|target| number_of(target.strip_prefix("generations").ok()?));
    number.map_or(Ok(None), |number| read(layout, number))
}

/// All generations, oldest first.
pub(super) fn all(layout: &Layout) -> Result<Vec<Generation>> {
    numbers(layout)?.into_iter().filter_map(|number| read(layout, number).transpose()).collect()
}

/// The numbers of all, oldest first, whatever is left of each.
pub(super) fn numbers(layout: &Layout) -> Result<Vec<u64>> {
    let mut numbers: Vec<u64> =
        fs::names(&layout.generations())?.iter().filter_map(|name| number_of(Path::new(name))).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn number_of(name: &Path) -> Option<u64> {
    let text = name.to_str()?;
    let number = text.parse().ok()?;
    (format!("{number}") == text).then_some(number)
}

/// The links say what is current, and the file beside them when and why: the shim goes by the links alone, so a
/// folder without them is no generation, and a file that says nothing must not keep anyone from the next flip.
fn read(layout: &Layout, number: u64) -> Result<Option<Generation>> {
    let dir = layout.generations().join(number.to_string());
    let Some(current) = link_name(&dir.join("current"))? else { return Ok(None) };
    let previous = link_name(&dir.join("previous"))?;
    let (time, reason) = match told(&dir.join("meta.json")) {
        Ok(meta) => (meta.time, meta.reason),
        Err(error) => ("?".to_owned(), error.to_string()),
    };
    Ok(Some(Generation { number, current, previous, time, reason }))
}

fn told(meta: &Path) -> Result<Generation> {
    let text = fs::read_text(meta)?.ok_or_else(|| Error::failed(format!("{} is missing", meta.display())))?;
    serde_json::from_str(&text).map_err(|err| Error::failed(format!("cannot read {}", meta.display())).because(err))
}

fn link_name(link: &Path) -> Result<Option<String>> {
    let target = fs::read_link(link)?;
    Ok(target.and_then(|target| target.file_name().map(|name| name.to_string_lossy().into_owned())))
}

/// Writes the next generation beside the others and renames the pointer; only under the store's lock.
///
/// Order: links and `meta.json` → synced → the folder under its number → synced → the pointer renamed →
/// the root synced → `current` and, with the first previous, `previous`. A crash leaves the old pair or the new.
pub(super) fn flip(layout: &Layout, current: &Version, previous: Option<&Version>, reason: &str) -> Result<Generation> {
    let generations = layout.generations();
    fs::create_dir_all(&generations)?;
    let number = numbers(layout)?.last().map_or(1, |last| last.saturating_add(1));
    let generation = Generation {
        number,
        current: current.to_string(),
        previous: previous.map(ToString::to_string),
        time: timestamp(SystemTime::now()),
        reason: reason.to_owned(),
    };
    let made = make(&generations, &generation)?;
    if !fs::rename_new(&made, &generations.join(number.to_string()))? {
        return Err(Error::failed(format!("generation {number} appeared while the store was locked")));
    }
    fs::sync_dir(&generations)?;
    if previous.is_none() {
        drop_previous_link(layout)?;
    }
    fs::link_symbolic(Path::new(&format!("generations/{number}")), &layout.active())?;
    fs::sync_dir(layout.root())?;
    ensure_links(layout, previous.is_some())?;
    Ok(generation)
}

fn make(generations: &Path, generation: &Generation) -> Result<PathBuf> {
    let dir = generations.join(format!("{}generation", fs::TEMPORARY_PREFIX));
    fs::remove_tree(&dir)?;
    fs::create_dir_all(&dir)?;
    let toolchain = |name: &str| Path::new("../../toolchains").join(name);
    fs::link_symbolic(&toolchain(&generation.current), &dir.join("current"))?;
    if let Some(previous) = &generation.previous {
        fs::link_symbolic(&toolchain(previous), &dir.join("previous"))?;
    }
    let meta = serde_json::to_string_pretty(generation).map_err(|err| Error::failed(err.to_string()))?;
    fs::write_atomic(&dir.join("meta.json"), meta.as_bytes())?;
    Ok(dir)
}

/// Makes `current` and `previous` where they are missing. They point through `active` and never change.
pub(super) fn ensure_links(layout: &Layout, previous: bool) -> Result<()> {
    let names: &[&str] = if previous { &["current", "previous"] } else { &["current"] };
    for name in names {
        let link = layout.root().join(name);
        let target = Path::new("active").join(name);
        if fs::read_link(&link)?.as_deref() != Some(&target) {
            fs::link_symbolic(&target, &link)?;
        }
    }
    fs::sync_dir(layout.root())
}

/// Whether the names `current` and `previous` are there as the active generation asks for.
pub(super) fn has_links(layout: &Layout) -> Result<bool> {
    let Some(active) = active(layout)? else { return Ok(true) };
    let previous = layout.root().join("previous").is_symlink();
    Ok(layout.root().join("current").is_symlink() && previous == active.previous.is_some())
}

/// Takes `current`, `previous` and the pointer away, in the order that leaves no dangling name behind a crash.
pub(super) fn deactivate(layout: &Layout) -> Result<()> {
    for path in [layout.root().join("previous"), layout.root().join("current"), layout.active()] {
        fs::remove_file(&path)?;
    }
    fs::sync_dir(layout.root())
}

/// Takes the name `previous` away, before a generation without one becomes active.
fn drop_previous_link(layout: &Layout) -> Result<()> {
    fs::remove_file(&layout.root().join("previous"))?;
    fs::sync_dir(layout.root())
}

/// Removes a half-made generation that a crash left behind.
pub(super) fn sweep(layout: &Layout) -> Result<()> {
    for name in fs::names(&layout.generations())? {
        if name.to_string_lossy().starts_with(fs::TEMPORARY_PREFIX) {
            let path = layout.generations().join(name);
            std::fs::symlink_metadata(&path).at("read", &path)?;
            fs::remove_tree(&path)?;
        }
    }
    Ok(())
}
