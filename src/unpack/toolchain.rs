//! Whether an unpacked tree is the toolchain that was asked for.

use std::path::Path;

use gv_shim::version::Version;

use super::form::{is_packed_name, packed_executable};
use super::{FileRecord, Tree};
use crate::error::{At, Error, Result};
use crate::platform::{self, Platform};

/// More than any VERSION file has; what is longer is none.
const LONGEST_VERSION_FILE: u64 = 4096;

/// Checks that the tree in `dir` is Go `version` for `platform`: a signature names neither (row 22).
///
/// VERSION's first line has to be exactly that version's name, `bin/go` and `bin/gofmt` have to be programs of
/// that platform, and `src/` and `pkg/tool/<os>_<arch>/` have to be there, as in every Go since 1.0.
///
/// # Errors
/// `Untrusted`, saying what was found and what was expected.
pub fn check_toolchain(dir: &Path, tree: &Tree, version: Version, platform: &Platform) -> Result<()> {
    check_version(dir, tree, version)?;
    let suffix = if platform.os == "windows" { ".exe" } else { "" };
    for name in ["go", "gofmt"] {
        check_program(dir, tree, &format!("bin/{name}{suffix}"), platform)?;
    }
    for folder in ["src", &format!("pkg/tool/{}_{}", platform.os, platform.arch)] {
        if !tree.has_folder(folder) {
            return Err(wrong(format_args!("it has no {folder}/, and every Go for {platform} has")));
        }
    }
    Ok(())
}

/// Checks of an archive's tree what its module's `h1:` leaves open: packing gives `go.mod` another name and drops
/// the modes.
///
/// # Errors
/// `Untrusted`, if a file has the name that only packing gives, or another mode than Go's own packing gives it.
pub fn check_packing(tree: &Tree) -> Result<()> {
    let unproven = |file: &FileRecord, why| {
        Error::untrusted("the checksum database does not prove all of the archive")
            .because(format!("{} {why}", super::shown(file.path.as_bytes())))
    };
    for file in &tree.files {
        if is_packed_name(&file.path) {
            return Err(unproven(file, "cannot be told from a go.mod there"));
        }
        if file.executable != packed_executable(&file.path) {
            let why = if file.executable { "should not be executable" } else { "should be executable" };
            return Err(unproven(file, why));
        }
    }
    Ok(())
}

fn check_version(dir: &Path, tree: &Tree, version: Version) -> Result<()> {
    let wanted = version.go();
    let wanted = wanted.as_str();
    let Some(file) = tree.get("VERSION") else {
        return Err(wrong(format_args!("it has no VERSION file, which should say {wanted}")));
    };
    if file.size > LONGEST_VERSION_FILE {
        return Err(wrong(format_args!("its VERSION file has {} bytes instead of a line saying {wanted}", file.size)));
    }
    let path = dir.join("VERSION");
    let bytes = crate::fs::read_bytes(&path)?.unwrap_or_default();
    let found = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if found != wanted.as_bytes() {
        let found = super::shown(found);
        return Err(wrong(format_args!("its VERSION file says {found}, and {wanted} was asked for")));
    }
    Ok(())
}

fn check_program(dir: &Path, tree: &Tree, path: &str, platform: &Platform) -> Result<()> {
    let Some(file) = tree.get(path) else {
        return Err(wrong(format_args!("it has no {path}")));
    };
    if !file.executable {
        return Err(wrong(format_args!("its {path} is not executable")));
    }
    let header = head(&dir.join(path))?;
    match platform::of_binary(&header) {
        Some(binary) if binary.runs_on(platform) => Ok(()),
        Some(binary) => Err(wrong(format_args!("its {path} is for {binary}, and {platform} was asked for"))),
        None => Err(wrong(format_args!("its {path} is no program for {platform}, nor for any system that Go knows"))),
    }
}

/// The first bytes of a file, as many as [`platform::of_binary`] looks at.
fn head(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut header = Vec::new();
    let file = std::fs::File::open(path).at("read", path)?;
    file.take(platform::HEADER).read_to_end(&mut header).at("read", path)?;
    Ok(header)
}

