//! The tree that is being unpacked, as the readers of tar and zip see it.

use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags};

use super::crew::Crew;
use super::form::packed_executable;
use super::inflate::Sizes;
use super::limits::Budget;
use super::names::Names;
use super::writer::{Batch, Step, mode};
use super::{Form, Limits, refused};
use crate::error::{At, Error, Result};
use crate::fs::checkpoint;

/// Bytes in a batch. Half of it full, it goes once its last file is complete.
const BATCH: usize = 512 << 10;

/// Everything that an archive unpacked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The files, sorted by path.
    pub files: Vec<FileRecord>,
}

/// One unpacked file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// Below GOROOT, parts separated by `/`: `src/fmt/print.go`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Whether it was made with mode 0755 instead of 0644, before the umask.
    pub executable: bool,
    /// Of its content.
    pub sha256: [u8; 32],
}

impl Tree {
    /// The file of that path below GOROOT.
    pub fn get(&self, path: &str) -> Option<&FileRecord> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }

    /// Whether there is a file in that folder or below it.
    pub fn has_folder(&self, folder: &str) -> bool {
        let start = format!("{folder}/");
        let at = self.files.partition_point(|file| file.path < start);
        self.files.get(at).is_some_and(|file| file.path.starts_with(&start))
    }

    /// Bytes in all files together.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// How the content of a file comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Plain,
    /// Deflated: a writer inflates it.
    Packed,
}

/// Writes one tree into a folder of its own, and never outside it.
pub struct TreeWriter {
    root: PathBuf,
    names: Names,
    budget: Budget,
    crew: Crew,
    batch: Batch,
    /// Bytes of the batch in use.
    used: usize,
    /// Bytes of the current file in the batch.
    pending: usize,
    /// The file that is being written, if one is.
    file: Option<Content>,
    /// The writer that has the beginning of the current file.
    held: Option<usize>,
}

impl TreeWriter {
    /// Makes the folder `dir`, which must not exist, for a tree that comes in the given form.
    ///
    /// `writers` threads do the writing: one or two hide it behind inflating, none makes it deterministic.
    pub fn create(dir: &Path, form: &Form, limits: Limits, writers: usize) -> Result<TreeWriter> {
        checkpoint("unpack into a folder");
        rustix::fs::mkdirat(CWD, dir, mode(true)).at("create the folder", dir)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::openat(CWD, dir, flags, Mode::empty()).at("open", dir)?;
        let budget = Budget::new(limits);
        Ok(TreeWriter {
            root: dir.to_owned(),
            names: Names::new(form),
            crew: Crew::start(writers, dir, folder, &budget.shared())?,
            budget,
            batch: Batch { bytes: vec![0; BATCH], steps: Vec::new() },
            used: 0,
            pending: 0,
            file: None,
            held: None,
        })
    }

    /// Where the tree is made.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes an entry for a folder, by its name in the archive.
    pub(super) fn folder(&mut self, name: &[u8]) -> Result<()> {
        self.budget.entry()?;
        let path = self.names.folder(name)?;
        self.batch.steps.push(Step::Folder(path));
        Ok(())
    }

    /// Begins a file, by its name in the archive. `executable` is the archive's word, if it has one that counts.
    pub(super) fn begin(&mut self, name: &[u8], executable: Option<bool>) -> Result<()> {
        self.begin_as(Content::Plain, name, executable)
    }

    /// The same for a file whose bytes come deflated. Its checksum and sizes are asked for at its end.
    pub(super) fn begin_packed(&mut self, name: &[u8], executable: Option<bool>) -> Result<()> {
        self.begin_as(Content::Packed, name, executable)
    }

    fn begin_as(&mut self, content: Content, name: &[u8], executable: Option<bool>) -> Result<()> {
        self.crew.check()?;
        self.budget.entry()?;
        let path = self.names.file(name)?;
        let executable = executable.unwrap_or_else(|| packed_executable(&path));
        self.batch.steps.push(Step::File { path, executable });
        self.file = Some(content);
        Ok(())
    }

    /// Refuses a size that is announced before anything of it is read.
    pub(super) fn announced(&self, size: u64) -> Result<()> {
        self.budget.announced(size)
    }

    /// Where the next bytes of the file go; never empty.
    pub(super) fn space(&mut self) -> Result<&mut [u8]> {
        if self.used == self.batch.bytes.len() {
            self.hand_over()?;
        }
        Ok(&mut self.batch.bytes[self.used..])
    }

    /// Says that `count` bytes of [`TreeWriter::space`] are now the file's.
    pub(super) fn filled(&mut self, count: usize) -> Result<()> {
        if self.file == Some(Content::Plain) {
            self.budget.bytes(count)?;
        }
        self.used += count;
        self.pending += count;
        Ok(())
    }

    /// Completes the file.
    pub(super) fn end(&mut self) -> Result<()> {
        self.end_as(None)
    }

    /// Completes a file that came deflated, and has to have this checksum and these sizes.
    pub(super) fn end_packed(&mut self, told: Sizes) -> Result<()> {
        self.end_as(Some(told))
    }

    fn end_as(&mut self, told: Option<Sizes>) -> Result<()> {
        self.settle();
        self.batch.steps.push(Step::End(told));
        self.file = None;
        if self.used >= BATCH / 2 { self.hand_over() } else { Ok(()) }
    }

    /// Waits until everything is written.
    pub(super) fn finish(mut self) -> Result<Tree> {
        self.hand_over()?;
        let mut files = self.crew.finish()?;
        if files.is_empty() {
            return Err(refused("it holds no file at all"));
        }
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree { files })
    }

    /// Gives up for `error`, which the reader has met. A writer may find fault with bytes that lie before: then that is
    /// the error, however far the writers have come.
    pub(super) fn give_up(self, error: Error) -> Error {
        self.crew.failure().unwrap_or(error)
    }

    /// Turns the bytes of the current file that wait in the batch into a step.
    fn settle(&mut self) {
        if self.pending > 0 {
            let packed = self.file == Some(Content::Packed);
            self.batch.steps.push(if packed { Step::Packed(self.pending) } else { Step::Data(self.pending) });
            self.pending = 0;
        }
    }

    fn hand_over(&mut self) -> Result<()> {
        self.settle();
        let batch = std::mem::take(&mut self.batch);
        let (writer, mut bytes) = self.crew.give(batch, self.held)?;
        self.held = self.file.map(|_| writer);
        bytes.resize(BATCH, 0);
        self.batch.bytes = bytes;
        self.used = 0;
        Ok(())
    }
}
