//! Zips as Go packs them, and others.

use super::super::Form;
use super::super::samples::{Interrupted, Place, ZipEntry, assert_refused, end_record, unpacked, zipped, zipped_as};
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
    let directory = second + good()[1].local().len();
    for (back, told) in [(1, 27), (9, 19)] {
        let mut archive = zipped(&good());
        archive[second - back] ^= 1;
        refused(&archive, "is another in its directory");
        archive[directory + told] ^= 1;
        refused(&archive, "`VERSION` has another size or checksum than it says");
    }
    // Where the packed size or the signature is another, there is no descriptor.
    for back in [5, 13] {
        let mut archive = zipped(&good());
        archive[second - back] ^= 1;
        refused(&archive, "it ends within `go/VERSION`");
    }
    let sized = zipped(&[ZipEntry::new("go/a", "aaaaaaaaaaaa").sized()]);
    let directory = ZipEntry::new("go/a", "aaaaaaaaaaaa").sized().local().len();
    for (at, told) in [(14, 16), (22, 24)] {
        let mut archive = sized.clone();
        archive[at] += 1;
        refused(&archive, "is another in its directory");
        archive[directory + told] += 1;
        refused(&archive, "`a` has another size or checksum than it says");
    }
    let mut long = sized.clone();
    long[18] += 1;
    refused(&long, "its directory lacks `go/a`");
    let mut short = sized;
    short[18] -= 1;
    refused(&short, "its directory lacks `go/a`");
}

#[test]
fn row_34_data_ends_where_its_entry_does() {
    for change in [-1, 1] {
        for late in [0, 8] {
            let entry = ZipEntry { flags: late, change, ..ZipEntry::new("go/a", "aaaaaaaaaaaa") };
            refused(&zipped(&[entry]), "the compressed data of `a` is damaged");
        }
    }
}

#[test]
fn row_34_an_entry_that_holds_what_looks_like_its_end_is_whole_or_refused() {
    let (mut content, place) = (vec![b'x'; 200], 100);
    for (packed, whole) in [(106_u32, true), (105, false)] {
        let lookalike = [&b"PK\x07\x08\x00\x00\x00\x00"[..], &packed.to_le_bytes(), &[0; 4]].concat();
        content[place..place + 16].copy_from_slice(&lookalike);
        let entry = ZipEntry { level: 0, ..ZipEntry::new("go/lookalike", &content) };
        let at = entry.local().windows(4).position(|bytes| bytes == b"PK\x07\x08").unwrap();
        assert_eq!(at, 30 + entry.name.len() + entry.extra.len() + place + 5, "the content is not as it was");
        assert_eq!(run(&with(entry)).is_ok(), whole);
    }
}

#[test]
fn a_zip_is_the_same_however_its_bytes_come() {
    struct Pieces<'a>(&'a [u8], usize);
    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(into.len());
            self.0.read(&mut into[..count])
        }
    }
    // The content is longer than any buffer, and as long in the zip.
    let long = ZipEntry { level: 0, ..ZipEntry::new("go/long", vec![7; 1_200_000]) };
    let entries = [good(), vec![long, ZipEntry::new("go/c", "c").sized()]].concat();
    let archive = zipped(&entries);
    let whole = run(&archive).unwrap();
    for size in [1, 15, 16, 17, 4096, (128 << 10) - 1, 128 << 10] {
        assert_eq!(zip(Pieces(&archive, size), Place::new().writer(&Form::Archive, 1)).unwrap(), whole);
    }
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
