//! Paths in buffers of fixed size.

use crate::errno::Errno;

/// The longest path that the kernel takes, with the NUL at its end (`PATH_MAX`).
pub const LONGEST: usize = 4096;

/// A path, kept without a heap and always followed by a NUL.
pub struct Path {
    len: usize,
    bytes: [u8; LONGEST],
}

impl Path {
    /// The empty path.
    pub const fn new() -> Path {
        Path { len: 0, bytes: [0; LONGEST] }
    }

    /// The path without its NUL.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The path as C takes it: a pointer to bytes that end in NUL.
    pub fn as_ptr(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    /// How many bytes the path has, without the NUL.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the path is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Replaces the path by these parts, one after the other; fails when they are too long together.
    #[inline(never)]
    pub fn set(&mut self, parts: &[&[u8]]) -> Result<(), Errno> {
        self.truncate(0);
        parts.iter().try_for_each(|part| self.push(part))
    }

    /// Appends bytes as they are; fails when the path would be too long.
    #[inline(never)]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        let end = self.len + bytes.len();
        if end >= LONGEST {
            return Err(Errno::NAMETOOLONG);
        }
        self.bytes[self.len..end].copy_from_slice(bytes);
        self.truncate(end);
        Ok(())
    }

    /// Shortens the path.
    pub fn truncate(&mut self, len: usize) {
        self.len = len;
        self.bytes[len] = 0;
    }

    /// Lets the system write the path: `write` gets the whole buffer and says how many bytes it filled.
    pub fn fill(&mut self, write: impl FnOnce(&mut [u8]) -> Result<usize, Errno>) -> Result<(), Errno> {
        let len = write(&mut self.bytes)?;
        if len >= LONGEST {
            self.truncate(0);
            return Err(Errno::NAMETOOLONG);
        }
        self.truncate(len);
        Ok(())
    }
}

impl Default for Path {
    fn default() -> Path {
        Path::new()
    }
}

/// The last component: everything after the last slash.
pub fn base(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => &path[slash + 1..],
        None => path,
    }
}

/// The folder above, `None` for `/` and for what has no slash.
pub fn parent(path: &[u8]) -> Option<&[u8]> {
    match path.iter().rposition(|&byte| byte == b'/')? {
        _ if path.len() == 1 => None,
        0 => Some(&path[..1]),
        slash => Some(&path[..slash]),
    }
}

/// Whether a path is absolute and free of `.`, `..` and empty components, so that cutting at slashes walks upwards.
pub fn is_plain(path: &[u8]) -> bool {
    path == b"/"
        || path
            .strip_prefix(b"/")
            .is_some_and(|rest| rest.split(|&byte| byte == b'/').all(|part| !matches!(part, b"" | b"." | b"..")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_too_long_is_refused_and_stays_terminated() {
        let mut path = Path::new();
        assert_eq!(path.push(&[b'a'; LONGEST]), Err(Errno::NAMETOOLONG));
        assert_eq!(path.push(&[b'a'; LONGEST - 1]), Ok(()));
        assert_eq!(path.push(b"b"), Err(Errno::NAMETOOLONG));
        assert_eq!((path.len(), path.bytes[LONGEST - 1]), (LONGEST - 1, 0));
        assert_eq!(path.fill(|buffer| Ok(buffer.len())), Err(Errno::NAMETOOLONG));
    }

    #[test]
    fn the_walk_upwards_ends_at_the_root() {
        assert_eq!(parent(b"/a/b"), Some(&b"/a"[..]));
        assert_eq!(parent(b"/a"), Some(&b"/"[..]));
        assert_eq!(parent(b"/"), None);
        assert_eq!(parent(b"a"), None);
        assert_eq!((base(b"/a/b"), base(b"b")), (&b"b"[..], &b"b"[..]));
    }

    #[test]
    fn only_plain_paths_are_walked() {
        for path in [&b"/"[..], b"/a", b"/a/b.c/..d"] {
            assert!(is_plain(path));
        }
        for path in [&b""[..], b"a", b"/a/", b"//a", b"/a/../b", b"/.", b"/a/./b"] {
            assert!(!is_plain(path));
        }
    }
}
