//! Where a call keeps what it writes: one stretch of memory, handed out from its front.
//!
//! The shim's lies on its stack. A page that a process touches for the first time costs it as much as two or three
//! system calls, and strings that lie one behind the other touch one page or two, where buffers of a path's full
//! length would touch one each.

use core::mem::{MaybeUninit, take};

use crate::errno::Errno;
use crate::path::{LONGEST, Path};

/// How much is enough, in bytes, for all that one call may keep at once when each of its paths is as long as can be. A
/// multiple of 4096, which is what one instruction of aarch64 can take from its stack.
pub const ENOUGH: usize = 48 * 1024;

/// Memory for a [`Room`].
#[allow(clippy::large_stack_arrays, reason = "of which only what is used is ever touched")]
pub const fn space() -> [MaybeUninit<u8>; ENOUGH] {
    [MaybeUninit::uninit(); ENOUGH]
}

/// What is left of the memory.
pub struct Room<'r> {
    free: &'r mut [MaybeUninit<u8>],
}

impl<'r> Room<'r> {
    /// All of it.
    pub fn new(space: &'r mut [MaybeUninit<u8>]) -> Room<'r> {
        Room { free: space }
    }

    /// The same room for a while: what is put there is given back with it.
    pub fn lend(&mut self) -> Room<'_> {
        Room { free: self.free }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.free.len()
    }

    /// Takes that many bytes, all of them 0. Fails when they are not there, which takes paths that are too long.
    pub fn zeroed(&mut self, len: usize) -> Result<&'r mut [u8], Errno> {
        if len > self.free.len() {
            return Err(Errno::NAMETOOLONG);
        }
        let (taken, free) = take(&mut self.free).split_at_mut(len);
        self.free = free;
        for byte in &mut *taken {
            byte.write(0);
        }
        // SAFETY: each of them was written just now.
        Ok(unsafe { taken.assume_init_mut() })
    }

    /// Puts these parts down as a path, one after the other; fails when they are too long together.
    #[inline(never)]
    pub fn path(&mut self, parts: &[&[u8]]) -> Result<Path<'r>, Errno> {
        let len = parts.iter().fold(0_usize, |len, part| len.saturating_add(part.len()));
        if len >= LONGEST {
            return Err(Errno::NAMETOOLONG);
        }
        let bytes = self.zeroed(len + 1)?;
        let mut rest = &mut *bytes;
        for part in parts {
            let Some((head, tail)) = rest.split_at_mut_checked(part.len()) else { return Err(Errno::NAMETOOLONG) };
            head.copy_from_slice(part);
            rest = tail;
        }
        Ok(Path::terminated(bytes))
    }

    /// Puts these bytes down.
    pub fn copy(&mut self, bytes: &[u8]) -> Result<&'r [u8], Errno> {
        let copy = self.zeroed(bytes.len())?;
        copy.copy_from_slice(bytes);
        Ok(copy)
    }

    /// Lets the system write up to `len` bytes, of which it says how many there are, as a path.
    pub fn fill(&mut self, len: usize, write: &dyn Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Path<'r>, Errno> {
        let bytes = self.zeroed(len)?;
        let written = write(bytes)?;
        // What fills the whole of it may have been cut, and has no room for its NUL.
        match bytes.get_mut(..=written) {
            Some(bytes) => Ok(Path::terminated(bytes)),
            None => Err(Errno::NAMETOOLONG),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_too_long_is_refused_and_takes_nothing() {
        let mut space = space();
        let mut room = Room::new(&mut space);
        assert_eq!(room.path(&[&[b'a'; LONGEST]]), Err(Errno::NAMETOOLONG));
        assert_eq!(room.path(&[&[b'a'; LONGEST - 1], b"b"]), Err(Errno::NAMETOOLONG));
        assert_eq!(room.left(), ENOUGH);
        assert_eq!(room.path(&[&[b'a'; LONGEST - 2], b"b"]).map(|path| path.as_bytes().len()), Ok(LONGEST - 1));
        assert_eq!(room.left(), ENOUGH - LONGEST);
    }

    #[test]
    fn what_is_put_into_lent_room_is_given_back() {
        let mut space = space();
        let mut room = Room::new(&mut space);
        let kept = room.path(&[b"/a"]).unwrap();
        assert_eq!(room.lend().path(&[b"/b", b"/c"]).map(Path::as_bytes), Ok(&b"/b/c"[..]));
        let next = room.path(&[b"/d"]).unwrap();
        assert_eq!((kept.as_bytes(), next.as_bytes()), (&b"/a"[..], &b"/d"[..]));
        assert_eq!(room.left(), ENOUGH - 6);
    }

    #[test]
    fn what_the_system_wrote_must_leave_a_byte_for_the_nul() {
        let mut space = space();
        let mut room = Room::new(&mut space);
        let write = |bytes: &mut [u8]| {
            bytes.fill(b'x');
            Ok(3)
        };
        assert_eq!(room.fill(3, &write), Err(Errno::NAMETOOLONG));
        assert_eq!(room.zeroed(ENOUGH), Err(Errno::NAMETOOLONG));
        assert_eq!(Room::new(&mut []).path(&[]), Err(Errno::NAMETOOLONG));
    }
}
