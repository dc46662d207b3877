//! What the shim runs is what gv says, also where folders are closed, files change, and links lead astray.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use crate::support::need::lacks;
use crate::support::{Sandbox, need};

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn row_48_below_a_closed_folder_shim_and_gv_see_the_same_files() {
    if !rustix::process::geteuid().is_root() {
        return lacks("root");
    }
    let Some(setpriv) = need("setpriv") else { return };
    let gv = Sandbox::new().with("1.22.3").with("1.21.13").with("1.23.4");
    gv.run("use 1.22.3").ok();
    set_mode(gv.folder(), 0o755);
    let closed = gv.cwd().join("closed");
    // The first is answered by the shim alone, the others by gv.
    for (file, text, version) in [
        (".go-version", "1.21.13\n", "1.21.13"),
        (".go-version", "oldstable\n", "1.22.3"),
        (".tool-versions", "golang 1.99 1.21.13\n", "1.21.13"),
        ("go.mod", "module m\n\ngo 1.23\n", "1.23.4"),
        ("README", "", "1.22.3"),
    ] {
        gv.write(&format!("closed/a/{file}"), text);
        std::fs::create_dir_all(closed.join("a/b")).unwrap();
        set_mode(&closed, 0o700);
        let run = |program: &Path, words: &[&str]| {
            let mut command = gv.command(&setpriv);
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program).args(words);
            gv.output(command.current_dir(closed.join("a/b")).env("PWD", closed.join("a/b"))).ok()
        };
        let goroot = gv.root().join("toolchains").join(version);
        run(&gv.root().join("shims/go"), &["version"]).shows(&format!("go{version}"));
        run(&gv.root().join("bin/gv"), &["which"]).prints(&goroot.join("bin/go").display().to_string());
        std::fs::remove_file(closed.join("a").join(file)).unwrap();
    }
}

/// The environment, sorted, of the first execve of a program that strace saw.
fn environment(log: &Path, program: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap();
    let start = format!("execve(\"{}\"", program.display());
    let call = text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no {start} in {text}"));
    let (_, entries) = call.rsplit_once("], [").unwrap();
    let (entries, _) = entries.rsplit_once("])").unwrap();
    let mut entries: Vec<String> = entries.split(", ").map(|entry| entry.trim_matches('"').to_owned()).collect();
    entries.sort();
    entries
}

#[test]
fn what_a_refused_start_changed_in_the_environment_is_put_back() {
    let Some(strace) = need("strace") else { return };
    let gv = Sandbox::new().with("1.22.3").env("GOROOT", "/usr/own").env("GOROOT_FINAL", "kept");
    let log = gv.folder().join("strace.log");
    let foreign = gv.write("bin/go", "#!/nowhere\n");
    set_mode(&foreign, 0o755);
    let path = std::env::join_paths([foreign.parent().unwrap(), Path::new("/usr/bin")]).unwrap();
    let old = gv.root().join("toolchains/1.8.7/bin/go");
    // Neither is there: a Go that wants GOROOT set, and one outside the store that wants GV_SHIM_PID.
    for version in ["1.8.7", "system"] {
        let mut command = gv.command(&strace);
        command.args(["-v", "-s", "4096", "-e", "trace=execve", "-o"]).arg(&log);
        command.arg(gv.root().join("shims/go")).arg("version").env("GV_VERSION", version).env("PATH", &path);
        gv.output(&mut command);
        let [shim, own] = ["shims/go", "bin/gv"].map(|program| environment(&log, &gv.root().join(program)));
        assert_eq!(shim, own, "{version}");
        assert!(own.contains(&"GOROOT=/usr/own".to_owned()), "{own:?}");
        let refused = environment(&log, if version == "system" { &foreign } else { &old });
        assert_ne!(refused, own);
    }
}

#[test]
fn a_link_in_another_shims_folder_runs_what_the_store_has() {
    let gv = Sandbox::new().with("1.22.3");
    let other = gv.folder().join("other");
    std::fs::create_dir_all(other.join("shims")).unwrap();
    std::fs::create_dir_all(other.join("toolchains/1.22.3/bin")).unwrap();
    let link = other.join("shims/go");
    symlink(gv.root().join("shims/go"), &link).unwrap();
    let stranger = other.join("toolchains/1.22.3/bin/go");
    std::fs::write(&stranger, "#!/bin/sh\necho a stranger\n").unwrap();
    for mode in [0o755, 0o644] {
        set_mode(&stranger, mode);
        for (name, value) in [("GV_VERSION", "1.22.3"), ("GV_VERSION", "1.22"), ("X", "")] {
            gv.output(gv.command(&link).arg("version").env(name, value)).ok().shows("go1.22.3");
        }
    }
}

#[test]
fn row_48_gv_waits_for_no_fifo_in_the_place_of_a_go_mod() {
    let gv = Sandbox::new().with("1.22.3");
    gv.output(gv.command("mkfifo").arg(gv.cwd().join("go.mod"))).ok();
    gv.run("current").ok().prints("1.22.3").within(Duration::from_secs(5));
    gv.shim("go version").ok().shows("go1.22.3").within(Duration::from_secs(5));
}
