//! What changes while it is looked at, and what cannot be looked at.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::store::{FileRow, Layout, Proof, SCHEMA, Settings};

const FILES: [(&str, &str); 3] = [("VERSION", "go1.22.3"), ("bin/go", "program"), ("src/a/b/c.go", "package c")];

struct Made {
    store: Store,
    _dir: tempfile::TempDir,
}

impl Made {
    /// A toolchain of three files, with a receipt that proves nothing; `form` and `version` are the receipt's.
    fn new(form: &str, version: &str) -> Made {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path().join("root"));
        let goroot = layout.toolchains().join(version);
        for (name, text) in FILES {
            std::fs::create_dir_all(goroot.join(name).parent().unwrap()).unwrap();
            std::fs::write(goroot.join(name), text).unwrap();
            let mode = if name == "bin/go" { 0o755 } else { 0o644 };
            std::fs::set_permissions(goroot.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let row = |(path, text): &(&str, &str)| FileRow {
            path: (*path).to_owned(),
            size: text.len() as u64,
            executable: *path == "bin/go",
            sha256: crate::sha256::Sha256::of(text.as_bytes()).to_string(),
        };
        let summary = Summary {
            schema: SCHEMA,
            version: version.to_owned(),
            platform: "linux-amd64".to_owned(),
            form: form.to_owned(),
            source: String::new(),
            url: String::new(),
            size: 0,
            sha256: String::new(),
            h1: None,
            proof: Proof::default(),
            installed_at: String::new(),
            gv: String::new(),
            unpacked_files: 3,
            unpacked_size: 0,
        };
        let receipt = Receipt { summary, files: FILES.iter().map(row).collect() };
        std::fs::create_dir_all(layout.receipts()).unwrap();
        std::fs::write(layout.receipts().join(format!("{version}.json")), receipt.to_json().unwrap()).unwrap();
        let settings = Settings { patience: Duration::ZERO, sync: false, shim: None, program: None };
        Made { store: Store::open(layout, settings).unwrap(), _dir: dir }
    }

    fn goroot(&self) -> PathBuf {
        self.store.layout().toolchain(&self.version())
    }

    fn version(&self) -> Version {
        self.store.installed().unwrap()[0]
    }

    fn audit(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Audit> {
        let roots = Roots::google();
        let version = Version::parse(b"1.22.3").unwrap();
        Auditor { store: &self.store, roots: &roots, trust: Trust::Checksum }.audit(&version, progress)
    }
}

#[test]
fn a_toolchain_that_is_replaced_or_removed_meanwhile_is_neither_intact_nor_damaged() {
    for replaced in [true, false] {
        let made = Made::new("module", "1.22.3");
        let (goroot, aside) = (made.goroot(), made.store.layout().root().join("aside"));
        let error = made
            .audit(&|_| {
                // Only the first file of several threads' moves it.
                if std::fs::rename(&goroot, &aside).is_ok() && replaced {
                    std::fs::create_dir(&goroot).unwrap();
                }
            })
            .unwrap_err();
        assert_eq!(error.exit(), Exit::Busy);
        assert!(error.message().contains("go 1.22.3 was replaced or removed"), "{error}");
    }
    let made = Made::new("module", "1.22.3");
    std::fs::remove_dir_all(made.goroot()).unwrap();
    assert_eq!(made.audit(&|_| {}).unwrap_err().exit(), Exit::NotInstalled);
}

#[test]
fn every_byte_is_counted_and_one_link_in_the_place_of_all_is_not_followed() {
    let made = Made::new("module", "1.22.3");
    let most = std::sync::atomic::AtomicU64::new(0);
    let audit = made.audit(&|read| _ = most.fetch_max(read, std::sync::atomic::Ordering::Relaxed)).unwrap();
    assert_eq!((audit.verdict(), audit.files, audit.size), (Verdict::Intact, 3, 24));
    assert_eq!(most.into_inner(), 24);
    let aside = made.store.layout().root().join("aside");
    std::fs::rename(made.goroot(), &aside).unwrap();
    std::os::unix::fs::symlink(&aside, made.store.layout().toolchains().join("1.22.3")).unwrap();
    assert_eq!(made.audit(&|_| {}).unwrap_err().exit(), Exit::Failed);
}

#[test]
fn only_archives_of_old_may_hold_folders_without_files() {
    let empty = |form: &str, version: &str| {
        let made = Made::new(form, version);
        for name in ["pkg/obj", "src/a/empty"] {
            std::fs::create_dir_all(made.goroot().join(name)).unwrap();
        }
        let receipt = made.store.receipt(&made.version()).unwrap().unwrap();
        let expected = Expected::of(&receipt, &made.version(), true).unwrap();
        let root = walk::open(&made.goroot()).unwrap().unwrap();
        let mut problems = compare::problems(&expected, walk::walk(root, &expected, 2, &|_| {}).unwrap());
        problems.retain(|problem| problem.kind == Kind::Extra);
        problems.iter().map(Problem::path).collect::<Vec<_>>()
    };
    assert_eq!(empty("archive", "1.20.3"), ["pkg/"]);
    assert_eq!(empty("archive", "1.22.3"), ["pkg/", "src/a/empty/"]);
    assert_eq!(empty("module", "1.20.3"), ["pkg/", "src/a/empty/"]);
}

#[test]
fn a_receipt_leads_nowhere() {
    let made = Made::new("module", "1.22.3");
    let path = made.store.layout().receipt(&made.version());
    let text = std::fs::read_to_string(&path).unwrap().replace("src/a/b/c.go", "../../../etc/passwd");
    std::fs::write(&path, text).unwrap();
    let audit = made.audit(&|_| {}).unwrap();
    let found: Vec<String> =
        audit.problems.iter().map(|problem| format!("{} {}", problem.kind.word(), problem.path())).collect();
    assert_eq!(found, ["missing ../", "extra src/"]);
}
