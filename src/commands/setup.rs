use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::context::Context;
use crate::error::{At, Error, Result};
use crate::setup::{self, Edit, Folders, Shell};
use crate::store::{Layout, program};
use crate::ui::Paint;
use crate::{config, fs};

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
#[command(
    after_help = "Examples:\n  gv setup --dry-run         show what would change\n  gv setup --gobin           put what `go install` builds on PATH as well\n  gv setup --undo            take it all back, keep the toolchains\n  gv setup --undo --purge    remove everything that gv ever made"
)]
pub struct Setup {
    /// Show what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take back what setup did to the shells.
    #[arg(long)]
    undo: bool,
    /// With --undo: remove GV_ROOT and the configuration as well.
    #[arg(long, requires = "undo")]
    purge: bool,
    /// Only this shell (may be repeated), instead of those in use.
    #[arg(long = "shell", value_enum, value_name = "SHELL")]
    shells: Vec<Shell>,
    /// Put GOBIN, or GOPATH/bin, behind the shims on PATH.
    #[arg(long, conflicts_with_all = ["no_gobin", "undo"])]
    gobin: bool,
    /// Leave GOBIN alone without asking.
    #[arg(long, conflicts_with = "undo")]
    no_gobin: bool,
    /// With --purge: do not ask first.
    #[arg(short, long)]
    yes: bool,
}

impl Setup {
    /// Plans, shows, and does.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        if self.undo { self.undo(ctx) } else { self.set_up(ctx) }
    }

    fn set_up(&self, ctx: &Context) -> Result<()> {
        let layout = ctx.layout()?;
        let profiles = setup::profiles(&ctx.env, &self.shells)?;
        let gobin = setup::gobin(&ctx.env)?;
        let with_gobin = self.gobin || (!self.no_gobin && !self.dry_run && wants_gobin(ctx, &gobin)?);
        let folders = Folders {
            shims: layout.shims(),
            gobin: with_gobin.then(|| gobin.clone()),
            root: (layout != Layout::by_default(&ctx.env)?).then(|| layout.root().to_path_buf()),
        };
        let edits = setup::add(profiles, &folders)?;
        let own = ctx.program().ok_or_else(|| Error::failed("cannot tell where the running gv lies"))?;
        if !self.dry_run {
            edits.iter().try_for_each(Edit::check)?;
            program::install(&layout, own)?;
            drop(ctx.store()?.lock(&ctx.ui)?);
        }
        ctx.ui.status(format_args!("{} {}", self.word("copies gv to", "gv is in"), layout.program().display()));
        self.carry_out(ctx, &edits)?;
        if !self.dry_run {
            next_steps(ctx, &layout, &edits, (!with_gobin).then_some(gobin.as_path()))?;
        }
        Ok(())
    }

    fn undo(&self, ctx: &Context) -> Result<()> {
        // The lines are taken back whatever stands there by now; only what is to be removed has to be a store.
        let layout = if self.purge { ctx.layout()? } else { ctx.named_layout()? };
        let edits = setup::remove(setup::every(&ctx.env, &self.shells)?)?;
        if !self.dry_run {
            edits.iter().try_for_each(Edit::check)?;
            self.ask_for_purge(ctx, &layout)?;
        }
        self.carry_out(ctx, &edits)?;
        if edits.iter().all(Edit::is_idle) {
            ctx.ui.status("no start-up file has anything of gv's");
        }
        if self.purge {
            return self.remove_everything(ctx, &layout);
        }
        if layout.root().exists() {
            ctx.ui.hint(format_args!("the toolchains stay in {}; --purge removes them too", layout.root().display()));
        }
        Ok(())
    }

    /// Before anything is undone: no answer is a no.
    fn ask_for_purge(&self, ctx: &Context, layout: &Layout) -> Result<()> {
        if !self.purge || self.yes {
            return Ok(());
        }
        if confirm(ctx, &format!("remove {} and all toolchains in it?", layout.root().display()))? {
            return Ok(());
        }
        Err(Error::failed("nothing was removed or changed").hint("say --yes where nobody can answer"))
    }

    fn remove_everything(&self, ctx: &Context, layout: &Layout) -> Result<()> {
        let config = config::path(&ctx.env)?;
        let there: Vec<&Path> = [layout.root(), config.as_path()].into_iter().filter(|path| path.exists()).collect();
        if !self.dry_run {
            setup::purge(layout)?;
            fs::remove_file(&config)?;
            fs::remove_empty_dir(config.parent().unwrap_or(&config))?;
        }
        for path in there {
            if self.dry_run || !path.exists() {
                ctx.ui.status(format_args!("{} {}", self.word("removes", "removed"), path.display()));
            } else {
                ctx.ui.status(format_args!("left {}, which holds files that are not gv's", path.display()));
            }
        }
        Ok(())
    }

    fn carry_out(&self, ctx: &Context, edits: &[Edit]) -> Result<()> {
        if !self.dry_run {
            setup::apply(edits)?;
        }
        for edit in edits {
            if !edit.is_idle() {
                ctx.ui.status(format_args!("{} {}:", self.word("changes", "changed"), edit.path.display()));
                for line in edit.lines() {
                    ctx.ui.status(format_args!("    {}", ctx.ui.paint(Paint::Dim, line)));
                }
            } else if !self.undo {
                ctx.ui.status(format_args!("{} is as it should be", edit.path.display()));
            }
        }
        Ok(())
    }

    fn word(&self, planned: &'static str, done: &'static str) -> &'static str {
        if self.dry_run { planned } else { done }
    }
}

fn wants_gobin(ctx: &Context, gobin: &Path) -> Result<bool> {
    if setup::is_on_path(&ctx.env, gobin) || !io::stdin().is_terminal() || !ctx.ui.is_terminal() {
        return Ok(false);
    }
    confirm(ctx, &format!("put {}, where `go install` puts programs, on PATH too?", gobin.display()))
}

/// No answer is a no.
fn confirm(ctx: &Context, question: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{} [y/N] ", ctx.ui.paint(Paint::Bold, question));
    io::stderr().flush().at("write to", Path::new("standard error"))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).at("read from", Path::new("standard input"))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn next_steps(ctx: &Context, layout: &Layout, edits: &[Edit], gobin: Option<&Path>) -> Result<()> {
    if let Some(gobin) = gobin.filter(|dir| !setup::is_on_path(&ctx.env, dir)) {
        ctx.ui.hint(format_args!("`gv setup --gobin` puts {} on PATH as well", gobin.display()));
    }
    let login = setup::login_shell(&ctx.env).unwrap_or("bash");
    let known = Shell::from_str(login, true).ok();
    let own = edits.iter().find(|edit| known == Some(edit.shell));
    if known.is_none() {
        let shims = layout.shims();
        ctx.ui.hint(format_args!("gv does not know {login}: put {} first on its PATH yourself", shims.display()));
    } else if !setup::is_on_path(&ctx.env, &layout.shims()) {
        let file = own.map(|edit| format!(", or type `source {}` in this one", setup::typed(&edit.path)));
        ctx.ui.hint(format_args!("open a new shell{}", file.unwrap_or_default()));
    }
    if ctx.store()?.installed()?.is_empty() {
        ctx.ui.hint("then `gv install latest` installs the newest Go");
    }
    Ok(())
}
