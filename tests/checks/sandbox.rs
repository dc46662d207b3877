//! The sandbox: clean, complete in its reports, and not fooled by half a store.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::Sandbox;
use crate::support::golang::Toolchain;

#[test]
fn nothing_is_inherited() {
    let gv = Sandbox::new();
    let environment = gv.output(&mut gv.command("env")).ok().stdout;
    let names: Vec<&str> = environment.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert!(names.contains(&"HOME") && !names.contains(&"CARGO_MANIFEST_DIR"), "{environment}");
    assert!(environment.contains("/home\n") && !environment.contains("GOPROXY"), "{environment}");
}

#[test]
fn a_failure_tells_the_whole_story() {
    let gv = Sandbox::new().env("MARK", "of the test");
    std::fs::create_dir_all(gv.root().join("toolchains/1.22.3/bin")).unwrap();
    let script = "echo out; echo error >&2; exit 3";
    let failed = catch_unwind(AssertUnwindSafe(|| drop(gv.output(gv.command("sh").args(["-c", script])).ok())));
    let story = failed.unwrap_err().downcast::<String>().unwrap();
    for part in
        ["wanted exit code 0", "exit 3", "MARK=of the test", "toolchains/1.22.3/ with 1 entries", "out\n", "error\n"]
    {
        assert!(story.contains(part), "no {part:?} in {story}");
    }
}

#[test]
fn a_snapshot_forgets_paths_ports_times_and_sizes() {
    let gv = Sandbox::new();
    let script = format!(
        "pwd; echo \"$HOME/x took 1.24 s (70.5 MB) at 2026-11-22T18:00:00Z from {}\" >&2; exit 4",
        gv.server().url("/dl")
    );
    gv.output(gv.command("sh").args(["-c", &script])).matches(
        "exit 4
         | [PROJECT]
         ! ~/x took [N] s ([N] MB) at [TIME] from http://[SERVER]/dl",
    );
}

#[test]
fn half_a_store_is_not_taken_for_a_whole_one() {
    let gv = Sandbox::new();
    let made = Toolchain::new("1.22.3");
    gv.publish(&made);
    gv.invariant();
    let dir = gv.root().join("toolchains/1.22.3");
    for (name, item) in &made.files {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &item.data).unwrap();
    }
    gv.invariant();
    let broken = |gv: &Sandbox| catch_unwind(AssertUnwindSafe(|| gv.invariant().root())).is_err();
    std::os::unix::fs::symlink("toolchains/1.21.0", gv.root().join("current")).unwrap();
    assert!(broken(&gv), "a pointer that dangles");
    std::fs::remove_file(gv.root().join("current")).unwrap();
    std::fs::write(gv.root().join(".gv-new.1.0.x"), "").unwrap();
    assert!(broken(&gv), "a leftover");
    std::fs::remove_file(gv.root().join(".gv-new.1.0.x")).unwrap();
    std::fs::write(dir.join("src/fmt/print.go"), "").unwrap();
    assert!(broken(&gv), "an empty file");
}
