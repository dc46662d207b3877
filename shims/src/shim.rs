//! The shim: says which Go is meant and becomes it.
//!
//! It never waits, never forks, allocates nothing, and leaves signals, open files and the environment as they are,
//! but for GOROOT and `GV_SHIM_PID` as [`Change`] has it.
//!
//! The system calls between the two `execve`, with `GV_ROOT` unset (one `newfstatat` less with it), D being how many
//! folders there are from the current one up to `/`, both counted:
//!
//! | case | calls | which |
//! |-|-|-|
//! | `go1.22.3` | 1 | `newfstatat` of ROOT/active |
//! | `go +1.22.3`, `GV_VERSION=1.22.3` | 1 | the same |
//! | exact pin, N folders up | 2N + 6 | that; `newfstatat` of $PWD and `.`; `openat` twice a folder, the last one once; `newfstatat`, `read` |
//! | line, N folders up | 2N + 7 | these and `readlinkat` of the line's link |
//! | floor of a go.mod N folders up, met by `current` | 3D + N + 8 | version files and go.work up to `/`; go.mod up to the one found: `newfstatat`, `read`, `close`; `readlinkat` of active/current |
//! | `current`, nothing asked | 4D + 4 | four names a folder; `readlinkat` of active/current |

use crate::call::{Args, Call};
use crate::errno::Errno;
use crate::home;
use crate::locate::{Found, current, locate};
use crate::message::{Decimal, Message};
use crate::path::Path;
use crate::resolve::{Answer, Asked, Origin, Scratch, resolve};
use crate::system::System;
use crate::version::Version;

/// Found, but it cannot be run.
pub const CANNOT_RUN: u8 = 126;

/// There is nothing to run.
pub const NOTHING_TO_RUN: u8 = 127;

/// The word with which a shim hands a call to gv:
/// `gv shim-exec ROOT PROGRAM EXECUTED ARGV0 ARG…`, where PROGRAM is `go`, `gofmt` or `go1.22.3`, EXECUTED the path
/// of the shim as it was run, and what follows is the call's own argv. A shim that is called so is one that stands
/// where gv should, and refuses.
pub const HAND_OVER: &core::ffi::CStr = c"shim-exec";

/// What becomes of GOROOT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goroot {
    /// A Go outside the store keeps what its user set.
    Keep,
    /// Go finds its own from 1.9 on, and an inherited one that is another's breaks builds.
    Drop,
    /// Before 1.9 it must be told.
    Set,
}

/// The first Go that finds its GOROOT from where it lies.
const FINDS_GOROOT: Version = Version::release(1, 9, 0);

/// What is changed on the way into the program.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// Whether the first argument, `+1.22`, is taken out.
    pub drop_first: bool,
    /// What becomes of GOROOT.
    pub goroot: Goroot,
    /// `GOROOT=` and the toolchain's folder, for [`Goroot::Set`].
    pub goroot_entry: &'a Path,
    /// Whether `GV_SHIM_PID` is set, so that a Go outside the store that calls back is seen.
    pub guard: bool,
}

/// The process that a shim runs in.
pub trait Host {
    /// The machine as the host sees it.
    type System: System;

    /// The machine.
    fn system(&self) -> &Self::System;

    /// Its number.
    fn pid(&self) -> u32;

    /// Prints a whole line on stderr.
    fn complain(&self, line: &[u8]);

    /// Becomes the program, with this call's own argv and environment, changed; returns only when refused.
    fn exec(&mut self, program: &Path, change: &Change<'_>) -> Errno;

    /// Becomes gv as [`HAND_OVER`] says; returns only when refused.
    fn hand_over(&mut self, gv: &Path, root: &Path, program: &Path, executed: &Path) -> Errno;
}

/// The buffers of a shim: about 40 KiB, of which only what is used is ever touched.
pub struct Buffers {
    root: Path,
    target: Path,
    entry: Path,
    executed: Path,
    scratch: Scratch,
    message: Message,
}

impl Buffers {
    /// Empty buffers.
    pub const fn new() -> Buffers {
        Buffers {
            root: Path::new(),
            target: Path::new(),
            entry: Path::new(),
            executed: Path::new(),
            scratch: Scratch::new(),
            message: Message::new(),
        }
    }
}

impl Default for Buffers {
    fn default() -> Buffers {
        Buffers::new()
    }
}

/// What came of one try.
enum Outcome {
    /// It is over, with this exit code, and the reason was told.
    Over(u8),
    /// What was found is not there any more, or never was.
    Absent,
    /// It takes gv to answer.
    Rare,
}

/// Does what a shim does; returns the exit code when it could not become another program.
///
/// `executed` is the path that the kernel was given for this process.
pub fn run<'a, H: Host>(host: &mut H, call: &Call<'a, impl Args<'a>>, executed: &[u8], buffers: &mut Buffers) -> u8 {
    if call.args.clone().next() == Some(HAND_OVER.to_bytes()) && crate::path::base(executed) == b"gv" {
        return refuse(host, &mut buffers.message, executed, "is gv's shim and not gv; run `gv setup`");
    }
    if home::find(host.system(), &call.vars, executed, &mut buffers.root).is_none() {
        buffers.message.put("gv: cannot tell where gv's folder is; set GV_ROOT").finish(|line| host.complain(line));
        return NOTHING_TO_RUN;
    }
    // A toolchain may vanish between reading and running: then everything is read once more.
    for _ in 0..2 {
        match attempt(host, call, executed, buffers) {
            Outcome::Over(code) => return code,
            Outcome::Rare => break,
            Outcome::Absent => {}
        }
    }
    hand_over(host, call, executed, buffers)
}

