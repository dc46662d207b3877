//! A writer of zip as Go's `cmd/distpack` uses it: deflated, sizes behind the data, no folder entries.

use std::io::Write;

/// A packed zip, and where its records stand, for tests that alter them.
pub struct Zip {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The offset of every member's local header.
    pub locals: Vec<usize>,
    /// The offset of every member's central header.
    pub centrals: Vec<usize>,
    /// The offset of the end record.
    pub end: usize,
}

/// Sizes and CRC follow the data.
const STREAMED: u16 = 1 << 3;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
const DEFLATED: u16 = 8;

/// Packs members of (name, mode, content).
pub fn pack<N: AsRef<[u8]>, D: AsRef<[u8]>>(members: impl IntoIterator<Item = (N, u32, D)>) -> Zip {
    let mut zip = Zip { bytes: Vec::new(), locals: Vec::new(), centrals: Vec::new(), end: 0 };
    let mut directory = Vec::new();
    for (name, mode, data) in members {
        zip.centrals.push(directory.len());
        let local = zip.bytes.len();
        zip.locals.push(local);
        member(&mut zip.bytes, &mut directory, name.as_ref(), mode, data.as_ref());
        directory.extend(u32_at(local));
        directory.extend(name.as_ref());
    }
    let start = zip.bytes.len();
    zip.centrals.iter_mut().for_each(|at| *at += start);
    zip.bytes.extend(&directory);
    zip.end = zip.bytes.len();
    let count = u16::try_from(zip.locals.len()).expect("few members").to_le_bytes();
    zip.bytes.extend(b"PK\x05\x06\0\0\0\0");
    zip.bytes.extend([count, count].concat());
    zip.bytes.extend(u32_at(directory.len()));
    zip.bytes.extend(u32_at(start));
    zip.bytes.extend([0, 0]);
    zip
}

fn member(out: &mut Vec<u8>, directory: &mut Vec<u8>, name: &[u8], mode: u32, data: &[u8]) {
    let packed = deflate(data);
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let name_len = u16::try_from(name.len()).expect("a short name").to_le_bytes();
    let sums = [crc.sum().to_le_bytes(), u32_at(packed.len()), u32_at(data.len())].concat();
    // Version needed, flags, method, time, date: the same in both headers.
    let common: Vec<u8> =
        [20, STREAMED | UTF8, DEFLATED, 0, 0x58a1].iter().flat_map(|v: &u16| v.to_le_bytes()).collect();

    out.extend(b"PK\x03\x04");
    out.extend(&common);
    out.extend([0; 12]);
    out.extend(name_len);
    out.extend([0, 0]);
    out.extend(name);
    out.extend(&packed);
    out.extend(b"PK\x07\x08");
    out.extend(&sums);

    directory.extend(b"PK\x01\x02\x14\x03");
    directory.extend(&common);
    directory.extend(&sums);
    directory.extend(name_len);
    // Extra, comment, disk, internal attributes.
    directory.extend([0; 8]);
    directory.extend(((0o100_000 | mode) << 16).to_le_bytes());
}

fn u32_at(value: usize) -> [u8; 4] {
    u32::try_from(value).expect("below 4 GiB").to_le_bytes()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}
