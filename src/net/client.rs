//! The HTTP client: built by the first request, then shared by every thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{self, HeaderMap, HeaderName};

use super::failure::Outcome;
use super::netrc::Netrc;
use super::response::{Response, response, text};
use super::{Backoff, Body, Failure, Kind, NetConfig, Url, body, proxies, tls};
use crate::environment::Environment;
use crate::error::{Error, Result};

/// As many hops as browsers and curl's users are used to.
const MOST_REDIRECTS: usize = 10;

/// How finely waiting looks at the interrupt flag.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// Makes requests. Cheap to make: proxies, certificates and `.netrc` are read by the first request.
pub struct Client {
    config: NetConfig,
    environment: Environment,
    interrupted: Arc<AtomicBool>,
    ready: Mutex<Option<Arc<Ready>>>,
}

struct Ready {
    http: reqwest::blocking::Client,
    netrc: Netrc,
    /// Why https cannot be used, if it cannot.
    no_tls: Option<Error>,
}

/// Ask for the rest of something of which the beginning is there.
#[derive(Clone, Debug)]
pub struct Resume {
    /// The first byte wanted.
    pub from: u64,
    /// An `ETag` or `Last-Modified`: if it is no longer right the server sends the whole.
    pub if_range: Option<String>,
}

/// A request for the whole of something, made before it is known whether it is wanted: so its answer is under way while
/// others are waited for. One that is dropped is broken off.
#[derive(Debug)]
pub struct Early {
    url: Url,
    body: Body,
}

/// The answer to a conditional request.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// What the caller has is still right.
    Unchanged,
    /// The bytes, and their `ETag`.
    New(Vec<u8>, Option<String>),
}

impl Client {
    /// A client that has not done anything yet. Everything it waits for ends soon after `interrupted` is set.
    pub fn new(config: NetConfig, environment: Environment, interrupted: Arc<AtomicBool>) -> Client {
        Client { config, environment, interrupted, ready: Mutex::new(None) }
    }

    /// How this client makes requests.
    pub fn config(&self) -> &NetConfig {
        &self.config
    }

    /// The environment that this client was given.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Whether the user has interrupted gv.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Fetches something small: at most `cap` bytes, retried, and byte for byte as the server has it.
    pub fn get_small(&self, url: &Url, cap: usize) -> Outcome<Vec<u8>> {
        match self.get_changed(url, cap, None)? {
            Fetched::New(bytes, _) => Ok(bytes),
            Fetched::Unchanged => Err(Failure::fetching(Kind::Untrusted, url, "the server answered 304 unasked")),
        }
    }

    /// Like [`Client::get_small`], unless the server's `ETag` is still `etag`.
    pub(crate) fn get_changed(&self, url: &Url, cap: usize, etag: Option<&str>) -> Outcome<Fetched> {
        let mut backoff = Backoff::new(self);
        loop {
            match self.try_get(url, cap, etag) {
                Err(failure) => backoff.wait(failure, self)?,
                done => return done,
            }
        }
    }

    fn try_get(&self, url: &Url, cap: usize, etag: Option<&str>) -> Outcome<Fetched> {
        let mut headers = HeaderMap::new();
        if let Some(etag) = etag {
            add(&mut headers, header::IF_NONE_MATCH, etag);
        }
        let response = self.request(url, &headers, None)?;
        if response.status == 304 {
            return Ok(Fetched::Unchanged);
        }
        if response.encoded {
            return Err(Failure::fetching(Kind::Untrusted, url, "the server encoded it, though it was not asked to"));
        }
        let bytes = response.body.read_all(cap)?;
        Ok(Fetched::New(bytes, response.etag))
    }

    /// Asks for something large, and waits for nothing.
    pub fn ask_early(&self, url: &Url) -> Outcome<Early> {
        Ok(Early { url: url.clone(), body: self.begin(url, &HeaderMap::new())? })
    }

    /// Opens something large. One attempt: what follows from a failure is the caller's to decide. What was asked for
    /// early is not asked for again.
    pub fn open(&self, url: &Url, resume: Option<&Resume>, early: Option<Early>) -> Outcome<Response> {
        let early = early.filter(|early| resume.is_none() && early.url == *url);
        let mut headers = HeaderMap::new();
        if let Some(resume) = resume {
            add(&mut headers, header::RANGE, &format!("bytes={}-", resume.from));
            if let Some(validator) = &resume.if_range {
                add(&mut headers, header::IF_RANGE, validator);
            }
        }
        self.request(url, &headers, early.map(|early| early.body))
    }

