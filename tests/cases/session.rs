//! The manager's commands, as a person would type them.

use crate::support::Sandbox;
use crate::support::golang::{HOST, Toolchain};

#[test]
fn the_first_install_is_proven_current_and_behind_the_shim() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    gv.run("install 1.22.3").ok().says("1.22.3");
    gv.invariant();
    gv.shim("go version").ok().prints(&format!("go version go1.22.3 linux/{HOST}"));
    gv.shim("gofmt version").ok();
    gv.shim("go1.22.3 version").ok().shows("go1.22.3");
    assert!(gv.root().join("receipts/1.22.3.json").is_file());
}

#[test]
fn a_home_with_a_space_in_its_path_is_a_home_like_any_other() {
    let gv = Sandbox::spaced().with("1.22.3");
    gv.shim("go version").ok().shows("go1.22.3");
    gv.run("which go").ok().shows("/toolchains/1.22.3/bin/go");
}

#[test]
fn a_module_becomes_the_toolchain_that_the_archive_would_have_been() {
    let gv = Sandbox::new().sources(&["goproxy"]).serving(["1.22.3"]);
    gv.run("install 1.22.3").ok();
    let toolchain = gv.invariant().root().join("toolchains/1.22.3");
    assert!(toolchain.join("src/go.mod").is_file() && !toolchain.join("src/_go.mod").exists());
    for script in ["bin/go", "bin/gofmt", "lib/time/update.bash", "src/all.bash"] {
        gv.output(gv.command("test").arg("-x").arg(toolchain.join(script))).ok();
    }
    gv.shim("go version").ok().shows("go1.22.3");
}

#[test]
fn an_install_of_what_is_there_asks_nobody() {
    let gv = Sandbox::new().with("1.22.3");
    gv.run("install 1.22.3").ok().says("already");
    assert_eq!(gv.server().requests_to("*.tar.gz").len(), 0);
}

#[test]
fn several_versions_lines_ranges_and_latest_are_installed() {
    let gv = Sandbox::new().serving(["1.20.0", "1.21.13", "1.22.3", "1.22.10", "1.23rc1"]);
    gv.run("install 1.20.0 1.21 '>=1.22, <1.22.5'").ok();
    gv.run("install latest").ok();
    let list = gv.run("list --json").ok().json();
    let versions: Vec<&str> =
        list["toolchains"].as_array().unwrap().iter().filter_map(|t| t["version"].as_str()).collect();
    assert_eq!(versions, ["1.20.0", "1.21.13", "1.22.3", "1.22.10"]);
    gv.invariant().shim("go1.20 version").ok().shows("go1.20 ");
}

#[test]
fn an_install_without_arguments_takes_what_the_folder_pins() {
    let gv = Sandbox::new().serving(["1.21.13", "1.22.3"]);
    gv.write(".go-version", "1.21.13\n");
    gv.run("install").ok();
    gv.shim("go version").ok().shows("go1.21.13");
}

#[test]
fn a_version_that_does_not_exist_is_answered_with_those_that_do() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    gv.run("install 1.22.9").fails_with(&[1, 2, 3, 4]).says("1.22.9").says("1.22.3");
    gv.nothing_installed("1.22.9");
}

#[test]
fn a_pin_is_written_with_a_number_and_can_be_taken_back() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.run("local go1.21.13").ok();
    assert_eq!(std::fs::read_to_string(gv.cwd().join(".go-version")).unwrap(), "1.21.13\n");
    gv.run("local latest").ok();
    assert_eq!(std::fs::read_to_string(gv.cwd().join(".go-version")).unwrap(), "1.22.3\n");
    gv.run("local 1.19.1").ok().says("gv install 1.19.1");
    gv.shim("go version").fails(127).says_one_line().says(".go-version:1").says("gv install 1.19.1");
    gv.run("local --unset").ok();
    assert!(!gv.cwd().join(".go-version").exists());
}

#[test]
fn current_and_which_say_what_runs_and_why() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.run("current").ok().shows("1.21.13");
    gv.write(".go-version", "1.22.3\n");
    gv.run("current").ok().prints("1.22.3").says("~/project/.go-version:1");
    gv.run("which").ok().shows("/toolchains/1.22.3/bin/go");
}

#[test]
fn exec_runs_a_version_and_passes_its_exit_code_on() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.run("exec 1.22.3 go version").ok().shows("go1.22.3");
    gv.run("exec 1.22.3 go exit 7").fails(7);
}

#[test]
fn what_is_needed_is_not_uninstalled_unless_forced() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    gv.run("use 1.22.3").ok();
    gv.run("uninstall 1.22.3").fails(6).says("current").says("--force");
    gv.run("uninstall 1.21.13").fails(6).says("--force");
    gv.run("uninstall --force 1.21.13").ok();
    assert!(!gv.root().join("shims/go1.21.13").exists());
    gv.invariant().shim("go version").ok().shows("go1.22.3");
}

#[test]
fn what_runs_right_now_is_in_use() {
    let gv = Sandbox::new().with("1.20.1").with("1.21.13").with("1.22.3");
    gv.run("use 1.21.13").ok();
    gv.run("use 1.22.3").ok();
    let go = gv.root().join("toolchains/1.20.1/bin/go");
    let mut running = gv.spawn(gv.command(go).args(["sleep", "30"]));
    gv.run("uninstall 1.20.1").fails(6).says(&running.child.id().to_string());
    running.child.kill().unwrap();
    running.wait();
    gv.run("uninstall 1.20.1").ok();
    gv.invariant();
}

#[test]
fn every_kind_of_trust_asks_for_its_proofs() {
    let gv = Sandbox::new().serving(["1.22.3", "1.20.3"]);
    gv.run("install --trust all 1.22.3").ok();
    gv.run("install --trust all 1.20.3").fails(5).says("go1.20.3");
    gv.nothing_installed("1.20.3").run("install --trust checksum 1.20.3").ok();
    gv.run("list").ok().shows("unproven");
}

#[test]
fn a_folder_is_a_source_that_needs_no_network() {
    let gv = Sandbox::new();
    let made = Toolchain::new("1.22.3");
    gv.publish(&made);
    let mirror = gv.folder().join("mirror");
    std::fs::create_dir(&mirror).unwrap();
    for (path, bytes) in &gv.server().site().files {
        if let Some(name) = path.strip_prefix("/dl/") {
            std::fs::write(mirror.join(name), bytes).unwrap();
        }
    }
    let gv = gv.sources(&[&format!("dir:{}", mirror.display())]);
    gv.run("install --offline latest").ok();
    gv.shim("go version").ok().shows("go1.22.3");
    assert!(gv.server().requests().is_empty());
}

#[test]
fn the_remote_list_marks_what_is_installed_and_can_be_read_offline() {
    let gv = Sandbox::new().with("1.22.3").serving(["1.22.4"]);
    gv.run("list --remote --all").ok().shows("1.22.4").shows("installed");
    gv.run("list --remote --offline").ok().shows("1.22.4");
}

#[test]
fn the_root_is_printed_alone() {
    let gv = Sandbox::new();
    gv.run("root").ok().prints(&gv.root().display().to_string());
}
