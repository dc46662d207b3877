//! A server of Go distributions that tells the truth until it is asked to lie.
//!
//! It speaks `dl` (index, archives, side files), `goproxy` (toolchain modules) and the checksum database, also
//! as an HTTP proxy and over TLS, one thread a connection, on a port of its own.

mod delivery;
mod lie;
mod request;
mod site;

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use lie::Lie;
pub use request::Request;
pub use site::Site;

use super::golang::Toolchain;
use super::tls;
use delivery::Delivery;
use lie::Told;

/// A running server; it ends with its value.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    site: Mutex<Site>,
    lies: Mutex<Vec<Told>>,
    requests: Mutex<Vec<Request>>,
    stop: AtomicBool,
}

/// What a connection runs over: TCP, or TLS above it.
trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

impl Server {
    /// A server that has nothing yet.
    pub fn start() -> Server {
        Server::run("http", |stream| Some(Box::new(stream)))
    }

    /// The same over TLS, with a certificate that [`tls::authority`] vouches for.
    pub fn start_tls() -> Server {
        Server::run("https", |stream| Some(Box::new(tls::accept(stream)?)))
    }

    fn run(scheme: &'static str, wrap: fn(TcpStream) -> Option<Box<dyn Wire>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let shared = Arc::new(Shared {
            site: Mutex::new(Site::new()),
            lies: Mutex::default(),
            requests: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        std::thread::spawn(move || accepting.accept(&listener, wrap));
        Server { address, scheme, shared }
    }

    /// The URL of a path that begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it serves, to look at or to change.
    pub fn site(&self) -> MutexGuard<'_, Site> {
        lock(&self.shared.site)
    }

    /// Publishes toolchains in every form, with honest proofs.
    pub fn publish(&self, toolchains: &[Toolchain]) {
        for toolchain in toolchains {
            self.site().publish(toolchain);
        }
    }

    /// Lies to every request whose path (with its query) matches; `*` stands for anything.
    pub fn lie(&self, pattern: &str, lie: Lie) {
        self.lie_to(pattern, 1..=usize::MAX, lie);
    }

    /// Lies to the first such request only.
    pub fn lie_once(&self, pattern: &str, lie: Lie) {
        self.lie_to(pattern, 1..=1, lie);
    }

    /// Lies to those such requests, counted from 1.
    pub fn lie_to(&self, pattern: &str, which: std::ops::RangeInclusive<usize>, lie: Lie) {
        lock(&self.shared.lies).push(Told::new(pattern, which, lie));
    }

    /// Stops lying.
    pub fn repent(&self) {
        lock(&self.shared.lies).clear();
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// The requests so far whose path matches.
    pub fn requests_to(&self, pattern: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| lie::matches(pattern, &request.path)).collect()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.shared.requests).clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the accepting thread; a connection refused means that it is gone already.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn accept(self: &Arc<Shared>, listener: &TcpListener, wrap: fn(TcpStream) -> Option<Box<dyn Wire>>) {
        for stream in listener.incoming().flatten() {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let shared = self.clone();
            std::thread::spawn(move || {
                // A client that goes away ends its connection: nothing to report.
                let _ = stream.set_read_timeout(Some(Duration::from_mins(1)));
                let _ = stream.set_nodelay(true);
                if let Some(wire) = wrap(stream) {
                    let _ = shared.converse(wire);
                }
            });
        }
    }

    fn converse(&self, wire: Box<dyn Wire>) -> io::Result<()> {
        let mut wire = BufReader::new(wire);
        while let Some(request) = Request::read(&mut wire)? {
            let delivery = self.answer(&request);
            let log = format!("{}", delivery.status);
            lock(&self.requests).push(Request { answer: log, ..request });
            if !delivery.send(wire.get_mut(), &self.stop)? {
                break;
            }
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Delivery {
        let lies: Vec<Lie> = lock(&self.lies).iter_mut().filter_map(|told| told.to(&request.path)).collect();
        let site = lock(&self.site);
        let mut content = site.find(&request.path);
        for lie in &lies {
            lie.about_content(&mut content, &site);
        }
        let mut delivery = Delivery::honest(request, content);
        for lie in &lies {
            lie.about_delivery(&mut delivery, request);
        }
        delivery
    }
}

/// A panic in another test's assertion must not hide behind a poisoned lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
