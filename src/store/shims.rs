//! Placing the shims: one small program under many names, none of which is ever missing for a moment.
//!
//! The program is copied once, under a hidden name. Every other name is a hard link to it, made under a temporary
//! name and renamed over the old one. A name that already is that inode is left alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gv_shim::version::Version;

use crate::error::{Error, Result};
use crate::fs;

use super::Layout;

/// The name that the others are links to.
const HIDDEN: &str = ".gv-shim";

/// Makes the names under `shims/` those of the complete toolchains: `go`, `gofmt` and one `go1.x.y` each.
///
/// `program` is the gv-shim to use; without one, the copy in place is kept.
pub fn place(layout: &Layout, program: Option<&Path>, installed: &[Version]) -> Result<()> {
    let dir = layout.shims();
    fs::create_dir_all(&dir)?;
    let hidden = dir.join(HIDDEN);
    refresh_shim(program, &hidden)?;
    let versioned: BTreeSet<String> = installed.iter().map(|version| version.go().to_string()).collect();
    for name in ["go", "gofmt"].into_iter().chain(versioned.iter().map(String::as_str)) {
        fs::link_program(&hidden, &dir.join(name))?;
    }
    for name in fs::names(&dir)? {
        let stale = name.to_str().is_some_and(|name| is_versioned(name) && !versioned.contains(name));
        if stale {
            fs::remove_file(&dir.join(name))?;
        }
    }
    Ok(())
}

fn is_versioned(name: &str) -> bool {
    Version::from_go_name(name.as_bytes()).is_some()
}

fn refresh_shim(program: Option<&Path>, hidden: &Path) -> Result<()> {
    let in_place = fs::read_bytes(hidden)?;
    let Some(program) = program else {
        return match in_place {
            Some(_) => Ok(()),
            None => Err(Error::failed("the program gv-shim is missing")
                .because(format!("it is neither beside gv nor at {}", hidden.display()))
                .hint("install gv again: both programs, gv and gv-shim, belong into the same folder")),
        };
    };
    if fs::read_bytes(program)? == in_place {
        return Ok(());
    }
    fs::copy_program(program, hidden)
}

/// The gv-shim that belongs to the running gv: the one in the same folder.
pub fn beside(program: &Path) -> Option<PathBuf> {
    let shim = program.with_file_name("gv-shim");
    shim.is_file().then_some(shim)
}
