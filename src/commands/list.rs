use std::collections::BTreeMap;

use clap::Args;
use gv_shim::selector::Selector;
use gv_shim::version::{Line, Version};
use serde_json::json;

use crate::commands::install::uninterrupted;
use crate::commands::select;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::json;
use crate::platform::Platform;
use crate::resolution;
use crate::store::{Linked, Store, Summary};
use crate::ui::Paint;

/// List what is installed, or with --remote what there is.
#[derive(Debug, Args)]
#[command(
    visible_alias = "ls",
    after_help = "Examples:\n  gv list\n  gv list --remote           the newest release of each line\n  gv list --remote 1.22      every 1.22\n  gv list --remote --all     everything, pre-releases too"
)]
pub struct List {
    /// Only what this selector means.
    selector: Option<String>,
    /// What the sources offer for this machine.
    #[arg(long)]
    remote: bool,
    /// With --remote: every patch release and pre-release.
    #[arg(long, requires = "remote")]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Go supports the newest two lines (Go's release policy, <https://go.dev/doc/devel/release#policy>).
const SUPPORTED_LINES: usize = 2;

impl List {
    /// Installed or remote.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        if self.remote { self.remote(ctx) } else { self.installed(ctx) }
    }

    fn installed(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let all = store.installed()?;
        let linked = self.linked(&store)?;
        let versions = if linked.is_empty() || self.selector.is_none() { self.matching(all.clone())? } else { vec![] };
        let active = store.active()?;
        let marked = |version: &Version| match &active {
            Some(active) if active.current() == Some(*version) => "current",
            Some(active) if active.previous() == Some(*version) => "previous",
            _ => "",
        };
        let mut rows = Vec::new();
        for version in &versions {
            let (mark, summary) = (marked(version), readable(ctx, &store, version)?);
            if self.json {
                let path = store.layout().toolchain(version);
                let mut row = json::installed(&version.to_string(), &path, summary.as_ref());
                row["current"] = json!(mark == "current");
                row["previous"] = json!(mark == "previous");
                rows.push(row);
            } else {
                ctx.ui.data(line(ctx, version, mark, summary.as_ref()))?;
            }
        }
        if self.json {
            let linked: Vec<_> =
                linked.iter().map(|link| json!({"name": link.name, "target": json::shown(&link.target)})).collect();
            return ctx.ui.data(json::documents(&[("toolchains", json!(rows)), ("linked", json!(linked))]));
        }
        for link in &linked {
            ctx.ui.data(format_args!("{:12} {:8}  linked   {}", link.name, "", link.target.display()))?;
        }
        if versions.is_empty() && linked.is_empty() {
            self.tell_nothing(ctx, all.is_empty());
        }
        Ok(())
    }

    /// The linked toolchains: all, or the one that the selector names.
    fn linked(&self, store: &Store) -> Result<Vec<Linked>> {
        let mut linked = store.linked()?;
        if let Some(selector) = &self.selector {
            linked.retain(|link| link.name == selector.trim());
        }
        Ok(linked)
    }

    fn tell_nothing(&self, ctx: &Context, nothing_at_all: bool) {
        match &self.selector {
            Some(selector) if !nothing_at_all => {
                ctx.ui.status(format_args!("no installed Go is {selector}"));
                ctx.ui.hint("`gv list` shows what is installed");
            }
            _ => {
                ctx.ui.status("nothing is installed");
                ctx.ui.hint("`gv install latest` installs the newest Go");
            }
        }
    }

    fn remote(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let client = ctx.client(uninterrupted())?;
        let cache = store.layout().cache();
        let access = ctx.access(&client, &cache)?;
        let platform = Platform::host();
        let (published, failures) = select::published(ctx, &ctx.sources()?, &access, &platform);
        if published.is_empty() {
            return Err(select::no_list(&failures));
        }
        let supported = supported(&published);
        let installed = store.installed()?;
        let chosen = self.chosen(&published, &installed)?;
        let rows = chosen.into_iter().map(|version| Remote {
            version,
            installed: installed.contains(&version),
            supported: supported.contains(&version.line()),
        });
        if self.json {
            let rows: Vec<_> = rows.map(Remote::json).collect();
            return ctx.ui.data(json::document("releases", &rows));
        }
        let mut nothing = true;
        for row in rows {
            ctx.ui.data(row.line(ctx))?;
            nothing = false;
        }
        if let (true, Some(selector)) = (nothing, &self.selector) {
            ctx.ui.status(format_args!("no release for {platform} is {selector}"));
        }
        Ok(())
    }

