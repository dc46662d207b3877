//! What gv does with a call that a shim handed over.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use gv_shim::call::Program;
use gv_shim::room::Room;
use gv_shim::shim::{CANNOT_RUN, Change, Goroot, NOTHING_TO_RUN, finds_goroot};

use super::{Decision, Origin, Toolchain, decide};
use crate::environment::Environment;
use crate::error::Error;
use crate::system::{self, space};

/// Why a shim's call could not be run.
#[derive(Debug)]
pub struct Failure {
    /// 126 or 127, as shells have it.
    pub code: u8,
    /// The reason; with its hint it makes the one line that a shim prints.
    pub error: Error,
}

/// The words behind `gv shim-exec`: ROOT PROGRAM EXECUTED ARGV0 ARG….
struct Handed<'a> {
    root: &'a Path,
    program: Program,
    executed: &'a Path,
    argv0: &'a OsStr,
    args: &'a [OsString],
}

impl<'a> Handed<'a> {
    fn read(words: &'a [OsString]) -> Option<Handed<'a>> {
        let [root, program, executed, rest @ ..] = words else { return None };
        let (argv0, args) = rest.split_first().map_or((program.as_os_str(), rest), |(first, args)| (first, args));
        let program = Program::from_name(program.as_bytes())?;
        Some(Handed { root: Path::new(root), program, executed: Path::new(executed), argv0, args })
    }
}

/// Runs a call that a shim handed over: `words` are those behind `gv shim-exec`. Returns only when it cannot be run.
///
/// It becomes a toolchain, never a shim, so a call is handed over once at most.
pub fn exec(env: &Environment, words: &[OsString]) -> Failure {
    let Some(handed) = Handed::read(words) else {
        let error = Error::usage("`gv shim-exec` is what gv's shims call, and nothing for people");
        return Failure { code: CANNOT_RUN, error };
    };
    // A toolchain may vanish between reading and running: then everything is read once more.
    match attempt(env, &handed) {
        (_, true) => attempt(env, &handed).0,
        (failure, false) => failure,
    }
}

/// One try; with its failure, whether the program was not there.
fn attempt(env: &Environment, handed: &Handed<'_>) -> (Failure, bool) {
    let decision = match decide(env, handed.root, handed.program, handed.args) {
        Ok(decision) => decision,
        Err(error) => return (Failure { code: NOTHING_TO_RUN, error }, false),
    };
    let binary = if handed.program == Program::Gofmt { "gofmt" } else { "go" };
    let program = decision.toolchain.program(binary);
    if program == handed.executed || (is_system(&decision) && is_own_pid(env)) {
        let error = Error::failed(format!("{} leads back to gv's shim: a loop", program.display()));
        return (Failure { code: CANNOT_RUN, error }, false);
    }
    let err = run(&program, &decision, handed);
    let absent = err.kind() == io::ErrorKind::NotFound && !program.exists();
    let code = if absent { NOTHING_TO_RUN } else { CANNOT_RUN };
    let hint = match &decision.toolchain {
        Toolchain::Installed { version, .. } => format!("`gv repair {version}` puts it right"),
        _ => "mend it, or ask for a version, as in `gv local 1.22.3`".to_owned(),
    };
    let error = Error::failed(format!("cannot run {}", program.display())).because(reason(&err, absent)).hint(hint);
    (Failure { code, error }, absent)
}

fn run(program: &Path, decision: &Decision, handed: &Handed<'_>) -> io::Error {
    let mut space = space();
    let goroot = match &decision.toolchain {
        Toolchain::System { .. } => Goroot::Keep,
        Toolchain::Installed { version, dir } if !finds_goroot(*version) => {
            match Room::new(&mut space).path(&[b"GOROOT=", dir.as_os_str().as_bytes()]) {
                Ok(entry) => Goroot::Set(entry),
                Err(errno) => return io::Error::from_raw_os_error(errno.0),
            }
        }
        Toolchain::Installed { .. } | Toolchain::Linked { .. } => Goroot::Drop,
    };
    let change = Change { drop_first: decision.origin == Origin::Argument, goroot, guard: is_system(decision) };
    system::exec(program, handed.argv0, handed.args, &change)
}

/// A program that is there and yet "not found" lacks what runs it.
fn reason(err: &io::Error, absent: bool) -> String {
    match err.kind() {
        io::ErrorKind::NotFound if !absent => "its interpreter is missing".to_owned(),
        _ => match err.raw_os_error().and_then(|number| gv_shim::errno::Errno(number).words()) {
            Some(words) => words.to_owned(),
            None => err.to_string(),
        },
    }
}

fn is_system(decision: &Decision) -> bool {
    matches!(decision.toolchain, Toolchain::System { .. })
}

fn is_own_pid(env: &Environment) -> bool {
    env.text("GV_SHIM_PID") == Some(std::process::id().to_string().as_str())
}
