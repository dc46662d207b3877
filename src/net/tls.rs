//! TLS: rustls with ring, and whom to trust.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::NetConfig;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::fs;

/// The TLS settings, and what is wrong with the CA store, if anything is. That is no reason to refuse a request
/// that needs no TLS, so it is told only by one that does.
pub(super) fn client_config(config: &NetConfig, environment: &Environment) -> Result<(ClientConfig, Option<Error>)> {
    let (roots, trouble) = roots(config, environment)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|err| Error::failed("cannot set up TLS").because(err))?
        .with_root_certificates(roots);
    let mut tls = match &config.client_cert {
        Some(path) => {
            let (chain, key) = client_cert(path)?;
            builder.with_client_auth_cert(chain, key).map_err(|err| unusable(path).because(err))?
        }
        None => builder.with_no_client_auth(),
    };
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((tls, trouble))
}

fn roots(config: &NetConfig, environment: &Environment) -> Result<(RootCertStore, Option<Error>)> {
    let mut roots = RootCertStore::empty();
    let found = system_certificates(environment);
    roots.add_parsable_certificates(found.certs);
    if let Some(path) = &config.ca_file {
        let (added, _) = roots.add_parsable_certificates(certificates(path)?);
        if added == 0 {
            return Err(Error::usage(format!("{} holds no certificate", path.display()))
                .hint("give a PEM file of certificate authorities"));
        }
    }
    let trouble = roots.is_empty().then(|| {
        let error = Error::network("there are no CA certificates to check servers with")
            .hint("install your system's ca-certificates package, or set SSL_CERT_FILE to a PEM file");
        found.errors.into_iter().fold(error, Error::because)
    });
    Ok((roots, trouble))
}

/// The system's store, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` (one or more folders) name instead of it.
fn system_certificates(environment: &Environment) -> rustls_native_certs::CertificateResult {
    let file = environment.var("SSL_CERT_FILE").map(Path::new);
    let dirs = environment.var("SSL_CERT_DIR");
    if file.is_none() && dirs.is_none() {
        return rustls_native_certs::load_native_certs();
    }
    let mut found = rustls_native_certs::load_certs_from_paths(file, None);
    for dir in dirs.into_iter().flat_map(std::env::split_paths).filter(|dir| !dir.as_os_str().is_empty()) {
        let more = rustls_native_certs::load_certs_from_paths(None, Some(&dir));
        found.certs.extend(more.certs);
        found.errors.extend(more.errors);
    }
    found.certs.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    found.certs.dedup();
    found
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(&pem(path)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|err| unusable(path).because(err))
}

fn client_cert(path: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let key = PrivateKeyDer::from_pem_slice(&pem(path)?).map_err(|err| unusable(path).because(err))?;
    Ok((certificates(path)?, key))
}

fn pem(path: &Path) -> Result<Vec<u8>> {
    fs::read_bytes(path)?.ok_or_else(|| unusable(path).because("there is no such file"))
}

fn unusable(path: &Path) -> Error {
    Error::usage(format!("cannot use the certificates in {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{self, Server};
    use crate::net::{Outcome, Url};
    use std::io::{Read, Write};
    use std::path::PathBuf;

    #[test]
    fn row_11_no_ca_store_is_one_clear_error_with_a_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let environment = Environment::from_vars([("SSL_CERT_DIR", dir.path())]);
        let (_, trouble) = client_config(&NetConfig::default(), &environment).unwrap();
        let trouble = trouble.unwrap();
        assert!(trouble.message().contains("no CA certificates"));
        assert!(trouble.hints()[0].contains("SSL_CERT_FILE"));
    }

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/net/testdata").join(name)
    }

    /// Answers `ok` over TLS, with a certificate of the test's CA and, if asked to, only to clients that have one too.
    fn server(wants_client: bool) -> Url {
        use rustls::server::{ServerConfig, ServerConnection, WebPkiClientVerifier};
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (chain, key) = client_cert(&fixture("server.pem")).unwrap();
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(&fixture("ca.pem")).unwrap());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let builder = if wants_client {
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let tls = Arc::new(builder.with_single_cert(chain, key).unwrap());
        let server = Server::start_raw(move |stream| {
            let mut session = ServerConnection::new(Arc::clone(&tls)).unwrap();
            let mut stream = rustls::Stream::new(&mut session, stream);
            let mut byte = [0];
            // A client that refuses the certificate never gets as far as a request.
            if stream.read(&mut byte).is_ok() {
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            }
        });
        Url::parse(&server.url("/").replace("http:", "https:")).unwrap()
    }

    fn get(url: &Url, ca: Option<&str>, client_cert: Option<&str>) -> Outcome<Vec<u8>> {
        let (ca_file, client_cert) = (ca.map(fixture), client_cert.map(fixture));
        let none = tempfile::tempdir().unwrap();
        let client = testing::client_of_both(
            NetConfig { ca_file, client_cert, ..testing::config() },
            testing::environment([("SSL_CERT_DIR", none.path().to_str().unwrap())]),
        );
        client.get_small(url, 10)
    }

    #[test]
    fn a_ca_of_the_configuration_is_trusted_and_no_other() {
        let url = server(false);
        assert_eq!(get(&url, Some("ca.pem"), None).unwrap(), b"ok");
        let error = get(&url, Some("client.pem"), None).unwrap_err().error;
        assert!(error.to_string().contains("certificate is not accepted"), "{error}");
        let error = get(&url, None, None).unwrap_err().error;
        assert!(error.message().contains("no CA certificates"), "{error}");
    }

    #[test]
    fn a_server_that_wants_a_client_certificate_gets_it() {
        let url = server(true);
        assert_eq!(get(&url, Some("ca.pem"), Some("client.pem")).unwrap(), b"ok");
        assert!(get(&url, Some("ca.pem"), None).is_err());
    }

    #[test]
    fn a_ca_file_without_certificates_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        std::fs::write(&path, "nothing").unwrap();
        let environment = Environment::from_vars([("SSL_CERT_DIR", dir.path())]);
        let config = NetConfig { ca_file: Some(path), ..NetConfig::default() };
        let error = client_config(&config, &environment).unwrap_err();
        assert!(error.message().contains("ca.pem holds no certificate"), "{error}");
    }
}
