//! Where the shim begins when there is no C library.

use super::process::{Process, exit};
use crate::call::{Call, Program};
use crate::path::Path;
use crate::shim::{Buffers, Host, run};
use crate::system::System;

/// Makes a program of the crate that it stands in, beside `x86_64.s` or `aarch64.s`, which it includes for the entry
/// point and the functions that the compiler calls by itself. The library has neither, because gv, which links it too,
/// has a C library and std for them.
#[macro_export]
macro_rules! program {
    () => {
        /// What `_start` calls, with the address of argc.
        #[unsafe(no_mangle)]
        extern "C" fn gv_start(row: *mut usize) -> ! {
            static BUFFERS: $crate::raw::start::Once = $crate::raw::start::Once::new();
            // SAFETY: this is the row that the kernel left, and the only call.
            unsafe { $crate::raw::start::start(row, &BUFFERS) }
        }

        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            $crate::raw::start::panicked()
        }
    };
}

/// Buffers that lie where nothing is read or cleared until it is used, for the one call of [`start`].
pub struct Once(core::cell::UnsafeCell<Buffers>);

// SAFETY: `start` is called once, by the only thread.
unsafe impl Sync for Once {}

impl Once {
    /// Unused buffers.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Once {
        Once(core::cell::UnsafeCell::new(Buffers::new()))
    }
}

/// The whole life of a shim.
///
/// # Safety
/// To be called once, by the entry point, with what the kernel left on the stack.
pub unsafe fn start(row: *mut usize, buffers: &'static Once) -> ! {
    // SAFETY: the caller's.
    let (mut process, buffers) = unsafe { (Process::new(row), &mut *buffers.0.get()) };
    let executed = process.executed();
    let call = Call { program: program(&process, executed), args: process.args(), vars: process.variables() };
    let code = run(&mut process, &call, executed, buffers);
    exit(code)
}

/// The program by the name of the executed file, else by that of the file which the system says is executed: a
/// symbolic link may be called anything.
fn program(process: &Process, executed: &[u8]) -> Program {
    Program::from_name(executed).unwrap_or_else(|| {
        let mut path = Path::new();
        let known = process.system().executed(&mut path).ok();
        known.and_then(|()| Program::from_name(path.as_bytes())).unwrap_or(Program::Go)
    })
}

/// Says that gv is at fault, and ends.
pub fn panicked() -> ! {
    super::complain(b"gv: the shim has a fault of its own; please report it\n");
    exit(crate::shim::CANNOT_RUN)
}