    /// Without a selector and without --all, the newest release of each line, and what is installed.
    fn chosen(&self, published: &[Version], installed: &[Version]) -> Result<Vec<Version>> {
        if self.all || self.selector.is_some() {
            return self.matching(published.to_vec());
        }
        // Ascending, so the newest of a line is the last to be put in.
        let releases = published.iter().filter(|version| !version.is_pre_release());
        let newest: BTreeMap<Line, Version> = releases.map(|version| (version.line(), *version)).collect();
        let is_newest = |version: &Version| newest.get(&version.line()) == Some(version);
        Ok(published.iter().copied().filter(|version| is_newest(version) || installed.contains(version)).collect())
    }

    /// All versions of a line or range; of the other selectors, the one that it means.
    fn matching(&self, mut versions: Vec<Version>) -> Result<Vec<Version>> {
        let Some(text) = &self.selector else { return Ok(versions) };
        match resolution::parse(text.trim())? {
            Selector::Line(line) => versions.retain(|version| version.line() == line),
            range @ Selector::Range(_) => versions.retain(|version| resolution::select(&range, &[*version]).is_some()),
            other => versions = resolution::select(&other, &versions).into_iter().collect(),
        }
        Ok(versions)
    }
}

/// A published release.
struct Remote {
    version: Version,
    installed: bool,
    supported: bool,
}

impl Remote {
    fn json(self) -> serde_json::Value {
        json!({
            "version": self.version.to_string(), "installed": self.installed, "supported": self.supported,
            "pre_release": self.version.is_pre_release(),
        })
    }

    fn line(&self, ctx: &Context) -> String {
        let pre_release = self.version.is_pre_release();
        let notes = [
            self.installed.then(|| ctx.ui.paint_data(Paint::Green, "installed")),
            pre_release.then(|| ctx.ui.paint_data(Paint::Yellow, "pre-release")),
            (!self.supported && !pre_release).then(|| ctx.ui.paint_data(Paint::Dim, "unsupported")),
        ];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        format!("{:12}{}", self.version, notes.join(", ")).trim_end().to_owned()
    }
}

/// The newest lines that have a release.
fn supported(published: &[Version]) -> Vec<Line> {
    let mut lines: Vec<Line> =
        published.iter().filter(|version| !version.is_pre_release()).map(Version::line).collect();
    lines.dedup();
    lines.into_iter().rev().take(SUPPORTED_LINES).collect()
}

/// A receipt that cannot be read is told, and its toolchain listed as unproven.
fn readable(ctx: &Context, store: &Store, version: &Version) -> Result<Option<Summary>> {
    match store.summary(version) {
        Err(error) if error.exit() == Exit::Untrusted => {
            ctx.ui.warn(&error);
            Ok(None)
        }
        other => other,
    }
}

fn line(ctx: &Context, version: &Version, mark: &str, summary: Option<&Summary>) -> String {
    let proof = match summary.map(|summary| summary.proof.word()) {
        Some(word) if word != "unproven" => word.to_owned(),
        _ => ctx.ui.paint_data(Paint::Yellow, "unproven"),
    };
    let form = summary.map_or("-", |summary| summary.form.as_str());
    let size = summary.map_or_else(|| "-".to_owned(), |summary| format!("{} MB", summary.unpacked_size / 1_000_000));
    let mark =
        if mark == "current" { ctx.ui.paint_data(Paint::Green, format_args!("{mark:8}")) } else { format!("{mark:8}") };
    format!("{version:12} {mark}  {form:8} {size:>8}  {proof}")
}
