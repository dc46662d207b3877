use clap::Args;
use gv_shim::version::Version;

use crate::commands::select;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::{Store, users_of};
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gv uninstall 1.21.13\n  gv uninstall --force 1.22.3   even if it is current")]
pub struct Uninstall {
    /// What to remove: 1.22.3, or a line (1.22) for its newest installed release.
    #[arg(required = true, value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Remove it even if it is current, previous or in use.
    #[arg(short, long)]
    force: bool,
}

impl Uninstall {
    /// All selectors are understood before anything is removed.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let mut versions = Vec::new();
        for selector in &self.selectors {
            let version = removable(&store, selector).or_else(|error| {
                // It may have been broken off when the name was gone and the files were not.
                store.mend(&ctx.ui).and(Err(error))
            })?;
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        versions.iter().try_for_each(|version| self.remove(ctx, &store, version))
    }

    /// Under the version's own lock, and then the store's.
    fn remove(&self, ctx: &Context, store: &Store, version: &Version) -> Result<()> {
        let _version_lock = store.lock_version(version, &ctx.ui)?;
        let mut locked = store.lock(&ctx.ui)?;
        if !store.has(version) {
            return Err(Error::not_installed(format!("go {version} is not installed any more")));
        }
        if !self.force {
            refuse_if_needed(store, version)?;
        }
        let removal = locked.remove(version)?;
        ctx.ui.status(format_args!("removed go {version}"));
        if let Some(generation) = removal.flipped {
            ctx.ui.status(format_args!("{} go {}", ctx.ui.paint(Paint::Green, "current:"), generation.current));
        }
        if removal.deactivated {
            ctx.ui.warn("no version is current any more: `gv use` one, or the next `go` on PATH answers");
        }
        Ok(())
    }
}

fn removable(store: &Store, selector: &str) -> Result<Version> {
    let name = selector.trim();
    if store.linked()?.iter().any(|link| link.name == name) {
        return Err(Error::usage(format!("{name} is a linked toolchain, which gv did not install"))
            .hint(format!("`gv unlink {name}` takes its name away")));
    }
    select::present(store, name)
}

fn refuse_if_needed(store: &Store, version: &Version) -> Result<()> {
    let force = "`gv uninstall --force` removes it all the same";
    if let Some(active) = store.active()? {
        if active.current().as_ref() == Some(version) {
            return Err(Error::busy(format!("go {version} is current"))
                .hint("make another one current first: `gv use SELECTOR`")
                .hint(force));
        }
        if active.previous().as_ref() == Some(version) {
            return Err(Error::busy(format!("go {version} is what `gv rollback` would go back to")).hint(force));
        }
    }
    let users = users_of(&store.layout().toolchain(version));
    if let Some((pid, program)) = users.first() {
        return Err(Error::busy(format!("go {version} is in use"))
            .because(format!("pid {pid} runs its {program}"))
            .hint("wait until it ends")
            .hint(force));
    }
    Ok(())
}
