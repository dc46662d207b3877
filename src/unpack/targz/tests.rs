use super::super::samples::{Interrupted, Place, Tar, assert_refused, gzip, header, sign, unpacked};
use super::super::{Form, Limits};
use super::*;

fn run(archive: &[u8]) -> Result<Tree> {
    unpacked(&Form::Archive, |tree| targz(archive, tree))
}

#[track_caller]
fn refused(archive: &[u8], reason: &str) {
    assert_refused(run(archive), reason);
}

fn good() -> Tar {
    Tar::default().folder("go/").folder("go/bin/").entry("go/bin/go", b'0', 0o755, "program").file("go/VERSION", "")
}

#[test]
fn a_good_archive_becomes_exactly_its_files() {
    let large = vec![b'x'; 3_000_000];
    let archive = good().file("go/src/large", &large).entry("go/old", 0, 0o600, "v7").folder("go/empty").end();
    let tree = run(&archive).unwrap();
    let files: Vec<_> = tree.files.iter().map(|f| (f.path.as_str(), f.size, f.executable)).collect();
    assert_eq!(files, [("VERSION", 0, false), ("bin/go", 7, true), ("old", 2, false), ("src/large", 3_000_000, false)]);
    for (path, content) in [("bin/go", &b"program"[..]), ("src/large", &large), ("VERSION", b"")] {
        use sha2::{Digest, Sha256};
        assert_eq!(tree.get(path).unwrap().sha256, <[u8; 32]>::from(Sha256::digest(content)), "{path}");
    }
    let place = Place::new();
    targz(archive.as_slice(), place.writer(&Form::Archive, 2)).unwrap();
    assert_eq!(place.listing(), ["VERSION", "bin/", "bin/go", "empty/", "old", "src/", "src/large"]);
    assert_eq!(std::fs::read(place.tree().join("src/large")).unwrap(), large);
}

#[test]
fn a_path_that_is_not_ascii_comes_as_pax() {
    let archive = good().pax("22 path=go/test/Þfoo.go\n").file("go/test/foo.go", "x").end();
    assert!(run(&archive).is_err(), "the record says 22 and has 25 bytes");
    let archive = good().pax("25 path=go/test/Þfoo.go\n").file("go/test/foo.go", "x").end();
    assert!(run(&archive).unwrap().get("test/Þfoo.go").is_some());
}

#[test]
fn a_long_path_is_joined_from_the_header_s_prefix() {
    let mut block = header(b"name", b'0', 0o644, 0);
    block[345..355].copy_from_slice(b"go/src/dir");
    sign(&mut block);
    assert!(run(&good().block(&block).end()).unwrap().get("src/dir/name").is_some());
}

#[test]
fn row_27_a_bomb_stops_at_the_cap() {
    let bomb = good().file("go/zeros", vec![0; 40 << 20]).end();
    let limits = Limits::for_size(Some(bomb.len() as u64));
    let place = Place::new();
    let tree = TreeWriter::create(&place.tree(), &Form::Archive, limits, 1).unwrap();
    assert_refused(targz(bomb.as_slice(), tree), "which no Go of its size holds");
    assert_eq!(std::fs::read_dir(place.tree()).unwrap().count(), 0);

    let limits = Limits { unpacked: 1000, entries: 10 };
    let place = Place::new();
    let tree = TreeWriter::create(&place.tree(), &Form::Archive, limits, 0).unwrap();
    let pieces = good().file("go/a", [0; 600]).file("go/b", [0; 600]).end();
    assert_refused(targz(pieces.as_slice(), tree), "it announces a file of 600 bytes");
}

#[test]
fn row_28_what_gzip_would_forgive_is_refused() {
    let good = good().end();
    let length = good.len();
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    refused(&changed(length - 8), "compressed data is damaged");
    refused(&changed(length - 1), "compressed data is damaged");
    refused(&changed(0), "compressed data is damaged");
    refused(&good[..length - 1], "ends too early");
    refused(&good[..length / 2], "ends too early");
    refused(&[], "ends too early");
    refused(&[&good[..], b"x"].concat(), "something after the end of the gzip data");
    refused(&[&good[..], &[0; 512]].concat(), "something after the end of the gzip data");
    refused(&[&good[..], &good].concat(), "a second gzip member");
}

