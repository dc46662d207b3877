//! The stream that a consumer reads: what passes is hashed and judged.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::Digest;

use super::remote::{Connected, Remote, local};
use super::{Artefact, Complete, LARGEST_UNSIZED, Place, Setback, sample};
use crate::error::{At, Error, Exit, Result};
use crate::fs;
use crate::net::{Backoff, Client, Early, Failure, Kind};
use crate::sha256::Sha256;
use crate::ui::Bar;

/// The bytes of an artefact, in order, each handed out once; see the module's documentation.
pub struct Download<'a> {
    client: &'a Client,
    artefact: Artefact,
    bar: &'a Bar,
    input: Input,
    hasher: sha2::Sha256,
    /// How many bytes the consumer has.
    given: u64,
    /// Whether the bytes are known to come from more than one answer.
    resumed: bool,
    complete: bool,
    setback: Option<Setback>,
}

enum Input {
    File(File),
    Remote(Box<Remote>),
}

impl<'a> Download<'a> {
    /// Opens the artefact. What an earlier run left at `partial` is continued if it can be; a file of this machine
    /// is read in place, and `partial` not used. What was asked for `early` need not be asked for again. Errors tell whether the artefact is simply not there.
    pub fn start(
        client: &'a Client,
        artefact: &Artefact,
        partial: &Path,
        bar: &'a Bar,
        early: Option<Early>,
    ) -> Result<Download<'a>, Failure> {
        let input = match &artefact.place {
            Place::File(path) => Input::File(open_file(path, artefact)?),
            Place::Url(url) => Input::Remote(Box::new(Remote::open(client, url, artefact, partial, early)?)),
        };
        let mut download = Download {
            client,
            artefact: artefact.clone(),
            bar,
            input,
            hasher: sha2::Sha256::new(),
            given: 0,
            resumed: false,
            complete: false,
            setback: None,
        };
        download.begin()?;
        Ok(download)
    }

    /// Asks for the rest before the kept bytes are handed out: if they are stale, nobody has seen them yet.
    fn begin(&mut self) -> Result<(), Failure> {
        if let Input::Remote(remote) = &mut self.input {
            self.resumed = remote.kept.len > 0;
            let mut backoff = Backoff::new(self.client);
            while remote.body.is_none() && !remote.is_whole(&self.artefact) {
                match remote.connect(self.client, &self.artefact) {
                    Ok(Connected::Going) => {}
                    Ok(Connected::Stale(_)) => {
                        remote.kept.clear().map_err(local)?;
                        self.resumed = false;
                    }
                    Err(failure) => backoff.wait(failure, self.client)?,
                }
            }
        }
        if let Some(size) = self.size() {
            self.bar.set_total(size);
        }
        Ok(())
    }

    /// The size of the whole: as expected, else as the server or the file system says.
    pub fn size(&self) -> Option<u64> {
        self.artefact.size.or(match &self.input {
            Input::Remote(remote) => remote.kept.label.size,
            Input::File(file) => file.metadata().ok().map(|meta| meta.len()),
        })
    }

    /// Ends the download with what its consumer made of it.
    ///
    /// When the consumer was content, bytes that it left are read to the end and size and hash are judged. When it
    /// was not, a fault of the download's own goes first; and bytes that came in pieces are given one more try.
    pub fn settle<T>(mut self, consumed: Result<T>) -> Result<(T, Complete), Setback> {
        let mut rest = vec![0; 64 << 10];
        while consumed.is_ok() && self.read(&mut rest).is_ok_and(|count| count > 0) {}
        if let Some(setback) = self.setback.take() {
            return Err(setback);
        }
        match consumed {
            Ok(value) => {
                let sha256 = Sha256(self.hasher.finalize().into());
                Ok((value, Complete { size: self.given, sha256, resumed: self.resumed }))
            }
            Err(error) if error.exit() == Exit::Untrusted => Err(self.discredit(error)),
            Err(error) => Err(Setback::Failed(error)),
        }
    }

    /// What follows when the bytes are not what they should be: nothing of them is kept.
    fn discredit(&mut self, error: Error) -> Setback {
        if let Input::Remote(remote) = &mut self.input
            && let Err(error) = remote.kept.clear()
        {
            return Setback::Failed(error);
        }
        if self.resumed { Setback::Restart(error) } else { Setback::Failed(error) }
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Setback> {
        if self.client.is_interrupted() {
            return Err(Setback::Failed(Failure::interrupted().error));
        }
        let count = match &mut self.input {
            Input::File(file) => file.read(buffer).at("read", Path::new(&self.artefact.place.to_string()))?,
            Input::Remote(remote) => remote.read(buffer, self.given, self.client, &self.artefact, &mut self.resumed)?,
        };
        if count == 0 {
            self.check_end()?;
            self.complete = true;
            return Ok(0);
        }
        self.check_bytes(&buffer[..count])?;
        self.hasher.update(&buffer[..count]);
        self.given += count as u64;
        self.bar.set_position(self.given);
        Ok(count)
    }

    /// Judges bytes before the consumer sees them: their beginning, and that there are not too many.
    fn check_bytes(&mut self, bytes: &[u8]) -> Result<(), Setback> {
        let magic = self.artefact.magic;
        let common = magic.len().min(bytes.len());
        if self.given == 0 && bytes[..common] != magic[..common] {
            let error = self.untrusted(format!("it is not an archive but begins with {}", sample(bytes)));
            return Err(self.discredit(error));
        }
        let limit = self.artefact.size.unwrap_or(LARGEST_UNSIZED);
        if self.given + bytes.len() as u64 > limit {
            let error = match self.artefact.size {
                Some(size) => self.untrusted(format!("it is longer than the {size} bytes that were expected")),
                None => self.untrusted(format!("it is longer than {} MiB", LARGEST_UNSIZED >> 20)),
            };
            return Err(self.discredit(error));
        }
        Ok(())
    }

    fn check_end(&mut self) -> Result<(), Setback> {
        if let Some(size) = self.artefact.size.filter(|&size| size != self.given) {
            let error = self.untrusted(format!("it has {} bytes, expected were {size}", self.given));
            return Err(self.discredit(error));
        }
        let found = Sha256(self.hasher.clone().finalize().into());
        if let Some(wanted) = self.artefact.sha256.filter(|&wanted| wanted != found) {
            let error = self.untrusted(format!("its sha256 is {found}, expected was {wanted}"));
            return Err(self.discredit(error));
        }
        Ok(())
    }

    fn untrusted(&self, cause: String) -> Error {
        Error::untrusted(format!("{} is not what was promised", self.artefact.place)).because(cause)
    }
}

impl Read for Download<'_> {
    /// A failure is kept for [`Download::settle`]; what a consumer sees of it is only its text.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.complete || buffer.is_empty() {
            return Ok(0);
        }
        if self.setback.is_none() {
            match self.step(buffer) {
                Ok(count) => return Ok(count),
                Err(setback) => self.setback = Some(setback),
            }
        }
        match &self.setback {
            Some(Setback::Restart(error) | Setback::Failed(error)) => Err(io::Error::other(error.to_string())),
            None => Ok(0),
        }
    }
}

fn open_file(path: &Path, artefact: &Artefact) -> Result<File, Failure> {
    let missing = || Error::network(format!("there is no file {}", path.display()));
    let file = fs::open_regular(path).map_err(local)?;
    let file = file.ok_or_else(|| Failure { kind: Kind::NotFound, error: missing() })?;
    let len = file.metadata().at("read", path).map_err(local)?.len();
    match artefact.size {
        Some(size) if size != len => {
            let error = Error::untrusted(format!("{} is not what was promised", path.display()))
                .because(format!("it has {len} bytes, expected were {size}"));
            Err(Failure { kind: Kind::Untrusted, error })
        }
        _ => Ok(file),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
