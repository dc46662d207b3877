//! Receipts: where a toolchain came from, what proved it, and every file's hash.
//!
//! A receipt is one JSON document. Its `files` come last, after a fixed marker, so that `gv list` reads the
//! summary of a receipt without its 16,000 rows.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{At, Error, Result};
use crate::fs;

/// The version of the format; raised when a reader of the old one would misunderstand.
pub const SCHEMA: u32 = 1;

/// Where the summary ends and the files begin; part of the format.
const FILES: &str = ",\n\"files\":[\n";

/// The most that a summary takes: its longest part is an inclusion proof of 64 hashes.
const LARGEST_SUMMARY: u64 = 64 << 10;

/// What a receipt tells but for the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The store's spelling: `1.22.3`.
    pub version: String,
    /// `linux-amd64`.
    pub platform: String,
    /// `archive` or `module`.
    pub form: String,
    /// The source that the bytes came from, as the configuration names it.
    pub source: String,
    /// The URL or path of the bytes, without credentials.
    pub url: String,
    /// Bytes as downloaded.
    pub size: u64,
    /// SHA-256 of what was downloaded, 64 hex characters.
    pub sha256: String,
    /// The module hash of the unpacked files (`h1:` and base64), for every toolchain that Go publishes as a module.
    pub h1: Option<String>,
    /// What vouches for the bytes.
    pub proof: Proof,
    /// When it was installed, RFC 3339, UTC.
    pub installed_at: String,
    /// The version of gv that installed it.
    pub gv: String,
    /// How many files were unpacked.
    pub unpacked_files: u64,
    /// Bytes of all unpacked files together.
    pub unpacked_size: u64,
}

/// What vouches for a toolchain. Both may be there; with neither it is unproven.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Google's signature over the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openpgp: Option<OpenPgp>,
    /// The checksum database's record and its proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sumdb: Option<SumDb>,
}

impl Proof {
    /// For a status line: `proven by …`.
    pub fn sentence(&self) -> &'static str {
        match (&self.openpgp, &self.sumdb) {
            (Some(_), Some(_)) => "proven by Google's signature and the checksum database",
            (Some(_), None) => "proven by Google's signature",
            (None, Some(_)) => "proven by the checksum database",
            (None, None) => "unproven: only its checksum was compared",
        }
    }

    /// A word for lists: `signature`, `sumdb`, `signature+sumdb`, or `unproven`.
    pub fn word(&self) -> &'static str {
        match (&self.openpgp, &self.sumdb) {
            (Some(_), Some(_)) => "signature+sumdb",
            (Some(_), None) => "signature",
            (None, Some(_)) => "sumdb",
            (None, None) => "unproven",
        }
    }
}

/// An OpenPGP signature that was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPgp {
    /// Where the signature came from.
    pub url: String,
    /// Fingerprint of the pinned primary key.
    pub primary: String,
    /// Fingerprint of the subkey that signed.
    pub subkey: String,
    /// When it was signed, RFC 3339.
    pub created: String,
    /// The armoured signature itself.
    pub signature: String,
    /// The hash that was signed, in hexadecimal: with it the signature can be checked again without the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A record of the checksum database whose inclusion was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumDb {
    /// The database's name, `sum.golang.org`.
    pub name: String,
    /// The record's number in the log.
    pub id: u64,
    /// The record's lines.
    pub record: String,
    /// The signed tree that the record was proven to be in.
    pub note: String,
    /// The inclusion proof (RFC 6962, section 2.1.1): hashes in base64, leaf to root.
    pub inclusion: Vec<String>,
}

/// A file of a toolchain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Relative to GOROOT, `/` between parts.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Whether it is executable.
    pub executable: bool,
    /// SHA-256 of the content, 64 hex characters.
    pub sha256: String,
}

/// A summary and the files below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// All but the files.
    pub summary: Summary,
    /// Every file, sorted by path.
    pub files: Vec<FileRow>,
}

