//! One download: the bytes of an artefact as a stream, kept on disk while they pass.
//!
//! A [`Download`] is a `Read` that hides what can be hidden: it begins with what an earlier run has kept, goes on
//! over the network, and reconnects at the exact byte when the connection breaks. What it cannot hide is that
//! bytes already handed out turn out to belong to something else; that is [`Setback::Restart`], after which
//! the consumer starts anew. [`Download::settle`] tells which of these happened.

mod kept;
mod remote;
mod stream;

use std::path::PathBuf;

pub use kept::discard;
pub use stream::Download;

use crate::error::{Error, Result};
use crate::net::Url;
use crate::sha256::Sha256;

/// The most that is read of something whose size nobody has told: seven of the largest archives.
pub const LARGEST_UNSIZED: u64 = 512 << 20;

/// How often a consumer starts anew before the last reason for that becomes the error.
const MOST_RESTARTS: u32 = 3;

/// Where bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a server.
    Url(Url),
    /// In a file of this machine, which is read in place.
    File(PathBuf),
}

/// Without credentials or query; the path of a file as it is.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Url(url) => url.fmt(f),
            Place::File(path) => path.display().fmt(f),
        }
    }
}

/// What is to be fetched, and what is known about it beforehand.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// Where it is.
    pub place: Place,
    /// Its exact size in bytes.
    pub size: Option<u64>,
    /// Its hash. Not a proof: it may come from the same server.
    pub sha256: Option<Sha256>,
    /// The bytes that it must begin with.
    pub magic: &'static [u8],
    /// It never changes under its name, so it may be continued without a validator.
    pub immutable: bool,
}

/// A download that is complete and has the size and hash that were expected, as far as any were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// The number of bytes.
    pub size: u64,
    /// Their hash.
    pub sha256: Sha256,
    /// Whether they came in more than one piece, so that a failed proof is worth one restart from 0.
    pub resumed: bool,
}

/// Why a download did not become [`Complete`].
#[derive(Debug)]
pub enum Setback {
    /// The bytes handed out so far are worth nothing; a new download begins at 0. Holds the reason.
    Restart(Error),
    /// It failed. A partial download is kept if it can be continued.
    Failed(Error),
}

impl From<Error> for Setback {
    fn from(error: Error) -> Setback {
        Setback::Failed(error)
    }
}

/// Runs an attempt again for every [`Setback::Restart`], a bounded number of times.
pub fn restarting<T>(mut attempt: impl FnMut() -> Result<T, Setback>) -> Result<T> {
    let mut left = MOST_RESTARTS;
    loop {
        match attempt() {
            Ok(done) => return Ok(done),
            Err(Setback::Restart(_)) if left > 0 => left -= 1,
            Err(Setback::Restart(error) | Setback::Failed(error)) => return Err(error),
        }
    }
}

/// The beginning of `bytes` as a person can read it, for messages about what was not expected.
pub(crate) fn sample(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(48)];
    let text: String = shown.iter().map(|&byte| if (32..127).contains(&byte) { byte as char } else { '.' }).collect();
    format!("`{}`", text.trim())
}
