use clap::Args;

use crate::commands::switch::{change, report};
use crate::context::Context;
use crate::error::Result;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv rollback\n  gv rollback --to 3   back to what was current in generation 3 of `gv history`"
)]
pub struct Rollback {
    /// Go back to what was current in generation N of `gv history`.
    #[arg(long, value_name = "N")]
    to: Option<u64>,
    /// Print the new generation as JSON.
    #[arg(long)]
    json: bool,
}

impl Rollback {
    /// Flips under the lock.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let change = change(ctx, &store, |locked| locked.rollback(self.to))?;
        report(ctx, &store, &change, self.json)
    }
}
