//! Linux without a C library: the few system calls that the shim makes.

#[cfg(target_arch = "aarch64")]
#[path = "raw/aarch64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "raw/x86_64.rs"]
mod arch;
pub mod process;
pub mod start;

use arch::{STAT, syscall};

use crate::errno::Errno;
use crate::path::Path;
use crate::system::{Kind, Status, System};

/// Paths are relative to the current folder, as in open(2).
const AT_FDCWD: usize = usize::MAX - 99;

/// `openat` and `newfstatat` on an empty path: the file that is open.
const AT_EMPTY_PATH: usize = 0x1000;

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

fn address(path: &Path) -> usize {
    path.as_ptr() as usize
}

fn open(path: &Path, flags: usize) -> Result<Descriptor, Errno> {
    // SAFETY: a path ends in NUL, and the kernel only reads it.
    unsafe { call(arch::OPENAT, [AT_FDCWD, address(path), flags, 0]) }.map(Descriptor)
}

/// The larger of the two layouts is 144 bytes.
#[repr(C, align(8))]
struct Stat([u8; 144]);

fn stat(folder: usize, path: *const u8, flags: usize) -> Result<Status, Errno> {
    let mut stat = Stat([0; 144]);
    // SAFETY: a path ends in NUL, and the buffer is as large as the kernel's structure.
    unsafe { call(arch::NEWFSTATAT, [folder, path as usize, &raw mut stat as usize, flags]) }?;
    let word = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&stat.0[at..at + 8]);
        u64::from_ne_bytes(bytes)
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

fn read_link(path: *const u8, into: &mut Path) -> Result<(), Errno> {
    // SAFETY: a path ends in NUL, and the buffer is passed with its length.
    into.fill(|buffer| unsafe {
        call(arch::READLINKAT, [AT_FDCWD, path as usize, buffer.as_mut_ptr() as usize, buffer.len()])
    })
}

impl System for Raw {
    type File = Descriptor;

    fn open(&self, path: &Path) -> Result<Descriptor, Errno> {
        open(path, O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }

    fn stat_file(&self, file: &Descriptor) -> Result<Status, Errno> {
        stat(file.0, c"".as_ptr().cast(), AT_EMPTY_PATH)
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

    fn stat(&self, path: &Path) -> Result<Status, Errno> {
        stat(AT_FDCWD, path.as_ptr(), 0)
    }

    fn read_link(&self, path: &Path, into: &mut Path) -> Result<(), Errno> {
        read_link(path.as_ptr(), into)
    }

    fn current_dir(&self, into: &mut Path) -> Result<(), Errno> {
        // SAFETY: the buffer is passed with its length.
        into.fill(|buffer| unsafe {
            // The length that the kernel gives back counts the NUL.
            call(arch::GETCWD, [buffer.as_mut_ptr() as usize, buffer.len(), 0, 0]).map(|len| len.saturating_sub(1))
        })?;
        // A folder outside this process's root is given as "(unreachable)/…".
        if into.as_bytes().starts_with(b"/") { Ok(()) } else { Err(Errno::NOENT) }
    }

    fn real_dir(&self, path: &Path, into: &mut Path) -> Result<(), Errno> {
        let folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)?;
        let number = crate::message::Decimal::of(u32::try_from(folder.0).unwrap_or(u32::MAX));
        let mut link = Path::new();
        link.set(&[b"/proc/self/fd/", number.as_bytes()])?;
        let result = self.read_link(&link, into);
        self.close(folder);
        result
    }

    fn executed(&self, into: &mut Path) -> Result<(), Errno> {
        read_link(c"/proc/self/exe".as_ptr().cast(), into)
    }
}
