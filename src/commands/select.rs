//! From what was typed to a version: installed, or to be had.

use std::path::{Path, PathBuf};

use gv_shim::call::Program;
use gv_shim::selector::Selector;
use gv_shim::version::Version;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::platform::Platform;
use crate::resolution::{self, Origin, Toolchain, Want};
use crate::source::{Access, Source};
use crate::store::{Layout, Store};

/// The installed version that a selector means; `remedy` is the command that installs one, `gv install` for one.
pub(super) fn installed(store: &Store, text: &str, remedy: &str) -> Result<Version> {
    present(store, text).map_err(|error| match error.exit() {
        Exit::NotInstalled => error.hint(format!("run `{remedy} {}`", quoted(text.trim()))),
        _ => error,
    })
}

/// The installed version that a selector means, where installing it would be no way out.
pub(super) fn present(store: &Store, text: &str) -> Result<Version> {
    let text = text.trim();
    let selector = resolution::parse(text)?;
    match selector {
        Selector::System => return Err(no_version(text, "it is the next `go` on PATH")),
        Selector::Named(name) if store.linked()?.iter().any(|link| link.name == name) => {
            return Err(no_version(text, "it is a linked toolchain").hint(format!("`gv local {text}` pins it")));
        }
        _ => {}
    }
    let installed = store.installed()?;
    let version = resolution::select(&selector, &installed);
    version.ok_or_else(|| absent(&selector, text, installed.is_empty()))
}

