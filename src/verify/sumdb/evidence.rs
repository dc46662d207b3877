//! What is kept when the database was caught with two histories.

use std::path::Path;

use super::record::SignedTree;
use crate::error::{Error, Result};
use crate::fs;
use crate::sha256::Sha256;

/// Writes both signed heads into a file of their own and makes the error that ends the run.
pub(super) fn forked(folder: &Path, name: &str, known: &SignedTree, other: &SignedTree) -> Error {
    let error = Error::untrusted(format!("{name} has signed two trees that contradict each other"))
        .because(format!(
            "the tree of {} records that was known and the one of {} records that was now shown cannot both be true",
            known.tree.size, other.tree.size
        ))
        .hint("someone may be showing you a history of their own: do not install anything from this network");
    let error = match keep(folder, known, other) {
        Ok(path) => error.hint(format!("both signed heads are kept in {path}: report it at https://go.dev/issue")),
        Err(failed) => error.because(format!("the evidence could not be kept: {failed}")),
    };
    error.conclusive()
}

/// The name is that of the content, so that no evidence is ever overwritten by other evidence.
fn keep(folder: &Path, known: &SignedTree, other: &SignedTree) -> Result<String> {
    let text = format!("known:\n\n{}\nshown:\n\n{}", known.note, other.note);
    let name = Sha256::of(text.as_bytes()).to_string();
    let path = folder.join(format!("fork-{}.txt", &name[..16]));
    fs::create_dir_all(folder)?;
    fs::write_atomic(&path, text.as_bytes())?;
    Ok(path.display().to_string())
}
