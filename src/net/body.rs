//! The bytes of an answer, watched: a server may neither stall nor trickle.
//!
//! The library's reads block, and its timeout holds for one read. So each answer is read by a thread of its
//! own and handed over through a short queue; waiting at the queue is where the bounds and the interrupt
//! flag are kept. Time that the consumer spends is not held against the server.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use reqwest::blocking::RequestBuilder;
use reqwest::header::HeaderMap;

use super::client::TICK;
use super::failure::Outcome;
use super::{Failure, Kind, NetConfig, Url};

/// What one read may bring, and how many of them may wait.
const CHUNK: usize = 64 << 10;
const QUEUE: usize = 8;

/// Status and headers.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
}

enum Event {
    Head(Head, Option<u64>),
    Data(Vec<u8>),
    End,
    Failed(Failure),
}

/// Makes a request, and waits for nothing.
pub(super) fn begin(
    request: RequestBuilder,
    url: &Url,
    proxy: Option<String>,
    config: &NetConfig,
    interrupted: &Arc<AtomicBool>,
) -> Outcome<Body> {
    let (sender, events) = sync_channel(QUEUE);
    let worker_url = url.clone();
    std::thread::Builder::new()
        .name("gv-net".to_owned())
        .spawn(move || work(request, &worker_url, proxy.as_deref(), &sender))
        .map_err(|err| Failure::fetching(Kind::Local, url, err))?;
    Ok(Body::new(url, config, interrupted, events))
}

/// Runs until the answer ends or nobody listens.
fn work(request: RequestBuilder, url: &Url, proxy: Option<&str>, events: &SyncSender<Event>) {
    let last = match transfer(request, url, proxy, events) {
        Ok(()) => Event::End,
        Err(failure) => Event::Failed(failure),
    };
    // Nobody listens any more when the consumer has given up.
    drop(events.send(last));
}

fn transfer(request: RequestBuilder, url: &Url, proxy: Option<&str>, events: &SyncSender<Event>) -> Outcome<()> {
    let mut response = request.send().map_err(|err| Failure::from_request(&err, url, proxy))?;
    let head = Head { status: response.status().as_u16(), headers: response.headers().clone() };
    let length = response.content_length();
    let mut listening = events.send(Event::Head(head, length)).is_ok();
    while listening {
        let mut chunk = vec![0; CHUNK];
        let count = response.read(&mut chunk).map_err(|err| broken(&err, url, proxy))?;
        if count == 0 {
            return Ok(());
        }
        chunk.truncate(count);
        listening = events.send(Event::Data(chunk)).is_ok();
    }
    Ok(())
}

/// Whatever breaks a body off, asking again may mend it.
fn broken(err: &io::Error, url: &Url, proxy: Option<&str>) -> Failure {
    match err.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(err) => match Failure::from_request(err, url, proxy) {
            failure if failure.is_transient() => failure,
            failure => Failure { kind: Kind::Transient(None), ..failure },
        },
        None => Failure::fetching(Kind::Transient(None), url, "the connection broke off"),
    }
}

/// The bytes of an answer. Reading fails when the server stalls, trickles or breaks off, or the user interrupts gv.
pub struct Body {
    events: Receiver<Event>,
    url: Url,
    interrupted: Arc<AtomicBool>,
    stall: Duration,
    rate: Rate,
    length: Option<u64>,
    received: u64,
    chunk: Vec<u8>,
    used: usize,
    ended: bool,
}

impl Body {
    fn new(url: &Url, config: &NetConfig, interrupted: &Arc<AtomicBool>, events: Receiver<Event>) -> Body {
        Body {
            events,
            url: url.clone(),
            interrupted: Arc::clone(interrupted),
            stall: config.stall_timeout,
            rate: Rate { least: config.min_rate, window: config.rate_window, waited: Duration::ZERO, bytes: 0 },
            length: None,
            received: 0,
            chunk: Vec::new(),
            used: 0,
            ended: false,
        }
    }

    /// Waits for the headers, which come before all else.
    pub(super) fn head(mut self, config: &NetConfig) -> Outcome<(Head, Body)> {
        match self.next_event(config.connect_timeout + config.stall_timeout)? {
            Event::Head(head, length) => {
                self.length = length;
                // Waiting for the headers has its own bound.
                self.rate.waited = Duration::ZERO;
                Ok((head, self))
            }
            Event::Failed(failure) => Err(failure),
            Event::Data(_) | Event::End => Err(self.broken_off()),
        }
    }

    /// The length that the server announced.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Reads some bytes; 0 is the proper end.
    pub fn next(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        if self.used == self.chunk.len() && !self.ended {
            self.refill()?;
        }
        let count = buffer.len().min(self.chunk.len() - self.used);
        buffer[..count].copy_from_slice(&self.chunk[self.used..self.used + count]);
        self.used += count;
        Ok(count)
    }

    /// Reads all of a body of at most `cap` bytes.
    pub(super) fn read_all(mut self, cap: usize) -> Outcome<Vec<u8>> {
        let too_large = |url: &Url| Failure::fetching(Kind::Untrusted, url, format!("it is larger than {cap} bytes"));
        if self.length.is_some_and(|length| length > cap as u64) {
            return Err(too_large(&self.url));
        }
        let mut bytes = Vec::new();
        while !self.ended {
            self.refill()?;
            bytes.extend_from_slice(&self.chunk);
            if bytes.len() > cap {
                return Err(too_large(&self.url));
            }
        }
        Ok(bytes)
    }

