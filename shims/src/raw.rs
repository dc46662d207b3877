//! Linux without a C library: the few system calls that the shim makes.

#[cfg(target_arch = "aarch64")]
#[path = "raw/aarch64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "raw/x86_64.rs"]
mod arch;
pub mod process;
pub mod start;

use core::mem::MaybeUninit;

use arch::{STAT, syscall};

use crate::errno::Errno;
use crate::message::Decimal;
use crate::path::Path;
use crate::room::Room;
use crate::system::{Kind, Status, System};

/// Paths are relative to the current folder, as in open(2).
const AT_FDCWD: usize = usize::MAX - 99;

const O_NOCTTY: usize = 0o400;
const O_NONBLOCK: usize = 0o4000;
const O_CLOEXEC: usize = 0o2_000_000;
const O_PATH: usize = 0o10_000_000;
#[cfg(target_arch = "x86_64")]
const O_DIRECTORY: usize = 0o200_000;
#[cfg(target_arch = "aarch64")]
const O_DIRECTORY: usize = 0o40_000;

/// Linux, called directly.
#[derive(Clone, Copy, Debug)]
pub struct Raw;

/// An open file's number.
#[derive(Debug)]
pub struct Descriptor(usize);

/// Makes a system call.
///
/// # Safety
/// The arguments must be what the call takes: pointers valid for as long as it says.
unsafe fn call(number: usize, arguments: [usize; 4]) -> Result<usize, Errno> {
    // SAFETY: the caller's.
    let result = unsafe { syscall(number, arguments) };
    // The kernel's errors are -4095 to -1, so the number fits.
    #[allow(clippy::cast_possible_truncation)]
    if result < 0 { Err(Errno(-result as i32)) } else { Ok(result.unsigned_abs()) }
}

/// Writes on stderr; there is nowhere to say that this failed.
fn complain(text: &[u8]) {
    // SAFETY: the text is passed with its length.
    let _ = unsafe { call(arch::WRITE, [2, text.as_ptr() as usize, text.len(), 0]) };
}

/// Where a path starts.
fn number(from: Option<&Descriptor>) -> usize {
    from.map_or(AT_FDCWD, |folder| folder.0)
}

fn open(from: Option<&Descriptor>, path: Path<'_>, flags: usize) -> Result<Descriptor, Errno> {
    // SAFETY: a path ends in NUL, and the kernel only reads it.
    unsafe { call(arch::OPENAT, [number(from), path.as_ptr() as usize, flags, 0]) }.map(Descriptor)
}

/// Room for `struct stat`, of which the larger of the two layouts is 144 bytes.
type Stat = [u64; 18];

fn read_link(path: *const u8, into: &mut [u8]) -> Result<usize, Errno> {
    // SAFETY: a path ends in NUL, and the buffer is passed with its length.
    unsafe { call(arch::READLINKAT, [AT_FDCWD, path as usize, into.as_mut_ptr() as usize, into.len()]) }
}

impl System for Raw {
    type File = Descriptor;
    type Folder = Descriptor;

    fn folder(&self, from: Option<&Descriptor>, path: Path<'_>) -> Result<Descriptor, Errno> {
        open(from, path, O_PATH | O_DIRECTORY | O_CLOEXEC)
    }

    fn open(&self, from: Option<&Descriptor>, path: Path<'_>) -> Result<Descriptor, Errno> {
        open(from, path, O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }

    fn read(&self, file: &mut Descriptor, buffer: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: the buffer is passed with its length.
        unsafe { call(arch::READ, [file.0, buffer.as_mut_ptr() as usize, buffer.len(), 0]) }
    }

    fn close(&self, file: Descriptor) {
        // Nothing was written, so nothing can be lost.
        // SAFETY: no pointers.
        let _ = unsafe { call(arch::CLOSE, [file.0, 0, 0, 0]) };
    }

    fn stat(&self, from: Option<&Descriptor>, path: Path<'_>) -> Result<Status, Errno> {
        let mut stat = MaybeUninit::<Stat>::uninit();
        // SAFETY: a path ends in NUL, and the buffer is as large as the kernel's structure, of which all that is read
        // was written when there is no error.
        let word = unsafe {
            call(arch::NEWFSTATAT, [number(from), path.as_ptr() as usize, stat.as_mut_ptr() as usize, 0])?;
            |at: usize| stat.as_ptr().cast::<u64>().add(at / 8).read()
        };
        let (device, inode, mode, size) = STAT;
        // The mode is 32 bits wide, and what stands beside it is not wanted.
        let mode = word(mode) & 0xffff_ffff;
        let kind = match mode & 0o170_000 {
            0o100_000 => Kind::File,
            0o040_000 => Kind::Folder,
            _ => Kind::Other,
        };
        Ok(Status { identity: (word(device), word(inode)), kind, executable: mode & 0o111 != 0, size: word(size) })
    }

    fn read_link(&self, path: Path<'_>, into: &mut [u8]) -> Result<usize, Errno> {
        read_link(path.as_ptr(), into)
    }

    fn current_dir(&self, into: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: the buffer is passed with its length.
        let len = unsafe { call(arch::GETCWD, [into.as_mut_ptr() as usize, into.len(), 0, 0]) }?;
        // The length counts the NUL; a folder outside this process's root is given as "(unreachable)/…".
        if into.starts_with(b"/") { Ok(len.saturating_sub(1)) } else { Err(Errno::NOENT) }
    }

    fn real_dir(&self, path: Path<'_>, into: &mut [u8]) -> Result<usize, Errno> {
        let folder = self.folder(None, path)?;
        let number = Decimal::of(u32::try_from(folder.0).unwrap_or(u32::MAX));
        let mut space = [MaybeUninit::uninit(); 32];
        let link = Room::new(&mut space).path(&[b"/proc/self/fd/", number.as_bytes()]);
        let len = link.and_then(|link| self.read_link(link, into));
        self.close(folder);
        len
    }

    fn executed(&self, into: &mut [u8]) -> Result<usize, Errno> {
        read_link(c"/proc/self/exe".as_ptr().cast(), into)
    }
}
