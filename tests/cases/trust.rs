//! What one source says of another's bytes, and what a proof leaves open.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;

use fs2::FileExt;

use crate::support::Sandbox;
use crate::support::golang::{HOST, Toolchain};
use crate::support::server::Lie;
use crate::support::tar::{self, gzip};

/// Offers an archive as go1.22.3 that only the checksum database can prove.
fn unsigned(archive: Vec<u8>) -> Sandbox {
    let gv = Sandbox::new().serving(["1.22.3"]);
    gv.server().site().publish_archive(&Toolchain::new("1.22.3"), archive);
    gv.server().lie("/dl/*.asc", Lie::Status(404));
    gv
}

fn receipt(gv: &Sandbox) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(gv.root().join("receipts/1.22.3.json")).unwrap()).unwrap()
}

/// A folder below the sandbox with these files.
fn folder<'a>(gv: &Sandbox, files: impl IntoIterator<Item = (String, &'a [u8])>) -> PathBuf {
    let root = gv.folder().join("mirror");
    for (name, bytes) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    root
}

#[test]
fn an_archive_without_a_signature_is_proven_by_the_checksum_database() {
    let gv = unsigned(Toolchain::new("1.22.3").archive());
    gv.run("install 1.22.3").ok().says("proven by the checksum database");
    assert_eq!(receipt(&gv)["form"], "archive");
    assert!(!gv.invariant().root().join("toolchains/1.22.3/test").exists());
}

#[test]
fn a_file_that_only_packing_should_have_renamed_is_not_proven_by_the_packed_name() {
    // Packed as a module, src/go.mod and src/_go.mod are one name, and so one h1.
    let honest = Toolchain::new("1.22.3");
    let go_mod = honest.files["src/go.mod"].data.clone();
    let gv = unsigned(honest.lacking("src/go.mod").having("src/_go.mod", go_mod).archive());
    gv.run("install 1.22.3").ok().says("_go.mod");
    assert_eq!(receipt(&gv)["form"], "module");
    assert!(gv.invariant().root().join("toolchains/1.22.3/src/go.mod").is_file());
}

#[test]
fn modes_that_nothing_proves_are_those_of_the_packing_rule() {
    let entries = Toolchain::new("1.22.3").entries().into_iter();
    let tool = format!("go/pkg/tool/linux_{HOST}/compile");
    let other = |name: &[u8]| match name {
        name if name == tool.as_bytes() => Some(0o644),
        b"go/src/fmt/print.go" => Some(0o755),
        _ => None,
    };
    let changed: Vec<_> = entries
        .map(|entry| match other(&entry.name) {
            Some(mode) => entry.mode(mode),
            None => entry,
        })
        .collect();
    let gv = unsigned(gzip(&tar::archive(&changed)));
    gv.run("install 1.22.3").ok().says("executable");
    assert_eq!(receipt(&gv)["form"], "module");
    gv.invariant();
}

#[test]
fn row_25_a_fork_is_the_end_even_when_the_bytes_never_came() {
    let gv = Sandbox::new().sources(&["goproxy", "dl"]).serving(["1.22.4", "1.22.3"]);
    gv.run("install 1.22.3").ok();
    gv.server().forget();
    let fork = gv.server().site().sumdb.forked(290);
    gv.server().site().sumdb = fork;
    gv.server().lie("*.zip", Lie::Status(404));
    gv.run("install 1.22.4").fails(5).says("contradict");
    gv.nothing_installed("1.22.4");
    assert!(gv.server().requests_to("/dl/*.tar.gz").is_empty(), "another source was asked after a fork");
}

#[test]
fn a_source_that_lied_is_not_asked_for_the_proofs_of_others() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    let made = Toolchain::new("1.22.3");
    let version = made.module_version();
    let zip = made.module_zip().bytes;
    let mirror = folder(
        &gv,
        [
            (format!("golang.org/toolchain/@v/{version}.zip"), &zip[..]),
            (format!("sumdb/sum.golang.org/lookup/golang.org/toolchain@{version}"), b"<html>"),
        ],
    );
    let gv = gv.sources(&[&format!("dir:{}", mirror.display()), "goproxy"]);
    gv.run("install 1.22.3").ok().says("not trusted");
    gv.invariant();
}

#[test]
fn a_page_in_place_of_another_source_s_signature_drops_that_source_alone() {
    let gv = unsigned(Toolchain::new("1.22.3").archive());
    let name = format!("{}.asc", Toolchain::new("1.22.3").file_name());
    let mirror = folder(&gv, [(name, &b"<html>"[..])]);
    let gv = gv.sources(&["dl", &format!("dir:{}", mirror.display()), "goproxy"]);
    gv.run("install 1.22.3").ok().says("not trusted").says("mirror");
    assert_eq!(receipt(&gv)["form"], "archive");
}