#[test]
fn row_29_a_name_outside_is_never_written() {
    for name in ["/go/evil", "../evil", "go/../../evil", "evil", "go/\u{7}"] {
        refused(&good().file(name, "x").end(), "cannot unpack the archive: `");
    }
    refused(&good().pax("19 path=go/../evil\n").file("go/a", "").end(), "has a part `.` or `..`");
    let mut many = good();
    for number in 0..50_000 {
        many = many.file(format!("go/{number}"), "");
    }
    let place = Place::new();
    assert_refused(targz(many.end().as_slice(), place.writer(&Form::Archive, 1)), "more than 50000 files");
}

#[test]
fn row_30_only_files_and_folders_are_taken() {
    for (kind, what) in [
        (b'1', "a hard link"),
        (b'2', "a symbolic link"),
        (b'3', "a character device"),
        (b'4', "a block device"),
        (b'6', "a FIFO"),
        (b'7', "a contiguous file"),
        (b'S', "a sparse file"),
        (b'L', "a long name in GNU's way"),
        (b'g', "a header for all entries"),
        (b'Z', "of the unknown kind `Z`"),
    ] {
        refused(&good().entry("go/evil", kind, 0o644, "").end(), &format!("`go/evil` is {what}, and Go's"));
    }
    refused(&good().entry("go/evil/", b'5', 0o755, "x").end(), "the folder `go/evil/` has content");
}

#[test]
fn row_31_modes_are_two_and_nobody_else_may_write() {
    use std::os::unix::fs::PermissionsExt;
    let archive = Tar::default()
        .entry("go/setuid", b'0', 0o6755, "")
        .entry("go/open", b'0', 0o666, "")
        .entry("go/odd", b'0', 0o7001, "")
        .entry("go/none", b'0', 0, "")
        .entry("go/dir/", b'5', 0o7777, "")
        .end();
    let place = Place::new();
    targz(archive.as_slice(), place.writer(&Form::Archive, 1)).unwrap();
    for (name, most) in [("setuid", 0o755), ("open", 0o644), ("odd", 0o755), ("none", 0o644), ("dir", 0o755)] {
        let mode = std::fs::metadata(place.tree().join(name)).unwrap().permissions().mode() & 0o7777;
        // Whatever the umask of these tests is, it only takes bits away, and the owner keeps hers.
        assert_eq!(mode & !most, 0, "{name} is {mode:o}");
        assert_eq!(mode & 0o600, 0o600, "{name} is {mode:o}");
        assert_eq!(mode & 0o100, most & 0o100, "{name} is {mode:o}");
    }
}

#[test]
fn row_32_names_that_clash_are_refused() {
    refused(&good().file("go/VERSION", "x").end(), "`VERSION` is there twice");
    refused(&good().file("go/version", "x").end(), "differs from `VERSION` by case only");
    refused(&good().file("go/VERSION/x", "x").end(), "`VERSION` is both a file and a folder");
}

#[test]
fn row_33_extended_headers_say_path_and_nothing_else() {
    refused(&good().pax("13 size=1000\n").file("go/a", "").end(), "sets `size`, and Go's set `path` alone");
    refused(&good().pax("13 path=go/b\n12 mtime=10\n").file("go/a", "").end(), "sets `mtime`");
    refused(&good().pax("13 path=go/b\n13 path=go/c\n").file("go/a", "").end(), "sets `path`");
    for malformed in ["13 path=go/bb\n", "99 path=go/b\n", "x", "3 path=go/b\n", "13 path:go/b\n", "0 path=go/b\n"] {
        refused(&good().pax(malformed).file("go/a", "").end(), "extended tar header is malformed");
    }
    refused(&good().pax("").file("go/a", "").end(), "extended tar header is empty");
    refused(&good().pax(&"x".repeat(5000)).file("go/a", "").end(), "larger than 4 KiB");
    refused(&good().pax("13 path=go/b\n").pax("13 path=go/c\n").end(), "extended twice");
    refused(&good().pax("13 path=go/b\n").end(), "an entry that is not there");
}

