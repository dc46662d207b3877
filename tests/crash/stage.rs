//! Where a command is broken off over and over: a sandbox whose store is put back each time, and the look at what is
//! left of it.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use super::case::{Again, Case, SERVED, State};
use crate::support::golang::{go_name, sha256};
use crate::support::invariant;
use crate::support::outcome::Outcome;
use crate::support::sandbox::{Sandbox, split};

/// A case, made ready.
pub(super) struct Stage {
    pub(super) case: &'static Case,
    pub(super) gv: Sandbox,
    /// The store before the command.
    template: PathBuf,
    /// What the template's files held when it was made.
    mark: String,
}

/// The folders whose files are never written to again: a copy may share them.
const FINAL: [&str; 3] = ["bin", "shims", "toolchains"];

impl Stage {
    /// `writers` is the number of threads that unpack beside the main one.
    pub(super) fn new(case: &'static Case, writers: usize) -> Stage {
        let gv = equipped(Sandbox::in_memory(), case, writers);
        prepare(&gv, case);
        let template = gv.folder().join("template");
        if gv.root().exists() {
            std::fs::rename(gv.root(), &template).expect("the template's place is free");
        } else {
            std::fs::create_dir(&template).expect("the template's place is free");
        }
        let mark = fingerprint(&template);
        let stage = Stage { case, gv, template, mark };
        stage.reset();
        stage
    }

    /// Puts the store back to what it was before the command.
    pub(super) fn reset(&self) {
        let root = self.gv.root();
        match std::fs::remove_dir_all(&root) {
            Err(err) if err.kind() != std::io::ErrorKind::NotFound => panic!("cannot remove {}: {err}", root.display()),
            _ => copy(&self.template, &root, false),
        }
        self.gv.server().forget();
    }

    /// gv with the case's words.
    pub(super) fn command(&self) -> std::process::Command {
        let mut command = self.gv.gv();
        command.args(split(self.case.words));
        command
    }

    /// What is wrong after the command ended in whatever way, and after it was run once more.
    pub(super) fn wrong_after(&self, ended: &Outcome) -> Vec<String> {
        wrong_after(&self.gv, self.case, ended)
    }

    /// Whether something was written in place: what the template shares with the stores that were broken.
    pub(super) fn written_in_place(&self) -> Option<String> {
        (fingerprint(&self.template) != self.mark).then(|| format!("{}: a file was written in place", self.case.name))
    }
}

/// A sandbox with the case's settings, and with all that makes gv durable.
pub(super) fn equipped(gv: Sandbox, case: &Case, writers: usize) -> Sandbox {
    let gv = gv.serving(SERVED).env("GV_INSTALL_SYNC", "true").env("GV_INSTALL_WRITERS", writers.to_string());
    // Nothing but the process that was killed or stopped has a lock.
    let gv = gv.env("GV_LOCK_TIMEOUT", "10");
    case.env.iter().fold(gv, |gv, (name, value)| match *name {
        "GV_TEST_SOURCE" => gv.sources(&[value]),
        name => gv.env(name, value),
    })
}

/// Makes the state before.
pub(super) fn prepare(gv: &Sandbox, case: &Case) {
    for words in case.before {
        gv.run(words).ok();
    }
    let found = differs(gv, &[case.old], &[case.old]);
    assert!(found.is_empty(), "{}: the state before is another: {found:?}", case.name);
}

/// What is wrong after a command ended in whatever way, and after it was run once more.
pub(super) fn wrong_after(gv: &Sandbox, case: &Case, ended: &Outcome) -> Vec<String> {
    let done = ended.status.success();
    let mut found = invariant::unsound(&gv.root(), &gv.made());
    let possible = if done { &[case.new][..] } else { &[case.old, case.new] };
    found.extend(differs(gv, possible, possible));
    found.extend(shim_fails(gv));
    found.extend(manager_differs(gv));
    found.extend(again(gv, case));
    found
}

/// Where the store is in none of the states that it may be in: `installed` and `pair` change one after the other.
fn differs(gv: &Sandbox, installed: &[State], pair: &[State]) -> Vec<String> {
    let mut found = Vec::new();
    let is = self::installed(&gv.root());
    if !installed.iter().any(|state| state.installed == is) {
        found.push(format!("{is:?} is installed"));
    }
    for version in is {
        if !gv.root().join("receipts").join(format!("{version}.json")).is_file() {
            found.push(format!("{version} has no receipt"));
        }
    }
    found.extend(invariant::broken_generations(&gv.root()));
    let is = self::pair(&gv.root());
    let as_is = is.as_ref().map(|(current, previous)| (current.as_str(), previous.as_deref()));
    if !pair.iter().any(|state| state.pair == as_is) {
        found.push(format!("the pair is {is:?}"));
    }
    found
}

