//! Putting a damaged toolchain right, without a moment in which it is missing.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::support::Sandbox;
use crate::support::golang::Toolchain;
use crate::support::invariant::contents;

fn file(gv: &Sandbox, path: &str) -> PathBuf {
    gv.root().join("toolchains/1.22.3").join(path)
}

fn damage(gv: &Sandbox) {
    std::fs::write(file(gv, "src/fmt/print.go"), "package evil\n").unwrap();
    std::fs::remove_file(file(gv, "LICENSE")).unwrap();
    std::fs::write(file(gv, "src/fmt/extra.go"), "package fmt\n").unwrap();
}

#[test]
fn row_44_what_is_damaged_becomes_whole_and_nothing_else_changes() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.run("use 1.22.3").ok();
    damage(&gv);
    let before = gv.run("history --json").ok().stdout;
    gv.run("repair").ok().says("go 1.22.3 is damaged: 1 missing, 1 extra, 1 modified").says("repaired go 1.22.3");
    assert!(!file(&gv, "src/fmt/extra.go").exists());
    gv.invariant().run("verify --all").ok();
    assert_eq!(gv.run("history --json").ok().stdout, before);
    gv.shim("go version").ok().shows("go1.22.3");
}

#[test]
fn what_is_intact_is_left_alone_unless_forced() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let inode = || {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(file(&gv, "")).unwrap().ino()
    };
    let before = inode();
    gv.run("repair --all").ok().says("go 1.21.13 is intact").says("go 1.22.3 is intact");
    assert!(gv.server().requests().is_empty());
    assert_eq!(inode(), before);
    gv.run("repair --force 1.22.3").ok().says("repaired go 1.22.3");
    assert_ne!(inode(), before);
    gv.invariant();
}

#[test]
fn a_receipt_that_is_gone_or_of_no_use_is_made_anew() {
    let gv = Sandbox::new().with("1.22.3");
    let receipt = gv.root().join("receipts/1.22.3.json");
    for spoil in ["rm", "truncate -s 100"] {
        let mut words = spoil.split(' ');
        gv.output(gv.command(words.next().unwrap()).args(words).arg(&receipt)).ok();
        gv.run("verify 1.22.3").fails(5);
        gv.run("repair 1.22.3").ok().says("unproven").says("repaired");
        gv.run("verify 1.22.3").ok();
    }
    gv.invariant();
}

#[test]
fn row_44_a_call_of_go_never_meets_a_toolchain_that_is_missing() {
    let gv = Sandbox::new().with("1.22.3");
    let (done, calls) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                gv.shim("go version").ok().shows("go1.22.3");
                gv.shim("go1.22.3 version").ok();
                calls.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Should a repair fail, the other thread must not go on for ever.
        let repaired = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..8 {
                damage(&gv);
                gv.run("repair 1.22.3").ok();
            }
        }));
        done.store(true, Ordering::Relaxed);
        repaired.unwrap();
    });
    assert!(calls.into_inner() > 0);
    gv.invariant();
}

#[test]
fn with_a_dead_network_everything_stays_as_it_was() {
    let gv = Sandbox::new().with("1.22.3");
    damage(&gv);
    let gv = gv.sources(&["dl+http://127.0.0.1:9/dl"]);
    let relevant = || {
        let mut all = contents(&gv.root());
        // Locks name their last holder, and an empty folder of staging is none.
        all.retain(|path, _| !path.starts_with(gv.root().join("locks")) && path.is_file());
        all
    };
    let before = relevant();
    gv.run("repair 1.22.3").fails(4).says("cannot repair go 1.22.3");
    assert!(relevant() == before, "a failed repair has changed something");
    gv.run("repair --offline --all").fails(4);
    assert!(relevant() == before, "a failed repair has changed something");
    gv.shim("go version").ok();
}

#[test]
fn what_fails_its_proof_replaces_nothing() {
    let gv = Sandbox::new().sources(&["dl"]).with("1.22.3");
    damage(&gv);
    let other = Toolchain::new("1.22.3").having("go.env", "GOPROXY=https://evil.example\n").archive();
    gv.server().lie("/dl/*.tar.gz", crate::support::server::Lie::Body(other));
    gv.run("repair 1.22.3").fails(5);
    assert_eq!(std::fs::read_to_string(file(&gv, "src/fmt/print.go")).unwrap(), "package evil\n");
    gv.server().repent();
    gv.run("repair 1.22.3").ok();
    gv.invariant();
}

#[test]
fn a_folder_repairs_without_a_network() {
    let gv = Sandbox::new().with("1.22.3");
    let mirror = gv.folder().join("mirror");
    std::fs::create_dir(&mirror).unwrap();
    for (path, bytes) in &gv.server().site().files {
        if let Some(name) = path.strip_prefix("/dl/") {
            std::fs::write(mirror.join(name), bytes).unwrap();
        }
    }
    damage(&gv);
    gv.run(&format!("repair --offline --source dir:{} 1.22.3", mirror.display())).ok().says("repaired");
    assert!(gv.server().requests().is_empty());
    gv.invariant();
}

#[test]
fn what_is_not_installed_is_not_repaired() {
    let gv = Sandbox::new().with("1.22.3").serving(["1.22.4"]);
    gv.run("repair 1.22.4").fails(3);
    gv.nothing_installed("1.22.4");
    std::fs::remove_dir_all(file(&gv, "")).unwrap();
    gv.run("repair 1.22.3").fails(3);
}
