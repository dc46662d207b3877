//! Which Go runs here, and why: the shim's own answer, completed with the list of what is installed.

mod choose;
mod exec;
mod origin;
mod switch;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub use choose::{parse, select};
pub use exec::{Failure, exec};
use gv_shim::call::{Call, Program, Variables};
use gv_shim::floor::Floor;
use gv_shim::locate::{self, Found};
use gv_shim::message::Message;
use gv_shim::path::Path as Buffer;
use gv_shim::resolve::{self, Asked};
use gv_shim::room::Room;
use gv_shim::selector::Selector;
use gv_shim::version::Version;
pub use origin::Origin;
pub use switch::{Switch, will_switch};

use crate::environment::Environment;
use crate::error::{At, Error, Result};
use crate::system::{self, Machine, space};

/// What is asked for in a folder, and where that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What.
    pub want: Want,
    /// Where.
    pub origin: Origin,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A selector, in the spelling that [`Selector::parse`] reads.
    Selector(String),
    /// The first of these selectors that is installed, white space between them.
    FirstOf(String),
    /// A Go that is new enough.
    Floor(Floor),
    /// Nothing in particular.
    Current,
}

/// The Go that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Which one.
    pub toolchain: Toolchain,
    /// What was asked for, as [`Want`] prints: `1.22`, `>=1.21, <1.23`, `go 1.21 or newer`, `current`.
    pub asked: String,
    /// Where that was said.
    pub origin: Origin,
}

/// A Go that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// One of the store.
    Installed {
        /// Its version.
        version: Version,
        /// Its GOROOT.
        dir: PathBuf,
    },
    /// One of the store whose folder is not named by a version.
    Linked {
        /// Its GOROOT.
        dir: PathBuf,
    },
    /// One outside the store.
    System {
        /// The program itself, `go` or `gofmt`.
        program: PathBuf,
    },
}

impl Toolchain {
    /// The version, as its folder's name or its VERSION file has it; `None` for a Go outside the store.
    pub fn version(&self) -> Option<Version> {
        match self {
            Toolchain::Installed { version, .. } => Some(*version),
            Toolchain::Linked { dir } => version_file(dir),
            Toolchain::System { .. } => None,
        }
    }

    /// The path of a program, `go` or `gofmt`.
    pub fn program(&self, name: &str) -> PathBuf {
        match self {
            Toolchain::Installed { dir, .. } | Toolchain::Linked { dir } => dir.join("bin").join(name),
            Toolchain::System { program } => program.with_file_name(name),
        }
    }
}

/// What is asked for where this environment stands; fails when a version file or variable says nothing sensible.
pub fn request(env: &Environment, program: Program, args: &[OsString]) -> Result<Request> {
    let mut space = space();
    let call = Call { program, args: args.iter().map(|arg| arg.as_bytes()), vars: system::variables(env) };
    match resolve::resolve(&Machine::new(env), &call, &mut Room::new(&mut space)) {
        Ok(answer) => Ok(Request { want: Want::own(&answer.asked), origin: Origin::own(env, &answer.origin) }),
        Err(problem) => {
            let origin = Origin::own(env, &problem.origin);
            Err(Error::usage(format!("{origin}: {}", text(|m| m.put_fault(&problem.fault))))
                .hint(text(|m| m.put_fault_remedy(&problem))))
        }
    }
}

/// Which Go runs where this environment stands, when `program` is called with these arguments (without argv\[0\]).
///
/// Fails with `Exit::NotInstalled` when what is asked for is not there, and with `Exit::Usage` when a version file or
/// variable says nothing sensible.
pub fn decide(env: &Environment, root: &Path, program: Program, args: &[OsString]) -> Result<Decision> {
    let request = request(env, program, args)?;
    let finder = Finder { machine: Machine::new(env), root, vars: system::variables(env), program };
    let toolchain = finder.find(&request.want)?.ok_or_else(|| missing(&request))?;
    Ok(Decision { toolchain, asked: request.want.to_string(), origin: request.origin })
}

/// The error for what is asked for and not there: what, by whom, and the command that mends it.
pub fn missing(request: &Request) -> Error {
    let asked = request.want.borrow();
    let what = text(|message| message.put_missing(&asked));
    let message = match request.origin {
        Origin::Nowhere => what,
        ref origin => format!("{what}, asked for by {origin}"),
    };
    Error::not_installed(message).hint(text(|message| message.put_remedy(&asked)))
}

/// The complete toolchains under a root, oldest first. A root that does not exist has none.
pub fn installed(root: &Path) -> Result<Vec<Version>> {
    let folder = root.join("toolchains");
    let entries = match fs::read_dir(&folder) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.at("list", &folder)?,
    };
    let mut versions = Vec::new();
    for entry in entries {
        let entry = entry.at("list", &folder)?;
        // One that another process removes meanwhile is not installed any more.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            versions.extend(Version::from_store_name(entry.file_name().as_bytes()));
        }
    }
    versions.sort_unstable();
    Ok(versions)
}

