//! Which proofs an artefact needs and can have, and where they are found.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use gv_shim::version::Version;

use crate::config::Trust;
use crate::error::{Error, Exit, Result};
use crate::platform::Platform;
use crate::source::{Access, Form, Offer, Source};
use crate::store;
use crate::ui::Ui;
use crate::verify::Roots;
use crate::verify::openpgp::{Detached, Signer};
use crate::verify::sumdb::{Database, Record};

/// The first line whose archives are packed so that the module's `h1:` can be computed from them.
const FIRST_REPRODUCIBLE: Version = Version::release(1, 21, 0);

/// Which proofs an artefact can have; the table in design and README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Possible {
    /// Google signs archives, never modules.
    pub(super) signature: bool,
    /// The checksum database knows modules; an archive of 1.21 or later holds the same files, but for darwin's,
    /// which are signed after packing.
    pub(super) record: bool,
}

impl Possible {
    pub(super) fn of(form: Form, version: &Version, platform: &Platform) -> Possible {
        match form {
            Form::Module => Possible { signature: false, record: true },
            Form::Archive => {
                let same_files = matches!(platform.os.as_str(), "linux" | "windows");
                // A release candidate of 1.21 was packed by the same rule as 1.21.0.
                let reproducible = version.line() >= FIRST_REPRODUCIBLE.line();
                Possible { signature: true, record: same_files && reproducible }
            }
        }
    }
}

/// What has to be gathered for one artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) signature: bool,
    pub(super) record: bool,
    /// A record will do where there is no signature.
    pub(super) either: bool,
}

impl Need {
    /// # Errors
    /// [`Exit::Untrusted`] names the artefact that cannot have what the policy asks for.
    pub(super) fn of(trust: Trust, possible: Possible, offer: &Offer) -> Result<Need> {
        match trust {
            Trust::Checksum if offer.artefact.sha256.is_none() => {
                Err(Error::untrusted(format!("{} comes without a checksum", offer.filename))
                    .hint("`--trust any` proves it by the checksum database or a signature"))
            }
            Trust::Checksum => Ok(Need { signature: false, record: false, either: false }),
            Trust::Any => Ok(Need {
                signature: possible.signature,
                record: !possible.signature,
                either: possible.signature && possible.record,
            }),
            Trust::All if possible.signature && possible.record => {
                Ok(Need { signature: true, record: true, either: false })
            }
            Trust::All => {
                let lacks = if possible.signature {
                    "a record in the checksum database for these bytes"
                } else {
                    "an OpenPGP signature"
                };
                Err(Error::untrusted(format!(
                    "{} cannot have {lacks}, and trust = \"all\" asks for both proofs",
                    offer.filename
                ))
                .hint("use a `dl` source with an archive of 1.21 or later, or `--trust any`"))
            }
        }
    }
}

/// A signature that was found, with its text and place for the receipt.
pub(super) struct Signature {
    pub(super) detached: Detached,
    pub(super) text: String,
    pub(super) place: String,
}

/// The sources that are asked no more: what one of them said was not what it should be.
#[derive(Default)]
pub(super) struct Dropped(Mutex<Vec<Source>>);

impl Dropped {
    pub(super) fn add(&self, source: &Source) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(source.clone());
    }

    pub(super) fn has(&self, source: &Source) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(source)
    }
}

/// Finds proofs: bytes and proofs are separate questions, so every source is asked.
#[derive(Clone, Copy)]
pub(super) struct Prover<'a> {
    pub(super) access: Access<'a>,
    pub(super) sources: &'a [Source],
    pub(super) dropped: &'a Dropped,
    pub(super) ui: &'a Ui,
    pub(super) roots: &'a Roots,
    pub(super) store: &'a store::Store,
}

