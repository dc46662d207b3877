//! Installing, once for every kind of source: lock the version → stage → download, hash and unpack in one pass
//! → prove → check → publish under the store's lock.

mod fetch;
mod forms;
mod prove;
mod pump;
mod space;

use gv_shim::version::Version;

use crate::config::Trust;
use crate::download::{self, Place};
use crate::error::{Error, Exit, Result};
use crate::fs;
use crate::platform::Platform;
use crate::source::{Access, Offer, Source};
use crate::store::{Generation, Proven, Staging, Store, VersionLock};
use crate::ui::Ui;
use crate::verify::Roots;
use fetch::Fetch;
use prove::{Dropped, Prover};

/// Installs toolchains from a list of sources; shared by the threads that install several.
pub struct Installer<'a> {
    /// Where they go.
    pub store: &'a Store,
    /// Where they come from, in order.
    pub sources: &'a [Source],
    /// The network and the cache.
    pub access: Access<'a>,
    /// The roots of trust.
    pub roots: &'a Roots,
    /// What proof is needed.
    pub trust: Trust,
    /// Threads that write files.
    pub writers: usize,
    /// Keep archives in the cache.
    pub keep: bool,
    /// The person at the terminal.
    pub ui: &'a Ui,
}

/// What to install, and how.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The version.
    pub version: Version,
    /// Make it current. The first toolchain becomes so anyway.
    pub switch: bool,
    /// Install it again if it is there.
    pub force: bool,
}

/// What was done.
#[derive(Debug)]
pub struct Done {
    /// The version.
    pub version: Version,
    /// It was there before.
    pub already: bool,
    /// The generation, if it was made current.
    pub flipped: Option<Generation>,
}

