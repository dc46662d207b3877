//! Where the shim begins when there is no C library.

use core::mem::MaybeUninit;

use super::process::{Process, exit};
use crate::call::{Call, Program};
use crate::path::LONGEST;
use crate::room::{ENOUGH, Room};
use crate::shim::{Host, run};
use crate::system::System;

/// Makes a program of the crate that it stands in, beside `x86_64.s` or `aarch64.s`, which it includes for the entry
/// point and the functions that the compiler calls by itself. The library has neither, because gv, which links it too,
/// has a C library and std for them.
#[macro_export]
macro_rules! program {
    () => {
        /// What `_start` calls, with the address of argc and that of the room below it.
        #[unsafe(no_mangle)]
        extern "C" fn gv_start(row: *mut usize, room: *mut u8) -> ! {
            // SAFETY: this is the row that the kernel left, the room is the start code's, and this is the only call.
            unsafe { $crate::raw::start::start(row, room) }
        }

        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            $crate::raw::start::panicked()
        }
    };
}

/// The whole life of a shim.
///
/// # Safety
/// To be called once, by the entry point, with what the kernel left on the stack, and with [`ENOUGH`] bytes below it
/// that nothing uses.
pub unsafe fn start(row: *mut usize, room: *mut u8) -> ! {
    // SAFETY: the caller's. The start code takes the room, and not this function, because the compiler touches every
    // page of a large frame.
    let (mut process, space) =
        unsafe { (Process::new(row), core::slice::from_raw_parts_mut(room.cast::<MaybeUninit<u8>>(), ENOUGH)) };
    let mut room = Room::new(space);
    let executed = process.executed();
    let program = program(&process, executed, room.lend());
    let call = Call { program, args: process.args(), vars: process.variables() };
    let code = run(&mut process, &call, executed, room);
    exit(code)
}

/// The program by the name of the executed file, else by that of the file which the system says is executed: a
/// symbolic link may be called anything.
fn program(process: &Process, executed: &[u8], mut room: Room<'_>) -> Program {
    Program::from_name(executed).unwrap_or_else(|| {
        let executed = room.fill(LONGEST, &|buffer| process.system().executed(buffer));
        executed.ok().and_then(|path| Program::from_name(path.as_bytes())).unwrap_or(Program::Go)
    })
}

/// Says that gv is at fault, and ends.
pub fn panicked() -> ! {
    super::complain(b"gv: the shim has a fault of its own; please report it\n");
    exit(crate::shim::CANNOT_RUN)
}
