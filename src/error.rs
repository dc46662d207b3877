//! What went wrong, to what, and the way out.
//!
//! An [`Error`] carries one sentence for a person, the causes beneath it, a hint that names the next
//! step, and the [`Exit`] that scripts see. Nothing else in gv turns a failure into an exit code.

use std::fmt;
use std::io;
use std::path::Path;

/// The exit codes of `gv`, a documented interface (README, `gv --help`).
///
/// The shim adds 126 (found, but cannot be run) and 127 (nothing to run); the exit code of a
/// program that gv runs for the user passes through unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It did not work, for a reason that has no code of its own.
    Failed = 1,
    /// The command line, a version file or the configuration asks for something that has no meaning.
    Usage = 2,
    /// What was asked for is not installed.
    NotInstalled = 3,
    /// A server could not be reached or did not answer in time; trying again may help.
    Network = 4,
    /// Something is not what it claims to be: malformed, tampered with, or not proven.
    Untrusted = 5,
    /// Another process holds a lock, or uses what was to be changed.
    Busy = 6,
}

/// The result of everything in gv that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure told to a person: message, causes, hint; see the module's documentation.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    failures: Vec<String>,
    hints: Vec<String>,
    conclusive: bool,
    full: bool,
}

impl Error {
    /// A failure with the given exit code; `message` is one sentence without a full stop.
    pub fn new(exit: Exit, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            exit,
            message: message.into(),
            causes: Vec::new(),
            failures: Vec::new(),
            hints: Vec::new(),
            conclusive: false,
            full: false,
        }))
    }

    /// [`Exit::Failed`].
    pub fn failed(message: impl Into<String>) -> Error {
        Error::new(Exit::Failed, message)
    }

    /// [`Exit::Usage`].
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Exit::Usage, message)
    }

    /// [`Exit::NotInstalled`].
    pub fn not_installed(message: impl Into<String>) -> Error {
        Error::new(Exit::NotInstalled, message)
    }

    /// [`Exit::Network`]: the source cannot answer, and the next one may be asked.
    pub fn network(message: impl Into<String>) -> Error {
        Error::new(Exit::Network, message)
    }

    /// [`Exit::Untrusted`]: the source is dropped for the rest of the run.
    pub fn untrusted(message: impl Into<String>) -> Error {
        Error::new(Exit::Untrusted, message)
    }

    /// [`Exit::Busy`].
    pub fn busy(message: impl Into<String>) -> Error {
        Error::new(Exit::Busy, message)
    }

    /// Adds the reason beneath the message (and beneath the causes given before).
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Error {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds one of several failures that stand side by side, a source's for one; its hints become this error's.
    #[must_use]
    pub fn beside(mut self, failure: &Error) -> Error {
        self.0.failures.push(failure.to_string());
        let known = &mut self.0.hints;
        let fresh: Vec<String> = failure.hints().iter().filter(|hint| !known.contains(hint)).cloned().collect();
        known.extend(fresh);
        self
    }

    /// Adds a way out: a full command or setting where there is one.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hints.push(hint.into());
        self
    }

    /// Puts what was being done above this error: `doing` becomes the message, the old message its first cause.
    #[must_use]
    pub fn during(mut self, doing: impl Into<String>) -> Error {
        let below = std::mem::replace(&mut self.0.message, doing.into());
        self.0.causes.insert(0, below);
        self
    }

    /// Marks a finding after which no other source may be asked: evidence of a forked tree, for one.
    #[must_use]
    pub fn conclusive(mut self) -> Error {
        self.0.conclusive = true;
        self
    }

    /// Whether no other source may be asked after this.
    pub fn is_conclusive(&self) -> bool {
        self.0.conclusive
    }

    /// Whether a full disk or a full quota is the reason.
    pub fn is_full(&self) -> bool {
        self.0.full
    }

    /// The code that the process ends with.
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// The message alone.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The causes, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// Failures side by side, each a line of its own.
    pub fn failures(&self) -> &[String] {
        &self.0.failures
    }

    /// Message and causes on one line.
    pub fn summary(&self) -> String {
        std::iter::once(&self.0.message).chain(&self.0.causes).map(String::as_str).collect::<Vec<_>>().join(": ")
    }

    /// The ways out.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }
}

/// All on one line, without the hints.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        for (at, failure) in self.0.failures.iter().enumerate() {
            write!(f, "{}{failure}", if at == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Says what was being done to which path when the operating system refused.
pub trait At<T> {
    /// `doing` completes the sentence "cannot …", as in `"read the receipt"`.
    fn at(self, doing: &str, path: &Path) -> Result<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &str, path: &Path) -> Result<T> {
        self.map_err(|err| Error::from_io(&err, doing, path))
    }
}

impl<T> At<T> for rustix::io::Result<T> {
    fn at(self, doing: &str, path: &Path) -> Result<T> {
        self.map_err(|err| Error::from_io(&err.into(), doing, path))
    }
}

impl Error {
    /// See [`At::at`].
    pub(crate) fn from_io(err: &io::Error, doing: &str, path: &Path) -> Error {
        let mut error = Error::failed(format!("cannot {doing} {}", path.display())).because(plain(err));
        error.0.full = matches!(err.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        match err.kind() {
            io::ErrorKind::StorageFull => error.hint("free some space, or move GV_ROOT to a larger disk"),
            io::ErrorKind::QuotaExceeded => error.hint("free some of your disk quota"),
            io::ErrorKind::PermissionDenied => error.hint("check who owns that path: gv writes only as its owner"),
            io::ErrorKind::ReadOnlyFilesystem => error.hint("that file system is mounted read-only"),
            _ => error,
        }
    }
}

/// The operating system's own words, without Rust's `(os error 2)`.
pub(crate) fn plain(err: &io::Error) -> String {
    let text = err.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_from_the_outside_in() {
        let error =
            Error::network("no answer within 30 s").because("connection refused").during("cannot fetch the index");
        assert_eq!(error.to_string(), "cannot fetch the index: no answer within 30 s: connection refused");
        assert_eq!(error.exit(), Exit::Network);
    }

    #[test]
    fn failures_side_by_side_are_parted_and_share_their_hints() {
        let failure = |text: &str| Error::network(text).because("refused").hint("look at the network");
        let error = Error::network("no source has it").beside(&failure("a")).beside(&failure("b"));
        assert_eq!(error.to_string(), "no source has it: a: refused; b: refused");
        assert_eq!(error.failures(), ["a: refused", "b: refused"]);
        assert_eq!(error.hints(), ["look at the network"]);
    }

    #[test]
    fn an_io_error_names_the_path_and_not_the_errno() {
        let error = std::fs::read("/nowhere/at/all").at("read the receipt", Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the receipt /nowhere/at/all: no such file or directory");
    }
}
