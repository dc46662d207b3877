//! Keys and signatures made for each case, and Google's own.

use std::time::{Duration, UNIX_EPOCH};

use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::cert::{CertRevocationBuilder, SubkeyRevocationBuilder};
use openpgp::crypto::KeyPair;
use openpgp::packet::key::{Key4, SecretParts, SubordinateRole, UnspecifiedRole};
use openpgp::packet::{Key, Signature, UserID, signature::SignatureBuilder};
use openpgp::policy::StandardPolicy;
use openpgp::types::{Curve, HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use openpgp::{Packet, packet};

use super::*;
use crate::error::Exit;

const YEAR: u64 = 31_557_600;

/// Keys are made in 2020 and live for a year, unless a test says otherwise.
const MADE: u64 = 1_577_836_800;
const DATA: &[u8] = b"a Go archive";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn now() -> SystemTime {
    at(MADE + 6 * YEAR)
}

fn pair<R: packet::key::KeyRole>(key: Key<SecretParts, R>) -> KeyPair {
    key.role_into_unspecified().into_keypair().unwrap()
}

fn fresh_key() -> Key4<SecretParts, UnspecifiedRole> {
    Key4::generate_ecc(true, Curve::Ed25519).unwrap()
}

/// A primary, one signing subkey bound to it, and the subkey's secret.
struct Made {
    cert: Cert,
    primary: KeyPair,
    subkey: Key<SecretParts, SubordinateRole>,
}

impl Made {
    fn new() -> Made {
        Made::with(fresh_key(), HashAlgorithm::SHA256, MADE)
    }

    fn with(subkey: Key4<SecretParts, UnspecifiedRole>, back: HashAlgorithm, created: u64) -> Made {
        let mut primary = fresh_key();
        primary.set_creation_time(at(created)).unwrap();
        let primary: Key<SecretParts, _> = Key::from(primary).role_into_primary();
        let mut subkey = subkey;
        subkey.set_creation_time(at(created)).unwrap();
        let subkey: Key<SecretParts, SubordinateRole> = Key::from(subkey).role_into_subordinate();
        let mut signer = pair(primary.clone());

        let cert = Cert::try_from(Packet::from(primary.clone())).unwrap();
        let name = UserID::from("Made for a test");
        let named = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_signature_creation_time(at(created))
            .unwrap()
            .set_key_flags(KeyFlags::empty().set_certification())
            .unwrap();
        let named = name.bind(&mut signer, &cert, named).unwrap();
        let back = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
            .set_signature_creation_time(at(created))
            .unwrap()
            .set_hash_algo(back)
            .sign_primary_key_binding(&mut pair(subkey.clone()), &primary, &subkey)
            .unwrap();
        let bound = SignatureBuilder::new(SignatureType::SubkeyBinding)
            .set_signature_creation_time(at(created))
            .unwrap()
            .set_key_flags(KeyFlags::empty().set_signing())
            .unwrap()
            .set_key_validity_period(Duration::from_secs(YEAR))
            .unwrap()
            .set_embedded_signature(back)
            .unwrap()
            .sign_subkey_binding(&mut signer, primary.parts_as_public(), &subkey)
            .unwrap();
        let packets = [name.into(), named.into(), Packet::from(subkey.clone()), Packet::from(bound)];
        let (cert, _) = cert.insert_packets(packets).unwrap();
        Made { cert: cert.strip_secret_key_material(), primary: signer, subkey }
    }

    fn file(&self) -> Vec<u8> {
        let rules = Rules::of(&self.cert.fingerprint());
        Keyring { cert: self.cert.clone(), rules }.export().unwrap()
    }

    fn keyring(&self) -> Keyring {
        Keyring::new(&self.cert.fingerprint().to_hex(), &self.file()).unwrap()
    }

    fn add(&mut self, packet: impl Into<Packet>) {
        self.cert = self.cert.clone().insert_packets([packet.into()]).unwrap().0;
    }

    fn sign(&self, created: u64) -> Vec<u8> {
        self.sign_as(SignatureType::Binary, HashAlgorithm::SHA256, created)
    }

    fn sign_as(&self, kind: SignatureType, hash: HashAlgorithm, created: u64) -> Vec<u8> {
        let builder = SignatureBuilder::new(kind).set_hash_algo(hash).set_signature_creation_time(at(created)).unwrap();
        armoured(builder.sign_message(&mut pair(self.subkey.clone()), DATA).unwrap())
    }

    /// Checks a signature over the data by this certificate.
    fn check(&self, signature: &[u8]) -> Result<Signer> {
        check(&self.keyring(), signature, DATA)
    }
}

fn armoured(signature: Signature) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut armour = armor::Writer::new(&mut bytes, armor::Kind::Signature).unwrap();
    Packet::from(signature).serialize(&mut armour).unwrap();
    armour.finalize().unwrap();
    bytes
}

