//! The one place that reads the process environment, so that tests can run side by side.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The environment variables and the current folder, as they were when gv started.
#[derive(Clone, Debug)]
pub struct Environment {
    vars: BTreeMap<OsString, OsString>,
    cwd: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn from_process() -> Environment {
        Environment { vars: std::env::vars_os().collect(), cwd: std::env::current_dir().ok() }
    }

    /// An environment made by hand, for tests.
    pub fn from_vars<K: Into<OsString>, V: Into<OsString>>(vars: impl IntoIterator<Item = (K, V)>) -> Environment {
        Environment { vars: vars.into_iter().map(|(k, v)| (k.into(), v.into())).collect(), cwd: None }
    }

    /// The same without some of its variables.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Environment {
        let kept = self.vars.iter().filter(|(name, _)| names.iter().all(|other| name.as_os_str() != *other));
        Environment { vars: kept.map(|(name, value)| (name.clone(), value.clone())).collect(), cwd: self.cwd.clone() }
    }

    /// A variable's value; one that is set but empty counts as unset.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// Like [`Environment::var`]; a value that is not UTF-8 counts as unset too.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.var(name).and_then(OsStr::to_str)
    }

    /// A variable that holds an absolute path; a relative one counts as unset, as the XDG base directory
    /// specification has it.
    pub fn absolute(&self, name: &str) -> Option<&Path> {
        self.var(name).map(Path::new).filter(|path| path.is_absolute())
    }

    /// The user's home folder: HOME, else what the user database says.
    pub fn home(&self) -> Result<PathBuf> {
        if let Some(home) = self.absolute("HOME") {
            return Ok(home.to_path_buf());
        }
        directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf()).ok_or_else(|| {
            Error::usage("cannot tell where your home folder is").hint("set HOME, or set GV_ROOT to an absolute path")
        })
    }

    /// Every variable, for the environment of a child.
    pub fn vars(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.vars.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The current folder; fails when it has been deleted.
    pub fn cwd(&self) -> io::Result<&Path> {
        self.cwd.as_deref().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}
