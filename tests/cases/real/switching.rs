//! The real go command that switches to another toolchain, which it finds as a shim on PATH.

use crate::support::{Sandbox, real, zip};

fn module(gv: &Sandbox, lines: &str) {
    gv.write("go.mod", format!("module example.test/m\n\n{lines}\n"));
}

#[test]
fn a_toolchain_line_switches_to_what_gv_holds() {
    let Some(gv) = real::sandbox() else { return };
    gv.write(".go-version", "1.21.13\n");
    for (lines, version) in [
        ("go 1.21", "go1.21.13 "),
        ("go 1.21\n\ntoolchain go1.22.10", "go1.22.10 "),
        ("go 1.21\n\ntoolchain go1.27.4", "go1.27.4 "),
        ("go 1.22.10", "go1.22.10 "),
        ("go 1.21\n\ntoolchain default", "go1.21.13 "),
    ] {
        module(&gv, lines);
        gv.shim("go version").ok().shows(version);
    }
}

#[test]
fn gotoolchain_names_what_gv_holds_and_is_left_alone() {
    for (setting, version) in
        [("go1.21.13+auto", "go1.21.13 "), ("go1.27.4", "go1.27.4 "), ("go1.21.13+path", "go1.21.13 ")]
    {
        let Some(gv) = real::sandbox() else { return };
        module(&gv, "go 1.21");
        let gv = gv.env("GOTOOLCHAIN", setting);
        gv.shim("go version").ok().shows(version);
        gv.shim("go env GOTOOLCHAIN").ok().prints(setting);
    }
}

#[test]
fn path_finds_the_shims_and_downloads_nothing() {
    let Some(gv) = real::sandbox() else { return };
    let gv = gv.env("GOTOOLCHAIN", "path").env("GV_VERSION", "1.21.13");
    module(&gv, "go 1.22.10");
    gv.shim("go version").ok().shows("go1.22.10 ");
    module(&gv, "go 1.23.4");
    gv.run("current").ok().says("1.23.4 is not");
    gv.shim("go version").fails(1).says("cannot find \"go1.23.4\" in PATH");
}

/// A module with one program, behind a module proxy in a folder; it needs no more than Go 1.21.
fn tool(gv: &Sandbox) -> String {
    let folder = gv.folder().join("modules");
    let versions = folder.join("example.test/tool/@v");
    std::fs::create_dir_all(&versions).unwrap();
    let module = "module example.test/tool\n\ngo 1.21\n";
    let files = [("go.mod", module), ("main.go", "package main\n\nfunc main() { println(\"tool\") }\n")];
    let members = files.map(|(name, data)| (format!("example.test/tool@v1.0.0/{name}"), 0o644, data));
    std::fs::write(versions.join("v1.0.0.zip"), zip::pack(members).bytes).unwrap();
    std::fs::write(versions.join("v1.0.0.mod"), module).unwrap();
    std::fs::write(versions.join("v1.0.0.info"), r#"{"Version":"v1.0.0"}"#).unwrap();
    std::fs::write(versions.join("list"), "v1.0.0\n").unwrap();
    format!("file://{}", folder.display())
}

#[test]
fn install_of_a_package_with_version_ignores_the_floor_around_it() {
    let Some(gv) = real::sandbox() else { return };
    let gobin = gv.folder().join("gobin");
    let proxy = tool(&gv);
    let gv = gv.env("GOPROXY", proxy).env("GONOSUMDB", "*").env("GOBIN", &gobin);
    module(&gv, "go 1.27.4");
    gv.shim("go version").ok().shows("go1.27.4 ");
    gv.shim("go install example.test/tool@v1.0.0").ok();
    gv.output(gv.command(gobin.join("tool")).arg("x")).ok().says("tool");
    let built = gv.shim("go version '../../gobin/tool'").ok();
    assert!(built.stdout.contains(": go1.22.10"), "{}", built.stdout);
    gv.shim("go run example.test/tool@v1.0.0").ok().says("tool");
}

#[test]
fn rollback_leaves_a_running_go_alone() {
    let Some(gv) = real::sandbox() else { return };
    module(&gv, "go 1.21");
    gv.write(
        "main.go",
        "package main\n\nimport \"time\"\n\nfunc main() { time.Sleep(2 * time.Second); println(\"done\") }\n",
    );
    gv.run("use 1.27.4").ok();
    let running = gv.spawn(gv.command(gv.root().join("shims/go")).args(["run", "."]));
    gv.run("rollback").ok();
    gv.shim("go version").ok().shows("go1.22.10 ");
    running.wait().ok().says("done");
    gv.run("rollback").ok();
    gv.shim("go version").ok().shows("go1.27.4 ");
}
