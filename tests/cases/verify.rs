//! Row 44: a toolchain edited or half deleted by hand, and what stands where its files should be.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::Sandbox;
use crate::support::golang::Toolchain;

/// A check of a made toolchain never takes longer, whatever stands in its files' places.
const SOON: Duration = Duration::from_secs(20);

/// A toolchain that the checksum database proves.
fn proven() -> Sandbox {
    Sandbox::new().sources(&["goproxy"]).with("1.22.3")
}

/// One that Google's signature proves.
fn signed() -> Sandbox {
    Sandbox::new().sources(&["dl"]).with("1.22.3")
}

fn file(gv: &Sandbox, path: &str) -> PathBuf {
    gv.root().join("toolchains/1.22.3").join(path)
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The lines of problems: `modified   src/fmt/print.go`.
#[track_caller]
fn problems(gv: &Sandbox) -> Vec<String> {
    let outcome = gv.run("verify 1.22.3").fails(5).says("gv repair 1.22.3").within(SOON);
    outcome.stdout.lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn an_intact_toolchain_is_told_with_what_vouches_for_it() {
    for (gv, vouches) in [
        (proven(), "proven by the checksum database"),
        (signed(), "as its receipt lists them, with a signature of Google's that holds"),
    ] {
        let outcome = gv.run("verify --offline 1.22.3").ok();
        assert!(outcome.stdout.starts_with("intact: go 1.22.3, ") && outcome.stdout.contains(vouches));
        assert!(gv.server().requests().is_empty());
    }
}

#[test]
fn row_44_what_was_done_by_hand_is_named() {
    for gv in [proven(), signed()] {
        std::fs::write(file(&gv, "src/fmt/print.go"), "package fmt // edited\n").unwrap();
        std::fs::remove_file(file(&gv, "bin/gofmt")).unwrap();
        std::fs::remove_dir_all(file(&gv, "src/cmd")).unwrap();
        std::fs::write(file(&gv, "src/fmt/a\nb.go"), "").unwrap();
        std::fs::create_dir_all(file(&gv, "pkg/linux_amd64/deep")).unwrap();
        std::fs::write(file(&gv, "pkg/linux_amd64/deep/fmt.a"), "").unwrap();
        assert_eq!(
            problems(&gv),
            [
                "missing    bin/gofmt",
                "extra      pkg/linux_amd64/",
                "missing    src/cmd/ (3 files)",
                "extra      src/fmt/a\\nb.go",
                "modified   src/fmt/print.go",
            ]
        );
    }
}

#[test]
fn row_44_content_of_the_same_size_is_content_all_the_same() {
    let gv = signed();
    std::fs::write(file(&gv, "src/fmt/print.go"), "package fnt\n").unwrap();
    assert_eq!(problems(&gv), ["modified   src/fmt/print.go"]);
}

#[test]
fn row_44_modes_are_part_of_a_toolchain() {
    for gv in [proven(), signed()] {
        set_mode(&file(&gv, "bin/go"), 0o644);
        set_mode(&file(&gv, "VERSION"), 0o755);
        set_mode(&file(&gv, "LICENSE"), 0o666);
        set_mode(&file(&gv, "bin/gofmt"), 0o4755);
        set_mode(&file(&gv, "src/fmt"), 0o775);
        assert_eq!(
            problems(&gv),
            [
                "mode       LICENSE (others than its owner may write to it)",
                "mode       VERSION (it should not be executable)",
                "mode       bin/go (it should be executable)",
                "mode       bin/gofmt (it has a setuid, setgid or sticky bit)",
                "mode       src/fmt/ (others than its owner may write to it)",
            ]
        );
    }
}

#[test]
fn row_44_what_stands_in_a_file_s_place_is_named_and_never_followed() {
    let gv = proven();
    let honest = gv.folder().join("print.go");
    std::fs::rename(file(&gv, "src/fmt/print.go"), &honest).unwrap();
    symlink(&honest, file(&gv, "src/fmt/print.go")).unwrap();
    std::fs::remove_file(file(&gv, "LICENSE")).unwrap();
    gv.output(gv.command("mkfifo").arg(file(&gv, "LICENSE"))).ok();
    std::fs::remove_file(file(&gv, "PATENTS")).unwrap();
    std::fs::create_dir(file(&gv, "PATENTS")).unwrap();
    let aside = gv.folder().join("lib");
    std::fs::rename(file(&gv, "lib"), &aside).unwrap();
    symlink(&aside, file(&gv, "lib")).unwrap();
    std::fs::remove_dir_all(file(&gv, "src/cmd")).unwrap();
    std::fs::write(file(&gv, "src/cmd"), "").unwrap();
    symlink("/etc/passwd", file(&gv, "bin/passwd")).unwrap();
    gv.output(gv.command("mkfifo").arg(file(&gv, "bin/pipe"))).ok();
    assert_eq!(
        problems(&gv),
        [
            "type       LICENSE (it is a FIFO)",
            "type       PATENTS (it is a folder)",
            "extra      bin/passwd",
            "extra      bin/pipe",
            "type       lib (it is a symbolic link)",
            "type       src/cmd (it is a file)",
            "type       src/fmt/print.go (it is a symbolic link)",
        ]
    );
}

#[test]
fn row_44_a_file_of_a_terabyte_is_not_read_to_its_end() {
    let gv = proven();
    let print = std::fs::File::options().write(true).open(file(&gv, "src/fmt/print.go")).unwrap();
    print.set_len(1 << 40).unwrap();
    assert_eq!(problems(&gv), ["modified   src/fmt/print.go"]);
}

#[test]
fn row_44_the_shim_names_the_version_and_the_way_out() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    std::fs::remove_file(file(&gv, "bin/go")).unwrap();
    for (pin, asked) in [("1.22.3\n", "1.22.3"), ("1.22\n", "1.22")] {
        gv.write(".go-version", pin);
        let outcome = gv.shim("go version").fails(127).says_one_line();
        outcome.says("toolchains/1.22.3/bin/go").says("`gv repair 1.22.3`");
        assert!(gv.run("current").stdout.starts_with("1.22.3"), "{asked}");
    }
    gv.run("local --unset").ok();
    gv.run("use 1.22.3").ok();
    gv.shim("go version").fails(127).says_one_line().says("1.22.3/bin/go").says("`gv repair 1.22.3`");
    gv.run("verify").fails(5).shows("missing    bin/go");
}

#[test]
fn without_a_selector_the_go_that_runs_here_is_checked() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3").with("1.22.10");
    gv.run("verify").ok().shows("go 1.21.13,");
    for (pin, version) in [("1.22.3\n", "go 1.22.3,"), ("1.22\n", "go 1.22.10,")] {
        gv.write(".go-version", pin);
        gv.run("verify").ok().shows(version);
    }
    gv.write(".go-version", "system\n");
    gv.run("link mine /usr").fails(2);
    let all = gv.run("verify --all").ok();
    assert_eq!(all.stdout.lines().count(), 3);
    gv.run("verify 1.21 1.22.3 1.21.13").ok();
}

