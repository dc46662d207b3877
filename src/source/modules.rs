//! Toolchains as versions of the module `golang.org/toolchain`, on one proxy or in one folder.

use gv_shim::version::Version;
use serde::Deserialize;

use super::tree::Tree;
use super::{Access, Index, Offer, ZIP};
use crate::download::{Artefact, sample};
use crate::error::Error;
use crate::fs;
use crate::index::{self, Feed, Form, MODULE, Release, module_version};
use crate::net::{Client, Failure, Kind, Outcome, Url};
use crate::platform::Platform;

const LARGEST_INFO: usize = 64 << 10;

/// `golang.org/toolchain/@v/<name>`.
fn path(name: &str) -> String {
    format!("{MODULE}/@v/{name}")
}

/// The toolchains that a proxy or folder has.
pub(super) fn list(access: &Access<'_>, tree: &Tree) -> Outcome<Index> {
    match tree {
        Tree::Server(url) => {
            let feed = Feed { url: &url.below(&path("list")), parse: index::parse_module_list };
            index::load(access, &feed)
        }
        Tree::Folder(_) => Ok(Index { releases: local_modules(tree)?, notes: Vec::new() }),
    }
}

/// The modules of a folder, by the archives that are there: a list would only be a second truth.
pub(super) fn local_modules(tree: &Tree) -> Outcome<Vec<Release>> {
    let Tree::Folder(dir) = tree else { return Ok(Vec::new()) };
    let local = |error| Failure { kind: Kind::Local, error };
    let names = fs::names(&dir.join(path(""))).map_err(local)?;
    let versions = names.iter().filter_map(|name| name.to_str()?.strip_suffix(".zip"));
    let list = versions.filter(|name| index::parse_module_version(name).is_some()).collect::<Vec<_>>().join("\n");
    index::parse_module_list(list.as_bytes()).map_err(|cause| local(Error::failed(cause)))
}

/// Whether the proxy has the version. Its list has to do when gv is offline, and where a proxy refuses what it does
/// not have (403 is common) instead of saying that it is not there.
pub(super) fn check(access: &Access<'_>, tree: &Tree, version: Version, platform: &Platform) -> Outcome<()> {
    let mut refusal = None;
    if let Tree::Server(url) = tree
        && !access.client.config().offline
    {
        match info(access.client, url, &module_version(version, platform)) {
            Err(failure) if failure.kind == Kind::Unavailable => refusal = Some(failure),
            answered => return answered,
        }
    }
    let releases = match list(access, tree) {
        Ok(index) => index.releases,
        Err(failure) => return Err(refusal.unwrap_or(failure)),
    };
    let listed = releases.iter().any(|release| release.version == version && release.file(platform).is_some());
    match refusal {
        Some(refusal) if listed => Err(refusal),
        None if listed => Ok(()),
        _ => {
            let error = Error::network(format!("{tree} has no {} for {platform}", version.go()));
            Err(Failure { kind: Kind::NotFound, error })
        }
    }
}

/// Asks for the version's `.info`, which must name that version.
fn info(client: &Client, url: &Url, name: &str) -> Outcome<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Info {
        version: String,
    }
    let url = url.below(&path(&format!("{name}.info")));
    let bytes = client.get_small(&url, LARGEST_INFO)?;
    match serde_json::from_slice::<Info>(&bytes) {
        Ok(info) if info.version == name => Ok(()),
        _ => Err(Failure::fetching(
            Kind::Untrusted,
            &url,
            format!("it does not name {name} but says {}", sample(&bytes)),
        )),
    }
}

/// The offer of a module that is there. Modules never change under their name: the checksum database holds them to it.
pub(super) fn offer(tree: &Tree, version: Version, platform: &Platform) -> Offer {
    let filename = index::file_name(Form::Module, version, platform);
    let place = tree.place(&path(&filename));
    let artefact = Artefact { place, size: None, sha256: None, magic: ZIP, immutable: true };
    Offer { form: Form::Module, version, platform: platform.clone(), filename, artefact, notes: Vec::new() }
}
