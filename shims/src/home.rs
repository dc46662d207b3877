//! Where the store is, as a shim sees it.

use crate::call::Variables;
use crate::path::{LONGEST, parent};
use crate::room::Room;
use crate::system::System;

/// Finds the root: `GV_ROOT`, else the folder above the executed file if it holds `active`, else the one above what
/// the system says was executed. `None` when none of these can be told.
///
/// A `GV_ROOT` that is relative counts as unset, as the XDG base directory specification has it for its variables;
/// an executed path that is relative is left to the system, which knows it absolute.
pub fn find<'r, S: System>(
    system: &S,
    vars: &Variables<'r>,
    executed: &'r [u8],
    room: &mut Room<'r>,
) -> Option<&'r [u8]> {
    if let Some(named) = vars.gv_root.filter(|path| path.starts_with(b"/")) {
        return Some(named.strip_suffix(b"/").unwrap_or(named));
    }
    if executed.starts_with(b"/")
        && let Some(root) = above(executed)
        && let Ok(active) = room.lend().path(&[root, b"/active"])
        && system.stat(active).is_ok()
    {
        return Some(root);
    }
    above(room.fill(LONGEST, |buffer| system.executed(buffer)).ok()?.as_bytes())
}

/// From `ROOT/shims/go` to `ROOT`.
fn above(executed: &[u8]) -> Option<&[u8]> {
    parent(parent(executed)?)
}
