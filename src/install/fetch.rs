//! One offer of one source, from its first byte to a proven toolchain in staging.

use std::io::{self, Read, Write};
use std::path::Path;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::SystemTime;

use gv_shim::version::Version;

use super::prove::{Need, Possible, Prover, Signature, agree, kept_signature, module};
use super::pump::pump;
use super::space::Space;
use crate::config::Trust;
use crate::download::{Complete, Place, Setback};
use crate::error::{Error, Exit, Result};
use crate::net::Early;
use crate::platform::Platform;
use crate::sha256::Sha256;
use crate::source::{Form, Offer, Source};
use crate::store::{FileRow, OpenPgp, Proof, Proven, Receipt, SCHEMA, Staged, Staging, Summary, timestamp};
use crate::ui::Bar;
use crate::unpack::{self, Limits, Tree, TreeWriter};
use crate::verify::h1;
use crate::verify::openpgp::{Hasher, Keyring};
use crate::verify::sumdb::Record;
use crate::{fs, keys};

/// What is fetched, how it has to be proven, and where it goes.
pub(super) struct Fetch<'a> {
    pub(super) prover: Prover<'a>,
    pub(super) source: &'a Source,
    pub(super) offer: &'a Offer,
    pub(super) trust: Trust,
    pub(super) writers: usize,
    pub(super) staging: &'a Staging,
    pub(super) bar: &'a Bar,
}

/// What came of the bytes: unpacked, hashed, and judged by whatever proof was asked for.
struct Arrived {
    tree: Tree,
    complete: Complete,
    proof: Proof,
    h1: String,
}

/// Bytes on their way to the unpacker, which also go into the signature's hash.
struct Tee<'a, R> {
    source: R,
    hasher: Option<&'a mut Hasher>,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.write_all(&buffer[..count])?;
        }
        Ok(count)
    }
}

