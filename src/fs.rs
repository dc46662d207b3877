//! The only place that changes the disk.
//!
//! Everything is built beside its place and renamed into it, so that a reader sees the old thing or the new
//! one. A rename is durable only once its folder is synced; callers who need that say so with [`sync_dir`].

mod checkpoint;
mod sweep;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

pub use checkpoint::{checkpoint, observe};
pub use sweep::{sweep_stale, sweep_temporary};

use crate::error::{At, Error, Result};

/// The most that gv reads of a file of its own: receipts of 16,000 files stay below a tenth of it.
const LARGEST_OWN_FILE: u64 = 64 << 20;

/// Reads a whole regular file of text, or `None` if there is none.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    match read_bytes(path)? {
        Some(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Error::untrusted(format!("{} is not text", path.display()))),
        },
        None => Ok(None),
    }
}

/// Reads a whole regular file, or `None` if there is none. A FIFO does not block, and nothing is read beyond 64 MiB.
pub fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    let Some(file) = open_regular(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(LARGEST_OWN_FILE + 1).read_to_end(&mut bytes).at("read", path)?;
    if bytes.len() as u64 > LARGEST_OWN_FILE {
        return Err(Error::usage(format!("{} is larger than 64 MiB", path.display())));
    }
    Ok(Some(bytes))
}

/// Opens a regular file for reading, or `None` if there is none. A FIFO does not block.
pub fn open_regular(path: &Path) -> Result<Option<File>> {
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = match OpenOptions::new().read(true).custom_flags(nonblocking).open(path) {
        Ok(file) => file,
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        Err(err) => return Err(err).at("read", path),
    };
    if !file.metadata().at("read", path)?.is_file() {
        return Err(Error::usage(format!("{} is not a regular file", path.display())));
    }
    Ok(Some(file))
}

/// Opens a file to read what it holds and to write on, making it if need be; a link in its place is refused.
pub fn open_growing(path: &Path) -> Result<File> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    checkpoint("open a growing file");
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o644)
        .custom_flags(no_follow)
        .open(path)
        .at("open", path)
}

/// The names in a folder, sorted; none if there is no such folder.
pub fn names(dir: &Path) -> Result<Vec<OsString>> {
    let mut names: Vec<OsString> = entries(dir)?.into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    Ok(names)
}

/// The names in a folder with what each is, links not followed, in any order; none if there is no such folder.
pub fn entries(dir: &Path) -> Result<Vec<(OsString, FileType)>> {
    let listed = match fs::read_dir(dir) {
        Ok(listed) => listed,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(err) => return Err(err).at("list", dir),
    };
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry.at("list", dir)?;
        match entry.file_type() {
            Ok(kind) => entries.push((entry.file_name(), kind)),
            // Another process removed it meanwhile, where a list does not say what is what.
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => return Err(err).at("read", &entry.path()),
        }
    }
    Ok(entries)
}

/// Where a symbolic link points, or `None` if there is no such link.
pub fn read_link(path: &Path) -> Result<Option<PathBuf>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target)),
        Err(err) => match err.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => Ok(None),
            _ => Err(err).at("read the link", path),
        },
    }
}

/// Makes a folder and those above it, which nobody else may write to, whatever the umask: programs lie there.
pub fn create_dir_all(dir: &Path) -> Result<()> {
    checkpoint("create folders");
    fs::DirBuilder::new().recursive(true).mode(0o755).create(dir).at("create the folder", dir)
}

/// Makes a folder that only its owner may enter, and those above it.
pub fn create_private_dir_all(dir: &Path) -> Result<()> {
    if let Some(parent) = dir.parent() {
        create_dir_all(parent)?;
    }
    checkpoint("create a private folder");
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        other => other.at("create the folder", dir),
    }
}

/// Replaces a file as one step: written beside it, synced, renamed over it, and the folder synced.
///
/// The mode is 0644 under the umask, or that of the file being replaced.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let mode = fs::metadata(path).map_or(0o644, |meta| meta.mode() & 0o777);
    replace(path, |temporary| {
        let mut file = create_new(temporary, mode)?;
        checkpoint("write a file");
        file.write_all(bytes).at("write", temporary)?;
        sync(&file, temporary)
    })?;
    sync_dir(parent(path))
}

