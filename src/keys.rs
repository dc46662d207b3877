//! The certificate in use: what gv was built with, and what `gv keys refresh` has learned since.

use std::path::PathBuf;

use crate::error::Result;
use crate::fs;
use crate::store::Layout;
use crate::verify::Roots;
use crate::verify::openpgp::Keyring;

/// Where a refreshed certificate is kept. It lies outside the cache, since a revocation must not be lost.
pub fn path(layout: &Layout) -> PathBuf {
    layout.root().join("keys.asc")
}

/// The pinned primary with every subkey and revocation known here.
pub fn keyring(roots: &Roots, layout: &Layout) -> Result<Keyring> {
    let built_in = roots.keyring()?;
    match fs::read_bytes(&path(layout))? {
        Some(refreshed) => built_in
            .merge(&refreshed)
            .map_err(|error| error.during(format!("cannot use the refreshed key {}", path(layout).display()))),
        None => Ok(built_in),
    }
}

/// Merges a newer certificate of the same primary into the one in use, and keeps the result.
pub fn refresh(roots: &Roots, layout: &Layout, newer: &[u8]) -> Result<Keyring> {
    let merged = keyring(roots, layout)?.merge(newer)?;
    fs::create_dir_all(layout.root())?;
    fs::write_atomic(&path(layout), &merged.export()?)?;
    Ok(merged)
}
