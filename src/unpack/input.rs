//! Reading what arrives, and telling a failed download from a damaged archive.

use std::io::{self, BufReader, Read};

use super::refused;
use crate::error::{Error, Result};

/// Bytes read at once.
pub(super) const BUFFER: usize = 128 << 10;

/// The archive as it arrives. Its own errors pass unchanged through whatever decoder stands above it.
pub(super) struct Input<R>(pub(super) R);

/// An [`Input`] with a buffer.
pub(super) fn buffered<R: Read>(input: R) -> BufReader<Input<R>> {
    BufReader::with_capacity(BUFFER, Input(input))
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(into) {
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(err) => return Err(carried(err)),
                Ok(count) => return Ok(count),
            }
        }
    }
}

/// Wraps an error of the input so that no decoder's error can be taken for it.
fn carried(err: io::Error) -> io::Error {
    let error = match err.downcast::<Error>() {
        Ok(error) => error,
        Err(err) => Error::failed("cannot read the archive").because(err),
    };
    io::Error::other(error)
}

/// What a failed read means: the input's own error as it was, or else a damaged archive.
pub(super) fn unreadable(err: io::Error) -> Error {
    match err.downcast::<Error>() {
        Ok(error) => error,
        Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => refused("it ends too early"),
        Err(err) => refused(format_args!("its compressed data is damaged: {err}")),
    }
}

/// Fills `into`, or fails.
pub(super) fn read_exact(input: &mut impl Read, into: &mut [u8]) -> Result<()> {
    input.read_exact(into).map_err(unreadable)
}