/// Replaces a file as one step, which a power cut may undo or leave empty: for what its reader can do without, such as
/// a list that can be fetched again. To sync it would hold up an install.
pub fn write_cached(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |temporary| {
        let mut file = create_new(temporary, 0o644)?;
        file.write_all(bytes).at("write", temporary)
    })
}

fn create_new(path: &Path, mode: u32) -> Result<File> {
    checkpoint("create a file");
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path).at("create", path)
}

fn sync(file: &File, path: &Path) -> Result<()> {
    checkpoint("sync a file");
    file.sync_all().at("sync", path)
}

/// Whether a file may be replaced or, where there is none, made: nobody took its write permission away, and its folder,
/// or the nearest above it that is there, can be written to.
pub fn is_replaceable(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(meta) if meta.mode() & 0o222 == 0 || !is_writable(path) => return Ok(false),
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err).at("read", path),
        _ => {}
    }
    Ok(path.ancestors().skip(1).find(|dir| dir.exists()).is_none_or(is_writable))
}

/// Whether two names, links followed, are one file.
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Copies a file to a new place as one step, synced, with mode 0755 under the umask.
pub fn copy_program(from: &Path, to: &Path) -> Result<()> {
    replace(to, |temporary| {
        let mut source = File::open(from).at("read", from)?;
        let mut file = create_new(temporary, 0o755)?;
        checkpoint("write a program");
        io::copy(&mut source, &mut file).at("write", temporary)?;
        let modified = source.metadata().and_then(|meta| meta.modified()).at("read", from)?;
        file.set_modified(modified).at("write", temporary)?;
        sync(&file, temporary)
    })?;
    sync_dir(parent(to))
}

/// Puts a symbolic link in place as one step, over whatever link stood there.
pub fn link_symbolic(target: &Path, link: &Path) -> Result<()> {
    replace(link, |temporary| {
        checkpoint("create a link");
        std::os::unix::fs::symlink(target, temporary).at("create the link", temporary)
    })
}

/// Makes a symbolic link, as one step, unless something of that name is there already.
pub fn link_symbolic_new(target: &Path, link: &Path) -> Result<()> {
    checkpoint("create a link");
    match std::os::unix::fs::symlink(target, link) {
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.at("create the link", link),
    }
}

/// Gives `existing` a further name as one step; copies it where the file system refuses hard links.
///
/// A name that is already that inode is left alone: rename between two links of one inode does nothing and
/// would leave the temporary name behind.
pub fn link_program(existing: &Path, name: &Path) -> Result<()> {
    let source = fs::metadata(existing).at("read", existing)?;
    if fs::symlink_metadata(name).is_ok_and(|meta| (meta.dev(), meta.ino()) == (source.dev(), source.ino())) {
        return Ok(());
    }
    let linked = replace(name, |temporary| {
        checkpoint("link");
        fs::hard_link(existing, temporary).at("link", temporary)
    });
    if linked.is_err() { copy_program(existing, name) } else { linked }
}

/// Makes something under a temporary name beside `path` and renames it over `path`.
fn replace(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let temporary = beside(path);
    let made = make(&temporary).and_then(|()| rename(&temporary, path));
    if made.is_err() {
        // The first error is the one to report; a leftover is swept later.
        drop(remove_file(&temporary));
    }
    made
}

/// A hidden name beside `path` that no other thread or process uses. Every container has a process 1, and what one that
/// was killed left behind must not stand in the way of the next: hence the random number.
fn beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static RANDOM: LazyLock<u64> = LazyLock::new(|| std::hash::RandomState::new().build_hasher().finish());
    let mut name = OsString::from(TEMPORARY_PREFIX);
    name.push(format!("{:x}.{}.", *RANDOM, COUNT.fetch_add(1, Ordering::Relaxed)));
    name.push(path.file_name().unwrap_or(OsStr::new("file")));
    path.with_file_name(name)
}

