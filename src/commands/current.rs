use clap::Args;
use gv_shim::call::Program;
use serde_json::json;

use crate::commands::select;
use crate::context::Context;
use crate::error::Result;
use crate::json;
use crate::resolution::{self, Decision, Switch, Toolchain};
use crate::ui::Paint;

#[derive(Debug, Args)]
pub struct Current {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Current {
    /// The shim's own answer, with its reason.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let layout = ctx.layout()?;
        let root = layout.root();
        let decision = resolution::decide(&ctx.env, root, Program::Go, &[])?;
        select::remember(ctx, &layout, &decision.origin);
        let switch = resolution::will_switch(&ctx.env, root, &decision, &[]);
        if self.json {
            return ctx.ui.data(json::document("current", &payload(&decision, &switch)));
        }
        ctx.ui.data(describe(&decision.toolchain))?;
        ctx.ui.status(ctx.ui.paint(Paint::Dim, reason(&decision)));
        if let Some(note) = consequence(&switch) {
            ctx.ui.status(note);
        }
        Ok(())
    }
}

fn describe(toolchain: &Toolchain) -> String {
    match (toolchain, toolchain.version()) {
        (Toolchain::System { program }, _) => format!("system ({})", program.display()),
        (_, Some(version)) => version.to_string(),
        (Toolchain::Linked { dir } | Toolchain::Installed { dir, .. }, None) => dir.display().to_string(),
    }
}

fn reason(decision: &Decision) -> String {
    match (&decision.origin, &decision.toolchain) {
        (resolution::Origin::Nowhere, Toolchain::System { .. }) => {
            "nothing is current here; the next go on PATH answers".to_owned()
        }
        (resolution::Origin::Nowhere, _) => "current; nothing here asks for another".to_owned(),
        (origin, _) => format!("{}, asked for by {origin}", decision.asked),
    }
}

/// What the go command will do, in a sentence; nothing where it runs as it is.
pub(super) fn consequence(switch: &Switch) -> Option<String> {
    match switch {
        Switch::Stays | Switch::Unknown => None,
        Switch::Held(version) => Some(format!("go will switch to {version} by itself, which gv holds")),
        Switch::OnPath(path) => Some(format!("go will switch to {} by itself", path.display())),
        Switch::Downloads(version) => {
            Some(format!("go will download {version} by itself; `gv install {version}` would give it gv's"))
        }
        Switch::NotOnPath(version) => {
            Some(format!("go will fail: it may use only what is on PATH, and {version} is not: `gv install {version}`"))
        }
        Switch::TooOld(version) => {
            Some(format!("go will fail: {version} is needed here, and GOTOOLCHAIN does not let it switch"))
        }
        Switch::NoRelease(name) => Some(format!("go will fail: {name} is not on PATH, and no release of Go")),
        Switch::Invalid(what) => Some(format!("go will fail: `{what}` means nothing")),
    }
}

fn payload(decision: &Decision, switch: &Switch) -> serde_json::Value {
    let (kind, path) = match &decision.toolchain {
        Toolchain::Installed { dir, .. } => ("installed", dir),
        Toolchain::Linked { dir } => ("linked", dir),
        Toolchain::System { program } => ("system", program),
    };
    let (then, version) = match switch {
        Switch::Stays => ("stays", None),
        Switch::Held(version) => ("switches", Some(version)),
        Switch::OnPath(_) => ("switches", None),
        Switch::Downloads(version) => ("downloads", Some(version)),
        Switch::NotOnPath(version) | Switch::TooOld(version) => ("fails", Some(version)),
        Switch::NoRelease(_) | Switch::Invalid(_) => ("fails", None),
        Switch::Unknown => ("unknown", None),
    };
    json!({
        "version": decision.toolchain.version().map(|version| version.to_string()),
        "kind": kind,
        "path": json::shown(path),
        "asked": decision.asked,
        "origin": decision.origin.to_string(),
        "go_then": then,
        "go_then_version": version.map(ToString::to_string),
    })
}
