//! Version files: `.go-version` and `.tool-versions`.

use core::ops::Range;

use crate::errno::Errno;
use crate::lines::{BUFFER, Line, Lines, Unread};
use crate::path::Path;
use crate::selector::Selector;
use crate::system::System;

/// What a version file asks for: where its text lies in the buffer, and on which line of the file it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// From 1.
    pub line: u32,
    /// The selector, or several with white space between them.
    pub span: Range<usize>,
}

/// What is wrong with a version file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is a folder, a FIFO, a socket or a device.
    NotAFile,
    /// The system refused to open or to read it.
    Unreadable(Errno),
    /// It names no version.
    Empty,
    /// This is no selector.
    NotASelector(Pin),
    /// `ref:` and `path:`, which other managers build from source or take from elsewhere.
    Unsupported(Pin),
}

/// How much of a `.go-version` is read, in bytes.
const GO_VERSION_LIMIT: u64 = 4096;

/// How much of a `.tool-versions` is read, in bytes.
const TOOL_VERSIONS_LIMIT: u64 = 1 << 20;

/// Reads a `.go-version`: the first line that is neither blank nor a comment is the selector.
pub fn go_version<S: System>(system: &S, path: &Path, buffer: &mut [u8; BUFFER]) -> Result<Option<Pin>, Broken> {
    let Some(mut lines) = open(system, path, buffer, GO_VERSION_LIMIT)? else { return Ok(None) };
    while let Some(line) = lines.next_line().map_err(Broken::Unreadable)? {
        let text = uncommented(lines.text(&line));
        if !text.is_empty() {
            let pin = pin(&line, text.len());
            return if is_selector(text) && !line.cut { Ok(Some(pin)) } else { Err(Broken::NotASelector(pin)) };
        }
    }
    Err(Broken::Empty)
}

/// Reads a `.tool-versions`: the line of `golang` or `go`; `None` if it has none.
pub fn tool_versions<S: System>(system: &S, path: &Path, buffer: &mut [u8; BUFFER]) -> Result<Option<Pin>, Broken> {
    let Some(mut lines) = open(system, path, buffer, TOOL_VERSIONS_LIMIT)? else { return Ok(None) };
    while let Some(mut line) = lines.next_line().map_err(Broken::Unreadable)? {
        let text = uncommented(lines.text(&line));
        let Some(versions) = after_tool(text) else { continue };
        line.span.start += text.len() - versions.len();
        let pin = pin(&line, versions.len());
        return match fault(versions) {
            Some(fault) => Err(fault(pin)),
            None if line.cut => Err(Broken::NotASelector(pin)),
            None => Ok(Some(pin)),
        };
    }
    lines.close();
    Ok(None)
}

/// The words of a line, which stand between white space.
pub fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn open<'s, S: System>(
    system: &'s S,
    path: &Path,
    buffer: &'s mut [u8; BUFFER],
    limit: u64,
) -> Result<Option<Lines<'s, S>>, Broken> {
    match Lines::open(system, path, buffer, limit) {
        Ok(lines) => Ok(Some(lines)),
        Err(Unread::Absent) => Ok(None),
        Err(Unread::Folder | Unread::NotAFile) => Err(Broken::NotAFile),
        Err(Unread::Refused(errno)) => Err(Broken::Unreadable(errno)),
    }
}

/// The text of `len` bytes at the start of a line.
fn pin(line: &Line, len: usize) -> Pin {
    Pin { line: line.number, span: line.span.start..line.span.start + len }
}

/// What stands before a comment: a `#` at the start of the line or behind white space.
fn uncommented(line: &[u8]) -> &[u8] {
    let starts = |at: usize| line[at] == b'#' && (at == 0 || line[at - 1].is_ascii_whitespace());
    let end = (0..line.len()).find(|&at| starts(at)).unwrap_or(line.len());
    line[..end].trim_ascii_end()
}

/// What follows the tool's name, if that is Go.
fn after_tool(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"golang").or_else(|| text.strip_prefix(b"go"))?;
    (rest.is_empty() || rest[0].is_ascii_whitespace()).then(|| rest.trim_ascii_start())
}

/// What is wrong with the versions of a `.tool-versions` line.
fn fault(versions: &[u8]) -> Option<fn(Pin) -> Broken> {
    let foreign = |word: &[u8]| word.starts_with(b"ref:") || word.starts_with(b"path:");
    if versions.is_empty() {
        return Some(|_| Broken::Empty);
    }
    if words(versions).any(foreign) {
        return Some(Broken::Unsupported);
    }
    (!words(versions).all(is_selector)).then_some(Broken::NotASelector)
}

