//! What a failed request means: is the thing not there, may it work later, or did the server lie?

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use super::Url;
use crate::error::{Error, Exit};

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 404 or 410: the server works, and this is not there.
    NotFound,
    /// Trying again may help, not before the given pause if there is one.
    Transient(Option<Duration>),
    /// No connection could be made. A new request goes to the next source at once, rather than to wait for what may
    /// never come; a download that was under way tries again, since the network may only have changed.
    Unreachable,
    /// This source cannot answer, and trying again will not help.
    Unavailable,
    /// What the server said is malformed or not what was promised.
    Untrusted,
    /// The user interrupted gv, or something on this machine is in the way.
    Local,
}

/// A failed request: what follows from it, and how to tell it.
#[derive(Debug)]
pub struct Failure {
    /// What follows.
    pub kind: Kind,
    /// The sentence, causes and hints.
    pub error: Error,
}

/// The result of a request.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure to fetch `url`.
    pub fn fetching(kind: Kind, url: &Url, cause: impl fmt::Display) -> Failure {
        Failure::named(kind, format!("cannot fetch {url}"), cause)
    }

    pub(super) fn named(kind: Kind, message: String, cause: impl fmt::Display) -> Failure {
        let exit = match kind {
            Kind::Untrusted => Exit::Untrusted,
            Kind::Local => Exit::Failed,
            _ => Exit::Network,
        };
        Failure { kind, error: Error::new(exit, message).because(cause) }
    }

    /// Whether the same request may succeed soon.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Transient(_))
    }

    /// Whether the server says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// The user interrupted gv.
    pub fn interrupted() -> Failure {
        Failure { kind: Kind::Local, error: Error::failed("interrupted") }
    }

    pub(super) fn hint(mut self, hint: &str) -> Failure {
        self.error = self.error.hint(hint);
        self
    }

    /// Reads an error of the HTTP library. Its own text is not shown, since it holds URLs.
    pub(super) fn from_request(err: &reqwest::Error, url: &Url, proxy: Option<&str>) -> Failure {
        let chain = Chain::of(err);
        let via = proxy.map(|proxy| format!(" (through the proxy {proxy})")).unwrap_or_default();
        if chain.says("proxy authorization required") || chain.says("407") {
            return proxy_credentials(url, &via);
        }
        if chain.says("certificate") || chain.tls {
            let cause = format!("the server's certificate is not accepted: {}{via}", chain.last);
            return Failure::fetching(Kind::Unavailable, url, cause)
                .hint("if a company proxy signs certificates, name its CA in SSL_CERT_FILE or in gv's configuration");
        }
        if chain.says("dns error") || chain.says("failed to lookup address") {
            let cause = format!("the name of the server or its proxy cannot be resolved{via}");
            return Failure::fetching(Kind::Unreachable, url, cause);
        }
        if chain.malformed || chain.says("message head") || chain.says("content-length") || chain.says("header") {
            let cause = format!("the answer is not valid HTTP: {}", chain.last);
            return Failure::fetching(Kind::Unavailable, url, cause);
        }
        let cause = if err.is_timeout() || chain.io == Some(io::ErrorKind::TimedOut) {
            "no answer in time".to_owned()
        } else {
            match chain.io {
                Some(io::ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
                Some(io::ErrorKind::ConnectionReset) => "the connection was reset".to_owned(),
                Some(io::ErrorKind::UnexpectedEof) => "the connection was closed too early".to_owned(),
                _ => chain.last,
            }
        };
        let kind = if err.is_connect() { Kind::Unreachable } else { Kind::Transient(None) };
        Failure::fetching(kind, url, format!("{cause}{via}"))
    }

    /// What a status other than success means.
    pub(super) fn from_status(status: u16, retry_after: Option<Duration>, limit: Duration, url: &Url) -> Failure {
        let cause = format!("the server answered {status}{}", meaning(status));
        match status {
            404 | 410 => Failure::fetching(Kind::NotFound, url, cause),
            407 => proxy_credentials(url, ""),
            408 | 425 | 429 | 500 | 502 | 503 | 504 => match retry_after {
                Some(pause) if pause > limit => {
                    let cause = format!("{cause} and wants to be left alone for {} s", pause.as_secs());
                    Failure::fetching(Kind::Unavailable, url, cause)
                }
                pause => Failure::fetching(Kind::Transient(pause), url, cause),
            },
            401 | 403 => Failure::fetching(Kind::Unavailable, url, cause)
                .hint("if that server wants a user and password, put them into ~/.netrc"),
            _ => Failure::fetching(Kind::Unavailable, url, cause),
        }
    }
}

fn proxy_credentials(url: &Url, via: &str) -> Failure {
    Failure::fetching(Kind::Unavailable, url, format!("the proxy wants a user and password (407){via}"))
        .hint("put them into the proxy's URL: http://USER:PASSWORD@HOST:PORT")
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 => " (it wants a user and password)",
        403 => " (forbidden)",
        404 => " (not found)",
        410 => " (gone)",
        429 => " (too many requests)",
        500..=599 => " (it is in trouble)",
        _ => "",
    }
}

/// What the errors beneath an error say.
#[derive(Default)]
struct Chain {
    texts: Vec<String>,
    last: String,
    io: Option<io::ErrorKind>,
    tls: bool,
    malformed: bool,
}

impl Chain {
    fn of(err: &reqwest::Error) -> Chain {
        let mut chain = Chain::default();
        let mut next = err.source();
        while let Some(err) = next {
            chain.last = plain(&err.to_string());
            chain.texts.push(chain.last.to_ascii_lowercase());
            if let Some(err) = err.downcast_ref::<io::Error>() {
                chain.io = Some(err.kind());
                chain.tls |= err.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
            }
            chain.tls |= err.is::<rustls::Error>();
            chain.malformed |= chain.texts.last().is_some_and(|text| text.contains("invalid http"));
            next = err.source();
        }
        chain
    }

    fn says(&self, what: &str) -> bool {
        self.texts.iter().any(|text| text.contains(what))
    }
}

fn plain(text: &str) -> String {
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        failure.error
    }
}
