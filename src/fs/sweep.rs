//! Sweeping up the half-made things that a crash left behind.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{TEMPORARY_PREFIX, names, remove_file, remove_tree};
use crate::error::{At, Result};

/// Removes the half-made things that a crash left in a folder, where nobody else makes any.
pub fn sweep_temporary(dir: &Path) -> Result<()> {
    for path in temporary(dir)? {
        if fs::symlink_metadata(&path).at("read", &path)?.is_dir() {
            remove_tree(&path)?;
        } else {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// How long nothing that is written beside its place lies there.
const LONGEST_WRITE: Duration = Duration::from_hours(1);

/// Removes the half-made files that a crash left in a folder and below it, where others may be making some right now.
pub fn sweep_stale(dir: &Path) -> Result<()> {
    for path in temporary(dir)? {
        // Its maker may finish at this moment.
        let Ok(meta) = fs::symlink_metadata(&path) else { continue };
        let age = meta.modified().ok().and_then(|time| time.elapsed().ok());
        if meta.is_file() && age.is_some_and(|age| age > LONGEST_WRITE) {
            remove_file(&path)?;
        }
    }
    for name in names(dir)? {
        let path = dir.join(name);
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
            sweep_stale(&path)?;
        }
    }
    Ok(())
}

fn temporary(dir: &Path) -> Result<impl Iterator<Item = PathBuf>> {
    let is_temporary = |name: &OsString| name.as_encoded_bytes().starts_with(TEMPORARY_PREFIX.as_bytes());
    Ok(names(dir)?.into_iter().filter(is_temporary).map(|name| dir.join(name)))
}
