//! `OpenPGP` certificates and signatures of every age and fault, made once per test program.

use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sequoia_openpgp as openpgp;

use openpgp::armor;
use openpgp::cert::{Cert, SubkeyRevocationBuilder};
use openpgp::crypto::KeyPair;
use openpgp::packet::key::{Key4, PrimaryRole, SecretParts, SubordinateRole, UnspecifiedRole};
use openpgp::packet::signature::SignatureBuilder;
use openpgp::packet::{Key, Packet, Signature, UserID};
use openpgp::serialize::SerializeInto;
use openpgp::serialize::stream::{LiteralWriter, Message, Signer as MessageSigner};
use openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};

const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(365 * 24);

/// A signing subkey of the test certificate, by its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subkey {
    /// Made a year ago, valid for two more years.
    Current,
    /// Lived from four years ago until a year ago.
    Expired,
    /// Bound with a SHA-1 back-signature, as Google's first two are; lived from 2016 to 2019, as the first of them.
    OldBinding,
    /// Revoked as compromised.
    Compromised,
    /// RSA of 1,024 bits.
    Weak,
}

impl Subkey {
    const ALL: [Subkey; 5] = [Subkey::Current, Subkey::Expired, Subkey::OldBinding, Subkey::Compromised, Subkey::Weak];

    fn life(self) -> (SystemTime, Duration) {
        match self {
            Subkey::Current | Subkey::Compromised | Subkey::Weak => (ago(YEAR), 3 * YEAR),
            Subkey::Expired => (ago(4 * YEAR), 3 * YEAR),
            Subkey::OldBinding => (born() + 30 * DAY, 3 * YEAR),
        }
    }

    /// A time in the middle of its life, and never in the future.
    pub fn when_valid(self) -> SystemTime {
        let (born, life) = self.life();
        (born + life / 2).min(ago(DAY))
    }
}

/// When the certificates were made: in April 2016, before the SHA-1 of their old bindings fell out of use.
fn born() -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(405_672)
}

/// So long before now.
pub fn ago(time: Duration) -> SystemTime {
    // OpenPGP counts whole seconds.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(now.saturating_sub(time).as_secs())
}

/// A certificate with all its secrets.
pub struct Signer {
    /// Without the secrets.
    pub cert: Cert,
    primary: KeyPair,
    subkeys: Vec<(Subkey, KeyPair)>,
}

/// How a signature is made; [`Signer::sign`] takes the honest way.
#[derive(Clone, Debug)]
pub struct Style {
    /// By which subkey; `None` is the primary key itself.
    pub by: Option<Subkey>,
    /// When it claims to be made.
    pub at: SystemTime,
    /// Over which hash.
    pub hash: HashAlgorithm,
    /// `Binary`, or `Text` which converts line ends.
    pub kind: SignatureType,
}

impl Style {
    /// An honest detached signature by this subkey.
    pub fn by(subkey: Subkey) -> Style {
        let at = subkey.when_valid();
        Style { by: Some(subkey), at, hash: HashAlgorithm::SHA256, kind: SignatureType::Binary }
    }

    /// The same made at another time.
    #[must_use]
    pub fn at(self, at: SystemTime) -> Style {
        Style { at, ..self }
    }

    /// The same over another hash.
    #[must_use]
    pub fn hash(self, hash: HashAlgorithm) -> Style {
        Style { hash, ..self }
    }

    /// The same of another type.
    #[must_use]
    pub fn kind(self, kind: SignatureType) -> Style {
        Style { kind, ..self }
    }
}

/// The certificate that `gv-under-test` pins.
pub fn pinned() -> &'static Signer {
    static PINNED: OnceLock<Signer> = OnceLock::new();
    PINNED.get_or_init(|| make("Made for a test").expect("making a certificate"))
}

/// A certificate of somebody else, with the same subkeys.
pub fn stranger() -> &'static Signer {
    static STRANGER: OnceLock<Signer> = OnceLock::new();
    STRANGER.get_or_init(|| make("Somebody else").expect("making a certificate"))
}

impl Signer {
    /// The primary's fingerprint in capital hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// The certificate, armoured.
    pub fn armored(&self) -> String {
        String::from_utf8(self.cert.armored().to_vec().expect("a certificate serialises")).expect("armour is ASCII")
    }

    /// The certificate without one of its subkeys, armoured.
    pub fn armored_without(&self, subkey: Subkey) -> String {
        let handle = self.pair(Some(subkey)).public().fingerprint();
        let kept = self.cert.clone().retain_subkeys(|key| key.key().fingerprint() != handle);
        String::from_utf8(kept.armored().to_vec().expect("a certificate serialises")).expect("armour is ASCII")
    }