    fn refill(&mut self) -> Outcome<()> {
        (self.chunk, self.used) = (Vec::new(), 0);
        match self.next_event(self.stall)? {
            Event::Data(chunk) => {
                self.received += chunk.len() as u64;
                self.rate.bytes += chunk.len() as u64;
                self.chunk = chunk;
                Ok(())
            }
            // The library does not notice an early end everywhere.
            Event::End if self.length.is_some_and(|length| self.received < length) => Err(self.broken_off()),
            Event::End => {
                self.ended = true;
                Ok(())
            }
            Event::Failed(failure) => Err(failure),
            Event::Head(..) => Err(self.broken_off()),
        }
    }

    fn next_event(&mut self, bound: Duration) -> Outcome<Event> {
        let start = Instant::now();
        loop {
            let before = Instant::now();
            let event = self.events.recv_timeout(TICK.min(bound));
            self.rate.waited += before.elapsed();
            if self.interrupted.load(Ordering::Relaxed) {
                return Err(Failure::interrupted());
            }
            match event {
                Ok(event) => {
                    self.check_rate(&event)?;
                    return Ok(event);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.broken_off()),
                Err(RecvTimeoutError::Timeout) if start.elapsed() >= bound => return Err(self.stalled(bound)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn check_rate(&mut self, event: &Event) -> Outcome<()> {
        if matches!(event, Event::Data(_)) && !self.rate.is_kept() {
            let cause = format!("the server sends less than {} bytes a second", self.rate.least);
            return Err(Failure::fetching(Kind::Transient(None), &self.url, cause));
        }
        Ok(())
    }

    fn stalled(&self, bound: Duration) -> Failure {
        let cause = format!("the server sent nothing for {} s", bound.as_secs_f32().ceil());
        Failure::fetching(Kind::Transient(None), &self.url, cause)
    }

    fn broken_off(&self) -> Failure {
        let cause = format!("the connection was closed after {} bytes", self.received);
        Failure::fetching(Kind::Transient(None), &self.url, cause)
    }
}

/// Bytes against time waited, in windows that follow one another.
struct Rate {
    least: u64,
    window: Duration,
    waited: Duration,
    bytes: u64,
}

impl Rate {
    /// Judges a window that is over, and begins the next.
    fn is_kept(&mut self) -> bool {
        if self.waited < self.window {
            return true;
        }
        let kept = u128::from(self.bytes) * 1000 >= u128::from(self.least) * self.waited.as_millis();
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        kept
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("url", &self.url).field("received", &self.received).finish_non_exhaustive()
    }
}

/// For consumers of `std::io`; the error inside is a [`crate::error::Error`].
impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.next(buffer).map_err(|failure| io::Error::other(failure.error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Server, hang, head};
    use super::*;
    use crate::net::Client;
    use std::io::Write;

    fn get(server: &Server, client: &Client) -> Failure {
        client.get_small(&Url::parse(&server.url("/x")).unwrap(), 100_000).unwrap_err()
    }

    #[test]
    fn row_1_a_body_that_is_too_short_is_asked_for_again() {
        let server = Server::start(|_, _, stream| {
            head(stream, "200 OK", &[("Content-Length", "10")]);
            stream.write_all(b"short").unwrap();
        });
        assert!(get(&server, &testing::client()).is_transient());
        assert_eq!(server.requests(), 3);
        let server = Server::start(|_, _, stream| {
            head(stream, "200 OK", &[("Transfer-Encoding", "chunked")]);
            stream.write_all(b"5\r\nshort\r\n").unwrap();
        });
        assert!(get(&server, &testing::client()).is_transient());
    }

    #[test]
    fn row_4_a_stall_before_the_headers_or_in_the_body_ends() {
        let server = Server::start(|_, _, stream| hang(stream));
        let failure = get(&server, &testing::client_of(testing::hasty()));
        assert!(failure.is_transient(), "{}", failure.error);
        let server = Server::start(|_, _, stream| {
            head(stream, "200 OK", &[("Content-Length", "10")]);
            stream.write_all(b"short").unwrap();
            hang(stream);
        });
        let failure = get(&server, &testing::client_of(testing::hasty()));
        assert!(failure.is_transient(), "{}", failure.error);
        assert!(failure.error.to_string().contains("nothing for"), "{}", failure.error);
    }

    #[test]
    fn row_5_a_trickle_ends() {
        let server = Server::start(|_, _, stream| {
            head(stream, "200 OK", &[("Content-Length", "90000")]);
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let config =
            NetConfig { min_rate: 1 << 20, rate_window: Duration::from_millis(100), retries: 0, ..testing::config() };
        let failure = get(&server, &testing::client_of(config));
        assert!(failure.is_transient(), "{}", failure.error);
        assert!(failure.error.to_string().contains("less than 1048576 bytes a second"), "{}", failure.error);
    }

    #[test]
    fn row_6_nothing_small_is_read_beyond_its_cap() {
        let server = Server::start(|_, _, stream| {
            head(stream, "200 OK", &[]);
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        });
        assert_eq!(get(&server, &testing::client()).kind, Kind::Untrusted);
    }

    #[test]
    fn row_45_an_interrupt_ends_the_wait() {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        let server = Server::start(move |_, _, stream| {
            flag.store(true, Ordering::Relaxed);
            hang(stream);
        });
        let config = NetConfig { stall_timeout: Duration::from_mins(1), ..testing::config() };
        let client = Client::new(config, testing::environment([]), interrupted);
        assert_eq!(get(&server, &client).error.message(), "interrupted");
    }
}
