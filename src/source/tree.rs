//! A tree of files, on a server or in a folder, that is read by paths of gv's own making.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::download::Place;
use crate::error::{Error, Result};
use crate::fs;
use crate::net::{Client, Failure, Kind, Outcome, Url};

/// The root of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Server(Url),
    Folder(PathBuf),
}

impl Tree {
    /// Reads `https://…`, `http://…` or `file:///…`.
    pub(super) fn parse(text: &str) -> Result<Tree> {
        match text.strip_prefix("file://") {
            Some(path) => folder(path).map(Tree::Folder),
            None => Url::parse(text).map(Tree::Server),
        }
    }

    /// Reads a file of at most `cap` bytes.
    pub(super) fn get(&self, client: &Client, path: &str, cap: usize) -> Outcome<Vec<u8>> {
        match self.place(path) {
            Place::Url(url) => client.get_small(&url, cap),
            Place::File(file) => read(&file, cap),
        }
    }

    /// Where a file of the tree is.
    pub(super) fn place(&self, path: &str) -> Place {
        match self {
            Tree::Server(url) => Place::Url(url.below(path)),
            Tree::Folder(dir) => Place::File(dir.join(path)),
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::Server(url) => url.fmt(f),
            Tree::Folder(dir) => dir.display().fmt(f),
        }
    }
}

/// An absolute path; a relative one would mean another folder in every working directory.
pub(super) fn folder(path: &str) -> Result<PathBuf> {
    let dir = Path::new(path);
    if dir.is_absolute() {
        return Ok(dir.to_owned());
    }
    Err(Error::usage(format!("the folder `{path}` of a source is not an absolute path"))
        .hint("write it as dir:/path or file:///path"))
}

fn read(path: &Path, cap: usize) -> Outcome<Vec<u8>> {
    let local = |error| Failure { kind: Kind::Local, error };
    match fs::read_bytes(path).map_err(local)? {
        Some(bytes) if bytes.len() <= cap => Ok(bytes),
        Some(_) => {
            let error = Error::untrusted(format!("{} is larger than {cap} bytes", path.display()));
            Err(Failure { kind: Kind::Untrusted, error })
        }
        None => {
            let error = Error::network(format!("there is no file {}", path.display()));
            Err(Failure { kind: Kind::NotFound, error })
        }
    }
}
