//! Paths as the system takes them.

/// The longest path that the kernel takes, with the NUL at its end (`PATH_MAX`).
pub const LONGEST: usize = 4096;

/// A path that ends in NUL; [`crate::room::Room::path`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<'r>(&'r [u8]);

impl<'r> Path<'r> {
    /// These bytes, of which the last one becomes the NUL.
    pub(crate) fn terminated(bytes: &'r mut [u8]) -> Path<'r> {
        match bytes.last_mut() {
            Some(last) => *last = 0,
            None => return Path(b"\0"),
        }
        Path(bytes)
    }

    /// The path without its NUL.
    pub fn as_bytes(self) -> &'r [u8] {
        self.0.split_last().map_or(&[], |(_, path)| path)
    }

    /// The path as C takes it: a pointer to bytes that end in NUL.
    pub fn as_ptr(self) -> *const u8 {
        self.0.as_ptr()
    }
}

/// The last component: everything after the last slash.
pub fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

/// The folder above, `None` for `/` and for what has no slash.
pub fn parent(path: &[u8]) -> Option<&[u8]> {
    let slash = path.iter().rposition(|&byte| byte == b'/')?;
    if path.len() == 1 { None } else { path.get(..slash.max(1)) }
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