    /// The armoured detached signature that an honest publisher makes.
    pub fn sign(&self, bytes: &[u8]) -> String {
        self.sign_as(bytes, &Style::by(Subkey::Current))
    }

    /// An armoured detached signature.
    pub fn sign_as(&self, bytes: &[u8], style: &Style) -> String {
        armor_of(&self.signature(bytes, style).expect("signing"))
    }

    fn signature(&self, bytes: &[u8], style: &Style) -> openpgp::Result<Signature> {
        SignatureBuilder::new(style.kind)
            .set_signature_creation_time(style.at)?
            .set_hash_algo(style.hash)
            .sign_message(&mut self.pair(style.by), bytes)
    }

    /// An armoured message that carries the content and its signature: no detached signature.
    pub fn sign_inline(&self, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        let write = |out: &mut Vec<u8>| -> openpgp::Result<()> {
            let message = openpgp::serialize::stream::Armorer::new(Message::new(out)).build()?;
            let message = MessageSigner::new(message, self.pair(Some(Subkey::Current)))?.build()?;
            let mut message = LiteralWriter::new(message).build()?;
            message.write_all(bytes)?;
            message.finalize()
        };
        write(&mut out).expect("signing");
        String::from_utf8(out).expect("armour is ASCII")
    }

    fn pair(&self, by: Option<Subkey>) -> KeyPair {
        let subkey = |which| self.subkeys.iter().find(|(name, _)| *name == which).map(|(_, pair)| pair.clone());
        by.map_or_else(|| self.primary.clone(), |which| subkey(which).expect("every subkey is made"))
    }
}

fn armor_of(signature: &Signature) -> String {
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::Signature).expect("writing to memory");
    writer.write_all(&Packet::from(signature.clone()).to_vec().expect("serialising")).expect("writing to memory");
    String::from_utf8(writer.finalize().expect("writing to memory")).expect("armour is ASCII")
}

fn make(name: &str) -> openpgp::Result<Signer> {
    let born = born();
    let mut primary: Key<SecretParts, PrimaryRole> = Key4::generate_ed25519()?.into();
    primary.set_creation_time(born)?;
    let mut pair = primary.clone().into_keypair()?;
    let mut cert = Cert::try_from(Packet::from(primary.clone().take_secret().0))?;
    let user = UserID::from(name);
    let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
        .set_signature_creation_time(born)?
        .set_key_flags(KeyFlags::empty().set_certification().set_signing())?;
    let binding = user.bind(&mut pair, &cert, builder)?;
    cert = cert.insert_packets([Packet::from(user), binding.into()])?.0;

    let mut subkeys = Vec::new();
    for which in Subkey::ALL {
        let subkey = subkey(which)?;
        let packets = bind(which, &subkey, &mut pair, &cert)?;
        cert = cert.insert_packets(packets)?.0;
        let key: Key<SecretParts, UnspecifiedRole> = subkey.role_into_unspecified();
        subkeys.push((which, key.into_keypair()?));
    }
    Ok(Signer { cert, primary: pair, subkeys })
}

fn subkey(which: Subkey) -> openpgp::Result<Key<SecretParts, SubordinateRole>> {
    let mut key: Key<SecretParts, SubordinateRole> = match which {
        Subkey::Weak => Key4::generate_rsa(1024)?.into(),
        _ => Key4::generate_ed25519()?.into(),
    };
    key.set_creation_time(which.life().0)?;
    Ok(key)
}

/// The subkey, its binding with a back-signature, and its revocation if it has one.
fn bind(
    which: Subkey,
    subkey: &Key<SecretParts, SubordinateRole>,
    pair: &mut KeyPair,
    cert: &Cert,
) -> openpgp::Result<Vec<Packet>> {
    let (born, life) = which.life();
    let hash = if which == Subkey::OldBinding { HashAlgorithm::SHA1 } else { HashAlgorithm::SHA256 };
    let back = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
        .set_signature_creation_time(born)?
        .set_hash_algo(hash)
        .sign_primary_key_binding(&mut subkey.clone().into_keypair()?, cert.primary_key().key(), subkey)?;
    let builder = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_signature_creation_time(born)?
        .set_key_validity_period(life)?
        .set_key_flags(KeyFlags::empty().set_signing())?
        .set_embedded_signature(back)?;
    let binding = subkey.bind(pair, cert, builder)?;
    let public = subkey.clone().take_secret().0;
    let mut packets = vec![Packet::from(public.clone()), binding.into()];
    if which == Subkey::Compromised {
        let revocation = SubkeyRevocationBuilder::new()
            .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"lost on a train")?
            .set_signature_creation_time(ago(DAY))?
            .build(pair, cert, &public, None)?;
        packets.push(revocation.into());
    }
    Ok(packets)
}
