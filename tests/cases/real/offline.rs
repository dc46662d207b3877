//! Real toolchains and their proofs, once more and without a network.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::need::lacks;
use crate::support::{golang, need, real};

/// Installs from a folder, and compares what is proven with what was proven when it was fetched.
fn installs(source: impl Fn(&Path) -> String) {
    let Some((gv, proxy)) = real::offline() else { return };
    let gv = gv.sources(&[&source(&proxy)]);
    gv.run("install 1.22.10").ok().says("proven by the checksum database").says("current: go 1.22.10");
    gv.invariant().shim("go version").ok().shows("go1.22.10 ");
    let Some(store) = real::store() else { return };
    let (fetched, again) = (real::receipt(&store, "1.22.10"), real::receipt(&gv.root(), "1.22.10"));
    for key in ["sha256", "h1", "proof", "files"] {
        assert_eq!(fetched[key], again[key], "{key}");
    }
    gv.run("verify").ok().shows("intact: go 1.22.10, ").shows("proven by the checksum database");
    std::fs::write(gv.root().join("toolchains/1.22.10/src/fmt/print.go"), "package fmt\n").unwrap();
    gv.run("verify").fails(5).shows("damaged: go 1.22.10\n  modified   src/fmt/print.go\n");
    gv.run("repair").ok().says("repaired go 1.22.10, proven by the checksum database");
    gv.run("verify").ok();
}

#[test]
fn a_module_proxy_in_a_folder_is_enough_for_a_proven_install() {
    installs(|proxy| format!("goproxy+file://{}", proxy.display()));
}

#[test]
fn a_folder_is_enough_for_a_proven_install() {
    installs(|proxy| format!("dir:{}", proxy.display()));
}

#[test]
fn every_fetched_toolchain_is_intact_and_proven_without_a_network() {
    let Some(gv) = real::sandbox() else { return };
    let outcome = gv.run("verify --all --offline").ok();
    for version in real::VERSIONS {
        let line = outcome.stdout.lines().find(|line| line.starts_with(&format!("intact: go {version}, ")));
        assert!(line.is_some_and(|line| line.ends_with("proven by the checksum database")), "{}", outcome.stdout);
    }
}

#[test]
fn a_real_record_does_not_prove_another_real_module() {
    let Some((gv, proxy)) = real::offline() else { return };
    let modules = proxy.join("golang.org/toolchain/@v");
    let zip = |version| modules.join(format!("{}.zip", real::module_version(version)));
    std::fs::remove_file(zip("1.22.10")).unwrap();
    std::os::unix::fs::symlink(zip("1.21.13"), zip("1.22.10")).unwrap();
    let source = format!("goproxy+file://{}", proxy.display());
    let gv = gv.sources(&[&source]);
    gv.run("install 1.22.10").fails(5);
    gv.nothing_installed("1.22.10");
}

#[test]
fn offline_says_what_it_cannot_do() {
    let Some((gv, proxy)) = real::offline() else { return };
    let gv = gv.sources(&["goproxy+https://proxy.invalid", &format!("dir:{}", proxy.display())]);
    gv.run("install 1.23.4").fails_with(&[3, 4]).says("1.23.4");
    let gv = gv.sources(&["goproxy+https://proxy.invalid"]);
    gv.run("install 1.22.10").fails(4).says("offline");
}

/// A tree's own hash by the rule of Go's `dirhash`, computed by other code than gv's.
fn tree_hash(tree: &Path, module: &str) -> String {
    let mut files = BTreeMap::new();
    crate::support::invariant::walk(tree, &mut |path| {
        if path.is_file() {
            let name = path.strip_prefix(tree).unwrap().to_str().unwrap();
            let name = match name.strip_suffix("go.mod") {
                Some(dir) if dir.is_empty() || dir.ends_with('/') => format!("{dir}_go.mod"),
                _ => name.to_owned(),
            };
            files.insert(format!("golang.org/toolchain@{module}/{name}"), std::fs::read(path).unwrap());
        }
    });
    golang::h1(files.iter().map(|(name, data)| (name.clone(), data.as_slice())))
}

#[test]
fn what_lies_on_disk_is_what_the_checksum_database_recorded() {
    let Some(store) = real::store() else { return };
    for version in real::VERSIONS {
        let receipt = real::receipt(&store, version);
        let (module, h1) = (real::module_version(version), receipt["h1"].as_str().unwrap());
        let record = receipt["proof"]["sumdb"]["record"].as_str().unwrap();
        assert_eq!(record.lines().next(), Some(format!("golang.org/toolchain {module} {h1}").as_str()));
        assert_eq!(tree_hash(&store.join("toolchains").join(version), &module), h1);
    }
}

/// What a go command says the hash of the module is; `None` if it cannot fetch it.
fn sum_by(go: &Path, module: &str) -> Option<String> {
    let cache = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut command = Command::new(go);
    command.args(["mod", "download", "-json", &format!("golang.org/toolchain@{module}")]).current_dir(cache.path());
    command.env("GOMODCACHE", cache.path()).env("GOTOOLCHAIN", "local").env("GOFLAGS", "-modcacherw");
    let output = command.output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    answer["Sum"].as_str().map(str::to_owned)
}

#[test]
fn the_machines_go_command_proves_the_same_hash_over_the_network() {
    let (Some(store), Some(go)) = (real::store(), need("go")) else { return };
    let module = real::module_version("1.22.10");
    let Some(sum) = sum_by(&go, &module) else {
        return lacks("what GOPROXY names");
    };
    assert_eq!(Some(sum.as_str()), real::receipt(&store, "1.22.10")["h1"].as_str());
}
