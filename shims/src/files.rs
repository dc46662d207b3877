//! Version files: `.go-version` and `.tool-versions`.

use core::mem::{MaybeUninit, replace};

use crate::errno::Errno;
use crate::lines::{BUFFER, Line, Lines, Opened, Unread};
use crate::room::Room;
use crate::selector::Selector;
use crate::system::System;

/// What a version file asks for, and on which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin<'r> {
    /// From 1.
    pub line: u32,
    /// A selector, or several with white space between them.
    pub text: &'r [u8],
}

/// What is wrong with a version file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken<'r> {
    /// It is a folder, a FIFO, a socket or a device.
    NotAFile,
    /// The system refused to open or to read it.
    Unreadable(Errno),
    /// It names no version.
    Empty,
    /// This is no selector.
    NotASelector(Pin<'r>),
    /// `ref:` and `path:`, which other managers build from source or take from elsewhere.
    Unsupported(Pin<'r>),
}

impl Broken<'_> {
    /// Why a version file that is there cannot be opened; `None` if there is none to be seen.
    pub fn of(unread: Unread) -> Option<Broken<'static>> {
        match unread {
            Unread::Absent | Unread::Hidden => None,
            Unread::Folder | Unread::NotAFile => Some(Broken::NotAFile),
            Unread::Unknown(errno) | Unread::Refused(errno) => Some(Broken::Unreadable(errno)),
        }
    }
}

/// How much of a `.go-version` is read, in bytes.
const GO_VERSION_LIMIT: u64 = 4096;

/// How much of a `.tool-versions` is read, in bytes.
const TOOL_VERSIONS_LIMIT: u64 = 1 << 20;

/// Reads a `.go-version`: the first line that is neither blank nor a comment is the selector.
pub fn go_version<'r, S: System>(
    system: &S,
    file: Opened<S::File>,
    room: &mut Room<'r>,
) -> Result<Pin<'r>, Broken<'r>> {
    let mut lines = Lines::new(system, file, GO_VERSION_LIMIT, room).map_err(Broken::Unreadable)?;
    while let Some(line) = lines.next_line().map_err(Broken::Unreadable)? {
        let len = uncommented(lines.text(&line)).len();
        if len > 0 {
            let pin = Pin { line: line.number, text: lines.into_text(&line).get(..len).unwrap_or_default() };
            return if is_selector(pin.text) && !line.cut { Ok(pin) } else { Err(Broken::NotASelector(pin)) };
        }
    }
    Err(Broken::Empty)
}

/// Reads a `.tool-versions`: the line of `golang` or `go`; `None` if it has none, and then it takes no room.
pub fn tool_versions<'r, S: System>(
    system: &S,
    file: Opened<S::File>,
    room: &mut Room<'r>,
) -> Result<Option<Pin<'r>>, Broken<'r>> {
    let mut space = [MaybeUninit::uninit(); BUFFER + 1];
    let mut lines =
        Lines::new(system, file, TOOL_VERSIONS_LIMIT, &mut Room::new(&mut space)).map_err(Broken::Unreadable)?;
    while let Some(line) = lines.next_line().map_err(Broken::Unreadable)? {
        if let Some(versions) = after_tool(uncommented(lines.text(&line))) {
            return versions_of(&line, versions, room).map(Some);
        }
    }
    lines.close();
    Ok(None)
}

/// What a `.tool-versions` line asks for, behind the tool's name.
fn versions_of<'r>(line: &Line, versions: &[u8], room: &mut Room<'r>) -> Result<Pin<'r>, Broken<'r>> {
    let text = room.copy(versions).map_err(Broken::Unreadable)?;
    let pin = Pin { line: line.number, text };
    let foreign = |word: &[u8]| word.starts_with(b"ref:") || word.starts_with(b"path:");
    if text.is_empty() {
        Err(Broken::Empty)
    } else if words(text).any(foreign) {
        Err(Broken::Unsupported(pin))
    } else if line.cut || !words(text).all(is_selector) {
        Err(Broken::NotASelector(pin))
    } else {
        Ok(pin)
    }
}

/// The words of a line, which stand between white space.
pub fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// What stands before a comment: a `#` at the start of the line or behind white space.
fn uncommented(line: &[u8]) -> &[u8] {
    let mut before = b' ';
    let starts = |&byte: &u8| replace(&mut before, byte).is_ascii_whitespace() && byte == b'#';
    let end = line.iter().position(starts).unwrap_or(line.len());
    line.get(..end).unwrap_or(line).trim_ascii_end()
}

