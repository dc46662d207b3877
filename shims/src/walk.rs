//! From the current folder up to `/`, looking for version files, go.work and go.mod.

use crate::call::{Args, Call, Variables, chdir_flag};
use crate::errno::Errno;
use crate::files::{self, Broken, Pin};
use crate::floor::{self, Needs};
use crate::lines::{self, Opened, Unread};
use crate::path::{LONGEST, Path, is_plain, parent};
use crate::room::Room;
use crate::system::System;

/// How long the current folder's path usually is at most, in bytes.
const USUAL: usize = 256;

/// `../` as often as it is shorter than a path from `/` on any machine that there is.
const UP: [u8; 3 * 64] = {
    let mut up = [b'.'; 3 * 64];
    let mut at = 2;
    while at < up.len() {
        up[at] = b'/';
        at += 3;
    }
    up
};

/// A folder of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folder<'a> {
    /// Absolute.
    path: &'a [u8],
    /// How many names there are in the path.
    depth: usize,
    /// How many `..` lead there from the current folder; `None` where they may lead elsewhere.
    up: Option<usize>,
}

impl<'a> Folder<'a> {
    /// A folder at the end of a path that may have come through symbolic links.
    fn at(path: &'a [u8]) -> Folder<'a> {
        Folder { path, depth: path.split(|&byte| byte == b'/').skip(1).count(), up: None }
    }

    /// This folder and those above it.
    fn ancestors(self) -> impl Iterator<Item = Folder<'a>> {
        core::iter::successors(Some(self), |folder| {
            let path = parent(folder.path)?;
            Some(Folder { path, depth: folder.depth.saturating_sub(1), up: folder.up.map(|up| up + 1) })
        })
    }

    /// The path of a file of this folder, as people are told of it.
    fn file<'r>(&self, name: &[u8], room: &mut Room<'r>) -> Result<Path<'r>, Errno> {
        let folder = if self.path == b"/" { b"" } else { self.path };
        room.path(&[folder, b"/", name])
    }

    /// Opens a file of this folder.
    ///
    /// The system looks up each part of a path, so the shorter of two is taken. The one by `..` leads through every
    /// folder in between, and where one of those may not be entered, the other still goes to the folders above it.
    fn open<S: System>(&self, system: &S, name: &[u8], mut room: Room<'_>) -> Result<Opened<S::File>, Unread> {
        if let Some(up) = self.up.filter(|&up| up <= self.depth).and_then(|up| UP.get(..3 * up)) {
            let path = room.path(&[up, name]).map_err(Unread::Unknown)?;
            match lines::open(system, path) {
                Err(Unread::Hidden) => {}
                result => return result,
            }
        }
        lines::open(system, self.file(name, &mut room).map_err(Unread::Unknown)?)
    }
}

/// Where a walk starts: `-C DIR` as the go command takes it, else $PWD when that is the current folder, else what
/// the system says. `None` when the current folder was deleted, or cannot be told.
pub fn start<'a, 'c: 'a, S: System>(
    system: &S,
    call: &Call<'c, impl Args<'c>>,
    room: &mut Room<'a>,
) -> Result<Option<Folder<'a>>, Errno> {
    if let Some(dir) = chdir_flag(call.args.clone())
        && let Some(folder) = real_dir(system, dir, room)
    {
        return Ok(Some(Folder::at(folder)));
    }
    let mut current = room.fill(USUAL, &|buffer| system.current_dir(buffer));
    if current == Err(Errno::RANGE) {
        current = room.fill(LONGEST, &|buffer| system.current_dir(buffer));
    }
    let current = current.map(|path| Folder { up: Some(0), ..Folder::at(path.as_bytes()) });
    // The way through symbolic links that the user took.
    if let Some(pwd) = call.vars.pwd
        && !current.is_ok_and(|current| current.path == pwd)
        && is_current(system, pwd, room.lend())
    {
        return Ok(Some(Folder::at(pwd)));
    }
    match current {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NAMETOOLONG | Errno::RANGE) => Err(Errno::NAMETOOLONG),
        Err(_) => Ok(None),
    }
}

