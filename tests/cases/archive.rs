//! Rows 27 to 35: archives that are honestly signed and should still never be unpacked.

use crate::support::Sandbox;
use crate::support::golang::Toolchain;
use crate::support::tar::{self, Entry, gzip};
use crate::support::zip;

/// Publishes each archive as go1.22.3, signed and listed, and has gv refuse it.
#[track_caller]
fn refuses(archives: impl IntoIterator<Item = (&'static str, Vec<u8>)>) {
    let gv = Sandbox::new().sources(&["dl"]);
    let made = Toolchain::new("1.22.3");
    for (what, bytes) in archives {
        gv.server().site().publish_archive(&made, bytes);
        let outcome = gv.run("install 1.22.3");
        assert_eq!(outcome.status.code(), Some(5), "{what}: {}", outcome.rendered());
        gv.nothing_installed("1.22.3");
        assert!(!gv.home().join("evil").exists() && !gv.root().join("evil").exists(), "{what} was written");
    }
}

/// The made toolchain's archive with these entries behind its own.
fn with(entries: impl IntoIterator<Item = Entry>) -> Vec<u8> {
    gzip(&tar::archive(&Toolchain::new("1.22.3").entries().into_iter().chain(entries).collect::<Vec<_>>()))
}

#[test]
fn row_27_a_bomb_is_cut_off() {
    refuses([("100 MiB of nothing", with([Entry::file("go/zeros", vec![0; 100 << 20])]))]);
}

#[test]
fn row_28_the_end_of_the_gzip_stream_is_checked() {
    let good = with([]);
    let mut crc = good.clone();
    let at = crc.len() - 6;
    crc[at] ^= 1;
    refuses([
        ("a wrong CRC", crc),
        ("trailing garbage", [good.as_slice(), b"garbage"].concat()),
        ("a second member", [good.clone(), gzip(b"more")].concat()),
        ("a cut trailer", good[..good.len() - 4].to_vec()),
    ]);
}

#[test]
fn row_29_names_stay_below_the_one_folder() {
    let deep = format!("go/{}", "d/".repeat(120));
    let names: [(&str, Vec<u8>); 9] = [
        ("an absolute name", b"/go/evil".to_vec()),
        ("a name that climbs", b"go/../evil".to_vec()),
        ("a name that climbs far", b"go/src/../../../../../evil".to_vec()),
        ("another top folder", b"evil/x".to_vec()),
        ("no folder", b"evil".to_vec()),
        ("a control byte", b"go/ev\x1bil".to_vec()),
        ("no UTF-8", b"go/ev\xffil".to_vec()),
        ("a dot", b"go/./evil".to_vec()),
        ("a deep name", deep.into_bytes()),
    ];
    refuses(names.map(|(what, name)| (what, with([Entry::file(name, "x")]))));
}

#[test]
fn row_29_more_entries_than_any_go_has_are_refused() {
    let entries = (0..50_001).map(|number| Entry::file(format!("go/n/{number}"), ""));
    refuses([("50,001 files", with(entries))]);
}

#[test]
fn row_30_only_files_and_folders_are_taken() {
    refuses([
        ("a link", with([Entry::link(b'2', "go/evil", "/etc/passwd")])),
        ("a link within", with([Entry::link(b'2', "go/evil", "VERSION")])),
        ("a hard link", with([Entry::link(b'1', "go/evil", "go/VERSION")])),
        ("a character device", with([Entry::new(b'3', "go/evil")])),
        ("a block device", with([Entry::new(b'4', "go/evil")])),
        ("a FIFO", with([Entry::new(b'6', "go/evil")])),
        ("a sparse file", with([Entry::new(b'S', "go/evil")])),
        ("a GNU long name", with([Entry { data: b"go/evil\0".to_vec(), ..Entry::new(b'L', "././@LongLink") }])),
        ("an unknown type", with([Entry::new(b'Z', "go/evil")])),
    ]);
}

#[test]
fn row_31_odd_modes_become_the_two_that_go_has() {
    use std::os::unix::fs::PermissionsExt;
    let gv = Sandbox::new().sources(&["dl"]);
    let odd = [("go/x/setuid", 0o4777), ("go/x/none", 0o000), ("go/x/group", 0o664), ("go/x/other", 0o001)];
    let entries = odd.map(|(name, mode)| Entry::file(name, "x").mode(mode));
    gv.server().site().publish_archive(&Toolchain::new("1.22.3"), with(entries));
    gv.output(gv.command("sh").args(["-c", "umask 000; exec \"$0\" install 1.22.3"]).arg(gv.folder().join("bin/gv")))
        .ok();
    let mode =
        |name: &str| gv.root().join("toolchains/1.22.3/x").join(name).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(["setuid", "none", "group", "other"].map(mode), [0o755, 0o644, 0o644, 0o755]);
}

#[test]
fn row_32_every_name_is_there_once() {
    refuses([
        ("a duplicate", with([Entry::file("go/VERSION", "go1.22.3\n")])),
        ("another case", with([Entry::file("go/version", "go1.22.3\n")])),
        ("a file where a folder is", with([Entry::file("go/src", "x")])),
        ("a folder below a file", with([Entry::file("go/VERSION/evil", "x")])),
    ]);
}

#[test]
fn row_33_headers_say_one_thing_and_end_as_they_should() {
    let entries = Toolchain::new("1.22.3").entries();
    let whole = tar::archive(&entries);
    let raw = &whole[..whole.len() - tar::END.len()];
    let pax = |records: &[(&str, &str)]| with([Entry::pax(records), Entry::file("go/file", "x")]);
    refuses([
        ("a PAX link", pax(&[("linkpath", "/etc/passwd")])),
        ("a PAX size", pax(&[("size", "4294967296")])),
        ("a PAX path outside", pax(&[("path", "../evil")])),
        (
            "a malformed PAX record",
            with([Entry { data: b"99 path=x\n".to_vec(), ..Entry::pax(&[]) }, Entry::file("go/file", "x")]),
        ),
        ("a bad checksum", with([Entry::file("go/file", "x").bad_checksum()])),
        ("a size that lies", with([Entry::file("go/file", "x").size(1 << 30)])),
        ("no end blocks", gzip(raw)),
        ("entries after the end", gzip(&[tar::archive(&entries), Entry::file("go/evil", "x").bytes()].concat())),
    ]);
}

#[test]
fn row_34_a_zip_says_the_same_in_both_its_headers() {
    let made = Toolchain::new("1.22.3");
    let alter = |change: fn(&mut zip::Zip)| {
        let mut zip = made.module_zip();
        change(&mut zip);
        zip.bytes
    };
    let zips = [
        ("another local name", alter(|zip| zip.bytes[zip.locals[0] + 30] ^= 1)),
        ("encrypted", alter(|zip| (zip.bytes[zip.locals[0] + 6], zip.bytes[zip.centrals[0] + 8]) = (9, 9))),
        (
            "overlapping",
            alter(|zip| {
                let (first, second) = (zip.centrals[0] + 42, zip.centrals[1] + 42);
                zip.bytes.copy_within(first..first + 4, second);
            }),
        ),
        ("a zip64 size", alter(|zip| zip.bytes[zip.centrals[0] + 20..][..8].fill(0xff))),
        ("another CRC", alter(|zip| zip.bytes[zip.centrals[0] + 16] ^= 1)),
        ("data after the end", alter(|zip| zip.bytes.extend(b"more"))),
        ("data before the start", alter(|zip| drop(zip.bytes.splice(0..0, *b"more")))),
        ("one entry less", alter(|zip| (zip.bytes[zip.end + 8], zip.bytes[zip.end + 10]) = (1, 1))),
        ("a link", alter(|zip| zip.bytes[zip.centrals[0] + 41] = 0xa1)),
    ];
    let gv = Sandbox::new().sources(&["goproxy"]).serving(["1.22.3"]);
    for (what, bytes) in zips {
        gv.server().site().publish_module(&made, bytes);
        let outcome = gv.run("install 1.22.3");
        assert_eq!(outcome.status.code(), Some(5), "{what}: {}", outcome.rendered());
        gv.nothing_installed("1.22.3");
    }
    gv.server().site().publish_module(&made, made.module_zip().bytes);
    gv.run("install 1.22.3").ok();
}

#[test]
fn row_35_what_is_no_go_is_refused() {
    let made = Toolchain::new("1.22.3");
    refuses([
        ("an empty archive", gzip(&tar::archive(&[]))),
        ("an empty file", Vec::new()),
        ("no bin/go", made.clone().lacking("bin/go").archive()),
        ("no VERSION", made.clone().lacking("VERSION").archive()),
        ("another VERSION", made.clone().having("VERSION", "go1.22.4\n").archive()),
        ("a script for bin/go", made.having("bin/go", "#!/bin/sh\n").archive()),
    ]);
}
