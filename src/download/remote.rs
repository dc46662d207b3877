//! The bytes as they come: what is kept first, then the network, across broken connections.

use std::path::Path;

use super::kept::{Kept, Label};
use super::{Artefact, LARGEST_UNSIZED, Setback, sample};
use crate::error::{Error, Result};
use crate::net::{Backoff, Body, Client, Early, Failure, Kind, Response, Resume, Url};

/// So much progress makes a connection good again: the count of retries starts over.
const GOOD_PROGRESS: u64 = 1 << 20;

/// The state of one remote artefact.
pub(super) struct Remote {
    url: Url,
    pub(super) kept: Kept,
    pub(super) body: Option<Body>,
    early: Option<Early>,
    backoff: Backoff,
    /// Where the present count of retries began.
    mark: u64,
}

pub(super) enum Connected {
    /// A body that begins at the byte wanted.
    Going,
    /// The server has something else now, or no ranges: it all begins anew. Holds the reason.
    Stale(Error),
}

impl Remote {
    /// Opens what is kept; nothing is asked for yet, but for what was asked for early.
    pub(super) fn open(
        client: &Client,
        url: &Url,
        artefact: &Artefact,
        partial: &Path,
        early: Option<Early>,
    ) -> Result<Remote, Failure> {
        let label = Label { url: url.to_string(), validator: None, size: artefact.size, sha256: artefact.sha256 };
        let kept = Kept::open(partial, label, artefact.immutable).map_err(local)?;
        Ok(Remote { url: url.clone(), mark: kept.len, kept, body: None, early, backoff: Backoff::patient(client) })
    }

    pub(super) fn read(
        &mut self,
        buffer: &mut [u8],
        given: u64,
        client: &Client,
        artefact: &Artefact,
        resumed: &mut bool,
    ) -> Result<usize, Setback> {
        if given < self.kept.len {
            let left = usize::try_from(self.kept.len - given).unwrap_or(usize::MAX).min(buffer.len());
            return match self.kept.read(&mut buffer[..left])? {
                0 => Err(Setback::Failed(Error::failed("the partial download was cut while it was read"))),
                count => Ok(count),
            };
        }
        loop {
            let failure = match self.receive(buffer, artefact) {
                Ok(count) => {
                    self.kept.write(&buffer[..count])?;
                    return Ok(count);
                }
                Err(None) => match self.connect(client, artefact) {
                    Ok(Connected::Going) => {
                        *resumed |= self.kept.len > 0;
                        continue;
                    }
                    Ok(Connected::Stale(error)) => {
                        self.kept.clear()?;
                        return Err(Setback::Restart(error));
                    }
                    Err(failure) => failure,
                },
                Err(Some(failure)) => failure,
            };
            self.body = None;
            if self.kept.len >= self.mark + GOOD_PROGRESS {
                (self.mark, self.backoff) = (self.kept.len, Backoff::patient(client));
            }
            self.backoff.wait(failure, client).map_err(|failure| self.give_up(failure))?;
        }
    }

    /// Takes bytes from the present body. `Err(None)` is: there is none.
    fn receive(&mut self, buffer: &mut [u8], artefact: &Artefact) -> Result<usize, Option<Failure>> {
        if self.body.is_none() && self.is_whole(artefact) {
            return Ok(0);
        }
        let body = self.body.as_mut().ok_or(None)?;
        let whole = self.kept.label.size;
        match body.next(buffer) {
            // Without a Content-Length the library takes any end for a proper one.
            Ok(0) if whole.is_some_and(|whole| self.kept.len < whole) => {
                let cause = format!("the connection was closed after {} bytes", self.kept.len);
                Err(Some(Failure::fetching(Kind::Transient(None), &self.url, cause)))
            }
            // All of it is there; how the connection ended does not matter.
            Err(failure) if failure.is_transient() && whole == Some(self.kept.len) => Ok(0),
            other => other.map_err(Some),
        }
    }

    pub(super) fn is_whole(&self, artefact: &Artefact) -> bool {
        self.kept.len > 0 && artefact.size.or(self.kept.label.size) == Some(self.kept.len)
    }

    /// Asks for what is missing. One attempt.
    pub(super) fn connect(&mut self, client: &Client, artefact: &Artefact) -> Result<Connected, Failure> {
        let from = self.kept.len;
        let validator = self.kept.label.validator.clone();
        if from > 0 && validator.is_none() && !artefact.immutable && artefact.sha256.is_none() {
            return Ok(self.stale("it cannot be told whether the rest belongs to what has arrived"));
        }
        let resume = (from > 0).then_some(Resume { from, if_range: validator });
        let mut response = client.open(&self.url, resume.as_ref(), self.early.take())?;
        if let Some(reason) = self.misfit(&response) {
            return Ok(self.stale(reason));
        }
        let whole = match response.content_range {
            Some((_, total)) if response.status == 206 => total,
            _ => response.length,
        };
        if let Err(mut failure) = self.check_size(whole, artefact) {
            // A page in the archive's place is best told by its beginning.
            let mut head = [0; 64];
            if let (0, Ok(count)) = (from, response.body.next(&mut head)) {
                failure.error = failure.error.because(format!("it begins with {}", sample(&head[..count])));
            }
            return Err(failure);
        }
        if from == 0 {
            self.kept.label.validator = validator_of(&response);
            self.kept.label.size = artefact.size.or(whole);
            self.kept.write_label().map_err(local)?;
        }
        self.body = Some(response.body);
        Ok(Connected::Going)
    }

    /// Why an answer does not continue what is there.
    fn misfit(&self, response: &Response) -> Option<&'static str> {
        let from = self.kept.len;
        let etag_changed = || match (&self.kept.label.validator, &response.etag) {
            (Some(old), Some(new)) => old.starts_with('"') && old != new,
            _ => false,
        };
        match (response.status, response.content_range) {
            (200, _) if from == 0 => None,
            (200, _) => Some("the server sends the whole of it again"),
            (206, Some((first, _))) if from > 0 && first == from => {
                etag_changed().then_some("it has changed on the server")
            }
            (206, _) => Some("the server sends another part than was asked for"),
            _ => Some("the server has no such part of it"),
        }
    }

    fn check_size(&self, whole: Option<u64>, artefact: &Artefact) -> Result<(), Failure> {
        let cause = match (whole, artefact.size) {
            (Some(whole), Some(size)) if whole != size => format!("it has {whole} bytes, expected were {size}"),
            (Some(whole), None) if whole > LARGEST_UNSIZED => {
                format!("it has {whole} bytes, more than {} MiB", LARGEST_UNSIZED >> 20)
            }
            _ => return Ok(()),
        };
        Err(Failure::fetching(Kind::Untrusted, &self.url, cause))
    }

    fn stale(&self, reason: &str) -> Connected {
        Connected::Stale(Error::network(format!("the download of {} cannot be continued", self.url)).because(reason))
    }

    fn give_up(&self, failure: Failure) -> Setback {
        let hint = format!("run the command again: {} bytes are kept and need not be fetched twice", self.kept.len);
        match failure.kind {
            Kind::Transient(_) | Kind::Unreachable if self.kept.len > 0 => Setback::Failed(failure.error.hint(hint)),
            _ => Setback::Failed(failure.error),
        }
    }
}

/// What `If-Range` takes: a strong `ETag`, else a date.
fn validator_of(response: &Response) -> Option<String> {
    let strong = response.etag.clone().filter(|etag| etag.starts_with('"'));
    strong.or_else(|| response.last_modified.clone())
}

/// Something on this machine is in the way.
pub(super) fn local(error: Error) -> Failure {
    Failure { kind: Kind::Local, error }
}
