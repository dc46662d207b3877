//! The writers: threads behind bounded queues, or none, so that writing hides behind inflating, or is done beside it.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::limits::ByteBudget;
use super::tree::FileRecord;
use super::writer::{Batch, Writer};
use crate::error::{At, Error, Result};

/// Batches that may wait for one writer: enough that the reader gets past a large file, which one writer has to itself,
/// to what the others can do. With batches of half a MiB and two writers, at most 14 MiB are under way.
const WAITING: usize = 12;

/// Who writes.
pub(super) enum Crew {
    /// The reader itself, in its own thread.
    Inline(Box<Writer>),
    /// Threads, each with a queue of its own.
    Threads(Threads),
}

pub(super) struct Threads {
    lanes: Vec<SyncSender<Batch>>,
    handles: Vec<JoinHandle<Vec<FileRecord>>>,
    shared: Arc<Shared>,
    /// The lane to try first.
    next: usize,
}

/// What the threads tell the reader.
#[derive(Default)]
struct Shared {
    /// Set by whoever fails first, the reader included: everyone stops.
    stop: AtomicBool,
    failure: Mutex<Option<Error>>,
    /// Buffers to use again.
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Crew {
    /// `count` threads that write below `folder`; none means the caller's own.
    pub(super) fn start(count: usize, root: &Path, folder: OwnedFd, budget: &ByteBudget) -> Result<Crew> {
        if count == 0 {
            return Ok(Crew::Inline(Box::new(Writer::new(root, folder, budget.clone()))));
        }
        let mut threads = Threads { lanes: Vec::new(), handles: Vec::new(), shared: Arc::default(), next: 0 };
        for _ in 0..count {
            let folder = folder.try_clone().at("open", root)?;
            threads.hire(Writer::new(root, folder, budget.clone())).at("start a thread to write", root)?;
        }
        Ok(Crew::Threads(threads))
    }

    /// Hands over a batch: to the writer that `held` names, which has the beginning of its first file, else to any.
    /// Returns the writer.
    pub(super) fn give(&mut self, mut batch: Batch, held: Option<usize>) -> Result<(usize, Vec<u8>)> {
        match self {
            Crew::Inline(writer) => writer.run(&mut batch).map(|()| (0, batch.bytes)),
            Crew::Threads(threads) => {
                let lane = threads.give(batch, held)?;
                Ok((lane, threads.shared.take_spare()))
            }
        }
    }

    /// Whether a writer has failed; its error then.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Crew::Threads(threads) if threads.shared.stop.load(Ordering::Relaxed) => Err(threads.shared.take_failure()),
            _ => Ok(()),
        }
    }

    /// Waits for all writers, and tells what stopped them, if that was not told before.
    pub(super) fn failure(self) -> Option<Error> {
        match self {
            Crew::Inline(_) => None,
            Crew::Threads(mut threads) => {
                threads.dismiss();
                threads.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
            }
        }
    }

    /// Waits for all writers and returns what they wrote.
    pub(super) fn finish(self) -> Result<Vec<FileRecord>> {
        match self {
            Crew::Inline(writer) => Ok(writer.into_written()),
            Crew::Threads(threads) => threads.finish(),
        }
    }
}

impl Threads {
    fn hire(&mut self, writer: Writer) -> std::io::Result<()> {
        let (lane, batches) = sync_channel(WAITING);
        let shared = Arc::clone(&self.shared);
        let handle =
            std::thread::Builder::new().name("unpack".to_owned()).spawn(move || work(writer, &batches, &shared))?;
        self.lanes.push(lane);
        self.handles.push(handle);
        Ok(())
    }

    fn give(&mut self, mut batch: Batch, held: Option<usize>) -> Result<usize> {
        if held.is_none() {
            for turn in 0..self.lanes.len() {
                let lane = (self.next + turn) % self.lanes.len();
                match self.lanes[lane].try_send(batch) {
                    Ok(()) => {
                        self.next = lane + 1;
                        return Ok(lane);
                    }
                    Err(TrySendError::Full(back) | TrySendError::Disconnected(back)) => batch = back,
                }
            }
        }
        let lane = held.unwrap_or(self.next) % self.lanes.len();
        // A writer hangs up only when it or another has failed.
        self.lanes[lane].send(batch).map_err(|_| self.shared.take_failure())?;
        Ok(lane)
    }

    /// Waits until all that was given is done, or one of them has failed.
    fn dismiss(&mut self) {
        self.lanes.clear();
        for handle in self.handles.drain(..) {
            // Who calls this has an error already, and what was written is of no use.
            drop(handle.join());
        }
    }

    fn finish(mut self) -> Result<Vec<FileRecord>> {
        self.lanes.clear();
        let mut written = Vec::new();
        for handle in self.handles.drain(..) {
            written.append(&mut handle.join().map_err(|_| died())?);
        }
        if self.shared.stop.load(Ordering::Relaxed) { Err(self.shared.take_failure()) } else { Ok(written) }
    }
}

/// A reader that gives up takes its writers with it: nobody writes after this.
impl Drop for Threads {
    fn drop(&mut self) {
        if !self.handles.is_empty() {
            self.shared.stop.store(true, Ordering::Relaxed);
            self.dismiss();
        }
    }
}

fn work(mut writer: Writer, batches: &Receiver<Batch>, shared: &Shared) -> Vec<FileRecord> {
    for mut batch in batches {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        if let Err(error) = writer.run(&mut batch) {
            shared.fail(error);
            break;
        }
        shared.keep_spare(batch.bytes);
    }
    writer.into_written()
}

impl Shared {
    fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stop.store(true, Ordering::Relaxed);
    }

    fn take_failure(&self) -> Error {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(died)
    }

    fn keep_spare(&self, bytes: Vec<u8>) {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
    }

    fn take_spare(&self) -> Vec<u8> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }
}

fn died() -> Error {
    Error::failed("cannot unpack the archive").because("a thread that writes files has stopped")
}