impl Prover<'_> {
    /// The signature of an archive: from the source that offers it, else from any other. `None` if no source
    /// has one or can be asked.
    pub(super) fn signature(&self, from: &Source, offer: &Offer) -> Result<Option<Signature>> {
        let others = self.sources.iter().filter(|source| *source != from);
        for source in std::iter::once(from).chain(others).filter(|source| !self.dropped.has(source)) {
            match self.signature_of(source, offer) {
                Ok(None) => {}
                Err(error) if error.exit() == Exit::Network => {}
                Err(error) => self.blame(source, from, error)?,
                found => return found,
            }
        }
        Ok(None)
    }

    fn signature_of(&self, source: &Source, offer: &Offer) -> Result<Option<Signature>> {
        let Some(bytes) = source.signature(&self.access, offer)? else { return Ok(None) };
        let place = format!("{}.asc from {source}", offer.filename);
        let detached =
            Detached::parse(&bytes).map_err(|error| error.during(format!("cannot use the signature {place}")))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Some(Signature { detached, text, place }))
    }

    /// What a source other than that of the bytes said wrong is held against it alone.
    fn blame(&self, source: &Source, from: &Source, error: Error) -> Result<()> {
        if source == from || error.is_conclusive() || error.exit() != Exit::Untrusted {
            return Err(error);
        }
        self.ui.warn(format_args!("{source} is not trusted: {error}"));
        self.dropped.add(source);
        Ok(())
    }

    /// The checksum database's record of a toolchain, asked for through every source that carries it.
    pub(super) fn record(&self, from: &Source, version: &Version, platform: &Platform) -> Result<Record> {
        let database = self.database()?;
        let module_version = module_version(version, platform);
        let mut last = None;
        for source in self.sources.iter().filter(|source| !self.dropped.has(source)) {
            let answer = match source.sumdb(&self.access) {
                Ok(Some(transport)) => database.lookup(&transport, MODULE, &module_version),
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match answer {
                Err(error) if error.exit() == Exit::Network => last = Some(error),
                Err(error) => self.blame(source, from, error)?,
                found => return found,
            }
        }
        Err(last.unwrap_or_else(|| {
            Error::untrusted("no source carries the checksum database")
                .hint("add a `goproxy` source, or one that has signatures")
        }))
    }

    fn database(&self) -> Result<Database> {
        self.roots.database(&self.store.layout().cache(), self.store.patience(self.ui))
    }

    /// What the receipt keeps of a record.
    pub(super) fn kept_record(&self, record: &Record) -> Result<store::SumDb> {
        Ok(store::SumDb {
            name: self.database()?.name().to_owned(),
            id: record.id,
            record: record.text.clone(),
            note: record.note.clone(),
            inclusion: record.proof.iter().map(ToString::to_string).collect(),
        })
    }
}

/// The module under which Go publishes its toolchains.
const MODULE: &str = "golang.org/toolchain";

fn module_version(version: &Version, platform: &Platform) -> String {
    format!("v0.0.1-{}.{platform}", version.go())
}

/// The module and version of a toolchain: `golang.org/toolchain@v0.0.1-go1.22.3.linux-amd64`.
pub(super) fn module(version: &Version, platform: &Platform) -> String {
    format!("{MODULE}@{}", module_version(version, platform))
}

/// What the receipt keeps of a signature.
pub(super) fn kept_signature(signature: &Signature, signer: &Signer) -> store::OpenPgp {
    store::OpenPgp {
        url: signature.place.clone(),
        primary: signer.primary.clone(),
        subkey: signer.subkey.clone(),
        created: store::timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(signer.created)),
        signature: signature.text.clone(),
        digest: Some(signer.digest.clone()),
    }
}

/// The record's `h1:` has to be that of the files which were unpacked.
pub(super) fn agree(record: &Record, h1: &str) -> Result<()> {
    let published = record.h1()?;
    if published == h1 {
        return Ok(());
    }
    Err(Error::untrusted(format!("these files are not those of {}@{}", record.module, record.version))
        .because(format!("their h1 is {h1}, and the checksum database has {published}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_prove_an_artefact_is_the_design_s_table() {
        let linux = Platform { os: "linux".into(), arch: "amd64".into() };
        let darwin = Platform { os: "darwin".into(), arch: "arm64".into() };
        let both = Possible { signature: true, record: true };
        let signature = Possible { signature: true, record: false };
        let record = Possible { signature: false, record: true };
        let of = |form, text: &str, platform| Possible::of(form, &Version::parse(text.as_bytes()).unwrap(), platform);
        assert_eq!(of(Form::Archive, "1.21.0", &linux), both);
        assert_eq!(of(Form::Archive, "1.20.14", &linux), signature);
        assert_eq!(of(Form::Archive, "1.22.3", &darwin), signature);
        assert_eq!(of(Form::Module, "1.22.3", &darwin), record);
        assert_eq!(of(Form::Module, "1.4.3", &linux), record);
    }
}
