//! The floor that go.mod or go.work sets, read as the go command reads it before it picks a toolchain.
//!
//! The rules are those of `GoModLookup` in cmd/go/internal/gover and of cmd/go/internal/toolchain/select.go:
//! a scan over lines that knows nothing of blocks or quotes. The first line that begins with `go` or `toolchain`
//! and a blank counts, up to `//`; what is malformed there sets no floor.

use crate::lines::{Lines, Opened};
use crate::room::Room;
use crate::system::System;
use crate::version::Version;

/// The oldest Go that will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// As written; `1.21`, the language, is met by `1.21rc1` too.
    pub version: Version,
    /// The line that sets it, from 1.
    pub line: u32,
}

impl Floor {
    /// The toolchain that the go command would switch to: `1.21` means `1.21.0`.
    pub fn toolchain(&self) -> Version {
        self.version.first_toolchain()
    }
}

/// What a go.mod or go.work says about the Go that it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Its `go` line.
    pub language: Option<Floor>,
    /// Its `toolchain` line, if that names one.
    pub toolchain: Option<Floor>,
    /// `toolchain default`: the go command shall never switch by itself.
    pub never_switch: bool,
}

impl Needs {
    /// The toolchain line if it asks for more, else the go line.
    pub fn floor(&self) -> Option<Floor> {
        match (self.language, self.toolchain) {
            (Some(go), Some(toolchain)) if toolchain.version <= go.version => Some(go),
            (go, toolchain) => toolchain.or(go),
        }
    }
}

/// How much of a go.mod is read, in bytes: Go's own limit for modules.
const LIMIT: u64 = 16 << 20;

/// Reads a go.mod or go.work. One that cannot be read or understood needs nothing: the go command will explain.
pub fn read<S: System>(system: &S, file: Opened<S::File>, mut room: Room<'_>) -> Needs {
    let Ok(mut lines) = Lines::new(system, file, LIMIT, &mut room) else { return Needs::default() };
    let (mut language, mut toolchain) = (None, None);
    let mut needs = Needs::default();
    while let Ok(Some(line)) = lines.next_line() {
        let (number, text) = (line.number, lines.text(&line));
        if language.is_none() {
            language = value(text, b"go").map(|value| floor(Version::parse(value), number));
        }
        if toolchain.is_none()
            && let Some(value) = value(text, b"toolchain")
        {
            needs.never_switch = value == b"default";
            toolchain = Some(floor(toolchain_version(value), number));
        }
        if language.is_some() && toolchain.is_some() {
            break;
        }
    }
    lines.close();
    (needs.language, needs.toolchain) = (language.flatten(), toolchain.flatten());
    needs
}

fn floor(version: Option<Version>, line: u32) -> Option<Floor> {
    version.map(|version| Floor { version, line })
}

/// What follows `key` and a blank, without comment; `None` if the line is of something else.
pub fn value<'t>(line: &'t [u8], key: &[u8]) -> Option<&'t [u8]> {
    let rest = line.strip_prefix(key)?;
    if !matches!(rest.first(), Some(b' ' | b'\t')) {
        return None;
    }
    let end = rest.windows(2).position(|pair| pair == b"//").unwrap_or(rest.len());
    Some(rest[..end].trim_ascii())
}

/// The version in a toolchain's name, which may have a suffix (`go1.22.3-bigcorp`); none in `default`.
pub fn toolchain_version(name: &[u8]) -> Option<Version> {
    if name.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
        return None;
    }
    let version = name.strip_prefix(b"go")?;
    let end = version.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'-')).unwrap_or(version.len());
    Version::parse(&version[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines;
    use crate::made::Made;
    use crate::room::space;

    fn needs(text: &str) -> Needs {
        let made = Made::new("/app").file("/app/go.mod", text);
        let mut space = space();
        let mut room = Room::new(&mut space);
        let file = lines::open(&made, None, room.path(&[b"/app/go.mod"]).unwrap()).unwrap();
        read(&made, file, room)
    }

    #[test]
    fn the_lines_are_read_as_the_go_command_reads_them() {
        for (text, floor) in [
            ("module m\n\ngo 1.22.3\n", Some(("1.22.3", 3))),
            ("module m\r\n\tgo\t1.22 // why\r\n", Some(("1.22", 2))),
            ("go 1.22//x", Some(("1.22", 1))),
            ("go 1.21\ntoolchain go1.22.3\n", Some(("1.22.3", 2))),
            ("toolchain go1.22.3-bigcorp\ngo 1.21\n", Some(("1.22.3", 1))),
            ("go 1.23\ntoolchain go1.22.3\n", Some(("1.23", 1))),
            ("go 1.22.3\ntoolchain default\n", Some(("1.22.3", 1))),
            ("go 1.22\ntoolchain local\n", Some(("1.22", 1))),
            ("go 1.22\ntoolchain go1/../../x\n", Some(("1.22", 1))),
            ("toolchain go1.22.3\n", Some(("1.22.3", 1))),
            ("go 1.20\n", Some(("1.20", 1))),
            ("go 1.22rc1\n", Some(("1.22rc1", 1))),
            // The first line counts, even when it means nothing.
            ("go x\ngo 1.22\n", None),
            ("go \"1.22\"\n", None),
            ("go 1.22 1.23\n", None),
            ("// go 1.22\ngopher 1.22\ngo1.22\ngo\n", None),
            ("", None),
            ("\0\u{1}binary", None),
        ] {
            let expected =
                floor.map(|(version, line)| Floor { version: Version::parse(version.as_bytes()).unwrap(), line });
            assert_eq!(needs(text).floor(), expected, "{text:?}");
        }
        assert!(needs("toolchain default").never_switch);
    }

    #[test]
    fn row_48_a_long_go_mod_is_streamed() {
        let requirements = "\trequire example.com/a/very/long/path v1.2.3\n".repeat(2000);
        let text = format!("go 1.21\n// {}\n{requirements}toolchain go1.22.3\n", "x".repeat(10_000));
        assert_eq!(needs(&text).floor().map(|floor| floor.line), Some(2003));
    }

    #[test]
    fn a_language_is_met_by_its_first_toolchain() {
        let floor = |text| needs(text).floor().map(|floor| floor.toolchain());
        assert_eq!(floor("go 1.21"), Some(Version::release(1, 21, 0)));
        assert_eq!(floor("go 1.20"), Some(Version::release(1, 20, 0)));
    }
}