/// The names of whole toolchains.
pub(super) fn installed(root: &Path) -> Vec<String> {
    let entries = root.join("toolchains").read_dir().into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What the pointer leads to.
pub(super) fn pair(root: &Path) -> Option<(String, Option<String>)> {
    let name = |link: &str| {
        let target = root.join("active").join(link).read_link().ok()?;
        target.file_name().map(|name| name.to_string_lossy().into_owned())
    };
    Some((name("current")?, name("previous")))
}

/// The shim has to run the current toolchain, if there is one.
fn shim_fails(gv: &Sandbox) -> Option<String> {
    let (current, _) = pair(&gv.root())?;
    if !gv.root().join("shims/go").exists() {
        return Some("there is a current toolchain, and no shim".to_owned());
    }
    let shim = gv.shim("go version");
    let right = shim.status.success() && shim.stdout.contains(&format!("{} ", go_name(&current)));
    (!right).then(|| format!("the shim fails: {} {}{}", shim.status, shim.stdout, shim.stderr))
}

/// The gv that the shims hand over to is there whole, or not at all.
fn manager_differs(gv: &Sandbox) -> Option<String> {
    let bytes = std::fs::read(gv.root().join("bin/gv")).ok()?;
    let same = std::fs::read(gv.folder().join("bin/gv")).is_ok_and(|whole| whole == bytes);
    (!same).then(|| format!("bin/gv is another gv, of {} bytes", bytes.len()))
}

/// The same command, run again and to its end.
fn again(gv: &Sandbox, case: &Case) -> Vec<String> {
    let done = differs(gv, &[case.new], &[case.new]).is_empty();
    let outcome = gv.output(gv.gv().args(split(case.words)));
    let code = outcome.status.code();
    let (expected, right) = match case.again {
        Again::Back if done => (case.old, code == Some(0)),
        Again::Refused(refused) => (case.new, code == Some(0) || (done && code == Some(refused))),
        Again::Back | Again::Nothing => (case.new, code == Some(0)),
    };
    let mut found = Vec::new();
    if !right {
        found.push(format!("run again it ends with {}: {}", outcome.status, outcome.stderr));
    }
    found.extend(
        invariant::broken(&gv.root(), &gv.made()).iter().map(|wrong| format!("after running it again {wrong}")),
    );
    let differs = differs(gv, &[expected], &[expected]);
    found.extend(differs.iter().map(|wrong| format!("after running it again {wrong}")));
    found.extend(shim_fails(gv).map(|wrong| format!("after running it again {wrong}")));
    found
}

/// Whether a command was ended by this signal.
pub(super) fn died_by(outcome: &Outcome, signal: i32) -> bool {
    outcome.status.signal() == Some(signal)
}

/// Copies a store; what is final in it is shared.
fn copy(from: &Path, to: &Path, shared: bool) {
    std::fs::create_dir_all(to).expect("a folder of the store");
    for entry in from.read_dir().expect("the template").map(|entry| entry.expect("an entry of the template")) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let shared = shared || FINAL.iter().any(|name| entry.file_name() == *name);
        let kind = entry.file_type().expect("the kind of an entry");
        let copied = if kind.is_symlink() {
            path.read_link().and_then(|target| std::os::unix::fs::symlink(target, &to))
        } else if kind.is_dir() {
            copy(&path, &to, shared);
            path.metadata().and_then(|meta| std::fs::set_permissions(&to, meta.permissions()))
        } else if shared {
            std::fs::hard_link(&path, &to)
        } else {
            std::fs::copy(&path, &to).map(drop)
        };
        copied.unwrap_or_else(|err| panic!("cannot copy {}: {err}", path.display()));
    }
}

/// A hash of every name and content.
fn fingerprint(dir: &Path) -> String {
    let mut all = Vec::new();
    invariant::walk(dir, &mut |path| {
        all.extend(path.to_string_lossy().bytes());
        if path.is_file() && !path.is_symlink() {
            all.extend(sha256(&std::fs::read(path).expect("a file of the template")).into_bytes());
        }
    });
    sha256(&all)
}