/// The version that a GOROOT's VERSION file names.
pub fn version_file(dir: &Path) -> Option<Version> {
    let text = crate::fs::read_bytes(&dir.join("VERSION")).ok()??;
    Version::from_go_name(text.split(|&byte| byte == b'\n').next()?.trim_ascii())
}

/// Finds what is asked for.
struct Finder<'a> {
    machine: Machine,
    root: &'a Path,
    vars: Variables<'a>,
    program: Program,
}

impl Finder<'_> {
    /// The shim's own lookup, and where that takes a list, the list.
    fn find(&self, want: &Want) -> Result<Option<Toolchain>> {
        match self.locate(&want.borrow())? {
            Some(toolchain) if self.is_there(&toolchain) => Ok(Some(toolchain)),
            _ => self.choose(want),
        }
    }

    fn locate(&self, asked: &Asked<'_>) -> Result<Option<Toolchain>> {
        let mut space = space();
        let (root, room) = (self.root.as_os_str().as_bytes(), &mut Room::new(&mut space));
        let found = locate::locate(&self.machine, root, asked, &self.vars, self.program.binary(), room)
            .map_err(|_| Error::failed(format!("the path of {} is too long", self.root.display())))?;
        Ok(own(found))
    }

    fn is_there(&self, toolchain: &Toolchain) -> bool {
        fs::metadata(toolchain.program(self.binary())).is_ok()
    }

    fn binary(&self) -> &'static str {
        if self.program == Program::Gofmt { "gofmt" } else { "go" }
    }

    /// What takes the list of what is installed.
    fn choose(&self, want: &Want) -> Result<Option<Toolchain>> {
        let installed = installed(self.root)?;
        let version = match want {
            Want::Selector(text) => select(&parse(text)?, &installed),
            Want::FirstOf(text) => return self.first_of(text, &installed),
            Want::Floor(floor) => match self.current_above(floor)? {
                None => choose::above(floor, &installed),
                current => return Ok(current),
            },
            Want::Current => return self.best_effort(),
        };
        match version {
            None if matches!(want, Want::Floor(_)) => self.best_effort(),
            version => Ok(version.map(|version| self.toolchain(version))),
        }
    }

    /// The first of several selectors that is there.
    fn first_of(&self, text: &str, installed: &[Version]) -> Result<Option<Toolchain>> {
        for selector in resolve::each(text) {
            let found = match selector {
                Selector::System | Selector::Named(_) => {
                    self.locate(&Asked::Selector(selector))?.filter(|toolchain| self.is_there(toolchain))
                }
                _ => select(&selector, installed).map(|version| self.toolchain(version)),
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// `current`, if it is new enough by its name or by its VERSION file.
    fn current_above(&self, floor: &Floor) -> Result<Option<Toolchain>> {
        let enough = |toolchain: &Toolchain| toolchain.version().is_some_and(|version| version >= floor.version);
        Ok(self.locate(&Asked::Current)?.filter(|current| enough(current) && self.is_there(current)))
    }

    /// `current`, else a Go outside the store: nothing is new enough, and the go command decides. A `current` that is
    /// broken stays the answer, so that the error names it.
    fn best_effort(&self) -> Result<Option<Toolchain>> {
        self.locate(&Asked::Current)
    }

    fn toolchain(&self, version: Version) -> Toolchain {
        let dir = self.root.join("toolchains").join(version.to_string());
        Toolchain::Installed { version, dir }
    }
}

fn own(found: Found<'_>) -> Option<Toolchain> {
    let own = |path: Buffer<'_>| PathBuf::from(OsStr::from_bytes(path.as_bytes()));
    match found {
        Found::Toolchain(version, dir) => Some(Toolchain::Installed { version, dir: own(dir) }),
        Found::Named(dir) => Some(Toolchain::Linked { dir: own(dir) }),
        Found::Foreign(program) => Some(Toolchain::System { program: own(program) }),
        Found::Rare | Found::Nothing => None,
    }
}

impl Want {
    fn own(asked: &Asked<'_>) -> Want {
        match asked {
            Asked::Selector(_) => Want::Selector(text(|message| message.put_asked(asked))),
            Asked::FirstOf(text) => Want::FirstOf((*text).to_owned()),
            Asked::Floor(floor) => Want::Floor(*floor),
            Asked::Current => Want::Current,
        }
    }

    fn borrow(&self) -> Asked<'_> {
        match self {
            // It was spelled by `own`; if not, it is a name, of which there is no toolchain.
            Want::Selector(text) => Asked::Selector(Selector::parse(text).unwrap_or(Selector::Named(text))),
            Want::FirstOf(text) => Asked::FirstOf(text),
            Want::Floor(floor) => Asked::Floor(*floor),
            Want::Current => Asked::Current,
        }
    }
}

/// As a person would say it: `1.22`, `go 1.21 or newer`, `current`.
impl std::fmt::Display for Want {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Want::Selector(text) | Want::FirstOf(text) => f.write_str(text),
            Want::Floor(floor) => write!(f, "go {} or newer", floor.version),
            Want::Current => f.write_str("current"),
        }
    }
}

