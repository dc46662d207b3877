//! Signatures by the pinned primary key.
//!
//! The primary's fingerprint is the root of trust; the certificate that says which subkeys it has may be
//! refreshed by the user, since nobody but the holder of the primary can add one to it.

mod detached;
mod policy;
mod verify;

use std::io::Write;
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::amalgamation::ValidateAmalgamation;
use openpgp::cert::amalgamation::key::ValidKeyAmalgamation;
use openpgp::cert::{Cert, CertParser};
use openpgp::parse::Parse;
use openpgp::serialize::Serialize as _;
use openpgp::types::RevocationStatus;
use openpgp::{Fingerprint, armor};

pub use detached::{Detached, Hasher};
pub use policy::GOOGLE;
pub use verify::Signer;

use crate::error::{Error, Result};
use policy::Rules;

/// Google's certificate has 20 kB; nothing that is larger than this is parsed.
const LARGEST: usize = 4 << 20;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

/// The pinned primary key and what is known of its subkeys.
#[derive(Debug)]
pub struct Keyring {
    cert: Cert,
    rules: Rules,
}

/// A subkey, for display; which signatures it may make is decided by [`Keyring::verify`] alone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Subkey {
    /// 40 upper-case hexadecimal digits.
    pub fingerprint: String,
    /// The last 16 of them.
    pub keyid: String,
    /// Seconds since 1970.
    pub created: u64,
    /// Seconds since 1970; `None` if it never expires, or is not bound to the primary.
    pub expires: Option<u64>,
    /// Whether the primary has withdrawn it.
    pub revoked: bool,
    /// Whether it is bound to the primary, by a binding that gv accepts, as a key that signs.
    pub signs: bool,
}

impl Keyring {
    /// Reads the certificate of the pinned primary (40 hexadecimal digits) out of a key file, armoured or not.
    ///
    /// Other certificates in the file do not count. Fails with [`crate::error::Exit::Untrusted`] if it is not there.
    pub fn new(pinned: &str, file: &[u8]) -> Result<Keyring> {
        let fingerprint = pinned.parse::<Fingerprint>().map_err(|err| Error::failed("bad fingerprint").because(err))?;
        let cert = certificate_of(&fingerprint, file)?;
        Ok(Keyring { cert, rules: Rules::of(&fingerprint) })
    }

    /// The pinned primary's fingerprint: 40 upper-case hexadecimal digits.
    pub fn primary(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// Adds what a newer key file knows of the same primary. Nothing is ever dropped, no revocation above all.
    ///
    /// Fails with [`crate::error::Exit::Untrusted`] if the file does not hold the pinned primary.
    pub fn merge(self, file: &[u8]) -> Result<Keyring> {
        let newer = certificate_of(&self.cert.fingerprint(), file)?;
        let cert = self.cert.merge_public(newer).map_err(|err| unreadable().because(err))?;
        Ok(Keyring { cert, rules: self.rules })
    }

    /// The certificate as an armoured key file, for [`Keyring::merge`] and other programs to read.
    pub fn export(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut write = || -> openpgp::Result<()> {
            let mut armour = armor::Writer::new(&mut bytes, armor::Kind::PublicKey)?;
            self.cert.serialize(&mut armour)?;
            armour.flush()?;
            armour.finalize()?;
            Ok(())
        };
        write().map_err(|err| Error::failed("cannot write the certificate").because(err))?;
        Ok(bytes)
    }

    /// Every subkey, oldest first, as it stands at `now`.
    pub fn subkeys(&self, now: SystemTime) -> Vec<Subkey> {
        let mut subkeys = Vec::new();
        for key in self.cert.keys().subkeys() {
            let bound = key.clone().with_policy(&self.rules, now).ok();
            let revoked = matches!(key.revocation_status(&self.rules, now), RevocationStatus::Revoked(_));
            subkeys.push(Subkey {
                fingerprint: key.key().fingerprint().to_hex(),
                keyid: key.key().keyid().to_hex(),
                created: detached::unix(key.key().creation_time()),
                expires: bound.as_ref().and_then(ValidKeyAmalgamation::key_expiration_time).map(detached::unix),
                revoked,
                signs: bound.is_some_and(|key| key.for_signing()),
            });
        }
        subkeys.sort_by_key(|subkey| subkey.created);
        subkeys
    }
}

fn unreadable() -> Error {
    Error::untrusted("cannot read the key file")
}

/// The one certificate with this fingerprint, joined from all of the file's blocks, without any secrets.
fn certificate_of(fingerprint: &Fingerprint, file: &[u8]) -> Result<Cert> {
    if file.len() > LARGEST {
        return Err(unreadable().because("it is larger than 4 MiB"));
    }
    let mut found: Option<Cert> = None;
    for block in blocks(file) {
        let certs = CertParser::from_bytes(&block).map_err(|err| unreadable().because(err))?;
        // Key files hold certificates of other kinds and ages, which may be unreadable: they do not count.
        for cert in certs.flatten().filter(|cert| cert.fingerprint() == *fingerprint) {
            let cert = cert.strip_secret_key_material();
            found = Some(match found {
                Some(first) => first.merge_public(cert).map_err(|err| unreadable().because(err))?,
                None => cert,
            });
        }
    }
    found.ok_or_else(|| {
        Error::untrusted(format!("the key file does not hold the pinned primary key {fingerprint}"))
            .because(format!("it begins with {}", super::excerpt(file)))
            .hint("fetch https://dl.google.com/linux/linux_signing_key.pub and give that file to `gv keys refresh`")
    })
}

/// A file's armoured blocks, each by itself (the library reads only the first); a binary file is one block.
fn blocks(file: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(file);
    if !text.contains(BEGIN) {
        return vec![file.to_vec()];
    }
    text.split(BEGIN).skip(1).map(|block| format!("{BEGIN}{block}").into_bytes()).collect()
}

#[cfg(test)]
mod real;
#[cfg(test)]
mod tests;
