//! A made machine for tests: a few files, links and folders, and how each of them refuses.

use std::collections::BTreeMap;
use std::vec::Vec;

use crate::call::{Call, Program, Variables};
use crate::errno::Errno;
use crate::path::Path;
use crate::system::{Kind, Status, System};

/// What lies at a path.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    File(Vec<u8>),
    Folder,
    Fifo,
    Link(&'static str),
    /// It is there, and opening it fails.
    Refuses(Errno),
    /// A folder that may not be entered.
    Closed,
}

/// A file system and a current folder.
#[derive(Default)]
pub(crate) struct Made {
    nodes: BTreeMap<String, Node>,
    pub(crate) cwd: Option<&'static str>,
}

impl Made {
    pub(crate) fn new(cwd: &'static str) -> Made {
        Made { nodes: BTreeMap::new(), cwd: Some(cwd) }
    }

    pub(crate) fn with(mut self, path: &str, node: Node) -> Made {
        self.nodes.insert(path.to_owned(), node);
        self
    }

    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Made {
        self.with(path, Node::File(text.as_ref().to_vec()))
    }

    /// A store at `/gv` with these toolchains, of which the first is current.
    pub(crate) fn store(mut self, versions: &[&'static str]) -> Made {
        self = self.with("/gv/active", Node::Folder);
        if let Some(current) = versions.first() {
            self = self.with("/gv/active/current", Node::Link(current));
        }
        versions.iter().fold(self, |made, version| made.with(&format!("/gv/toolchains/{version}"), Node::Folder))
    }

    fn node(&self, path: &Path) -> Result<(String, &Node), Errno> {
        let mut path = String::from_utf8(path.as_bytes().to_vec()).unwrap();
        if !path.starts_with('/') {
            path = format!("{}/{path}", self.cwd.ok_or(Errno::NOENT)?);
        }
        let path = path.strip_suffix("/.").unwrap_or(&path).to_owned();
        let closed = |(above, node): (&String, &Node)| {
            matches!(node, Node::Closed) && path.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        if self.nodes.iter().any(closed) {
            return Err(Errno::ACCES);
        }
        let below = |name: &String| name.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'));
        match self.nodes.get(&path) {
            Some(node) => Ok((path, node)),
            None if self.nodes.keys().any(below) || self.cwd == Some(&path) => Ok((path, &Node::Folder)),
            None => Err(Errno::NOENT),
        }
    }

    fn status(path: &str, node: &Node) -> Status {
        let (kind, size) = match node {
            Node::File(text) => (Kind::File, text.len() as u64),
            Node::Folder | Node::Closed | Node::Link(_) => (Kind::Folder, 4096),
            Node::Fifo => (Kind::Other, 0),
            Node::Refuses(_) => (Kind::File, 1),
        };
        let inode = path.bytes().fold(1, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Status { identity: (1, inode), kind, executable: true, size }
    }
}

impl System for Made {
    type File = (Node, usize);

    fn open(&self, path: &Path) -> Result<Self::File, Errno> {
        match self.node(path)?.1 {
            Node::Refuses(errno) => Err(*errno),
            node => Ok((node.clone(), 0)),
        }
    }

    fn stat_file(&self, file: &Self::File) -> Result<Status, Errno> {
        Ok(Made::status("", &file.0))
    }

    /// Three bytes more at each call, so that every seam between reads is met.
    fn read(&self, file: &mut Self::File, buffer: &mut [u8]) -> Result<usize, Errno> {
        let Node::File(text) = &file.0 else { return Err(Errno(5)) };
        let rest = &text[file.1..];
        let len = rest.len().min(buffer.len()).min(file.1 + 3);
        buffer[..len].copy_from_slice(&rest[..len]);
        file.1 += len;
        Ok(len)
    }

    fn close(&self, _: Self::File) {}

    fn stat(&self, path: &Path) -> Result<Status, Errno> {
        self.node(path).map(|(path, node)| Made::status(&path, node))
    }

    fn read_link(&self, path: &Path, into: &mut Path) -> Result<(), Errno> {
        match self.node(path)?.1 {
            Node::Link(target) => into.set(&[b"../../toolchains/", target.as_bytes()]),
            _ => Err(Errno(22)),
        }
    }

    fn current_dir(&self, into: &mut Path) -> Result<(), Errno> {
        into.set(&[self.cwd.ok_or(Errno::NOENT)?.as_bytes()])
    }

    fn real_dir(&self, path: &Path, into: &mut Path) -> Result<(), Errno> {
        let (path, _) = self.node(path)?;
        into.set(&[path.as_bytes()])
    }

    fn executed(&self, into: &mut Path) -> Result<(), Errno> {
        into.set(&[b"/gv/shims/go"])
    }
}

/// A call of `go` with this command line and these variables.
pub(crate) fn call<'a>(
    line: &'a str,
    vars: &[(&str, &'a str)],
) -> Call<'a, impl Iterator<Item = &'a [u8]> + Clone + use<'a>> {
    let mut variables = Variables::default();
    for (name, value) in vars {
        variables.note(name.as_bytes(), value.as_bytes());
    }
    Call { program: Program::Go, args: line.split_whitespace().map(str::as_bytes), vars: variables }
}