fn is_selector(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| Selector::parse(text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{Made, Node};

    type Reader = fn(&Made, &Path, &mut [u8; BUFFER]) -> Result<Option<Pin>, Broken>;

    /// The line and the text of what a file asks for.
    fn read(reader: Reader, node: Node) -> Result<Option<(u32, String)>, Broken> {
        let mut path = Path::new();
        path.set(&[b"/app/file"]).unwrap();
        let mut buffer = [0; BUFFER];
        let pin = reader(&Made::new("/app").with("/app/file", node), &path, &mut buffer)?;
        Ok(pin.map(|pin| (pin.line, String::from_utf8(buffer[pin.span].to_vec()).unwrap())))
    }

    fn text(text: impl AsRef<[u8]>) -> Node {
        Node::File(text.as_ref().to_vec())
    }

    #[test]
    fn a_go_version_is_its_first_line_that_says_something() {
        for (content, line, selector) in [
            ("1.22.3\n", 1, "1.22.3"),
            ("1.22.3", 1, "1.22.3"),
            ("\u{feff}1.22.3\r\n", 1, "1.22.3"),
            ("\r\n# why\r\n\r\n  go1.22.3\t\r\n1.21.0\r\n", 4, "go1.22.3"),
            (">=1.21, <1.23 # for generics\n", 1, ">=1.21, <1.23"),
            ("system", 1, "system"),
        ] {
            let found = read(go_version::<Made>, text(content));
            assert_eq!(found, Ok(Some((line, selector.to_owned()))), "{content:?}");
        }
    }

    #[test]
    fn row_47_a_go_version_of_no_use_is_refused_with_its_line() {
        for (content, line) in [
            (&b"../../evil\n"[..], 1),
            (b"\n$(x)\n", 2),
            (b"1.22\0\n", 1),
            (b"\x7fELF\x02\x01", 1),
            (b"# x\n\xff\xfe1\x00", 2),
            (b"1.22.3 1.21.0", 1),
            (b"1.22.3#", 1),
        ] {
            let found = read(go_version::<Made>, text(content));
            assert!(matches!(found, Err(Broken::NotASelector(Pin { line: at, .. })) if at == line), "{content:?}");
        }
        for content in ["", "\n\n", "# only this\n", "\u{feff}"] {
            assert_eq!(read(go_version::<Made>, text(content)), Err(Broken::Empty), "{content:?}");
        }
    }

    #[test]
    fn row_47_only_regular_files_are_read_and_only_their_first_4_kib() {
        assert_eq!(read(go_version::<Made>, Node::Fifo), Err(Broken::NotAFile));
        assert_eq!(read(go_version::<Made>, Node::Folder), Err(Broken::NotAFile));
        assert_eq!(read(go_version::<Made>, Node::Refuses(Errno::ACCES)), Err(Broken::Unreadable(Errno::ACCES)));
        assert_eq!(read(go_version::<Made>, text("\n".repeat(5000) + "1.22.3")), Err(Broken::Empty));
        let cut = read(go_version::<Made>, text("\n".repeat(4090) + "1.22.31"));
        assert!(matches!(cut, Err(Broken::NotASelector(Pin { line: 4091, .. }))), "{cut:?}");
        let long = read(go_version::<Made>, text("1".repeat(1 << 20)));
        assert!(matches!(long, Err(Broken::NotASelector(Pin { line: 1, .. }))));
    }

    #[test]
    fn a_tool_versions_is_its_line_of_go() {
        for (content, found) in [
            ("nodejs 20\ngolang 1.22.3\n", Some((2, "1.22.3"))),
            ("go 1.22 # x\r\n", Some((1, "1.22"))),
            ("golang  1.22.3\t1.21.13  system\n", Some((1, "1.22.3\t1.21.13  system"))),
            ("nodejs 20\n", None),
            ("golangci-lint 1.55\ngopls 0.14\n", None),
            ("# golang 1.22\n", None),
            ("", None),
        ] {
            let expected = found.map(|(line, text)| (line, text.to_owned()));
            assert_eq!(read(tool_versions::<Made>, text(content)), Ok(expected), "{content:?}");
        }
        let filler = format!("nodejs {}\n", "x".repeat(9000));
        let found = read(tool_versions::<Made>, text(filler + "golang 1.22.3"));
        assert_eq!(found, Ok(Some((2, "1.22.3".to_owned()))));
    }

    #[test]
    fn a_tool_versions_that_gv_cannot_follow_says_why() {
        for content in ["golang ref:master", "golang 1.22.3 path:/opt/go"] {
            assert!(matches!(read(tool_versions::<Made>, text(content)), Err(Broken::Unsupported(_))), "{content}");
        }
        assert_eq!(read(tool_versions::<Made>, text("golang\n")), Err(Broken::Empty));
        assert!(matches!(read(tool_versions::<Made>, text("golang $(x)")), Err(Broken::NotASelector(_))));
    }
}
