//! What the go command will then do by itself.
//!
//! The rules are those of cmd/go/internal/toolchain/select.go: GOTOOLCHAIN from the environment, else from the file
//! that `go env -w` writes, else from GOROOT/go.env; then the `toolchain` and `go` lines of go.work or go.mod.

mod policy;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use gv_shim::call::{Call, Program};
use gv_shim::floor::{self, Needs};
use gv_shim::resolve;
use gv_shim::room::Room;
use gv_shim::version::Version;
use policy::{Mode, setting, wanted};

use super::Decision;
use crate::environment::Environment;
use crate::system::{self, Machine, space};

/// What a go command does before it does anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It runs as it is.
    Stays,
    /// It becomes this version, which gv holds and whose shim is on PATH.
    Held(Version),
    /// It becomes this program, which it finds on PATH.
    OnPath(PathBuf),
    /// It downloads this version by itself.
    Downloads(Version),
    /// It fails: it may look on PATH only, and this version is not there.
    NotOnPath(Version),
    /// It fails: a toolchain of this name is not on PATH, and Go has published none: `go1.22.3-bigcorp`, or `go1.22`,
    /// which is a language.
    NoRelease(String),
    /// It fails: go.mod or go.work needs this, and it may not switch.
    TooOld(Version),
    /// It fails: `GOTOOLCHAIN=…` or `toolchain …` has a value that means nothing.
    Invalid(String),
    /// gv cannot tell: it is a Go outside the store.
    Unknown,
}

/// The first Go that switches.
const SWITCHES: Version = Version::release(1, 21, 0);

/// The first Go for which a workspace alone makes `GO111MODULE=auto` mean `on`; before it takes a go.mod.
const AUTO_BY_WORKSPACE: Version = Version::release(1, 27, 0);

/// What the go command that was decided on will do where this environment stands.
pub fn will_switch(env: &Environment, root: &Path, decision: &Decision, args: &[OsString]) -> Switch {
    let Some(local) = decision.toolchain.version() else { return Switch::Unknown };
    let lines = Lines::read(env, args);
    if local.line() < SWITCHES.line() {
        return Switch::Stays;
    }
    let named = if switching(env, args, local) {
        match wanted(&setting(env, &decision.toolchain), local, &lines) {
            Ok(wanted) => wanted,
            Err(nonsense) => return Switch::Invalid(nonsense),
        }
    } else {
        None
    };
    match (named, lines.needs.language) {
        (Some((name, mode)), _) if name != local.go().as_str() => arrive(env, root, name, mode),
        (_, Some(floor)) if floor.version > local && !modules_off(env) => Switch::TooOld(floor.version),
        _ => Switch::Stays,
    }
}

fn modules_off(env: &Environment) -> bool {
    !matches!(env.text("GO111MODULE"), None | Some("on" | "auto"))
}

/// Whether the go command thinks of switching at all: as `WillBeEnabled` of cmd/go/internal/modload has it.
fn switching(env: &Environment, args: &[OsString], local: Version) -> bool {
    match env.text("GO111MODULE") {
        None | Some("on") => true,
        Some("auto") => {
            let within = |gowork: &[u8], name: &str| {
                let found = |path: &[u8]| path.ends_with(name.as_bytes());
                needs(env, args, Some(gowork), |_, path| found(path)).unwrap_or(false)
            };
            within(b"off", "/go.mod") || (local >= AUTO_BY_WORKSPACE && within(b"auto", "/go.work"))
        }
        Some(_) => false,
    }
}

/// The lines of go.work or go.mod that count.
#[derive(Debug, Default)]
struct Lines {
    needs: Needs,
    /// What the `toolchain` line says, in its own words.
    toolchain: Option<String>,
}

impl Lines {
    fn read(env: &Environment, args: &[OsString]) -> Lines {
        needs(env, args, None, |needs, path| Lines {
            needs,
            toolchain: toolchain_line(Path::new(OsStr::from_bytes(path))),
        })
        .unwrap_or_default()
    }
}

