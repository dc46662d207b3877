//! Where something was asked for.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gv_shim::resolve;

use crate::environment::Environment;

/// Where something was asked for; prints as `~/app/.go-version:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A first argument that begins with `+`.
    Argument,
    /// The program's name, `go1.22.3`.
    Program,
    /// An environment variable of this name.
    Variable(&'static str),
    /// A line of a file.
    File {
        /// Absolute.
        path: PathBuf,
        /// From 1; 0 stands for the file as a whole.
        line: u32,
        /// The path as people read it, `~` standing for their home.
        shown: String,
    },
    /// Nothing was asked for.
    Nowhere,
}

impl Origin {
    pub(super) fn own(env: &Environment, origin: &resolve::Origin<'_>) -> Origin {
        match *origin {
            resolve::Origin::Argument => Origin::Argument,
            resolve::Origin::Program => Origin::Program,
            resolve::Origin::Variable(name) => Origin::Variable(name),
            resolve::Origin::File { path, line } => {
                let path = PathBuf::from(OsStr::from_bytes(path));
                let shown = abbreviated(&path, env.absolute("HOME"));
                Origin::File { path, line, shown }
            }
            resolve::Origin::Nowhere => Origin::Nowhere,
        }
    }
}

/// The path as people read it. What could steer a terminal, or make two lines of one, becomes `?`, as in the shim.
fn abbreviated(path: &Path, home: Option<&Path>) -> String {
    let text = match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(below) => format!("~/{}", below.display()),
        None => path.display().to_string(),
    };
    text.replace(char::is_control, "?")
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Argument => f.write_str("the command line"),
            Origin::Program => f.write_str("the program's name"),
            Origin::Variable(name) => f.write_str(name),
            Origin::File { shown, line: 0, .. } => f.write_str(shown),
            Origin::File { shown, line, .. } => write!(f, "{shown}:{line}"),
            Origin::Nowhere => f.write_str("the current folder"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_shown_from_home() {
        let env = Environment::from_vars([("HOME", "/home/me")]);
        let origin =
            |path: &str, line| Origin::own(&env, &resolve::Origin::File { path: path.as_bytes(), line }).to_string();
        assert_eq!(origin("/home/me/app/.go-version", 1), "~/app/.go-version:1");
        assert_eq!(origin("/home/mean/.go-version", 2), "/home/mean/.go-version:2");
        assert_eq!(origin("/srv/go.mod", 0), "/srv/go.mod");
    }
}
