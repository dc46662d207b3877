//! Makes files below one folder descriptor.

use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::inflate::{Inflater, Progress, Sizes};
use super::limits::ByteBudget;
use super::tree::FileRecord;
use super::{refused, shown};
use crate::error::{At, Error, Result};
use crate::fs::checkpoint;

/// One thing to do; the bytes of a batch belong to its data and packed data in their order.
pub(super) enum Step {
    /// Make this folder.
    Folder(String),
    /// Begin this file.
    File { path: String, executable: bool },
    /// Append that many bytes to it.
    Data(usize),
    /// Append what that many bytes inflate to.
    Packed(usize),
    /// It is complete; what was inflated has to have this checksum and these sizes.
    End(Option<Sizes>),
}

/// Steps and the bytes that they need. A file may go on in the next batch, which then has to reach the same writer.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) steps: Vec<Step>,
}

/// Does the steps, inflates what comes packed, hashes each file, and remembers what it wrote.
pub(super) struct Writer {
    /// For messages only: nothing is opened by it.
    root: PathBuf,
    folders: Folders,
    budget: ByteBudget,
    open: Option<OpenFile>,
    /// Made for the first file that comes packed.
    inflater: Option<Inflater>,
    written: Vec<FileRecord>,
}

struct OpenFile {
    path: String,
    executable: bool,
    file: OwnedFd,
    size: u64,
    hash: Sha256,
}

impl Writer {
    pub(super) fn new(root: &Path, folder: OwnedFd, budget: ByteBudget) -> Writer {
        let folders = Folders { root: folder, entered: Vec::new() };
        Writer { root: root.to_owned(), folders, budget, open: None, inflater: None, written: Vec::new() }
    }

    pub(super) fn run(&mut self, batch: &mut Batch) -> Result<()> {
        let mut rest = batch.bytes.as_slice();
        for step in batch.steps.drain(..) {
            match step {
                Step::Folder(path) => self.make_folder(&path)?,
                Step::File { path, executable } => self.begin(path, executable)?,
                Step::Data(count) => self.append(split(&mut rest, count))?,
                Step::Packed(count) => self.inflate(split(&mut rest, count))?,
                Step::End(told) => self.end(told)?,
            }
        }
        Ok(())
    }

    /// What was written, in the order of writing.
    pub(super) fn into_written(self) -> Vec<FileRecord> {
        self.written
    }

    fn make_folder(&mut self, path: &str) -> Result<()> {
        self.folders.enter(path).map(drop).at("create the folder", &self.root.join(path))
    }

    fn begin(&mut self, path: String, executable: bool) -> Result<()> {
        let file = self.folders.create(&path, executable).at("create", &self.root.join(&path))?;
        self.open = Some(OpenFile { path, executable, file, size: 0, hash: Sha256::new() });
        if let Some(inflater) = &mut self.inflater {
            inflater.begin();
        }
        Ok(())
    }

    fn append(&mut self, data: &[u8]) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.append(data, &self.root)
    }

    /// The budget is counted here, since the reader does not know what packed bytes hold.
    fn inflate(&mut self, packed: &[u8]) -> Result<()> {
        let Writer { root, budget, open: Some(open), inflater, .. } = self else { return Ok(()) };
        let inflater = inflater.get_or_insert_with(Inflater::new);
        let progress = inflater.take(packed, |data| {
            budget.count(data.len())?;
            open.append(data, root)
        })?;
        match progress {
            Progress::Going => Ok(()),
            Progress::Damaged => Err(open.damaged()),
        }
    }

    fn end(&mut self, told: Option<Sizes>) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if let Some(told) = told {
            match self.inflater.as_ref().map(Inflater::end).transpose()?.flatten() {
                Some(found) if found == told => {}
                Some(_) => return Err(open.other_sizes()),
                None => return Err(open.damaged()),
            }
        }
        close(open.file).at("write", &self.root.join(&open.path))?;
        self.written.push(FileRecord {
            path: open.path,
            size: open.size,
            executable: open.executable,
            sha256: open.hash.finalize().into(),
        });
        Ok(())
    }
}

