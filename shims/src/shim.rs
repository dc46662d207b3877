//! The shim: says which Go is meant and becomes it.
//!
//! It never waits, never forks, allocates nothing, and leaves signals, open files and the environment as they are,
//! but for GOROOT and `GV_SHIM_PID` as [`Change`] has it.
//!
//! The system calls between the two `execve`, where no symbolic link is on the way here and the shim was run as
//! ROOT/shims/go, D being how many folders there are from the current one up to `/`, both counted:
//!
//! | case | calls | which |
//! |-|-|-|
//! | `go1.22.3`, `go +1.22.3`, `GV_VERSION=1.22.3` | 1 | `newfstatat` of ROOT/active, to see that it is a store |
//! | exact pin, N folders up | 2N + 5 | `getcwd`; `newfstatat` twice a folder, in the last one once; `openat`, `read`; that |
//! | line, N folders up | 2N + 6 | these and `readlinkat` of the line's link |
//! | floor of a go.mod N folders up, met by `current` | 3D + N + 6 | version files and go.work up to `/`; go.mod up to the one found: `openat`, `read`, `close`; `readlinkat` of active/current |
//! | `current`, nothing asked | 4D + 2 | four names a folder; `readlinkat` of active/current |
//!
//! With `GV_ROOT` set nothing has to be seen of ROOT. Every eight folders, and not near `/`, one more `openat` makes the
//! way up short again. Where `$PWD` is another name for the current folder, or for another folder, two `newfstatat` more
//! tell which; where the current folder's path has 256 bytes or more, a second `getcwd` does.

use crate::call::{Args, Call};
use crate::errno::Errno;
use crate::home::{self, Root, is_store};
use crate::locate::{Found, current, locate};
use crate::message::{Decimal, Message};
use crate::path::{Path, base};
use crate::resolve::{Answer, Asked, Origin, resolve};
use crate::room::Room;
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
pub enum Goroot<'a> {
    /// A Go outside the store keeps what its user set.
    Keep,
    /// Go finds its own from 1.9 on, and an inherited one that is another's breaks builds.
    Drop,
    /// Before 1.9 it must be told: `GOROOT=` and the toolchain's folder.
    Set(Path<'a>),
}

/// Whether this Go finds its GOROOT from where it lies, as Go does from 1.9 on.
pub fn finds_goroot(version: Version) -> bool {
    version >= Version::release(1, 9, 0)
}

/// What is changed on the way into the program.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Whether the first argument, `+1.22`, is taken out.
    pub drop_first: bool,
    /// What becomes of GOROOT.
    pub goroot: Goroot<'a>,
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
    fn exec(&mut self, program: Path<'_>, change: &Change<'_>) -> Errno;

    /// Becomes gv as [`HAND_OVER`] says; returns only when refused.
    fn hand_over(&mut self, gv: Path<'_>, root: Path<'_>, program: Path<'_>, executed: Path<'_>) -> Errno;
}

/// What came of one try.
enum Outcome {
    /// It is over, with this exit code, and the reason was told.
    Over(u8),
    /// What was found is not there any more, or never was, or this is no store.
    Absent,
    /// It takes gv to answer.
    Rare,
}

/// Does what a shim does; returns the exit code when it could not become another program.
///
/// `executed` is the path that the kernel was given for this process.
pub fn run<'a, H: Host>(host: &mut H, call: &Call<'a, impl Args<'a>>, executed: &'a [u8], mut room: Room<'a>) -> u8 {
    if call.args.clone().next() == Some(HAND_OVER.to_bytes()) && base(executed) == b"gv" {
        return refuse(host, executed, "is gv's shim and not gv; run `gv setup`", room);
    }
    let guess = home::guess(&call.vars, executed);
    if let Some(root) = guess {
        match attempt(host, call, executed, root, room.lend()) {
            Outcome::Over(code) => return code,
            Outcome::Rare => return hand_over(host, call, executed, root.path, room),
            Outcome::Absent => {}
        }
    }
    let Some(root) = guess.filter(|root| root.sure).or_else(|| home::find(host.system(), executed, &mut room)) else {
        tell(host, room, &|message| _ = message.put("gv: cannot tell where gv's folder is; set GV_ROOT"));
        return NOTHING_TO_RUN;
    };
    // A toolchain may also have vanished between reading and running: everything is read once more.
    match attempt(host, call, executed, root, room.lend()) {
        Outcome::Over(code) => code,
        Outcome::Absent | Outcome::Rare => hand_over(host, call, executed, root.path, room),
    }
}

