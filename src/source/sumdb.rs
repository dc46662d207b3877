//! The road to the checksum database. What comes along it is not trusted: `verify` proves it.

use super::tree::Tree;
use crate::error::{Error, Result};
use crate::net::Client;

/// The database that Go's own tools use.
pub const NAME: &str = "sum.golang.org";

/// More than any lookup or tile; a tile of hashes has 8 KiB.
const LARGEST: usize = 1 << 20;

/// Fetches the checksum database's files, through a module proxy, from a folder, or directly.
pub struct SumDb<'a> {
    client: &'a Client,
    tree: Tree,
}

impl<'a> SumDb<'a> {
    /// The database itself.
    pub(super) fn direct(client: &'a Client) -> Result<SumDb<'a>> {
        Ok(SumDb { client, tree: Tree::parse(&format!("https://{NAME}"))? })
    }

    /// The database below `/sumdb/` of a module proxy or a folder.
    pub(super) fn within(client: &'a Client, tree: &Tree) -> SumDb<'a> {
        let tree = match tree {
            Tree::Server(url) => Tree::Server(url.below(&format!("sumdb/{NAME}"))),
            Tree::Folder(dir) => Tree::Folder(dir.join("sumdb").join(NAME)),
        };
        SumDb { client, tree }
    }

    /// The database's files are in this folder or below this URL; for messages and receipts.
    pub fn place(&self) -> String {
        self.tree.to_string()
    }

    /// Fetches `/latest`, `/lookup/…` or `/tile/…`.
    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        let relative = path.strip_prefix('/').unwrap_or(path);
        let plain = relative.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !plain || relative.contains(['?', '#', '\\', '%', '\0']) {
            return Err(Error::untrusted(format!("`{path}` is no path of the checksum database")));
        }
        Ok(self.tree.get(self.client, relative, LARGEST)?)
    }
}

impl crate::verify::sumdb::Transport for SumDb<'_> {
    fn get(&self, path: &str) -> Result<Vec<u8>> {
        SumDb::get(self, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing;

    #[test]
    fn threads_may_share_it() {
        fn shared<T: Sync + Send>() {}
        shared::<SumDb<'_>>();
    }

    #[test]
    fn a_path_stays_within_the_database() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("sumdb").join(NAME)).unwrap();
        std::fs::write(dir.path().join("sumdb").join(NAME).join("latest"), "tree").unwrap();
        let client = testing::client();
        let sumdb = SumDb::within(&client, &Tree::Folder(dir.path().to_owned()));
        assert_eq!(sumdb.get("/latest").unwrap(), b"tree");
        for path in ["/../latest", "/lookup/../../x", "//latest", "/", "/latest?x", "/%2e%2e/latest"] {
            assert!(sumdb.get(path).unwrap_err().message().contains("no path"), "{path}");
        }
        assert!(sumdb.get("/tile/8/0/000").is_err());
    }
}
