use std::fmt::Write as _;

use clap::Args;

use crate::context::Context;
use crate::error::Result;
use crate::json;
use crate::ui::Paint;

#[derive(Debug, Args)]
pub struct History {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl History {
    /// Oldest first, so that the newest stands above the prompt.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let history = store.history()?;
        let active = store.active()?.map(|generation| generation.number);
        if self.json {
            return ctx.ui.data(json::document("history", &json::history(&history, active)));
        }
        if history.is_empty() {
            ctx.ui.status("nothing was ever current");
            ctx.ui.hint("`gv install latest` installs the newest Go and makes it current");
        }
        for generation in history {
            let mark = if Some(generation.number) == active { '*' } else { ' ' };
            let mut line = format!("{mark} {:>4}  {}  {:10}", generation.number, generation.time, generation.current);
            if let Some(previous) = &generation.previous {
                // Writing to a String cannot fail.
                let _ = write!(line, " before: {previous:10}");
            }
            let _ = write!(line, " {}", ctx.ui.paint_data(Paint::Dim, format_args!("({})", generation.reason)));
            ctx.ui.data(line.trim_end())?;
        }
        Ok(())
    }
}