#[test]
fn what_a_failed_source_left_is_never_kept_as_another_s_archive() {
    let gv = Sandbox::new().serving(["1.22.3"]).env("GV_CACHE_KEEP", "true");
    let made = Toolchain::new("1.22.3");
    let archive = made.archive();
    let signature = gv.server().site().files[&format!("/dl/{}.asc", made.file_name())].clone();
    let name = made.file_name();
    let mirror = folder(&gv, [(name.clone(), &archive[..]), (format!("{name}.asc"), &signature)]);
    gv.server().lie("/dl/*.tar.gz", Lie::CutShort(100_000));
    let gv = gv.sources(&["dl", &format!("dir:{}", mirror.display())]);
    gv.run("install 1.22.3").ok();
    let kept = gv.root().join("cache/archives").join(name);
    assert!(!kept.exists() || std::fs::read(&kept).unwrap() == archive, "half an archive is kept under its name");
}

#[test]
fn row_11_without_a_ca_store_a_folder_still_answers() {
    let gv = Sandbox::new().serving(["1.22.3"]).env("SSL_CERT_FILE", "/nowhere/ca.pem");
    let name = Toolchain::new("1.22.3").file_name();
    let served = |name: &str| gv.server().site().files[&format!("/dl/{name}")].clone();
    let (archive, signature) = (served(&name), served(&format!("{name}.asc")));
    let mirror = folder(&gv, [(name.clone(), &archive[..]), (format!("{name}.asc"), &signature)]);
    let sources = format!("dl+https://127.0.0.1:{}/dl,dir:{}", gv.server().port(), mirror.display());
    gv.env("GV_SOURCES", sources).run("install 1.22.3").ok();
}

#[test]
fn row_45_an_interrupt_ends_the_wait_for_a_lock() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    let locks = gv.root().join("locks");
    std::fs::create_dir_all(&locks).unwrap();
    for name in ["1.22.3.lock", "store.lock"] {
        let lock = std::fs::File::create(locks.join(name)).unwrap();
        lock.lock_exclusive().unwrap();
        let running = gv.spawn(gv.gv().args(["install", "1.22.3"]));
        std::thread::sleep(Duration::from_secs(1));
        gv.output(gv.command("kill").args(["-INT", &running.child.id().to_string()])).ok();
        let outcome = running.wait().says("waiting for").within(Duration::from_secs(3));
        assert_eq!(outcome.status.signal(), Some(2));
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_41_a_lock_that_is_soon_free_is_waited_for_in_silence() {
    let gv = Sandbox::new().with("1.22.3");
    let lock = std::fs::File::open(gv.root().join("locks/store.lock")).unwrap();
    lock.lock_exclusive().unwrap();
    let running = gv.spawn(gv.gv().args(["uninstall", "--force", "1.22.3"]));
    std::thread::sleep(Duration::from_millis(200));
    drop(lock);
    running.wait().ok().never_says("waiting");
}

#[test]
fn row_45_a_hangup_that_nohup_has_taken_away_ends_nothing() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    std::fs::create_dir_all(gv.root().join("locks")).unwrap();
    let lock = std::fs::File::create(gv.root().join("locks/1.22.3.lock")).unwrap();
    lock.lock_exclusive().unwrap();
    let script = format!("trap '' HUP; exec '{}' install 1.22.3", gv.folder().join("bin/gv").display());
    let running = gv.spawn(gv.command("/bin/sh").args(["-c", &script]));
    std::thread::sleep(Duration::from_secs(1));
    gv.output(gv.command("kill").args(["-HUP", &running.child.id().to_string()])).ok();
    std::thread::sleep(Duration::from_millis(300));
    drop(lock);
    running.wait().ok().says("waiting for");
    gv.invariant();
}

#[test]
fn row_51_without_a_umask_nobody_else_may_write_where_programs_lie() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    let gv_program = gv.folder().join("bin/gv");
    let script = format!("umask 000; exec '{}' install 1.22.3", gv_program.display());
    gv.output(gv.command("/bin/sh").args(["-c", &script])).ok();
    for dir in ["", "toolchains", "toolchains/1.22.3", "toolchains/1.22.3/bin", "shims", "receipts", "locks"] {
        let mode = std::fs::metadata(gv.root().join(dir)).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0, "{dir} has mode {mode:o}");
    }
}
