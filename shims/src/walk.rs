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

/// How many folders up a path by `..` goes at most. Then the folder there is opened, and paths start from it.
const STRIDE: usize = 8;

/// `../` as often as that.
const UP: [u8; 3 * STRIDE] = {
    let mut up = [b'.'; 3 * STRIDE];
    let mut at = 2;
    while at < up.len() {
        up[at] = b'/';
        at += 3;
    }
    up
};

/// A folder to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start<'a> {
    /// Absolute.
    path: &'a [u8],
    /// Whether this is the current folder by the name that the system gives it, so that `..` leads where the path cut
    /// at its last slash does.
    here: bool,
}

/// A folder on the way up.
struct Climb<'a, 's, S: System> {
    system: &'s S,
    /// Absolute.
    path: &'a [u8],
    /// How many names there are in the path.
    depth: usize,
    /// How many `..` lead there from `base`; `None` where they may lead elsewhere.
    up: Option<usize>,
    /// The current folder, if none was opened.
    base: Option<S::Folder>,
}

impl<'a, 's, S: System> Climb<'a, 's, S> {
    fn new(system: &'s S, start: Start<'a>) -> Climb<'a, 's, S> {
        let depth = start.path.split(|&byte| byte == b'/').skip(1).count();
        Climb { system, path: start.path, depth, up: start.here.then_some(0), base: None }
    }

    /// Goes to the folder above; `false` in `/`.
    fn rise(&mut self, mut room: Room<'_>) -> bool {
        let Some(above) = parent(self.path) else { return false };
        self.path = above;
        self.depth = self.depth.saturating_sub(1);
        self.up = self.up.map(|up| up + 1);
        // Near the top the whole path is as short.
        if self.up == Some(STRIDE)
            && self.depth > STRIDE
            && let Ok(Ok(base)) = room.path(&[&UP]).map(|path| self.system.folder(self.base.as_ref(), path))
        {
            (self.base, self.up) = (Some(base), Some(0));
        }
        true
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
    fn open(&self, name: &[u8], mut room: Room<'_>) -> Result<Opened<S::File>, Unread> {
        if let Some(up) = self.up.filter(|&up| up <= self.depth).and_then(|up| UP.get(..3 * up)) {
            let path = room.path(&[up, name]).map_err(Unread::Unknown)?;
            match lines::open(self.system, self.base.as_ref(), path) {
                Err(Unread::Hidden) => {}
                result => return result,
            }
        }
        lines::open(self.system, None, self.file(name, &mut room).map_err(Unread::Unknown)?)
    }
}

/// Where a walk starts: `-C DIR` as the go command takes it, else $PWD when that is the current folder, else what
/// the system says. `None` when the current folder was deleted, or cannot be told.
pub fn start<'a, 'c: 'a, S: System>(
    system: &S,
    call: &Call<'c, impl Args<'c>>,
    room: &mut Room<'a>,
) -> Result<Option<Start<'a>>, Errno> {
    if let Some(dir) = chdir_flag(call.args.clone())
        && let Some(path) = real_dir(system, dir, room)
    {
        return Ok(Some(Start { path, here: false }));
    }
    let mut current = room.fill(USUAL, &|buffer| system.current_dir(buffer));
    if current == Err(Errno::RANGE) {
        current = room.fill(LONGEST, &|buffer| system.current_dir(buffer));
    }
    let current = current.map(Path::as_bytes);
    // The way through symbolic links that the user took.
    if let Some(pwd) = call.vars.pwd
        && current != Ok(pwd)
        && is_current(system, pwd, room.lend())
    {
        return Ok(Some(Start { path: pwd, here: false }));
    }
    match current {
        Ok(path) => Ok(Some(Start { path, here: true })),
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
    let mut identity = |path: &[u8]| system.stat(None, room.lend().path(&[path])?).map(|status| status.identity);
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
pub fn pin<'r, S: System>(system: &S, start: Start<'_>, room: &mut Room<'r>) -> Result<Option<VersionFile<'r>>, Errno> {
    let mut climb = Climb::new(system, start);
    loop {
        for name in [&b".go-version"[..], b".tool-versions"] {
            let says = match climb.open(name, room.lend()) {
                Ok(file) if name == b".go-version" => files::go_version(system, file, room).map(Some),
                Ok(file) => files::tool_versions(system, file, room),
                Err(unread) => Broken::of(unread).map_or(Ok(None), Err),
            };
            if let Some(says) = says.transpose() {
                return Ok(Some(VersionFile { path: climb.file(name, room)?, says }));
            }
        }
        if !climb.rise(room.lend()) {
            return Ok(None);
        }
    }
}

/// What the workspace, else the module, that the go command would find needs, and the path of its file.
pub fn needs<'r, S: System>(
    system: &S,
    vars: &Variables<'_>,
    start: Start<'_>,
    room: &mut Room<'r>,
) -> Option<(Path<'r>, Needs)> {
    if !matches!(vars.go111module, None | Some(b"on" | b"auto")) {
        return None;
    }
    let workspace = match vars.gowork {
        Some(b"off") => None,
        None | Some(b"auto") => nearest(system, start, b"go.work", room),
        Some(file) if file.starts_with(b"/") => {
            let file = room.path(&[file]).ok();
            file.and_then(|file| Some((file, read(system, lines::open(system, None, file), room.lend())?)))
        }
        // The go command refuses to run at all, and says so.
        Some(_) => return None,
    };
    if workspace.is_some() {
        return workspace;
    }
    let (path, needs) = nearest(system, start, b"go.mod", room)?;
    // A go.mod that was left in the folder of temporary files is not for everything below it.
    let temporary = vars.tmpdir.unwrap_or(b"/tmp");
    let temporary = temporary.strip_suffix(b"/").unwrap_or(temporary);
    (parent(path.as_bytes()) != Some(temporary)).then_some((path, needs))
}

/// The nearest file of that name, and what it needs.
fn nearest<'r, S: System>(system: &S, start: Start<'_>, name: &[u8], room: &mut Room<'r>) -> Option<(Path<'r>, Needs)> {
    let mut climb = Climb::new(system, start);
    loop {
        if let Some(needs) = read(system, climb.open(name, room.lend()), room.lend()) {
            return Some((climb.file(name, room).ok()?, needs));
        }
        if !climb.rise(room.lend()) {
            return None;
        }
    }
}

/// What a file needs: nothing if it is there and cannot be read; `None` if the go command would not take it for one.
fn read<S: System>(system: &S, opened: Result<Opened<S::File>, Unread>, room: Room<'_>) -> Option<Needs> {
    match opened {
        Ok(file) => Some(floor::read(system, file, room)),
        Err(Unread::NotAFile | Unread::Refused(_)) => Some(Needs::default()),
        Err(Unread::Absent | Unread::Hidden | Unread::Unknown(_) | Unread::Folder) => None,
    }
}
