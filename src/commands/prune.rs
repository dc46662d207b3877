use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::json;
use crate::prune::{Item, Kind, Plan, Pruner};
use crate::ui::{Paint, bytes};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv prune --dry-run         only show it\n  gv prune                   show it, ask, remove it\n  gv prune --yes --cache     for scripts: only the cache, without asking"
)]
pub struct Prune {
    /// Only show what would be removed.
    #[arg(short = 'n', long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    kinds: Kinds,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Options that say what to prune; without any, all of it.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct Kinds {
    /// Superseded patch releases and pre-releases.
    #[arg(long)]
    toolchains: bool,
    /// Kept archives, and tiles of the checksum database.
    #[arg(long)]
    cache: bool,
    /// What unfinished installs left, downloads that could be resumed included.
    #[arg(long)]
    staging: bool,
    /// All generations but the newest ten.
    #[arg(long)]
    generations: bool,
}

impl Kinds {
    fn asked(&self) -> Vec<Kind> {
        let asked = [self.toolchains, self.cache, self.staging, self.generations];
        let none = asked.iter().all(|asked| !asked);
        Kind::ALL.into_iter().zip(asked).filter(|(_, asked)| none || *asked).map(|(kind, _)| kind).collect()
    }
}

impl Prune {
    /// Shows, asks, removes.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let keep_archives = ctx.config()?.is_on("cache.keep");
        let pruner = Pruner { store: &store, env: &ctx.env, keep_archives };
        let plan = pruner.plan(&self.kinds.asked())?;
        plan.notes.iter().for_each(|note| ctx.ui.warn(note));
        self.show(ctx, &plan)?;
        let removed = if self.is_agreed(ctx, &plan)? { remove(ctx, &pruner, &plan) } else { Ok(Vec::new()) };
        if self.json {
            ctx.ui.data(document(&plan, removed.as_deref().unwrap_or_default()))?;
        }
        removed.map(|_| ())
    }

    fn show(&self, ctx: &Context, plan: &Plan) -> Result<()> {
        for kept in &plan.kept {
            let line = format!("go {} stays: {}", kept.version, kept.reason);
            ctx.ui.status(ctx.ui.paint(Paint::Dim, line));
        }
        if plan.items.is_empty() {
            ctx.ui.status("there is nothing to prune");
        } else if !self.json {
            for item in &plan.items {
                ctx.ui.data(format_args!("{:>8}  {}", bytes(item.size), item.name))?;
            }
            ctx.ui.data(format_args!("{:>8}  in all", bytes(plan.size())))?;
        }
        Ok(())
    }

    fn is_agreed(&self, ctx: &Context, plan: &Plan) -> Result<bool> {
        if plan.items.is_empty() || self.dry_run {
            return Ok(false);
        }
        let agreed = if self.yes { Some(true) } else { ctx.ui.confirm("remove all of this?")? };
        let agreed = agreed.ok_or_else(|| {
            Error::usage("nobody is there to be asked whether to remove this")
                .hint("`gv prune --yes` removes it without asking")
                .hint("`gv prune --dry-run` only shows it")
        })?;
        if !agreed {
            ctx.ui.status("nothing was removed");
        }
        Ok(agreed)
    }
}

/// The places of the items that were removed. What fails keeps nobody from the rest.
fn remove(ctx: &Context, pruner: &Pruner<'_>, plan: &Plan) -> Result<Vec<usize>> {
    let (mut removed, mut freed, mut first) = (Vec::new(), 0, None);
    for (at, item) in plan.items.iter().enumerate() {
        match pruner.remove(item, &ctx.ui) {
            Ok(None) => {
                removed.push(at);
                freed += item.size;
                ctx.ui.verbose(format_args!("removed {}", item.path.display()));
            }
            Ok(Some(reason)) => ctx.ui.status(format_args!("{} stays: {reason}", item.name)),
            Err(error) if first.is_none() => first = Some(error),
            Err(error) => ctx.ui.error(&error),
        }
    }
    pruner.forget(plan, &ctx.ui)?;
    ctx.ui.status(format_args!("{} {}", ctx.ui.paint(Paint::Green, "freed"), bytes(freed)));
    first.map_or(Ok(removed), Err)
}

fn document(plan: &Plan, removed: &[usize]) -> String {
    let row = |(at, item): (usize, &Item)| {
        json!({
            "kind": item.kind().word(), "name": item.name, "path": json::shown(&item.path), "size": item.size,
            "removed": removed.contains(&at),
        })
    };
    let kept = plan.kept.iter().map(|kept| json!({"version": kept.version.to_string(), "reason": kept.reason}));
    json::documents(&[("pruned", plan.items.iter().enumerate().map(row).collect()), ("kept", kept.collect())])
}
