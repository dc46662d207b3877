//! Placing the shims: one small program under many names, none of which is ever missing for a moment.
//!
//! The program is copied once, under a hidden name. Every other name is a hard link to it, made under a temporary
//! name and renamed over the old one. A name that already is that inode is left alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use gv_shim::version::Version;

use crate::error::{At, Error, Result};
use crate::fs;

use super::Layout;

/// The name that the others are links to.
const HIDDEN: &str = ".gv-shim";

/// The name under which the shims folder offers gv itself.
const MANAGER: &str = "gv";

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

/// Puts gv into `bin/`, and a link to it into `shims/`, the one folder on PATH.
pub fn install_program(layout: &Layout, program: &Path) -> Result<()> {
    let target = layout.program();
    fs::create_dir_all(target.parent().unwrap_or(layout.root()))?;
    if !fs::is_same_file(program, &target) && fs::read_bytes(program)? != fs::read_bytes(&target)? {
        fs::copy_program(program, &target)?;
    }
    fs::create_dir_all(&layout.shims())?;
    let (own, link) = (Path::new("../bin/gv"), layout.shims().join(MANAGER));
    if fs::read_link(&link)?.as_deref() == Some(own) { Ok(()) } else { fs::link_symbolic(own, &link) }
}

/// Puts gv into `bin/` where none is, since the shims hand over to it, and replaces one that is not newer.
pub fn refresh_program(layout: &Layout, program: &Path) -> Result<()> {
    let target = layout.program();
    let Ok(ours) = std::fs::metadata(program) else { return Ok(()) };
    let Ok(theirs) = std::fs::metadata(&target) else { return install_program(layout, program) };
    // A copy is younger than what it was copied from: the same length then means the same program.
    let copied =
        ours.len() == theirs.len() && theirs.modified().at("read", &target)? >= ours.modified().at("read", program)?;
    if copied
        || fs::is_same_file(program, &target)
        || version_of(&target) > semver::Version::parse(env!("CARGO_PKG_VERSION")).ok()
    {
        return Ok(());
    }
    fs::copy_program(program, &target)
}

/// What `gv --version` says there; `None` if it does not run.
fn version_of(program: &Path) -> Option<semver::Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    semver::Version::parse(text.split_whitespace().nth(1)?).ok()
}
