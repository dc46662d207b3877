//! Reads a zip as a stream, by its local headers, and then holds the central directory against what came.
//!
//! Every reader that seeks believes the central directory, so both must tell the same story: same names, same
//! order, same sizes, checksums, methods and flags, each entry where it is said to be, and not a byte elsewhere.
//!
//! Go's packer writes the sizes of an entry behind it, so a reader would have to inflate it to know where it ends. This
//! one looks for the end instead, and leaves inflating to the writers: so entries inflate beside each other. The two
//! have to agree: data that ends before or after the end that was found is refused.

mod records;
mod stream;

use std::io::Read;

use flate2::Crc;

use self::records::{Central, END, End, LOCAL, Local};
use self::stream::{Piece, Stream};
use super::inflate::Sizes;
use super::tree::{Tree, TreeWriter};
use super::{refused, shown};
use crate::error::{Error, Result};

/// Unpacks a zip and reads `input` to its end.
///
/// Modes follow Go's packing rule: a zip tells its own only in the central directory, after the files.
///
/// # Errors
/// As [`super::targz()`].
pub fn zip(input: impl Read, mut tree: TreeWriter) -> Result<Tree> {
    match read(&mut Stream::new(input), &mut tree) {
        Ok(()) => tree.finish(),
        Err(error) => Err(tree.give_up(error)),
    }
}

fn read<R: Read>(stream: &mut Stream<R>, tree: &mut TreeWriter) -> Result<()> {
    let mut entries = Vec::new();
    let mut signature = stream.signature()?;
    while signature == LOCAL {
        entries.push(entry(stream, tree)?);
        signature = stream.signature()?;
    }
    directory(stream, signature, &entries)
}

/// Reads one local header and what belongs to it.
fn entry<R: Read>(stream: &mut Stream<R>, tree: &mut TreeWriter) -> Result<Local> {
    let offset = stream.position - 4;
    let mut local = Local::read(stream, offset)?;
    if local.is_folder() {
        local.must_be_empty()?;
        tree.folder(&local.name)?;
        return Ok(local);
    }
    if let Some(sizes) = local.sizes {
        tree.announced(u64::from(sizes.unpacked))?;
    }
    match (local.deflated, local.sizes) {
        (true, None) => local.sizes = Some(up_to_descriptor(stream, tree, &local)?),
        (true, Some(sizes)) => packed(stream, tree, &local, sizes)?,
        (false, Some(sizes)) => stored(stream, tree, &local, sizes)?,
        (false, None) => {
            let name = shown(&local.name);
            return Err(refused(format_args!("{name} is stored and does not say how long it is")));
        }
    }
    Ok(local)
}

/// Hands on deflated data up to the descriptor behind it, and returns what that says.
fn up_to_descriptor<R: Read>(stream: &mut Stream<R>, tree: &mut TreeWriter, local: &Local) -> Result<Sizes> {
    tree.begin_packed(&local.name, None)?;
    let mut taken = 0;
    loop {
        let space = tree.space()?;
        let piece = stream.piece(taken, space.len())?;
        let Some(Piece::Middle(count) | Piece::Last(count)) = piece else { return Err(cut(local)) };
        stream.move_into(&mut space[..count]);
        tree.filled(count)?;
        taken += count as u64;
        if matches!(piece, Some(Piece::Last(_))) {
            break;
        }
    }
    let [_, _, _, _, fields @ ..] = stream.array::<16>()?;
    let told = records::descriptor(&fields);
    tree.end_packed(told)?;
    Ok(told)
}

/// Hands on deflated data of a size that was told before.
fn packed<R: Read>(stream: &mut Stream<R>, tree: &mut TreeWriter, local: &Local, sizes: Sizes) -> Result<()> {
    tree.begin_packed(&local.name, None)?;
    hand_on(stream, tree, local, sizes.packed, |_| ())?;
    tree.end_packed(sizes)
}

/// Hands on an entry that is stored as it is.
fn stored<R: Read>(stream: &mut Stream<R>, tree: &mut TreeWriter, local: &Local, sizes: Sizes) -> Result<()> {
    tree.begin(&local.name, None)?;
    let mut crc = Crc::new();
    hand_on(stream, tree, local, sizes.packed, |bytes| crc.update(bytes))?;
    if sizes != (Sizes { crc: crc.sum(), unpacked: sizes.packed, ..sizes }) {
        return Err(refused(format_args!("{} has another size or checksum than it says", shown(&local.name))));
    }
    tree.end()
}

fn hand_on<R: Read>(
    stream: &mut Stream<R>,
    tree: &mut TreeWriter,
    local: &Local,
    count: u32,
    mut see: impl FnMut(&[u8]),
) -> Result<()> {
    let mut left = u64::from(count);
    while left > 0 {
        let count = stream.at_most(left)?.len();
        if count == 0 {
            return Err(cut(local));
        }
        let space = tree.space()?;
        let count = count.min(space.len());
        stream.move_into(&mut space[..count]);
        see(&space[..count]);
        tree.filled(count)?;
        left -= count as u64;
    }
    Ok(())
}

fn cut(local: &Local) -> Error {
    refused(format_args!("it ends within {}", shown(&local.name)))
}

/// Holds the central directory and the end record against the entries that came.
fn directory<R: Read>(stream: &mut Stream<R>, mut signature: [u8; 4], entries: &[Local]) -> Result<()> {
    let start = stream.position - 4;
    for local in entries {
        if signature != records::CENTRAL {
            return Err(refused(format_args!("its directory lacks {}", shown(&local.name))));
        }
        Central::read(stream)?.must_agree(local)?;
        signature = stream.signature()?;
    }
    if signature == records::CENTRAL {
        return Err(refused("its directory names entries that are not there"));
    }
    if signature != END {
        return Err(refused("its directory is followed by something that Go's zips do not have"));
    }
    let size = stream.position - 4 - start;
    End::read(stream)?.must_be(entries.len(), size, start)?;
    if !stream.at_most(1)?.is_empty() {
        return Err(refused("there is something after the end of the zip"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
