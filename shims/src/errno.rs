//! The operating system's reasons for refusing.

/// An error number of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

#[cfg(target_os = "linux")]
const ENAMETOOLONG: i32 = 36;
#[cfg(not(target_os = "linux"))]
const ENAMETOOLONG: i32 = 63;

#[cfg(target_os = "linux")]
const ELOOP: i32 = 40;
#[cfg(not(target_os = "linux"))]
const ELOOP: i32 = 62;

impl Errno {
    /// There is no such file.
    pub const NOENT: Errno = Errno(2);
    /// A file is not executable, or lies on a file system from which nothing may be run.
    pub const ACCES: Errno = Errno(13);
    /// A part of a path is a file.
    pub const NOTDIR: Errno = Errno(20);
    /// A buffer is too short.
    pub const RANGE: Errno = Errno(34);
    /// A path has more bytes than the system takes.
    pub const NAMETOOLONG: Errno = Errno(ENAMETOOLONG);

    /// Whether this says that nothing is there.
    pub fn is_absent(self) -> bool {
        self == Errno::NOENT || self == Errno::NOTDIR
    }

    /// The reason in words; `None` for a number that a shim does not meet.
    pub fn words(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "operation not permitted",
            2 => "no such file or directory",
            5 => "input/output error",
            6 => "no such device",
            7 => "the arguments and the environment are too long",
            8 => "not a program of this machine",
            11 => "it would block",
            12 => "out of memory",
            13 => "permission denied",
            20 => "not a directory",
            21 => "it is a directory",
            23 => "too many open files in the system",
            24 => "too many open files",
            26 => "the file is being written",
            ELOOP => "too many symbolic links",
            ENAMETOOLONG => "its path is too long",
            _ => return None,
        })
    }
}
