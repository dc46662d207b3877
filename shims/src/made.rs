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

    /// What lies at a path, and its absolute path.
    fn node(&self, from: Option<&String>, path: Path<'_>) -> Result<(String, &Node), Errno> {
        let path = String::from_utf8(path.as_bytes().to_vec()).unwrap();
        let (path, passed) = if path.starts_with('/') {
            let above: Vec<String> = ancestors(&path).skip(1).map(str::to_owned).collect();
            (path, above)
        } else {
            let up = path.matches("../").count();
            let cwd = from.map(String::as_str).or(self.cwd).ok_or(Errno::NOENT)?;
            let passed: Vec<String> = ancestors(cwd).take(up + 1).map(str::to_owned).collect();
            let folder = passed.last().map_or("", |folder| folder.strip_suffix('/').unwrap_or(folder));
            (format!("{folder}/{}", &path[3 * up..]), passed)
        };
        let path = path.strip_suffix("/.").or(path.strip_suffix('/')).unwrap_or(&path).to_owned();
        if passed.iter().any(|folder| matches!(self.nodes.get(folder), Some(Node::Closed))) {
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
    type Folder = String;

    fn folder(&self, from: Option<&String>, path: Path<'_>) -> Result<String, Errno> {
        Ok(self.node(from, path)?.0)
    }

    fn open(&self, from: Option<&String>, path: Path<'_>) -> Result<Self::File, Errno> {
        match self.node(from, path)?.1 {
            Node::Refuses(errno) => Err(*errno),
            node => Ok((node.clone(), 0)),
        }
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

    fn stat(&self, from: Option<&String>, path: Path<'_>) -> Result<Status, Errno> {
        self.node(from, path).map(|(path, node)| Made::status(&path, node))
    }

    fn read_link(&self, path: Path<'_>, into: &mut [u8]) -> Result<usize, Errno> {
        match self.node(None, path)?.1 {
            Node::Link(target) => write(&format!("../../toolchains/{target}"), into),
            _ => Err(Errno(22)),
        }
    }

    fn current_dir(&self, into: &mut [u8]) -> Result<usize, Errno> {
        write(self.cwd.ok_or(Errno::NOENT)?, into)
    }

    fn real_dir(&self, path: Path<'_>, into: &mut [u8]) -> Result<usize, Errno> {
        write(&self.node(None, path)?.0, into)
    }

    fn executed(&self, into: &mut [u8]) -> Result<usize, Errno> {
        write("/gv/shims/go", into)
    }
}

/// A path and the folders above it.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::path::Path::new(path).ancestors().map(|path| path.to_str().unwrap())
}

fn write(path: &str, into: &mut [u8]) -> Result<usize, Errno> {
    into.get_mut(..path.len()).ok_or(Errno::RANGE)?.copy_from_slice(path.as_bytes());
    if path.len() < into.len() { Ok(path.len()) } else { Err(Errno::RANGE) }
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