/// The words that the shim would use.
fn text(write: impl for<'m, 'r> FnOnce(&'m mut Message<'r>) -> &'m mut Message<'r>) -> String {
    let mut space = space();
    let mut message = Message::new(&mut Room::new(&mut space));
    String::from_utf8_lossy(write(&mut message).as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::error::Exit;

    /// A root with these toolchains, the first being current.
    fn root(versions: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for version in versions {
            let bin = root.path().join("toolchains").join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            fs::write(bin.join("go"), "").unwrap();
        }
        if let Some(current) = versions.first() {
            fs::create_dir_all(root.path().join("generations/1")).unwrap();
            symlink(format!("../../toolchains/{current}"), root.path().join("generations/1/current")).unwrap();
            symlink("generations/1", root.path().join("active")).unwrap();
        }
        root
    }

    /// The version decided on, in a folder with these files.
    fn decided(root: &Path, files: &[(&str, &str)], first: &str, vars: &[(&str, &str)]) -> Result<Decision> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let env = Environment::from_vars(vars.iter().copied());
        let args = [first.into(), "-C".into(), folder.path().as_os_str().to_owned()];
        decide(&env, root, Program::Go, &args)
    }

    #[test]
    fn rare_answers_are_completed_from_what_is_installed() {
        let root = root(&["1.22.3", "1.22.10", "1.21.13", "1.24.1", "1.25rc1"]);
        for (files, first, version) in [
            (&[][..], "build", "1.22.3"),
            (&[], "+1.22", "1.22.10"),
            (&[], "+latest", "1.24.1"),
            (&[], "+>=1.21,<1.22", "1.21.13"),
            (&[(".go-version", "oldstable")], "build", "1.22.10"),
            (&[(".tool-versions", "golang 1.99.1 1.21 1.22.3")], "build", "1.21.13"),
            (&[("go.mod", "go 1.21")], "build", "1.22.3"),
            (&[("go.mod", "go 1.22.4")], "build", "1.22.10"),
            (&[("go.mod", "go 1.23")], "build", "1.24.1"),
            (&[("go.mod", "go 1.25rc1")], "build", "1.25rc1"),
            // Nothing is new enough, and the go command decides.
            (&[("go.mod", "go 1.99")], "build", "1.22.3"),
        ] {
            let decision = decided(root.path(), files, first, &[]).unwrap();
            let found = decision.toolchain.version().map(|version| version.to_string());
            assert_eq!(found.as_deref(), Some(version), "{files:?} {first}");
        }
    }

    #[test]
    fn what_is_missing_is_told_with_its_file_and_the_command_that_mends_it() {
        let root = root(&["1.22.3"]);
        let error = decided(root.path(), &[(".go-version", "\n1.23.4\n")], "build", &[]).unwrap_err();
        assert_eq!(error.exit(), Exit::NotInstalled);
        assert!(error.to_string().starts_with("go 1.23.4 is not installed, asked for by /"), "{error}");
        assert!(error.to_string().ends_with("/.go-version:2"), "{error}");
        assert_eq!(error.hints(), ["run `gv install 1.23.4`"]);
        let error = decided(root.path(), &[(".go-version", ">=")], "build", &[]).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
    }

    #[test]
    fn an_empty_store_has_nothing_and_says_so() {
        let root = root(&[]);
        let error = decided(root.path(), &[], "build", &[]).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.exit()), ("no Go is installed", Exit::NotInstalled));
        let error = decided(root.path(), &[("go.mod", "go 1.24.1")], "build", &[]).unwrap_err();
        assert_eq!(error.hints(), ["run `gv install 1.24.1`"]);
    }

    #[test]
    fn a_linked_current_is_judged_by_its_version_file() {
        let root = root(&["gotip", "1.22.3", "1.24.2"]);
        fs::write(root.path().join("toolchains/gotip/VERSION"), "go1.24.1\ntime x\n").unwrap();
        symlink("active/current", root.path().join("current")).unwrap();
        let dir = |go_mod| match decided(root.path(), &[("go.mod", go_mod)], "build", &[]).unwrap().toolchain {
            Toolchain::Installed { dir, .. } | Toolchain::Linked { dir } => dir,
            Toolchain::System { program } => program,
        };
        assert_eq!(dir("go 1.24"), root.path().join("current"));
        assert_eq!(dir("go 1.24.2"), root.path().join("toolchains/1.24.2"));
        assert_eq!(dir("go 1.99"), root.path().join("current"));
    }
}
