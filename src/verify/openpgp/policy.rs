//! Which algorithms count, and where.

use std::time::{Duration, UNIX_EPOCH};

use sequoia_openpgp as openpgp;

use openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use openpgp::packet::{Packet, Signature, key::PublicParts};
use openpgp::policy::{AsymmetricAlgorithm, HashAlgoSecurity, Policy, StandardPolicy};
use openpgp::types::{AEADAlgorithm, HashAlgorithm, SignatureType, SymmetricAlgorithm};

/// Google's primary key; see [`super::super::Roots::google`].
pub const GOOGLE: &str = "EB4C1BFD4F042F6DDDCCEC917721F63BD38B4796";

/// 2018-01-01, since 1970. Google's last SHA-1 back-signature is of 2017-01-24.
const LAST_SHA1: Duration = Duration::from_hours(420_768);

/// Sequoia's standard policy with an allow-list of hashes that does not depend on the clock, and one exception.
///
/// The subkeys of 2016 and 2017 in Google's certificate say that they belong to it by SHA-1, and they signed
/// the releases until 2019. That back-signature only keeps another certificate from claiming the subkey; what
/// binds the subkey to the pinned primary is a SHA-256 signature of the primary itself. So SHA-1 counts there:
/// in that certificate, for that type of signature, of those years. It never counts for data.
#[derive(Debug)]
pub(super) struct Rules {
    modern: StandardPolicy<'static>,
    with_sha1: StandardPolicy<'static>,
    of_google: bool,
}

impl Rules {
    /// The rules for the certificate with this primary fingerprint.
    pub(super) fn of(primary: &openpgp::Fingerprint) -> Rules {
        let mut modern = StandardPolicy::new();
        modern.reject_all_hashes();
        for hash in ACCEPTED_HASHES {
            modern.accept_hash(hash);
        }
        modern.reject_asymmetric_algo(AsymmetricAlgorithm::RSA1024);
        modern.reject_asymmetric_algo(AsymmetricAlgorithm::DSA1024);
        let mut with_sha1 = modern.clone();
        with_sha1.accept_hash(HashAlgorithm::SHA1);
        Rules { modern, with_sha1, of_google: primary.to_hex() == GOOGLE }
    }

    fn may_be_sha1(&self, signature: &Signature, needs: HashAlgoSecurity) -> bool {
        match signature.typ() {
            // A revocation that is not heard would make its key valid again.
            SignatureType::KeyRevocation | SignatureType::SubkeyRevocation | SignatureType::CertificationRevocation => {
                true
            }
            SignatureType::PrimaryKeyBinding => {
                self.of_google
                    && needs == HashAlgoSecurity::SecondPreImageResistance
                    && signature.signature_creation_time().is_some_and(|created| created < UNIX_EPOCH + LAST_SHA1)
            }
            _ => false,
        }
    }
}

/// The hashes that a signature over data may use.
pub(super) const ACCEPTED_HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512];

impl Policy for Rules {
    fn signature(&self, signature: &Signature, needs: HashAlgoSecurity) -> openpgp::Result<()> {
        let policy = if self.may_be_sha1(signature, needs) { &self.with_sha1 } else { &self.modern };
        policy.signature(signature, needs)
    }

    fn key(&self, key: &ValidErasedKeyAmalgamation<PublicParts>) -> openpgp::Result<()> {
        self.modern.key(key)
    }

    fn packet(&self, packet: &Packet) -> openpgp::Result<()> {
        self.modern.packet(packet)
    }

    fn symmetric_algorithm(&self, algorithm: SymmetricAlgorithm) -> openpgp::Result<()> {
        self.modern.symmetric_algorithm(algorithm)
    }

    fn aead_algorithm(&self, algorithm: AEADAlgorithm) -> openpgp::Result<()> {
        self.modern.aead_algorithm(algorithm)
    }
}
