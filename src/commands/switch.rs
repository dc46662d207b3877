use clap::Args;

use crate::commands::select;
use crate::context::Context;
use crate::error::Result;
use crate::json;
use crate::setup;
use crate::store::{Generation, Locked, Store};
use crate::ui::Paint;

#[derive(Debug, Args)]
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
        let change = change(ctx, &store, |locked| locked.flip(&version, &format!("use {version}")))?;
        report(ctx, &store, &change, self.json)
    }
}

/// Without the shims on PATH nothing that gv does is seen by anybody.
pub(super) fn hint_at_setup(ctx: &Context, store: &Store) {
    if !setup::is_on_path(&ctx.env, &store.layout().shims()) {
        ctx.ui.hint("`gv setup` puts `go` on PATH, once for all");
    }
}

/// What a change of the pointer came to.
pub(super) struct Change {
    /// The generation that it made, if it made one.
    flipped: Option<Generation>,
    /// The one that was active when it was done.
    active: Option<Generation>,
}

/// Changes the pointer under the lock. What is active is read there as well: another may change it right after.
pub(super) fn change(
    ctx: &Context,
    store: &Store,
    flip: impl FnOnce(&mut Locked<'_>) -> Result<Option<Generation>>,
) -> Result<Change> {
    let mut locked = store.lock(&ctx.ui)?;
    let flipped = flip(&mut locked)?;
    Ok(Change { flipped, active: store.active()? })
}

/// Says what is current now, and what it was.
pub(super) fn report(ctx: &Context, store: &Store, change: &Change, as_json: bool) -> Result<()> {
    if let (true, Some(generation)) = (as_json, &change.active) {
        return ctx.ui.data(json::document("generation", &json::generation(generation, true)));
    }
    match (&change.flipped, &change.active) {
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
