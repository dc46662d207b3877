//! SHA-256 values, and a writer that hashes exactly the bytes that pass through it.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A SHA-256 value. Reads and prints as 64 lower-case hexadecimal digits, in JSON too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hash(pub [u8; 32]);

impl Sha256Hash {
    /// The hash of bytes that are already at hand.
    pub fn of(bytes: &[u8]) -> Sha256Hash {
        Sha256Hash(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Accepts exactly 64 hexadecimal digits, of either case; fails with [`crate::error::Exit::Untrusted`].
impl FromStr for Sha256Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Sha256Hash> {
        let refused =
            || Error::untrusted(format!("{} is not a SHA-256 in hexadecimal", super::excerpt(text.as_bytes())));
        if text.len() != 64 {
            return Err(refused());
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = (digit(pair[0]).ok_or_else(refused)? << 4) | digit(pair[1]).ok_or_else(refused)?;
        }
        Ok(Sha256Hash(hash))
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl TryFrom<String> for Sha256Hash {
    type Error = Error;

    fn try_from(text: String) -> Result<Sha256Hash> {
        text.parse()
    }
}

impl From<Sha256Hash> for String {
    fn from(hash: Sha256Hash) -> String {
        hash.to_string()
    }
}

/// Passes bytes on to another writer and hashes exactly those that it took.
pub struct Hashing<W> {
    inner: W,
    hasher: Sha256,
    size: u64,
}

impl<W> Hashing<W> {
    /// Hashes what `inner` takes; use [`io::sink`] to hash alone.
    pub fn new(inner: W) -> Hashing<W> {
        Hashing { inner, hasher: Sha256::new(), size: 0 }
    }

    /// The writer, the hash of the bytes that passed, and their number.
    pub fn finish(self) -> (W, Sha256Hash, u64) {
        (self.inner, Sha256Hash(self.hasher.finalize().into()), self.size)
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
        assert_eq!(hash, Sha256Hash::of(b"abcdef"));
    }

    #[test]
    fn a_hash_is_64_hexadecimal_digits_and_nothing_else() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(text.parse::<Sha256Hash>().unwrap(), Sha256Hash::of(b"abc"));
        assert_eq!(text.to_uppercase().parse::<Sha256Hash>().unwrap().to_string(), text);
        for bad in ["", &text[1..], &format!("{text}\n"), &format!("+{}", &text[1..]), &"é".repeat(32)] {
            assert!(bad.parse::<Sha256Hash>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hash_is_a_string_in_json() {
        let json = serde_json::to_string(&Sha256Hash::of(b"abc")).unwrap();
        assert_eq!(serde_json::from_str::<Sha256Hash>(&json).unwrap(), Sha256Hash::of(b"abc"));
        assert!(serde_json::from_str::<Sha256Hash>("\"ba78\"").is_err());
    }
}
