//! The machine as resolution sees it.

use crate::errno::Errno;
use crate::path::Path;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A FIFO, a socket or a device.
    Other,
}

/// What `stat` says of a file, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// The device and the inode: together they are the file's identity.
    pub identity: (u64, u64),
    /// File, folder or something else.
    pub kind: Kind,
    /// Whether anyone may run it.
    pub executable: bool,
    /// In bytes; 0 is also what generated files say.
    pub size: u64,
}

/// The calls that resolution makes: raw system calls in the shim, std in gv, and a made file system in tests.
///
/// What they write goes to the front of the buffer, and they say how much it is.
pub trait System {
    /// An open file.
    type File;

    /// An open folder, which stays open until its program is replaced.
    type Folder;

    /// Opens a folder from which paths may start. `from` is where this path starts, the current folder if there is none.
    fn folder(&self, from: Option<&Self::Folder>, path: Path<'_>) -> Result<Self::Folder, Errno>;

    /// Opens a file for reading, at once even if it is a FIFO or a terminal, and never as the controlling one.
    fn open(&self, from: Option<&Self::Folder>, path: Path<'_>) -> Result<Self::File, Errno>;

    /// Reads up to the buffer's length; 0 at the end.
    fn read(&self, file: &mut Self::File, buffer: &mut [u8]) -> Result<usize, Errno>;

    /// Closes a file. A file that gave the answer stays open until its program is replaced, which closes it.
    fn close(&self, file: Self::File);

    /// What is at a path, symbolic links followed.
    fn stat(&self, from: Option<&Self::Folder>, path: Path<'_>) -> Result<Status, Errno>;

    /// Where a symbolic link leads, cut where the buffer ends.
    fn read_link(&self, path: Path<'_>, into: &mut [u8]) -> Result<usize, Errno>;

    /// The current folder, absolute; [`Errno::RANGE`] when it and a NUL do not fit.
    fn current_dir(&self, into: &mut [u8]) -> Result<usize, Errno>;

    /// The absolute path without symbolic links of a folder, which may be given relative to the current one.
    fn real_dir(&self, path: Path<'_>, into: &mut [u8]) -> Result<usize, Errno>;

    /// The absolute path of the file that this process executes.
    fn executed(&self, into: &mut [u8]) -> Result<usize, Errno>;
}
