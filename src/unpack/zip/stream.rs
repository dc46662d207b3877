//! A zip as it arrives, with a look ahead.

use std::io::Read;

use memchr::memmem;

use super::super::input::{BUFFER, Input, unreadable};
use super::super::refused;
use super::records::{self, DESCRIPTOR};
use crate::error::Result;

/// Bytes of a descriptor: signature, checksum, and the two sizes.
const DESCRIPTOR_LENGTH: usize = 16;

/// The zip as it arrives, and how far it was read.
pub(super) struct Stream<R> {
    input: Input<R>,
    buffer: Vec<u8>,
    /// What of the buffer was read from the input and not taken yet.
    start: usize,
    end: usize,
    pub(super) position: u64,
}

/// The next bytes of an entry whose end is not known before it comes.
pub(super) enum Piece {
    /// So many bytes, and more follow.
    Middle(usize),
    /// So many bytes, and then the descriptor.
    Last(usize),
}

impl<R: Read> Stream<R> {
    pub(super) fn new(input: R) -> Stream<R> {
        Stream { input: Input(input), buffer: vec![0; BUFFER], start: 0, end: 0, position: 0 }
    }

    /// What has been read and not been taken, at least `least` bytes of it unless the input ends before.
    fn ahead(&mut self, least: usize) -> Result<&[u8]> {
        while self.end - self.start < least {
            if self.buffer.len() - self.start < least {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
            match self.input.read(&mut self.buffer[self.end..]).map_err(unreadable)? {
                0 => break,
                count => self.end += count,
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// What is at hand, and at most `most` bytes of it. Empty at the end.
    pub(super) fn at_most(&mut self, most: u64) -> Result<&[u8]> {
        let ahead = self.ahead(1)?;
        Ok(&ahead[..usize::try_from(most).unwrap_or(usize::MAX).min(ahead.len())])
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.position += count as u64;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Moves bytes on that are at hand.
    pub(super) fn move_into(&mut self, into: &mut [u8]) {
        into.copy_from_slice(&self.buffer[self.start..self.start + into.len()]);
        self.consume(into.len());
    }

    /// How far the entry goes of which `before` bytes were taken: to a descriptor whose packed size is just what stands
    /// before it. Bytes of an entry that look like that would end it too early; whoever inflates them finds out.
    /// `None` where the zip ends first.
    pub(super) fn piece(&mut self, before: u64, most: usize) -> Result<Option<Piece>> {
        let ahead = self.ahead(DESCRIPTOR_LENGTH)?;
        if ahead.len() < DESCRIPTOR_LENGTH {
            return Ok(None);
        }
        let within = &ahead[..ahead.len().min(most.saturating_add(DESCRIPTOR_LENGTH))];
        let end = memmem::find_iter(within, &DESCRIPTOR).find(|&at| {
            let sizes = within.get(at + 4..at + DESCRIPTOR_LENGTH).and_then(|bytes| bytes.try_into().ok());
            sizes.is_some_and(|bytes| u64::from(records::descriptor(bytes).packed) == before + at as u64)
        });
        Ok(Some(match end {
            Some(end) => Piece::Last(end),
            // A descriptor may begin in what is left.
            None => Piece::Middle((within.len() - DESCRIPTOR_LENGTH + 1).min(most)),
        }))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn bytes(&mut self, count: u16) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::from(count)];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<()> {
        if self.ahead(into.len())?.len() < into.len() {
            return Err(refused("it ends too early"));
        }
        self.move_into(into);
        Ok(())
    }

    pub(super) fn signature(&mut self) -> Result<[u8; 4]> {
        self.array()
    }
}
