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

/// How many bytes of a program [`of_binary`] needs.
pub const HEADER: u64 = 4096;

/// What a program's header tells about the platform that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary {
    /// GOOS; `None` for an ELF file that names no system, as Go's for Linux, Solaris and others do.
    os: Option<&'static str>,
    /// GOARCH.
    arch: &'static str,
}

/// Systems whose programs are ELF files with a mark of their own, or that are of another format.
const MARKED: &[&str] = &["freebsd", "netbsd", "openbsd", "darwin", "ios", "windows", "plan9", "aix"];

impl Binary {
    /// Whether the header fits that platform.
    pub fn runs_on(&self, platform: &Platform) -> bool {
        let os = match self.os {
            Some(os) => os == platform.os,
            None => !MARKED.contains(&platform.os.as_str()),
        };
        os && self.arch == platform.arch
    }
}

/// The module's spelling of the platform, Linux standing for those that cannot be told from it.
impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.os.unwrap_or("linux"), self.arch)
    }
}

/// Reads the platform from the first [`HEADER`] bytes of a program: ELF, Mach-O, PE, Plan 9's a.out or XCOFF.
pub fn of_binary(header: &[u8]) -> Option<Binary> {
    match header {
        [0x7f, b'E', b'L', b'F', ..] => elf(header),
        [b'M', b'Z', ..] => pe(header),
        // 64-bit, then 32-bit Mach-O, little-endian; then the processor.
        [0xcf, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 0x01, ..] => Some(Binary { os: Some("darwin"), arch: "amd64" }),
        [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 0x01, ..] => Some(Binary { os: Some("darwin"), arch: "arm64" }),
        [0xce, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 0, ..] => Some(Binary { os: Some("darwin"), arch: "386" }),
        [0xce, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 0, ..] => Some(Binary { os: Some("darwin"), arch: "arm" }),
        // Plan 9's a.out magics, big-endian.
        [0, 0, 0x01, 0xeb, ..] => Some(Binary { os: Some("plan9"), arch: "386" }),
        [0, 0, 0x8a, 0x97, ..] => Some(Binary { os: Some("plan9"), arch: "amd64" }),
        [0, 0, 0x06, 0x47, ..] => Some(Binary { os: Some("plan9"), arch: "arm" }),
        [0x01, 0xf7, ..] => Some(Binary { os: Some("aix"), arch: "ppc64" }),
        _ => None,
    }
}

/// `e_ident` tells width (1 or 2), byte order (1 little, 2 big) and system; `e_machine` stands at 18.
fn elf(header: &[u8]) -> Option<Binary> {
    let [_, _, _, _, width, order, _, abi, ..] = *header else { return None };
    let machine: [u8; 2] = header.get(18..20)?.try_into().ok()?;
    let machine = if order == 2 { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
    let arch = match (machine, width, order) {
        (3, 1, 1) => "386",
        (8, 1, 2) => "mips",
        (8, 1, 1) => "mipsle",
        (8, 2, 2) => "mips64",
        (8, 2, 1) => "mips64le",
        (21, 2, 2) => "ppc64",
        (21, 2, 1) => "ppc64le",
        (22, 2, 2) => "s390x",
        (40, 1, 1) => "arm",
        (62, 2, 1) => "amd64",
        (183, 2, 1) => "arm64",
        (243, 2, 1) => "riscv64",
        (258, 2, 1) => "loong64",
        _ => return None,
    };
    // The marks that Go's linker sets (cmd/link/internal/ld/elf.go).
    let os = match abi {
        2 => Some("netbsd"),
        9 => Some("freebsd"),
        12 => Some("openbsd"),
        _ => None,
    };
    Some(Binary { os, arch })
}

/// The word at 0x3c points to `PE\0\0` and the machine.
fn pe(header: &[u8]) -> Option<Binary> {
    let at = u32::from_le_bytes(header.get(0x3c..0x40)?.try_into().ok()?);
    let arch = match header.get(usize::try_from(at).ok()?..)? {
        [b'P', b'E', 0, 0, 0x4c, 0x01, ..] => "386",
        [b'P', b'E', 0, 0, 0x64, 0x86, ..] => "amd64",
        [b'P', b'E', 0, 0, 0xc4, 0x01, ..] => "arm",
        [b'P', b'E', 0, 0, 0x64, 0xaa, ..] => "arm64",
        _ => return None,
    };
    Some(Binary { os: Some("windows"), arch })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(header: &[u8]) -> Option<String> {
        of_binary(header).map(|binary| binary.to_string())
    }

    fn elf_header(width: u8, order: u8, abi: u8, machine: [u8; 2]) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', width, order, 1, abi];
        header.resize(18, 0);
        header.extend(machine);
        header
    }

    fn pe_header(at: u8, machine: [u8; 2]) -> Vec<u8> {
        let mut header = b"MZ".to_vec();
        header.resize(0x3c, 0);
        header.extend([at, 0, 0, 0]);
        header.resize(usize::from(at), 0);
        header.extend([b'P', b'E', 0, 0, machine[0], machine[1]]);
        header
    }

    #[test]
    fn headers_of_every_format_name_their_platform() {
        for (header, platform) in [
            (elf_header(2, 1, 0, [62, 0]), "linux-amd64"),
            (elf_header(2, 1, 9, [183, 0]), "freebsd-arm64"),
            (elf_header(1, 1, 12, [3, 0]), "openbsd-386"),
            (elf_header(2, 2, 0, [0, 22]), "linux-s390x"),
            (elf_header(2, 2, 0, [0, 21]), "linux-ppc64"),
            (elf_header(2, 1, 0, [21, 0]), "linux-ppc64le"),
            (elf_header(1, 2, 0, [0, 8]), "linux-mips"),
            (elf_header(2, 1, 0, [2, 1]), "linux-loong64"),
            (pe_header(0x80, [0x64, 0x86]), "windows-amd64"),
            (pe_header(0x40, [0x64, 0xaa]), "windows-arm64"),
            (vec![0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1, 0], "darwin-arm64"),
            (vec![0xcf, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 1, 0], "darwin-amd64"),
            (vec![0x01, 0xf7, 0, 1], "aix-ppc64"),
        ] {
            assert_eq!(named(&header).as_deref(), Some(platform));
        }
    }

    #[test]
    fn what_is_no_program_names_no_platform() {
        let pointing_away = [&b"MZ"[..], &[0xff; 62]].concat();
        for header in [&b""[..], b"#!/bin/sh\n", b"\x7fELF", b"MZ", &pointing_away, &elf_header(1, 1, 0, [62, 0])] {
            assert_eq!(named(header), None);
        }
    }

    #[test]
    fn this_very_program_is_for_this_host() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(of_binary(&program[..4096]).unwrap().runs_on(&Platform::host()));
    }

    #[test]
    fn an_elf_file_without_a_mark_is_not_taken_for_a_system_that_sets_one() {
        let unmarked = of_binary(&elf_header(2, 1, 0, [62, 0])).unwrap();
        for (os, fits) in [("linux", true), ("illumos", true), ("freebsd", false), ("darwin", false)] {
            assert_eq!(unmarked.runs_on(&Platform { os: os.to_owned(), arch: "amd64".to_owned() }), fits, "{os}");
        }
    }
}
