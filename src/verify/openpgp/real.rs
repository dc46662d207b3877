//! Google's signatures over Go's own source archives, which `tests/fetch-signed-sources` fetches. They are too
//! large to be kept here: `GV_REAL_SIGNED` names the folder.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::policy::Rules;
use super::{Detached, GOOGLE, Keyring};
use crate::error::{Exit, Result};
use crate::need::need;
use crate::verify::{Checked, Roots, verify_file};

/// The archives of the folder, each with its signature.
fn archives(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    for name in crate::fs::names(folder).unwrap() {
        let archive = folder.join(name);
        if archive.extension().is_some_and(|extension| extension == "gz") {
            let signature = PathBuf::from(format!("{}.asc", archive.display()));
            found.push((archive, signature));
        }
    }
    found
}

fn refused(result: Result<Checked>, why: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.exit(), Exit::Untrusted, "{error}");
    assert!(error.to_string().contains(why), "{error}");
}

/// Google's certificate without the subkey of this fingerprint.
fn without(subkey: &str) -> Keyring {
    let cert = Roots::google().keyring().unwrap().cert.retain_subkeys(|key| key.key().fingerprint().to_hex() != subkey);
    Keyring { rules: Rules::of(&cert.fingerprint()), cert }
}

#[test]
fn real_go_archives_are_accepted_and_nothing_near_them() {
    let Some(folder) = need("GV_REAL_SIGNED") else { return };
    let archives = archives(&folder);
    assert!(archives.len() >= 2, "tests/fetch-signed-sources fetches two");
    let (keyring, now) = (Roots::google().keyring().unwrap(), SystemTime::now());
    for (index, (archive, signature)) in archives.iter().enumerate() {
        let checked = verify_file(archive, signature, &keyring, now).unwrap();
        assert_eq!(checked.signer.primary, GOOGLE);
        assert_eq!(checked.size, std::fs::metadata(archive).unwrap().len());
        writeln!(io::stderr(), "{}: signed by {}", archive.display(), checked.signer.subkey).unwrap();

        // By the hash that a receipt keeps, without the archive.
        let detached = Detached::parse(&std::fs::read(signature).unwrap()).unwrap();
        let digest = &checked.signer.digest;
        assert!(keyring.verify_again(&detached, Some(digest), now).unwrap());
        let changed = format!("{}{}", if digest.starts_with('0') { '1' } else { '0' }, &digest[1..]);
        assert!(keyring.verify_again(&detached, Some(&changed), now).is_err());

        let (_, other) = &archives[(index + 1) % archives.len()];
        refused(verify_file(archive, other, &keyring, now), "not the bytes that were signed");
        refused(verify_file(archive, signature, &without(&checked.signer.subkey), now), "no key of the pinned primary");

        let dir = tempfile::tempdir().unwrap();
        let changed = dir.path().join("changed");
        let mut bytes = std::fs::read(archive).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&changed, &bytes).unwrap();
        refused(verify_file(&changed, signature, &keyring, now), "not the bytes that were signed");
    }
}
