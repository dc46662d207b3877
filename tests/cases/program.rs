//! The gv in the root, which shims hand over to: replaced by a newer one, kept from an older one, and never run for it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::support::Sandbox;

/// A root with this in the place of its gv; tells where.
fn with(gv: &Sandbox, content: &[u8]) -> PathBuf {
    let placed = gv.root().join("bin/gv");
    let made = gv.folder().join("made");
    std::fs::create_dir_all(placed.parent().unwrap()).unwrap();
    std::fs::write(&made, content).unwrap();
    std::fs::set_permissions(&made, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::rename(made, &placed).unwrap();
    placed
}

/// Whether a command that locks the store leaves what stands there.
#[track_caller]
fn is_kept(gv: &Sandbox, content: &[u8], age: Option<Duration>) -> bool {
    let placed = with(gv, content);
    if let Some(age) = age {
        let file = std::fs::File::options().write(true).open(&placed).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }
    // Nothing to roll back to: the lock was taken all the same.
    gv.run("rollback").fails(3).within(Duration::from_secs(20));
    let kept = std::fs::read(&placed).unwrap() == content;
    if !kept {
        gv.output(gv.command(&placed).arg("root")).ok().prints(&gv.root().display().to_string());
    }
    kept
}

#[test]
fn a_newer_gv_takes_the_place_of_the_one_in_the_root() {
    let gv = Sandbox::new();
    assert!(!is_kept(&gv, b"\x1egv-version 0.0.1\x1e", None));
    assert!(is_kept(&gv, b"\x1egv-version 99.0.0\x1e", None));
    assert!(is_kept(&gv, b"\x1egv-version 99.0.0\x1e", Some(Duration::from_hours(24 * 365))));
}

#[test]
fn of_one_version_the_gv_that_came_later_stays() {
    let gv = Sandbox::new();
    let mut rebuilt = std::fs::read(gv.folder().join("bin/gv")).unwrap();
    rebuilt.push(0);
    assert!(is_kept(&gv, &rebuilt, None));
    assert!(!is_kept(&gv, &rebuilt, Some(Duration::from_hours(24 * 365))));
}

#[test]
fn a_newer_gv_of_the_same_length_is_told_by_its_mark() {
    let gv = Sandbox::new();
    let mut older = std::fs::read(gv.folder().join("bin/gv")).unwrap();
    let mark = format!("\x1egv-version {}\x1e", env!("CARGO_PKG_VERSION")).into_bytes();
    let at = older.windows(mark.len()).position(|bytes| bytes == mark).unwrap();
    older[at + mark.len() - 6..at + mark.len() - 1].copy_from_slice(b"0.0.9");
    assert!(!is_kept(&gv, &older, None));
}

#[test]
fn a_gv_that_cannot_be_refreshed_stops_nothing() {
    let gv = Sandbox::new().with("1.22.3").with("1.21.13");
    let placed = gv.root().join("bin/gv");
    std::fs::remove_file(&placed).unwrap();
    gv.output(gv.command("mkfifo").arg(&placed)).ok();
    gv.run("use 1.21.13").ok().says("was not refreshed").within(Duration::from_secs(20));
    gv.shim("go version").ok().shows("go1.21.13");
}

#[test]
fn what_stands_in_the_place_of_gv_is_not_run_to_ask_for_its_version() {
    let gv = Sandbox::new();
    assert!(!is_kept(&gv, b"#!/bin/sh\ntouch \"$HOME/was-run\"\nexec sleep 100\n", None));
    assert!(!gv.home().join("was-run").exists());
}
