//! The process as the kernel hands it over: argc, argv, NULL, envp, NULL, auxv, all in one row on the stack.
//!
//! What is changed on the way into another program is changed in that row, so there is no limit to copy against:
//! a new first argument stands where argc was and below it, and a new variable where the auxiliary vector was.

use core::mem::MaybeUninit;

use super::{Raw, arch, call};
use crate::call::Variables;
use crate::errno::Errno;
use crate::message::Decimal;
use crate::path::Path;
use crate::room::Room;
use crate::shim::{Change, Goroot, HAND_OVER, Host};

/// How many bytes the start code leaves free below argc: [`Host::hand_over`] puts five words before argv, one of them
/// over argc.
pub const FREE: usize = 64;

/// The entry of the auxiliary vector that is the path which the kernel was given.
const AT_EXECFN: usize = 31;

/// The row of words on the stack.
#[derive(Debug)]
pub struct Process {
    argv: *mut *const u8,
    envp: *mut *const u8,
    executed: *const u8,
}

impl Process {
    /// Takes over the row that begins at argc.
    ///
    /// # Safety
    /// `row` must be what the kernel left on the stack, with [`FREE`] bytes below it that nothing uses.
    pub unsafe fn new(row: *mut usize) -> Process {
        // SAFETY: the row is as the x86-64 and aarch64 ABIs have it, and nothing else uses it.
        unsafe {
            let argv = row.add(1).cast::<*const u8>();
            let envp = argv.add(*row + 1);
            let mut aux = end(envp).add(1).cast::<usize>();
            let mut executed = c"".as_ptr().cast();
            while *aux != 0 {
                if *aux == AT_EXECFN {
                    executed = *aux.add(1) as *const u8;
                }
                aux = aux.add(2);
            }
            Process { argv, envp, executed }
        }
    }

    /// The path that the kernel was given; empty if it does not say.
    pub fn executed(&self) -> &'static [u8] {
        // SAFETY: the kernel's string, which stays where it is.
        unsafe { text(self.executed) }
    }

    /// The arguments after argv\[0\], which may be missing.
    pub fn args(&self) -> Words {
        // SAFETY: argv ends in NULL.
        Words(Entries(unsafe { if (*self.argv).is_null() { self.argv } else { self.argv.add(1) } }))
    }

    /// The variables that matter.
    pub fn variables(&self) -> Variables<'static> {
        let mut vars = Variables::default();
        for entry in Entries(self.envp) {
            // Few are wanted and values may be long, so only their beginnings are read until the name fits.
            // SAFETY: the kernel's strings end in NUL and stay where they are.
            unsafe {
                let name = name(entry);
                if !name.is_empty()
                    && let Some(slot) = vars.slot(name)
                    && slot.is_none()
                    && *entry.add(name.len()) == b'='
                {
                    *slot = Some(text(entry.add(name.len() + 1))).filter(|value| !value.is_empty());
                }
            }
        }
        vars
    }

    /// Ends the process.
    pub fn exit(self, code: u8) -> ! {
        exit(code)
    }

    /// Moves the variables of that name, of the first `len` of the row, behind the others, which stay in order; returns
    /// how many these are.
    fn set_aside(&mut self, name: &[u8], len: usize) -> usize {
        let (mut at, mut len) = (0, len);
        while at < len {
            // SAFETY: all that is touched is among the first `len` words of the row.
            unsafe {
                let place = self.envp.add(at);
                if names(*place, name) {
                    let entry = *place;
                    len -= 1;
                    place.copy_from(place.add(1), len - at);
                    *self.envp.add(len) = entry;
                } else {
                    at += 1;
                }
            }
        }
        len
    }

    /// Becomes the program, with the first `len` variables and these; when that is refused, all is as it was.
    ///
    /// The new ones and the NULL stand over what was set aside, over the row's own NULL, and over the beginning of the
    /// auxiliary vector, which was read already and has 20 entries and more.
    fn exec_with(&mut self, len: usize, added: [*const u8; 2], program: Path<'_>, drop_first: bool) -> Errno {
        let [first, second] = added;
        let added = if first.is_null() { [second, first, first] } else { [first, second, core::ptr::null()] };
        // SAFETY: as said.
        unsafe {
            let place = self.envp.add(len).cast::<[*const u8; 3]>();
            let before = place.replace(added);
            let errno = if drop_first { self.execve_without_first(program) } else { self.execve(program, self.argv) };
            place.write(before);
            errno
        }
    }

    fn execve(&self, program: Path<'_>, argv: *mut *const u8) -> Errno {
        // SAFETY: the path ends in NUL, both rows in NULL.
        match unsafe { call(arch::EXECVE, [program.as_ptr() as usize, argv as usize, self.envp as usize, 0]) } {
            Ok(_) => Errno(0),
            Err(errno) => errno,
        }
    }

    fn execve_without_first(&self, program: Path<'_>) -> Errno {
        // SAFETY: `drop_first` says that there is a first argument, so argv has two words.
        unsafe {
            let first = self.argv.add(1);
            let argument = core::mem::replace(&mut *first, *self.argv);
            let errno = self.execve(program, first);
            *first = argument;
            errno
        }
    }
}

