//! Which form is fetched from a source that has two: a folder may hold the archive and the module of one version.

use gv_shim::version::Version;

use super::Installer;
use super::prove::{Need, Possible, Prover};
use crate::config::Trust;
use crate::error::Result;
use crate::platform::Platform;
use crate::source::{Offer, Source};

impl Installer<'_> {
    /// The first form that can have the proof which the policy wants. Where none can, the first of all, whose refusal
    /// names what is missing. Whether the proof then holds is another question: bytes that fail theirs drop the source,
    /// and its other form with it.
    pub(super) fn choose(
        &self,
        prover: Prover<'_>,
        source: &Source,
        version: &Version,
        platform: &Platform,
    ) -> Result<Option<Offer>> {
        let mut offers = source.offers(&self.access, *version, platform)?;
        for offer in &mut offers {
            self.complete(source, offer)?;
        }
        // A form that is alone is fetched at once: it looks for its proofs while its bytes arrive.
        let alone = offers.len() == 1;
        for at in 0..offers.len() {
            if alone || self.is_provable(prover, source, &offers[at])? {
                return Ok(Some(offers.swap_remove(at)));
            }
        }
        Ok(offers.into_iter().next())
    }

    /// An empty hash in the index may be made good by the side file; it is a check, and no proof.
    fn complete(&self, source: &Source, offer: &mut Offer) -> Result<()> {
        if offer.artefact.sha256.is_none() && self.trust == Trust::Checksum {
            offer.artefact.sha256 = source.sha256(&self.access, offer)?;
        }
        Ok(())
    }

    /// Whether all that the policy wants of this form is there to be had. What the checksum database knows, it knows of
    /// both forms, so it is not asked for the choice.
    fn is_provable(&self, prover: Prover<'_>, source: &Source, offer: &Offer) -> Result<bool> {
        let possible = Possible::of(offer.form, &offer.version, &offer.platform);
        match Need::of(self.trust, possible, offer) {
            Ok(need) if need.signature && !need.either => Ok(prover.signature(source, offer)?.is_some()),
            Ok(_) => Ok(true),
            Err(_) => Ok(false),
        }
    }
}
