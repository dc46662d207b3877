//! The records of a zip, as its specification (APPNOTE.TXT, 4.3) lays them out, narrowed to what Go's zips use.

use std::io::Read;

use super::super::inflate::Sizes;
use super::super::{refused, shown};
use super::stream::Stream;
use crate::error::{Error, Result};

/// Signature of a local header.
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Signature of the sizes after an entry.
pub(super) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Signature of an entry in the central directory.
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// Signature of the end record.
pub(super) const END: [u8; 4] = *b"PK\x05\x06";

const ENCRYPTED: u16 = 1;
/// The sizes follow the entry.
const LATE_SIZES: u16 = 1 << 3;
/// Besides: how hard deflate tried (bits 1 and 2), and that the name is UTF-8 (bit 11).
const KNOWN_FLAGS: u16 = LATE_SIZES | 0b110 | 1 << 11;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

const ZIP64: u16 = 0x0001;
/// Times, and user and group: they change nothing that is unpacked.
const HARMLESS_EXTRAS: [u16; 2] = [0x5455, 0x7875];

/// A local header.
pub(super) struct Local {
    pub(super) name: Vec<u8>,
    pub(super) deflated: bool,
    /// None while they are still to follow.
    pub(super) sizes: Option<Sizes>,
    flags: u16,
    offset: u64,
}

impl Local {
    /// Reads what follows the signature, which stood at `offset`.
    pub(super) fn read<R: Read>(stream: &mut Stream<R>, offset: u64) -> Result<Local> {
        let fixed: [u8; 26] = stream.array()?;
        let name = stream.bytes(two(&fixed, 22))?;
        check_extras(&stream.bytes(two(&fixed, 24))?, &name)?;
        let flags = check_flags(two(&fixed, 2), &name)?;
        let deflated = check_method(two(&fixed, 4), &name)?;
        let told = Sizes { crc: four(&fixed, 10), packed: four(&fixed, 14), unpacked: four(&fixed, 18) };
        let late = flags & LATE_SIZES != 0;
        if late && told != (Sizes { crc: 0, packed: 0, unpacked: 0 }) {
            return Err(bad(&name, "tells its sizes twice"));
        }
        Ok(Local { name, deflated, sizes: (!late).then_some(told), flags, offset })
    }

    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }

    /// Folders are stored, with sizes of zero: there is nothing to read for them.
    pub(super) fn must_be_empty(&self) -> Result<()> {
        match self.sizes {
            Some(Sizes { crc: 0, packed: 0, unpacked: 0 }) if !self.deflated => Ok(()),
            _ => Err(bad(&self.name, "is a folder that has content")),
        }
    }
}

/// An entry of the central directory.
pub(super) struct Central {
    name: Vec<u8>,
    deflated: bool,
    sizes: Sizes,
    flags: u16,
    offset: u64,
    /// Unix's file type, 0 if it is not told.
    file_type: u32,
}

impl Central {
    /// Reads what follows the signature.
    pub(super) fn read<R: Read>(stream: &mut Stream<R>) -> Result<Central> {
        let fixed: [u8; 42] = stream.array()?;
        let name = stream.bytes(two(&fixed, 24))?;
        check_extras(&stream.bytes(two(&fixed, 26))?, &name)?;
        if two(&fixed, 28) != 0 || two(&fixed, 30) != 0 {
            return Err(bad(&name, "has a comment, or lies on another disk"));
        }
        Ok(Central {
            deflated: check_method(two(&fixed, 6), &name)?,
            flags: check_flags(two(&fixed, 4), &name)?,
            sizes: Sizes { crc: four(&fixed, 12), packed: four(&fixed, 16), unpacked: four(&fixed, 20) },
            offset: u64::from(four(&fixed, 38)),
            file_type: file_type(fixed[1], four(&fixed, 34)),
            name,
        })
    }

