//! Where the store is, as a shim sees it.

use crate::call::Variables;
use crate::path::{LONGEST, base, parent};
use crate::room::Room;
use crate::system::System;

/// Where the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root<'a> {
    /// Absolute.
    pub path: &'a [u8],
    /// Whether that is no guess. Until then it has to be seen that it holds `active`.
    pub sure: bool,
}

/// Where the root is if nothing is out of the ordinary, which costs nothing to say: `GV_ROOT`, else the folder above
/// `shims`, if the executed file lies in a folder of that name. A symbolic link may lie in such a folder too, so
/// this is a guess.
///
/// A `GV_ROOT` that is relative counts as unset, as the XDG base directory specification has it for its variables.
pub fn guess<'a>(vars: &Variables<'a>, executed: &'a [u8]) -> Option<Root<'a>> {
    if let Some(named) = vars.gv_root.filter(|path| path.starts_with(b"/")) {
        return Some(Root { path: named.strip_suffix(b"/").unwrap_or(named), sure: true });
    }
    let folder = parent(executed).filter(|folder| executed.starts_with(b"/") && base(folder) == b"shims")?;
    Some(Root { path: parent(folder)?, sure: false })
}

/// Finds the root where the guess did not hold: the folder above the executed file if it holds `active`, else the one
/// above what the system says was executed. `None` when neither can be told.
///
/// An executed path that is relative is left to the system, which knows it absolute.
pub fn find<'r, S: System>(system: &S, executed: &'r [u8], room: &mut Room<'r>) -> Option<Root<'r>> {
    let path = match above(executed) {
        Some(root) if executed.starts_with(b"/") && is_store(system, root, room.lend()) => root,
        _ => above(room.fill(LONGEST, &|buffer| system.executed(buffer)).ok()?.as_bytes())?,
    };
    Some(Root { path, sure: true })
}

/// Whether a folder holds `active`, as every store does that ever had a toolchain.
pub fn is_store<S: System>(system: &S, root: &[u8], mut room: Room<'_>) -> bool {
    room.path(&[root, b"/active"]).is_ok_and(|active| system.stat(None, active).is_ok())
}

/// From `ROOT/shims/go` to `ROOT`.
fn above(executed: &[u8]) -> Option<&[u8]> {
    parent(parent(executed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(vars: &[(&'static str, &'static str)], executed: &'static str) -> Option<&'static str> {
        let mut variables = Variables::default();
        for (name, value) in vars {
            variables.note(name.as_bytes(), value.as_bytes());
        }
        guess(&variables, executed.as_bytes()).map(|root| core::str::from_utf8(root.path).unwrap())
    }

    #[test]
    fn a_root_is_guessed_from_the_shims_folder_alone() {
        assert_eq!(guessed(&[], "/home/me/.gv/shims/go"), Some("/home/me/.gv"));
        assert_eq!(guessed(&[], "/shims/go"), Some("/"));
        for executed in ["/usr/local/bin/go", "shims/go", "x/shims/go", "/shims", "go", ""] {
            assert_eq!(guessed(&[], executed), None, "{executed}");
        }
        assert_eq!(guessed(&[("GV_ROOT", "/opt/gv/")], "/usr/bin/go"), Some("/opt/gv"));
        assert_eq!(guessed(&[("GV_ROOT", "opt/gv")], "/usr/bin/go"), None);
    }
}
