//! What a test wants and a machine may lack: real programs and real input.

use std::io::Write;
use std::path::PathBuf;

/// A program on PATH, or the folder that a variable such as `GV_REAL_TOOLCHAINS` names.
///
/// Where there is none, one line on standard error says which test is skipped for want of what; it is not captured,
/// so that a green run never hides what it left out.
pub fn need(thing: &str) -> Option<PathBuf> {
    let found = if thing.starts_with("GV_REAL_") { folder(thing) } else { program(thing) };
    if found.is_none() {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        // A closed standard error is no reason to fail.
        let _ = writeln!(std::io::stderr(), "skipped: {test} needs {thing}, which is not here");
    }
    found
}

fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|dir| dir.is_dir())
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file())
}
