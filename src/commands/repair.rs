use clap::Args;
use gv_shim::version::Version;

use crate::audit::Verdict;
use crate::commands::{findings, select};
use crate::context::Context;
use crate::error::Result;
use crate::install::Installer;
use crate::interrupt::Interrupts;
use crate::platform::Platform;
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv repair                  the Go that runs here\n  gv repair 1.22.3\n  gv repair --all\n  gv repair --force 1.22.3   even if nothing is wrong with it\n  gv repair --offline --source dir:/srv/go 1.22.3"
)]
pub struct Repair {
    /// What to repair: 1.22.3, or a line (1.22) for its newest installed release.
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Look at every installed version.
    #[arg(long, conflicts_with = "selectors")]
    all: bool,
    /// Replace what is intact, too.
    #[arg(short, long)]
    force: bool,
    /// Ask only this source (may be repeated): dl, dl+URL, files+URL, goproxy, goproxy+URL, dir:/PATH.
    #[arg(long = "source", value_name = "SOURCE")]
    sources: Vec<String>,
}

impl Repair {
    /// All selectors are understood before anything is fetched.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let interrupts = Interrupts::watch()?;
        let result = self.repair_all(ctx, &interrupts);
        if interrupts.came() {
            ctx.ui.warn("interrupted; what has arrived is kept for the next run");
        }
        interrupts.conclude();
        result
    }

    /// One that cannot be repaired keeps nobody from the others; the first failure is the command's.
    fn repair_all(&self, ctx: &Context, interrupts: &Interrupts) -> Result<()> {
        let store = ctx.store()?.interruptible(interrupts.flag());
        let versions = select::several(ctx, &store, &self.selectors, self.all)?;
        let client = ctx.client(interrupts.flag())?;
        let sources = if self.sources.is_empty() { ctx.sources()? } else { ctx.parse_sources(&self.sources)? };
        let cache = store.layout().cache();
        let installer = ctx.installer(&store, &sources, ctx.access(&client, &cache)?)?;
        let mut first = None;
        for version in versions {
            match self.repair(ctx, &installer, &version) {
                Ok(()) => {}
                Err(error) if interrupts.came() => return Err(first.unwrap_or(error)),
                Err(error) if first.is_none() => first = Some(error),
                Err(error) => ctx.ui.error(&error),
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn repair(&self, ctx: &Context, installer: &Installer<'_>, version: &Version) -> Result<()> {
        let audit = findings::audit(ctx, installer.store, version)?;
        match audit.verdict() {
            Verdict::Intact if self.force => {}
            Verdict::Intact => {
                ctx.ui.status(format_args!("go {version} is intact"));
                return Ok(());
            }
            verdict => ctx.ui.status(format_args!("go {version} is {}: {}", verdict.word(), findings::summary(&audit))),
        }
        installer
            .repair(version, &Platform::host())
            .map_err(|error| error.during(format!("cannot repair go {version}")))?;
        let proof = installer.store.summary(version)?.map_or("unproven", |summary| summary.proof.sentence());
        ctx.ui.status(format_args!("{} go {version}, {proof}", ctx.ui.paint(Paint::Green, "repaired")));
        Ok(())
    }
}
