use std::path::Path;

use clap::Args;
use gv_shim::call::Program;
use gv_shim::selector::Selector;
use serde_json::json;

use crate::commands::current::consequence;
use crate::commands::install::uninterrupted;
use crate::commands::select;
use crate::context::Context;
use crate::error::{At, Result};
use crate::fs;
use crate::json;
use crate::platform::Platform;
use crate::resolution::{self, Want};
use crate::store::Store;
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv local 1.22.3\n  gv local 1.22       always the newest installed 1.22\n  gv local --unset    remove the .go-version of this folder"
)]
pub struct Local {
    /// 1.22.3, a line (1.22), system, latest, oldstable, or a range.
    #[arg(conflicts_with = "unset")]
    selector: Option<String>,
    /// Remove the .go-version of this folder.
    #[arg(long)]
    unset: bool,
    /// Print what is pinned here as JSON.
    #[arg(long, conflicts_with_all = ["selector", "unset"])]
    json: bool,
}

impl Local {
    /// Writes the file as one step.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let file = ctx.env.cwd().at("find", Path::new("the current folder"))?.join(".go-version");
        if self.unset {
            return unset(ctx, &file);
        }
        let Some(selector) = &self.selector else { return self.show(ctx) };
        let store = ctx.store()?;
        let text = normalised(ctx, &store, selector)?;
        fs::write_atomic(&file, format!("{text}\n").as_bytes())?;
        select::remember_file(ctx, store.layout(), &file);
        ctx.ui.status(format_args!("{} go {text} in {}", ctx.ui.paint(Paint::Green, "pinned"), file.display()));
        tell_consequences(ctx, &store)
    }

    fn show(&self, ctx: &Context) -> Result<()> {
        let request = resolution::request(&ctx.env, Program::Go, &[])?;
        // What is pinned here can be told whatever the store is.
        if let Ok(layout) = ctx.named_layout() {
            select::remember(ctx, &layout, &request.origin);
        }
        let origin = request.origin.to_string();
        if self.json {
            let pin = match &request.want {
                Want::Current => json!({"asked": null, "origin": null}),
                want => json!({"asked": want.to_string(), "origin": origin}),
            };
            return ctx.ui.data(json::document("pin", &pin));
        }
        match request.want {
            Want::Current => ctx.ui.status("nothing is pinned here"),
            want => {
                ctx.ui.data(want)?;
                ctx.ui.status(ctx.ui.paint(Paint::Dim, format_args!("asked for by {origin}")));
            }
        }
        Ok(())
    }
}

fn unset(ctx: &Context, file: &Path) -> Result<()> {
    if let Err(err) = file.symlink_metadata() {
        if err.kind() != std::io::ErrorKind::NotFound {
            return Err(err).at("read", file);
        }
        ctx.ui.status(format_args!("there is no {}", file.display()));
        return Ok(());
    }
    fs::remove_file(file)?;
    ctx.ui.status(format_args!("removed {}", file.display()));
    Ok(())
}

/// What goes into the file: numbers and lines as every other tool reads them.
fn normalised(ctx: &Context, store: &Store, text: &str) -> Result<String> {
    Ok(match resolution::parse(text.trim())? {
        Selector::Exact(version) => version.to_string(),
        Selector::Line(line) => line.to_string(),
        Selector::System => "system".to_owned(),
        Selector::Named(name) => name.to_owned(),
        selector @ (Selector::Latest | Selector::OldStable | Selector::Range(_)) => {
            match resolution::select(&selector, &store.installed()?) {
                Some(version) => version.to_string(),
                None => published(ctx, store, text)?,
            }
        }
    })
}

fn published(ctx: &Context, store: &Store, text: &str) -> Result<String> {
    let client = ctx.client(uninterrupted())?;
    let cache = store.layout().cache();
    let access = ctx.access(&client, &cache)?;
    let version = select::available(ctx, store, &ctx.sources()?, &access, text, &Platform::host())?;
    Ok(version.to_string())
}

/// A pin that nothing satisfies yet, and a go command that will go its own way, are told at once.
fn tell_consequences(ctx: &Context, store: &Store) -> Result<()> {
    const BEFORE_THE_PIN: [&str; 2] = ["GV_VERSION", "GOENV_VERSION"];
    for name in BEFORE_THE_PIN.into_iter().filter(|name| ctx.env.var(name).is_some()) {
        ctx.ui.warn(format_args!("{name} is set here, and goes before every pin"));
    }
    let env = ctx.env.without(&BEFORE_THE_PIN);
    match resolution::decide(&env, store.layout().root(), Program::Go, &[]) {
        Ok(decision) => {
            if let Some(note) = consequence(&resolution::will_switch(&env, store.layout().root(), &decision, &[])) {
                ctx.ui.status(note);
            }
        }
        Err(error) if error.exit() == crate::error::Exit::NotInstalled => {
            ctx.ui.warn(error.message());
            for hint in error.hints() {
                ctx.ui.hint(hint);
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