fn check(keyring: &Keyring, signature: &[u8], data: &[u8]) -> Result<Signer> {
    let detached = Detached::parse(signature)?;
    let mut hasher = detached.hasher()?;
    hasher.write_all(data).unwrap();
    let signer = keyring.verify(&detached, hasher, now())?;
    // What counts once, counts again by the hash that was signed, and by no other.
    assert!(keyring.verify_again(&detached, Some(&signer.digest), now()).unwrap());
    assert!(!keyring.verify_again(&detached, None, now()).unwrap());
    for other in ["", "no hash", &signer.digest[2..], &signer.digest.replace(&signer.digest[..2], "zz")] {
        assert_eq!(keyring.verify_again(&detached, Some(other), now()).unwrap_err().exit(), Exit::Untrusted);
    }
    Ok(signer)
}

/// The whole message of a refusal, which has to be [`Exit::Untrusted`].
fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.exit(), Exit::Untrusted, "{error}");
    format!("{error} {}", error.hints().join(" "))
}

fn google() -> Keyring {
    Keyring::new(GOOGLE, include_bytes!("../data/google-linux_signing_key.asc")).unwrap()
}

// Row 18 of faults.md.
#[test]
fn a_signature_counts_when_its_key_has_expired_since() {
    let made = Made::new();
    let signer = made.check(&made.sign(MADE + YEAR / 2)).unwrap();
    assert_eq!(signer.primary, made.cert.fingerprint().to_hex());
    assert_eq!(signer.subkey, made.subkey.fingerprint().to_hex());
    assert_eq!(signer.created, MADE + YEAR / 2);
}

#[test]
fn every_strong_hash_counts() {
    let made = Made::new();
    for hash in [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512] {
        made.check(&made.sign_as(SignatureType::Binary, hash, MADE + 1)).unwrap();
    }
}

// Row 16 of faults.md.
#[test]
fn other_bytes_than_those_signed_are_refused() {
    let made = Made::new();
    let signature = made.sign(MADE + 1);
    for data in [&b"a go archive"[..], &DATA[..5], b"a Go archive\n", b""] {
        assert!(refusal(check(&made.keyring(), &signature, data)).contains("not the bytes that were signed"));
    }
}

// Row 17 of faults.md.
#[test]
fn a_key_of_another_primary_is_refused_and_the_way_out_named() {
    let (made, other) = (Made::new(), Made::new());
    let told = refusal(made.check(&other.sign(MADE + 1)));
    assert!(told.contains("no key of the pinned primary") && told.contains("gv keys refresh"), "{told}");
    let told = refusal(Keyring::new(&made.cert.fingerprint().to_hex(), &other.file()));
    assert!(told.contains("does not hold the pinned primary"), "{told}");
}

// Row 19 of faults.md.
#[test]
fn a_signature_made_after_its_key_expired_is_refused() {
    let made = Made::new();
    let told = refusal(made.check(&made.sign(MADE + YEAR + 1)));
    assert!(told.contains("had expired when it was made"), "{told}");
}

// Row 19 of faults.md.
#[test]
fn a_compromised_key_never_counts_and_a_retired_one_does_until_then() {
    let retired_at = MADE + YEAR / 2;
    for (reason, counts_before) in
        [(ReasonForRevocation::KeyCompromised, false), (ReasonForRevocation::KeyRetired, true)]
    {
        let mut made = Made::new();
        let revocation = SubkeyRevocationBuilder::new()
            .set_reason_for_revocation(reason, b"")
            .unwrap()
            .set_signature_creation_time(at(retired_at))
            .unwrap()
            .build(&mut made.primary.clone(), &made.cert, made.subkey.parts_as_public(), HashAlgorithm::SHA256)
            .unwrap();
        made.add(revocation);
        assert_eq!(made.check(&made.sign(retired_at - 9)).is_ok(), counts_before, "{reason}");
        assert!(refusal(made.check(&made.sign(retired_at + 9))).contains("has been revoked"));
        assert!(made.keyring().subkeys(now())[0].revoked);
    }
}

