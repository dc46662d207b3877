//! A writer that hashes exactly the bytes that pass through it.

use std::io::{self, Write};

use sha2::Digest;

use crate::sha256::Sha256;

/// Passes bytes on to another writer and hashes exactly those that it took.
pub struct Hashing<W> {
    inner: W,
    hasher: sha2::Sha256,
    size: u64,
}

impl<W> Hashing<W> {
    /// Hashes what `inner` takes; use [`io::sink`] to hash alone.
    pub fn new(inner: W) -> Hashing<W> {
        Hashing { inner, hasher: sha2::Sha256::new(), size: 0 }
    }

    /// The writer, the hash of the bytes that passed, and their number.
    pub fn finish(self) -> (W, Sha256, u64) {
        (self.inner, Sha256(self.hasher.finalize().into()), self.size)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(buf)?;
        self.hasher.update(&buf[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes at a time.
    struct Slow(Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.extend(&buf[..buf.len().min(3)]);
            Ok(buf.len().min(3))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_the_bytes_that_passed_are_hashed() {
        let mut writer = Hashing::new(Slow(Vec::new()));
        writer.write_all(b"abc").unwrap();
        assert_eq!(writer.write(b"defgh").unwrap(), 3);
        let (inner, hash, size) = writer.finish();
        assert_eq!((inner.0.as_slice(), size), (&b"abcdef"[..], 6));
        assert_eq!(hash, Sha256::of(b"abcdef"));
    }
}
