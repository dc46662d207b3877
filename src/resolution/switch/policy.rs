//! What GOTOOLCHAIN and the lines of go.work or go.mod ask of a go command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use gv_shim::floor::toolchain_version;
use gv_shim::version::Version;

use super::Lines;
use crate::environment::Environment;
use crate::resolution::Toolchain;

/// Where the go command may look for another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Never,
    Path,
    Auto,
}

/// What GOTOOLCHAIN means to a go command.
#[derive(Clone, Debug)]
struct Policy {
    /// The toolchain to start from: its name, which may have a suffix, and its version.
    name: String,
    least: Version,
    mode: Mode,
}

impl Policy {
    /// Reads `local`, `auto`, `path`, `go1.22.3`, `go1.22.3+auto`, `local+path`; `None` for anything else.
    fn read(setting: &str, local: Version) -> Option<Policy> {
        let (name, mode) = match setting {
            "" => ("local", Mode::Never),
            "auto" => ("local", Mode::Auto),
            "path" => ("local", Mode::Path),
            _ => match setting.split_once('+') {
                None => (setting, Mode::Never),
                Some((name, "auto")) => (name, Mode::Auto),
                Some((name, "path")) => (name, Mode::Path),
                Some(_) => return None,
            },
        };
        if name == "local" {
            return Some(Policy { name: local.go().as_str().to_owned(), least: local, mode });
        }
        let least = toolchain_version(name.as_bytes())?;
        Some(Policy { name: name.to_owned(), least, mode })
    }
}

/// The toolchain that the go command wants to be, and where it may look for it: that of a toolchain line if it asks for
/// more than GOTOOLCHAIN, then that of a go line. `Err` is a setting or a line that means nothing.
pub(super) fn wanted(setting: &str, local: Version, lines: &Lines) -> Result<Option<(String, Mode)>, String> {
    let Some(Policy { mut name, mut least, mode }) = Policy::read(setting, local) else {
        return Err(format!("GOTOOLCHAIN={setting}"));
    };
    if mode == Mode::Never || lines.needs.never_switch {
        return Ok(Some((name, mode)));
    }
    if let Some(line) = lines.toolchain.as_deref().filter(|line| !line.is_empty()) {
        let version = toolchain_version(line.as_bytes()).ok_or_else(|| format!("toolchain {line}"))?;
        if version > least {
            (name, least) = (line.to_owned(), version);
        }
    }
    if let Some(floor) = lines.needs.language.filter(|floor| floor.version > least) {
        floor.toolchain().go().as_str().clone_into(&mut name);
    }
    Ok(Some((name, mode)))
}

/// GOTOOLCHAIN, from wherever the go command takes it; empty if nobody says.
pub(super) fn setting(env: &Environment, toolchain: &Toolchain) -> String {
    const NAME: &str = "GOTOOLCHAIN";
    let shipped = match toolchain {
        Toolchain::Installed { dir, .. } | Toolchain::Linked { dir } => Some(dir.join("go.env")),
        Toolchain::System { .. } => None,
    };
    let written = || user_file(env).and_then(|file| in_file(&file, NAME));
    env.text(NAME)
        .map(str::to_owned)
        .or_else(written)
        .or_else(|| shipped.and_then(|file| in_file(&file, NAME)))
        .unwrap_or_default()
}

/// The file that `go env -w` writes: GOENV, else `go/env` in the user's configuration folder.
fn user_file(env: &Environment) -> Option<PathBuf> {
    match env.var("GOENV") {
        Some(off) if off == OsStr::new("off") => None,
        Some(file) => Some(PathBuf::from(file)),
        None if cfg!(target_os = "macos") => Some(env.absolute("HOME")?.join("Library/Application Support/go/env")),
        None => match env.absolute("XDG_CONFIG_HOME") {
            Some(folder) => Some(folder.join("go/env")),
            None => Some(env.absolute("HOME")?.join(".config/go/env")),
        },
    }
}

/// The value of a `NAME=value` line; the last one counts, an empty one does not.
fn in_file(file: &Path, name: &str) -> Option<String> {
    let text = String::from_utf8(super::own_text(file)?).ok()?;
    let value = |line: &str| Some(line.trim().strip_prefix(name)?.strip_prefix('=')?.to_owned());
    text.lines().rev().find_map(value).filter(|value| !value.is_empty())
}