impl OpenFile {
    fn append(&mut self, data: &[u8], root: &Path) -> Result<()> {
        self.hash.update(data);
        self.size += data.len() as u64;
        checkpoint("write an unpacked file");
        write_all(self.file.as_fd(), data).at("write", &root.join(&self.path))
    }

    fn damaged(&self) -> Error {
        refused(format_args!("the compressed data of {} is damaged", shown(self.path.as_bytes())))
    }

    fn other_sizes(&self) -> Error {
        refused(format_args!("{} has another size or checksum than it says", shown(self.path.as_bytes())))
    }
}

/// Takes the first `count` bytes off.
fn split<'b>(rest: &mut &'b [u8], count: usize) -> &'b [u8] {
    let (data, after) = rest.split_at(count);
    *rest = after;
    data
}

fn write_all(file: BorrowedFd<'_>, mut data: &[u8]) -> rustix::io::Result<()> {
    while !data.is_empty() {
        match rustix::io::write(file, data) {
            Ok(count) => data = &data[count..],
            Err(Errno::INTR) => {}
            Err(err) => return Err(err),
        }
    }
    Ok(())
}

/// Closes a file and says whether that worked: a full quota may show only here.
fn close(file: OwnedFd) -> rustix::io::Result<()> {
    // SAFETY: the descriptor was owned, so nothing else closes or uses it; it is not used again, whatever this says.
    match unsafe { rustix::io::try_close(file.into_raw_fd()) } {
        // Linux has closed it all the same, and trying again might close another's.
        Err(Errno::INTR) => Ok(()),
        other => other,
    }
}

/// The folder descriptors from the root to where the last file went: archives are sorted, so the next file is near.
struct Folders {
    root: OwnedFd,
    entered: Vec<(String, OwnedFd)>,
}

impl Folders {
    /// Modes are set here and nowhere else, so the umask may take bits away, and nothing adds any.
    fn create(&mut self, path: &str, executable: bool) -> rustix::io::Result<OwnedFd> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = self.enter(folder)?;
        checkpoint("unpack a file");
        rustix::fs::openat(folder, name, flags, mode(executable))
    }

    /// The descriptor of a folder, which is made if it is missing.
    fn enter(&mut self, path: &str) -> rustix::io::Result<BorrowedFd<'_>> {
        let shared = self.entered.iter().zip(path.split('/')).take_while(|((name, _), part)| name == part).count();
        self.entered.truncate(shared);
        for name in path.split('/').skip(shared).filter(|name| !name.is_empty()) {
            let folder = descend(self.here(), name)?;
            self.entered.push((name.to_owned(), folder));
        }
        Ok(self.here())
    }

    fn here(&self) -> BorrowedFd<'_> {
        self.entered.last().map_or(self.root.as_fd(), |(_, folder)| folder.as_fd())
    }
}

/// Opens a folder in a folder, made first if it is missing; another writer may make it at the same moment.
fn descend(parent: BorrowedFd<'_>, name: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(parent, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    checkpoint("unpack a folder");
    match rustix::fs::mkdirat(parent, name, mode(true)) {
        Ok(()) | Err(Errno::EXIST) => rustix::fs::openat(parent, name, flags, Mode::empty()),
        Err(err) => Err(err),
    }
}

/// 0755 or 0644 under the umask, whatever the archive says (row 31).
pub(super) fn mode(executable: bool) -> Mode {
    Mode::from_raw_mode(if executable { 0o755 } else { 0o644 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_31_only_the_owner_may_ever_write_even_without_a_umask() {
        assert_eq!(mode(true).as_raw_mode(), 0o755);
        assert_eq!(mode(false).as_raw_mode(), 0o644);
    }

    #[test]
    fn folder_descriptors_are_kept_for_the_current_path_only() {
        let dir = tempfile::tempdir().unwrap();
        let root = std::fs::File::open(dir.path()).unwrap().into();
        let mut folders = Folders { root, entered: Vec::new() };
        for path in ["a/b/c", "a/b/d", "a/bb", "", "a/b/c/d/e"] {
            folders.enter(path).unwrap();
            let entered: Vec<_> = folders.entered.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(entered.join("/"), path);
        }
        assert!(dir.path().join("a/b/c/d/e").is_dir() && dir.path().join("a/bb").is_dir());
    }
}
