//! A server of a few lines for unit tests: each connection carries one request, and a closure writes the answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Client, NetConfig};
use crate::environment::Environment;

/// Answers requests until the test process ends.
pub(crate) struct Server {
    address: SocketAddr,
    count: Arc<AtomicUsize>,
}

impl Server {
    /// `answer` gets the number of the request from 0, its head, and the connection.
    pub(crate) fn start(answer: impl Fn(usize, &str, &mut TcpStream) + Send + Sync + 'static) -> Server {
        Server::listen(move |number, stream| {
            let request = request(stream);
            answer(number, &request, stream);
        })
    }

    /// `answer` gets the connection before anything was read from it.
    pub(crate) fn start_raw(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Server {
        Server::listen(move |_, stream| answer(stream))
    }

    fn listen(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let (counter, answer) = (Arc::clone(&count), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, answer) = (stream.unwrap(), Arc::clone(&answer));
                let number = counter.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || answer(number, &mut stream));
            }
        });
        Server { address, count }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// Reads the head of a request.
pub(crate) fn request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// The path of a request.
pub(crate) fn path(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

/// The first byte asked for by a `Range`.
pub(crate) fn range(request: &str) -> Option<usize> {
    let (_, rest) = request.split_once("range: bytes=")?;
    rest.split('-').next()?.parse().ok()
}

/// Writes a status line and headers.
pub(crate) fn head(stream: &mut TcpStream, status: &str, headers: &[(&str, &str)]) {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{}\r\n", lines.concat());
    // A client that has gone away is part of some tests.
    drop(stream.write_all(text.as_bytes()));
}

/// Writes a whole answer.
pub(crate) fn reply(stream: &mut TcpStream, status: &str, headers: &[(&str, &str)], body: &[u8]) {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    headers.push(("Content-Length", &length));
    head(stream, status, &headers);
    drop(stream.write_all(body));
}

/// Sends nothing until the client goes away.
pub(crate) fn hang(stream: &mut TcpStream) {
    let mut byte = [0];
    while stream.read(&mut byte).is_ok_and(|count| count > 0) {}
}

/// Retries that make the tests quick, and bounds that a busy machine keeps.
pub(crate) fn config() -> NetConfig {
    NetConfig {
        connect_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(10),
        retries: 2,
        retry_delay: Duration::from_millis(1),
        max_retry_after: Duration::from_secs(1),
        ..NetConfig::default()
    }
}

/// Bounds that a server which hangs soon breaks.
pub(crate) fn hasty() -> NetConfig {
    let (connect_timeout, stall_timeout) = (Duration::from_millis(300), Duration::from_millis(300));
    NetConfig { connect_timeout, stall_timeout, retries: 1, ..config() }
}

/// An environment without proxies.
pub(crate) fn environment<const N: usize>(vars: [(&str, &str); N]) -> Environment {
    Environment::from_vars(vars)
}

pub(crate) fn client() -> Client {
    client_of(config())
}

pub(crate) fn client_of(config: NetConfig) -> Client {
    Client::new(config, environment([]), Arc::default())
}

pub(crate) fn client_of_both(config: NetConfig, environment: Environment) -> Client {
    Client::new(config, environment, Arc::default())
}

pub(crate) fn client_with<const N: usize>(vars: [(&str, &str); N]) -> Client {
    Client::new(config(), environment(vars), Arc::default())
}