#[test]
fn what_gv_did_not_install_is_refused() {
    let gv = Sandbox::new().with("1.22.3");
    gv.run(&format!("link mine {}", file(&gv, "").display())).ok();
    for name in ["mine", "system"] {
        gv.run(&format!("verify {name}")).fails(2).says("no version of gv's");
        gv.run(&format!("repair {name}")).fails(2).says("no version of gv's");
    }
    gv.run("verify 1.21.0").fails(3);
    gv.run("verify --all 1.22.3").fails(2);
    gv.run("verify --all --file x").fails(2);
}

#[test]
fn one_bad_toolchain_keeps_nobody_from_the_others() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3").with("1.22.10");
    std::fs::write(file(&gv, "VERSION"), "go1.22.3\n").unwrap();
    std::fs::remove_file(gv.root().join("receipts/1.21.13.json")).unwrap();
    let outcome = gv.run("verify --all").fails(5).says("2 of 3 toolchains").says("gv repair 1.21.13 1.22.3");
    outcome
        .shows("unproven: go 1.21.13\n  it has no receipt\n")
        .shows("damaged: go 1.22.3\n  modified   VERSION\n")
        .shows("intact: go 1.22.10,");
}

#[test]
fn every_made_toolchain_of_every_form_is_intact_once_installed() {
    let gv = Sandbox::new();
    for version in ["1.20.3", "1.22.3"] {
        gv.publish(&Toolchain::new(version));
    }
    let umasked = |umask: &str, words: &str| {
        let script = format!("umask {umask}; exec \"$0\" {words}");
        gv.output(gv.command("sh").args(["-c", &script]).arg(gv.folder().join("bin/gv"))).ok();
    };
    for umask in ["000", "022", "077"] {
        for source in ["dl", "goproxy"] {
            let url = format!("{source}+{}", gv.server().url(if source == "dl" { "/dl" } else { "/proxy" }));
            umasked(umask, &format!("install --force --source {url} 1.20.3 1.22.3"));
            gv.run("verify --all").ok();
        }
    }
}
