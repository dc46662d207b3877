//! A folder that holds what a download site, a module proxy, or both would serve.
//!
//! Archives lie in `dl/` if there is such a folder, else at the top, each perhaps with `.asc` and `.sha256` beside
//! it, and perhaps with an `index.json` of the shape of go.dev's; modules lie in `golang.org/toolchain/@v/`, and
//! the checksum database in `sumdb/sum.golang.org/`. What is there counts, not what an index says; the index
//! adds sizes and hashes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gv_shim::version::Version;

use super::sumdb::{NAME, SumDb};
use super::tree::Tree;
use super::{Access, Index, Offer, archive_magic, modules};
use crate::download::{Artefact, Place};
use crate::error::{At, Error, Result};
use crate::fs;
use crate::index::{self, File, Form, Release};
use crate::platform::Platform;

/// A mirror in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dir {
    root: PathBuf,
}

impl Dir {
    pub(super) fn new(root: PathBuf) -> Dir {
        Dir { root }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where archives and their side files are.
    pub(super) fn archives(&self) -> Tree {
        let dl = self.root.join("dl");
        Tree::Folder(if dl.is_dir() { dl } else { self.root.clone() })
    }

    fn tree(&self) -> Tree {
        Tree::Folder(self.root.clone())
    }

    pub(super) fn list(&self) -> Result<Index> {
        if !self.root.is_dir() {
            return Err(Error::network(format!("there is no folder {}", self.root.display()))
                .hint("is the disk or share that holds it mounted?"));
        }
        let mut releases = self.archive_releases()?;
        releases.extend(modules::local_modules(&self.tree())?);
        index::sort(&mut releases);
        Ok(Index { releases, notes: Vec::new() })
    }

    fn archive_releases(&self) -> Result<Vec<Release>> {
        let Tree::Folder(dir) = self.archives() else { return Ok(Vec::new()) };
        let mut known = manifest(&dir)?;
        let mut releases = Vec::new();
        for name in fs::names(&dir)? {
            let Some(name) = name.to_str() else { continue };
            let Some((version, platform)) = index::parse_archive_name(name) else { continue };
            let (stable, sha256, size) = match known.remove(name) {
                Some((stable, file)) => (stable, file.sha256, file.size),
                None => (false, None, None),
            };
            let file = File { filename: name.to_owned(), platform, form: Form::Archive, sha256, size };
            releases.push(Release { version, stable, files: vec![file] });
        }
        Ok(releases)
    }

    /// The archive first, then the module.
    pub(super) fn offers(&self, version: Version, platform: &Platform) -> Result<Vec<Offer>> {
        let releases = self.list()?.releases;
        let files = releases.iter().filter(|release| release.version == version).flat_map(|release| &release.files);
        files.filter(|file| file.platform == *platform).map(|file| self.offer(version, file)).collect()
    }

    fn offer(&self, version: Version, file: &File) -> Result<Offer> {
        if file.form == Form::Module {
            return Ok(modules::offer(&self.tree(), version, &file.platform));
        }
        let place = self.archives().place(&file.filename);
        let artefact = Artefact {
            size: Some(match (file.size, &place) {
                (Some(size), _) => size,
                (None, Place::File(path)) => std::fs::metadata(path).at("read", path)?.len(),
                (None, Place::Url(_)) => 0,
            }),
            place,
            sha256: file.sha256,
            magic: archive_magic(&file.filename),
            immutable: false,
        };
        let filename = file.filename.clone();
        Ok(Offer {
            form: Form::Archive,
            version,
            platform: file.platform.clone(),
            filename,
            artefact,
            notes: Vec::new(),
        })
    }

    /// The part of the checksum database that the folder holds, if it holds any.
    pub(super) fn sumdb<'a>(&self, access: &Access<'a>) -> Option<SumDb<'a>> {
        let held = self.root.join("sumdb").join(NAME).is_dir();
        held.then(|| SumDb::within(access.client, &self.tree()))
    }
}

/// What `index.json` says of each file; nothing if there is none.
fn manifest(dir: &Path) -> Result<BTreeMap<String, (bool, File)>> {
    let path = dir.join("index.json");
    let Some(bytes) = fs::read_bytes(&path)? else { return Ok(BTreeMap::new()) };
    let releases = index::parse_dl(&bytes).map_err(|cause| {
        Error::untrusted(format!("{} cannot be used as an index", path.display()))
            .because(cause)
            .hint("write it again, or remove it: gv does not need it")
    })?;
    let files = releases
        .into_iter()
        .flat_map(|release| release.files.into_iter().map(move |file| (file.filename.clone(), (release.stable, file))));
    Ok(files.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    fn linux() -> Platform {
        Platform { os: "linux".to_owned(), arch: "amd64".to_owned() }
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let modules = dir.path().join("golang.org/toolchain/@v");
        std::fs::create_dir_all(&modules).unwrap();
        for name in ["go1.22.0.linux-amd64.tar.gz", "go1.22.0.linux-amd64.tar.gz.asc", "notes.txt", "go1.zip"] {
            std::fs::write(dir.path().join(name), "1234567").unwrap();
        }
        for name in ["v0.0.1-go1.22.0.linux-amd64.zip", "v0.0.1-go1.21.0.linux-amd64.zip", "list"] {
            std::fs::write(modules.join(name), "").unwrap();
        }
        dir
    }

    #[test]
    fn what_is_there_is_listed_and_the_archive_goes_before_the_module() {
        let dir = folder();
        let source = Dir::new(dir.path().to_owned());
        let versions: Vec<_> = source.list().unwrap().releases.iter().map(|release| release.version).collect();
        assert_eq!(versions, [Version::release(1, 21, 0), Version::release(1, 22, 0)]);
        let offers = source.offers(Version::release(1, 22, 0), &linux()).unwrap();
        assert_eq!(offers.iter().map(|offer| offer.form).collect::<Vec<_>>(), [Form::Archive, Form::Module]);
        assert_eq!(offers[0].artefact.size, Some(7));
        assert!(source.offers(Version::release(1, 20, 0), &linux()).unwrap().is_empty());
    }

    #[test]
    fn row_52_an_index_adds_hashes_and_a_malformed_one_is_refused() {
        let dir = folder();
        let source = Dir::new(dir.path().to_owned());
        let hash = "ab".repeat(32);
        let index = format!(
            r#"[{{"version":"go1.22.0","stable":true,"files":[{{"filename":"go1.22.0.linux-amd64.tar.gz","os":"linux",
            "arch":"amd64","sha256":"{hash}","size":8,"kind":"archive"}},{{"filename":"go1.22.0.linux-arm64.tar.gz",
            "os":"linux","arch":"arm64","sha256":"{hash}","size":8,"kind":"archive"}}]}}]"#
        );
        std::fs::write(dir.path().join("index.json"), index).unwrap();
        let offers = source.offers(Version::release(1, 22, 0), &linux()).unwrap();
        assert_eq!(offers[0].artefact.sha256.unwrap().to_string(), hash);
        assert_eq!(offers[0].artefact.size, Some(8));
        let arm = Platform { os: "linux".to_owned(), arch: "arm64".to_owned() };
        assert!(source.offers(Version::release(1, 22, 0), &arm).unwrap().is_empty());
        std::fs::write(dir.path().join("index.json"), "<html>").unwrap();
        assert_eq!(source.list().unwrap_err().exit(), Exit::Untrusted);
    }

    #[test]
    fn a_folder_that_is_not_there_cannot_answer() {
        let error = Dir::new(PathBuf::from("/nowhere/at/all")).list().unwrap_err();
        assert_eq!(error.exit(), Exit::Network);
    }
}
