//! Which of the real toolchains runs.

use crate::support::golang::HOST;
use crate::support::{Sandbox, real};

#[track_caller]
fn is(gv: &Sandbox, words: &str, version: &str) {
    gv.shim(words).ok().prints(&format!("go version go{version} linux/{HOST}"));
}

#[test]
fn a_project_is_pinned_to_one_version_and_a_folder_in_it_to_another() {
    let Some(gv) = real::sandbox() else { return };
    gv.write(".go-version", "1.21.13\n");
    gv.write("tools/.go-version", "1.27\n");
    is(&gv, "go version", "1.21.13");
    is(&gv, "go -C tools version", "1.27.4");
    let gv = gv.within("tools/deep/down");
    is(&gv, "go version", "1.27.4");
    is(&gv, "go +1.22 version", "1.22.10");
    is(&gv, "go1.21.13 version", "1.21.13");
    is(&gv.env("GV_VERSION", "1.22"), "go version", "1.22.10");
}

#[test]
fn a_floor_above_current_is_met_by_what_is_installed() {
    let Some(gv) = real::sandbox() else { return };
    is(&gv, "go version", "1.22.10");
    gv.write("go.mod", "module example.test/m\n\ngo 1.27.4\n");
    is(&gv, "go version", "1.27.4");
    let current = gv.run("current --json").ok().json();
    assert_eq!(
        (current["current"]["version"].as_str(), current["current"]["go_then"].as_str()),
        (Some("1.27.4"), Some("stays"))
    );
}

#[test]
fn a_floor_above_a_pin_is_met_by_the_go_command_itself() {
    let Some(gv) = real::sandbox() else { return };
    gv.write(".go-version", "1.21.13\n");
    gv.write("go.mod", "module example.test/m\n\ngo 1.27.4\n");
    gv.run("current").ok().prints("1.21.13").says("go will switch to 1.27.4 by itself, which gv holds");
    is(&gv, "go version", "1.27.4");
    gv.write("go.mod", "module example.test/m\n\ngo 1.27.5\n");
    gv.run("current").ok().prints("1.21.13").says("go will download 1.27.5 by itself");
    gv.shim("go version").fails(1).says("go1.27.5");
}

#[test]
fn a_floor_that_nothing_reaches_is_left_to_current() {
    let Some(gv) = real::sandbox() else { return };
    gv.write("go.mod", "module example.test/m\n\ngo 1.28\n");
    let current = gv.run("current --json").ok().json();
    let current = &current["current"];
    assert_eq!(
        [&current["version"], &current["go_then"], &current["go_then_version"]],
        ["1.22.10", "downloads", "1.28.0"],
        "{current}"
    );
    gv.shim("go version").fails(1).says("download go1.28.0");
}

#[test]
fn an_inherited_goroot_of_another_toolchain_is_dropped() {
    let Some(gv) = real::sandbox() else { return };
    let other = gv.root().join("toolchains/1.21.13");
    let gv = gv.env("GOROOT", &other);
    gv.write(".go-version", "1.27.4\n");
    let goroot = gv.shim("go env GOROOT").ok();
    let expected = gv.root().join("toolchains/1.27.4").canonicalize().unwrap();
    assert_eq!(std::path::Path::new(goroot.stdout.trim()).canonicalize().unwrap(), expected);
    gv.write("go.mod", "module example.test/m\n\ngo 1.27\n");
    gv.write("main.go", "package main\n\nfunc main() { println(\"hello\") }\n");
    gv.shim("go run .").ok().says("hello");
}

#[test]
fn exec_runs_a_version_whatever_the_folder_pins() {
    let Some(gv) = real::sandbox() else { return };
    gv.write(".go-version", "1.27.4\n");
    gv.run("exec 1.21.13 go version").ok().shows("go1.21.13");
    gv.run("exec 1.21 sh -c 'go version; go env GOROOT'").ok().shows("go1.21.13").shows("toolchains/1.21.13");
    gv.run("exec 1.22 go tool nothing").fails_with(&[1, 2]);
}

#[test]
fn gofmt_is_of_the_same_toolchain() {
    let Some(gv) = real::sandbox() else { return };
    gv.write(".go-version", "1.21.13\n");
    gv.write("x.go", "package x\nfunc  f( ) { }\n");
    gv.shim("gofmt x.go").ok().shows("package x\n\nfunc f() {}\n");
    gv.write(".go-version", "1.26.0\n");
    gv.shim("gofmt x.go").fails(127).says("gv install 1.26.0");
}
