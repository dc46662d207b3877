//! Which files a shell reads when it starts.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::environment::Environment;
use crate::error::Result;

/// The shells that `gv setup` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[allow(missing_docs, reason = "names of shells")]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// A start-up file of a shell.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The shell that reads it.
    pub shell: Shell,
    /// The file, which need not exist.
    pub path: PathBuf,
}

const ALL: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

/// The files for the given shells; without any named, for the login shell and those that have a file already.
pub fn profiles(env: &Environment, named: &[Shell]) -> Result<Vec<Profile>> {
    let home = env.home()?;
    let login = login_shell(env).and_then(|name| Shell::from_str(name, true).ok());
    let mut chosen: Vec<Shell> = if named.is_empty() {
        ALL.into_iter().filter(|shell| login == Some(*shell) || is_used(*shell, env, &home)).collect()
    } else {
        named.to_vec()
    };
    if chosen.is_empty() {
        chosen.push(Shell::Bash);
    }
    Ok(of(&chosen, |shell| files(shell, env, &home)))
}

/// Every file that may ever have been set up, for the given shells or for all: which of them a shell reads may have
/// changed since.
pub fn every(env: &Environment, named: &[Shell]) -> Result<Vec<Profile>> {
    let home = env.home()?;
    let shells = if named.is_empty() { &ALL } else { named };
    Ok(of(shells, |shell| match shell {
        Shell::Bash => BASH_LOGIN.iter().chain(&[".bashrc"]).map(|name| home.join(name)).collect(),
        _ => files(shell, env, &home),
    }))
}

fn of(shells: &[Shell], files: impl Fn(Shell) -> Vec<PathBuf>) -> Vec<Profile> {
    shells.iter().flat_map(|&shell| files(shell).into_iter().map(move |path| Profile { shell, path })).collect()
}

/// The name of the user's login shell.
pub fn login_shell(env: &Environment) -> Option<&str> {
    Path::new(env.text("SHELL")?).file_name()?.to_str()
}

fn is_used(shell: Shell, env: &Environment, home: &Path) -> bool {
    match shell {
        Shell::Fish => fish_dir(env, home).is_dir(),
        _ => files(shell, env, home).iter().any(|path| path.exists()),
    }
}

/// A login bash reads the first of these that is there.
const BASH_LOGIN: [&str; 3] = [".bash_profile", ".bash_login", ".profile"];

/// bash reads `.bashrc` when interactive and the first of three others when a login shell; zsh reads `.zshenv`
/// always and `.zshrc` last when interactive, after what other tools put in front.
fn files(shell: Shell, env: &Environment, home: &Path) -> Vec<PathBuf> {
    match shell {
        Shell::Bash => {
            let login = BASH_LOGIN.map(|name| home.join(name));
            let login = login.iter().find(|path| path.exists()).unwrap_or(&login[2]);
            vec![home.join(".bashrc"), login.clone()]
        }
        Shell::Zsh => {
            let dir = env.absolute("ZDOTDIR").unwrap_or(home);
            vec![dir.join(".zshenv"), dir.join(".zshrc")]
        }
        Shell::Fish => vec![fish_dir(env, home).join("conf.d/gv.fish")],
    }
}

fn fish_dir(env: &Environment, home: &Path) -> PathBuf {
    env.absolute("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), Path::to_path_buf).join("fish")
}
