//! File and module names of Go's distribution, which carry version and platform.
//!
//! A name is only ever made from a version and a platform, never taken from a server: what a server says is
//! compared with the name made here.

use gv_shim::version::Version;

use crate::platform::Platform;

/// The values of GOOS that Go has been published for.
const SYSTEMS: [&str; 10] =
    ["aix", "darwin", "dragonfly", "freebsd", "illumos", "linux", "netbsd", "openbsd", "plan9", "solaris"];

/// The values of GOARCH that Go has been published for.
const ARCHITECTURES: [&str; 13] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
    "s390x",
];

/// The two forms in which a toolchain is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `go1.22.3.linux-amd64.tar.gz`, or `.zip` for Windows.
    Archive,
    /// `golang.org/toolchain@v0.0.1-go1.22.3.linux-amd64`.
    Module,
}

/// The module that holds toolchains.
pub const MODULE: &str = "golang.org/toolchain";

/// The platform of these names, if Go knows both.
pub fn platform(os: &str, arch: &str) -> Option<Platform> {
    let known = (SYSTEMS.contains(&os) || os == "windows") && ARCHITECTURES.contains(&arch);
    known.then(|| Platform { os: os.to_owned(), arch: arch.to_owned() })
}

/// The platform as archives and the index spell it: `arm` is `armv6l` there, but on these systems.
pub fn archive_platform(os: &str, arch: &str) -> Option<Platform> {
    match arch {
        "armv6l" => platform(os, "arm"),
        other => platform(os, other),
    }
}

/// `go1.22.3.linux-amd64.tar.gz`.
pub fn archive_name(version: Version, platform: &Platform) -> String {
    let extension = if platform.os == "windows" { "zip" } else { "tar.gz" };
    let arch = if platform.os == "linux" { platform.archive_arch() } else { &platform.arch };
    format!("{}.{}-{arch}.{extension}", version.go(), platform.os)
}

/// Reads the name of an archive; `None` for every other name.
pub fn parse_archive_name(name: &str) -> Option<(Version, Platform)> {
    let stem = name.strip_suffix(".tar.gz").or_else(|| name.strip_suffix(".zip"))?;
    let (version, platform) = split(stem)?;
    (archive_name(version, &platform) == name).then_some((version, platform))
}

/// The module version: `v0.0.1-go1.22.3.linux-amd64`.
pub fn module_version(version: Version, platform: &Platform) -> String {
    format!("v0.0.1-{}.{platform}", version.go())
}

/// Reads a module version; `None` for every other one.
pub fn parse_module_version(text: &str) -> Option<(Version, Platform)> {
    let (version, platform) = split(text.strip_prefix("v0.0.1-")?)?;
    (module_version(version, &platform) == text).then_some((version, platform))
}

/// The file that the form of a toolchain comes in.
pub fn file_name(form: Form, version: Version, platform: &Platform) -> String {
    match form {
        Form::Archive => archive_name(version, platform),
        Form::Module => module_version(version, platform) + ".zip",
    }
}

fn split(stem: &str) -> Option<(Version, Platform)> {
    let (name, platform) = stem.rsplit_once('.')?;
    let (os, arch) = platform.split_once('-')?;
    Some((Version::from_go_name(name.as_bytes())?, archive_platform(os, arch)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_as_they_are_made() {
        for name in [
            "go1.20.linux-amd64.tar.gz",
            "go1.21.0.darwin-arm64.tar.gz",
            "go1.22rc1.windows-386.zip",
            "go1.6.linux-armv6l.tar.gz",
            "go1.21.1.freebsd-arm.tar.gz",
        ] {
            let (version, platform) = parse_archive_name(name).unwrap();
            assert_eq!(archive_name(version, &platform), name);
        }
        let (version, platform) = parse_module_version("v0.0.1-go1.22.0.linux-arm").unwrap();
        assert_eq!((version, platform.arch.as_str()), (Version::release(1, 22, 0), "arm"));
    }

    #[test]
    fn row_13_a_name_that_gv_would_not_make_is_no_name() {
        for name in [
            "go1.linux-amd64.tar.gz",
            "go1.9.2rc2.linux-amd64.tar.gz",
            "go1.20.0.linux-amd64.tar.gz",
            "go1.21.linux-amd64.tar.gz",
            "go1.6beta1.linux-arm6.tar.gz",
            "go1.4.darwin-amd64-osx10.8.tar.gz",
            "go1.22.0.linux-amd64.zip",
            "go1.22.0.linux-arm.tar.gz",
            "go1.22.0.linux-../../x.tar.gz",
            "../go1.22.0.linux-amd64.tar.gz",
            "go1.22.0.src.tar.gz",
            "go1.22.0.linux-amd64.tar.gz\0",
        ] {
            assert_eq!(parse_archive_name(name), None, "{name:?}");
        }
        for text in ["v0.0.1-go1.22.0.linux-armv6l", "v0.0.1-go1.21.linux-amd64", "v0.0.2-go1.22.0.linux-amd64"] {
            assert_eq!(parse_module_version(text), None, "{text:?}");
        }
    }
}
