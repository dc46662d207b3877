use clap::Args;
use gv_shim::call::Program;
use serde_json::json;

use crate::commands::select;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::json;
use crate::resolution::{self, Toolchain};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gv which\n  gv which gofmt\n  gv which go --version 1.22")]
pub struct Which {
    /// go, gofmt, or another program of the toolchain.
    #[arg(default_value = "go")]
    program: String,
    /// In this installed version instead of the one that runs here.
    #[arg(long, value_name = "SELECTOR")]
    version: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Which {
    /// Resolves as the shim does.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        if self.program.contains('/') {
            return Err(Error::usage(format!("`{}` is not the name of a program", self.program)));
        }
        let store = ctx.store()?;
        let path = if let Some(selector) = &self.version {
            select::goroot(&store, selector)?.0.join("bin").join(&self.program)
        } else {
            let decision = resolution::decide(&ctx.env, store.layout().root(), Program::Go, &[])?;
            select::remember(ctx, store.layout(), &decision.origin);
            match decision.toolchain {
                Toolchain::System { program } => program.with_file_name(&self.program),
                other => other.program(&self.program),
            }
        };
        if !path.is_file() {
            return Err(Error::not_installed(format!("this toolchain has no program {}", self.program))
                .because(format!("there is no {}", path.display())));
        }
        if self.json {
            return ctx.ui.data(json::document("which", &json!({"program": self.program, "path": json::shown(&path)})));
        }
        ctx.ui.data(path.display())
    }
}
