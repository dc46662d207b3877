//! A home of its own for every test: an empty HOME, a clean environment, a server, and the built programs.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use super::golang::Toolchain;
use super::outcome::{Outcome, Running};
use super::server::Server;
use super::sumdb::Sumdb;
use super::{keys, programs};

/// What `PATH` holds behind gv's shims.
const SYSTEM_PATH: &str = "/usr/bin:/bin";

/// How many records the tree has that the program under test knows from the start.
const FIRST_TREE: usize = 280;

/// One person's machine.
pub struct Sandbox {
    folder: tempfile::TempDir,
    env: BTreeMap<OsString, OsString>,
    cwd: PathBuf,
    server: Server,
    made: Mutex<BTreeMap<String, Toolchain>>,
}

impl Default for Sandbox {
    fn default() -> Sandbox {
        Sandbox::new()
    }
}

impl Sandbox {
    /// An empty home, and a server with nothing on it.
    pub fn new() -> Sandbox {
        Sandbox::called("gv-")
    }

    /// The same below a folder whose name has a space.
    pub fn spaced() -> Sandbox {
        Sandbox::called("gv with a space ")
    }

    /// The same in memory, where there is a place for it: no other disk has to be waited for.
    pub fn in_memory() -> Sandbox {
        Sandbox::within_folder(memory().unwrap_or(Path::new(env!("CARGO_TARGET_TMPDIR"))), "gv-", Server::start())
    }

    fn called(prefix: &str) -> Sandbox {
        Sandbox::over(prefix, Server::start())
    }

    /// The same with a server that speaks TLS, whose authority the client trusts by `SSL_CERT_FILE`.
    pub fn over_tls() -> Sandbox {
        Sandbox::over("gv-", Server::start_tls()).env("SSL_CERT_FILE", super::tls::authority())
    }

    fn over(prefix: &str, server: Server) -> Sandbox {
        Sandbox::within_folder(Path::new(env!("CARGO_TARGET_TMPDIR")), prefix, server)
    }

    fn within_folder(above: &Path, prefix: &str, server: Server) -> Sandbox {
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(above);
        let folder = folder.expect("a temporary folder");
        let (home, roots) = (folder.path().join("home"), folder.path().join("roots"));
        for dir in ["home/project", "bin", "roots", "tmp"] {
            std::fs::create_dir_all(folder.path().join(dir)).expect("a folder in the sandbox");
        }
        place_programs(&folder.path().join("bin"));
        place_roots(&roots);
        let cwd = home.join("project");
        let env = BTreeMap::new();
        let made = Mutex::default();
        let sandbox = Sandbox { folder, env, cwd, server, made }
            .env("HOME", home)
            .env("GV_TEST_ROOTS", roots)
            .env("LC_ALL", "C")
            // One fsync of a shared disk would cost more than all the rest of a test.
            .env("GV_INSTALL_SYNC", "false")
            .env("GV_RETRIES", "1")
            .env("GV_CACHE_INDEX_SECONDS", "0");
        let path = format!("{}:{SYSTEM_PATH}", sandbox.root().join("shims").display());
        let tmp = sandbox.folder.path().join("tmp");
        sandbox.env("PATH", path).env("TMPDIR", tmp).sources(&["dl", "goproxy"])
    }

