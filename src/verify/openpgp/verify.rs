//! Whether a signature over bytes was made by the pinned primary's holder.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use openpgp::packet::key::PublicParts;
use openpgp::policy::{HashAlgoSecurity, Policy};
use openpgp::types::RevocationStatus;
use serde::{Deserialize, Serialize};

use super::detached::unix;
use super::{Detached, Hasher, Keyring};
use crate::error::{Error, Result};

/// Who signed, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The pinned primary's fingerprint: 40 upper-case hexadecimal digits.
    pub primary: String,
    /// The fingerprint of the key that signed: the same, or that of a subkey.
    pub subkey: String,
    /// When the signer says that the signature was made, in seconds since 1970.
    pub created: u64,
    /// What the key signed: the hash over the bytes and the signature's own words, in hexadecimal. It is enough to
    /// check the key's part again without the bytes; see [`Keyring::verify_again`].
    pub digest: String,
}

impl Keyring {
    /// Checks a signature over the bytes that were written to `hasher` (made by [`Detached::hasher`]).
    ///
    /// The signing key must have been bound, alive and meant for signing when the signature was made; that it
    /// has expired since does not matter. A key that was withdrawn as compromised never counts. Every failure
    /// is [`crate::error::Exit::Untrusted`].
    pub fn verify(&self, detached: &Detached, hasher: Hasher, now: SystemTime) -> Result<Signer> {
        let key = self.may_sign(detached, now)?;
        let digest = detached.digest(hasher)?;
        match detached.signature.verify_digest(key.key(), &digest) {
            Ok(()) => Ok(Signer {
                primary: self.primary(),
                subkey: key.key().fingerprint().to_hex(),
                created: detached.created(),
                digest: hexadecimal(&digest),
            }),
            Err(_) => Err(refused("these are not the bytes that were signed")
                .hint("download both again; if it stays so, try another source")),
        }
    }

    /// Checks a signature again when the bytes are gone, by the [`Signer::digest`] that was kept of them. It shows that
    /// the pinned primary's holder signed bytes with that hash, and that the key still counts; not which bytes they were.
    ///
    /// `false` without a digest: then only the key could be checked.
    pub fn verify_again(&self, detached: &Detached, digest: Option<&str>, now: SystemTime) -> Result<bool> {
        let key = self.may_sign(detached, now)?;
        let Some(digest) = digest else { return Ok(false) };
        let bytes = from_hexadecimal(digest).unwrap_or_default();
        match detached.signature.verify_digest(key.key(), bytes) {
            Ok(()) => Ok(true),
            Err(_) => Err(refused("it is not over the hash that was kept with it")),
        }
    }

    /// The key that the signature names, if a signature by it, made when this one says, counts now. Whether it made this
    /// one is another question.
    fn may_sign(&self, detached: &Detached, now: SystemTime) -> Result<ErasedKeyAmalgamation<'_, PublicParts>> {
        check_times(detached, now)?;
        self.rules
            .signature(&detached.signature, HashAlgoSecurity::CollisionResistance)
            .map_err(|err| refused("gv's rules do not accept it").because(err))?;
        let key = self.issuer(detached)?;
        self.check_key(detached, &key)?;
        Ok(key)
    }

    /// The key that the signature names as its maker. Signatures of 2023 name it by 64 bits outside of what
    /// they sign: a hint where to look, no more.
    fn issuer(&self, detached: &Detached) -> Result<ErasedKeyAmalgamation<'_, PublicParts>> {
        let issuers = detached.signature.get_issuers();
        let named =
            |key: &ErasedKeyAmalgamation<PublicParts>| issuers.iter().any(|id| id.aliases(key.key().key_handle()));
        self.cert.keys().find(named).ok_or_else(|| {
            let makers: Vec<String> = issuers.iter().map(ToString::to_string).collect();
            let maker = if makers.is_empty() { "nobody".to_owned() } else { makers.join(", ") };
            refused(&format!("it names {maker}, which is no key of the pinned primary {}", self.primary()))
                .hint("if Google has a new signing key, fetch it with `gv keys refresh`")
        })
    }

    fn check_key(&self, detached: &Detached, key: &ErasedKeyAmalgamation<PublicParts>) -> Result<()> {
        let id = key.key().fingerprint();
        let at = detached.created;
        let cert = self.cert.with_policy(&self.rules, at);
        let cert = cert.map_err(|err| refused("the primary key does not count at the time of signing").because(err))?;
        cert.alive().map_err(|err| refused("the primary key had expired when it was made").because(err))?;
        if matches!(cert.revocation_status(), RevocationStatus::Revoked(_)) {
            return Err(refused("the primary key has been revoked"));
        }
        let bound = key.clone().with_policy(&self.rules, at);
        let bound = bound.map_err(|err| {
            refused(&format!("its key {id} is not bound to the primary in a way that counts")).because(err)
        })?;
        if matches!(bound.revocation_status(), RevocationStatus::Revoked(_)) {
            return Err(refused(&format!("its key {id} has been revoked")));
        }
        bound.alive().map_err(|err| refused(&format!("its key {id} had expired when it was made")).because(err))?;
        if bound.for_signing() { Ok(()) } else { Err(refused(&format!("its key {id} is not meant for signing"))) }
    }
}

fn check_times(detached: &Detached, now: SystemTime) -> Result<()> {
    if detached.created > now {
        let ahead = unix(detached.created).saturating_sub(unix(now));
        return Err(refused(&format!("it was made {ahead} s in the future: the system clock looks wrong"))
            .hint("set the clock and try again"));
    }
    detached.signature.signature_alive(now, None).map_err(|err| refused("it has expired").because(err))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn refused(why: &str) -> Error {
    Error::untrusted("the OpenPGP signature is refused").because(why)
}
