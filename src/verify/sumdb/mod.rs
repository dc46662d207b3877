//! Go's checksum database: an append-only log, signed, whose records hold the `h1:` of every module version.

mod client;
pub mod escape;
mod evidence;
mod head;
mod note;
mod record;
mod tile;
pub mod tlog;

pub use client::Database;
pub use note::VerifierKey;
pub use record::{Record, SignedTree};

use crate::error::Result;

/// Reaches a checksum database: the database itself, or a module proxy that carries it.
pub trait Transport: Sync {
    /// The body at a path that begins with `/`: `/lookup/…`, `/tile/…` or `/latest`.
    ///
    /// An error of [`crate::error::Exit::Network`] says that this server cannot answer.
    fn get(&self, path: &str) -> Result<Vec<u8>>;
}

#[cfg(test)]
pub(crate) mod tests;
