//! What an archive may grow to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::refused;
use crate::error::Result;

/// Caps on what one archive unpacks to, counted as it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in all files together.
    pub unpacked: u64,
    /// Files and folders together.
    pub entries: u32,
}

/// Three times the largest Go that was seen: 1.12.17 unpacks to 315 MB.
const MOST_BYTES: u64 = 1 << 30;

/// Go's archives unpack to 3.5–4.7 times their size, so this leaves room and still stops a bomb.
const MOST_RATIO: u64 = 8;

/// Below this, small archives of good ratio are nothing to worry about.
const ALWAYS_ALLOWED: u64 = 16 << 20;

/// Go 1.27 has 17,350 files and folders.
const MOST_ENTRIES: u32 = 50_000;

impl Limits {
    /// The caps for an archive of `packed` bytes, as the index tells them; `None` or 0 if it does not.
    pub fn for_size(packed: Option<u64>) -> Limits {
        let unpacked = match packed {
            None | Some(0) => MOST_BYTES,
            Some(packed) => packed.saturating_mul(MOST_RATIO).clamp(ALWAYS_ALLOWED, MOST_BYTES),
        };
        Limits { unpacked, entries: MOST_ENTRIES }
    }
}

/// What is left of the [`Limits`], for the reader.
pub(super) struct Budget {
    entries: u32,
    most_entries: u32,
    bytes: ByteBudget,
}

/// What is left of the bytes: shared by all who inflate.
#[derive(Clone)]
pub(super) struct ByteBudget {
    unpacked: Arc<AtomicU64>,
    most: u64,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Budget {
        let bytes = ByteBudget { unpacked: Arc::default(), most: limits.unpacked };
        Budget { entries: 0, most_entries: limits.entries, bytes }
    }

    /// The part that others count by.
    pub(super) fn shared(&self) -> ByteBudget {
        self.bytes.clone()
    }

    /// Counts a file or folder.
    pub(super) fn entry(&mut self) -> Result<()> {
        self.entries += 1;
        if self.entries > self.most_entries {
            return Err(refused(format_args!("it holds more than {} files and folders", self.most_entries)));
        }
        Ok(())
    }

    /// Counts bytes of a file.
    pub(super) fn bytes(&self, count: usize) -> Result<()> {
        self.bytes.count(count)
    }

    /// Refuses a size that is announced before anything of it is read.
    pub(super) fn announced(&self, size: u64) -> Result<()> {
        if size > self.bytes.most.saturating_sub(self.bytes.unpacked.load(Ordering::Relaxed)) {
            return Err(refused(format_args!("it announces a file of {size} bytes, which no Go of its size holds")));
        }
        Ok(())
    }
}

impl ByteBudget {
    /// Counts bytes of a file.
    pub(super) fn count(&self, count: usize) -> Result<()> {
        let before = self.unpacked.fetch_add(count as u64, Ordering::Relaxed);
        if before.saturating_add(count as u64) > self.most {
            let limit = self.most >> 20;
            return Err(refused(format_args!("it unpacks to more than {limit} MiB, which no Go of its size does")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_follows_the_packed_size_between_two_bounds() {
        assert_eq!(Limits::for_size(Some(70_000_000)).unpacked, 560_000_000);
        assert_eq!(Limits::for_size(Some(2_000)).unpacked, 16 << 20);
        assert_eq!(Limits::for_size(Some(u64::MAX)).unpacked, 1 << 30);
        assert_eq!(Limits::for_size(None).unpacked, 1 << 30);
    }
}