/// The folder that a path leads to, if it leads to one.
fn real_dir<'a, S: System>(system: &S, dir: &[u8], room: &mut Room<'a>) -> Option<&'a [u8]> {
    let dir = room.path(&[dir]).ok()?;
    Some(room.fill(LONGEST, &|buffer| system.real_dir(dir, buffer)).ok()?.as_bytes())
}

/// Whether $PWD is the current folder by device and inode, and can be walked.
fn is_current<S: System>(system: &S, pwd: &[u8], mut room: Room<'_>) -> bool {
    let mut identity = |path: &[u8]| system.stat(room.lend().path(&[path])?).map(|status| status.identity);
    is_plain(pwd) && identity(pwd).is_ok_and(|named| identity(b".") == Ok(named))
}

/// A version file.
#[derive(Clone, Copy, Debug)]
pub struct VersionFile<'r> {
    /// Absolute.
    pub path: Path<'r>,
    /// What it says.
    pub says: Result<Pin<'r>, Broken<'r>>,
}

/// The nearest version file that says something about Go: in one folder `.go-version` before `.tool-versions`.
pub fn pin<'r, S: System>(
    system: &S,
    start: Folder<'_>,
    room: &mut Room<'r>,
) -> Result<Option<VersionFile<'r>>, Errno> {
    for folder in start.ancestors() {
        for name in [&b".go-version"[..], b".tool-versions"] {
            let says = match folder.open(system, name, room.lend()) {
                Ok(file) if name == b".go-version" => files::go_version(system, file, room).map(Some),
                Ok(file) => files::tool_versions(system, file, room),
                Err(unread) => Broken::of(unread).map_or(Ok(None), Err),
            };
            if let Some(says) = says.transpose() {
                return Ok(Some(VersionFile { path: folder.file(name, room)?, says }));
            }
        }
    }
    Ok(None)
}

/// What the workspace, else the module, that the go command would find needs, and the path of its file.
pub fn needs<'r, S: System>(
    system: &S,
    vars: &Variables<'_>,
    start: Folder<'_>,
    room: &mut Room<'r>,
) -> Option<(Path<'r>, Needs)> {
    if !matches!(vars.go111module, None | Some(b"on" | b"auto")) {
        return None;
    }
    match vars.gowork {
        Some(b"off") => {}
        None | Some(b"auto") => {
            if let Some((folder, needs)) = nearest(system, start, b"go.work", room) {
                return Some((folder.file(b"go.work", room).ok()?, needs));
            }
        }
        Some(file) if file.starts_with(b"/") => {
            let file = room.path(&[file]).ok()?;
            if let Some(needs) = read(system, lines::open(system, file), room.lend()) {
                return Some((file, needs));
            }
        }
        // The go command refuses to run at all, and says so.
        Some(_) => return None,
    }
    let (folder, needs) = nearest(system, start, b"go.mod", room)?;
    // A go.mod that was left in the folder of temporary files is not for everything below it.
    let temporary = vars.tmpdir.unwrap_or(b"/tmp");
    let temporary = temporary.strip_suffix(b"/").unwrap_or(temporary);
    if folder.path == temporary { None } else { Some((folder.file(b"go.mod", room).ok()?, needs)) }
}

/// The nearest folder with a file of that name, and what the file needs.
fn nearest<'a, S: System>(
    system: &S,
    start: Folder<'a>,
    name: &[u8],
    room: &mut Room<'_>,
) -> Option<(Folder<'a>, Needs)> {
    start.ancestors().find_map(|folder| {
        let opened = folder.open(system, name, room.lend());
        read(system, opened, room.lend()).map(|needs| (folder, needs))
    })
}

/// What a file needs: nothing if it is there and cannot be read; `None` if the go command would not take it for one.
fn read<S: System>(system: &S, opened: Result<Opened<S::File>, Unread>, room: Room<'_>) -> Option<Needs> {
    match opened {
        Ok(file) => Some(floor::read(system, file, room)),
        Err(Unread::NotAFile | Unread::Refused(_)) => Some(Needs::default()),
        Err(Unread::Absent | Unread::Hidden | Unread::Unknown(_) | Unread::Folder) => None,
    }
}
