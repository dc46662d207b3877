//! Signed notes, as golang.org/x/mod/sumdb/note defines them: a text, a blank line, and lines of signatures,
//! `— <name> <base64 of a four-byte key hash and the signature>`.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A note of the database has 188 bytes.
const LARGEST: usize = 64 << 10;

/// The number that note keys begin with when they are of Ed25519, the only kind there is.
const ED25519: u8 = 1;

/// A key that notes are checked with, written `<name>+<hash in hex>+<base64>`.
#[derive(Clone, Debug)]
pub struct VerifierKey {
    name: String,
    hash: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// The server's name, such as `sum.golang.org`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens a note: its text, if this key has signed it.
    ///
    /// As in Go, signatures of other keys are passed over, and a bad signature of this one refuses the note.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str> {
        self.check(note).map_err(|why| {
            Error::untrusted(format!("the note is not signed by {}", self.name))
                .because(why)
                .because(format!("it begins with {}", crate::verify::excerpt(note.as_bytes())))
        })
    }

    fn check<'a>(&self, note: &'a str) -> Result<&'a str, &'static str> {
        if note.len() > LARGEST {
            return Err("it is larger than 64 KiB");
        }
        if note.chars().any(|c| c.is_ascii_control() && c != '\n') {
            return Err("it holds control characters");
        }
        let blank = note.rfind("\n\n").ok_or("it has no signatures")?;
        let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
        let lines = signatures.strip_suffix('\n').ok_or("its last line is cut short")?;
        let mut signed = false;
        for line in lines.split('\n') {
            signed |= self.check_line(text, line)?;
        }
        if signed { Ok(text) } else { Err("none of its signatures is by that key") }
    }

    /// Whether one line is this key's good signature; another key's is `false`.
    fn check_line(&self, text: &str, line: &str) -> Result<bool, &'static str> {
        const MALFORMED: &str = "a line below its text is no signature";
        let (name, encoded) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(MALFORMED)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| MALFORMED)?;
        let (hash, signature) = bytes.split_first_chunk::<4>().ok_or(MALFORMED)?;
        if !valid_name(name) || signature.is_empty() {
            return Err(MALFORMED);
        }
        if name != self.name || *hash != self.hash {
            return Ok(false);
        }
        let signature = Signature::from_slice(signature).map_err(|_| "its signature has the wrong length")?;
        match self.key.verify_strict(text.as_bytes(), &signature) {
            Ok(()) => Ok(true),
            Err(_) => Err("its signature by that key is wrong"),
        }
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<VerifierKey> {
        parse_key(text).map_err(|why| {
            let shown = crate::verify::excerpt(text.as_bytes());
            Error::untrusted(format!("{shown} is no key of a checksum database")).because(why)
        })
    }
}

fn parse_key(text: &str) -> Result<VerifierKey, &'static str> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(hash), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("it is not <name>+<hash>+<key>");
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| "its key is not base64")?;
    let key = match bytes.split_first() {
        Some((&ED25519, key)) => <[u8; 32]>::try_from(key).map_err(|_| "its key has the wrong length")?,
        _ => return Err("its key is not of Ed25519"),
    };
    let computed = key_hash(name, &bytes);
    if !valid_name(name) || hash.len() != 8 || u32::from_str_radix(hash, 16) != Ok(u32::from_be_bytes(computed)) {
        return Err("its hash is not that of its name and key");
    }
    let key = VerifyingKey::from_bytes(&key).map_err(|_| "its key is no point of the curve")?;
    Ok(VerifierKey { name: name.to_owned(), hash: computed, key })
}

/// The first four bytes of a SHA-256 over the name, a newline, and the key with its kind.
fn key_hash(name: &str, key: &[u8]) -> [u8; 4] {
    let digest = Sha256::new().chain_update(name).chain_update("\n").chain_update(key).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

fn valid_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    /// A key pair made for a test: the verifier's text, and a function that signs.
    pub(crate) struct Notary {
        name: String,
        key: SigningKey,
    }

    impl Notary {
        pub(crate) fn new(name: &str, seed: u8) -> Notary {
            Notary { name: name.to_owned(), key: SigningKey::from_bytes(&[seed; 32]) }
        }

        fn public(&self) -> Vec<u8> {
            [&[ED25519][..], self.key.verifying_key().as_bytes()].concat()
        }

        pub(crate) fn vkey(&self) -> String {
            let hash = u32::from_be_bytes(key_hash(&self.name, &self.public()));
            format!("{}+{hash:08x}+{}", self.name, STANDARD.encode(self.public()))
        }

        pub(crate) fn line(&self, text: &str) -> String {
            let signature = self.key.sign(text.as_bytes()).to_bytes();
            let bytes = [&key_hash(&self.name, &self.public())[..], &signature].concat();
            format!("— {} {}\n", self.name, STANDARD.encode(bytes))
        }

        pub(crate) fn sign(&self, text: &str) -> String {
            format!("{text}\n{}", self.line(text))
        }
    }

    const REAL_KEY: &str = include_str!("../data/sum.golang.org.vkey");
    const REAL_NOTE: &str = include_str!("../data/sum.golang.org.latest");

    #[test]
    fn a_note_of_the_real_database_opens() {
        let key: VerifierKey = REAL_KEY.trim().parse().unwrap();
        assert_eq!(key.name(), "sum.golang.org");
        assert!(key.open(REAL_NOTE).unwrap().starts_with("go.sum database tree\n"));
        assert!(key.open(&REAL_NOTE.replacen('7', "8", 1)).is_err());
    }

    // Row 26 of faults.md.
    #[test]
    fn a_bad_signature_of_the_key_refuses_the_note_whatever_stands_beside_it() {
        let (ours, other) = (Notary::new("db.test", 1), Notary::new("other.test", 2));
        let key: VerifierKey = ours.vkey().parse().unwrap();
        let text = "hello\n";
        let (good, bad) = (ours.line(text), ours.line("hullo\n"));
        let unknown = other.line(text);
        assert_eq!(key.open(&format!("{text}\n{unknown}{good}")).unwrap(), text);
        assert!(key.open(&format!("{text}\n{unknown}")).is_err());
        assert!(key.open(&format!("{text}\n{unknown}{bad}")).is_err());
        assert!(key.open(&format!("{text}\n{good}{bad}")).is_err());
        let same_name = Notary::new("db.test", 3);
        assert!(key.open(&same_name.sign(text)).is_err());
    }

    // Row 23 of faults.md.
    #[test]
    fn a_line_before_or_after_refuses_the_note() {
        let notary = Notary::new("db.test", 1);
        let key: VerifierKey = notary.vkey().parse().unwrap();
        let note = notary.sign("hello\n");
        assert!(key.open(&note).is_ok());
        for bad in [format!("more\n{note}"), format!("{note}more\n"), format!("{note}\n"), format!("{note}\nmore\n")] {
            assert!(key.open(&bad).is_err(), "{bad}");
        }
        for bad in ["", "\n\n", "hello\n", &note[..note.len() - 1], &note.replace("hello", "hel\rlo")] {
            assert!(key.open(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_says_what_it_is_of() {
        for bad in ["", "a+b", "sum.golang.org+033de0ae+AAAA", &REAL_KEY.trim().replacen('0', "1", 1)] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
    }
}