// Row 19 of faults.md.
#[test]
fn nothing_counts_once_the_primary_is_revoked_even_by_sha1() {
    for hash in [HashAlgorithm::SHA256, HashAlgorithm::SHA1] {
        let mut made = Made::new();
        let revocation = CertRevocationBuilder::new()
            .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"")
            .unwrap()
            .set_signature_creation_time(at(MADE + 9))
            .unwrap()
            .build(&mut made.primary.clone(), &made.cert, hash)
            .unwrap();
        made.add(revocation);
        assert!(refusal(made.check(&made.sign(MADE + 1))).contains("has been revoked"), "{hash}");
    }
}

// Row 19 of faults.md.
#[test]
fn broken_hashes_prove_nothing() {
    let made = Made::new();
    for hash in [HashAlgorithm::SHA1, HashAlgorithm::MD5, HashAlgorithm::SHA224] {
        let told = refusal(made.check(&made.sign_as(SignatureType::Binary, hash, MADE + 1)));
        assert!(told.contains("proves nothing any more"), "{told}");
    }
}

// Row 19 of faults.md.
#[test]
fn a_short_rsa_key_does_not_count() {
    let made = Made::with(Key4::generate_rsa(1024).unwrap(), HashAlgorithm::SHA256, MADE);
    assert!(refusal(made.check(&made.sign(MADE + 1))).contains("not bound to the primary in a way that counts"));
    assert!(!made.keyring().subkeys(now())[0].signs);
}

// Row 20 of faults.md.
#[test]
fn a_signature_from_the_future_is_blamed_on_the_clock() {
    let made = Made::with(fresh_key(), HashAlgorithm::SHA256, MADE + 6 * YEAR);
    let told = refusal(made.check(&made.sign(MADE + 6 * YEAR + 60)));
    assert!(told.contains("made 60 s in the future: the system clock looks wrong"), "{told}");
}

// Row 21 of faults.md.
#[test]
fn a_signature_over_text_is_refused() {
    let made = Made::new();
    let told = refusal(made.check(&made.sign_as(SignatureType::Text, HashAlgorithm::SHA256, MADE + 1)));
    assert!(told.contains("only one over a binary document"), "{told}");
}

// Row 21 of faults.md.
#[test]
fn two_signatures_in_one_armour_are_refused() {
    let made = Made::new();
    let mut bytes = Vec::new();
    let mut armour = armor::Writer::new(&mut bytes, armor::Kind::Signature).unwrap();
    for _ in 0..2 {
        let builder = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(at(MADE + 1)).unwrap();
        let signature = builder.sign_message(&mut pair(made.subkey.clone()), DATA).unwrap();
        Packet::from(signature).serialize(&mut armour).unwrap();
    }
    armour.finalize().unwrap();
    assert!(refusal(made.check(&bytes)).contains("more than one packet"));
}

#[test]
fn an_expired_signature_is_refused() {
    let made = Made::new();
    let builder = SignatureBuilder::new(SignatureType::Binary)
        .set_signature_creation_time(at(MADE + 1))
        .unwrap()
        .set_signature_validity_period(Duration::from_mins(1))
        .unwrap();
    let signature = builder.sign_message(&mut pair(made.subkey.clone()), DATA).unwrap();
    assert!(refusal(made.check(&armoured(signature))).contains("it has expired"));
}

#[test]
fn a_primary_that_may_not_sign_does_not_sign() {
    let mut made = Made::new();
    let builder = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(at(MADE + 1)).unwrap();
    let signature = builder.sign_message(&mut made.primary, DATA).unwrap();
    assert!(refusal(made.check(&armoured(signature))).contains("not meant for signing"));
}

