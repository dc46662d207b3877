//! current, previous and the way back.

use crate::support::{Sandbox, need};

#[test]
fn a_switch_is_undone_and_the_undoing_too() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.shim("go version").ok().shows("go1.21.13");
    gv.run("use 1.22.3").ok().says("current: go 1.22.3 (was 1.21.13)");
    gv.shim("go version").ok().shows("go1.22.3");
    gv.run("rollback").ok();
    gv.invariant().shim("go version").ok().shows("go1.21.13");
    gv.run("rollback").ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
}

#[test]
fn history_numbers_every_switch_and_rollback_goes_to_any() {
    let gv = Sandbox::new().with("1.20.1").with("1.21.13").with("1.22.3");
    gv.run("use 1.21").ok();
    gv.run("global 1.22").ok();
    let history = gv.run("history --json").ok().json();
    let first = history["history"][0].clone();
    assert_eq!(first["current"], "1.20.1");
    gv.run(&format!("rollback --to {}", first["number"])).ok();
    gv.invariant().shim("go version").ok().shows("go1.20.1");
}

#[test]
fn an_install_with_use_switches() {
    let gv = Sandbox::new().with("1.21.13").serving(["1.22.3"]);
    gv.run("install --use 1.22.3").ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
    gv.run("rollback").ok();
    gv.shim("go version").ok().shows("go1.21.13");
}

#[test]
fn what_is_not_installed_cannot_be_current() {
    let gv = Sandbox::new().with("1.21.13");
    gv.run("use 1.22.3").fails(3).says("gv install --use 1.22.3");
    gv.run("use '../../evil'").fails(2);
    gv.invariant().shim("go version").ok().shows("go1.21.13");
}

#[test]
fn there_is_nothing_to_roll_back_to_at_first() {
    let gv = Sandbox::new().with("1.21.13");
    gv.run("rollback").fails_with(&[1, 2, 3]);
    gv.invariant().shim("go version").ok().shows("go1.21.13");
}

#[test]
fn the_newest_of_a_line_takes_its_link() {
    let gv = Sandbox::new().with("1.22.3").with("1.22.10").with("1.22.4");
    assert_eq!(std::fs::read_link(gv.root().join("toolchains/1.22")).unwrap().to_str(), Some("1.22.10"));
    gv.run("uninstall 1.22.10").ok();
    assert_eq!(std::fs::read_link(gv.root().join("toolchains/1.22")).unwrap().to_str(), Some("1.22.4"));
    gv.invariant();
}

#[test]
fn a_broken_history_keeps_nobody_from_the_next_switch() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let generations = gv.root().join("generations");
    std::fs::create_dir(generations.join("7")).unwrap();
    std::fs::write(generations.join("8"), "").unwrap();
    std::fs::write(generations.join("1/meta.json"), "x").unwrap();
    gv.run("list").ok();
    gv.run("history").ok().shows("1.21.13").shows("meta.json");
    gv.run("use 1.22.3").ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
}

#[test]
fn a_pointer_that_leads_nowhere_is_put_right_by_the_next_switch() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let active = gv.root().join("active");
    for target in ["generations/77", "active", "/nonsense"] {
        std::fs::remove_file(&active).unwrap();
        std::os::unix::fs::symlink(target, &active).unwrap();
        gv.run("list").ok();
        gv.run("history").ok();
        gv.run("use 1.22.3").ok();
        gv.invariant().shim("go version").ok().shows("go1.22.3");
    }
}

#[test]
fn no_previous_is_left_that_leads_to_a_version_deleted_by_hand() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.run("use 1.22.3").ok();
    std::fs::remove_dir_all(gv.root().join("toolchains/1.22.3")).unwrap();
    gv.run("use 1.21.13").ok();
    gv.invariant().shim("go version").ok().shows("go1.21.13");
}

