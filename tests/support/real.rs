//! Real toolchains, from the folder that `GV_REAL_TOOLCHAINS` names and `tests/fetch-toolchains` fills.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::golang::HOST;
use super::{Sandbox, need};

/// The versions that are there, oldest first.
pub const VERSIONS: [&str; 3] = ["1.21.13", "1.22.10", "1.27.4"];

/// The version that is current in [`sandbox`].
pub const CURRENT: &str = "1.22.10";

/// The fetched store.
pub fn store() -> Option<PathBuf> {
    need("GV_REAL_TOOLCHAINS")
}

/// A store of its own over the fetched toolchains, which nobody ever writes to, with shims and pointers by this gv;
/// a go command in it finds no network and no module but those of a proxy that the test makes.
pub fn sandbox() -> Option<Sandbox> {
    let store = store()?;
    let gv = without_made_roots(Sandbox::new())
        .env("GOPROXY", "off")
        .env("GOFLAGS", "-modcacherw")
        .env("CGO_ENABLED", "0")
        // What two toolchains build of the standard library takes minutes, and stays the same from run to run.
        .env("GOCACHE", store.join("cache/go-build"));
    std::fs::create_dir_all(gv.root()).unwrap();
    for name in ["toolchains", "receipts"] {
        symlink(store.join(name), gv.root().join(name)).unwrap();
    }
    gv.run(&format!("use {CURRENT}")).ok();
    Some(gv)
}

/// A home without any toolchain, and a folder in it that holds what a module proxy with the checksum database would
/// serve for the fetched toolchains.
pub fn offline() -> Option<(Sandbox, PathBuf)> {
    let store = store()?;
    let gv = without_made_roots(Sandbox::new()).env("GV_OFFLINE", "true");
    let proxy = gv.folder().join("proxy");
    for version in VERSIONS {
        add(&store, &proxy, version);
    }
    symlink(store.join("cache/sumdb/sum.golang.org/tile"), proxy.join("sumdb/sum.golang.org/tile")).unwrap();
    Some((gv, proxy))
}

/// With the real roots of trust, and no source but those that are named.
fn without_made_roots(gv: Sandbox) -> Sandbox {
    gv.without("GV_TEST_ROOTS").sources(&["dir:/nowhere"])
}

/// The module's version: `v0.0.1-go1.22.10.linux-amd64`.
pub fn module_version(version: &str) -> String {
    format!("v0.0.1-go{version}.linux-{HOST}")
}

/// What gv wrote down when it installed a version.
pub fn receipt(root: &Path, version: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(root.join(format!("receipts/{version}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Adds a module and its record. The answer of the checksum database is remade from what the receipt keeps of it.
fn add(store: &Path, proxy: &Path, version: &str) {
    let name = module_version(version);
    let modules = proxy.join("golang.org/toolchain/@v");
    let lookups = proxy.join("sumdb/sum.golang.org/lookup/golang.org");
    std::fs::create_dir_all(&modules).unwrap();
    std::fs::create_dir_all(&lookups).unwrap();
    let zip = format!("{name}.zip");
    symlink(store.join("cache/archives").join(&zip), modules.join(&zip)).unwrap();
    std::fs::write(modules.join(format!("{name}.mod")), super::golang::GO_MOD).unwrap();
    let info = format!("{{\"Version\":\"{name}\",\"Time\":\"2024-05-01T19:49:47Z\"}}");
    std::fs::write(modules.join(format!("{name}.info")), info).unwrap();
    let receipt = receipt(store, version);
    let record = &receipt["proof"]["sumdb"];
    let text = |key: &str| record[key].as_str().unwrap_or_else(|| panic!("{version} is not proven: {record}"));
    let answer = format!("{}\n{}\n{}", record["id"], text("record"), text("note"));
    std::fs::write(lookups.join(format!("toolchain@{name}")), answer).unwrap();
}
