//! One look at every file of a toolchain, by many threads.
//!
//! Everything is reached from the descriptor of its folder, through no link, and only what the folder lists as a regular
//! file is opened, without blocking: whatever was put into a file's place is named, never followed, never waited for.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use sha2::Digest;

use super::expected::Expected;
use super::problem::{Kind, Problem};
use super::queue::Queue;
use crate::error::{At, Error, Result};
use crate::sha256::Sha256;

/// Bytes of a read; nearly all files fit.
const BUFFER: usize = 128 << 10;

/// Files of one job, and bytes that they should have together.
const JOB_FILES: usize = 32;
const JOB_BYTES: u64 = 1 << 20;

/// No file of Go's comes near; one that is larger is not read to its end.
const LARGEST: u64 = 512 << 20;

/// What was seen.
#[derive(Default)]
pub(super) struct Found {
    /// Files that should be there and are: their place in [`Expected::files`], and the hash if they could be read.
    pub(super) seen: Vec<(usize, Option<Sha256>)>,
    /// Folders that should be there and are, or something in their place.
    pub(super) folders: Vec<Vec<u8>>,
    pub(super) problems: Vec<Problem>,
    /// Bytes read.
    pub(super) bytes: u64,
}

struct Folder {
    fd: OwnedFd,
    /// Below GOROOT, with a slash at its end unless it is GOROOT itself.
    path: Vec<u8>,
}

enum Job {
    Folder(Arc<Folder>, CString),
    Files(Arc<Folder>, Vec<(CString, usize)>),
    Root(Arc<Folder>),
}

/// Opens the folder of a toolchain, which is no link; `None` if it is not there any more.
pub(super) fn open(path: &Path) -> Result<Option<OwnedFd>> {
    match rustix::fs::openat(CWD, path, FOLDER, Mode::empty()) {
        Err(Errno::NOENT) => Ok(None),
        opened => opened.at("open", path).map(Some),
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Looks at everything below `root` that should be there, and lists what should not.
pub(super) fn walk(
    root: OwnedFd,
    expected: &Expected<'_>,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Found> {
    let queue = Queue::new(Job::Root(Arc::new(Folder { fd: root, path: Vec::new() })));
    let read = AtomicU64::new(0);
    let work = || {
        let mut walker =
            Walker { expected, progress, read: &read, found: Found::default(), buffer: vec![0; BUFFER].into() };
        while let Some(job) = queue.next() {
            match walker.run(job) {
                Ok(more) => queue.done(more),
                Err(error) => {
                    queue.stop();
                    return Err(error);
                }
            }
        }
        Ok(walker.found)
    };
    let parts = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        // A thread ends in a value: a panic ends the process.
        others.into_iter().filter_map(|thread| thread.join().ok()).chain([own]).collect::<Vec<_>>()
    });
    let mut all = Found { bytes: read.into_inner(), ..Found::default() };
    for part in parts {
        let part = part?;
        all.seen.extend(part.seen);
        all.folders.extend(part.folders);
        all.problems.extend(part.problems);
    }
    Ok(all)
}

struct Walker<'a> {
    expected: &'a Expected<'a>,
    progress: &'a (dyn Fn(u64) + Sync),
    read: &'a AtomicU64,
    found: Found,
    buffer: Box<[u8]>,
}

