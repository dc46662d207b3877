//! Where everything lies under `GV_ROOT`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gv_shim::version::{Line, Version};

use crate::environment::Environment;
use crate::error::{Error, Result, plain};

/// The paths of one root; nothing is created by asking for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout below `root`, which has to be absolute.
    pub fn new(root: impl Into<PathBuf>) -> Layout {
        Layout { root: root.into() }
    }

    /// `GV_ROOT`; else the root that `program`, the running gv, lies in; else [`Layout::by_default`].
    pub fn from_env(env: &Environment, program: Option<&Path>) -> Result<Layout> {
        match env.var("GV_ROOT").map(Path::new) {
            Some(root) if root.is_absolute() => Ok(Layout::new(root)),
            Some(root) => Err(Error::usage(format!("GV_ROOT is not an absolute path: {}", root.display()))
                .hint("set it to an absolute path, or unset it for the default ~/.local/share/gv")),
            None => program.and_then(Layout::around).map_or_else(|| Layout::by_default(env), Ok),
        }
    }

    /// `gv` in the XDG data folder: `~/.local/share/gv` on every Unix.
    pub fn by_default(env: &Environment) -> Result<Layout> {
        match env.absolute("XDG_DATA_HOME") {
            Some(data) => Ok(Layout::new(data.join("gv"))),
            None => Ok(Layout::new(env.home()?.join(".local/share/gv"))),
        }
    }

    /// The root whose `bin/gv` this program is. A folder counts as a root by what only gv makes there.
    fn around(program: &Path) -> Option<Layout> {
        let layout = Layout::new(program.parent()?.parent()?);
        let is_root = layout.active().is_symlink() || layout.shims().join(".gv-shim").is_file();
        (program == layout.program() && is_root).then_some(layout)
    }

    /// That there is a store here, or that one can begin here: a folder that may be entered, or nothing at all.
    ///
    /// # Errors
    /// [`crate::error::Exit::Usage`] for anything else, and the same for every command.
    pub fn check(&self) -> Result<()> {
        // The dot asks for what lies in the folder, which takes the right to enter it.
        let Err(err) = std::fs::metadata(self.root.join(".")) else { return Ok(()) };
        let why = match err.kind() {
            ErrorKind::NotFound if self.bare().is_symlink() => "it is a link to nowhere".to_owned(),
            ErrorKind::NotFound => return Ok(()),
            ErrorKind::NotADirectory => "it is not a folder".to_owned(),
            _ => plain(&err),
        };
        Err(Error::usage(format!("cannot use {} as GV_ROOT", self.root.display()))
            .because(why)
            .hint("set GV_ROOT to a folder of yours, or unset it for the default ~/.local/share/gv"))
    }

    /// The root without a slash at its end, which would ask for what a link leads to.
    fn bare(&self) -> PathBuf {
        self.root.components().collect()
    }

    /// `GV_ROOT` itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of gv itself.
    pub fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// gv itself, the only one that the shim runs.
    pub fn program(&self) -> PathBuf {
        self.bin().join("gv")
    }

    /// The one folder on PATH.
    pub fn shims(&self) -> PathBuf {
        self.root.join("shims")
    }

    /// The folder of all toolchains.
    pub fn toolchains(&self) -> PathBuf {
        self.root.join("toolchains")
    }

    /// The GOROOT of one version.
    pub fn toolchain(&self, version: &Version) -> PathBuf {
        self.toolchains().join(version.store().as_str())
    }

    /// The link of a line to its newest installed release.
    pub fn line(&self, line: &Line) -> PathBuf {
        self.toolchains().join(line.name().as_str())
    }

    /// The folder of all receipts.
    pub fn receipts(&self) -> PathBuf {
        self.root.join("receipts")
    }

    /// The receipt of one version.
    pub fn receipt(&self, version: &Version) -> PathBuf {
        self.receipts().join(format!("{version}.json"))
    }

    /// The folder of all generations.
    pub fn generations(&self) -> PathBuf {
        self.root.join("generations")
    }

    /// The pointer: one rename of it flips `current` and `previous` together.
    pub fn active(&self) -> PathBuf {
        self.root.join("active")
    }

    /// Half-made things, on the file system of the toolchains.
    pub fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// Index, checksum database and, if asked for, archives.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// Links to the folders whose version files gv has met.
    pub fn projects(&self) -> PathBuf {
        self.root.join("projects")
    }

    /// The lock files; they are never removed.
    pub fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// The lock file of the whole store. A version's lock is always taken before it.
    pub(super) fn store_lock(&self) -> PathBuf {
        self.locks().join("store.lock")
    }

    /// The lock file of one version.
    pub fn version_lock(&self, version: &str) -> PathBuf {
        self.locks().join(format!("{version}.lock"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_named_else_around_gv_else_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let (root, home) = (dir.path().join("root"), dir.path().join("home"));
        let gv = root.join("bin/gv");
        std::fs::create_dir_all(root.join("shims")).unwrap();
        let env = |vars: &[(&str, &Path)]| Environment::from_vars(vars.iter().copied());
        let of = |env: &Environment| Layout::from_env(env, Some(&gv)).unwrap().root().to_path_buf();
        let plain = env(&[("HOME", &home)]);
        assert_eq!(of(&plain), home.join(".local/share/gv"));
        std::fs::write(root.join("shims/.gv-shim"), "").unwrap();
        assert_eq!(of(&plain), root);
        assert_eq!(of(&env(&[("GV_ROOT", Path::new("/elsewhere"))])), Path::new("/elsewhere"));
        let other = Layout::from_env(&plain, Some(&root.join("bin/gv-2"))).unwrap();
        assert_eq!(other.root(), home.join(".local/share/gv"));
    }

    #[test]
    fn a_relative_root_is_refused() {
        let error = Layout::from_env(&Environment::from_vars([("GV_ROOT", "gv")]), None).unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Usage);
    }
}
