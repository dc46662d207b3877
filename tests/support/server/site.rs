//! What the server has: files by path, the index, the module lists and the checksum database.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::golang::{GO_MOD, Toolchain, sha256};
use crate::support::keys;
use crate::support::sumdb::Sumdb;

/// How many records stand in the checksum database before the first toolchain: more than one full tile.
const FILLER: usize = 300;

/// The module's path below a proxy.
const MODULE: &str = "/proxy/golang.org/toolchain/@v";

/// The content of a server.
pub struct Site {
    /// Files by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The index of `dl`, oldest release first.
    pub index: Vec<Value>,
    /// The checksum database, found at `/sum/` and at `/proxy/sumdb/sum.golang.org/`.
    pub sumdb: Sumdb,
}

impl Site {
    pub(super) fn new() -> Site {
        Site { files: BTreeMap::new(), index: Vec::new(), sumdb: Sumdb::new(FILLER) }
    }

    /// Publishes a toolchain as archive and as module, signed and recorded.
    pub fn publish(&mut self, toolchain: &Toolchain) {
        self.publish_archive(toolchain, toolchain.archive());
        self.publish_module(toolchain, toolchain.module_zip().bytes);
        self.sumdb.add(&toolchain.record());
    }

    /// Publishes these bytes as a toolchain's archive, honestly signed and listed whatever they are.
    pub fn publish_archive(&mut self, toolchain: &Toolchain, bytes: Vec<u8>) {
        let file = toolchain.file_name();
        let hash = sha256(&bytes);
        self.list(toolchain, &hash, bytes.len());
        self.files.insert(format!("/dl/{file}.sha256"), hash.into_bytes());
        self.files.insert(format!("/dl/{file}.asc"), keys::pinned().sign(&bytes).into_bytes());
        self.files.insert(format!("/dl/{file}"), bytes);
    }

    /// Publishes these bytes as a toolchain's module zip, without a record in the checksum database.
    pub fn publish_module(&mut self, toolchain: &Toolchain, zip: Vec<u8>) {
        let version = toolchain.module_version();
        let info = json!({"Version": version, "Time": "2024-05-01T19:49:47Z"}).to_string();
        self.files.insert(format!("{MODULE}/{version}.info"), info.into_bytes());
        self.files.insert(format!("{MODULE}/{version}.mod"), GO_MOD.as_bytes().to_vec());
        self.files.insert(format!("{MODULE}/{version}.zip"), zip);
        let list = self.files.entry(format!("{MODULE}/list")).or_default();
        list.extend(format!("{version}\n").bytes());
    }

    /// Adds a file to the index, or replaces what the index says of it.
    fn list(&mut self, toolchain: &Toolchain, hash: &str, size: usize) {
        let (name, file) = (toolchain.name(), toolchain.file_name());
        let row = json!({
            "filename": file, "os": toolchain.os, "arch": toolchain.archive_arch(),
            "version": name, "sha256": hash, "size": size, "kind": "archive",
        });
        let release = self.index.iter_mut().find(|release| release["version"] == name.as_str());
        if let Some(files) = release.and_then(|release| release["files"].as_array_mut()) {
            files.retain(|row| row["filename"] != file.as_str());
            return files.push(row);
        }
        let stable = !name.contains("rc") && !name.contains("beta");
        self.index.push(json!({"version": name, "stable": stable, "files": [row]}));
    }

    /// The content of a path with its query.
    pub fn find(&self, path: &str) -> Option<Vec<u8>> {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let database = bare.strip_prefix("/proxy/sumdb/sum.golang.org/").or_else(|| bare.strip_prefix("/sum/"));
        if let Some(rest) = database {
            return self.sumdb.answer(rest);
        }
        if matches!(bare, "/dl" | "/dl/") && query.contains("mode=json") {
            return Some(self.listing(query.contains("include=all")).into_bytes());
        }
        self.files.get(bare).cloned()
    }

    /// The index: newest first; all of it, or the two newest stable releases.
    fn listing(&self, all: bool) -> String {
        let newest_first = self.index.iter().rev().filter(|release| all || release["stable"] == true);
        let count = if all { usize::MAX } else { 2 };
        Value::Array(newest_first.take(count).cloned().collect()).to_string()
    }
}
