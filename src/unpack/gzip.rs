//! Reads a gzip file that has one member and nothing else: the decoder itself ignores what follows the first.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::input::{BUFFER, Input, buffered, unreadable};
use super::refused;
use crate::error::Result;

/// Zeros that may follow the end of a tar archive: packers fill up to a record of 10 KiB.
const MOST_PADDING: usize = 64 << 10;

/// The content of the only member of a gzip file.
pub(super) struct Gzip<R>(BufReader<GzDecoder<BufReader<Input<R>>>>);

impl<R: Read> Gzip<R> {
    pub(super) fn new(input: R) -> Gzip<R> {
        Gzip(BufReader::with_capacity(BUFFER, GzDecoder::new(buffered(input))))
    }

    /// Wants empty blocks up to the end of the content, its checksum and length right, and nothing behind it.
    pub(super) fn finish(mut self) -> Result<()> {
        let mut padding = 0;
        loop {
            let rest = self.0.fill_buf().map_err(unreadable)?;
            if rest.is_empty() {
                break;
            }
            if rest.iter().any(|&byte| byte != 0) {
                return Err(refused("there is something after the end of the tar archive"));
            }
            let count = rest.len();
            padding += count;
            if padding > MOST_PADDING {
                return Err(refused("it goes on after the end of the tar archive"));
            }
            self.0.consume(count);
        }
        nothing_behind(self.0.get_mut().get_mut())
    }
}

fn nothing_behind(input: &mut impl BufRead) -> Result<()> {
    match input.fill_buf().map_err(unreadable)? {
        [] => Ok(()),
        [0x1f, 0x8b, ..] => Err(refused("a second gzip member follows the first")),
        _ => Err(refused("there is something after the end of the gzip data")),
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}
