//! Operating system and architecture, in Go's names.

use std::fmt;

/// A pair of GOOS and GOARCH as Go's distribution spells it: `linux-amd64`, `darwin-arm64`, `linux-armv6l`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// GOOS: `linux`, `darwin`, `windows`, …
    pub os: String,
    /// GOARCH, 32-bit ARM being `arm`: `amd64`, `arm64`, `386`, …
    pub arch: String,
}

impl Platform {
    /// The platform that this gv was built for.
    pub fn host() -> Platform {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            "loongarch64" => "loong64",
            other => other,
        };
        Platform { os: os.to_owned(), arch: arch.to_owned() }
    }

    /// The architecture as archive names and the index spell it: 32-bit ARM is `armv6l` there.
    pub fn archive_arch(&self) -> &str {
        if self.arch == "arm" { "armv6l" } else { &self.arch }
    }
}

/// The module's spelling: `linux-amd64`.
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.os, self.arch)
    }
}
