//! Trust: what proves that bytes are the Go that was asked for.
//!
//! There are two roots, compiled in: the fingerprint of Google's primary PGP key, and the key of Go's
//! checksum database with a signed head of its tree. A SHA-256 from the server that has the archive is an
//! integrity check and never a proof.

pub mod digest;
pub mod h1;
pub mod openpgp;
pub mod sumdb;

mod file;
mod roots;

pub use file::{Checked, verify_file};
pub use roots::Roots;

/// How untrusted bytes begin, quoted for a message: at most 60 characters, control characters escaped.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(240)];
    let text = String::from_utf8_lossy(head);
    let text = text.trim();
    let shown: String = text.chars().take(60).collect();
    let more = if bytes.len() > head.len() || shown.len() < text.len() { "…" } else { "" };
    format!("{shown:?}{more}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_excerpt_is_short_and_printable() {
        assert_eq!(super::excerpt(b"<html>\n\x1b[2J"), r#""<html>\n\u{1b}[2J""#);
        assert!(super::excerpt(&[b'a'; 5000]).len() < 80);
    }
}
