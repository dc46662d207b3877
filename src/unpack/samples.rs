//! Archives made in memory, honest and hostile, and a place to unpack them; for the tests of this module.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::{Form, Limits, Tree, TreeWriter};
use crate::error::{Error, Exit, Result};

/// A folder to unpack below, with a neighbour that has to stay as it is.
pub(super) struct Place(tempfile::TempDir);

impl Place {
    pub(super) fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("neighbour"), "untouched").unwrap();
        Place(dir)
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.0.path().join("tree")
    }

    pub(super) fn writer(&self, form: &Form, writers: usize) -> TreeWriter {
        TreeWriter::create(&self.tree(), form, Limits::for_size(None), writers).unwrap()
    }

    /// Nothing but the tree was made, and nothing else changed.
    pub(super) fn assert_confined(&self) {
        assert_eq!(crate::fs::names(self.0.path()).unwrap(), ["neighbour", "tree"]);
        assert_eq!(std::fs::read(self.0.path().join("neighbour")).unwrap(), b"untouched");
    }

    /// The files and folders of the tree, folders with a slash.
    pub(super) fn listing(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(&self.tree(), "", &mut found);
        found.sort();
        found
    }
}

fn list(dir: &Path, below: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &format!("{path}/"), found);
            found.push(format!("{path}/"));
        } else {
            found.push(path);
        }
    }
}

/// Unpacks into a place of its own with no, one and two writers, and wants the same outcome from each.
pub(super) fn unpacked(form: &Form, run: impl Fn(TreeWriter) -> Result<Tree>) -> Result<Tree> {
    let mut outcomes = Vec::new();
    for writers in [0, 1, 2] {
        let place = Place::new();
        outcomes.push(run(place.writer(form, writers)));
        place.assert_confined();
    }
    let last = outcomes.pop().unwrap();
    for outcome in outcomes {
        assert_eq!(outcome.as_ref().map_err(ToString::to_string), last.as_ref().map_err(ToString::to_string));
    }
    last
}

#[track_caller]
pub(super) fn assert_refused(outcome: Result<Tree>, reason: &str) {
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains(reason), "`{error}` does not say `{reason}`");
    assert_eq!(error.exit(), Exit::Untrusted, "{error}");
}

/// One member of gzip.
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive under construction; the tar crate refuses to write most of what is needed here.
#[derive(Clone, Default)]
pub(super) struct Tar(pub(super) Vec<u8>);

