use std::env::{join_paths, split_paths};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;
use gv_shim::shim::finds_goroot;
use gv_shim::version::Version;

use crate::commands::select;
use crate::context::Context;
use crate::error::{Error, Result};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gv exec 1.22.3 go test ./...\n  gv exec 1.21 make build")]
pub struct Exec {
    /// The version: 1.22.3, 1.22, latest, …
    selector: String,
    /// The command and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Exec {
    /// Becomes the command.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let (goroot, name) = select::goroot(&store, &self.selector)?;
        let bin = goroot.join("bin");
        let path = ctx.env.var("PATH").unwrap_or_default();
        let path = join_paths(std::iter::once(bin.clone()).chain(split_paths(path)))
            .map_err(|err| Error::usage(format!("cannot put {} on PATH", bin.display())).because(err))?;
        let own = bin.join(&self.command[0]);
        let program = if own.is_file() { own.into_os_string() } else { self.command[0].clone() };
        // GV_VERSION keeps shims that the command reaches by another road to the same version. An inherited GOROOT
        // would be another toolchain's.
        let mut child = Command::new(program);
        child.args(&self.command[1..]).env("PATH", path).env("GV_VERSION", &name).env_remove("GOROOT");
        let version = Version::from_store_name(name.as_bytes());
        if version.is_some_and(|version| !finds_goroot(version)) {
            child.env("GOROOT", &goroot);
        }
        let err = child.exec();
        let shown = self.command[0].to_string_lossy();
        Err(match err.kind() {
            io::ErrorKind::NotFound => {
                Error::not_installed(format!("there is no program {shown}, neither in go {name} nor on PATH"))
            }
            _ => Error::failed(format!("cannot run {shown}")).because(err),
        })
    }
}
