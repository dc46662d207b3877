//! The roots of trust.

use std::borrow::Cow;
use std::path::Path;

use super::openpgp::{GOOGLE, Keyring};
use super::sumdb::{Database, SignedTree, VerifierKey};
use crate::error::Result;
use crate::lock::Patience;

/// The roots of trust of one program: a value that its `main` passes in, so that no environment variable and
/// no setting can change those of an installed gv. Nothing is parsed before it is asked for.
#[derive(Clone, Debug)]
pub struct Roots {
    fingerprint: Cow<'static, str>,
    certificate: Cow<'static, [u8]>,
    database_key: Cow<'static, str>,
    first_head: Cow<'static, str>,
}

impl Roots {
    /// Google's primary PGP key, and sum.golang.org with a head that it signed before this gv was built.
    pub const fn google() -> Roots {
        Roots {
            fingerprint: Cow::Borrowed(GOOGLE),
            certificate: Cow::Borrowed(include_bytes!("data/google-linux_signing_key.asc")),
            database_key: Cow::Borrowed(include_str!("data/sum.golang.org.vkey")),
            first_head: Cow::Borrowed(include_str!("data/sum.golang.org.latest")),
        }
    }

    /// Roots made of keys that vouch for made toolchains: for the test program, never for an installed one.
    pub fn from_parts(
        fingerprint: impl Into<String>,
        certificate: impl Into<Vec<u8>>,
        database_key: impl Into<String>,
        first_head: impl Into<String>,
    ) -> Roots {
        Roots {
            fingerprint: Cow::Owned(fingerprint.into()),
            certificate: Cow::Owned(certificate.into()),
            database_key: Cow::Owned(database_key.into()),
            first_head: Cow::Owned(first_head.into()),
        }
    }

    /// The pinned primary with the certificate that was compiled in.
    pub fn keyring(&self) -> Result<Keyring> {
        Keyring::new(&self.fingerprint, &self.certificate)
    }

    /// The pinned primary with a certificate of the user's, and nothing of the one that was compiled in.
    pub fn keyring_of(&self, file: &[u8]) -> Result<Keyring> {
        Keyring::new(&self.fingerprint, file)
    }

    /// The checksum database, with what is remembered of it below the folder `cache`, which others may be using.
    pub fn database(&self, cache: &Path, patience: Patience) -> Result<Database> {
        let key = self.database_key()?;
        let head = SignedTree::open(&self.first_head, &key)?;
        Ok(Database::new(key, cache, head, patience))
    }

    /// The checksum database's key, which proves a kept record without any database.
    pub fn database_key(&self) -> Result<VerifierKey> {
        self.database_key.trim().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_is_whole() {
        let roots = Roots::google();
        assert_eq!(roots.keyring().unwrap().primary(), GOOGLE);
        let head = SignedTree::open(&roots.first_head, &roots.database_key().unwrap()).unwrap();
        assert!(head.tree.size >= 71_909_756);
    }
}
