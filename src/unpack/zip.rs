//! Reads a zip as a stream, by its local headers, and then holds the central directory against what came.
//!
//! Every reader that seeks believes the central directory, so both must tell the same story: same names, same
//! order, same sizes, checksums, methods and flags, each entry where it is said to be, and not a byte elsewhere.

mod records;

use std::io::{BufRead, BufReader, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use self::records::{Central, DESCRIPTOR, END, End, LOCAL, Local, Sizes};
use super::input::{Input, buffered, read_exact, unreadable};
use super::tree::{Tree, TreeWriter};
use super::{refused, shown};
use crate::error::Result;

/// Unpacks a zip and reads `input` to its end.
///
/// Modes follow Go's packing rule: a zip tells its own only in the central directory, after the files.
///
/// # Errors
/// As [`super::targz()`].
pub fn zip(input: impl Read, mut tree: TreeWriter) -> Result<Tree> {
    let mut stream = Stream { inner: buffered(input), position: 0 };
    let mut inflater = Decompress::new(false);
    let mut entries = Vec::new();
    let mut signature = stream.signature()?;
    while signature == LOCAL {
        entries.push(entry(&mut stream, &mut inflater, &mut tree)?);
        signature = stream.signature()?;
    }
    directory(&mut stream, signature, &entries)?;
    tree.finish()
}

/// Reads one local header and what belongs to it.
fn entry<R: Read>(stream: &mut Stream<R>, inflater: &mut Decompress, tree: &mut TreeWriter) -> Result<Local> {
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
    tree.begin(&local.name, None)?;
    let found = if local.deflated { inflate(stream, inflater, tree, &local)? } else { copy(stream, tree, &local)? };
    tree.end()?;
    let told = match local.sizes {
        Some(sizes) => sizes,
        None => stream.descriptor()?,
    };
    if told != found {
        return Err(refused(format_args!("{} has another size or checksum than it says", shown(&local.name))));
    }
    local.sizes = Some(told);
    Ok(local)
}

/// Inflates one entry; the deflated data itself tells where it ends.
fn inflate<R: Read>(
    stream: &mut Stream<R>,
    inflater: &mut Decompress,
    tree: &mut TreeWriter,
    local: &Local,
) -> Result<Sizes> {
    inflater.reset(false);
    let mut crc = Crc::new();
    let most = local.sizes.map_or(u64::from(u32::MAX), |sizes| u64::from(sizes.packed));
    loop {
        let (read, written) = (inflater.total_in(), inflater.total_out());
        let input = stream.at_most(most - read)?;
        let space = tree.space()?;
        let status = inflater.decompress(input, space, FlushDecompress::None);
        let consumed = usize::try_from(inflater.total_in() - read).unwrap_or_default();
        let produced = usize::try_from(inflater.total_out() - written).unwrap_or_default();
        crc.update(&space[..produced]);
        stream.consume(consumed);
        tree.filled(produced)?;
        match status {
            Ok(Status::StreamEnd) => break,
            Ok(_) if consumed + produced > 0 => {}
            _ => return Err(refused(format_args!("the compressed data of {} is damaged", shown(&local.name)))),
        }
    }
    Sizes::new(crc.sum(), inflater.total_in(), inflater.total_out())
}

/// Copies an entry that is stored as it is.
fn copy<R: Read>(stream: &mut Stream<R>, tree: &mut TreeWriter, local: &Local) -> Result<Sizes> {
    let Some(Sizes { packed, .. }) = local.sizes else {
        return Err(refused(format_args!("{} is stored and does not say how long it is", shown(&local.name))));
    };
    let mut crc = Crc::new();
    let mut left = u64::from(packed);
    while left > 0 {
        let input = stream.at_most(left)?;
        if input.is_empty() {
            return Err(refused(format_args!("it ends within {}", shown(&local.name))));
        }
        let space = tree.space()?;
        let count = input.len().min(space.len());
        space[..count].copy_from_slice(&input[..count]);
        crc.update(&space[..count]);
        stream.consume(count);
        tree.filled(count)?;
        left -= count as u64;
    }
    Sizes::new(crc.sum(), u64::from(packed), u64::from(packed))
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

/// The zip as it arrives, and how far it was read.
struct Stream<R> {
    inner: BufReader<Input<R>>,
    position: u64,
}

impl<R: Read> Stream<R> {
    /// What is in the buffer, filled first if it is empty, and at most `most` bytes of it. Empty at the end.
    fn at_most(&mut self, most: u64) -> Result<&[u8]> {
        let buffer = self.inner.fill_buf().map_err(unreadable)?;
        Ok(&buffer[..usize::try_from(most).unwrap_or(usize::MAX).min(buffer.len())])
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.position += count as u64;
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        read_exact(&mut self.inner, &mut bytes)?;
        self.position += N as u64;
        Ok(bytes)
    }

    fn bytes(&mut self, count: u16) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::from(count)];
        read_exact(&mut self.inner, &mut bytes)?;
        self.position += u64::from(count);
        Ok(bytes)
    }

    fn signature(&mut self) -> Result<[u8; 4]> {
        self.array()
    }

    /// The sizes that follow an entry. Their signature is optional in zip, and every packer of Go writes it.
    fn descriptor(&mut self) -> Result<Sizes> {
        if self.signature()? != DESCRIPTOR {
            return Err(refused("an entry is not followed by its sizes"));
        }
        Ok(Sizes::read(&self.array()?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::super::samples::{
        Interrupted, Place, ZipEntry, assert_refused, end_record, unpacked, zipped, zipped_as,
    };
    use super::*;
    use crate::platform::Platform;
    use gv_shim::version::Version;

    fn run(archive: &[u8]) -> Result<Tree> {
        unpacked(&Form::Archive, |tree| zip(archive, tree))
    }

    #[track_caller]
    fn refused(archive: &[u8], reason: &str) {
        assert_refused(run(archive), reason);
    }

    fn good() -> Vec<ZipEntry> {
        vec![ZipEntry::new("go/VERSION", "go1.22.0\n"), ZipEntry::new("go/src/fmt/a.go", "package fmt")]
    }

    /// The good zip, one of its entries changed in the directory only.
    fn lying(change: impl Fn(&mut ZipEntry)) -> Vec<u8> {
        let mut told = good();
        change(&mut told[1]);
        zipped_as(&good(), &told)
    }

    /// The good zip with one more entry.
    fn with(entry: ZipEntry) -> Vec<u8> {
        zipped(&[good(), vec![entry]].concat())
    }

    #[test]
    fn a_module_becomes_its_files_with_their_own_names_and_modes() {
        let form = Form::Module {
            version: Version::release(1, 22, 0),
            platform: Platform { os: "linux".to_owned(), arch: "amd64".to_owned() },
        };
        let large = vec![b'x'; 3_000_000];
        let named = |name: &str, content: &[u8]| ZipEntry::new(form.prefix() + name, content);
        let mut hostile = named("src/set.go", b"x");
        hostile.attributes = 0o104_777 << 16;
        let archive =
            zipped(&[named("VERSION", b""), named("bin/go", &large), named("src/_go.mod", b"module std"), hostile]);
        let tree = unpacked(&form, |tree| zip(archive.as_slice(), tree)).unwrap();
        let files: Vec<_> = tree.files.iter().map(|f| (f.path.as_str(), f.size, f.executable)).collect();
        assert_eq!(
            files,
            [("VERSION", 0, false), ("bin/go", 3_000_000, true), ("src/go.mod", 10, false), ("src/set.go", 1, false)]
        );
        let place = Place::new();
        zip(archive.as_slice(), place.writer(&form, 1)).unwrap();
        assert_eq!(std::fs::read(place.tree().join("bin/go")).unwrap(), large);
        assert_eq!(place.listing(), ["VERSION", "bin/", "bin/go", "src/", "src/go.mod", "src/set.go"]);
    }

    #[test]
    fn sizes_may_stand_before_an_entry_and_folders_may_be_there() {
        let mut folder = ZipEntry::new("go/empty/", "").stored();
        folder.attributes = 0o040_755 << 16;
        let sized = ZipEntry::new("go/a", "aaaaaaaaaaaa").sized();
        let archive = zipped(&[folder, sized, ZipEntry::new("go/b", "b").stored(), ZipEntry::new("go/c", "").stored()]);
        let tree = run(&archive).unwrap();
        assert_eq!(tree.files.iter().map(|f| f.size).collect::<Vec<_>>(), [12, 1, 0]);
    }

    #[test]
    fn row_27_a_bomb_stops_at_the_cap() {
        use super::super::Limits;
        let bomb = with(ZipEntry::new("go/zeros", vec![0; 20 << 20]));
        let place = Place::new();
        let limits = Limits::for_size(Some(bomb.len() as u64));
        let tree = TreeWriter::create(&place.tree(), &Form::Archive, limits, 1).unwrap();
        assert_refused(zip(bomb.as_slice(), tree), "it unpacks to more than 16 MiB");
    }

    #[test]
    fn row_29_and_32_names_are_held_to_the_same_rules() {
        refused(&with(ZipEntry::new("../evil", "x")), "does not lie below `go/`");
        refused(&with(ZipEntry::new("go/../../evil", "x")), "has a part `.` or `..`");
        refused(&with(ZipEntry::new("go/version", "x")), "by case only");
        refused(&with(ZipEntry::new("go/src", "x")), "`src` is both a file and a folder");
    }

    #[test]
    fn row_30_a_link_or_device_in_the_directory_is_refused() {
        for kind in [0o120_777, 0o060_644, 0o040_755] {
            refused(&lying(|entry| entry.attributes = kind << 16), "is neither file nor folder");
        }
        refused(&with(ZipEntry::new("go/dir/", "content").stored()), "is a folder that has content");
        refused(&with(ZipEntry::new("go/dir/", "")), "is a folder that has content");
    }

    #[test]
    fn row_34_the_directory_tells_what_came() {
        let name = "`go/src/fmt/b.go` stands in its directory where `go/src/fmt/a.go` stands in the zip";
        refused(&lying(|entry| entry.name = b"go/src/fmt/b.go".to_vec()), name);
        refused(&lying(|entry| entry.content = b"another".to_vec()), "is another in its directory");
        refused(&lying(|entry| entry.method = 0), "is another in its directory");
        refused(&lying(|entry| entry.flags = 0), "is another in its directory");
        refused(&zipped_as(&good(), &good()[..1]), "its directory lacks `go/src/fmt/a.go`");
        let more = [good(), vec![ZipEntry::new("go/more", "")]].concat();
        refused(&zipped_as(&good(), &more), "names entries that are not there");
    }

    #[test]
    fn row_34_entries_neither_overlap_nor_hide() {
        let entries = good();
        let (first, second) = (entries[0].local(), entries[1].local());
        let at = first.len() + second.len();
        let directory = |offset| [entries[0].central(0), entries[1].central(offset)].concat();
        let whole = |directory: &[u8], end: &[u8]| [&first, &second, directory, end].concat();
        let right = directory(first.len());
        run(&whole(&right, &end_record(2, right.len(), at))).unwrap();
        let overlapping = directory(0);
        refused(&whole(&overlapping, &end_record(2, right.len(), at)), "is another in its directory");
        for end in [end_record(1, right.len(), at), end_record(2, right.len() - 1, at), end_record(2, right.len(), 0)] {
            refused(&whole(&right, &end), "its end record does not describe its directory");
        }
        refused(&[b"x", &whole(&right, &[])[..]].concat(), "followed by something");
    }

    #[test]
    fn row_34_nothing_follows_the_end_record() {
        let good = zipped(&good());
        refused(&[&good[..], b"x"].concat(), "something after the end of the zip");
        let mut commented = good.clone();
        let length = commented.len();
        commented[length - 2] = 1;
        refused(&[&commented[..], b"x"].concat(), "its end record does not describe its directory");
        for end in [length - 1, length - 22, length / 2, 3, 0] {
            assert!(run(&good[..end]).unwrap_err().to_string().contains("ends"), "cut at {end}");
        }
    }

    #[test]
    fn row_34_encryption_zip64_and_other_extras_are_refused() {
        let changed = |change: fn(&mut ZipEntry)| {
            let mut entry = ZipEntry::new("go/evil", "x");
            change(&mut entry);
            with(entry)
        };
        refused(&changed(|entry| entry.flags |= 1), "`go/evil` is encrypted");
        refused(&changed(|entry| entry.flags |= 1 << 13), "has the flags 0x2008");
        refused(&changed(|entry| entry.method = 12), "is packed by method 12");
        refused(&changed(|entry| entry.extra = b"\x01\x00\x00\x00".to_vec()), "has zip64 sizes");
        refused(&changed(|entry| entry.extra = b"up\x00\x00".to_vec()), "has the extra field 0x7075");
        refused(&changed(|entry| entry.extra = b"UT\x09\x00x".to_vec()), "malformed extra field");
        refused(&changed(|entry| entry.extra = b"U".to_vec()), "malformed extra field");
        refused(&changed(|entry| entry.method = 0), "is stored and does not say how long it is");
    }

    #[test]
    fn row_34_sizes_and_checksums_are_those_of_the_content() {
        // The descriptor of the first entry ends where the second header begins.
        let second = good()[0].local().len();
        for back in [1, 5, 9] {
            let mut archive = zipped(&good());
            archive[second - back] ^= 1;
            refused(&archive, "`go/VERSION` has another size or checksum than it says");
        }
        let mut archive = zipped(&good());
        archive[second - 13] ^= 1;
        refused(&archive, "is not followed by its sizes");
        let sized = zipped(&[ZipEntry::new("go/a", "aaaaaaaaaaaa").sized()]);
        for (at, reason) in
            [(14, "another size or checksum"), (18, "another size or checksum"), (22, "another size or checksum")]
        {
            let mut archive = sized.clone();
            archive[at] += 1;
            refused(&archive, reason);
        }
        let mut short = sized;
        short[18] -= 1;
        refused(&short, "compressed data of `go/a` is damaged");
    }

    #[test]
    fn row_34_sizes_told_twice_are_refused() {
        let mut archive = zipped(&good());
        archive[18] = 1;
        refused(&archive, "tells its sizes twice");
    }

    #[test]
    fn a_flipped_bit_is_refused_or_changes_nothing() {
        let (good, whole) = (zipped(&good()), run(&zipped(&good())).unwrap());
        for bit in 0..good.len() * 8 {
            let mut archive = good.clone();
            archive[bit / 8] ^= 1 << (bit % 8);
            let place = Place::new();
            if let Ok(tree) = zip(archive.as_slice(), place.writer(&Form::Archive, 0)) {
                assert_eq!(tree, whole, "bit {bit}");
            }
            place.assert_confined();
        }
    }

    #[test]
    fn row_35_a_zip_without_a_file_is_refused() {
        refused(&zipped(&[]), "holds no file at all");
        refused(b"<html>not found</html>", "is followed by something");
    }

    #[test]
    fn a_broken_download_stays_a_broken_download() {
        let archive: &'static [u8] = Vec::leak(with(ZipEntry::new("go/large", vec![7; 2_000_000])));
        for end in [archive.len() - 1, archive.len() / 2, 40, 0] {
            let error = unpacked(&Form::Archive, |tree| zip(Interrupted(&archive[..end]), tree)).unwrap_err();
            assert_eq!(error.message(), "the connection broke");
        }
    }
}
