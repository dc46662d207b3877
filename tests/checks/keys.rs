//! The made signatures, as the library's own strict policy sees them.

use std::time::SystemTime;

use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::{DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationHelper};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::{Error, KeyHandle, Result};

use crate::support::keys::{Style, Subkey, pinned, stranger};

struct Keys(Cert);

impl VerificationHelper for Keys {
    fn get_certs(&mut self, _: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(vec![self.0.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> Result<()> {
        for layer in structure {
            if let MessageLayer::SignatureGroup { results } = layer {
                let result = results.into_iter().next().expect("one signature");
                return result.map(drop).map_err(|err| Error::BadSignature(err.to_string()).into());
            }
        }
        panic!("no signature at all");
    }
}

fn verifies(signature: &str, bytes: &[u8]) -> bool {
    verifies_at(signature, bytes, None)
}

fn verifies_at(signature: &str, bytes: &[u8], time: Option<SystemTime>) -> bool {
    let policy = StandardPolicy::new();
    let keys = Keys(pinned().cert.clone());
    let verifier = DetachedVerifierBuilder::from_bytes(signature).unwrap().with_policy(&policy, time, keys);
    verifier.unwrap().verify_bytes(bytes).is_ok()
}

#[test]
fn an_honest_signature_verifies_and_a_strangers_does_not() {
    assert!(verifies(&pinned().sign(b"bytes"), b"bytes"));
    assert!(!verifies(&pinned().sign(b"bytes"), b"bytez"));
    assert!(!verifies(&stranger().sign(b"bytes"), b"bytes"));
}

#[test]
fn every_subkey_has_the_fault_it_is_named_for() {
    let sign = |subkey| pinned().sign_as(b"bytes", &Style::by(subkey));
    assert!(verifies_at(&sign(Subkey::Expired), b"bytes", Some(Subkey::Expired.when_valid())));
    assert!(!verifies(&sign(Subkey::Compromised), b"bytes"));
    assert!(!verifies(&sign(Subkey::Weak), b"bytes"));
    assert!(!verifies(&sign(Subkey::OldBinding), b"bytes"));
}
