//! Rows 47 to 51: what people, other tools and odd systems do to the shim.

use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::need::MOUNTS;
use crate::support::{Sandbox, elf, need};

/// A call of the shim never takes longer than this, whatever it meets.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn row_47_a_version_file_that_says_nothing_sensible_is_named() {
    let gv = Sandbox::new().with("1.22.3");
    for text in [
        "",
        "\n\n",
        "../../evil",
        "$(touch evil)",
        "1.22.3\0",
        "latest please",
        "\x7fELF\x02\x01",
        "-1",
        "1.22.3; rm -rf",
    ] {
        gv.write(".go-version", text);
        gv.shim("go version").fails_with(&[2, 126, 127]).says_one_line().says(".go-version").within(SOON);
    }
    assert!(!gv.cwd().join("evil").exists());
}

#[test]
fn row_47_line_ends_and_comments_do_no_harm() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    for text in ["1.22.3\r\n", "  go1.22.3  ", "# why\n\n1.22.3 # because\n", "\u{feff}1.22.3\r\n"] {
        gv.write(".go-version", text);
        gv.shim("go version").ok().shows("go1.22.3");
    }
}

#[test]
fn row_47_only_a_regular_file_is_read_and_only_its_start() {
    let gv = Sandbox::new().with("1.22.3");
    let pin = gv.write(".go-version", "");
    let refuses = || drop(gv.shim("go version").fails_with(&[2, 126, 127]).says(".go-version").within(SOON));
    std::fs::File::options().write(true).open(&pin).unwrap().set_len(1 << 30).unwrap();
    refuses();
    std::fs::remove_file(&pin).unwrap();
    gv.output(gv.command("mkfifo").arg(&pin)).ok();
    refuses();
    std::fs::remove_file(&pin).unwrap();
    std::fs::create_dir(&pin).unwrap();
    refuses();
}

#[test]
fn row_48_a_malformed_go_mod_is_left_to_the_go_command() {
    let gv = Sandbox::new().with("1.22.3");
    for text in ["", "go", "go \"1.99", "go evil\n", "\0\0\0", "toolchain\n(((", "module m\ngo 1.21 1.22\n"] {
        gv.write("go.mod", text);
        gv.shim("go version").ok().shows("go1.22.3").within(SOON);
        gv.write("go.work", text);
        gv.shim("go version").ok().shows("go1.22.3").within(SOON);
    }
}

#[test]
fn row_48_a_deleted_folder_is_no_crash() {
    let gv = Sandbox::new().with("1.22.3");
    let outcome = gv.output(gv.command("sh").args(["-c", "mkdir d && cd d && rmdir ../d && go version"]));
    outcome.ok().shows("go1.22.3").within(SOON);
}

#[test]
fn row_49_a_copy_or_a_link_of_the_shim_is_not_another_go() {
    let gv = Sandbox::new().with("1.22.3");
    let other = gv.folder().join("other");
    std::fs::create_dir(&other).unwrap();
    let shim = gv.root().join("shims/go");
    let path = format!("{}:{}", gv.root().join("shims").display(), other.display());
    let gv = gv.env("PATH", path).env("GV_VERSION", "system");
    std::fs::copy(&shim, other.join("go")).unwrap();
    gv.shim("go version").fails_with(&[126, 127]).within(SOON);
    std::fs::remove_file(other.join("go")).unwrap();
    std::os::unix::fs::symlink(&shim, other.join("go")).unwrap();
    gv.shim("go version").fails_with(&[126, 127]).within(SOON);
}

#[test]
fn row_49_another_managers_shim_that_calls_back_is_a_loop() {
    let gv = Sandbox::new().with("1.22.3");
    let shims = gv.root().join("shims");
    let script = gv.write("../other/go", format!("#!/bin/sh\nexec '{}' \"$@\"\n", shims.join("go").display()));
    gv.output(gv.command("chmod").arg("+x").arg(&script)).ok();
    let other = script.parent().unwrap().display().to_string();
    let gv = gv.env("PATH", format!("{}:{other}:/usr/bin:/bin", shims.display())).env("GV_VERSION", "system");
    gv.shim("go version").fails_with(&[126, 127]).says("a loop").within(SOON);
}

