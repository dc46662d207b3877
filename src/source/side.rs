//! The files beside an archive: its signature and its hash.
//!
//! Their shape is checked, never the status alone: a server that has no such file may answer with a page.

use super::tree::Tree;
use crate::download::sample;
use crate::error::{Error, Result};
use crate::net::{Client, Failure};
use crate::sha256::Sha256;

const LARGEST_SIGNATURE: usize = 64 << 10;
const LARGEST_HASH: usize = 4 << 10;
const ARMOUR: &[u8] = b"-----BEGIN PGP SIGNATURE-----";

/// `<file>.asc`, armoured; `None` if there is none.
pub(super) fn signature(client: &Client, tree: &Tree, filename: &str) -> Result<Option<Vec<u8>>> {
    let name = format!("{filename}.asc");
    let Some(bytes) = optional(tree.get(client, &name, LARGEST_SIGNATURE))? else { return Ok(None) };
    if bytes.trim_ascii_start().starts_with(ARMOUR) {
        return Ok(Some(bytes));
    }
    Err(unshapely(tree, &name, "an armoured OpenPGP signature", &bytes))
}

/// `<file>.sha256`: 64 hexadecimal digits, and perhaps the file's name after them; `None` if there is none.
pub(super) fn sha256(client: &Client, tree: &Tree, filename: &str) -> Result<Option<Sha256>> {
    let name = format!("{filename}.sha256");
    let Some(bytes) = optional(tree.get(client, &name, LARGEST_HASH))? else { return Ok(None) };
    let mut words = bytes.trim_ascii().splitn(2, u8::is_ascii_whitespace);
    let hash = words.next().and_then(|word| std::str::from_utf8(word).ok()).and_then(Sha256::parse);
    let named = words.next().map(<[u8]>::trim_ascii);
    let names_it = named.is_none_or(|named| named.strip_prefix(b"*").unwrap_or(named) == filename.as_bytes());
    match hash.filter(|_| names_it) {
        Some(hash) => Ok(Some(hash)),
        None => Err(unshapely(tree, &name, "a SHA-256", &bytes)),
    }
}

/// What is not there is no failure.
pub(super) fn optional<T>(outcome: Result<T, Failure>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => Err(failure.error),
    }
}

fn unshapely(tree: &Tree, name: &str, what: &str, bytes: &[u8]) -> Error {
    Error::untrusted(format!("{} is not {what}", tree.place(name))).because(format!("it begins with {}", sample(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use crate::net::testing;

    const HASH: &str = "502fc16d5910562461e6a6631fb6377de2322aad7304bf2bcd23500ba9dab4a7";

    fn with(name: &str, content: &str) -> (tempfile::TempDir, Tree) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), content).unwrap();
        let tree = Tree::Folder(dir.path().to_owned());
        (dir, tree)
    }

    #[test]
    fn row_9_a_side_file_is_judged_by_its_shape() {
        let client = testing::client();
        for content in ["<!DOCTYPE html>", "", "-----BEGIN PGP MESSAGE-----", HASH] {
            let (_dir, tree) = with("f.asc", content);
            let error = signature(&client, &tree, "f").unwrap_err();
            assert_eq!(error.exit(), Exit::Untrusted, "{content}");
        }
        for content in ["<!DOCTYPE html>", "", &HASH[1..], &format!("{HASH}  other")] {
            let (_dir, tree) = with("f.sha256", content);
            let error = sha256(&client, &tree, "f").unwrap_err();
            assert_eq!(error.exit(), Exit::Untrusted, "{content}");
            assert!(error.to_string().contains("begins with"));
        }
    }

    #[test]
    fn a_side_file_is_read_and_may_be_missing() {
        let client = testing::client();
        for content in [HASH.to_owned(), format!("{HASH}\n"), format!("{HASH}  f\n"), format!("{HASH} *f\n")] {
            let (_dir, tree) = with("f.sha256", &content);
            assert_eq!(sha256(&client, &tree, "f").unwrap(), Sha256::parse(HASH));
            assert_eq!(signature(&client, &tree, "f").unwrap(), None);
        }
        let (_dir, tree) = with("f.asc", "-----BEGIN PGP SIGNATURE-----\nx");
        assert!(signature(&client, &tree, "f").unwrap().is_some());
    }
}