/// What the names of half-made things begin with.
pub const TEMPORARY_PREFIX: &str = ".gv-new.";

/// Renames over whatever file or link stands at `to`.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    checkpoint("rename");
    fs::rename(from, to).map_err(|err| moved(&err, from, to))
}

/// Renames a folder to a name that must be free; `false` if it is taken.
///
/// Where the file system has no `RENAME_NOREPLACE`, a plain rename does: it refuses a folder that is not empty.
pub fn rename_new(from: &Path, to: &Path) -> Result<bool> {
    checkpoint("rename a folder");
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST | Errno::NOTEMPTY) => Ok(false),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::rename(from, to) {
            Ok(()) => Ok(true),
            Err(err) if matches!(err.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) => {
                Ok(false)
            }
            Err(err) => Err(moved(&err, from, to)),
        },
        Err(err) => Err(moved(&err.into(), from, to)),
    }
}

/// Exchanges two folders as one step; where the file system cannot, the old one steps aside for a moment.
pub fn exchange(new: &Path, old: &Path) -> Result<()> {
    checkpoint("exchange");
    match rustix::fs::renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            let aside = beside(new);
            rename(old, &aside)?;
            if let Err(error) = rename(new, old) {
                // The old one goes back; that this fails too is worth telling.
                return match rename(&aside, old) {
                    Ok(()) => Err(error),
                    Err(back) => Err(error.because(back)),
                };
            }
            rename(&aside, new)
        }
        Err(err) => Err(moved(&err.into(), new, old)),
    }
}

fn moved(err: &io::Error, from: &Path, to: &Path) -> Error {
    let crosses = err.kind() == io::ErrorKind::CrossesDevices;
    let error = Error::from_io(err, &format!("move {} to", from.display()), to);
    if crosses { error.hint("all of GV_ROOT has to lie on one file system") } else { error }
}

/// Removes a file or link; it may be gone already.
pub fn remove_file(path: &Path) -> Result<()> {
    checkpoint("remove a file");
    match fs::remove_file(path) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.at("remove", path),
    }
}

/// Removes a folder and all below it, following no link; it may be gone already. Folders without write
/// permission, as in a module cache, are opened up first.
pub fn remove_tree(dir: &Path) -> Result<()> {
    checkpoint("remove a tree");
    match fs::remove_dir_all(dir) {
        Ok(()) => Ok(()),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(err) if err.kind() == io::ErrorKind::PermissionDenied => match make_writable(dir) {
            Ok(()) => fs::remove_dir_all(dir).at("remove", dir),
            // Nor can it be opened up: the first reason says more.
            Err(_) => Err(err).at("remove", dir),
        },
        Err(err) => Err(err).at("remove", dir),
    }
}

/// Removes a folder if nothing is in it.
pub fn remove_empty_dir(dir: &Path) -> Result<()> {
    checkpoint("remove a folder");
    match fs::remove_dir(dir) {
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => Ok(()),
        other => other.at("remove", dir),
    }
}

fn make_writable(dir: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).at("open up", dir)?;
    for name in names(dir)? {
        let path = dir.join(name);
        if fs::symlink_metadata(&path).at("read", &path)?.is_dir() {
            make_writable(&path)?;
        }
    }
    Ok(())
}

/// Makes what a file holds durable.
pub fn sync_file(path: &Path) -> Result<()> {
    sync(&File::open(path).at("sync", path)?, path)
}

/// Makes the names in a folder durable.
pub fn sync_dir(dir: &Path) -> Result<()> {
    checkpoint("sync a folder");
    File::open(dir).and_then(|dir| dir.sync_all()).at("sync the folder", dir)
}

/// Makes everything on the file system that holds `dir` durable: one call instead of an fsync a file.
pub fn sync_file_system(dir: &Path) -> Result<()> {
    checkpoint("sync the file system");
    let handle = File::open(dir).at("sync", dir)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&handle).at("sync", dir)?;
    #[cfg(not(target_os = "linux"))]
    {
        drop(handle);
        rustix::fs::sync();
    }
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
