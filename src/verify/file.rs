//! A file of the user's, checked by itself.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::digest::Hashing;
use super::openpgp::{Detached, Keyring, Signer};
use crate::error::{At, Error, Result};
use crate::fs;
use crate::sha256::Sha256;

/// What is known of a file whose signature counts.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// Who signed it.
    pub signer: Signer,
    /// Its SHA-256.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size: u64,
}

/// Checks the signature of a file of any kind and size, reading it once.
///
/// A missing signature file is [`crate::error::Exit::Usage`]; a bad signature is [`crate::error::Exit::Untrusted`].
pub fn verify_file(archive: &Path, signature: &Path, keyring: &Keyring, now: SystemTime) -> Result<Checked> {
    let Some(text) = fs::read_bytes(signature)? else {
        return Err(Error::usage(format!("there is no signature {}", signature.display()))
            .hint("name it with `--signature FILE`"));
    };
    let checked = Detached::parse(&text).and_then(|detached| {
        let mut hashing = Hashing::new(detached.hasher()?);
        let mut file = File::open(archive).at("read", archive)?;
        io::copy(&mut file, &mut hashing).at("read", archive)?;
        let (hasher, sha256, size) = hashing.finish();
        Ok(Checked { signer: keyring.verify(&detached, hasher, now)?, sha256, size })
    });
    checked.map_err(|error| error.during(format!("cannot prove {} authentic", archive.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    #[test]
    fn a_refusal_names_the_file_and_a_missing_signature_the_option() {
        let dir = tempfile::tempdir().unwrap();
        let (archive, signature) = (dir.path().join("go.tar.gz"), dir.path().join("go.tar.gz.asc"));
        let keyring = crate::verify::Roots::google().keyring().unwrap();
        let check = || verify_file(&archive, &signature, &keyring, SystemTime::now()).unwrap_err();
        assert_eq!(
            (check().exit(), check().hints()),
            (Exit::Usage, &["name it with `--signature FILE`".to_owned()][..])
        );

        std::fs::write(&signature, include_bytes!("data/tests/go1.27.1.src.tar.gz.asc")).unwrap();
        assert!(check().to_string().contains("cannot read"), "{}", check());
        std::fs::write(&archive, "not Go").unwrap();
        assert_eq!(check().exit(), Exit::Untrusted);
        assert!(check().message().contains(&archive.display().to_string()));
    }
}