#[test]
fn sha1_back_signatures_count_in_googles_certificate_alone() {
    let keyring = google();
    let june_2018 = at(1_527_811_200);
    let standard = StandardPolicy::new();
    for keyid in ["1397BC53640DB551", "6494C6D6997C215E"] {
        let key = keyring.cert.keys().subkeys().find(|key| key.key().keyid().to_hex() == keyid).unwrap();
        let bound = key.clone().with_policy(&keyring.rules, june_2018).unwrap();
        assert!(bound.for_signing() && bound.alive().is_ok(), "{keyid}");
        assert!(matches!(bound.revocation_status(), RevocationStatus::NotAsFarAsWeKnow));
        assert!(key.with_policy(&standard, june_2018).is_err(), "{keyid}");
    }
    let made = Made::with(fresh_key(), HashAlgorithm::SHA1, 1_485_225_932);
    assert!(refusal(made.check(&made.sign(1_485_225_999))).contains("not bound to the primary"));
    let made = Made::with(fresh_key(), HashAlgorithm::SHA256, 1_485_225_932);
    made.check(&made.sign(1_485_225_999)).unwrap();
}

#[test]
fn googles_subkeys_are_those_that_signed_go() {
    let subkeys = google().subkeys(at(1_790_000_000));
    let ids: Vec<&str> = subkeys.iter().map(|subkey| subkey.keyid.as_str()).collect();
    assert_eq!(
        ids,
        [
            "1397BC53640DB551",
            "6494C6D6997C215E",
            "78BD65473CB3BD13",
            "4EB27DB2A3B88B8B",
            "E88979FB9B30ACF2",
            "32EE5355A6BC6E42",
            "FD533C07C264648F",
            "1D09C015006FEAB8"
        ]
    );
    for subkey in &subkeys {
        let years = (subkey.expires.unwrap() - subkey.created) / 86_400;
        assert!(subkey.signs && !subkey.revoked && (1000..1200).contains(&years), "{subkey:?}");
        assert!(subkey.fingerprint.ends_with(&subkey.keyid));
    }
}

#[test]
fn without_its_subkey_googles_signature_names_a_key_that_is_not_known() {
    let cert = google().cert.retain_subkeys(|key| key.key().keyid().to_hex() != "4EB27DB2A3B88B8B");
    let keyring = Keyring { rules: Rules::of(&cert.fingerprint()), cert };
    let told = refusal(check(&keyring, include_bytes!("../data/tests/go1.19.8.src.tar.gz.asc"), DATA));
    assert!(told.contains("4EB2 7DB2 A3B8 8B8B") || told.contains("4EB27DB2A3B88B8B"), "{told}");
    let merged = keyring.merge(include_bytes!("../data/google-linux_signing_key.asc")).unwrap();
    let told = refusal(check(&merged, include_bytes!("../data/tests/go1.19.8.src.tar.gz.asc"), DATA));
    assert!(told.contains("not the bytes that were signed"), "{told}");
}

#[test]
fn a_refresh_never_drops_a_revocation_or_a_subkey() {
    let mut made = Made::new();
    let before = made.file();
    let revocation = SubkeyRevocationBuilder::new()
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"")
        .unwrap()
        .build(&mut made.primary.clone(), &made.cert, made.subkey.parts_as_public(), HashAlgorithm::SHA256)
        .unwrap();
    made.add(revocation);
    let merged = made.keyring().merge(&before).unwrap();
    assert!(merged.subkeys(SystemTime::now())[0].revoked);
    let bare =
        Keyring { cert: made.cert.clone().retain_subkeys(|_| false), rules: Rules::of(&made.cert.fingerprint()) };
    assert_eq!(made.keyring().merge(&bare.export().unwrap()).unwrap().subkeys(now()).len(), 1);
    assert_eq!(Keyring::new(&merged.primary(), &merged.export().unwrap()).unwrap().cert, merged.cert);
}

#[test]
fn the_pinned_certificate_is_found_among_others_and_only_there() {
    let (made, other) = (Made::new(), Made::new());
    let pinned = made.cert.fingerprint().to_hex();
    let both = [other.file(), b"\n\nsome words\n".to_vec(), made.file()].concat();
    assert_eq!(Keyring::new(&pinned, &both).unwrap().cert, made.cert);
    assert!(refusal(made.keyring().merge(&other.file())).contains("does not hold the pinned primary"));
    for bad in [&b""[..], b"<html>", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n", &[0x99, 1, 2]] {
        refusal(Keyring::new(&pinned, bad));
    }
}
