//! Where toolchains come from: download sites, module proxies, folders.
//!
//! A source is written as one of
//!
//! ```text
//! dl                    https://go.dev/dl/
//! dl+https://HOST/PATH  a mirror of it that answers ?mode=json&include=all as go.dev does
//! files+https://…       a plain folder of archives on a server, without an index
//! goproxy               what GOPROXY names: environment, `go env -w`, go.env of an installed Go, else `direct`
//! goproxy+VALUE         a GOPROXY value: https://proxy.example, or a whole list such as https://a.example|direct
//! dir:/PATH             a folder; file:///PATH is the same
//! ```
//!
//! and asked in the order of the list. An error of [`Exit::Network`](crate::error::Exit::Network) means that a source
//! cannot answer, no offer that it can and has no such thing: in both cases the next one is asked.

mod dir;
mod dl;
mod goproxy;
mod modules;
mod setting;
mod side;
mod sumdb;
mod tree;

use std::path::{Path, PathBuf};

use gv_shim::version::Version;

pub use dir::Dir;
pub use dl::Dl;
pub use goproxy::GoProxy;
pub use setting::{Setting, goproxy, system_goroot};
pub use sumdb::{NAME as SUMDB, SumDb};

use crate::download::{Artefact, Download};
use crate::environment::Environment;
use crate::error::{Error, Result};
pub use crate::index::{Access, Form, Index};
use crate::net::{Early, Outcome};
use crate::platform::Platform;
use crate::sha256::Sha256;
use crate::ui::Bar;

/// The sources that are asked unless the configuration says otherwise.
pub const DEFAULT: [&str; 2] = ["dl", "goproxy"];

/// How a gzip and a zip file begin.
const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZIP: &[u8] = b"PK\x03\x04";

/// A source; see the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// go.dev/dl or a mirror of it.
    Dl(Dl),
    /// A list of module proxies.
    GoProxy(GoProxy),
    /// A folder.
    Dir(Dir),
}

/// A toolchain that a source has, in one form, and how to fetch it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Archive or module zip.
    pub form: Form,
    /// The version.
    pub version: Version,
    /// The platform.
    pub platform: Platform,
    /// The file's name: `go1.22.3.linux-amd64.tar.gz`, `v0.0.1-go1.22.3.linux-amd64.zip`.
    pub filename: String,
    /// Place, size and hash.
    pub artefact: Artefact,
    /// Warnings from the list that it was found in.
    pub notes: Vec<String>,
}

impl Offer {
    /// Opens it; see [`Download::start`].
    pub fn download<'a>(
        &self,
        access: &Access<'a>,
        partial: &Path,
        bar: &'a Bar,
        early: Option<Early>,
    ) -> Outcome<Download<'a>> {
        Download::start(access.client, &self.artefact, partial, bar, early)
    }
}

impl Source {
    /// Reads one source. `goroots` are where a `go.env` is looked for, in order, if `GOPROXY` is not set elsewhere.
    pub fn parse(text: &str, environment: &Environment, goroots: &[PathBuf]) -> Result<Source> {
        let source = match text.split_once(['+', ':']) {
            _ if text == "dl" => Source::Dl(Dl::official()?),
            _ if text == "goproxy" => Source::GoProxy(GoProxy::parse(goproxy(environment, goroots)?)?),
            Some(("dl", url)) => Source::Dl(Dl::mirror(url)?),
            Some(("files", url)) => Source::Dl(Dl::without_index(url)?),
            Some(("goproxy", value)) => Source::GoProxy(GoProxy::parse(Setting {
                value: value.to_owned(),
                origin: "the configured source".to_owned(),
            })?),
            Some(("dir", path)) => Source::Dir(Dir::new(tree::folder(path)?)),
            Some(("file", path)) => Source::Dir(Dir::new(tree::folder(path.trim_start_matches("//"))?)),
            _ => {
                return Err(Error::usage("a source is neither dl, goproxy nor a folder")
                    .because(format!("it begins with `{}`", text.split(['+', ':', '/']).next().unwrap_or_default()))
                    .hint("write dl, dl+https://…, files+https://…, goproxy, goproxy+https://… or dir:/path"));
            }
        };
        Ok(source)
    }

    /// Whether it is asked without the network.
    pub fn is_local(&self) -> bool {
        match self {
            Source::Dl(_) => false,
            Source::GoProxy(proxies) => proxies.is_local(),
            Source::Dir(_) => true,
        }
    }

