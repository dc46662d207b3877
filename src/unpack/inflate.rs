//! Inflates the entry of a zip where it is written, so that entries inflate beside each other.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::refused;
use crate::error::Result;

/// Bytes that one step gives at most.
const BUFFER: usize = 128 << 10;

/// Checksum and sizes of an entry, as zip counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    /// CRC-32 of the content.
    pub(super) crc: u32,
    /// Bytes in the zip.
    pub(super) packed: u32,
    /// Bytes of the content.
    pub(super) unpacked: u32,
}

impl Sizes {
    pub(super) fn new(crc: u32, packed: u64, unpacked: u64) -> Result<Sizes> {
        let (Ok(packed), Ok(unpacked)) = (u32::try_from(packed), u32::try_from(unpacked)) else {
            return Err(refused("it holds a file of 4 GiB or more"));
        };
        Ok(Sizes { crc, packed, unpacked })
    }
}

/// What came of some packed bytes.
pub(super) enum Progress {
    /// They have been taken in; the next may follow.
    Going,
    /// They are no deflated data, or go on after its end.
    Damaged,
}

/// The state of one entry.
pub(super) struct Inflater {
    engine: Decompress,
    crc: Crc,
    ended: bool,
    buffer: Vec<u8>,
}

impl Inflater {
    pub(super) fn new() -> Inflater {
        Inflater { engine: Decompress::new(false), crc: Crc::new(), ended: false, buffer: vec![0; BUFFER] }
    }

    /// Forgets the entry before.
    pub(super) fn begin(&mut self) {
        self.engine.reset(false);
        self.crc.reset();
        self.ended = false;
    }

    /// Takes in the next packed bytes, all of them, and gives what they unpack to.
    pub(super) fn take(&mut self, mut packed: &[u8], mut give: impl FnMut(&[u8]) -> Result<()>) -> Result<Progress> {
        loop {
            if self.ended {
                return Ok(if packed.is_empty() { Progress::Going } else { Progress::Damaged });
            }
            let before = (self.engine.total_in(), self.engine.total_out());
            let status = self.engine.decompress(packed, &mut self.buffer, FlushDecompress::None);
            let consumed = usize::try_from(self.engine.total_in() - before.0).unwrap_or_default();
            let produced = usize::try_from(self.engine.total_out() - before.1).unwrap_or_default();
            self.crc.update(&self.buffer[..produced]);
            give(&self.buffer[..produced])?;
            packed = &packed[consumed..];
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                // A full buffer hides how much more there is to give.
                Ok(_) if packed.is_empty() && produced < BUFFER => return Ok(Progress::Going),
                Ok(_) if consumed + produced > 0 => {}
                _ => return Ok(Progress::Damaged),
            }
        }
    }

    /// Checksum and sizes of the whole entry; `None` if its data does not end here.
    pub(super) fn end(&self) -> Result<Option<Sizes>> {
        if !self.ended {
            return Ok(None);
        }
        Sizes::new(self.crc.sum(), self.engine.total_in(), self.engine.total_out()).map(Some)
    }
}
