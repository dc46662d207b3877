//! What a test wants and a machine may lack: real programs and real input.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The right to mount file systems that nobody else sees: `unshare`, as root.
pub const MOUNTS: &str = "a mount namespace of its own";

/// A program on PATH, a folder by its path or by a variable such as `GV_REAL_TOOLCHAINS`, or what makes [`MOUNTS`].
///
/// Where there is none, one line says so; see [`lacks`].
pub fn need(thing: &str) -> Option<PathBuf> {
    let found = match thing {
        MOUNTS => unshare(),
        _ if thing.starts_with("GV_REAL_") => std::env::var_os(thing).and_then(|path| folder(&path)),
        _ if thing.starts_with('/') => folder(thing.as_ref()),
        _ => program(thing),
    };
    if found.is_none() {
        lacks(thing);
    }
    found
}

/// One line on standard error says which test is skipped for want of what; it is not captured, so that a green run
/// never hides what it left out.
pub fn lacks(thing: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "skipped: {test} needs {thing}, which is not here");
}

fn unshare() -> Option<PathBuf> {
    let unshare = program("unshare")?;
    let mut mount = Command::new(&unshare);
    mount.args(["-m", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).stdout(Stdio::null()).stderr(Stdio::null());
    mount.status().ok()?.success().then_some(unshare)
}

fn folder(path: &OsStr) -> Option<PathBuf> {
    Some(PathBuf::from(path)).filter(|dir| dir.is_dir())
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file())
}