impl Tar {
    pub(super) fn file(self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Tar {
        self.entry(name, b'0', 0o644, content)
    }

    pub(super) fn folder(self, name: &str) -> Tar {
        self.entry(name, b'5', 0o755, "")
    }

    pub(super) fn pax(self, records: &str) -> Tar {
        self.entry("PaxHeaders/x", b'x', 0o644, records)
    }

    pub(super) fn entry(mut self, name: impl AsRef<[u8]>, kind: u8, mode: u32, content: impl AsRef<[u8]>) -> Tar {
        let content = content.as_ref();
        self.0.extend(header(name.as_ref(), kind, mode, content.len() as u64));
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(super) fn block(mut self, block: &[u8]) -> Tar {
        self.0.extend(block);
        self
    }

    /// Complete with its two empty blocks, and packed.
    pub(super) fn end(self) -> Vec<u8> {
        gzip(&self.block(&[0; 1024]).0)
    }
}

/// A header block of the POSIX kind with a right checksum.
pub(super) fn header(name: &[u8], kind: u8, mode: u32, size: u64) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(format!("{mode:07o}").as_bytes());
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    sign(&mut block);
    block
}

/// Puts the right checksum into a header block.
pub(super) fn sign(block: &mut [u8; 512]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

/// A zip entry, honest until a test changes a field.
#[derive(Clone)]
pub(super) struct ZipEntry {
    pub(super) name: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) extra: Vec<u8>,
    pub(super) attributes: u32,
    /// How hard deflate tries: 0 leaves the content as it is, in blocks with five bytes before them.
    pub(super) level: u32,
    /// Bytes that the packed data has too many, or too few.
    pub(super) change: isize,
}

impl ZipEntry {
    /// As Go packs: deflated, its sizes behind it, and a time.
    pub(super) fn new(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> ZipEntry {
        ZipEntry {
            name: name.as_ref().to_vec(),
            content: content.as_ref().to_vec(),
            method: 8,
            flags: 8,
            extra: b"UT\x05\x00\x01\xf3\x2f\xbd\x65".to_vec(),
            attributes: 0o100_644 << 16,
            level: 1,
            change: 0,
        }
    }

    /// As Python and zip pack: its sizes before it.
    pub(super) fn sized(mut self) -> ZipEntry {
        self.flags = 0;
        self
    }

    pub(super) fn stored(mut self) -> ZipEntry {
        self.method = 0;
        self.sized()
    }

    fn data(&self) -> Vec<u8> {
        if self.method != 8 {
            return self.content.clone();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(self.level));
        encoder.write_all(&self.content).unwrap();
        let mut data = encoder.finish().unwrap();
        data.resize(data.len().strict_add_signed(self.change), 0);
        data
    }

    fn sizes(&self) -> Vec<u8> {
        let mut crc = flate2::Crc::new();
        crc.update(&self.content);
        let lengths = [self.data().len(), self.content.len()].map(|length| u32::try_from(length).unwrap());
        [crc.sum(), lengths[0], lengths[1]].map(u32::to_le_bytes).concat()
    }

    pub(super) fn local(&self) -> Vec<u8> {
        let late = self.flags & 8 != 0;
        let sizes = if late { vec![0; 12] } else { self.sizes() };
        let mut bytes = [&b"PK\x03\x04"[..], &self.common(&sizes), &self.name, &self.extra, &self.data()].concat();
        if late {
            bytes.extend([&b"PK\x07\x08"[..], &self.sizes()].concat());
        }
        bytes
    }

    pub(super) fn central(&self, offset: usize) -> Vec<u8> {
        let offset = u32::try_from(offset).unwrap().to_le_bytes();
        let attributes = self.attributes.to_le_bytes();
        let head = [&b"PK\x01\x02\x14\x03"[..], &self.common(&self.sizes()), &[0; 6], &attributes, &offset];
        [&head.concat()[..], &self.name, &self.extra].concat()
    }

    /// What both headers have: from the version needed to the lengths of name and extra field.
    fn common(&self, sizes: &[u8]) -> Vec<u8> {
        let lengths = [self.name.len(), self.extra.len()].map(|length| u16::try_from(length).unwrap().to_le_bytes());
        let start = [20, self.flags, self.method, 0, 0].map(u16::to_le_bytes).concat();
        [&start[..], sizes, &lengths.concat()].concat()
    }
}

/// A whole zip of these entries.
pub(super) fn zipped(entries: &[ZipEntry]) -> Vec<u8> {
    zipped_as(entries, entries)
}

/// A zip of these entries whose directory tells of others.
pub(super) fn zipped_as(entries: &[ZipEntry], told: &[ZipEntry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    let mut offsets = Vec::new();
    for entry in entries {
        offsets.push(bytes.len());
        bytes.extend(entry.local());
    }
    for (at, entry) in told.iter().enumerate() {
        directory.extend(entry.central(offsets.get(at).copied().unwrap_or_default()));
    }
    let end = end_record(told.len(), directory.len(), bytes.len());
    [bytes, directory, end].concat()
}

pub(super) fn end_record(count: usize, size: usize, offset: usize) -> Vec<u8> {
    let count = u16::try_from(count).unwrap().to_le_bytes();
    let place = [size, offset].map(|number| u32::try_from(number).unwrap().to_le_bytes()).concat();
    [&b"PK\x05\x06"[..], &[0; 4], &count, &count, &place, &[0; 2]].concat()
}

/// A download that fails after some bytes, in the download's own words.
pub(super) struct Interrupted(pub(super) &'static [u8]);

impl Read for Interrupted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(std::io::Error::other(Error::network("the connection broke"))),
            count => Ok(count),
        }
    }
}