impl Host for Process {
    type System = Raw;

    fn system(&self) -> &Raw {
        &Raw
    }

    fn pid(&self) -> u32 {
        // SAFETY: no pointers.
        unsafe { call(arch::GETPID, [0; 4]) }.ok().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)
    }

    fn complain(&self, line: &[u8]) {
        super::complain(line);
    }

    fn exec(&mut self, program: Path<'_>, change: &Change<'_>) -> Errno {
        let mut len = Entries(self.envp).count();
        if change.goroot != Goroot::Keep {
            len = self.set_aside(b"GOROOT", len);
        }
        let goroot = if let Goroot::Set(entry) = change.goroot { entry.as_ptr() } else { core::ptr::null() };
        let mut space = [MaybeUninit::uninit(); 32];
        let mut guard = core::ptr::null();
        if change.guard {
            len = self.set_aside(b"GV_SHIM_PID", len);
            // It always fits.
            if let Ok(entry) = Room::new(&mut space).path(&[b"GV_SHIM_PID=", Decimal::of(self.pid()).as_bytes()]) {
                guard = entry.as_ptr();
            }
        }
        self.exec_with(len, [goroot, guard], program, change.drop_first)
    }

    fn hand_over(&mut self, gv: Path<'_>, root: Path<'_>, program: Path<'_>, executed: Path<'_>) -> Errno {
        let words = [gv.as_ptr(), HAND_OVER.as_ptr().cast(), root.as_ptr(), program.as_ptr(), executed.as_ptr()];
        // SAFETY: argc and the free words lie below argv, and argc is not needed any more.
        unsafe {
            let argv = self.argv.sub(words.len());
            argv.copy_from_nonoverlapping(words.as_ptr(), words.len());
            self.execve(gv, argv)
        }
    }
}

/// Ends the process.
pub fn exit(code: u8) -> ! {
    loop {
        // SAFETY: no pointers.
        let _ = unsafe { call(arch::EXIT_GROUP, [usize::from(code), 0, 0, 0]) };
    }
}

/// The pointers of a row that ends in NULL.
#[derive(Clone, Debug)]
struct Entries(*mut *const u8);

impl Iterator for Entries {
    type Item = *const u8;

    fn next(&mut self) -> Option<*const u8> {
        // SAFETY: the row ends in NULL.
        unsafe {
            let entry = *self.0;
            if entry.is_null() {
                return None;
            }
            self.0 = self.0.add(1);
            Some(entry)
        }
    }
}

/// The strings of a row that ends in NULL.
#[derive(Clone, Debug)]
pub struct Words(Entries);

impl Iterator for Words {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        // SAFETY: the kernel's strings end in NUL and stay where they are.
        self.0.next().map(|word| unsafe { text(word) })
    }
}

/// # Safety
/// `word` must point to a string that ends in NUL and stays.
unsafe fn text(word: *const u8) -> &'static [u8] {
    // SAFETY: the caller's.
    unsafe { core::ffi::CStr::from_ptr(word.cast()) }.to_bytes()
}

/// The name of a variable that may matter, which begins with one of three letters; nothing of any other.
///
/// # Safety
/// `entry` must point to a string that ends in NUL and stays.
unsafe fn name(entry: *const u8) -> &'static [u8] {
    // SAFETY: the caller's; nothing is read behind the NUL.
    unsafe {
        let mut len = 0;
        if matches!(*entry, b'G' | b'P' | b'T') {
            while !matches!(*entry.add(len), 0 | b'=') {
                len += 1;
            }
        }
        core::slice::from_raw_parts(entry, len)
    }
}

/// Whether an entry is the variable of that name.
///
/// # Safety
/// `entry` must point to a string that ends in NUL.
unsafe fn names(entry: *const u8, name: &[u8]) -> bool {
    // SAFETY: the caller's; a byte is read only when all those before it were equal, and so are not the NUL.
    unsafe { name.iter().enumerate().all(|(at, &byte)| *entry.add(at) == byte) && *entry.add(name.len()) == b'=' }
}

/// # Safety
/// The row must end in NULL.
unsafe fn end(mut row: *mut *const u8) -> *mut *const u8 {
    // SAFETY: the caller's.
    unsafe {
        while !(*row).is_null() {
            row = row.add(1);
        }
    }
    row
}
