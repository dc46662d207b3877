use std::sync::Arc;
use std::thread;

use clap::Args;
use gv_shim::version::Version;
use serde_json::json;

use crate::commands::select;
use crate::commands::switch::hint_at_setup;
use crate::config::Trust;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::install::{Done, Installer, Request};
use crate::interrupt::Interrupts;
use crate::json;
use crate::platform::Platform;
use crate::store::Store;
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv install 1.22.3              exactly that\n  gv install 1.22 1.21           the newest release of each line\n  gv install latest --use        the newest release, and make it current\n  gv install '>=1.21, <1.23'     the newest release in a range\n  gv install                     what .go-version or go.mod asks for"
)]
pub struct Install {
    /// 1.22.3, a line (1.22), latest, oldstable, or a range such as '~1.21.4'.
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Make it current: what runs where nothing is pinned.
    #[arg(long = "use")]
    switch: bool,
    /// Install it again, in place of the one that is there.
    #[arg(short, long)]
    force: bool,
    /// The proof to insist on: any (signature or checksum database), all (both), checksum (neither: unproven).
    #[arg(long, value_name = "POLICY", value_parser = Trust::WORDS, hide_possible_values = true)]
    pub trust: Option<String>,
    /// Ask only this source (may be repeated): dl, dl+URL, files+URL, goproxy, goproxy+URL, dir:/PATH.
    #[arg(long = "source", value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Print what was installed as JSON.
    #[arg(long)]
    json: bool,
}

/// Downloads at once: more would only share the same line.
const AT_ONCE: usize = 4;

impl Install {
    /// Resolves the selectors first, so that a mistake in one is told before anything is fetched.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let interrupts = Interrupts::watch()?;
        let result = self.install_all(ctx, &interrupts);
        if interrupts.came() {
            ctx.ui.warn("interrupted; what has arrived is kept for the next run");
        }
        interrupts.conclude();
        result
    }

    fn install_all(&self, ctx: &Context, interrupts: &Interrupts) -> Result<()> {
        let store = ctx.store()?.interruptible(interrupts.flag());
        let client = ctx.client(interrupts.flag())?;
        let sources = if self.sources.is_empty() { ctx.sources()? } else { ctx.parse_sources(&self.sources)? };
        let cache = store.layout().cache();
        let access = ctx.access(&client, &cache)?;
        let installer = ctx.installer(&store, &sources, access)?;
        let platform = Platform::host();
        let versions = self.versions(ctx, &store, &installer, &platform)?;
        if self.switch && versions.len() > 1 {
            return Err(Error::usage("--use goes with one version").hint("install them, then `gv use` one"));
        }
        let requests =
            versions.iter().map(|version| Request { version: *version, switch: self.switch, force: self.force });
        let results = in_parallel(&installer, &requests.collect::<Vec<_>>(), &platform);
        report(ctx, &store, results, interrupts, self.json)
    }

    fn versions(
        &self,
        ctx: &Context,
        store: &Store,
        installer: &Installer<'_>,
        platform: &Platform,
    ) -> Result<Vec<Version>> {
        let asked =
            if self.selectors.is_empty() { vec![select::pinned_here(ctx, store)?] } else { self.selectors.clone() };
        let mut versions = Vec::new();
        for selector in &asked {
            let version = select::available(ctx, store, installer.sources, &installer.access, selector, platform)?;
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        Ok(versions)
    }
}

fn in_parallel(installer: &Installer<'_>, requests: &[Request], platform: &Platform) -> Vec<Result<Done>> {
    let mut results = Vec::new();
    for few in requests.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let threads: Vec<_> =
                few.iter().map(|request| scope.spawn(|| installer.install(*request, platform))).collect();
            // A panic ends the process, unless gv was built to unwind; then it must not pass for nothing to do.
            let failed = || Err(Error::failed("a thread of gv failed"));
            results.extend(threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| failed())));
        });
    }
    results
}

/// Tells every result; the first failure is the command's.
fn report(
    ctx: &Context,
    store: &Store,
    results: Vec<Result<Done>>,
    interrupts: &Interrupts,
    as_json: bool,
) -> Result<()> {
    let mut first = None;
    let mut rows = Vec::new();
    for result in results {
        match result {
            Ok(done) if as_json => {
                let summary = store.summary(&done.version)?;
                let path = store.layout().toolchain(&done.version);
                let mut row = json::installed(&done.version.to_string(), &path, summary.as_ref());
                row["already"] = json!(done.already);
                let current = store.active()?.and_then(|generation| generation.current());
                row["current"] = json!(current == Some(done.version));
                rows.push(row);
            }
            Ok(done) => tell(ctx, store, &done)?,
            Err(error) if first.is_none() => first = Some(error),
            // One word for all of them, said at the end.
            Err(_) if interrupts.came() => {}
            Err(error) => ctx.ui.error(&error),
        }
    }
    if as_json {
        ctx.ui.data(json::document("installed", &rows))?;
    }
    if first.is_none() {
        hint_at_setup(ctx, store);
    }
    first.map_or(Ok(()), Err)
}

fn tell(ctx: &Context, store: &Store, done: &Done) -> Result<()> {
    let version = done.version;
    if done.already {
        ctx.ui.status(format_args!("go {version} is installed already"));
    } else {
        let proof = store.summary(&version)?.map(|summary| summary.proof);
        let proof = proof.map_or("unproven", |proof| proof.sentence());
        ctx.ui.status(format_args!("{} go {version}, {proof}", ctx.ui.paint(Paint::Green, "installed")));
    }
    if let Some(generation) = &done.flipped {
        ctx.ui.status(format_args!("{} go {}", ctx.ui.paint(Paint::Green, "current:"), generation.current));
    }
    Ok(())
}

/// A flag that nobody sets, for commands that an interrupt may simply end.
pub(super) fn uninterrupted() -> Arc<std::sync::atomic::AtomicBool> {
    Arc::default()
}
