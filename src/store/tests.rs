//! The store as a whole, on made toolchains: a folder with a name is one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gv_shim::version::Version;

use super::{Layout, Settings, Store};
use crate::error::Exit;
use crate::ui::Ui;

fn version(text: &str) -> Version {
    Version::from_store_name(text.as_bytes()).unwrap()
}

struct Made {
    store: Store,
    dir: tempfile::TempDir,
}

impl Made {
    /// A store with these toolchains and a gv-shim to make shims from.
    fn with(versions: &[&str]) -> Made {
        let dir = tempfile::tempdir().unwrap();
        let shim = dir.path().join("gv-shim");
        std::fs::write(&shim, "shim").unwrap();
        let layout = Layout::new(dir.path().join("root"));
        for name in versions {
            std::fs::create_dir_all(layout.toolchains().join(name).join("bin")).unwrap();
            std::fs::create_dir_all(layout.receipts()).unwrap();
            std::fs::write(layout.receipt(&version(name)), "{}").unwrap();
        }
        let settings = Settings { patience: Duration::ZERO, sync: false, shim: Some(shim), program: None };
        Made { store: Store::open(layout, settings).unwrap(), dir }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("root").join(path)
    }

    fn flip(&self, to: &str) -> Option<u64> {
        self.store.lock(&Ui::silent()).unwrap().flip(&version(to), "test").unwrap().map(|made| made.number)
    }

    fn rollback(&self) -> String {
        self.store.lock(&Ui::silent()).unwrap().rollback(None).unwrap().unwrap().current
    }

    fn pair(&self) -> (Option<String>, Option<String>) {
        let name = |link: &str| {
            let folder = std::fs::canonicalize(self.path(link)).ok()?;
            Some(folder.file_name()?.to_str()?.to_owned())
        };
        (name("current"), name("previous"))
    }
}

fn pair(current: &str, previous: Option<&str>) -> (Option<String>, Option<String>) {
    (Some(current.to_owned()), previous.map(str::to_owned))
}

#[test]
fn generations_count_up_and_a_flip_to_what_is_current_makes_none() {
    let made = Made::with(&["1.21.13", "1.22.3"]);
    assert_eq!(made.flip("1.21.13"), Some(1));
    assert_eq!(made.pair(), pair("1.21.13", None));
    assert_eq!(made.flip("1.22.3"), Some(2));
    assert_eq!(made.flip("1.22.3"), None);
    assert_eq!(made.pair(), pair("1.22.3", Some("1.21.13")));
    let numbers: Vec<u64> = made.store.history().unwrap().iter().map(|generation| generation.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_rollback_twice_returns() {
    let made = Made::with(&["1.21.13", "1.22.3"]);
    made.flip("1.21.13");
    let nothing = made.store.lock(&Ui::silent()).unwrap().rollback(None).unwrap_err();
    assert_eq!(nothing.exit(), Exit::NotInstalled);
    made.flip("1.22.3");
    assert_eq!((made.rollback().as_str(), made.rollback().as_str()), ("1.21.13", "1.22.3"));
    assert_eq!(made.pair(), pair("1.22.3", Some("1.21.13")));
}

#[test]
fn removing_what_is_current_moves_the_pointer_first_and_the_last_one_takes_it_away() {
    let made = Made::with(&["1.21.13", "1.22.3"]);
    made.flip("1.21.13");
    made.flip("1.22.3");
    let removal = made.store.lock(&Ui::silent()).unwrap().remove(&version("1.22.3")).unwrap();
    assert_eq!(removal.flipped.unwrap().current, "1.21.13");
    assert_eq!(made.pair(), pair("1.21.13", None));
    for gone in ["toolchains/1.22.3", "toolchains/1.22", "receipts/1.22.3.json", "shims/go1.22.3", "previous"] {
        assert!(made.path(gone).symlink_metadata().is_err(), "{gone} is still there");
    }
    let removal = made.store.lock(&Ui::silent()).unwrap().remove(&version("1.21.13")).unwrap();
    assert!(removal.deactivated);
    assert_eq!(made.pair(), (None, None));
    assert_eq!(made.store.active().unwrap(), None);
}

#[test]
fn the_next_lock_puts_right_what_a_crash_left() {
    let made = Made::with(&["1.22.3", "1.22.10"]);
    made.flip("1.22.3");
    std::fs::remove_file(made.path("shims/go1.22.10")).unwrap();
    std::fs::remove_file(made.path("current")).unwrap();
    std::fs::remove_file(made.path("toolchains/1.22")).unwrap();
    std::fs::write(made.path("shims/go1.20.1"), "").unwrap();
    std::fs::write(made.path("receipts/1.20.1.json"), "{}").unwrap();
    for dir in ["generations/.gv-new.generation", "staging/removed.1.20.1/bin", "staging/1.20.1/tree/bin"] {
        std::fs::create_dir_all(made.path(dir)).unwrap();
    }
    drop(made.store.lock(&Ui::silent()).unwrap());
    assert_eq!(made.pair(), pair("1.22.3", None));
    assert_eq!(std::fs::read_link(made.path("toolchains/1.22")).unwrap(), Path::new("1.22.10"));
    assert!(made.path("shims/go1.22.10").exists());
    for gone in [
        "shims/go1.20.1",
        "receipts/1.20.1.json",
        "generations/.gv-new.generation",
        "staging/removed.1.20.1",
        "staging/1.20.1",
    ] {
        assert!(!made.path(gone).exists(), "{gone} is still there");
    }
}

#[test]
fn a_linked_toolchain_is_no_version_and_is_never_swept() {
    let made = Made::with(&["1.22.3"]);
    let goroot = made.dir.path().join("goroot");
    std::fs::create_dir_all(goroot.join("bin")).unwrap();
    let link = |name: &str| made.store.lock(&Ui::silent()).unwrap().link(name, &goroot);
    assert_eq!(link("gotip").unwrap_err().exit(), Exit::Usage);
    std::fs::write(goroot.join("bin/go"), "").unwrap();
    for name in ["1.22", "1.22.3", "go1.22.3", "latest", "system", "current", "a/b", ""] {
        assert_eq!(link(name).unwrap_err().exit(), Exit::Usage, "{name}");
    }
    link("gotip").unwrap();
    link("gotip").unwrap();
    drop(made.store.lock(&Ui::silent()).unwrap());
    assert_eq!(made.store.installed().unwrap(), [version("1.22.3")]);
    assert_eq!(made.store.linked().unwrap().len(), 1);
    assert!(made.store.lock(&Ui::silent()).unwrap().unlink("gotip").unwrap());
    assert!(!made.store.lock(&Ui::silent()).unwrap().unlink("1.22").unwrap());
    assert!(made.path("toolchains/1.22").exists());
}
