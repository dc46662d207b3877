//! What known projects pin.
//!
//! A project is a folder whose version file gv has met: `gv local` wrote it, or `gv current`, `gv which` or `gv install`
//! followed it. The shim writes nothing, so what only it has met is not known.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

use gv_shim::call::Program;
use gv_shim::selector::Selector;
use gv_shim::version::Version;

use super::{Plan, Pruner};
use crate::environment::Environment;
use crate::error::{Error, Exit};
use crate::resolution::{self, Switch, Toolchain, Want};
use crate::store::Project;

/// The files that may say which Go a folder wants.
const FILES: [&str; 4] = [".go-version", ".tool-versions", "go.work", "go.mod"];

/// What means something in the folder that gv was started in, and nothing for another.
const OF_THE_CALLER: [&str; 4] = ["GV_VERSION", "GOENV_VERSION", "GOWORK", "GO111MODULE"];

/// Versions that somebody asks for, and who.
pub(super) struct Pins {
    pub(super) versions: Vec<(Version, String)>,
    /// Somebody may ask for any version: a folder that cannot be looked at.
    pub(super) unknown: Option<String>,
}

impl Pruner<'_> {
    /// What every known project pins, and what runs here.
    pub(super) fn pins(&self, plan: &mut Plan) -> crate::error::Result<Pins> {
        let mut pins = Pins { versions: Vec::new(), unknown: None };
        self.add(self.env, &[], &mut pins, plan);
        let env = self.env.without(&OF_THE_CALLER);
        for project in self.store.projects()? {
            match find(&project) {
                Ok(true) => {
                    let args = ["build".into(), "-C".into(), project.folder.clone().into_os_string()];
                    self.add(&env, &args, &mut pins, plan);
                }
                Ok(false) => plan.gone.push(project),
                Err(why) => pins.unknown = Some(why),
            }
        }
        Ok(pins)
    }

    /// Whatever may run in a folder: what is decided, what that Go would switch to by itself, and what the folder names
    /// though another runs today.
    fn add(&self, env: &Environment, args: &[OsString], pins: &mut Pins, plan: &mut Plan) {
        let root = self.store.layout().root();
        let request = match resolution::request(env, Program::Go, args) {
            Ok(request) => request,
            Err(error) => return plan.notes.push(nonsense(&error)),
        };
        let mut found = named(&request.want);
        match resolution::decide(env, root, Program::Go, args) {
            Ok(decision) => {
                found.extend(self.version(&decision.toolchain));
                if let Switch::Held(version) = resolution::will_switch(env, root, &decision, args) {
                    found.push(version);
                }
            }
            Err(error) if error.exit() == Exit::NotInstalled => {}
            Err(error) if error.exit() == Exit::Usage => plan.notes.push(nonsense(&error)),
            Err(error) => pins.unknown = Some(unknown(&error)),
        }
        let who = match request.origin {
            resolution::Origin::Nowhere => "it runs here".to_owned(),
            origin => format!("asked for by {origin}"),
        };
        pins.versions.extend(found.into_iter().map(|version| (version, who.clone())));
    }

    fn version(&self, toolchain: &Toolchain) -> Option<Version> {
        match toolchain {
            Toolchain::Installed { version, .. } => Some(*version),
            Toolchain::Linked { dir } => self.store.version_at(dir),
            Toolchain::System { .. } => None,
        }
    }
}

fn nonsense(error: &Error) -> String {
    format!("what means nothing pins nothing: {error}")
}

fn unknown(error: &Error) -> String {
    format!("it cannot be told who needs it: {error}")
}

/// Exact versions in what is asked for.
fn named(want: &Want) -> Vec<Version> {
    let exact = |text: &str| match Selector::parse(text) {
        Some(Selector::Exact(version)) => Some(version),
        _ => None,
    };
    match want {
        Want::Selector(text) => exact(text).into_iter().collect(),
        Want::FirstOf(list) => list.split_whitespace().filter_map(exact).collect(),
        Want::Floor(floor) => vec![floor.toolchain()],
        Want::Current => Vec::new(),
    }
}

/// Whether a folder still has a file that may pin a version; why that cannot be told.
fn find(project: &Project) -> Result<bool, String> {
    for name in FILES {
        if is_there(&project.folder.join(name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_there(path: &Path) -> Result<bool, String> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(err) if matches!(err.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(err) => {
            Err(format!("{} cannot be looked at, and may pin it: {}", path.display(), crate::error::plain(&err)))
        }
    }
}