    /// Follows redirects by itself, since the library would follow one from https to http.
    fn request(&self, url: &Url, headers: &HeaderMap, mut begun: Option<Body>) -> Outcome<Response> {
        let mut here = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let begun = begun.take().map_or_else(|| self.begin(&here, headers), Ok)?;
            let (head, body) = begun.head(&self.config)?;
            let status = head.status;
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                let location = text(&head.headers, &header::LOCATION).unwrap_or_default();
                here = here.redirect(&location).map_err(|cause| Failure::fetching(Kind::Untrusted, url, cause))?;
                continue;
            }
            let expected = status == 200
                || (matches!(status, 206 | 416) && headers.contains_key(header::RANGE))
                || (status == 304 && headers.contains_key(header::IF_NONE_MATCH));
            if !expected {
                let pause = text(&head.headers, &header::RETRY_AFTER).and_then(|text| text.trim().parse().ok());
                let pause = pause.map(Duration::from_secs);
                return Err(Failure::from_status(status, pause, self.config.max_retry_after, &here));
            }
            return Ok(response(status, &head.headers, body));
        }
        let cause = format!("it redirects more than {MOST_REDIRECTS} times");
        Err(Failure::fetching(Kind::Unavailable, url, cause))
    }

    fn begin(&self, url: &Url, headers: &HeaderMap) -> Outcome<Body> {
        if self.config.offline {
            return Err(Failure::fetching(Kind::Unavailable, url, "gv was told to stay offline"));
        }
        let ready = self.ready().map_err(|error| Failure { kind: Kind::Local, error })?;
        if let (true, Some(trouble)) = (url.is_https(), &ready.no_tls) {
            // A source without TLS, or a folder, can still answer.
            return Err(Failure { kind: Kind::Unavailable, error: again(trouble) });
        }
        let mut request = ready.http.get(url.inner().clone()).headers(headers.clone());
        // As the go command has it: what `.netrc` holds is for this host alone, and over http anyone on the way would
        // read it. Credentials within a source's own URL are sent as its owner wrote them.
        if url.is_https()
            && !url.has_credentials()
            && let Some((user, password)) = ready.netrc.credentials(url.host())
        {
            request = request.basic_auth(user, password);
        }
        let proxy = proxies::describe(&self.config, &self.environment, url);
        body::begin(request, url, proxy, &self.config, &self.interrupted)
    }

    fn ready(&self) -> Result<Arc<Ready>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = &*ready {
            return Ok(Arc::clone(ready));
        }
        let built = Arc::new(Ready::build(&self.config, &self.environment)?);
        *ready = Some(Arc::clone(&built));
        Ok(built)
    }

    /// Waits, unless the user interrupts gv.
    pub(crate) fn sleep(&self, pause: Duration) -> Outcome<()> {
        let end = Instant::now() + pause;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            if self.is_interrupted() {
                return Err(Failure::interrupted());
            }
            std::thread::sleep(left.min(TICK));
        }
        Ok(())
    }
}

impl Ready {
    fn build(config: &NetConfig, environment: &Environment) -> Result<Ready> {
        let (tls, no_tls) = tls::client_config(config, environment)?;
        let mut builder = reqwest::blocking::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("gv/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.connect_timeout)
            // The real bounds are kept by `Body`; this one ends the thread that nobody listens to any more.
            .timeout(config.connect_timeout + config.stall_timeout)
            .no_proxy();
        for proxy in proxies::proxies(config, environment)? {
            builder = builder.proxy(proxy);
        }
        let http = builder.build().map_err(|err| Error::failed("cannot set up HTTPS").because(err.without_url()))?;
        Ok(Ready { http, netrc: Netrc::load(environment)?, no_tls })
    }
}

/// Values come from servers and files of gv's own; one that is no header value is left out.
fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}

fn again(error: &Error) -> Error {
    let copy = error.causes().iter().fold(Error::new(error.exit(), error.message()), Error::because);
    error.hints().iter().fold(copy, Error::hint)
}

#[cfg(test)]
mod tests;