/// What follows the tool's name, if that is Go.
fn after_tool(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"golang").or_else(|| text.strip_prefix(b"go"))?;
    (rest.is_empty() || rest[0].is_ascii_whitespace()).then(|| rest.trim_ascii_start())
}

fn is_selector(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| Selector::parse(text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines;
    use crate::made::{Made, Node};
    use crate::room::space;

    /// What a `.go-version` asks for, in words.
    fn go(node: Node) -> String {
        said(node, |made, file, room| go_version(made, file, room).map(Some))
    }

    /// What a `.tool-versions` asks for, in words.
    fn tool(node: Node) -> String {
        said(node, tool_versions)
    }

    type File = Opened<<Made as System>::File>;

    fn said(
        node: Node,
        read: impl for<'r> FnOnce(&Made, File, &mut Room<'r>) -> Result<Option<Pin<'r>>, Broken<'r>>,
    ) -> String {
        let made = Made::new("/app").with("/app/file", node);
        let mut space = space();
        let mut room = Room::new(&mut space);
        let path = room.path(&[b"/app/file"]).unwrap();
        let at = |pin: Pin<'_>| format!("{}: {}", pin.line, String::from_utf8_lossy(pin.text));
        let file = lines::open(&made, None, path).map_err(|unread| Broken::of(unread).unwrap());
        match file.and_then(|file| read(&made, file, &mut room)) {
            Ok(Some(pin)) => at(pin),
            Ok(None) => "nothing".to_owned(),
            Err(Broken::NotASelector(pin)) => format!("no selector, {}", pin.line),
            Err(Broken::Unsupported(pin)) => format!("unsupported, {}", at(pin)),
            Err(broken) => format!("{broken:?}"),
        }
    }

    fn text(text: impl AsRef<[u8]>) -> Node {
        Node::File(text.as_ref().to_vec())
    }

    #[test]
    fn a_go_version_is_its_first_line_that_says_something() {
        for (content, asked) in [
            ("1.22.3\n", "1: 1.22.3"),
            ("1.22.3", "1: 1.22.3"),
            ("\u{feff}1.22.3\r\n", "1: 1.22.3"),
            ("\r\n# why\r\n\r\n  go1.22.3\t\r\n1.21.0\r\n", "4: go1.22.3"),
            (">=1.21, <1.23 # for generics\n", "1: >=1.21, <1.23"),
            ("system", "1: system"),
        ] {
            assert_eq!(go(text(content)), asked, "{content:?}");
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
            assert_eq!(go(text(content)), format!("no selector, {line}"), "{content:?}");
        }
        for content in ["", "\n\n", "# only this\n", "\u{feff}"] {
            assert_eq!(go(text(content)), "Empty", "{content:?}");
        }
    }

    #[test]
    fn row_47_only_regular_files_are_read_and_only_their_first_4_kib() {
        assert_eq!(go(Node::Fifo), "NotAFile");
        assert_eq!(go(Node::Folder), "NotAFile");
        assert_eq!(go(Node::Refuses(Errno::ACCES)), "Unreadable(Errno(13))");
        assert_eq!(go(text("\n".repeat(5000) + "1.22.3")), "Empty");
        assert_eq!(go(text("\n".repeat(4090) + "1.22.31")), "no selector, 4091");
        assert_eq!(go(text("\n".repeat(4090) + "1.22.3")), "4091: 1.22.3");
        assert_eq!(go(text("1".repeat(1 << 20))), "no selector, 1");
    }

    #[test]
    fn a_tool_versions_is_its_line_of_go() {
        for (content, asked) in [
            ("nodejs 20\ngolang 1.22.3\n", "2: 1.22.3"),
            ("go 1.22 # x\r\n", "1: 1.22"),
            ("golang  1.22.3\t1.21.13  system\n", "1: 1.22.3\t1.21.13  system"),
            ("nodejs 20\n", "nothing"),
            ("golangci-lint 1.55\ngopls 0.14\n", "nothing"),
            ("# golang 1.22\n", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(tool(text(content)), asked, "{content:?}");
        }
        let filler = format!("nodejs {}\n", "x".repeat(9000));
        assert_eq!(tool(text(filler + "golang 1.22.3")), "2: 1.22.3");
    }

    #[test]
    fn a_tool_versions_that_gv_cannot_follow_says_why() {
        assert_eq!(tool(text("golang ref:master")), "unsupported, 1: ref:master");
        assert_eq!(tool(text("golang 1.22.3 path:/opt/go")), "unsupported, 1: 1.22.3 path:/opt/go");
        assert_eq!(tool(text("golang\n")), "Empty");
        assert_eq!(tool(text("\ngolang $(x)")), "no selector, 2");
    }
}
