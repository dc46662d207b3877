//! Linked toolchains: names under `toolchains/` that lead to a Go which gv did not install.
//!
//! Such a link is never a version or a line, so nothing that follows from these (shims, line links, receipts) ever
//! touches it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gv_shim::selector::Selector;

use super::{Locked, Store};
use crate::error::{Error, Result};
use crate::fs;

/// A linked toolchain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its name, a [`Selector::Named`].
    pub name: String,
    /// The GOROOT that it leads to, which may be gone.
    pub target: PathBuf,
}

/// Names that would be taken for something else: gv's own words, and programs.
const RESERVED: [&str; 6] = ["current", "previous", "none", "go", "gofmt", "gv"];

impl Store {
    /// Every linked toolchain, by name.
    pub fn linked(&self) -> Result<Vec<Linked>> {
        Ok(self.toolchains()?.1)
    }
}

/// The linked toolchain of that name in the folder of toolchains, if it is one.
pub(super) fn read(dir: &Path, name: OsString) -> Result<Option<Linked>> {
    let name = name.into_string().ok().filter(|name| matches!(Selector::parse(name), Some(Selector::Named(_))));
    let Some(name) = name else { return Ok(None) };
    Ok(fs::read_link(&dir.join(&name))?.map(|target| Linked { name, target }))
}

impl Locked<'_> {
    /// Gives a GOROOT outside the store a name; the link that had the name before is replaced.
    ///
    /// # Errors
    /// A name that means something else, and a folder without a Go of its own.
    pub fn link(&mut self, name: &str, target: &Path) -> Result<()> {
        if RESERVED.contains(&name) || !matches!(Selector::parse(name), Some(Selector::Named(_))) {
            return Err(Error::usage(format!("`{name}` cannot be the name of a linked toolchain"))
                .because("it means something else, or is no word of letters, digits, `.`, `_` and `-`")
                .hint("take a word of your own, such as gotip"));
        }
        let layout = self.store().layout();
        let program = target.join("bin/go");
        if !program.is_file() {
            return Err(Error::usage(format!("{} is no GOROOT", target.display()))
                .because("it holds no program bin/go")
                .hint("name the folder that `go env GOROOT` prints"));
        }
        if fs::is_same_file(&program, &layout.shims().join("go")) {
            return Err(Error::usage(format!("{} is gv's own shim", program.display())));
        }
        fs::create_dir_all(&layout.toolchains())?;
        fs::link_symbolic(target, &layout.toolchains().join(name))?;
        fs::sync_dir(&layout.toolchains())
    }

    /// Takes the name of a linked toolchain away; what it led to stays. `false` if there is no such link.
    pub fn unlink(&mut self, name: &str) -> Result<bool> {
        let toolchains = self.store().layout().toolchains();
        if self.store().linked()?.iter().all(|link| link.name != name) {
            return Ok(false);
        }
        fs::remove_file(&toolchains.join(name))?;
        fs::sync_dir(&toolchains)?;
        Ok(true)
    }
}
