//! Requests, as they are read and as they are remembered.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

/// A request that arrived.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `HEAD`, `CONNECT`, …
    pub method: String,
    /// The target as it was sent: a path, a whole URL to a proxy, or `host:port`.
    pub target: String,
    /// The target's path and query.
    pub path: String,
    /// The headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The status that was answered.
    pub answer: String,
}

impl Request {
    /// Reads one request, or `None` where the client has hung up.
    pub fn read(wire: &mut impl BufRead) -> io::Result<Option<Request>> {
        let mut line = String::new();
        if wire.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let mut request = Request { path: path_of(&target), method, target, ..Request::default() };
        loop {
            let mut line = String::new();
            wire.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => request.headers.insert(name.to_lowercase(), value.trim().to_owned()),
                None => return Ok(Some(request)),
            };
        }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first and last byte asked for by `Range: bytes=a-b` or `bytes=a-`.
    pub fn range(&self) -> Option<(usize, Option<usize>)> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()))
    }
}

fn path_of(target: &str) -> String {
    match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None => target.to_owned(),
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.method, self.target, self.answer)?;
        for name in ["range", "if-range", "if-none-match"] {
            if let Some(value) = self.header(name) {
                write!(f, " ({name}: {value})")?;
            }
        }
        Ok(())
    }
}
