use std::path::{Component, Path, PathBuf};

use clap::Args;

use crate::context::Context;
use crate::error::{At, Error, Result};
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gv link gotip ~/src/goroot\n  gv local gotip\n  go +gotip version")]
pub struct Link {
    /// A word of letters, digits, `.`, `_` and `-`.
    name: String,
    /// The GOROOT: the folder that holds bin/go.
    dir: PathBuf,
}

impl Link {
    /// Links under the store's lock.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let dir = absolute(&self.dir, ctx.env.cwd().at("find", Path::new("the current folder"))?)?;
        ctx.store()?.lock(&ctx.ui)?.link(&self.name, &dir)?;
        ctx.ui.status(format_args!("{} {} to {}", ctx.ui.paint(Paint::Green, "linked"), self.name, dir.display()));
        Ok(())
    }
}

/// A path without `..` keeps its links, so that a link to the newest of several stays one.
fn absolute(dir: &Path, cwd: &Path) -> Result<PathBuf> {
    let dir = cwd.join(dir);
    let is_plain = dir.components().all(|part| part != Component::ParentDir);
    if is_plain { std::path::absolute(&dir).at("read", &dir) } else { dir.canonicalize().at("read", &dir) }
}

#[derive(Debug, Args)]
pub struct Unlink {
    /// The name.
    name: String,
}

impl Unlink {
    /// The toolchain itself stays where it is.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        if !ctx.store()?.lock(&ctx.ui)?.unlink(&self.name)? {
            return Err(Error::not_installed(format!("there is no linked toolchain called {}", self.name))
                .hint("`gv list` shows those there are"));
        }
        ctx.ui.status(format_args!("unlinked {}", self.name));
        Ok(())
    }
}