    /// Wants the same story as that of the local header.
    pub(super) fn must_agree(&self, local: &Local) -> Result<()> {
        const FOLDER: u32 = 0o040_000;
        const FILE: u32 = 0o100_000;
        if self.name != local.name {
            let other = shown(&local.name);
            return Err(bad(&self.name, format_args!("stands in its directory where {other} stands in the zip")));
        }
        if (self.deflated, self.flags, self.offset) != (local.deflated, local.flags, local.offset)
            || Some(self.sizes) != local.sizes
        {
            return Err(bad(&self.name, "is another in its directory than in the zip"));
        }
        match self.file_type {
            0 => Ok(()),
            FOLDER if local.is_folder() => Ok(()),
            FILE if !local.is_folder() => Ok(()),
            _ => Err(bad(&self.name, "is neither file nor folder, and Go's archives hold nothing else")),
        }
    }
}

/// The type in the upper half of the attributes, which packers on Unix (3) and macOS (19) write.
fn file_type(creator: u8, attributes: u32) -> u32 {
    if matches!(creator, 3 | 19) { (attributes >> 16) & 0o170_000 } else { 0 }
}

/// The end record.
pub(super) struct End([u8; 18]);

impl End {
    /// Reads what follows the signature.
    pub(super) fn read<R: Read>(stream: &mut Stream<R>) -> Result<End> {
        stream.array().map(End)
    }

    /// Wants one disk, no comment, and a directory of that many entries, that many bytes, and at that place.
    pub(super) fn must_be(&self, entries: usize, size: u64, offset: u64) -> Result<()> {
        let fields = &self.0;
        let disks_and_comment = [two(fields, 0), two(fields, 2), two(fields, 16)];
        let counts = [two(fields, 4), two(fields, 6)].map(usize::from);
        let place = [four(fields, 8), four(fields, 12)].map(u64::from);
        if disks_and_comment != [0; 3] || counts != [entries; 2] || place != [size, offset] {
            return Err(refused("its end record does not describe its directory"));
        }
        Ok(())
    }
}

fn check_flags(flags: u16, name: &[u8]) -> Result<u16> {
    if flags & ENCRYPTED != 0 {
        return Err(bad(name, "is encrypted"));
    }
    if flags & !KNOWN_FLAGS != 0 {
        return Err(bad(name, format_args!("has the flags {flags:#06x}, which Go's zips do not use")));
    }
    Ok(flags)
}

/// Whether the method is deflate; it may be "stored" too.
fn check_method(method: u16, name: &[u8]) -> Result<bool> {
    match method {
        STORED => Ok(false),
        DEFLATED => Ok(true),
        _ => Err(bad(name, format_args!("is packed by method {method}, and Go's zips deflate"))),
    }
}

/// Extra fields could say other sizes (zip64) or another name: only those that say nothing of the kind may be there.
fn check_extras(mut extras: &[u8], name: &[u8]) -> Result<()> {
    while !extras.is_empty() {
        let (Some(id), Some(length)) = (extras.get(..2), extras.get(2..4)) else {
            return Err(bad(name, "has a malformed extra field"));
        };
        match two(id, 0) {
            ZIP64 => return Err(bad(name, "has zip64 sizes, which no Go needs")),
            id if HARMLESS_EXTRAS.contains(&id) => {}
            id => return Err(bad(name, format_args!("has the extra field {id:#06x}, which Go's zips do not use"))),
        }
        let Some(rest) = extras.get(4 + usize::from(two(length, 0))..) else {
            return Err(bad(name, "has a malformed extra field"));
        };
        extras = rest;
    }
    Ok(())
}

/// The sizes behind an entry, without their signature.
pub(super) fn descriptor(bytes: &[u8; 12]) -> Sizes {
    Sizes { crc: four(bytes, 0), packed: four(bytes, 4), unpacked: four(bytes, 8) }
}

fn bad(name: &[u8], reason: impl std::fmt::Display) -> Error {
    refused(format_args!("{} {reason}", shown(name)))
}

fn two(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn four(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