impl Walker<'_> {
    fn run(&mut self, job: Job) -> Result<Vec<Job>> {
        match job {
            Job::Root(folder) => self.list(&folder),
            Job::Folder(parent, name) => {
                let path = joined(&parent, &name);
                self.found.folders.push(path.clone());
                match rustix::fs::openat(&parent.fd, &name, FOLDER, Mode::empty()) {
                    Ok(fd) => self.list(&Arc::new(Folder { fd, path: [&path[..], b"/"].concat() })),
                    Err(errno) => self.object(&path, errno).map(|()| Vec::new()),
                }
            }
            Job::Files(folder, files) => {
                for (name, at) in files {
                    self.file(&folder, &name, at)?;
                }
                Ok(Vec::new())
            }
        }
    }

    /// What is in a folder; what lies in those below it is further work.
    fn list(&mut self, folder: &Arc<Folder>) -> Result<Vec<Job>> {
        if let Ok(stat) = rustix::fs::fstat(&folder.fd)
            && let Some(why) = writable(&stat)
        {
            self.problem(if folder.path.is_empty() { b"./" } else { &folder.path }, Kind::Mode(why));
        }
        let entries = match Dir::read_from(&folder.fd).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(errno) => {
                return self.object(folder.path.strip_suffix(b"/").unwrap_or(b"."), errno).map(|()| Vec::new());
            }
        };
        let (mut jobs, mut files, mut bytes) = (Vec::new(), Vec::new(), 0);
        for entry in entries {
            let name = entry.file_name();
            if is_own(name) {
                continue;
            }
            let path = joined(folder, name);
            let kind = kind(folder, name, entry.file_type());
            match (kind, self.expected.file(&path)) {
                (FileType::RegularFile, Some(at)) => {
                    bytes += self.expected.files[at].size;
                    files.push((name.to_owned(), at));
                    if files.len() == JOB_FILES || bytes >= JOB_BYTES {
                        jobs.push(Job::Files(folder.clone(), std::mem::take(&mut files)));
                        bytes = 0;
                    }
                }
                (FileType::Directory, None) if self.expected.has_folder(&path) => {
                    jobs.push(Job::Folder(folder.clone(), name.to_owned()));
                }
                (kind, at) => self.misplaced(folder, name, path, kind, at),
            }
        }
        jobs.push(Job::Files(folder.clone(), files));
        Ok(jobs)
    }

    /// Something that is not what should be there, or that should not be there at all.
    fn misplaced(&mut self, folder: &Folder, name: &CStr, path: Vec<u8>, kind: FileType, at: Option<usize>) {
        if let Some(at) = at {
            self.found.seen.push((at, None));
            self.problem(&path, Kind::Type(word(kind)));
        } else if self.expected.has_folder(&path) {
            self.problem(&path, Kind::Type(word(kind)));
            self.found.folders.push(path);
        } else if kind != FileType::Directory {
            self.problem(&path, Kind::Extra);
        } else if !(self.expected.empty_folders && is_empty(folder, name)) {
            self.problem(&[&path[..], b"/"].concat(), Kind::Extra);
        }
    }

    fn file(&mut self, folder: &Folder, name: &CStr, at: usize) -> Result<()> {
        let path = joined(folder, name);
        let opened = rustix::fs::openat(&folder.fd, name, FILE, Mode::empty())
            .and_then(|fd| rustix::fs::fstat(&fd).map(|stat| (File::from(fd), stat)));
        let (file, stat) = match opened {
            Ok(opened) => opened,
            // It was removed since its folder was listed.
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => {
                self.found.seen.push((at, None));
                return self.object(&path, errno);
            }
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind != FileType::RegularFile {
            self.found.seen.push((at, None));
            self.problem(&path, Kind::Type(word(kind)));
            return Ok(());
        }
        let expected = &self.expected.files[at];
        if let Some(why) = writable(&stat).or_else(|| mode(&stat, expected.executable)) {
            self.problem(&path, Kind::Mode(why));
        }
        let hash = match self.hash(&file, size(&stat)) {
            Ok(hash) => hash,
            Err(err) => {
                self.problem(&path, Kind::Unreadable(crate::error::plain(&err)));
                self.found.seen.push((at, None));
                return Ok(());
            }
        };
        if hash.is_none() || hash != expected.sha256 || size(&stat) != expected.size {
            self.problem(&path, Kind::Modified);
        }
        self.found.seen.push((at, hash));
        Ok(())
    }

    /// The hash of as many bytes as the file had when it was opened; `None` if these are too many.
    fn hash(&mut self, mut file: &File, size: u64) -> std::io::Result<Option<Sha256>> {
        use std::io::Read;
        if size > LARGEST {
            return Ok(None);
        }
        let (mut hasher, mut left) = (sha2::Sha256::new(), size);
        while left > 0 {
            let count = match file.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(err) if err.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(err) => return Err(err),
            };
            hasher.update(&self.buffer[..count]);
            left = left.saturating_sub(count as u64);
        }
        (self.progress)(self.read.fetch_add(size, Ordering::Relaxed) + size);
        Ok(Some(Sha256(hasher.finalize().into())))
    }

    /// What stands at a path and cannot be opened is wrong; that gv itself can open no more is not the toolchain's fault.
    fn object(&mut self, path: &[u8], errno: Errno) -> Result<()> {
        match errno {
            Errno::MFILE | Errno::NFILE | Errno::NOMEM => {
                let shown = String::from_utf8_lossy(path).into_owned();
                return Err(errno).at("open", Path::new(&shown)).map_err(|error: Error| {
                    error.hint("the system lets gv open no more files: raise `ulimit -n`, or try again later")
                });
            }
            Errno::LOOP => self.problem(path, Kind::Type("a symbolic link")),
            errno => self.problem(path, Kind::Unreadable(crate::error::plain(&errno.into()))),
        }
        Ok(())
    }

    fn problem(&mut self, path: &[u8], kind: Kind) {
        self.found.problems.push(Problem::new(path, kind));
    }
}

fn joined(folder: &Folder, name: &CStr) -> Vec<u8> {
    [&folder.path, name.to_bytes()].concat()
}

/// What an entry is; some file systems do not say so in their lists.
fn kind(folder: &Folder, name: &CStr, listed: FileType) -> FileType {
    match listed {
        FileType::Unknown => rustix::fs::statat(&folder.fd, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
        known => known,
    }
}

fn is_empty(folder: &Folder, name: &CStr) -> bool {
    let listed = rustix::fs::openat(&folder.fd, name, FOLDER, Mode::empty()).and_then(Dir::new);
    listed.is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| is_own(entry.file_name()))))
}

/// Every folder lists itself and the one above it.
fn is_own(name: &CStr) -> bool {
    matches!(name.to_bytes(), b"." | b"..")
}

fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a folder",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "nothing that is known",
    }
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(u64::MAX)
}

/// Whoever may write to it may make another program of it.
fn writable(stat: &Stat) -> Option<&'static str> {
    (stat.st_mode & 0o022 != 0).then_some("others than its owner may write to it")
}

fn mode(stat: &Stat, executable: bool) -> Option<&'static str> {
    let mode = stat.st_mode;
    match executable {
        _ if mode & 0o7000 != 0 => Some("it has a setuid, setgid or sticky bit"),
        true if mode & 0o100 == 0 => Some("it should be executable"),
        false if mode & 0o111 != 0 => Some("it should not be executable"),
        _ => None,
    }
}