#[test]
fn row_50_what_cannot_be_run_says_why() {
    use std::os::unix::fs::PermissionsExt;
    let gv = Sandbox::new().with("1.22.3");
    let go = gv.root().join("toolchains/1.22.3/bin/go");
    std::fs::set_permissions(&go, std::fs::Permissions::from_mode(0o644)).unwrap();
    gv.shim("go version").fails(126).says("toolchains/1.22.3/bin/go").says("permission denied").says_one_line();
    std::fs::set_permissions(&go, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(&go, elf::header("s390x")).unwrap();
    gv.shim("go version")
        .fails(126)
        .says("toolchains/1.22.3/bin/go")
        .says("not a program of this machine")
        .says_one_line();
}

#[test]
fn row_50_a_mount_that_lets_nothing_run_says_so() {
    let gv = Sandbox::new().with("1.22.3");
    let Some(unshare) = need(MOUNTS) else { return };
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,noexec \"$1\" || exit 99; exec \"$2\" version";
    let mut command = gv.command(unshare);
    command.args(["-m", "sh", "-c", script, "sh"]).arg(gv.root().join("toolchains")).arg(gv.root().join("shims/go"));
    gv.output(&mut command).fails(126).says("toolchains/1.22.3/bin/go").says("permission denied").says_one_line();
}

#[test]
fn row_51_without_a_home_the_shim_still_knows_where_it_lies() {
    let gv = Sandbox::new().with("1.22.3").without("HOME");
    let shim = PathBuf::from(gv.folder()).join("home/.local/share/gv/shims/go");
    gv.output(gv.command(shim).arg("version")).ok().shows("go1.22.3");
    // gv asks the user database instead.
    gv.run("root").ok().shows("/.local/share/gv");
}

#[test]
fn row_51_a_root_that_is_no_utf_8_is_a_root() {
    let gv = Sandbox::new();
    let mut root = gv.folder().as_os_str().to_owned().into_vec();
    root.extend(b"/r\xff\xfe");
    let gv = gv.env("GV_ROOT", std::ffi::OsString::from_vec(root)).with("1.22.3");
    gv.shim("go version").ok().shows("go1.22.3");
    for command in ["list", "current", "which"] {
        gv.run(&format!("{command} --json")).ok().json();
    }
    gv.invariant();
}

#[test]
fn row_47_a_folders_name_steers_no_terminal() {
    let gv = Sandbox::new().with("1.22.3").within("a\nb\u{1b}[2J");
    gv.write(".go-version", "9.9.9");
    gv.shim("go version").fails(127).says_one_line().never_says("\u{1b}").says("a?b?[2J");
}

#[test]
fn row_51_nobody_else_may_write_into_the_store_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let gv = Sandbox::new().serving(["1.22.3"]);
    gv.output(gv.command("sh").args(["-c", "umask 000; exec \"$0\" install 1.22.3"]).arg(gv.folder().join("bin/gv")))
        .ok();
    crate::support::invariant::walk(&gv.root(), &mut |path| {
        let mode = path.symlink_metadata().unwrap().permissions().mode();
        assert!(path.is_symlink() || mode & 0o022 == 0, "{} has mode {mode:o}", path.display());
    });
}

#[test]
fn row_51_every_umask_gives_a_toolchain_that_runs() {
    use std::os::unix::fs::PermissionsExt;
    for (umask, mode) in [("000", 0o755), ("077", 0o700)] {
        let gv = Sandbox::new().serving(["1.22.3"]);
        let script = format!("umask {umask}; exec \"$0\" install 1.22.3");
        gv.output(gv.command("sh").args(["-c", &script]).arg(gv.folder().join("bin/gv"))).ok();
        let go = gv.root().join("toolchains/1.22.3/bin/go");
        assert_eq!(go.metadata().unwrap().permissions().mode() & 0o777, mode);
        gv.shim("go version").ok().shows("go1.22.3");
    }
}

#[test]
fn row_51_many_variables_and_long_arguments_pass_through() {
    let gv = Sandbox::new().with("1.22.3");
    let mut command = gv.command(gv.root().join("shims/go"));
    for number in 0..10_000 {
        command.env(format!("VARIABLE_{number}"), "x");
    }
    let long = "a".repeat(100_000);
    let outcome = gv.output(command.arg("env-dump").args(vec![&long; 14])).ok().json();
    assert_eq!(outcome["args"].as_array().unwrap().len(), 16);
    assert_eq!(outcome["env"]["VARIABLE_9999"], "x");
}
