//! The machine as resolution sees it, through std: for gv itself, and for the shim where it is an ordinary program.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use gv_shim::call::{Call, Program, Variables};
use gv_shim::errno::Errno;
use gv_shim::path::{LONGEST, Path as Buffer};
use gv_shim::room::{ENOUGH, Room};
use gv_shim::shim::{self, Change, Goroot, HAND_OVER, Host};
use gv_shim::system::{Kind, Status, System};
use rustix::fs::OFlags;

use crate::environment::Environment;

/// Memory for a [`Room`], of which only what is used is ever touched. On the stack, as the shim has it, the compiler
/// would touch every page of it to be sure that the stack is there, and that is most of what a resolution costs.
pub fn space() -> Box<[MaybeUninit<u8>]> {
    Box::new_uninit_slice(ENOUGH)
}

/// The machine, with the current folder that this process began in, and never leaves.
#[derive(Clone, Debug)]
pub struct Machine {
    cwd: Option<PathBuf>,
}

impl Machine {
    /// The machine as a process with this environment sees it.
    pub fn new(env: &Environment) -> Machine {
        Machine { cwd: env.cwd().ok().map(Path::to_owned) }
    }

    /// A relative path starts from a folder, by default the current one; without one there is nothing at it.
    ///
    /// It stays relative, as in the shim: the whole path may lead through a folder that may not be entered.
    fn path(&self, from: Option<&PathBuf>, path: Buffer<'_>) -> Result<PathBuf, Errno> {
        let path = Path::new(OsStr::from_bytes(path.as_bytes()));
        match from {
            _ if path.is_absolute() => Ok(path.to_owned()),
            Some(folder) => Ok(folder.join(path)),
            None if self.cwd.is_some() => Ok(path.to_owned()),
            None => Err(Errno::NOENT),
        }
    }
}

/// What `stat` says, in resolution's terms.
fn status(metadata: &Metadata) -> Status {
    let kind = match metadata.file_type() {
        kind if kind.is_file() => Kind::File,
        kind if kind.is_dir() => Kind::Folder,
        _ => Kind::Other,
    };
    Status {
        identity: (metadata.dev(), metadata.ino()),
        kind,
        executable: metadata.permissions().mode() & 0o111 != 0,
        size: metadata.len(),
    }
}

/// An error without a number is one that std made up, such as a path with a NUL, at which nothing can be.
fn errno(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::NOENT, Errno)
}

/// Writes a path to the front of a buffer that must have a byte more.
fn put(path: &Path, into: &mut [u8]) -> Result<usize, Errno> {
    let path = path.as_os_str().as_bytes();
    match into.get_mut(..path.len()) {
        Some(front) if path.len() < LONGEST => front.copy_from_slice(path),
        _ => return Err(Errno::RANGE),
    }
    if path.len() < into.len() { Ok(path.len()) } else { Err(Errno::RANGE) }
}

impl System for Machine {
    type File = File;
    type Folder = PathBuf;

    fn folder(&self, from: Option<&PathBuf>, path: Buffer<'_>) -> Result<PathBuf, Errno> {
        self.path(from, path)
    }

    fn open(&self, from: Option<&PathBuf>, path: Buffer<'_>) -> Result<File, Errno> {
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        OpenOptions::new().read(true).custom_flags(flags).open(self.path(from, path)?).map_err(|err| errno(&err))
    }

    fn read(&self, file: &mut File, buffer: &mut [u8]) -> Result<usize, Errno> {
        file.read(buffer).map_err(|err| errno(&err))
    }

    fn close(&self, file: File) {
        drop(file);
    }

    fn stat(&self, from: Option<&PathBuf>, path: Buffer<'_>) -> Result<Status, Errno> {
        fs::metadata(self.path(from, path)?).map(|metadata| status(&metadata)).map_err(|err| errno(&err))
    }

    fn read_link(&self, path: Buffer<'_>, into: &mut [u8]) -> Result<usize, Errno> {
        let target = fs::read_link(self.path(None, path)?).map_err(|err| errno(&err))?;
        let target = target.as_os_str().as_bytes();
        let len = target.len().min(into.len());
        into[..len].copy_from_slice(&target[..len]);
        Ok(len)
    }

    fn current_dir(&self, into: &mut [u8]) -> Result<usize, Errno> {
        put(self.cwd.as_deref().ok_or(Errno::NOENT)?, into)
    }

    fn real_dir(&self, path: Buffer<'_>, into: &mut [u8]) -> Result<usize, Errno> {
        let path = fs::canonicalize(self.path(None, path)?).map_err(|err| errno(&err))?;
        if path.is_dir() { put(&path, into) } else { Err(Errno::NOTDIR) }
    }

    fn executed(&self, into: &mut [u8]) -> Result<usize, Errno> {
        put(&std::env::current_exe().map_err(|err| errno(&err))?, into)
    }
}

/// The variables of an environment that decide something.
pub fn variables(env: &Environment) -> Variables<'_> {
    let mut variables = Variables::default();
    for (name, value) in env.vars() {
        variables.note(name.as_bytes(), value.as_bytes());
    }
    variables
}

