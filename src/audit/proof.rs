//! The proofs in a receipt, checked again without the network.

use std::time::SystemTime;

use gv_shim::version::Version;

use crate::config::Trust;
use crate::error::{Error, Exit, Result};
use crate::index::{self, MODULE, module_version};
use crate::store::{OpenPgp, SumDb, Summary};
use crate::verify::openpgp::{Detached, Keyring};
use crate::verify::sumdb::{Record, VerifierKey, tlog::Hash};

/// What became of one proof. One that fails is a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The receipt has none.
    Absent,
    /// It holds.
    Holds,
    /// The receipt lacks what it takes to check it again: an older gv wrote it.
    Unchecked,
}

impl Link {
    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Link::Absent => "absent",
            Link::Holds => "holds",
            Link::Unchecked => "unchecked",
        }
    }
}

/// What the proofs of a receipt are worth.
pub(super) struct Proofs {
    pub(super) signature: Link,
    /// The module that the files make up and its `h1:`, from a record that is proven.
    pub(super) record: Option<(String, String)>,
    pub(super) doubts: Vec<Error>,
}

impl Proofs {
    /// # Errors
    /// The roots of trust cannot be read.
    pub(super) fn check(
        summary: &Summary,
        version: &Version,
        keyring: impl FnOnce() -> Result<Keyring>,
        database_key: &VerifierKey,
    ) -> Result<Proofs> {
        let mut proofs = Proofs { signature: Link::Absent, record: None, doubts: Vec::new() };
        if summary.version != version.to_string() {
            let error = Error::untrusted(format!("its receipt is that of go {}", summary.version.escape_debug()));
            proofs.doubts.push(error);
        }
        if let Some(signature) = &summary.proof.openpgp {
            match check_signature(signature, &keyring()?) {
                Ok(link) => proofs.signature = link,
                Err(error) => proofs.doubt(error.during("the signature in its receipt does not hold"))?,
            }
        }
        if let Some(record) = &summary.proof.sumdb {
            match check_record(record, summary, version, database_key) {
                Ok(record) => proofs.record = Some(record),
                Err(error) => proofs.doubt(error.during("the record in its receipt does not hold"))?,
            }
        }
        Ok(proofs)
    }

    pub(super) fn database(&self) -> Link {
        if self.record.is_some() { Link::Holds } else { Link::Absent }
    }

    fn doubt(&mut self, error: Error) -> Result<()> {
        if error.exit() != Exit::Untrusted {
            return Err(error);
        }
        self.doubts.push(error);
        Ok(())
    }

    /// What the policy asks for and the receipt does not have.
    pub(super) fn lacking(&self, trust: Trust) -> Option<Error> {
        let (signature, record) = (self.signature != Link::Absent, self.record.is_some());
        match trust {
            Trust::Any if !signature && !record => {
                Some(Error::untrusted("nothing proves it: only a checksum was compared when it was installed"))
            }
            Trust::All if !(signature && record) => Some(Error::untrusted(format!(
                "its receipt has no {}, and trust = \"all\" asks for both proofs",
                if signature { "record of the checksum database" } else { "signature" }
            ))),
            Trust::Any | Trust::All | Trust::Checksum => None,
        }
    }
}

fn check_signature(kept: &OpenPgp, keyring: &Keyring) -> Result<Link> {
    let detached = Detached::parse(kept.signature.as_bytes())?;
    let holds = keyring.verify_again(&detached, kept.digest.as_deref(), SystemTime::now())?;
    Ok(if holds { Link::Holds } else { Link::Unchecked })
}

/// The module's name with version, and its `h1:`.
fn check_record(kept: &SumDb, summary: &Summary, version: &Version, key: &VerifierKey) -> Result<(String, String)> {
    let platform = summary.platform.split_once('-').and_then(|(os, arch)| index::platform(os, arch));
    let platform = platform
        .ok_or_else(|| Error::untrusted(format!("{} is no platform that Go knows", summary.platform.escape_debug())))?;
    let record = Record {
        module: MODULE.to_owned(),
        version: module_version(*version, &platform),
        id: kept.id,
        text: kept.record.clone(),
        note: kept.note.clone(),
        proof: kept.inclusion.iter().map(|hash| hash.parse::<Hash>()).collect::<Result<_>>()?,
    };
    record.verify_offline(key)?;
    Ok((format!("{MODULE}@{}", record.version), record.h1()?.to_owned()))
}
