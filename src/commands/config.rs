use clap::Args;
use serde_json::json;

use crate::config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::json;
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gv config\n  gv config trust\n  gv config --path    where the file is looked for")]
pub struct Show {
    /// Print the value of this setting alone.
    key: Option<String>,
    /// Print the path of the file, which need not exist.
    #[arg(long, conflicts_with = "key")]
    path: bool,
    /// Print JSON.
    #[arg(long, conflicts_with_all = ["key", "path"])]
    json: bool,
}

impl Show {
    /// Prints; the file is changed with an editor.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        if self.path {
            return ctx.ui.data(config::path(&ctx.env)?.display());
        }
        let config = ctx.config()?;
        if let Some(key) = &self.key {
            let value = config.get(key).ok_or_else(|| {
                Error::usage(format!("there is no setting `{key}`")).hint("`gv config` shows every setting")
            })?;
            return ctx.ui.data(value.shown());
        }
        if self.json {
            let rows: Vec<_> = config
                .rows()
                .map(|(setting, value)| json!({"key": setting.key, "value": value.shown(), "origin": value.origin.to_string(), "variable": setting.variable, "default": setting.default, "help": setting.help}))
                .collect();
            return ctx.ui.data(json::document("config", &rows));
        }
        for (setting, value) in config.rows() {
            let text = if value.text.is_empty() { "-".to_owned() } else { value.shown().replace('\n', ", ") };
            ctx.ui.data(format_args!(
                "{:24} {:20} {}",
                setting.key,
                text,
                ctx.ui.paint_data(Paint::Dim, &value.origin)
            ))?;
        }
        Ok(())
    }
}
