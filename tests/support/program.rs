//! gv as the tests run it: the same program, but for roots of trust that the tests have the keys of, and for an end at
//! a named checkpoint.
//!
//! The roots are read from the folder that `GV_TEST_ROOTS` names; one that is absent there vouches for nothing. Without
//! the variable they are the real ones. `GV_TEST_DIE` is a number: before the disk changes for the n-th time the
//! process tells what it was about to do, and kills itself; with `GV_TEST_STOP` it stops. gv itself has no such door.

use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use gv::environment::Environment;
use gv::verify::Roots;
use rustix::process::{Signal, getpid, kill_process};

/// At which change of the disk the process ends, and by which signal.
static END: OnceLock<(u64, Signal)> = OnceLock::new();

/// How many changes have come so far.
static CHANGES: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    // Cargo builds this one to unwind; a panic of gv's ends the whole process.
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::abort();
    }));
    for (name, signal) in [("GV_TEST_DIE", Signal::KILL), ("GV_TEST_STOP", Signal::STOP)] {
        if let Some(number) = std::env::var(name).ok().and_then(|number| number.parse().ok()) {
            END.get_or_init(|| (number, signal));
            gv::fs::observe(end);
        }
    }
    let roots = std::env::var_os("GV_TEST_ROOTS").map_or_else(Roots::google, |dir| roots(Path::new(&dir)));
    gv::run(std::env::args_os(), Environment::from_process(), std::env::current_exe().ok(), roots)
}

fn roots(dir: &Path) -> Roots {
    let read = |name: &str| match std::fs::read_to_string(dir.join(name)) {
        Ok(text) => text,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(err) => {
            let line = format!("error: cannot read the tests' own {name}: {err}\n");
            _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
            std::process::exit(1)
        }
    };
    Roots::from_parts(read("primary.fpr").trim(), read("cert.asc"), read("sumdb.vkey").trim(), read("head.note"))
}

fn end(change: &'static str) {
    let Some((number, signal)) = END.get() else { return };
    let count = CHANGES.fetch_add(1, Ordering::SeqCst) + 1;
    if count == *number {
        // Told in one write, so that it is there whole or not at all; nobody may be reading.
        _ = std::io::Write::write_all(&mut std::io::stderr(), format!("ends at: {change}\n").as_bytes());
        _ = kill_process(getpid(), *signal);
    } else if count > *number && *signal == Signal::KILL {
        // Another thread is about to end all.
        std::thread::park();
    }
}
