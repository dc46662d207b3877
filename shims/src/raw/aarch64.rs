//! System calls on aarch64. Numbers: `include/uapi/asm-generic/unistd.h`.

use core::arch::asm;

pub(super) const GETCWD: usize = 17;
pub(super) const OPENAT: usize = 56;
pub(super) const CLOSE: usize = 57;
pub(super) const READ: usize = 63;
pub(super) const WRITE: usize = 64;
pub(super) const READLINKAT: usize = 78;
pub(super) const NEWFSTATAT: usize = 79;
pub(super) const EXIT_GROUP: usize = 94;
pub(super) const GETPID: usize = 172;
pub(super) const EXECVE: usize = 221;

/// Where `struct stat` has what is read of it, in bytes: device, inode, mode, size.
pub(super) const STAT: (usize, usize, usize, usize) = (0, 8, 16, 48);

/// # Safety
/// The arguments must be what the call takes: pointers valid for as long as it says.
pub(super) unsafe fn syscall(number: usize, arguments: [usize; 4]) -> isize {
    let result;
    // SAFETY: the caller's; the kernel clobbers x0 alone.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") arguments[0] => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            in("x3") arguments[3],
            options(nostack),
        );
    }
    result
}