impl Receipt {
    /// The whole document; a row a file: `[path, bytes, "x" or "-", sha256]`.
    pub fn to_json(&self) -> Result<String> {
        let summary = serde_json::to_string_pretty(&self.summary).map_err(|err| Error::failed(err.to_string()))?;
        let mut text = String::with_capacity(summary.len() + 128 * self.files.len());
        text.push_str(summary.trim_end_matches(['}', '\n']));
        text.push_str(FILES);
        for (i, file) in self.files.iter().enumerate() {
            let path = serde_json::Value::from(file.path.as_str());
            let mode = if file.executable { "x" } else { "-" };
            let comma = if i + 1 < self.files.len() { "," } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "[{path},{},\"{mode}\",\"{}\"]{comma}", file.size, file.sha256);
        }
        text.push_str("]}\n");
        Ok(text)
    }

    /// Reads a whole receipt; `None` if there is none.
    pub fn read(path: &Path) -> Result<Option<Receipt>> {
        let Some(text) = fs::read_text(path)? else { return Ok(None) };
        let (head, rows) = text.split_once(FILES).ok_or_else(|| broken(path, "it ends before its files"))?;
        let summary = parse_summary(head, path)?;
        let rows: Vec<(String, u64, String, String)> =
            serde_json::from_str(&format!("[{}", rows.trim_end().trim_end_matches('}')))
                .map_err(|err| broken(path, &err.to_string()))?;
        let files = rows
            .into_iter()
            .map(|(path, size, mode, sha256)| FileRow { path, size, executable: mode == "x", sha256 })
            .collect();
        Ok(Some(Receipt { summary, files }))
    }
}

impl Summary {
    /// Reads a receipt up to its files; `None` if there is none.
    pub fn read(path: &Path) -> Result<Option<Summary>> {
        let Some(file) = fs::open_regular(path)? else { return Ok(None) };
        let mut head = Vec::with_capacity(4096);
        let mut file = file.take(LARGEST_SUMMARY);
        let mut chunk = [0; 4096];
        loop {
            let count = file.read(&mut chunk).at("read the receipt", path)?;
            let seen = head.len().saturating_sub(FILES.len());
            head.extend_from_slice(&chunk[..count]);
            let end = head[seen..].windows(FILES.len()).position(|window| window == FILES.as_bytes());
            if let Some(end) = end {
                let text = std::str::from_utf8(&head[..seen + end]).map_err(|err| broken(path, &err.to_string()))?;
                return parse_summary(text, path).map(Some);
            }
            if count == 0 {
                return Err(broken(path, "it ends before its files"));
            }
        }
    }
}

fn parse_summary(head: &str, path: &Path) -> Result<Summary> {
    let summary: Summary = serde_json::from_str(&format!("{head}}}")).map_err(|err| broken(path, &err.to_string()))?;
    if summary.schema > SCHEMA {
        return Err(broken(path, &format!("it has format {}, and this gv knows up to {SCHEMA}", summary.schema)));
    }
    Ok(summary)
}

fn broken(path: &Path, why: &str) -> Error {
    Error::untrusted(format!("the receipt {} cannot be read", path.display()))
        .because(why)
        .hint("`gv repair VERSION` installs that version again, with a receipt")
}

/// RFC 3339 in UTC, to the second.
pub fn timestamp(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        let summary = Summary {
            schema: SCHEMA,
            version: "1.22.3".into(),
            platform: "linux-amd64".into(),
            form: "module".into(),
            source: "goproxy".into(),
            url: "https://proxy.example/x.zip".into(),
            size: 3,
            sha256: "ab".repeat(32),
            h1: Some("h1:abc=".into()),
            proof: Proof::default(),
            installed_at: timestamp(SystemTime::UNIX_EPOCH),
            gv: "0.1.0".into(),
            unpacked_files: 2,
            unpacked_size: 7,
        };
        let file =
            |path: &str| FileRow { path: path.into(), size: 1, executable: path == "bin/go", sha256: "cd".repeat(32) };
        Receipt { summary, files: vec![file("VERSION"), file("bin/go"), file("src/a \"b\".go")] }
    }

    #[test]
    fn a_receipt_is_json_and_comes_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.json");
        let text = receipt().to_json().unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["files"][1][0], "bin/go");
        assert_eq!(value["installed_at"], "1970-01-01T00:00:00Z");
        std::fs::write(&path, text).unwrap();
        assert_eq!(Receipt::read(&path).unwrap().unwrap(), receipt());
        assert_eq!(Summary::read(&path).unwrap().unwrap(), receipt().summary);
    }

    #[test]
    fn a_truncated_receipt_is_an_error_and_a_missing_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.json");
        assert_eq!(Receipt::read(&path).unwrap(), None);
        assert_eq!(Summary::read(&path).unwrap(), None);
        let text = receipt().to_json().unwrap();
        for end in [0, 10, text.find(FILES).unwrap(), text.len() - 20] {
            std::fs::write(&path, &text[..end]).unwrap();
            assert!(Receipt::read(&path).unwrap_err().message().contains("cannot be read"));
        }
    }
}
