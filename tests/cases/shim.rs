//! Which Go runs: what is asked for, in every place where it can be asked.

use crate::support::Sandbox;
use crate::support::golang::go_name;

fn three() -> Sandbox {
    Sandbox::new().with("1.22.3").with("1.21.13").with("1.23.1")
}

#[track_caller]
fn runs(gv: &Sandbox, words: &str, version: &str) {
    gv.shim(words).ok().shows(&format!("/toolchains/{version}"));
}

#[test]
fn the_first_answer_wins() {
    let gv = three();
    runs(&gv, "go which", "1.22.3");
    gv.write("go.mod", "module m\n\ngo 1.23\n");
    runs(&gv, "go which", "1.23.1");
    gv.write(".tool-versions", "nodejs 20.0.0\ngolang 1.22.3 # comment\n");
    runs(&gv, "go which", "1.22.3");
    gv.write(".go-version", "1.21.13\n");
    runs(&gv, "go which", "1.21.13");
    let gv = gv.env("GOENV_VERSION", "1.22.3");
    runs(&gv, "go which", "1.22.3");
    let gv = gv.env("GV_VERSION", "1.23.1");
    runs(&gv, "go which", "1.23.1");
    runs(&gv, "go1.21.13 which", "1.21.13");
    runs(&gv, "go +1.22 which", "1.22.3");
}

#[test]
fn the_nearest_pin_wins_over_those_above() {
    let gv = three();
    gv.write(".go-version", "1.21.13\n");
    let gv = gv.within("a/b/c");
    runs(&gv, "go which", "1.21.13");
    gv.write("../../.go-version", "go1.23\n");
    runs(&gv, "go which", "1.23.1");
}

#[test]
fn another_folder_is_asked_when_the_first_flag_names_it() {
    let gv = three();
    gv.write("other/.go-version", "1.21.13\n");
    runs(&gv, "go which", "1.22.3");
    runs(&gv, "go -C other which", "1.21.13");
    gv.shim("go -C=other build").ok().shows("go1.21.13: ");
}

#[test]
fn a_floor_takes_current_if_that_is_new_enough() {
    for (module, version) in [
        ("go 1.20", "1.22.3"),
        ("go 1.22.3", "1.22.3"),
        ("go 1.23", "1.23.1"),
        ("go 1.23.0", "1.23.1"),
        ("go 1.21\ntoolchain go1.23.1", "1.23.1"),
        ("go 1.21\ntoolchain default", "1.22.3"),
    ] {
        let gv = Sandbox::new().with("1.22.3").with("1.23.1");
        gv.write("go.mod", format!("module m\n\n{module}\n"));
        runs(&gv, "go which", version);
    }
}

#[test]
fn current_runs_below_a_floor_that_nothing_reaches() {
    let gv = Sandbox::new().with("1.22.3");
    gv.write("go.mod", "module m\n\ngo 1.99.0\n");
    runs(&gv, "go which", "1.22.3");
}

#[test]
fn what_the_shim_hands_to_gv_is_answered_like_the_rest() {
    let gv = Sandbox::new().with("1.22.3").with("1.21.13").with("1.23.1");
    runs(&gv, "go +latest which", "1.23.1");
    runs(&gv, "go +oldstable which", "1.22.3");
    gv.write(".go-version", ">=1.21, <1.22\n");
    runs(&gv, "go which", "1.21.13");
}

#[test]
fn a_module_means_nothing_to_install_of_a_package_at_a_version() {
    let gv = three();
    gv.write("go.mod", "module m\n\ngo 1.23\n");
    gv.shim("go install example.com/x").ok().prints("go1.23.1: install example.com/x");
    gv.shim("go install example.com/x@latest").ok().prints("go1.22.3: install example.com/x@latest");
    let gv = gv.env("GO111MODULE", "off");
    runs(&gv, "go which", "1.22.3");
}

#[test]
fn arguments_and_exit_codes_pass_through() {
    let gv = three();
    let dump = gv.shim("go env-dump 'two words' -x").ok().json();
    let args: Vec<&str> = dump["args"].as_array().unwrap().iter().filter_map(|arg| arg.as_str()).collect();
    assert_eq!(&args[1..], ["env-dump", "two words", "-x"]);
    gv.shim("go exit 7").fails(7);
}

#[test]
fn an_inherited_goroot_is_dropped_and_gotoolchain_is_left() {
    let gv = three().env("GOROOT", "/somewhere/else").env("GOTOOLCHAIN", "local");
    let dump = gv.shim("go env-dump").ok().json();
    assert_eq!((dump["env"].get("GOROOT"), dump["env"]["GOTOOLCHAIN"].as_str()), (None, Some("local")));
}

#[test]
fn the_go_command_that_switches_finds_exactly_what_it_names() {
    let gv = three().env("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.21.13");
    // argv[0] stays `go` in the real switch; the executed file is what counts.
    let shim = gv.root().join("shims/go1.21.13");
    let script = format!("exec -a go '{}' which", shim.display());
    gv.output(gv.command("bash").args(["-c", &script])).ok().shows("/toolchains/1.21.13");
}

#[test]
fn without_any_version_of_its_own_the_next_go_on_path_runs() {
    let gv = Sandbox::new().with("1.22.3");
    let other = gv.folder().join("other");
    std::fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink("/bin/echo", other.join("go")).unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", gv.root().join("shims").display(), other.display());
    let gv = gv.env("PATH", path).env("GV_VERSION", "system");
    gv.shim("go hello").ok().prints("hello");
}

#[test]
fn a_missing_version_is_one_line_with_the_way_out() {
    let gv = Sandbox::new().with("1.22.3");
    for pin in ["1.21.13", "1.19", "go1.23.1"] {
        gv.write(".go-version", format!("# why\n{pin}\n"));
        let version = pin.trim_start_matches("go");
        let outcome = gv.shim("go version").fails(127).says_one_line();
        outcome.says(&format!("gv install {version}")).says("~/project/.go-version:2");
        assert!(!gv.root().join("shims").join(go_name(version)).exists());
    }
}
