//! System calls on x86-64. Numbers: `arch/x86/entry/syscalls/syscall_64.tbl`.

use core::arch::asm;

pub(super) const READ: usize = 0;
pub(super) const WRITE: usize = 1;
pub(super) const CLOSE: usize = 3;
pub(super) const GETPID: usize = 39;
pub(super) const EXECVE: usize = 59;
pub(super) const GETCWD: usize = 79;
pub(super) const EXIT_GROUP: usize = 231;
pub(super) const OPENAT: usize = 257;
pub(super) const NEWFSTATAT: usize = 262;
pub(super) const READLINKAT: usize = 267;

/// Where `struct stat` has what is read of it, in bytes: device, inode, mode, size.
pub(super) const STAT: (usize, usize, usize, usize) = (0, 8, 24, 48);

/// # Safety
/// The arguments must be what the call takes: pointers valid for as long as it says.
pub(super) unsafe fn syscall(number: usize, arguments: [usize; 4]) -> isize {
    let result;
    // SAFETY: the caller's; the kernel clobbers rcx and r11 alone.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}
