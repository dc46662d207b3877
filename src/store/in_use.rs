//! Who runs a toolchain right now, as far as `/proc` shows.

use std::path::Path;

/// The processes whose program lies below `dir`: pid and program, sorted by pid.
///
/// Best effort: processes of other users are not seen, and where there is no `/proc` the answer is none.
pub fn users_of(dir: &Path) -> Vec<(u32, String)> {
    let Ok(dir) = dir.canonicalize() else { return Vec::new() };
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut users: Vec<(u32, String)> = processes
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let program = std::fs::read_link(entry.path().join("exe")).ok()?;
            let inside = program.strip_prefix(&dir).ok()?;
            Some((pid, inside.display().to_string()))
        })
        .collect();
    users.sort_unstable();
    users
}
