//! Where the store is, as a shim sees it.

use crate::call::Variables;
use crate::path::{Path, parent};
use crate::system::System;

/// Finds the root: `GV_ROOT`, else the folder above the executed file if it holds `active`, else the one above what
/// the system says was executed. `None` when none of these can be told.
///
/// A `GV_ROOT` that is relative counts as unset, as the XDG base directory specification has it for its variables;
/// an executed path that is relative is left to the system, which knows it absolute.
pub fn find<S: System>(system: &S, vars: &Variables<'_>, executed: &[u8], root: &mut Path) -> Option<()> {
    if let Some(named) = vars.gv_root.filter(|path| path.starts_with(b"/")) {
        return root.set(&[named.strip_suffix(b"/").unwrap_or(named)]).ok();
    }
    if executed.starts_with(b"/") && root.set(&[executed]).is_ok() && step_above(root).is_some() {
        let len = root.len();
        root.push(b"/active").ok()?;
        let held = system.stat(root).is_ok();
        root.truncate(len);
        if held {
            return Some(());
        }
    }
    system.executed(root).ok()?;
    step_above(root)
}

/// From `ROOT/shims/go` to `ROOT`.
fn step_above(path: &mut Path) -> Option<()> {
    let len = parent(parent(path.as_bytes())?)?.len();
    path.truncate(len);
    Some(())
}
