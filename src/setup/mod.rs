//! Putting the shims folder on PATH, and taking it off again.
//!
//! A change is planned first, so that `--dry-run` shows exactly what would be done.

mod block;
mod profiles;

use std::path::{Path, PathBuf};

pub use profiles::{Profile, Shell, every, login_shell, profiles};

use crate::environment::Environment;
use crate::error::{At, Error, Result};
use crate::fs;
use crate::keys;
use crate::store::Layout;

/// A change to one file, not made yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Edit {
    /// The shell that reads the file.
    pub shell: Shell,
    /// The file, links followed, so that a linked dotfile stays linked.
    pub path: PathBuf,
    /// Its bytes now; `None` if there is no such file.
    pub before: Option<Vec<u8>>,
    /// Its bytes afterwards; `None` removes the file.
    pub after: Option<Vec<u8>>,
}

impl Edit {
    /// Whether there is nothing to do.
    pub fn is_idle(&self) -> bool {
        self.before == self.after
    }

    /// The lines that the change adds (`+`) or removes (`-`), each with its sign.
    pub fn lines(&self) -> Vec<String> {
        let lines = |text: &Option<Vec<u8>>| block::lines_of(text.as_deref().unwrap_or_default());
        let removed = lines(&self.before).into_iter().map(|line| format!("- {line}"));
        let added = lines(&self.after).into_iter().map(|line| format!("+ {line}"));
        removed.chain(added).collect()
    }

    /// That the file may be changed, without changing it. A file without write permission was made so on purpose,
    /// so it counts even where a rename, or root, could go round it.
    ///
    /// # Errors
    /// Names the file, and the lines' way into it.
    pub fn check(&self) -> Result<()> {
        if self.is_idle() || fs::is_replaceable(&self.path)? {
            return Ok(());
        }
        Err(Error::failed(format!("cannot change {}", self.path.display()))
            .because("it is read-only; nothing was changed")
            .hint("make it writable, or put the lines that `gv setup --dry-run` shows where that file is kept")
            .hint("`gv setup --shell SHELL` sets up another shell alone"))
    }

    fn put(&self, text: Option<&[u8]>) -> Result<()> {
        match text {
            Some(text) => {
                if let Some(dir) = self.path.parent() {
                    fs::create_dir_all(dir)?;
                }
                fs::write_atomic(&self.path, text)
            }
            None => fs::remove_file(&self.path),
        }
    }
}

/// Makes all the changes, each as one step; if one fails, those before it are taken back.
pub fn apply(edits: &[Edit]) -> Result<()> {
    for (at, edit) in edits.iter().enumerate().filter(|(_, edit)| !edit.is_idle()) {
        if let Err(error) = edit.put(edit.after.as_deref()) {
            for done in edits[..at].iter().filter(|edit| !edit.is_idle()) {
                done.put(done.before.as_deref())?;
            }
            return Err(error);
        }
    }
    Ok(())
}

/// What goes onto PATH.
#[derive(Debug)]
pub struct Folders {
    /// The shims, first.
    pub shims: PathBuf,
    /// Where `go install` puts programs, behind the shims; if the user wants it.
    pub gobin: Option<PathBuf>,
    /// GV_ROOT, where it is not the default.
    pub root: Option<PathBuf>,
}

/// The edits that put `folders` on the PATH of the given shells.
///
/// # Errors
/// A folder that PATH cannot name.
pub fn add(profiles: Vec<Profile>, folders: &Folders) -> Result<Vec<Edit>> {
    for dir in [&folders.shims].into_iter().chain(&folders.gobin) {
        if dir.to_str().is_none_or(|dir| dir.contains([':', '\n'])) {
            return Err(Error::usage(format!("PATH cannot name {}", dir.display()))
                .because("it holds a colon, a newline, or bytes that are no UTF-8")
                .hint("set GV_ROOT to another folder"));
        }
    }
    edits(profiles, |profile, text| Some(block::with(text, profile.shell, folders)))
}

/// The edits that take everything back that [`add`] did.
pub fn remove(profiles: Vec<Profile>) -> Result<Vec<Edit>> {
    edits(profiles, |_, text| block::without(text))
}

fn edits(profiles: Vec<Profile>, change: impl Fn(&Profile, Option<&[u8]>) -> Option<Vec<u8>>) -> Result<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for profile in profiles {
        let path = followed(&profile.path)?;
        // Two names of one file.
        if edits.iter().any(|edit| edit.path == path) {
            continue;
        }
        let before = fs::read_bytes(&path)?;
        let after = change(&profile, before.as_deref());
        edits.push(Edit { shell: profile.shell, path, before, after });
    }
    Ok(edits)
}

/// The file that a name leads to, even if it is not there yet.
fn followed(path: &Path) -> Result<PathBuf> {
    if path.exists() {
        return path.canonicalize().at("read", path);
    }
    let target = fs::read_link(path)?;
    Ok(target.map_or_else(|| path.to_path_buf(), |target| path.with_file_name(target)))
}

/// A path as a shell's command line takes it, quoted only where it has to be.
pub fn typed(path: &Path) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | '@');
    let text = path.to_string_lossy();
    if text.chars().all(plain) { text.into_owned() } else { block::quoted(path) }
}

/// Where `go install` puts programs: GOBIN, else `bin` below the first folder of GOPATH, else `~/go/bin`.
/// Go's documentation: `go help install`.
pub fn gobin(env: &Environment) -> Result<PathBuf> {
    if let Some(gobin) = env.absolute("GOBIN") {
        return Ok(gobin.to_path_buf());
    }
    let first = env.var("GOPATH").and_then(|list| std::env::split_paths(list).next());
    match first.filter(|dir| dir.is_absolute()) {
        Some(dir) => Ok(dir.join("bin")),
        None => Ok(env.home()?.join("go/bin")),
    }
}

/// Whether `dir` is on PATH.
pub fn is_on_path(env: &Environment, dir: &Path) -> bool {
    env.var("PATH").is_some_and(|path| std::env::split_paths(path).any(|entry| entry == dir))
}

/// Removes all of GV_ROOT that gv made, and the folder itself if nothing else is in it.
pub fn purge(layout: &Layout) -> Result<()> {
    for name in ["previous", "current", "active"] {
        fs::remove_file(&layout.root().join(name))?;
    }
    for name in ["shims", "bin", "toolchains", "receipts", "generations", "staging", "cache", "projects", "locks"] {
        fs::remove_tree(&layout.root().join(name))?;
    }
    fs::remove_file(&keys::path(layout))?;
    fs::remove_empty_dir(layout.root())
}