    /// The releases that have a file for `platform`, sorted, with those files alone.
    pub fn list(&self, access: &Access<'_>, platform: &Platform) -> Result<Index> {
        let mut index = match self {
            Source::Dl(dl) => dl.list(access)?,
            Source::GoProxy(proxies) => proxies.list(access)?,
            Source::Dir(dir) => dir.list()?,
        };
        for release in &mut index.releases {
            release.files.retain(|file| file.platform == *platform);
        }
        index.releases.retain(|release| !release.files.is_empty());
        Ok(index)
    }

    /// Every form in which the source has a version for a platform, the archive first; none if the source can tell
    /// that it has none. Only folders have two.
    pub fn offers(&self, access: &Access<'_>, version: Version, platform: &Platform) -> Result<Vec<Offer>> {
        match self {
            Source::Dl(dl) => Ok(dl.find(access, version, platform)?.into_iter().collect()),
            Source::GoProxy(proxies) => Ok(proxies.find(access, version, platform)?.into_iter().collect()),
            Source::Dir(dir) => dir.offers(version, platform),
        }
    }

    /// Asks for what [`Source::offers`] will most likely offer, while that is waited for; `None` where nothing has to be
    /// waited for, or it cannot be guessed.
    pub fn ask_early(&self, access: &Access<'_>, version: Version, platform: &Platform) -> Option<Early> {
        match self {
            Source::Dl(dl) => dl.ask_early(access, version, platform),
            Source::GoProxy(proxies) => proxies.ask_early(access, version, platform),
            Source::Dir(_) => None,
        }
    }

    /// The armoured signature of an archive by its name, which may be another source's offer; `None` if this one has
    /// none. Modules have no signatures.
    pub fn signature(&self, access: &Access<'_>, offer: &Offer) -> Result<Option<Vec<u8>>> {
        match self.side_files(offer) {
            Some(tree) => side::signature(access.client, &tree, &offer.filename),
            None => Ok(None),
        }
    }

    /// The hash in the side file of an archive; `None` if there is none. It is no proof.
    pub fn sha256(&self, access: &Access<'_>, offer: &Offer) -> Result<Option<Sha256>> {
        match self.side_files(offer) {
            Some(tree) => side::sha256(access.client, &tree, &offer.filename),
            None => Ok(None),
        }
    }

    fn side_files(&self, offer: &Offer) -> Option<tree::Tree> {
        match self {
            _ if offer.form == Form::Module => None,
            Source::Dl(dl) => Some(dl.side()),
            Source::Dir(dir) => Some(dir.archives()),
            Source::GoProxy(_) => None,
        }
    }

    /// The source's road to the checksum database; `None` if it has none.
    pub fn sumdb<'a>(&self, access: &Access<'a>) -> Result<Option<SumDb<'a>>> {
        match self {
            Source::Dl(_) => Ok(None),
            Source::GoProxy(proxies) => proxies.sumdb(access).map(Some),
            Source::Dir(dir) => Ok(dir.sumdb(access)),
        }
    }
}

/// For messages and receipts; without credentials.
impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Dl(dl) => dl.base().fmt(f),
            Source::GoProxy(proxies) => f.write_str(&proxies.describe()),
            Source::Dir(dir) => dir.root().display().fmt(f),
        }
    }
}

/// How an archive of this name begins.
fn archive_magic(filename: &str) -> &'static [u8] {
    if filename.ends_with("gz") { GZIP } else { ZIP }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use crate::net::testing;

    fn parse(text: &str) -> Result<Source> {
        Source::parse(text, &testing::environment([("GOPROXY", "https://me:secret@proxy.example,direct")]), &[])
    }

    #[test]
    fn a_source_is_read_and_shown_without_credentials() {
        for (text, shown) in [
            ("dl", "https://go.dev/dl/"),
            ("dl+https://me:secret@mirror.example/golang", "https://mirror.example/golang/"),
            ("files+http://mirror.example/", "http://mirror.example/"),
            ("goproxy", "GOPROXY https://proxy.example/, direct (the environment)"),
            ("goproxy+https://a.example|off", "GOPROXY https://a.example/, off (the configured source)"),
            ("dir:/srv/mirror", "/srv/mirror"),
            ("file:///srv/mirror", "/srv/mirror"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_source_is_refused_with_a_way_out() {
        for text in
            ["", "https://me:secret@go.dev/dl", "dl+ftp://h/", "dir:relative", "file://", "dl:", "goproxy+", "x"]
        {
            let error = parse(text).unwrap_err();
            assert_eq!(error.exit(), Exit::Usage, "{text:?}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
