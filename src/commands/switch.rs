use clap::Args;

use crate::commands::select;
use crate::context::Context;
use crate::error::Result;
use crate::json;
use crate::setup;
use crate::store::{Generation, Store};
use crate::ui::Paint;

/// Make an installed version current: what runs where nothing is pinned.
///
/// `current` and `previous` change as one step; `gv rollback` undoes it. `gv local` pins a folder instead, and `gv global`
/// is the same as this.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv use 1.22.3\n  gv use 1.22      the newest installed 1.22\n  gv use latest    the newest installed release"
)]
pub struct Use {
    /// 1.22.3, a line (1.22), latest, oldstable, or a range such as '>=1.21, <1.23'.
    selector: String,
    /// Print the new generation as JSON.
    #[arg(long)]
    json: bool,
}

impl Use {
    /// Flips under the lock.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let version = select::installed(&store, &self.selector, "gv install --use")?;
        let flipped = store.lock(&ctx.ui)?.flip(&version, &format!("use {version}"))?;
        report(ctx, &store, flipped.as_ref(), self.json)
    }
}

/// Without the shims on PATH nothing that gv does is seen by anybody.
pub(super) fn hint_at_setup(ctx: &Context, store: &Store) {
    if !setup::is_on_path(&ctx.env, &store.layout().shims()) {
        ctx.ui.hint("`gv setup` puts `go` on PATH, once for all");
    }
}

/// Says what is current now, and what it was.
pub(super) fn report(ctx: &Context, store: &Store, flipped: Option<&Generation>, as_json: bool) -> Result<()> {
    let active = store.active()?;
    if let (true, Some(generation)) = (as_json, flipped.or(active.as_ref())) {
        return ctx.ui.data(json::document("generation", &json::generation(generation, true)));
    }
    match (flipped, active) {
        (Some(generation), _) => {
            let was = generation.previous.as_ref().map(|version| format!(" (was {version})")).unwrap_or_default();
            ctx.ui.status(format_args!("{} go {}{was}", ctx.ui.paint(Paint::Green, "current:"), generation.current));
            hint_at_setup(ctx, store);
        }
        (None, Some(active)) => ctx.ui.status(format_args!("go {} is current already", active.current)),
        (None, None) => {}
    }
    Ok(())
}
