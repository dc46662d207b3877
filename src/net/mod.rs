//! Requests: which proxy, which certificates, which credentials, how long to wait, and what an answer means.
//!
//! Nothing here runs at start: the connection pool and the CA store are made by the first request.

mod body;
mod client;
mod failure;
mod netrc;
mod proxies;
mod response;
mod retry;
#[cfg(test)]
pub(crate) mod testing;
mod tls;
mod url;

use std::path::PathBuf;
use std::time::Duration;

pub use body::Body;
pub(crate) use client::Fetched;
pub use client::{Client, Early, Resume};
pub use failure::{Failure, Kind, Outcome};
pub use response::Response;
pub(crate) use retry::Backoff;
pub use url::Url;

/// How requests are made; every field can be set in the configuration.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// The proxy for every request, instead of what `HTTPS_PROXY` and its like name.
    pub proxy: Option<String>,
    /// A PEM file of certificate authorities, trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// A PEM file with a client certificate and its private key.
    pub client_cert: Option<PathBuf>,
    /// How long name lookup, connection and TLS handshake may take together.
    pub connect_timeout: Duration,
    /// How long a server may send nothing at all.
    pub stall_timeout: Duration,
    /// The least number of bytes a second, measured over [`NetConfig::rate_window`] of waiting.
    pub min_rate: u64,
    /// How long a server may be slower than [`NetConfig::min_rate`].
    pub rate_window: Duration,
    /// How often a failed request is made again, and a broken download continued without progress.
    pub retries: u32,
    /// The pause before the first retry; it doubles with each, with jitter.
    pub retry_delay: Duration,
    /// The longest `Retry-After` that is honoured; a server that asks for more cannot answer.
    pub max_retry_after: Duration,
    /// Refuse every request.
    pub offline: bool,
}

impl Default for NetConfig {
    fn default() -> NetConfig {
        NetConfig {
            proxy: None,
            ca_file: None,
            client_cert: None,
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(20),
            min_rate: 1024,
            rate_window: Duration::from_secs(30),
            retries: 3,
            retry_delay: Duration::from_millis(500),
            max_retry_after: Duration::from_secs(30),
            offline: false,
        }
    }
}
