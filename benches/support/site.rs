//! A download site and a module proxy for one real toolchain, as files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys;
use crate::support::built;

/// The toolchain; one of those that `tests/fetch-toolchains` fetches.
pub const VERSION: &str = "1.21.13";

/// What is served, and what it is proven by.
#[derive(Debug)]
pub struct Site {
    /// The files.
    pub folder: PathBuf,
    /// For `GV_TEST_ROOTS`.
    pub roots: PathBuf,
    /// gv with these roots, beside its shim.
    pub program: PathBuf,
}

impl Site {
    /// The one that [`publish`] has made in a folder.
    pub fn at(folder: &Path) -> Site {
        Site { folder: folder.to_owned(), roots: folder.join("roots"), program: folder.join("bin/gv-under-test") }
    }

    /// Where the archive lies.
    pub fn archive(&self) -> PathBuf {
        self.folder.join("dl").join(archive_name())
    }

    /// In bytes.
    pub fn archive_size(&self) -> u64 {
        fs::metadata(self.archive()).expect("it was made").len()
    }

    /// In bytes.
    pub fn module_size(&self) -> u64 {
        fs::metadata(self.folder.join(module_path())).expect("it was linked").len()
    }
}

/// `go1.21.13.linux-amd64.tar.gz`.
pub fn archive_name() -> String {
    format!("go{VERSION}.linux-amd64.tar.gz")
}

/// The module's path on the server.
pub fn module_path() -> String {
    format!("golang.org/toolchain/@v/{}.zip", module())
}

fn module() -> String {
    format!("v0.0.1-go{VERSION}.linux-amd64")
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// Lays everything out.
pub fn publish(store: &Path, folder: &Path) {
    let site = Site::at(folder);
    fs::create_dir_all(folder.join("bin")).expect("a folder");
    fs::copy(built("examples/gv-under-test"), &site.program).expect("a copy of gv");
    fs::copy(built("gv-shim"), folder.join("bin/gv-shim")).expect("a copy of the shim");
    publish_module(store, &site);
    publish_archive(store, &site);
}

fn publish_module(store: &Path, site: &Site) {
    let (zip, sumdb) = (site.folder.join(module_path()), site.folder.join("sumdb/sum.golang.org"));
    write(&zip.with_extension("info"), format!("{{\"Version\":\"{}\"}}", module()));
    symlink(store.join("cache/archives").join(format!("{}.zip", module())), zip).expect("a link");
    write(&sumdb.join("supported"), "");
    symlink(store.join("cache/sumdb/sum.golang.org/tile"), sumdb.join("tile")).expect("a link");
    let receipt = fs::read(store.join(format!("receipts/{VERSION}.json"))).expect("the receipt");
    let receipt: serde_json::Value = serde_json::from_slice(&receipt).expect("the receipt is JSON");
    let record = &receipt["proof"]["sumdb"];
    let text = |key: &str| record[key].as_str().expect("it is proven by the checksum database");
    let answer = format!("{}\n{}\n{}", record["id"], text("record"), text("note"));
    write(&sumdb.join(format!("lookup/golang.org/toolchain@{}", module())), answer);
}

/// An archive as Go packs its own: sorted, owned by root, gzip -9.
fn publish_archive(store: &Path, site: &Site) {
    let archive = site.archive();
    fs::create_dir_all(archive.parent().expect("a folder above")).expect("a folder");
    let mut tar = Command::new("tar");
    tar.args(["-I", "gzip -9", "-cf"]).arg(&archive);
    tar.args(["--format=ustar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"]);
    tar.arg(format!("--transform=s,^{VERSION},go,")).arg("-C").arg(store.join("toolchains")).arg(VERSION);
    assert!(tar.status().is_ok_and(|status| status.success()), "tar cannot pack {VERSION}");
    let bytes = fs::read(&archive).expect("the archive");
    let signer = keys::pinned();
    write(&archive.with_added_extension("asc"), signer.sign(&bytes));
    write(&site.roots.join("primary.fpr"), signer.fingerprint());
    write(&site.roots.join("cert.asc"), signer.armored());
    let name = archive_name();
    let sha256 = gv::sha256::Sha256::of(&bytes).to_string();
    write(&archive.with_added_extension("sha256"), &sha256);
    let index = serde_json::json!([{
        "version": format!("go{VERSION}"),
        "stable": true,
        "files": [{
            "filename": name, "os": "linux", "arch": "amd64", "version": format!("go{VERSION}"),
            "sha256": sha256, "size": bytes.len(), "kind": "archive",
        }],
    }]);
    // What the server gives for `dl/?mode=json&include=all`.
    write(&site.folder.join("dl/index"), index.to_string());
}