/// How much of a file of Go's is read, in bytes: Go's own limit for a go.mod.
const LIMIT: u64 = 16 << 20;

/// The beginning of a file of Go's. A FIFO in its place is not waited for.
fn own_text(file: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    crate::fs::open_regular(file).ok()??.take(LIMIT).read_to_end(&mut text).ok()?;
    Some(text)
}

/// The first `toolchain` line. What cannot be read needs nothing: the go command will explain.
fn toolchain_line(file: &Path) -> Option<String> {
    let text = own_text(file)?;
    let value = text.split(|&byte| byte == b'\n').find_map(|line| floor::value(line.trim_ascii(), b"toolchain"))?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// Looks for the file that the go command would read, with another GOWORK if there is one.
fn needs<T>(
    env: &Environment,
    args: &[OsString],
    gowork: Option<&[u8]>,
    then: impl FnOnce(Needs, &[u8]) -> T,
) -> Option<T> {
    let mut vars = system::variables(env);
    vars.gowork = gowork.or(vars.gowork);
    let call = Call { program: Program::Go, args: args.iter().map(|arg| arg.as_bytes()), vars };
    let mut space = space();
    resolve::needs(&Machine::new(env), &call, &mut Room::new(&mut space)).map(|(needs, path)| then(needs, path))
}

/// How the go command gets at another toolchain: on PATH first, then by download.
fn arrive(env: &Environment, root: &Path, name: String, mode: Mode) -> Switch {
    let release = Version::from_go_name(name.as_bytes()).filter(|version| version.go().as_str() == name);
    for folder in env.var("PATH").map(std::env::split_paths).into_iter().flatten() {
        let program = folder.join(&name);
        if folder.is_absolute() && is_executable(&program) {
            return match release {
                Some(version) if folder == root.join("shims") => Switch::Held(version),
                _ => Switch::OnPath(program),
            };
        }
    }
    match release {
        None => Switch::NoRelease(name),
        Some(version) if mode == Mode::Path => Switch::NotOnPath(version),
        Some(version) => Switch::Downloads(version),
    }
}

fn is_executable(program: &Path) -> bool {
    fs::metadata(program).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// One clause: `it switches to go1.24.1, which gv holds`.
impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Switch::Stays => f.write_str("it runs as it is"),
            Switch::Held(version) => write!(f, "it switches to {}, which gv holds", version.go()),
            Switch::OnPath(program) => write!(f, "it switches to {}", program.display()),
            Switch::Downloads(version) => write!(f, "it downloads {} by itself", version.go()),
            Switch::NotOnPath(version) => write!(f, "it fails, because {} is not on PATH", version.go()),
            Switch::TooOld(version) => {
                write!(f, "it fails, because go {version} is needed and GOTOOLCHAIN forbids to switch")
            }
            Switch::NoRelease(name) => write!(f, "it fails, because {name} is not on PATH and no release of Go"),
            Switch::Invalid(what) => write!(f, "it fails, because `{what}` means nothing"),
            Switch::Unknown => f.write_str("whether it switches is its own affair"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::resolution::{Origin, Toolchain};

    /// A root that holds 1.22.3 and the shim of 1.24.1, and a module that needs what `go_mod` says.
    struct Place {
        dir: tempfile::TempDir,
    }

    impl Place {
        fn new(go_mod: &str) -> Place {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().join("root");
            fs::create_dir_all(root.join("shims")).unwrap();
            fs::create_dir_all(root.join("toolchains/1.22.3")).unwrap();
            symlink("/bin/sh", root.join("shims/go1.24.1")).unwrap();
            fs::write(root.join("toolchains/1.22.3/go.env"), "# shipped\nGOTOOLCHAIN=auto\n").unwrap();
            fs::create_dir(dir.path().join("app")).unwrap();
            fs::write(dir.path().join("app/go.mod"), go_mod).unwrap();
            Place { dir }
        }

        fn says(&self, version: Version, vars: &[(&str, &str)]) -> Switch {
            let root = self.dir.path().join("root");
            let path = root.join("shims").into_os_string();
            let mut all = vec![("PATH".into(), path), ("HOME".into(), self.dir.path().into())];
            all.extend(vars.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))));
            let env = Environment::from_vars(all);
            let toolchain = Toolchain::Installed { version, dir: root.join("toolchains/1.22.3") };
            let decision = Decision { toolchain, asked: version.to_string(), origin: Origin::Nowhere };
            let args = ["build", "-C"].map(OsString::from).into_iter().chain([self.dir.path().join("app").into()]);
            will_switch(&env, &root, &decision, &args.collect::<Vec<_>>())
        }
    }

    #[test]
    fn what_the_go_command_does_follows_gotoolchain() {
        let (go, low, high) = (Version::release(1, 22, 3), Version::release(1, 24, 1), Version::release(1, 25, 0));
        for (go_mod, vars, expected) in [
            ("go 1.22", &[][..], Switch::Stays),
            ("go 1.24.1", &[], Switch::Held(low)),
            ("go 1.22\ntoolchain go1.24.1", &[], Switch::Held(low)),
            ("go 1.25", &[], Switch::Downloads(high)),
            ("go 1.25", &[("GOTOOLCHAIN", "path")], Switch::NotOnPath(high)),
            ("go 1.25", &[("GOTOOLCHAIN", "local")], Switch::TooOld(Version::parse(b"1.25").unwrap())),
            ("go 1.22\ntoolchain go1.24.1", &[("GOTOOLCHAIN", "local")], Switch::Stays),
            ("go 1.24.1\ntoolchain default", &[], Switch::TooOld(low)),
            ("go 1.22", &[("GOTOOLCHAIN", "go1.24.1")], Switch::Held(low)),
            ("go 1.22", &[("GOTOOLCHAIN", "go1.24.1+path")], Switch::Held(low)),
            ("go 1.25", &[("GOTOOLCHAIN", "go1.24.1+auto")], Switch::Downloads(high)),
            ("go 1.22", &[("GOTOOLCHAIN", "bash")], Switch::Invalid("GOTOOLCHAIN=bash".to_owned())),
            ("go 1.22", &[("GOTOOLCHAIN", "go1.23")], Switch::NoRelease("go1.23".to_owned())),
            ("go 1.22\ntoolchain go1.24.1-x", &[], Switch::NoRelease("go1.24.1-x".to_owned())),
            ("toolchain bash", &[], Switch::Invalid("toolchain bash".to_owned())),
            ("go 1.25", &[("GO111MODULE", "off")], Switch::Stays),
            ("go 1.25", &[("GO111MODULE", "auto"), ("GOTOOLCHAIN", "local+auto")], Switch::Downloads(high)),
        ] {
            assert_eq!(Place::new(go_mod).says(go, vars), expected, "{go_mod:?} {vars:?}");
        }
    }

    #[test]
    fn a_go_older_than_1_21_never_switches() {
        assert_eq!(Place::new("go 1.25").says(Version::release(1, 20, 14), &[]), Switch::Stays);
    }

    #[test]
    fn what_go_env_wrote_comes_between_the_environment_and_what_was_shipped() {
        let place = Place::new("go 1.25");
        fs::create_dir_all(place.dir.path().join(".config/go")).unwrap();
        fs::write(place.dir.path().join(".config/go/env"), "GOTOOLCHAIN=path\n").unwrap();
        let (go, wanted) = (Version::release(1, 22, 3), Version::release(1, 25, 0));
        assert_eq!(place.says(go, &[]), Switch::NotOnPath(wanted));
        assert_eq!(place.says(go, &[("GOTOOLCHAIN", "auto")]), Switch::Downloads(wanted));
        assert_eq!(place.says(go, &[("GOENV", "off")]), Switch::Downloads(wanted));
    }
}