impl Installer<'_> {
    /// Installs one version.
    pub fn install(&self, request: Request, platform: &Platform) -> Result<Done> {
        let version = request.version;
        if !request.force && self.store.has(&version) {
            return self.already(request);
        }
        let lock = self.store.lock_version(&version, self.ui)?;
        // Another process may have installed it while this one waited.
        if !request.force && self.store.has(&version) {
            return self.already(request);
        }
        let flipped = self.bring(&lock, platform, |proven| self.publish(proven, request))?;
        Ok(Done { version, already: false, flipped })
    }

    /// Fetches an installed version again and puts it in the place of the one that is there, which stays until then.
    /// Nothing else changes: what is current stays so.
    pub fn repair(&self, version: &Version, platform: &Platform) -> Result<()> {
        let lock = self.store.lock_version(version, self.ui)?;
        self.bring(&lock, platform, |proven| {
            let mut locked = self.store.lock(self.ui)?;
            if self.store.has(proven.version()) {
                return locked.replace(proven);
            }
            Err(Error::not_installed(format!("go {version} was removed meanwhile"))
                .hint(format!("`gv install {version}` installs it")))
        })
    }

    /// Stages and proves a version, and hands it to `place`; whatever fails, nothing unpacked is left.
    fn bring<T>(&self, lock: &VersionLock, platform: &Platform, place: impl FnOnce(Proven) -> Result<T>) -> Result<T> {
        let staging = Staging::begin(self.store, lock)?;
        let tree = staging.tree();
        let dir = self.store.layout().staging();
        let placed = self
            .obtain(staging, lock.version(), platform)
            .and_then(|proven| place(proven).map_err(|error| space::at_the_end(error, &dir)));
        if placed.is_err() {
            // The first error is the one to report; a leftover is swept later.
            drop(fs::remove_tree(&tree));
        }
        placed
    }

    fn publish(&self, proven: Proven, request: Request) -> Result<Option<Generation>> {
        let mut locked = self.store.lock(self.ui)?;
        if self.store.has(&request.version) {
            locked.replace(proven)?;
        } else {
            locked.publish(proven)?;
        }
        self.switch(&mut locked, request)
    }

    /// Nothing to fetch; but a crash may have left the links and the first flip undone.
    fn already(&self, request: Request) -> Result<Done> {
        let layout = self.store.layout();
        let whole = layout.shims().join(request.version.go().as_str()).exists() && self.store.active()?.is_some();
        let flipped = if whole && !request.switch {
            self.store.mend(self.ui)?;
            None
        } else {
            let mut locked = self.store.lock(self.ui)?;
            self.switch(&mut locked, request)?
        };
        Ok(Done { version: request.version, already: true, flipped })
    }

    fn switch(&self, locked: &mut crate::store::Locked<'_>, request: Request) -> Result<Option<Generation>> {
        if !request.switch && self.store.active()?.is_some() {
            return Ok(None);
        }
        locked.flip(&request.version, &format!("install {}", request.version))
    }

    /// Asks the sources in order. One that cannot answer is passed over; one whose bytes were not what they
    /// should be is dropped, and said to be.
    fn obtain(&self, staging: Staging, version: &Version, platform: &Platform) -> Result<Proven> {
        let mut failures = Vec::new();
        let dropped = Dropped::default();
        for source in self.sources {
            if dropped.has(source) {
                failures.push(Error::untrusted(format!("{source} was dropped for a proof that was none")));
                continue;
            }
            let error = match self.try_source(source, &staging, &dropped, version, platform) {
                Ok(Some(tree)) => return tree.prove(staging, self.trust == Trust::Checksum),
                Ok(None) => Error::not_installed(format!("{source} has no go {version} for {platform}")),
                Err(error) if error.is_conclusive() => {
                    staging.discard()?;
                    return Err(error);
                }
                Err(error) if !matches!(error.exit(), Exit::Network | Exit::Untrusted) => {
                    staging.abandon()?;
                    return Err(error);
                }
                Err(error) => error,
            };
            if error.exit() == Exit::Untrusted {
                self.ui.warn(format_args!("{source} is not trusted for go {version}: {error}"));
                dropped.add(source);
            } else {
                self.ui.verbose(format_args!("{source} cannot answer: {error}"));
            }
            failures.push(error);
        }
        let error = self.no_source(version, platform, failures);
        if error.exit() == Exit::Untrusted {
            staging.discard()?;
        } else {
            staging.abandon()?;
        }
        Err(error)
    }

    fn try_source(
        &self,
        source: &Source,
        staging: &Staging,
        dropped: &Dropped,
        version: &Version,
        platform: &Platform,
    ) -> Result<Option<fetch::FetchedTree>> {
        let prover = Prover {
            access: self.access,
            sources: self.sources,
            dropped,
            ui: self.ui,
            roots: self.roots,
            store: self.store,
        };
        // The rest of something is asked for by what is known of it, so it cannot be asked for before.
        let fresh = !staging.partial().exists();
        let mut early = fresh.then(|| source.ask_early(&self.access, *version, platform)).flatten();
        let Some(offer) = self.choose(prover, source, version, platform)? else { return Ok(None) };
        for note in &offer.notes {
            self.ui.warn(note);
        }
        self.ui.verbose(format_args!("fetching {}", offer.artefact.place));
        let bar = self.ui.transfer(format!("go {version}"), offer.artefact.size);
        let fetch =
            Fetch { prover, source, offer: &offer, trust: self.trust, writers: self.writers, staging, bar: &bar };
        let fetched = download::restarting(|| fetch.attempt(early.take()))?;
        if self.keep {
            self.keep_archive(staging, &offer)?;
        }
        Ok(Some(fetched))
    }

    /// What lies in a folder is kept there already, and a partial download beside it is another source's.
    fn keep_archive(&self, staging: &Staging, offer: &Offer) -> Result<()> {
        let archives = self.access.cache.join("archives");
        if matches!(offer.artefact.place, Place::Url(_)) && staging.partial().exists() {
            fs::create_dir_all(&archives)?;
            // Its name says what is in it, so that has to be on the disk before.
            fs::sync_file(&staging.partial())?;
            fs::rename(&staging.partial(), &archives.join(&offer.filename))?;
        }
        Ok(())
    }

    /// One error for all sources: the gravest kind, every reason, and the nearest versions there are.
    fn no_source(&self, version: &Version, platform: &Platform, mut failures: Vec<Error>) -> Error {
        if failures.len() == 1 {
            let only = failures.remove(0);
            return self.with_nearest(only, version, platform);
        }
        let is_any = |exit: Exit| failures.iter().any(|failure| failure.exit() == exit);
        let exit = [Exit::Untrusted, Exit::Network].into_iter().find(|exit| is_any(*exit));
        let error = Error::new(
            exit.unwrap_or(Exit::NotInstalled),
            format!("no source could provide go {version} for {platform}"),
        );
        self.with_nearest(failures.iter().fold(error, Error::beside), version, platform)
    }

    fn with_nearest(&self, error: Error, version: &Version, platform: &Platform) -> Error {
        if error.exit() == Exit::Untrusted {
            return error;
        }
        let near = self.nearest(version, platform);
        if near.is_empty() {
            return error;
        }
        let near: Vec<String> = near.iter().map(ToString::to_string).collect();
        error.hint(format!("the nearest versions there are: {}", near.join(", ")))
    }

    /// Up to four releases around a version that none of the sources has; none where it is there, or nobody can tell.
    fn nearest(&self, version: &Version, platform: &Platform) -> Vec<Version> {
        let lists = self.sources.iter().filter_map(|source| source.list(&self.access, platform).ok());
        let Some(versions) = lists.map(|list| list.releases).find(|releases| !releases.is_empty()) else {
            return Vec::new();
        };
        let versions: Vec<Version> = versions.iter().map(|release| release.version).collect();
        let at = versions.partition_point(|other| other < version);
        if versions.get(at) == Some(version) {
            return Vec::new();
        }
        versions[at.saturating_sub(2)..versions.len().min(at + 2)].to_vec()
    }
}
