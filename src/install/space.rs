//! Whether there is room for a toolchain: asked before its download begins, and told when the disk fills up all the same.

use std::path::{Path, PathBuf};

use crate::download::Setback;
use crate::error::{At, Error, Result};

/// Go's archives unpack to 3.5–4.7 times their size. Only what cannot fit is refused, so the refusal counts on less.
const LEAST_TENTHS: u64 = 30;

/// What is said to be needed should be enough, so it counts on the most.
const MOST_TENTHS: u64 = 47;

/// The room on a file system when an install began, and the room that it takes.
pub(super) struct Space {
    /// A folder on it.
    dir: PathBuf,
    /// What the file system says; `None` where it does not know, as some network file systems do not.
    free: Option<u64>,
    /// Bytes that the packed file has, and bytes that are still to be kept of it; `None` if its size is not known.
    packed: Option<(u64, u64)>,
}

impl Space {
    /// The room in a folder for a file of `packed` bytes, of which `kept` are to be written beside what it unpacks to.
    ///
    /// # Errors
    /// The folder cannot be asked, or it cannot hold that.
    pub(super) fn check(dir: &Path, packed: Option<u64>, kept: impl FnOnce(u64) -> u64) -> Result<Space> {
        let stat = rustix::fs::statvfs(dir).at("read the free space of", dir)?;
        // Blocks that are kept for root are free for root.
        let blocks = if rustix::process::geteuid().is_root() { stat.f_bfree } else { stat.f_bavail };
        let free = (stat.f_blocks > 0).then(|| blocks.saturating_mul(stat.f_frsize));
        let space = Space { dir: dir.to_owned(), free, packed: packed.map(|packed| (packed, kept(packed))) };
        match (space.needs(LEAST_TENTHS), space.free) {
            (Some(least), Some(free)) if least > free => Err(Error::failed(format!("{} is too full", dir.display()))
                .because(space.figures("are"))
                .hint("free some space, or move GV_ROOT to a larger disk")),
            _ => Ok(space),
        }
    }

    fn needs(&self, tenths: u64) -> Option<u64> {
        let (packed, kept) = self.packed?;
        Some((packed / 10).saturating_mul(tenths).saturating_add(kept))
    }

    fn figures(&self, are: &str) -> String {
        let free = self.free.map_or_else(|| "nobody knows how much".to_owned(), megabytes);
        match self.needs(MOST_TENTHS) {
            Some(needed) => format!("about {} are needed there, and {free} {are} free", megabytes(needed)),
            None => format!("{free} {are} free there"),
        }
    }

    /// Adds both figures to an error that a full disk or quota caused.
    pub(super) fn explain(&self, setback: Setback) -> Setback {
        match setback {
            Setback::Failed(error) if error.is_full() => Setback::Failed(match crowded(&self.dir) {
                Some(why) => error.because(why),
                None => error.because(self.figures("were")).during("there is not enough space"),
            }),
            other => other,
        }
    }
}

/// Adds what is left in a folder to an error that a full disk or quota caused when all was unpacked already.
pub(super) fn at_the_end(error: Error, dir: &Path) -> Error {
    match Space::check(dir, None, |_| 0) {
        Ok(space) if error.is_full() => match crowded(dir) {
            Some(why) => error.because(why),
            None => error.because(space.figures("are")),
        },
        // The first error is the one to report.
        _ => error,
    }
}

/// Whether a file system has room, and yet for no more files (row 39).
fn crowded(dir: &Path) -> Option<&'static str> {
    let stat = rustix::fs::statvfs(dir).ok()?;
    (stat.f_files > 0 && stat.f_ffree == 0).then_some("it has as many files as it can have; free some of its inodes")
}

fn megabytes(bytes: u64) -> String {
    if bytes < 10_000_000 {
        format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
    } else {
        format!("{} MB", bytes / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_38_what_cannot_fit_is_refused_with_both_figures() {
        let dir = tempfile::tempdir().unwrap();
        let error = Space::check(dir.path(), Some(1 << 60), |packed| packed).err().unwrap();
        let text = error.to_string();
        assert!(text.contains("is too full: about 6571") && text.contains("MB are free"), "{text}");
        assert!(!error.hints().is_empty());
        assert!(Space::check(dir.path(), Some(10), |_| 0).is_ok() && Space::check(dir.path(), None, |_| 0).is_ok());
    }

    #[test]
    fn row_38_only_a_full_disk_is_explained_by_its_figures() {
        let dir = std::env::temp_dir();
        let space = Space { dir, free: Some(2_340_000), packed: Some((70_000_000, 70_000_000)) };
        let full = std::io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
        let explained = |error: std::io::Error| match space
            .explain(Setback::Failed(Err::<(), _>(error).at("write", Path::new("/x")).unwrap_err()))
        {
            Setback::Restart(error) | Setback::Failed(error) => error.to_string(),
        };
        let text = explained(full);
        assert!(text.starts_with("there is not enough space: cannot write /x: no space left"), "{text}");
        assert!(text.ends_with("about 399 MB are needed there, and 2.3 MB were free"), "{text}");
        assert_eq!(explained(std::io::Error::other("broken")), "cannot write /x: broken");
    }
}