fn wrong(reason: impl std::fmt::Display) -> Error {
    Error::untrusted("the archive does not hold the Go that was asked for").because(reason)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Place, Tar};
    use super::super::{Form, targz};
    use super::*;
    use crate::error::Exit;

    const ELF_AMD64: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0";

    fn linux() -> Platform {
        Platform { os: "linux".to_owned(), arch: "amd64".to_owned() }
    }

    fn go(version: &str) -> Tar {
        Tar::default()
            .file("go/VERSION", version)
            .entry("go/bin/gofmt", b'0', 0o755, ELF_AMD64)
            .entry("go/pkg/tool/linux_amd64/link", b'0', 0o755, ELF_AMD64)
            .file("go/src/fmt/print.go", "package fmt")
    }

    fn whole(version: &str) -> Tar {
        go(version).entry("go/bin/go", b'0', 0o755, ELF_AMD64)
    }

    fn check(archive: Tar, version: Version, platform: &Platform) -> Result<()> {
        let place = Place::new();
        let tree = targz(archive.end().as_slice(), place.writer(&Form::Archive, 0)).unwrap();
        check_toolchain(&place.tree(), &tree, version, platform)
    }

    #[track_caller]
    fn wrong(archive: Tar, platform: &Platform, reason: &str) {
        let error = check(archive, Version::release(1, 22, 0), platform).unwrap_err();
        assert_eq!(error.exit(), Exit::Untrusted);
        assert!(error.to_string().contains(reason), "{error}");
    }

    #[test]
    fn old_and_new_spellings_of_version_are_known() {
        check(whole("go1.22.0\ntime 2024-01-30T19:24:51Z\n"), Version::release(1, 22, 0), &linux()).unwrap();
        check(whole("go1.20"), Version::release(1, 20, 0), &linux()).unwrap();
        check(whole("go1.4.3"), Version::release(1, 4, 3), &linux()).unwrap();
    }

    #[test]
    fn row_22_a_genuine_go_of_another_version_or_platform_is_refused() {
        wrong(whole("go1.21.0\n"), &linux(), "its VERSION file says `go1.21.0`, and go1.22.0 was asked for");
        wrong(whole("go1.22.0 \n"), &linux(), "says `go1.22.0 `");
        wrong(whole("go1.22.0\r\n"), &linux(), "says `go1.22.0\\r`");
        wrong(whole(""), &linux(), "says ``");
        let other = |os: &str, arch: &str| Platform { os: os.to_owned(), arch: arch.to_owned() };
        let arm = other("linux", "arm64");
        wrong(whole("go1.22.0"), &arm, "its bin/go is for linux-amd64, and linux-arm64 was asked for");
        wrong(whole("go1.22.0"), &other("freebsd", "amd64"), "is for linux-amd64, and freebsd-amd64 was");
        wrong(whole("go1.22.0"), &other("solaris", "amd64"), "it has no pkg/tool/solaris_amd64/");
        wrong(whole("go1.22.0"), &other("windows", "amd64"), "it has no bin/go.exe");
    }

    #[test]
    fn row_35_a_tree_that_is_no_toolchain_is_refused() {
        wrong(go("go1.22.0"), &linux(), "it has no bin/go");
        wrong(go("go1.22.0").file("go/bin/go", ELF_AMD64), &linux(), "its bin/go is not executable");
        let script = go("go1.22.0").entry("go/bin/go", b'0', 0o755, "#!/bin/sh");
        wrong(script, &linux(), "its bin/go is no program for linux-amd64");
        wrong(Tar::default().file("go/README", ""), &linux(), "it has no VERSION file, which should say go1.22.0");
        wrong(whole(&"x".repeat(5000)), &linux(), "VERSION file has 5000 bytes");
        let bare = Tar::default().file("go/VERSION", "go1.22.0").entry("go/bin/go", b'0', 0o755, ELF_AMD64).entry(
            "go/bin/gofmt",
            b'0',
            0o755,
            ELF_AMD64,
        );
        wrong(bare.clone(), &linux(), "it has no src/, and every Go for linux-amd64 has");
        wrong(bare.file("go/src/a", ""), &linux(), "it has no pkg/tool/linux_amd64/");
    }
}
