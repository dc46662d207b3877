//! A detached signature, as it lies beside an archive.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use sequoia_openpgp as openpgp;

use openpgp::armor::{Kind, Reader, ReaderMode};
use openpgp::crypto::hash::{Context, Hash};
use openpgp::packet::Signature;
use openpgp::parse::Parse;
use openpgp::types::SignatureType;
use openpgp::{Packet, PacketPile};

use super::policy::ACCEPTED_HASHES;
use crate::error::{Error, Result};

/// A signature of RSA-4096 takes 833 bytes; nothing that is larger than this is parsed.
const LARGEST: usize = 64 << 10;

const BEGIN: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// One detached signature over a binary document, by a hash that counts. Nothing is proven yet.
#[derive(Clone, Debug)]
pub struct Detached {
    pub(super) signature: Signature,
    pub(super) created: SystemTime,
}

impl Detached {
    /// Accepts exactly one armoured detached signature of version 4 and nothing beside it.
    ///
    /// Everything else is [`crate::error::Exit::Untrusted`], and the message shows how it begins.
    pub fn parse(bytes: &[u8]) -> Result<Detached> {
        match one_packet(bytes) {
            Ok(packet) => accept(packet),
            Err(why) => Err(Error::untrusted("this is not a detached OpenPGP signature").because(why)),
        }
        .map_err(|error| error.hint("a server that answers with a page of its own can cause this: try another source"))
    }

    /// What to write the signed bytes into as they arrive.
    pub fn hasher(&self) -> Result<Hasher> {
        let builder = self.signature.hash_algo().context();
        // Only algorithms that are supported have passed `accept`; the type of the library does not know that.
        let builder = builder.map_err(|err| Error::untrusted("the signature cannot be checked").because(err))?;
        Ok(Hasher(builder.for_signature(self.signature.version())))
    }

    /// The hash that is signed, from the bytes that were written to `hasher`: behind them come words of the signature's own.
    pub(super) fn digest(&self, hasher: Hasher) -> Result<Vec<u8>> {
        let mut context = hasher.0;
        let digest = self.signature.hash(&mut context).and_then(|()| context.into_digest());
        digest.map_err(|err| Error::untrusted("the signature cannot be checked").because(err))
    }

    /// When the signer says that it was made, in seconds since 1970.
    pub fn created(&self) -> u64 {
        unix(self.created)
    }
}

pub(super) fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Hashes the signed bytes as the signature wants it. It may be written to from another thread.
#[derive(Clone)]
pub struct Hasher(pub(super) Context);

impl Write for Hasher {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.update(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The single packet within one armoured block; the error says what was found instead.
fn one_packet(bytes: &[u8]) -> Result<Packet, String> {
    let found = || format!("it begins with {}", crate::verify::excerpt(bytes));
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    if bytes.len() > LARGEST {
        return Err("it is larger than 64 KiB".to_owned());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| found())?.trim();
    let body = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or_else(found)?;
    // Another block between the two, of whatever kind.
    if body.contains("-----") {
        return Err("it holds more than one armoured block".to_owned());
    }
    let armour = Reader::from_bytes(text.as_bytes(), ReaderMode::Tolerant(Some(Kind::Signature)));
    let pile = PacketPile::from_reader(armour).map_err(|err| err.to_string())?;
    let mut packets = pile.into_children();
    match (packets.next(), packets.next()) {
        (Some(packet), None) => Ok(packet),
        (None, _) => Err("there is no packet within the armour".to_owned()),
        (Some(_), Some(_)) => Err("there is more than one packet within the armour".to_owned()),
    }
}

fn accept(packet: Packet) -> Result<Detached> {
    let refused = |why: String| Err(Error::untrusted("the OpenPGP signature is refused").because(why));
    let Packet::Signature(signature) = packet else {
        return refused(format!("the armour holds a packet of type {}", packet.tag()));
    };
    if signature.version() != 4 {
        return refused(format!("it is of version {}, and gv accepts version 4 only", signature.version()));
    }
    if signature.typ() != SignatureType::Binary {
        return refused(format!("it is a {} signature, and only one over a binary document counts", signature.typ()));
    }
    if !ACCEPTED_HASHES.contains(&signature.hash_algo()) {
        return refused(format!("it hashes with {}, which proves nothing any more", signature.hash_algo()));
    }
    match signature.signature_creation_time() {
        Some(created) => Ok(Detached { signature, created }),
        None => refused("it does not say when it was made".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = include_str!("../data/tests/go1.27.1.src.tar.gz.asc");

    fn refusal(bytes: &[u8]) -> String {
        Detached::parse(bytes).unwrap_err().to_string()
    }

    #[test]
    fn googles_own_signatures_are_read() {
        let old = Detached::parse(include_bytes!("../data/tests/go1.19.8.src.tar.gz.asc")).unwrap();
        assert_eq!(old.created(), 1_680_135_363);
        assert!(Detached::parse(REAL.as_bytes()).unwrap().created() > old.created());
        assert!(Detached::parse(format!("\n{}\n\n", REAL.replace('\n', "\r\n")).as_bytes()).is_ok());
    }

    // Rows 9 and 21 of faults.md.
    #[test]
    fn what_is_no_detached_signature_is_refused_and_shown() {
        assert!(refusal(b"").contains("empty"));
        assert!(refusal(b"<!DOCTYPE html>\n<html>").contains("<!DOCTYPE html>"));
        assert!(refusal(&[0x89, 0x02, 0x33, 0x04, 0xff]).contains("begins with"));
        assert!(refusal(format!("{REAL}{REAL}").as_bytes()).contains("more than one armoured block"));
        assert!(refusal(format!("{REAL}and more").as_bytes()).contains("begins with"));
        assert!(refusal(format!("{BEGIN}\n\nbm90IGEgcGFja2V0\n{END}").as_bytes()).contains("not a detached"));
        assert!(refusal(&REAL.as_bytes()[..REAL.len() / 2]).contains("not a detached"));
        let inline = format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ngo\n{REAL}");
        assert!(refusal(inline.as_bytes()).contains("SIGNED MESSAGE"));
    }

    #[test]
    fn a_megabyte_is_not_parsed() {
        assert!(refusal(&vec![b'-'; 1 << 20]).contains("64 KiB"));
    }
}
