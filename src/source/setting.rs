//! What GOPROXY says, and where it says so.

use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::Result;
use crate::fs;

/// The value of GOPROXY, and its origin for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As Go reads it: `https://proxy.example,direct`.
    pub value: String,
    /// `the environment`, a file, or `Go's default`.
    pub origin: String,
}

/// GOPROXY from the environment, then `go env -w`'s file, then the `go.env` of the first of `goroots` that sets
/// it; unset, it is `direct`, which is what Go falls back to without a `go.env`.
pub fn goproxy(environment: &Environment, goroots: &[PathBuf]) -> Result<Setting> {
    if let Some(value) = environment.text("GOPROXY") {
        return Ok(Setting { value: value.to_owned(), origin: "the environment".to_owned() });
    }
    let files = user_file(environment).into_iter().chain(goroots.iter().map(|goroot| goroot.join("go.env")));
    for file in files {
        if let Some(value) = read(&file)? {
            return Ok(Setting { value, origin: file.display().to_string() });
        }
    }
    Ok(Setting { value: "direct".to_owned(), origin: "Go's default".to_owned() })
}

/// The file that `go env -w` writes; `GOENV=off` means none.
fn user_file(environment: &Environment) -> Option<PathBuf> {
    match environment.var("GOENV") {
        Some(off) if off == "off" => None,
        Some(path) => Some(PathBuf::from(path)),
        None => Some(config_dir(environment)?.join("go").join("env")),
    }
}

/// The folder that Go's `os.UserConfigDir` names.
fn config_dir(environment: &Environment) -> Option<PathBuf> {
    let home = || environment.absolute("HOME");
    if cfg!(target_os = "macos") {
        return Some(home()?.join("Library/Application Support"));
    }
    environment.absolute("XDG_CONFIG_HOME").map(Path::to_owned).or_else(|| Some(home()?.join(".config")))
}

/// The last value of GOPROXY in a file of `KEY=value` lines; an empty one counts as unset.
fn read(file: &Path) -> Result<Option<String>> {
    let text = fs::read_text(file)?.unwrap_or_default();
    let mut values = text.lines().filter_map(|line| line.strip_prefix("GOPROXY="));
    Ok(values.next_back().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
}

/// The GOROOT of the first `go` on PATH, links resolved, if a `go.env` stands there.
pub fn system_goroot(environment: &Environment) -> Option<PathBuf> {
    let path = environment.var("PATH")?;
    std::env::split_paths(path).filter(|dir| dir.is_absolute()).find_map(|dir| {
        let program = dir.join("go").canonicalize().ok()?;
        let goroot = program.parent()?.parent()?;
        goroot.join("go.env").is_file().then(|| goroot.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goproxy_is_looked_for_where_go_looks() {
        let dir = tempfile::tempdir().unwrap();
        let goroot = dir.path().join("goroot");
        std::fs::create_dir_all(dir.path().join("config/go")).unwrap();
        std::fs::create_dir_all(goroot.join("bin")).unwrap();
        std::fs::write(goroot.join("bin/go"), "").unwrap();
        std::os::unix::fs::symlink(goroot.join("bin/go"), dir.path().join("go")).unwrap();
        let config = dir.path().join("config");
        let config = config.to_str().unwrap();
        let path = dir.path().to_str().unwrap();
        let of = |vars: &[(&str, &str)]| {
            let environment = Environment::from_vars(vars.iter().copied());
            let goroots: Vec<PathBuf> = system_goroot(&environment).into_iter().collect();
            goproxy(&environment, &goroots).unwrap().value
        };
        assert_eq!(of(&[("XDG_CONFIG_HOME", config), ("PATH", path)]), "direct");
        std::fs::write(goroot.join("go.env"), "# x\nGOPROXY=https://root.example\nGOSUMDB=x\n").unwrap();
        assert_eq!(of(&[("XDG_CONFIG_HOME", config), ("PATH", path)]), "https://root.example");
        std::fs::write(dir.path().join("config/go/env"), "GOPROXY=https://user.example\n").unwrap();
        assert_eq!(of(&[("XDG_CONFIG_HOME", config), ("PATH", path)]), "https://user.example");
        assert_eq!(of(&[("XDG_CONFIG_HOME", config), ("GOPROXY", "off")]), "off");
        assert_eq!(of(&[("XDG_CONFIG_HOME", config), ("GOENV", "off")]), "direct");
    }
}
