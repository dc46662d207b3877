use std::collections::BTreeMap;
use std::fmt::Write as _;

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
use crate::store::{Digest, Generation, Linked, Store, Summary};
use crate::ui::Paint;

#[derive(Debug, Args)]
#[command(
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
        let (all, mut linked) = store.toolchains()?;
        let nothing_at_all = all.is_empty();
        if let Some(selector) = &self.selector {
            linked.retain(|link| link.name == selector.trim());
        }
        let versions = if linked.is_empty() || self.selector.is_none() { self.matching(all)? } else { vec![] };
        let marks = Marks::of(&store)?;
        if self.json {
            return document(ctx, &store, &versions, &linked, &marks);
        }
        let digests = store.digests(&versions, |error| ctx.ui.warn(error))?;
        // Written at once, as one text: a line at a time would take longer than the rest of it.
        let mut lines = String::with_capacity(64 * versions.len());
        for (version, digest) in versions.iter().zip(&digests) {
            line(&mut lines, ctx, version, marks.mark(version), digest.as_ref());
        }
        for link in &linked {
            _ = writeln!(lines, "{:12} {:8}  linked   {}", link.name, "", link.target.display());
        }
        if lines.is_empty() {
            self.tell_nothing(ctx, nothing_at_all);
            return Ok(());
        }
        ctx.ui.data(lines.trim_end_matches('\n'))
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

/// What is current and previous.
struct Marks([Option<Version>; 2]);

impl Marks {
    fn of(store: &Store) -> Result<Marks> {
        let active = store.active()?;
        let [current, previous] = [Generation::current, Generation::previous].map(|of| active.as_ref().and_then(of));
        Ok(Marks([current, previous]))
    }

    fn mark(&self, version: &Version) -> &'static str {
        match self.0 {
            [Some(current), _] if current == *version => "current",
            [_, Some(previous)] if previous == *version => "previous",
            _ => "",
        }
    }
}

fn document(ctx: &Context, store: &Store, versions: &[Version], linked: &[Linked], marks: &Marks) -> Result<()> {
    let mut rows = Vec::new();
    for version in versions {
        let (mark, summary) = (marks.mark(version), readable(ctx, store, version)?);
        let mut row = json::installed(&version.to_string(), &store.layout().toolchain(version), summary.as_ref());
        row["current"] = json!(mark == "current");
        row["previous"] = json!(mark == "previous");
        rows.push(row);
    }
    let linked: Vec<_> =
        linked.iter().map(|link| json!({"name": link.name, "target": json::shown(&link.target)})).collect();
    ctx.ui.data(json::documents(&[("toolchains", json!(rows)), ("linked", json!(linked))]))
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

/// Writing to a text cannot fail.
fn line(lines: &mut String, ctx: &Context, version: &Version, mark: &str, digest: Option<&Digest>) {
    _ = match mark {
        "current" => write!(lines, "{version:12} {}", ctx.ui.paint_data(Paint::Green, format_args!("{mark:8}"))),
        _ => write!(lines, "{version:12} {mark:8}"),
    };
    _ = match digest {
        Some(digest) => write!(lines, "  {:8} {:>5} MB  ", digest.form, digest.unpacked_size / 1_000_000),
        None => write!(lines, "  {:8} {:>8}  ", "-", "-"),
    };
    _ = match digest.map(|digest| digest.proof.as_ref()) {
        Some(word) if word != "unproven" => writeln!(lines, "{word}"),
        _ => writeln!(lines, "{}", ctx.ui.paint_data(Paint::Yellow, "unproven")),
    };
}
