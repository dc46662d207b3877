//! Locks between processes.
//!
//! They are `flock` locks on files that are never removed, so a lock dies with its holder. The holder
//! writes its pid and host into the file for those who wait, and nobody waits for ever.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fs2::FileExt;

use crate::error::{At, Error, Result};
use crate::fs;
use crate::ui::Ui;

/// A held lock; released when dropped, or when the process dies.
#[derive(Debug)]
pub struct FileLock {
    // The lock lives as long as this descriptor, which no child inherits (O_CLOEXEC).
    _file: File,
}

/// How to wait for a lock.
#[derive(Clone, Debug)]
pub struct Patience {
    /// At most so long.
    pub limit: Duration,
    /// Waiting ends soon after this is set.
    pub interrupted: Arc<AtomicBool>,
    /// Who is told what is waited for.
    pub ui: Ui,
}

/// How long nobody is told: some locks are held for a moment, and threads of this process take turns as well.
const UNTOLD: Duration = Duration::from_millis(500);

/// How often a waiting process looks again.
const POLL: Duration = Duration::from_millis(50);

impl FileLock {
    /// Takes the lock if it is free.
    pub fn try_acquire(path: &Path) -> Result<Option<FileLock>> {
        let mut file = open(path)?;
        if !try_lock(&file, path)? {
            return Ok(None);
        }
        // The name is only for those who wait. On a full disk it cannot be written, and the lock is needed all the
        // more: what is uninstalled makes room.
        _ = sign(&mut file);
        Ok(Some(FileLock { _file: file }))
    }

    /// Whether another holds the lock. Nothing is written, and nothing made: for plans that change nothing.
    pub fn is_held(path: &Path) -> Result<bool> {
        let file = match File::open(path) {
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            other => other.at("open", path)?,
        };
        match FileExt::try_lock_shared(&file) {
            Ok(()) => Ok(false),
            Err(err) if err.raw_os_error() == fs2::lock_contended_error().raw_os_error() => Ok(true),
            Err(err) => Err(err).at("lock", path),
        }
    }

    /// Takes the lock of `what`, waiting if need be; after half a second it is told, once, who holds it.
    ///
    /// # Errors
    /// [`crate::error::Exit::Busy`] names the holder after the limit. An interrupt ends the wait.
    pub fn acquire(path: &Path, what: &str, patience: &Patience) -> Result<FileLock> {
        if let Some(lock) = FileLock::try_acquire(path)? {
            return Ok(lock);
        }
        let start = Instant::now();
        let mut told = false;
        while start.elapsed() < patience.limit {
            thread::sleep(POLL);
            if patience.interrupted.load(Ordering::Relaxed) {
                return Err(Error::failed(format!("interrupted while waiting for {what}")));
            }
            if let Some(lock) = FileLock::try_acquire(path)? {
                return Ok(lock);
            }
            if !told && start.elapsed() >= UNTOLD {
                told = true;
                patience.ui.status(format_args!("waiting for {}, which has locked {what}", holder(path)));
            }
        }
        Err(Error::busy(format!("{what} has been locked by {} for over {} s", holder(path), patience.limit.as_secs()))
            .hint("see what that process is doing; the lock is freed when it ends")
            .hint("wait longer with `lock.timeout` in the configuration, or GV_LOCK_TIMEOUT"))
    }
}

fn open(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
        fs::create_dir_all(folder)?;
    }
    fs::open_growing(path)
}

fn try_lock(file: &File, path: &Path) -> Result<bool> {
    match FileExt::try_lock_exclusive(file) {
        Ok(()) => Ok(true),
        Err(err) if err.raw_os_error() == fs2::lock_contended_error().raw_os_error() => Ok(false),
        Err(err) => Err(err).at("lock", path).map_err(|error| error.hint("GV_ROOT has to lie where flock works")),
    }
}

fn sign(file: &mut File) -> std::io::Result<()> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    fs::checkpoint("sign a lock");
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {host}", std::process::id())
}

/// `pid 123 on host`, as far as the lock file tells.
fn holder(path: &Path) -> String {
    let mut text = String::new();
    // Only for a message: an unreadable file says as much as an empty one.
    let read = File::open(path).and_then(|file| file.take(300).read_to_string(&mut text));
    match (read, text.trim().split_once(' ')) {
        (Ok(_), Some((pid, host))) => format!("pid {pid} on {host}"),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_gives_up_in_the_end_and_learns_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("locks/store.lock");
        let first = FileLock::try_acquire(&path).unwrap().unwrap();
        assert!(FileLock::try_acquire(&path).unwrap().is_none());
        assert!(FileLock::is_held(&path).unwrap());
        let patience = Patience { limit: Duration::ZERO, interrupted: Arc::default(), ui: Ui::silent() };
        let error = FileLock::acquire(&path, "the store", &patience).unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Busy);
        assert!(error.message().contains(&format!("locked by pid {} on ", std::process::id())), "{error}");
        drop(first);
        assert!(!FileLock::is_held(&path).unwrap() && !FileLock::is_held(&dir.path().join("none")).unwrap());
        assert!(FileLock::try_acquire(&path).unwrap().is_some());
    }
}
