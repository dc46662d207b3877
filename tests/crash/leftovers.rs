//! Row 36: what the kills have found, each by itself.

use crate::support::{Sandbox, need};

#[test]
fn row_36_a_removal_that_was_broken_off_is_finished_by_the_same_command() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let doomed = gv.root().join("staging/removed.1.22.3");
    std::fs::create_dir_all(gv.root().join("staging")).unwrap();
    std::fs::rename(gv.root().join("toolchains/1.22.3"), &doomed).unwrap();
    gv.run("uninstall 1.22.3").fails(3);
    assert!(!doomed.exists() && !gv.root().join("receipts/1.22.3.json").exists());
    gv.invariant();
}

#[test]
fn row_36_an_install_that_was_broken_off_at_its_end_is_finished_by_the_same_command() {
    let gv = Sandbox::new().with("1.22.3");
    let root = gv.root();
    let asked = gv.server().requests().len();
    std::fs::remove_file(root.join("current")).unwrap();
    gv.run("install 1.22.3").ok().says("already");
    gv.invariant();
    for left in ["staging/1.22.3/tree/bin/go", "staging/1.22.3/download.part.json", "staging/1.22.3/.gv-new.1.0.x"] {
        std::fs::create_dir_all(root.join(left).parent().unwrap()).unwrap();
        std::fs::write(root.join(left), "x").unwrap();
        gv.run("install 1.22.3").ok().says("already");
        assert!(!root.join("staging/1.22.3").exists(), "{left}");
    }
    assert_eq!(gv.server().requests().len(), asked);
}

#[test]
fn row_36_a_download_that_says_not_what_of_is_swept_and_another_is_kept() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let staging = gv.root().join("staging");
    for version in ["1.23.0", "1.23.1", "1.23.2"] {
        std::fs::create_dir_all(staging.join(version)).unwrap();
        std::fs::write(staging.join(version).join("download.part"), "x").unwrap();
    }
    std::fs::write(staging.join("1.23.1/download.part.json"), "{}").unwrap();
    std::fs::write(staging.join("1.23.2/download.part.json"), "{}").unwrap();
    std::fs::write(staging.join("1.23.2/download.part"), "").unwrap();
    gv.run("use 1.22.3").ok();
    let kept: Vec<bool> = ["1.23.0", "1.23.1", "1.23.2"].iter().map(|name| staging.join(name).exists()).collect();
    assert_eq!(kept, [false, true, false]);
    gv.invariant();
}

#[test]
fn row_37_a_kept_archive_is_on_the_disk_before_it_has_its_name() {
    let Some(strace) = need("strace") else { return };
    let gv = Sandbox::new().sources(&["dl"]).serving(["1.22.3"]).env("GV_CACHE_KEEP", "true");
    let log = gv.folder().join("strace.log");
    let mut command = gv.command(strace);
    command.args(["-f", "-y", "-e", "trace=fsync,rename", "-o"]).arg(&log).arg(gv.folder().join("bin/gv"));
    gv.output(command.args(["install", "1.22.3"])).ok();
    let log = std::fs::read_to_string(log).unwrap();
    let line = |words: [&str; 2]| log.lines().position(|line| words.iter().all(|word| line.contains(word)));
    let synced = line(["fsync(", "download.part>"]).expect("it is synced");
    let renamed = line(["rename(", "cache/archives/go1.22.3."]).expect("it gets its name");
    assert!(synced < renamed, "{log}");
    gv.invariant();
}
