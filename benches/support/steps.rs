//! Instructions, counted one by one: what no other program on the machine can disturb.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::wait;

const TRACE_ME: i32 = 0;
const SINGLE_STEP: i32 = 9;
const KILL: i32 = 8;
const SET_OPTIONS: i32 = 0x4200;
/// A stop at the end of each execve, told from others by its status.
const TRACE_EXEC: usize = 0x10;
const EXEC_STOP: i32 = 5 | (4 << 8);

unsafe extern "C" {
    fn ptrace(request: i32, pid: i32, address: usize, data: usize) -> i64;
}

/// The instructions that a program executes in user space before it becomes another one; `None` if it ends instead,
/// or if this process may not trace. Each repetition of a string instruction counts.
pub fn until_exec(command: &mut Command) -> Option<u64> {
    step(command).and_then(|(count, became)| became.then_some(count))
}

/// Likewise, those of a program of one thread until it ends.
pub fn to_end(command: &mut Command) -> Option<u64> {
    step(command).and_then(|(count, became)| (!became).then_some(count))
}

/// Steps through a program until it ends or becomes another one; how many instructions that took, and whether it did.
fn step(command: &mut Command) -> Option<(u64, bool)> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: one system call, between fork and exec.
    let traced = unsafe {
        command.pre_exec(|| match ptrace(TRACE_ME, 0, 0, 0) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        })
    };
    #[allow(clippy::zombie_processes, reason = "it is waited for to its end")]
    let child = traced.spawn().ok()?;
    let pid = i32::try_from(child.id()).expect("a process number");
    let stopped = |status: i32| status & 0xff == 0x7f;
    let mut count = 0;
    let mut status = wait(&child).0;
    // SAFETY: the child is traced by this process, and stopped whenever it is asked for something.
    unsafe {
        ptrace(SET_OPTIONS, pid, 0, TRACE_EXEC);
        while stopped(status) && (status >> 8) & 0xffff != EXEC_STOP {
            ptrace(SINGLE_STEP, pid, 0, 0);
            status = wait(&child).0;
            count += 1;
        }
        let became = stopped(status);
        if became {
            ptrace(KILL, pid, 0, 0);
            wait(&child);
        }
        Some((count, became))
    }
}