/// Installed versions: those that selectors mean, or all, or the one that runs here.
pub(super) fn several(ctx: &Context, store: &Store, selectors: &[String], all: bool) -> Result<Vec<Version>> {
    if all {
        return store.installed();
    }
    if selectors.is_empty() {
        return Ok(vec![running_here(ctx, store)?]);
    }
    let mut versions = Vec::new();
    for selector in selectors {
        let version = present(store, selector)?;
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    Ok(versions)
}

fn running_here(ctx: &Context, store: &Store) -> Result<Version> {
    let decision = resolution::decide(&ctx.env, store.layout().root(), Program::Go, &[])?;
    let dir = match &decision.toolchain {
        Toolchain::Installed { version, .. } => return Ok(*version),
        Toolchain::Linked { dir } => dir,
        Toolchain::System { program } => program,
    };
    store.version_at(dir).ok_or_else(|| {
        Error::usage("the Go that runs here is none of gv's")
            .because(format!("it is {}", dir.display()))
            .hint("name a version, as in `gv verify 1.22.3`, or take `--all`")
    })
}

/// Writes down that a version file was met, for `gv prune`; where there is no store, there is nothing to prune either.
pub(super) fn remember(ctx: &Context, layout: &Layout, origin: &Origin) {
    if let Origin::File { path, .. } = origin
        && layout.root().is_dir()
    {
        remember_file(ctx, layout, path);
    }
}

/// The same of a file. What was asked for goes on without.
pub(super) fn remember_file(ctx: &Context, layout: &Layout, file: &Path) {
    if let Some(Err(error)) = file.parent().map(|folder| layout.remember(folder)) {
        ctx.ui.verbose(format_args!("this project is not written down, so `gv prune` does not know it: {error}"));
    }
}

fn no_version(text: &str, why: &str) -> Error {
    Error::usage(format!("`{text}` is no version of gv's")).because(why)
}

fn absent(selector: &Selector<'_>, text: &str, nothing: bool) -> Error {
    let error = match selector {
        Selector::Exact(version) => Error::not_installed(format!("go {version} is not installed")),
        Selector::Named(_) => return Error::usage(format!("there is no toolchain called {text}")).hint(LOOK),
        _ if nothing => return Error::not_installed("no Go is installed"),
        _ => Error::not_installed(format!("no installed Go is {text}")),
    };
    error.hint(LOOK)
}

const LOOK: &str = "`gv list` shows what is installed";

/// The GOROOT of an installed version or a linked toolchain, and the name by which shims find it.
pub(super) fn goroot(store: &Store, text: &str) -> Result<(PathBuf, String)> {
    if let Some(link) = store.linked()?.into_iter().find(|link| link.name == text.trim()) {
        return Ok((store.layout().toolchains().join(&link.name), link.name));
    }
    let version = installed(store, text, "gv install")?;
    Ok((store.layout().toolchain(&version), version.to_string()))
}

/// The version that a selector means among those that sources offer. An exact one needs no list.
pub(super) fn available(
    ctx: &Context,
    store: &Store,
    sources: &[Source],
    access: &Access<'_>,
    text: &str,
    platform: &Platform,
) -> Result<Version> {
    let selector = resolution::parse(text.trim())?;
    match selector {
        Selector::Exact(version) => return Ok(version),
        Selector::System | Selector::Named(_) => {
            return Err(Error::usage(format!("`{text}` is no release that can be installed"))
                .hint("`gv list --remote` shows the newest of each line"));
        }
        _ => {}
    }
    let (versions, failures) = published(ctx, sources, access, platform);
    if versions.is_empty() {
        return Err(unlisted(store, text, &failures));
    }
    resolution::select(&selector, &versions).ok_or_else(|| {
        Error::not_installed(format!("no release for {platform} is {text}"))
            .hint("`gv list --remote` shows the newest of each line, with `--all` every release")
    })
}

/// Every version that some source lists for a platform, sorted; and why sources could not tell.
pub(super) fn published(
    ctx: &Context,
    sources: &[Source],
    access: &Access<'_>,
    platform: &Platform,
) -> (Vec<Version>, Vec<Error>) {
    let mut failures = Vec::new();
    for source in sources {
        match source.list(access, platform) {
            Ok(index) => {
                for note in &index.notes {
                    ctx.ui.warn(note);
                }
                let versions: Vec<Version> = index.releases.iter().map(|release| release.version).collect();
                if !versions.is_empty() {
                    return (versions, failures);
                }
            }
            Err(error) => {
                // Another source may know, but that this one cannot be believed is not kept back.
                if error.exit() == Exit::Network {
                    ctx.ui.verbose(format_args!("{source} has no list: {error}"));
                } else {
                    ctx.ui.warn(format_args!("the list of {source} is of no use: {error}"));
                }
                failures.push(error);
            }
        }
    }
    (Vec::new(), failures)
}

/// No source could say what there is; each says why.
pub(super) fn no_list(failures: &[Error]) -> Error {
    let exit = failures.first().map_or(Exit::Network, Error::exit);
    failures.iter().fold(Error::new(exit, "no source could say which releases there are"), Error::beside)
}

fn unlisted(store: &Store, text: &str, failures: &[Error]) -> Error {
    let error = no_list(failures).during(format!("cannot tell which release is {text}"));
    let offer = store.installed().ok().and_then(|installed| resolution::select(&Selector::parse(text)?, &installed));
    match offer {
        Some(version) => error.hint(format!("{version} is installed: `gv use {version}`")),
        None => error.hint("ask for an exact version, such as `gv install 1.22.3`, which needs no list"),
    }
}

/// What the current folder asks for, as a selector: its pin, or the toolchain that its go.mod means.
pub(super) fn pinned_here(ctx: &Context, store: &Store) -> Result<String> {
    let request = resolution::request(&ctx.env, Program::Go, &[])?;
    remember(ctx, store.layout(), &request.origin);
    let text = match request.want {
        Want::Selector(text) if text != "system" => text,
        Want::FirstOf(list) => list.split_whitespace().next().unwrap_or_default().to_owned(),
        Want::Floor(floor) => floor.toolchain().to_string(),
        Want::Selector(_) | Want::Current => {
            return Err(Error::usage("this folder pins no version")
                .hint("name one: `gv install latest`")
                .hint("pin one: `gv local 1.22.3`"));
        }
    };
    ctx.ui.status(format_args!("go {text}, asked for by {}", request.origin));
    Ok(text)
}

/// As it has to be typed in a shell.
fn quoted(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        text.to_owned()
    } else {
        format!("'{text}'")
    }
}