/// Resolves, locates and becomes the program.
fn attempt<'r, 'c: 'r, H: Host>(
    host: &mut H,
    call: &Call<'c, impl Args<'c>>,
    executed: &[u8],
    root: Root<'_>,
    mut room: Room<'r>,
) -> Outcome {
    let answer = match resolve(host.system(), call, &mut room) {
        Ok(answer) => answer,
        Err(problem) => {
            tell(host, room, &|message| _ = message.put_problem(&problem));
            return Outcome::Over(NOTHING_TO_RUN);
        }
    };
    let binary = call.program.binary();
    let found = match locate(host.system(), root.path, &answer.asked, &call.vars, binary, &mut room) {
        Ok(found) => found,
        Err(errno) => return Outcome::Over(cannot_run(host, root.path, errno, room)),
    };
    // `current`, and what is found because of it, is read below `active`: that is a store.
    let below_active = matches!(answer.asked, Asked::Current | Asked::Floor(_))
        && matches!(found, Found::Toolchain(..) | Found::Named(_));
    if !root.sure && !below_active && !is_store(host.system(), root.path, room.lend()) {
        return Outcome::Absent;
    }
    match found {
        Found::Rare => return Outcome::Rare,
        Found::Nothing => {
            tell(host, room, &|message| _ = message.put_nothing(&answer));
            return Outcome::Over(NOTHING_TO_RUN);
        }
        _ => {}
    }
    let (program, goroot) = match way(found, binary, &mut room) {
        Ok(way) => way,
        Err(errno) => return Outcome::Over(cannot_run(host, root.path, errno, room)),
    };
    let guard = matches!(found, Found::Foreign(_));
    if program.as_bytes() == executed || (guard && is_own_pid(host, call.vars.shim_pid)) {
        return Outcome::Over(refuse(host, program.as_bytes(), "leads back to gv's shim: a loop", room));
    }
    let drop_first = answer.origin == Origin::Argument;
    match host.exec(program, &Change { drop_first, goroot, guard }) {
        errno if errno.is_absent() => Outcome::Absent,
        errno => Outcome::Over(cannot_run(host, program.as_bytes(), errno, room)),
    }
}

/// The program of what was found, and what becomes of GOROOT on the way into it.
fn way<'r>(found: Found<'r>, binary: &[u8], room: &mut Room<'r>) -> Result<(Path<'r>, Goroot<'r>), Errno> {
    let (folder, goroot) = match found {
        Found::Foreign(program) => return Ok((program, Goroot::Keep)),
        Found::Toolchain(version, folder) if !finds_goroot(version) => {
            (folder, Goroot::Set(room.path(&[b"GOROOT=", folder.as_bytes()])?))
        }
        Found::Toolchain(_, folder) | Found::Named(folder) => (folder, Goroot::Drop),
        Found::Rare | Found::Nothing => return Err(Errno::NOENT),
    };
    Ok((room.path(&[folder.as_bytes(), b"/bin/", binary])?, goroot))
}

fn is_own_pid(host: &impl Host, pid: Option<&[u8]>) -> bool {
    pid.is_some_and(|pid| pid == Decimal::of(host.pid()).as_bytes())
}

/// Lets gv answer; without gv, says what was asked for.
#[cold]
#[inline(never)]
fn hand_over<'r, 'c: 'r, H: Host>(
    host: &mut H,
    call: &Call<'c, impl Args<'c>>,
    executed: &[u8],
    root: &[u8],
    mut room: Room<'r>,
) -> u8 {
    let gv = become_gv(host, call.program.name().as_bytes(), executed, root, room.lend());
    if let Err(errno) = gv {
        return cannot_run(host, root, errno, room);
    }
    let answer = resolve(host.system(), call, &mut room);
    let broken = match answer {
        Ok(Answer { asked: Asked::Current, .. }) => broken_current(host.system(), root, &mut room),
        _ => None,
    };
    tell(host, room, &|message| {
        _ = match (answer, broken) {
            (_, Some(folder)) => message
                .put("gv: ")
                .put_bytes(folder.as_bytes())
                .put(" is not a whole toolchain; `gv use` another, or install it again"),
            (Ok(answer), _) if answer.asked.takes_list() => message.put_unknown(&answer, root),
            (Ok(answer), _) => message.put_nothing(&answer),
            (Err(problem), _) => message.put_problem(&problem),
        };
    });
    NOTHING_TO_RUN
}

/// Becomes gv; returns when there is none. Fails when a path is too long.
fn become_gv(
    host: &mut impl Host,
    program: &[u8],
    executed: &[u8],
    root: &[u8],
    mut room: Room<'_>,
) -> Result<(), Errno> {
    let gv = room.path(&[root, b"/bin/gv"])?;
    let (root, program, executed) = (room.path(&[root])?, room.path(&[program])?, room.path(&[executed])?);
    host.hand_over(gv, root, program, executed);
    Ok(())
}

/// Where `current` leads, if that is no whole toolchain.
fn broken_current<'r>(system: &impl System, root: &[u8], room: &mut Room<'r>) -> Option<Path<'r>> {
    match current(system, root, room) {
        Ok(Found::Toolchain(_, folder) | Found::Named(folder)) => Some(folder),
        _ => None,
    }
}

#[cold]
#[inline(never)]
fn tell(host: &impl Host, mut room: Room<'_>, words: &dyn Fn(&mut Message<'_>)) {
    let mut message = Message::new(&mut room);
    words(&mut message);
    message.finish(|line| host.complain(line));
}

#[cold]
#[inline(never)]
fn cannot_run(host: &impl Host, what: &[u8], errno: Errno, room: Room<'_>) -> u8 {
    tell(host, room, &|message| _ = message.put("gv: cannot run ").put_bytes(what).put(": ").put_errno(errno));
    CANNOT_RUN
}

#[cold]
#[inline(never)]
fn refuse(host: &impl Host, what: &[u8], why: &str, room: Room<'_>) -> u8 {
    tell(host, room, &|message| _ = message.put("gv: ").put_bytes(what).put(" ").put(why));
    CANNOT_RUN
}
