use clap::Args;

use crate::context::Context;
use crate::error::Result;

#[derive(Debug, Args)]
pub struct Root {}

impl Root {
    /// Prints a path, whether it exists or not.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        ctx.ui.data(ctx.named_layout()?.root().display())
    }
}