impl Fetch<'_> {
    /// Downloads, unpacks and proves. One attempt; [`Setback::Restart`] asks for another, for which nothing can have been
    /// asked `early`.
    pub(super) fn attempt(&self, early: Option<Early>) -> Result<FetchedTree, Setback> {
        let need = Need::of(self.trust, Possible::of(self.offer.form, &self.version(), self.platform()), self.offer)?;
        fs::remove_tree(&self.staging.tree())?;
        let space = self.room(self.offer.artefact.size)?;
        let mut arrived = std::thread::scope(|scope| self.arrive(scope, need, &space, early))?;
        unpack::check_toolchain(&self.staging.tree(), &arrived.tree, self.version(), self.platform())
            .map_err(|error| self.doubt(error, &arrived.complete))?;
        if self.offer.form == Form::Archive && arrived.proof.openpgp.is_none() && arrived.proof.sumdb.is_some() {
            self.drop_unproven(&mut arrived.tree)?;
        }
        Ok(FetchedTree { receipt: self.receipt(&arrived), proof: arrived.proof })
    }

    /// Body, signature and record are asked for at the same time.
    fn arrive<'scope, 'env: 'scope>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        need: Need,
        space: &Space,
        early: Option<Early>,
    ) -> Result<Arrived, Setback> {
        let mut record = need.record.then(|| self.ask_record(scope));
        self.receive(scope, need, space, early, &mut record).map_err(|setback| caught(record).unwrap_or(setback))
    }

    /// Leaves `record` to the caller if the bytes fail before it was looked at.
    fn receive<'scope, 'env: 'scope>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        need: Need,
        space: &Space,
        early: Option<Early>,
        record: &mut Option<Asked<'scope>>,
    ) -> Result<Arrived, Setback> {
        let signature = need.signature.then(|| scope.spawn(|| self.prover.signature(self.source, self.offer)));
        let mut download = self
            .offer
            .download(&self.prover.access, &self.staging.partial(), self.bar, early)
            .map_err(|failure| space.explain(Setback::Failed(failure.error)))?;
        // A size that no list has told is told by the answer.
        let space = self.room(download.size())?;
        let signature = signature.map(join).transpose()?.flatten();
        if signature.is_none() && need.either {
            *record = Some(self.ask_record(scope));
        } else if signature.is_none() && need.signature {
            return Err(self.unsigned().into());
        }
        let mut hasher = signature.as_ref().map(|signature| signature.detached.hasher()).transpose()?;
        let mut tee = Tee { source: &mut download, hasher: hasher.as_mut() };
        let unpacked = pump(&mut tee, |input| self.unpack(input));
        self.bar.set_message(format!("proving {}", self.version()));
        let (tree, complete) = download.settle(unpacked).map_err(|setback| space.explain(setback))?;
        let h1 = self.h1(&tree);
        self.judge(signature.zip(hasher), record.take().map(join).transpose()?, &h1)
            .map(|proof| Arrived { tree, proof, h1, complete: complete.clone() })
            .map_err(|error| self.doubt(error, &complete))
    }

    /// The room for a file of so many bytes: beside what it unpacks to lies what is downloaded, as far as it is not there
    /// yet. A file of this machine is read where it lies.
    fn room(&self, packed: Option<u64>) -> Result<Space> {
        Space::check(self.staging.dir(), packed, |packed| match self.offer.artefact.place {
            Place::Url(_) => {
                let there = std::fs::metadata(self.staging.partial()).map_or(0, |meta| meta.len());
                packed.saturating_sub(there)
            }
            Place::File(_) => 0,
        })
    }

    fn ask_record<'scope, 'env: 'scope>(&'env self, scope: &'scope Scope<'scope, 'env>) -> Asked<'scope> {
        scope.spawn(|| self.prover.record(self.source, &self.version(), self.platform()))
    }

    fn unpack(&self, input: impl Read) -> Result<Tree> {
        let form = match self.offer.form {
            Form::Archive => unpack::Form::Archive,
            Form::Module => unpack::Form::Module { version: self.version(), platform: self.platform().clone() },
        };
        let limits = Limits::for_size(self.offer.artefact.size);
        let writer = TreeWriter::create(&self.staging.tree(), &form, limits, self.writers)?;
        let is_zip = Path::new(&self.offer.filename).extension().is_some_and(|ending| ending == "zip");
        if is_zip { unpack::zip(input, writer) } else { unpack::targz(input, writer) }
    }

    fn judge(&self, signature: Option<(Signature, Hasher)>, record: Option<Record>, h1: &str) -> Result<Proof> {
        let openpgp = signature.map(|(signature, hasher)| self.check_signature(&signature, hasher)).transpose()?;
        if let Some(record) = &record {
            agree(record, h1)?;
        }
        let sumdb = record.map(|record| self.prover.kept_record(&record)).transpose()?;
        Ok(Proof { openpgp, sumdb })
    }

    /// The checksum database knows the module, which lacks four folders of the archive: about these it says
    /// nothing, and what is not proven is not published. Nor does its hash tell `_go.mod` from `go.mod`, or what
    /// is executable.
    fn drop_unproven(&self, tree: &mut Tree) -> Result<()> {
        for folder in h1::ARCHIVE_ONLY {
            fs::remove_tree(&self.staging.tree().join(folder))?;
        }
        tree.files.retain(|file| !h1::left_out_of_module(&file.path));
        unpack::check_packing(tree)
    }

    fn check_signature(&self, signature: &Signature, hasher: Hasher) -> Result<OpenPgp> {
        let keyring: Keyring = keys::keyring(self.prover.roots, self.prover.store.layout())?;
        let signer = keyring
            .verify(&signature.detached, hasher, SystemTime::now())
            .map_err(|error| error.during(format!("cannot prove {} authentic", self.offer.filename)))?;
        Ok(kept_signature(signature, &signer))
    }

    /// Bytes that came in pieces are worth one more try from 0 before their source is dropped. An error that says nothing
    /// about the bytes leaves them for the next run.
    fn doubt(&self, error: Error, complete: &Complete) -> Setback {
        if error.exit() != Exit::Untrusted {
            return Setback::Failed(error);
        }
        if let Err(removal) = crate::download::discard(&self.staging.partial()) {
            return Setback::Failed(error.because(removal));
        }
        if complete.resumed && !error.is_conclusive() { Setback::Restart(error) } else { Setback::Failed(error) }
    }

    fn unsigned(&self) -> Error {
        Error::untrusted(format!("nothing proves {}", self.offer.filename))
            .because("no source has its signature, and for this archive the checksum database cannot stand in")
            .hint("add a source that has signatures, such as `dl`, or `goproxy`, whose modules the checksum database proves")
    }

    fn h1(&self, tree: &Tree) -> String {
        let form = match self.offer.form {
            Form::Archive => h1::Form::Archive,
            Form::Module => h1::Form::Module,
        };
        let files = tree.files.iter().map(|file| (file.path.as_str(), Sha256(file.sha256)));
        h1::toolchain_h1(&module(&self.version(), self.platform()), form, files)
    }

    fn receipt(&self, arrived: &Arrived) -> Receipt {
        let files = arrived.tree.files.iter().map(|file| FileRow {
            path: file.path.clone(),
            size: file.size,
            executable: file.executable,
            sha256: Sha256(file.sha256).to_string(),
        });
        let summary = Summary {
            schema: SCHEMA,
            version: self.version().to_string(),
            platform: self.platform().to_string(),
            form: if self.offer.form == Form::Module { "module" } else { "archive" }.to_owned(),
            source: self.source.to_string(),
            url: self.offer.artefact.place.to_string(),
            size: arrived.complete.size,
            sha256: arrived.complete.sha256.to_string(),
            h1: Some(arrived.h1.clone()),
            proof: Proof::default(),
            installed_at: timestamp(SystemTime::now()),
            gv: env!("CARGO_PKG_VERSION").to_owned(),
            unpacked_files: arrived.tree.files.len() as u64,
            unpacked_size: arrived.tree.size(),
        };
        Receipt { summary, files: files.collect() }
    }

    fn version(&self) -> Version {
        self.offer.version
    }

    fn platform(&self) -> &Platform {
        &self.offer.platform
    }
}

/// A toolchain in staging with its receipt and what proves it.
pub(super) struct FetchedTree {
    receipt: Receipt,
    proof: Proof,
}

impl FetchedTree {
    /// `unproven` says that the user asked for the checksum alone.
    pub(super) fn prove(self, staging: Staging, unproven: bool) -> Result<Proven> {
        Staged::new(staging, self.receipt).prove(self.proof, unproven)
    }
}

/// The question for a record, under way.
type Asked<'scope> = ScopedJoinHandle<'scope, Result<Record>>;

/// A database caught with two histories ends the run, whatever became of the bytes meanwhile.
fn caught(record: Option<Asked<'_>>) -> Option<Setback> {
    record.and_then(|record| join(record).err()).filter(Error::is_conclusive).map(Setback::Failed)
}

/// The scope's threads end in a value: a panic ends the process.
fn join<T>(handle: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    handle.join().unwrap_or_else(|_| Err(Error::failed("a thread of gv failed")))
}
