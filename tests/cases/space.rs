//! Row 38: file systems that are full, or nearly so.

use crate::support::golang::Toolchain;
use crate::support::need::MOUNTS;
use crate::support::outcome::Outcome;
use crate::support::{Sandbox, need};

/// Installs 1.22.3 where staging is a file system of so many KiB, and prints what is left in staging.
fn install_within(gv: &Sandbox, kib: u32) -> Option<Outcome> {
    install_on(gv, &format!("size={kib}k"))
}

/// The same on a tmpfs with these options.
fn install_on(gv: &Sandbox, options: &str) -> Option<Outcome> {
    let unshare = need(MOUNTS)?;
    let script =
        "mount -t tmpfs -o $1 tmpfs \"$2\" || exit 99; \"$3\" install 1.22.3; code=$?; ls -AR \"$2\"; exit $code";
    let staging = gv.root().join("staging");
    std::fs::create_dir_all(&staging).unwrap();
    let mut command = gv.command(unshare);
    command.args(["-m", "sh", "-c", script, "sh", options]).arg(staging).arg(gv.folder().join("bin/gv"));
    Some(gv.output(&mut command))
}

#[test]
fn row_38_what_cannot_fit_is_refused_before_anything_of_it_is_kept() {
    let gv = Sandbox::new().sources(&["dl"]).serving(["1.22.3"]);
    let Some(outcome) = install_within(&gv, 512) else { return };
    let outcome =
        outcome.fails(1).says("staging/1.22.3 is too full: about ").says(" MB are needed there, and 0.5 MB are free");
    assert!(!outcome.stdout.contains("download.part"), "{}", outcome.stdout);
    gv.nothing_installed("1.22.3").run("install 1.22.3").ok();
}

#[test]
fn row_38_a_size_that_only_the_answer_tells_is_counted_too() {
    let gv = Sandbox::new().sources(&["goproxy"]).serving(["1.22.3"]);
    let Some(outcome) = install_within(&gv, 512) else { return };
    outcome.fails(1).says("is too full: about ").says(" MB are needed there, and 0.5 MB are free");
    gv.nothing_installed("1.22.3").run("install 1.22.3").ok();
}

#[test]
fn row_38_a_disk_that_fills_up_on_the_way_is_told_with_both_figures() {
    let gv = Sandbox::new().sources(&["dl"]);
    // It packs so well that it seems to fit.
    gv.publish(&Toolchain::new("1.22.3").having("pkg/zeros", vec![0; 8 << 20]));
    let Some(outcome) = install_within(&gv, 4 << 10) else { return };
    let outcome =
        outcome.fails(1).says("not enough space: cannot write").says("pkg/zeros: no space left on device: about ");
    let outcome = outcome.says(" MB are needed there, and 4.1 MB were free").says("hint: free some space");
    assert!(outcome.stdout.contains("download.part") && !outcome.stdout.contains("tree"), "{}", outcome.stdout);
    gv.nothing_installed("1.22.3").run("install 1.22.3").ok();
}

#[test]
fn row_39_a_file_system_without_room_for_more_files_is_told_as_that() {
    let gv = Sandbox::new().sources(&["dl"]).serving(["1.22.3"]);
    let Some(outcome) = install_on(&gv, "size=100m,nr_inodes=12") else { return };
    outcome
        .fails(1)
        .says("no space left on device: it has as many files as it can have")
        .never_says("not enough space");
    gv.nothing_installed("1.22.3").run("install 1.22.3").ok();
}

#[test]
fn row_38_a_disk_that_is_full_at_the_very_end_leaves_nothing_and_says_what_is_free() {
    let Some(strace) = need("strace") else { return };
    // What is synced before the end can be fetched again, and is not synced.
    for (call, error) in [
        ("syncfs", "ENOSPC"),
        ("syncfs", "EDQUOT"),
        ("fsync", "ENOSPC"),
        ("fsync", "ENOSPC:when=3+"),
        ("fsync", "EIO:when=3+"),
    ] {
        let gv = Sandbox::new().sources(&["dl"]).serving(["1.22.3"]).env("GV_INSTALL_SYNC", "true");
        let mut command = gv.command(&strace);
        command.args(["-f", "-o", "/dev/null", "-e", &format!("inject={call}:error={error}")]);
        let outcome = gv.output(command.arg(gv.folder().join("bin/gv")).args(["install", "1.22.3"])).fails(1);
        match error {
            "EIO:when=3+" => outcome.says("input/output error").never_says("free"),
            _ => outcome.says(" MB are free there").says("hint: free some"),
        };
        gv.nothing_installed("1.22.3").run("install 1.22.3").ok();
        gv.invariant().shim("go version").ok().shows("go1.22.3");
    }
}
