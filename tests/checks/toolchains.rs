//! The made toolchains and their packing, against other programs' reading of them.

use std::process::Command;

use crate::support::golang::{GO_MOD, Toolchain, h1};

#[test]
fn the_module_file_has_the_hash_that_the_real_database_publishes() {
    let published = "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=";
    assert_eq!(h1([("go.mod".to_owned(), GO_MOD.as_bytes())]), published);
}

#[test]
fn gnu_tar_and_the_made_go_agree_on_the_archive() {
    let dir = tempfile::tempdir().unwrap();
    let made = Toolchain::new("1.22.3");
    let file = dir.path().join(made.file_name());
    std::fs::write(&file, made.archive()).unwrap();
    assert!(Command::new("tar").arg("xzf").arg(&file).current_dir(dir.path()).status().unwrap().success());
    let go = dir.path().join("go/bin/go");
    let version = Command::new(&go).arg("version").output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&version.stdout),
        "go version go1.22.3 linux/amd64\n".replace("amd64", crate::support::golang::HOST)
    );
    assert_eq!(Command::new(&go).args(["exit", "7"]).status().unwrap().code(), Some(7));
}

#[test]
fn releases_up_to_1_20_are_spelled_as_go_spells_them() {
    let names = ["1.20.0", "1.20.3", "1.21.0", "1.21rc2", "1.5.0"].map(|version| Toolchain::new(version).name());
    assert_eq!(names, ["go1.20", "go1.20.3", "go1.21.0", "go1.21rc2", "go1.5"]);
}
