//! Reads a tar.gz: one gzip member, and in it the few kinds of entry that Go's archives have.
//!
//! The tar crate interprets header blocks; the walk from block to block is here, because the crate's own
//! ends at the first empty block without saying what follows it, and reads more kinds of entry than Go writes.

use std::io::Read;

use tar::Header;

use super::gzip::Gzip;
use super::input::{read_exact, unreadable};
use super::tree::{Tree, TreeWriter};
use super::{refused, shown};
use crate::error::Result;

const BLOCK: usize = 512;

/// Real ones hold one path.
const LARGEST_PAX: u64 = 4096;

/// Unpacks a tar.gz and reads `input` to its end. An `input` that fails stops everything, and nothing is written
/// after this returns.
///
/// # Errors
/// `Untrusted` for what is not what Go publishes; an [`Error`] that `input` wraps in its `io::Error` as it was;
/// and whatever the operating system has against writing.
pub fn targz(input: impl Read, mut tree: TreeWriter) -> Result<Tree> {
    let mut gzip = Gzip::new(input);
    let mut long_name = None;
    while let Some(block) = next_header(&mut gzip)? {
        let header = Header::from_byte_slice(&block);
        let entry = Entry::read(header, long_name.take())?;
        match entry.kind {
            b'0' | 0 => file(&mut gzip, &mut tree, &entry)?,
            b'5' => folder(&mut tree, &entry)?,
            b'x' => long_name = Some(pax_path(&mut gzip, &entry)?),
            kind => return Err(refused(format_args!("{} is {}", shown(&entry.name), described(kind)))),
        }
    }
    if long_name.is_some() {
        return Err(refused("it ends after the header of an entry that is not there"));
    }
    gzip.finish()?;
    tree.finish()
}

/// What counts in a header block.
struct Entry {
    kind: u8,
    name: Vec<u8>,
    size: u64,
    executable: bool,
}

impl Entry {
    fn read(header: &Header, long_name: Option<Vec<u8>>) -> Result<Entry> {
        if header.cksum().ok() != Some(checksum(header)) {
            return Err(refused("a tar header has a wrong checksum"));
        }
        let name = header.path_bytes().into_owned();
        let known = header.as_ustar().is_some() || header.as_gnu().is_some();
        let (Ok(size), Ok(mode), true) = (header.entry_size(), header.mode(), known) else {
            return Err(refused(format_args!("the tar header of {} is malformed", shown(&name))));
        };
        let kind = header.as_bytes()[156];
        if kind == b'x' && long_name.is_some() {
            return Err(refused("a tar header is extended twice"));
        }
        Ok(Entry { kind, name: long_name.unwrap_or(name), size, executable: mode & 0o111 != 0 })
    }
}

/// The sum of all bytes, those of the checksum's own field taken for spaces.
fn checksum(header: &Header) -> u32 {
    let bytes = header.as_bytes();
    let sum = |part: &[u8]| part.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    sum(&bytes[..148]) + 8 * u32::from(b' ') + sum(&bytes[156..])
}

/// The next header block, or none after the two empty ones that end the archive.
fn next_header(gzip: &mut impl Read) -> Result<Option<[u8; BLOCK]>> {
    let mut block = [0; BLOCK];
    read_exact(gzip, &mut block)?;
    if block != [0; BLOCK] {
        return Ok(Some(block));
    }
    read_exact(gzip, &mut block)?;
    if block != [0; BLOCK] {
        return Err(refused("an empty tar header stands between entries"));
    }
    Ok(None)
}

fn file(gzip: &mut impl Read, tree: &mut TreeWriter, entry: &Entry) -> Result<()> {
    tree.announced(entry.size)?;
    tree.begin(&entry.name, Some(entry.executable))?;
    let mut left = entry.size;
    while left > 0 {
        let space = tree.space()?;
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(space.len());
        let count = gzip.read(&mut space[..wanted]).map_err(unreadable)?;
        if count == 0 {
            return Err(refused(format_args!("it ends within {}", shown(&entry.name))));
        }
        tree.filled(count)?;
        left -= count as u64;
    }
    tree.end()?;
    skip_padding(gzip, entry.size)
}

fn folder(tree: &mut TreeWriter, entry: &Entry) -> Result<()> {
    if entry.size > 0 {
        return Err(refused(format_args!("the folder {} has content", shown(&entry.name))));
    }
    tree.folder(&entry.name)
}

/// Reads up to the next block, and wants nothing hidden there.
fn skip_padding(gzip: &mut impl Read, size: u64) -> Result<()> {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    let mut padding = [0; BLOCK];
    let padding = &mut padding[..(BLOCK - over) % BLOCK];
    read_exact(gzip, padding)?;
    if padding.iter().any(|&byte| byte != 0) {
        return Err(refused("there are bytes between its entries"));
    }
    Ok(())
}

/// Go's tar writer extends a header for one reason: a path that is not ASCII or does not fit the header's field,
/// such as test/fixedbugs/issue27836.dir/Þfoo.go. A record of another kind could only change what the header says.
fn pax_path(gzip: &mut impl Read, entry: &Entry) -> Result<Vec<u8>> {
    if entry.size > LARGEST_PAX {
        return Err(refused("an extended tar header is larger than 4 KiB"));
    }
    let mut records = vec![0; usize::try_from(entry.size).unwrap_or_default()];
    read_exact(gzip, &mut records)?;
    skip_padding(gzip, entry.size)?;
    let mut path = None;
    let mut rest = records.as_slice();
    while !rest.is_empty() {
        let (key, value, after) = pax_record(rest).ok_or_else(|| refused("an extended tar header is malformed"))?;
        if key != b"path" || path.is_some() {
            return Err(refused(format_args!("an extended tar header sets {}, and Go's set `path` alone", shown(key))));
        }
        path = Some(value.to_vec());
        rest = after;
    }
    path.ok_or_else(|| refused("an extended tar header is empty"))
}

/// Reads `LENGTH KEY=VALUE\n`, LENGTH being that of all of it in decimal; returns key, value and what follows.
fn pax_record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().position(|&byte| byte == b' ')?;
    let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
    let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], &records[length..]))
}

/// What a refused kind of entry is.
fn described(kind: u8) -> String {
    let name = match kind {
        b'1' => "a hard link",
        b'2' => "a symbolic link",
        b'3' => "a character device",
        b'4' => "a block device",
        b'6' => "a FIFO",
        b'7' => "a contiguous file",
        b'S' => "a sparse file",
        b'L' | b'K' => "a long name in GNU's way",
        b'g' => "a header for all entries",
        _ => return format!("of the unknown kind {}, and Go's archives hold files and folders only", shown(&[kind])),
    };
    format!("{name}, and Go's archives hold files and folders only")
}

#[cfg(test)]
mod tests;