#[test]
fn what_is_no_folder_is_no_toolchain() {
    let gv = Sandbox::new().with("1.22.3");
    let stray = gv.root().join("toolchains/1.99.0");
    std::fs::write(&stray, "").unwrap();
    gv.write("go.mod", "module m\ngo 1.90\n");
    for version in ["latest", ">=1.21", "1.22"] {
        gv.output(gv.command(gv.root().join("shims/go")).arg("version").env("GV_VERSION", version))
            .ok()
            .shows("go1.22.3");
    }
    gv.shim("go version").ok().shows("go1.22.3");
}

#[test]
fn what_others_left_in_the_store_stops_no_switch() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let root = gv.root();
    std::fs::write(root.join("staging/.DS_Store"), "").unwrap();
    for line in ["1.18", "1.22"] {
        drop(std::fs::remove_file(root.join("toolchains").join(line)));
        std::fs::create_dir(root.join("toolchains").join(line)).unwrap();
    }
    gv.run("use 1.22.3").ok();
    gv.shim("go +1.22 version").ok().shows("go1.22.3");
    assert!(!root.join("staging/.DS_Store").exists());
    assert!(root.join("toolchains/1.18").is_dir());
}

/// In containers the process that was killed and the next one often have the same number.
#[test]
fn row_36_what_a_killed_process_of_the_same_number_left_is_in_nobodys_way() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let leave = "rm 1.22; for n in 0 1 2 3; do : > .gv-new.$$.$n.1.22; done; exec \"$0\" use 1.22.3";
    let toolchains = gv.root().join("toolchains");
    gv.output(gv.command("sh").current_dir(toolchains).args(["-c", leave]).arg(gv.folder().join("bin/gv"))).ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
}

#[test]
fn exec_tells_a_go_older_than_1_9_where_it_lies() {
    let gv = Sandbox::new().with("1.8.7").with("1.22.3").env("GOROOT", "/elsewhere");
    let goroot =
        |version: &str| gv.run(&format!("exec {version} go env-dump")).ok().json()["env"].get("GOROOT").cloned();
    assert_eq!(goroot("1.8.7").unwrap().as_str(), gv.root().join("toolchains/1.8.7").to_str());
    assert_eq!(goroot("1.22.3"), None);
}

#[test]
fn row_38_a_full_disk_keeps_nobody_from_making_room() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    // Nothing can be written to any file, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" uninstall 1.22.3";
    gv.output(gv.command("sh").args(["-c", script]).arg(gv.folder().join("bin/gv"))).ok();
    gv.invariant().nothing_installed("1.22.3");
}

#[test]
fn row_40_a_version_that_cannot_be_moved_away_keeps_its_shim() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let Some(memory) = need("/dev/shm") else { return };
    let elsewhere = tempfile::tempdir_in(memory).unwrap();
    let (toolchains, moved) = (gv.root().join("toolchains"), elsewhere.path().join("toolchains"));
    gv.output(gv.command("cp").arg("-a").args([&toolchains, &moved])).ok();
    std::fs::remove_dir_all(&toolchains).unwrap();
    std::os::unix::fs::symlink(&moved, &toolchains).unwrap();
    gv.run("uninstall 1.22.3").fails(1).says("one file system");
    gv.shim("go +1.22 version").ok().shows("go1.22.3");
    assert!(gv.root().join("shims/go1.22.3").exists());
}

#[test]
fn a_pin_is_judged_by_itself_whatever_a_variable_asks_for() {
    for value in ["1.22.3", ";;"] {
        let gv = Sandbox::new().with("1.22.3").env("GV_VERSION", value);
        let outcome = gv.run("local 1.99.1").ok().says("GV_VERSION is set here").says("go 1.99.1 is not installed");
        outcome.says("gv install 1.99.1");
    }
}

#[test]
fn row_51_a_setting_that_is_no_text_is_refused_and_never_passed_over() {
    use std::os::unix::ffi::OsStringExt;
    let gv = Sandbox::new();
    let value = std::ffi::OsString::from_vec(b"all\xff".to_vec());
    gv.output(gv.gv().args(["config", "trust"]).env("GV_TRUST", value)).fails(2).says("GV_TRUST");
}
