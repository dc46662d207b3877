//! TLS with a certificate authority that exists for these tests alone. Its key was thrown away.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls")
}

/// The authority's certificate, for `SSL_CERT_FILE`.
pub fn authority() -> PathBuf {
    folder().join("ca.pem")
}

/// The server's side of a connection, for `localhost` and 127.0.0.1.
pub fn accept(stream: TcpStream) -> Option<StreamOwned<ServerConnection, TcpStream>> {
    static CONFIG: OnceLock<Arc<ServerConfig>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| Arc::new(config())).clone();
    Some(StreamOwned::new(ServerConnection::new(config).ok()?, stream))
}

fn config() -> ServerConfig {
    let cert = CertificateDer::from_pem_file(folder().join("server.pem")).expect("the server's certificate");
    let key = PrivateKeyDer::from_pem_file(folder().join("server.key")).expect("the server's key");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .expect("the certificate and its key belong together")
}
