//! go.dev/dl and its mirrors: an index, archives, and their side files.

use gv_shim::version::Version;

use super::tree::Tree;
use super::{Access, Index, Offer, archive_magic};
use crate::download::{Artefact, Place};
use crate::error::{Error, Result};
use crate::index::{self, Feed, File, Form};
use crate::net::{Early, Url};
use crate::platform::Platform;

/// Go's own.
const OFFICIAL: &str = "https://go.dev/dl/";

/// The hosts whose `/dl` redirects to [`OFFICIAL_SIDE`] for archives, and answers with a page for side files.
const OFFICIAL_HOSTS: [&str; 3] = ["go.dev", "golang.org", "golang.google.cn"];
const OFFICIAL_SIDE: &str = "https://dl.google.com/go/";

/// A download site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dl {
    base: Url,
    side: Url,
    /// Plain folders of archives have no index: what they hold is found by asking for it.
    has_index: bool,
}

impl Dl {
    pub(super) fn official() -> Result<Dl> {
        Dl::mirror(OFFICIAL)
    }

    pub(super) fn mirror(url: &str) -> Result<Dl> {
        // One form, with a slash at the end.
        let base = Url::parse(url)?.below("");
        let official = OFFICIAL_HOSTS.contains(&base.host()) && base.path() == "/dl/";
        let side = if official { Url::parse(OFFICIAL_SIDE)? } else { base.clone() };
        Ok(Dl { base, side, has_index: true })
    }

    pub(super) fn without_index(url: &str) -> Result<Dl> {
        Ok(Dl { has_index: false, ..Dl::mirror(url)? })
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Where `.asc` and `.sha256` are.
    pub(super) fn side(&self) -> Tree {
        Tree::Server(self.side.clone())
    }

    pub(super) fn list(&self, access: &Access<'_>) -> Result<Index> {
        if !self.has_index {
            return Err(Error::network(format!("{} has no index", self.base))
                .hint("ask for an exact version, or name a source that has an index too"));
        }
        Ok(index::load(access, &Feed { url: &self.index(), parse: index::parse_dl })?)
    }

    fn index(&self) -> Url {
        self.base.with_query("mode=json&include=all")
    }

    pub(super) fn find(&self, access: &Access<'_>, version: Version, platform: &Platform) -> Result<Option<Offer>> {
        if !self.has_index {
            return Ok(Some(self.offer(version, platform, None, Vec::new())));
        }
        let Index { releases, notes } = self.list(access)?;
        let release = releases.iter().find(|release| release.version == version);
        let file = release.and_then(|release| release.file(platform));
        Ok(file.map(|file| self.offer(version, platform, Some(file), notes)))
    }

    /// The archive, whose name needs no index; where that is at hand, it answers at once.
    pub(super) fn ask_early(&self, access: &Access<'_>, version: Version, platform: &Platform) -> Option<Early> {
        if !self.has_index || index::is_at_hand(access, &self.index()) {
            return None;
        }
        let offer = self.offer(version, platform, None, Vec::new());
        let Place::Url(url) = &offer.artefact.place else { return None };
        // Whatever is in the way is told when the archive is really asked for.
        access.client.ask_early(url).ok()
    }

    fn offer(&self, version: Version, platform: &Platform, file: Option<&File>, notes: Vec<String>) -> Offer {
        let filename = index::archive_name(version, platform);
        let artefact = Artefact {
            place: Tree::Server(self.base.clone()).place(&filename),
            size: file.and_then(|file| file.size),
            sha256: file.and_then(|file| file.sha256),
            magic: archive_magic(&filename),
            immutable: false,
        };
        Offer { form: Form::Archive, version, platform: platform.clone(), filename, artefact, notes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{self, Server, reply};
    use crate::ui::Ui;
    use std::io::Read;
    use std::time::Duration;

    #[test]
    fn side_files_of_the_official_site_lie_elsewhere() {
        for url in ["https://go.dev/dl", "https://golang.google.cn/dl/"] {
            assert_eq!(Dl::mirror(url).unwrap().side().to_string(), "https://dl.google.com/go/");
        }
        let mirror = Dl::mirror("https://mirror.example/golang").unwrap();
        assert_eq!(mirror.side().to_string(), "https://mirror.example/golang/");
    }

    #[test]
    fn a_version_is_found_by_the_index_alone() {
        let server = Server::start(|_, request, stream| {
            assert_eq!(testing::path(request), "/go/?mode=json&include=all");
            let index = r#"[{"version":"go1.22.0","stable":true,"files":[{"filename":"go1.22.0.linux-amd64.tar.gz",
                "os":"linux","arch":"amd64","sha256":"","size":7,"kind":"archive"}]}]"#;
            reply(stream, "200 OK", &[], index.as_bytes());
        });
        let (client, dir) = (testing::client(), tempfile::tempdir().unwrap());
        let access = Access { client: &client, cache: dir.path(), max_age: Duration::from_mins(1) };
        let dl = Dl::mirror(&server.url("/go")).unwrap();
        let platform = Platform { os: "linux".to_owned(), arch: "amd64".to_owned() };
        let offer = dl.find(&access, Version::release(1, 22, 0), &platform).unwrap().unwrap();
        assert_eq!(offer.artefact.place.to_string(), server.url("/go/go1.22.0.linux-amd64.tar.gz"));
        assert_eq!((offer.artefact.size, offer.artefact.sha256), (Some(7), None));
        assert!(dl.find(&access, Version::release(1, 22, 1), &platform).unwrap().is_none());
        assert_eq!(server.requests(), 1);
        assert!(dl.ask_early(&access, Version::release(1, 22, 0), &platform).is_none(), "there is nothing to wait for");
    }

    #[test]
    fn an_archive_is_under_way_before_the_index_has_answered_and_is_asked_for_once() {
        let (asked, waiting) = std::sync::mpsc::sync_channel(1);
        let waiting = std::sync::Mutex::new(waiting);
        let server = Server::start(move |_, request, stream| {
            if !testing::path(request).contains("mode=json") {
                asked.send(()).unwrap();
                return reply(stream, "200 OK", &[], b"\x1f\x8b\x08 and more");
            }
            waiting.lock().unwrap().recv_timeout(Duration::from_secs(20)).unwrap();
            let index = r#"[{"version":"go1.22.0","stable":true,"files":[{"filename":"go1.22.0.linux-amd64.tar.gz",
                "os":"linux","arch":"amd64","sha256":"","size":12,"kind":"archive"}]}]"#;
            reply(stream, "200 OK", &[], index.as_bytes());
        });
        let (client, dir) = (testing::client(), tempfile::tempdir().unwrap());
        let access = Access { client: &client, cache: dir.path(), max_age: Duration::from_mins(1) };
        let dl = Dl::mirror(&server.url("/go")).unwrap();
        let platform = Platform { os: "linux".to_owned(), arch: "amd64".to_owned() };
        let version = Version::release(1, 22, 0);
        let early = dl.ask_early(&access, version, &platform).unwrap();
        let offer = dl.find(&access, version, &platform).unwrap().unwrap();
        let bar = Ui::silent().transfer("it", None);
        let mut download = offer.download(&access, &dir.path().join("part"), &bar, Some(early)).unwrap();
        let mut bytes = Vec::new();
        download.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"\x1f\x8b\x08 and more");
        assert_eq!(server.requests(), 2);
    }
}
