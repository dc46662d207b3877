//! From the bytes of a distribution, as they arrive, to files in a staging folder.
//!
//! The bytes are not proven yet: the checksum database's proof needs the content, so it has to be unpacked
//! first. Hence the rules of this module: one pass without seeking; a short list of what Go's archives really
//! hold, and a refusal of the rest; caps on everything that grows; every file made below one folder
//! descriptor, through no link; nothing run. A [`Tree`] exists only for an archive that was read to its last
//! byte and found right, and says what each file hashed to.

mod crew;
mod form;
mod gzip;
mod inflate;
mod input;
mod limits;
mod names;
#[cfg(test)]
mod samples;
mod targz;
mod toolchain;
mod tree;
mod writer;
mod zip;

pub use form::{Form, is_packed_name, packed_executable};
pub use limits::Limits;
pub use targz::targz;
pub use toolchain::{check_packing, check_toolchain};
pub use tree::{FileRecord, Tree, TreeWriter};
pub use zip::zip;

use crate::error::Error;

/// An archive that is not what Go publishes; `reason` completes "cannot unpack the archive: …".
fn refused(reason: impl std::fmt::Display) -> Error {
    Error::untrusted("cannot unpack the archive").because(reason)
}

/// A name from an archive as it may be shown to a person: quoted, escaped, and not endless.
fn shown(name: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(&name[..name.len().min(LONGEST)]);
    let more = if name.len() > LONGEST { "…" } else { "" };
    format!("`{}{more}`", text.escape_debug())
}
