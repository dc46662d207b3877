//! A reader on a thread of its own, so that the network, the hashes and the kept copy overlap with inflating.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes in one buffer.
const BUFFER: usize = 256 << 10;

/// Buffers under way between the two threads: at most 2 MiB.
const BUFFERS: usize = 8;

/// Reads `source` to its end on another thread, while `consume` reads the same bytes on this one.
///
/// An error of the source is seen by the consumer as an error of reading. A consumer that stops early stops the source.
pub(super) fn pump<R: Read + Send, T>(source: &mut R, consume: impl FnOnce(Pumped) -> T) -> T {
    thread::scope(|scope| {
        let (full, arriving) = sync_channel(BUFFERS);
        let (spent, empty) = sync_channel(BUFFERS);
        scope.spawn(move || fill(source, &full, &empty));
        // The channels close when `consume` drops its end, which ends the thread.
        consume(Pumped { arriving, spent, current: Vec::new(), at: 0 })
    })
}

fn fill(source: &mut impl Read, full: &SyncSender<io::Result<Vec<u8>>>, empty: &Receiver<Vec<u8>>) {
    loop {
        let mut buffer = empty.try_recv().unwrap_or_default();
        buffer.resize(BUFFER, 0);
        let read = read_some(source, &mut buffer);
        let end = !matches!(read, Ok(count) if count > 0);
        let message = read.map(|count| {
            buffer.truncate(count);
            buffer
        });
        if full.send(message).is_err() || end {
            return;
        }
    }
}

/// Fills the buffer as far as the source has bytes at hand in one or two reads; 0 is the end.
fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() / 2 {
        match source.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(count)
}

/// The consumer's end.
pub(super) struct Pumped {
    arriving: Receiver<io::Result<Vec<u8>>>,
    spent: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
}

impl Read for Pumped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.len() {
            let next = match self.arriving.recv() {
                Ok(next) => next?,
                // The source's thread has ended, after its last message was taken.
                Err(_) => return Ok(0),
            };
            // A full or closed return channel only costs an allocation.
            let _ = self.spent.try_send(std::mem::replace(&mut self.current, next));
            self.at = 0;
        }
        let count = buffer.len().min(self.current.len() - self.at);
        buffer[..count].copy_from_slice(&self.current[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_arrives_in_order() {
        let bytes: Vec<u8> = (0..5_000_000_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let got = pump(&mut bytes.as_slice(), |mut input| {
            let mut got = Vec::new();
            input.read_to_end(&mut got).unwrap();
            got
        });
        assert!(got == bytes);
    }

    #[test]
    fn an_error_of_the_source_reaches_the_consumer() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("the line is cut"));
                }
                buffer[0] = 1;
                Ok(1)
            }
        }
        let error = pump(&mut Broken(false), |mut input| io::copy(&mut input, &mut io::sink()).unwrap_err());
        assert_eq!(error.to_string(), "the line is cut");
    }

    #[test]
    fn a_consumer_that_stops_early_stops_an_endless_source() {
        let first = pump(&mut io::repeat(7), |mut input| {
            let mut byte = [0];
            input.read_exact(&mut byte).unwrap();
            byte[0]
        });
        assert_eq!(first, 7);
    }
}