#[test]
fn row_33_header_blocks_are_whole_and_right() {
    let mut wrong = header(b"go/a", b'0', 0o644, 0);
    wrong[0] = b'h';
    refused(&good().block(&wrong).end(), "wrong checksum");
    for range in [124..135, 257..262, 100..107] {
        let mut malformed = header(b"go/a", b'0', 0o644, 0);
        malformed[range].fill(b'?');
        sign(&mut malformed);
        refused(&good().block(&malformed).end(), "the tar header of `go/a` is malformed");
    }
    let mut huge = header(b"go/a", b'0', 0o644, 0);
    huge[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    sign(&mut huge);
    refused(&good().block(&huge).end(), "which no Go of its size holds");
}

#[test]
fn row_33_the_end_is_the_end() {
    let zeros = [0; 512];
    refused(&gzip(&good().0), "ends too early");
    refused(&gzip(&good().block(&zeros).0), "ends too early");
    refused(&good().block(&zeros).file("go/late", "").end(), "an empty tar header stands between entries");
    let ended = good().block(&zeros).block(&zeros);
    refused(&ended.clone().file("go/late", "").end(), "something after the end of the tar archive");
    refused(&gzip(&ended.clone().block(b"x").0), "something after the end of the tar archive");
    refused(&gzip(&ended.clone().block(&vec![0; 100_000]).0), "goes on after the end");
    run(&gzip(&ended.block(&[0; 8192]).0)).unwrap();
    let mut padded = good().file("go/a", "x");
    let last = padded.0.len() - 1;
    padded.0[last] = b'x';
    refused(&padded.end(), "bytes between its entries");
}

#[test]
fn a_flipped_bit_is_refused_or_changes_nothing() {
    let (good, whole) = (good().end(), run(&good().end()).unwrap());
    for bit in 0..good.len() * 8 {
        let mut archive = good.clone();
        archive[bit / 8] ^= 1 << (bit % 8);
        let place = Place::new();
        if let Ok(tree) = targz(archive.as_slice(), place.writer(&Form::Archive, 0)) {
            assert_eq!(tree, whole, "bit {bit}");
        }
        place.assert_confined();
    }
}

#[test]
fn row_35_an_archive_without_a_file_is_refused() {
    refused(&Tar::default().end(), "holds no file at all");
    refused(&Tar::default().folder("go/").end(), "holds no file at all");
}

#[test]
fn a_broken_download_stays_a_broken_download() {
    let archive = good().file("go/large", vec![7; 2_000_000]).end();
    let part: &'static [u8] = Vec::leak(archive[..archive.len() / 2].to_vec());
    for part in [part, &part[..5], &[]] {
        let error = unpacked(&Form::Archive, |tree| targz(Interrupted(part), tree)).unwrap_err();
        assert_eq!(error.message(), "the connection broke");
    }
}

#[test]
fn a_writer_that_fails_stops_the_reader_with_its_own_error() {
    let archive = (0..40).fold(good(), |tar, n| tar.file(format!("go/f{n}"), vec![n; 300_000])).end();
    for writers in [0, 1, 2] {
        let place = Place::new();
        let tree = place.writer(&Form::Archive, writers);
        std::fs::write(place.tree().join("f3"), "somebody else's").unwrap();
        let error = targz(archive.as_slice(), tree).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot create {}: file exists", place.tree().join("f3").display()));
        assert_eq!(std::fs::read(place.tree().join("f3")).unwrap(), b"somebody else's");
    }
}

#[test]
fn a_link_that_somebody_puts_into_the_tree_is_not_followed() {
    let archive = good().file("go/src/a", "x").file("go/f", "x").end();
    for planted in ["src", "f"] {
        let place = Place::new();
        let tree = place.writer(&Form::Archive, 1);
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path().join("new"), place.tree().join(planted)).unwrap();
        std::fs::create_dir(outside.path().join("new")).unwrap();
        targz(archive.as_slice(), tree).unwrap_err();
        assert_eq!(std::fs::read_dir(outside.path().join("new")).unwrap().count(), 0);
    }
}
