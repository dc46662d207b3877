//! How much something takes on the disk.

use std::fs::DirEntry;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::error::{At, Result};
use crate::fs;

/// Bytes of a block, whatever the file system's own are: `man 2 stat`.
const BLOCK: u64 = 512;

/// What would be free without it, links not followed. What another process removes meanwhile takes nothing.
pub(super) fn usage(path: &Path) -> Result<u64> {
    let meta = match path.symlink_metadata() {
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(0),
        meta => meta.at("read", path)?,
    };
    let mut size = meta.blocks() * BLOCK;
    if meta.is_dir() {
        for name in fs::names(path)? {
            size += usage(&path.join(name))?;
        }
    }
    Ok(size)
}

/// Removes the files below a folder. The folders stay, since another process may be about to write into one; so do the
/// files that are being written.
pub(super) fn remove_files(dir: &Path) -> Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.and_then(Iterator::collect::<io::Result<Vec<DirEntry>>>).at("list", dir)?,
    };
    for entry in entries {
        let path = entry.path();
        if entry.file_type().at("read", &path)?.is_dir() {
            remove_files(&path)?;
        } else if !entry.file_name().to_string_lossy().starts_with(fs::TEMPORARY_PREFIX) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Bytes of the files that [`remove_files`] would remove.
pub(super) fn usage_of_files(dir: &Path) -> Result<u64> {
    let mut size = 0;
    for name in fs::names(dir)? {
        let path = dir.join(name);
        size += if path.is_dir() { usage_of_files(&path)? } else { usage(&path)? };
    }
    Ok(size)
}
