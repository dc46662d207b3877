//! Linked toolchains: a Go that gv did not install, under a name.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::support::Sandbox;

/// A made GOROOT outside the store.
fn outside(gv: &Sandbox) -> PathBuf {
    let goroot = gv.home().join("src/goroot");
    std::fs::create_dir_all(goroot.parent().unwrap()).unwrap();
    gv.output(gv.command("cp").arg("-r").arg(gv.root().join("toolchains/1.21.13")).arg(&goroot)).ok();
    goroot
}

#[test]
fn a_linked_toolchain_is_pinned_run_listed_and_let_go() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    let goroot = outside(&gv);
    gv.run("link gotip ../src/goroot").ok().says("gotip");
    gv.run("local gotip").ok().never_says("warning");
    gv.shim("go version").ok().shows("go1.21.13");
    gv.run("current").ok().says(".go-version:1");
    gv.run("which").ok().shows("/toolchains/gotip/bin/go");
    gv.run("exec gotip go version").ok().shows("go1.21.13");
    gv.run("list").ok().shows("gotip").shows(&goroot.display().to_string());
    gv.run("list gotip").ok().shows("gotip");
    let list = gv.run("list --json").ok().json();
    assert_eq!(list["linked"][0]["name"], "gotip");
    assert_eq!(list["toolchains"].as_array().unwrap().len(), 2);
    gv.run("unlink gotip").ok();
    gv.shim("go version").fails(127).says("gotip");
    gv.run("unlink gotip").fails(3).says("gv list");
    assert!(goroot.join("bin/go").exists());
}

#[test]
fn what_else_gv_does_leaves_a_linked_toolchain_alone() {
    let gv = Sandbox::new().with("1.21.13").serving(["1.22.3"]);
    let goroot = outside(&gv);
    gv.run(&format!("link 1.x-dev '{}'", goroot.display())).fails(2);
    gv.run(&format!("link gotip '{}'", goroot.display())).ok();
    gv.run("install --use 1.22.3").ok();
    gv.run("use gotip").fails(2).says("gv local gotip");
    gv.run("uninstall gotip").fails(2).says("gv unlink gotip");
    gv.run("uninstall --force 1.21.13").ok();
    assert_eq!(std::fs::read_link(gv.root().join("toolchains/gotip")).unwrap(), goroot);
    assert!(goroot.join("bin/go").exists());
    gv.run("setup --undo --purge --yes").ok();
    assert!(goroot.join("bin/go").exists());
}

#[test]
fn names_that_mean_something_else_and_folders_without_a_go_are_refused() {
    let gv = Sandbox::new().with("1.21.13");
    let goroot = outside(&gv);
    for name in ["1.22.3", "1.22", "go1.22.3", "latest", "system", "current", "go", "../x", ".x", ">=1.21"] {
        gv.run(&format!("link '{name}' '{}'", goroot.display())).fails(2);
    }
    gv.run("link gotip .").fails(2).says("bin/go");
    // A link back to the shims would be a loop.
    std::fs::create_dir(gv.home().join("loop")).unwrap();
    symlink(gv.root().join("shims"), gv.home().join("loop/bin")).unwrap();
    gv.run("link gotip ../loop").fails(2).says("shim");
    gv.invariant();
}

#[test]
fn row_51_a_link_to_a_path_that_is_no_text_is_listed() {
    use std::os::unix::ffi::OsStringExt;
    let gv = Sandbox::new().with("1.21.13");
    let goroot = gv.home().join(std::ffi::OsString::from_vec(b"odd\xff".to_vec()));
    std::fs::rename(outside(&gv), &goroot).unwrap();
    gv.output(gv.gv().args(["link", "odd"]).arg(&goroot)).ok();
    assert_eq!(gv.run("list --json").ok().json()["linked"][0]["name"], "odd");
}