/// Resolves, locates and becomes the program.
fn attempt<'a, H: Host>(
    host: &mut H,
    call: &Call<'a, impl Args<'a>>,
    executed: &[u8],
    buffers: &mut Buffers,
) -> Outcome {
    let Buffers { root, target, entry, scratch, message, .. } = buffers;
    let binary = call.program.binary();
    let answer = match resolve(host.system(), call, scratch) {
        Ok(answer) => answer,
        Err(problem) => {
            message.put_problem(&problem).finish(|line| host.complain(line));
            return Outcome::Over(NOTHING_TO_RUN);
        }
    };
    let found = match locate(host.system(), root.as_bytes(), &answer.asked, &call.vars, binary, target) {
        Ok(Found::Rare) => return Outcome::Rare,
        Ok(Found::Nothing) => {
            message.put_nothing(&answer).finish(|line| host.complain(line));
            return Outcome::Over(NOTHING_TO_RUN);
        }
        Ok(found) => found,
        Err(errno) => return Outcome::Over(cannot_run(host, message, root.as_bytes(), errno)),
    };
    let goroot = goroot(found);
    if program(found, binary, target, entry).is_err() {
        return Outcome::Over(cannot_run(host, message, root.as_bytes(), Errno::NAMETOOLONG));
    }
    if target.as_bytes() == executed || (found == Found::Foreign && is_own_pid(host, call.vars.shim_pid)) {
        return Outcome::Over(refuse(host, message, target.as_bytes(), "leads back to gv's shim: a loop"));
    }
    let drop_first = answer.origin == Origin::Argument;
    let change = Change { drop_first, goroot, goroot_entry: entry, guard: found == Found::Foreign };
    match host.exec(target, &change) {
        errno if errno.is_absent() => Outcome::Absent,
        errno => Outcome::Over(cannot_run(host, message, target.as_bytes(), errno)),
    }
}

/// What the program found needs as GOROOT.
pub fn goroot(found: Found) -> Goroot {
    match found {
        Found::Toolchain(version) if version < FINDS_GOROOT => Goroot::Set,
        Found::Foreign => Goroot::Keep,
        _ => Goroot::Drop,
    }
}

/// Turns a toolchain's folder into its program, keeping the folder as an entry for the environment.
fn program(found: Found, binary: &[u8], target: &mut Path, entry: &mut Path) -> Result<(), Errno> {
    if found != Found::Foreign {
        entry.set(&[b"GOROOT=", target.as_bytes()])?;
        target.push(b"/bin/")?;
        target.push(binary)?;
    }
    Ok(())
}

fn is_own_pid(host: &impl Host, pid: Option<&[u8]>) -> bool {
    pid.is_some_and(|pid| pid == Decimal::of(host.pid()).as_bytes())
}

/// Lets gv answer; without gv, says what was asked for.
#[cold]
#[inline(never)]
fn hand_over<'a, H: Host>(host: &mut H, call: &Call<'a, impl Args<'a>>, executed: &[u8], buffers: &mut Buffers) -> u8 {
    let Buffers { root, target, entry, executed: path, scratch, message } = buffers;
    if target.set(&[root.as_bytes(), b"/bin/gv"]).is_ok()
        && entry.set(&[call.program.name().as_bytes()]).is_ok()
        && path.set(&[executed]).is_ok()
    {
        host.hand_over(target, root, entry, path);
    }
    match resolve(host.system(), call, scratch) {
        Ok(Answer { asked: Asked::Current, .. }) if broken_current(host.system(), root, target) => message
            .put("gv: ")
            .put_bytes(target.as_bytes())
            .put(" is not a whole toolchain; `gv use` another, or install it again"),
        Ok(answer) if answer.asked.takes_list() => message.put_unknown(&answer, root.as_bytes()),
        Ok(answer) => message.put_nothing(&answer),
        Err(problem) => message.put_problem(&problem),
    };
    message.finish(|line| host.complain(line));
    NOTHING_TO_RUN
}

/// Whether `current` leads nowhere; `target` is left at where it leads.
fn broken_current(system: &impl System, root: &Path, target: &mut Path) -> bool {
    matches!(current(system, root.as_bytes(), target), Ok(Found::Toolchain(_) | Found::Named))
}

#[cold]
#[inline(never)]
fn cannot_run(host: &impl Host, message: &mut Message, what: &[u8], errno: Errno) -> u8 {
    message.put("gv: cannot run ").put_bytes(what).put(": ").put_errno(errno).finish(|line| host.complain(line));
    CANNOT_RUN
}

#[cold]
#[inline(never)]
fn refuse(host: &impl Host, message: &mut Message, what: &[u8], why: &str) -> u8 {
    message.put("gv: ").put_bytes(what).put(" ").put(why).finish(|line| host.complain(line));
    CANNOT_RUN
}