/// Becomes another program, with this process's environment changed as a shim changes it; returns only when refused.
pub fn exec(program: &Path, argv0: &OsStr, args: &[OsString], change: &Change<'_>) -> io::Error {
    let mut command = Command::new(program);
    command.arg0(argv0).args(&args[usize::from(change.drop_first)..]);
    match change.goroot {
        Goroot::Keep => {}
        Goroot::Drop => _ = command.env_remove("GOROOT"),
        Goroot::Set(entry) => {
            let entry = entry.as_bytes();
            command.env("GOROOT", OsStr::from_bytes(entry.strip_prefix(b"GOROOT=").unwrap_or(entry)));
        }
    }
    if change.guard {
        command.env("GV_SHIM_PID", std::process::id().to_string());
    }
    command.exec()
}

/// A shim as an ordinary process.
struct Process {
    machine: Machine,
    argv0: OsString,
    args: Vec<OsString>,
}

impl Host for Process {
    type System = Machine;

    fn system(&self) -> &Machine {
        &self.machine
    }

    fn pid(&self) -> u32 {
        std::process::id()
    }

    fn complain(&self, line: &[u8]) {
        // There is nowhere to say that this failed.
        _ = io::stderr().write_all(line);
    }

    fn exec(&mut self, program: Buffer<'_>, change: &Change<'_>) -> Errno {
        let program = Path::new(OsStr::from_bytes(program.as_bytes()));
        errno(&exec(program, &self.argv0, &self.args, change))
    }

    fn hand_over(&mut self, gv: Buffer<'_>, root: Buffer<'_>, program: Buffer<'_>, executed: Buffer<'_>) -> Errno {
        let mut command = Command::new(OsStr::from_bytes(gv.as_bytes()));
        command.arg(OsStr::from_bytes(HAND_OVER.to_bytes()));
        command.args([root, program, executed].map(|path| OsStr::from_bytes(path.as_bytes())));
        errno(&command.arg(&self.argv0).args(&self.args).exec())
    }
}

/// The shim where it is an ordinary program: the whole of its `main`.
pub fn shim() -> ExitCode {
    let env = Environment::from_process();
    let mut words = std::env::args_os();
    let argv0 = words.next().unwrap_or_default();
    let args: Vec<OsString> = words.collect();
    let executed = std::env::current_exe().unwrap_or_default();
    let program = Program::from_name(executed.as_os_str().as_bytes()).unwrap_or(Program::Go);
    let seen = args.clone();
    let call = Call { program, args: seen.iter().map(|arg| arg.as_bytes()), vars: variables(&env) };
    let mut process = Process { machine: Machine::new(&env), argv0, args };
    let mut space = space();
    ExitCode::from(shim::run(&mut process, &call, executed.as_os_str().as_bytes(), Room::new(&mut space)))
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use gv_shim::raw::Raw;

    use super::*;

    /// What a system says of a path, in a form that can be compared.
    fn said<S: System>(system: &S, path: &Path) -> String {
        let mut space = space();
        let mut room = Room::new(&mut space);
        let path = room.path(&[path.as_os_str().as_bytes()]).unwrap();
        let read = system.open(None, path).map(|mut file| {
            let mut bytes = [0; 8];
            let read = system.read(&mut file, &mut bytes);
            system.close(file);
            (read, bytes)
        });
        let stat = system.stat(None, path).map(|stat| (stat.identity, stat.kind, stat.executable, stat.size));
        let cut = system.read_link(path, &mut [0; 3]);
        let link = room.fill(LONGEST, &|buffer| system.read_link(path, buffer)).map(Buffer::as_bytes);
        let real = room.fill(LONGEST, &|buffer| system.real_dir(path, buffer)).map(Buffer::as_bytes);
        format!("{read:?} {stat:?} {cut:?} {link:?} {real:?}")
    }

    #[test]
    fn std_and_raw_system_calls_say_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "1.22.3\n").unwrap();
        fs::write(at("empty"), "").unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink("file", at("link")).unwrap();
        symlink("folder", at("way")).unwrap();
        symlink("nothing", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let machine = Machine::new(&Environment::from_process());
        let long = "x".repeat(300);
        for name in
            ["file", "empty", "folder", "link", "way", "dangling", "loop", "fifo", "none", "file/below", "", &long]
        {
            assert_eq!(said(&machine, &at(name)), said(&Raw, &at(name)), "{name:?}");
        }
        for name in [".", "Cargo.toml", "/bin/sh", "/dev/null", "/"] {
            assert_eq!(said(&machine, Path::new(name)), said(&Raw, Path::new(name)), "{name:?}");
        }
        let mut space = space();
        let mut room = Room::new(&mut space);
        for len in [LONGEST, 3] {
            let ours = room.fill(len, &|buffer| machine.current_dir(buffer));
            assert_eq!(ours, room.fill(len, &|buffer| Raw.current_dir(buffer)));
        }
        let (up, name) = (room.path(&[b"src/resolution"]).unwrap(), room.path(&[b"../system.rs"]).unwrap());
        let (ours, raw) = (machine.folder(None, up).unwrap(), Raw.folder(None, up).unwrap());
        let ours = machine.stat(Some(&ours), name).map(|stat| stat.identity);
        assert!(ours.is_ok());
        assert_eq!(ours, Raw.stat(Some(&raw), name).map(|stat| stat.identity));
    }
}