    /// The same with a variable set.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Sandbox {
        self.env.insert(name.into(), value.as_ref().to_owned());
        self
    }

    /// The same without a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Sandbox {
        self.env.remove(OsStr::new(name));
        self
    }

    /// The same with the server's `dl`, `goproxy`, or any other source spelled out, in this order.
    #[must_use]
    pub fn sources(self, sources: &[&str]) -> Sandbox {
        let spelled: Vec<String> = sources.iter().map(|source| self.source(source)).collect();
        self.env("GV_SOURCES", spelled.join(","))
    }

    fn source(&self, source: &str) -> String {
        match source {
            "dl" => format!("dl+{}", self.server.url("/dl")),
            "goproxy" => format!("goproxy+{}", self.server.url("/proxy")),
            other => other.to_owned(),
        }
    }

    /// The same with made toolchains on the server.
    #[must_use]
    pub fn serving<const N: usize>(self, versions: [&str; N]) -> Sandbox {
        for version in versions {
            self.publish(&Toolchain::new(version));
        }
        self
    }

    /// Publishes a toolchain on the server.
    pub fn publish(&self, toolchain: &Toolchain) {
        self.server.site().publish(toolchain);
        self.made.lock().expect("no test thread panics here").insert(toolchain.version.clone(), toolchain.clone());
    }

    /// The same with a made toolchain installed by gv itself.
    #[must_use]
    pub fn with(self, version: &str) -> Sandbox {
        self.publish(&Toolchain::new(version));
        self.run(&format!("install {version}")).ok();
        self.server.forget();
        self
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The folder that everything of this sandbox lies in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `HOME`.
    pub fn home(&self) -> PathBuf {
        self.folder().join("home")
    }

    /// The folder that commands run in.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// `GV_ROOT`, or where gv puts it by itself.
    pub fn root(&self) -> PathBuf {
        let named = self.env.get(OsStr::new("GV_ROOT")).map(PathBuf::from);
        named.unwrap_or_else(|| self.home().join(".local/share/gv"))
    }

    /// A file below the project folder, with the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.cwd.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder in the sandbox");
        std::fs::write(&path, content).unwrap_or_else(|err| panic!("cannot write {}: {err}", path.display()));
        path
    }

    /// The same with commands run in a folder below the project, made if need be.
    #[must_use]
    pub fn within(mut self, dir: &str) -> Sandbox {
        self.cwd = self.cwd.join(dir);
        std::fs::create_dir_all(&self.cwd).expect("a folder in the sandbox");
        self
    }

    /// Runs gv with words parted by spaces; a word in single quotes may hold some.
    #[track_caller]
    pub fn run(&self, words: &str) -> Outcome {
        self.output(self.gv().args(split(words)))
    }

    /// Runs a shim: the first word is its name.
    #[track_caller]
    pub fn shim(&self, words: &str) -> Outcome {
        let words = split(words);
        self.output(self.command(self.root().join("shims").join(&words[0])).args(&words[1..]))
    }

    /// gv, ready to be given arguments.
    pub fn gv(&self) -> Command {
        self.command(self.folder().join("bin/gv"))
    }

    /// Any program in this sandbox's environment and folder.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).current_dir(&self.cwd);
        command
    }

    /// Runs a command to its end.
    #[track_caller]
    pub fn output(&self, command: &mut Command) -> Outcome {
        self.spawn(command).wait()
    }

    /// Starts a command.
    #[track_caller]
    pub fn spawn(&self, command: &mut Command) -> Running<'_> {
        Running::start(self, command)
    }

    /// The toolchains that were published, by version.
    pub fn made(&self) -> BTreeMap<String, Toolchain> {
        self.made.lock().expect("no test thread panics here").clone()
    }

    /// The environment that commands are given.
    pub fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.env
    }

    /// The invariant of every row of faults: whole toolchains, whole pointers, nothing half made.
    #[track_caller]
    pub fn invariant(&self) -> &Sandbox {
        let found = super::invariant::broken(&self.root(), &self.made());
        assert!(
            found.is_empty(),
            "the store is not whole:\n{}\n{}",
            found.join("\n"),
            super::invariant::listing(&self.root())
        );
        self
    }

    /// That a failed install has left nothing: neither a toolchain nor an unpacked tree.
    #[track_caller]
    pub fn nothing_installed(&self, version: &str) -> &Sandbox {
        self.invariant();
        let toolchain = self.root().join("toolchains").join(version);
        assert!(toolchain.symlink_metadata().is_err(), "{version} was installed");
        self
    }
}

/// Words parted by spaces; single quotes hold a word together.
pub fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut fresh) = (false, true);
    for c in text.chars() {
        match c {
            '\'' => (quoted, fresh) = (!quoted, false),
            ' ' if !quoted => {
                if !fresh {
                    words.push(String::new());
                }
                fresh = true;
            }
            c => {
                words.last_mut().expect("there is always a word").push(c);
                fresh = false;
            }
        }
    }
    words
}

/// Puts gv and gv-shim side by side, as `cargo install` does.
fn place_programs(bin: &Path) {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    let made = PROGRAMS.get_or_init(|| {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("programs-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder for the programs");
        std::fs::copy(env!("CARGO_BIN_EXE_gv-shim"), dir.join("gv-shim")).expect("a copy of gv-shim");
        let gv = dir.join("gv");
        std::fs::copy(programs::example("gv-under-test"), &gv).expect("a copy of gv");
        // Written over in place, which keeps the mode.
        std::fs::write(&gv, programs::stripped(&programs::example("gv-under-test"))).expect("gv without symbols");
        sweep(&dir);
        dir
    });
    for name in ["gv", "gv-shim"] {
        let (from, to) = (made.join(name), bin.join(name));
        // A sandbox in memory lies on another file system.
        std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(drop)).expect("the program");
    }
}

/// A folder in memory that programs may be run from.
fn memory() -> Option<&'static Path> {
    static RUNS: OnceLock<bool> = OnceLock::new();
    let folder = Path::new("/dev/shm");
    let runs = || {
        let dir = tempfile::tempdir_in(folder).ok()?;
        std::fs::copy("/bin/true", dir.path().join("true")).ok()?;
        Command::new(dir.path().join("true")).status().ok().filter(std::process::ExitStatus::success)
    };
    RUNS.get_or_init(|| runs().is_some()).then_some(folder)
}

/// Removes the copies of earlier test programs that have ended.
fn sweep(own: &Path) {
    let entries = own.parent().and_then(|dir| dir.read_dir().ok()).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ended = name.strip_prefix("programs-").is_some_and(|pid| !Path::new("/proc").join(pid).exists());
        if ended {
            // Another test program may sweep at the same time.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The roots of trust of the program under test.
fn place_roots(dir: &Path) {
    let log = Sumdb::new(FIRST_TREE);
    let files = [
        ("primary.fpr", keys::pinned().fingerprint()),
        ("cert.asc", keys::pinned().armored()),
        ("sumdb.vkey", log.key.vkey()),
        ("head.note", log.note(FIRST_TREE)),
    ];
    for (name, text) in files {
        std::fs::write(dir.join(name), text).expect("a root of trust");
    }
}
