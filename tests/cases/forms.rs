//! A folder that holds one version twice: as archive and as module.

use crate::support::Sandbox;
use crate::support::golang::Toolchain;
use crate::support::server::Lie;

/// The first source is a folder with the archive and the module of `made`, and these files beside the archive.
fn both_forms(made: &Toolchain, archive: &[u8], beside: &[(&str, &[u8])]) -> Sandbox {
    let gv = Sandbox::new();
    gv.publish(made);
    let mirror = gv.folder().join("mirror");
    let modules = mirror.join("golang.org/toolchain/@v");
    std::fs::create_dir_all(&modules).unwrap();
    std::fs::write(mirror.join(made.file_name()), archive).unwrap();
    std::fs::write(modules.join(format!("{}.zip", made.module_version())), made.module_zip().bytes).unwrap();
    for (ending, bytes) in beside {
        std::fs::write(mirror.join(format!("{}.{ending}", made.file_name())), bytes).unwrap();
    }
    gv.sources(&[&format!("dir:{}", mirror.display()), "goproxy"])
}

/// Installs it, and tells the form and the source that the receipt names.
#[track_caller]
fn installed(gv: &Sandbox, made: &Toolchain, options: &str) -> (String, bool) {
    gv.run(&format!("install {options} {}", made.version)).ok();
    gv.invariant();
    let receipt = std::fs::read(gv.root().join(format!("receipts/{}.json", made.version))).unwrap();
    let receipt: serde_json::Value = serde_json::from_slice(&receipt).unwrap();
    let from_folder = receipt["source"].as_str().is_some_and(|source| source.ends_with("/mirror"));
    (receipt["form"].as_str().unwrap().to_owned(), from_folder)
}

#[test]
fn an_archive_that_nothing_can_prove_gives_way_to_the_module_beside_it() {
    // Nobody's record is that of an archive of 1.20, so without a signature it has no proof.
    let made = Toolchain::new("1.20.3");
    let gv = both_forms(&made, &made.archive(), &[]);
    assert_eq!(installed(&gv, &made, ""), ("module".to_owned(), true));
}

#[test]
fn an_archive_that_has_its_proof_goes_before_the_module() {
    let made = Toolchain::new("1.20.3");
    let signature = crate::support::keys::pinned().sign(&made.archive()).into_bytes();
    let gv = both_forms(&made, &made.archive(), &[("asc", &signature)]);
    assert_eq!(installed(&gv, &made, ""), ("archive".to_owned(), true));
    let made = Toolchain::new("1.22.3");
    let gv = both_forms(&made, &made.archive(), &[]);
    assert_eq!(installed(&gv, &made, ""), ("archive".to_owned(), true));
}

#[test]
fn the_trust_that_is_asked_for_chooses_the_form() {
    let made = Toolchain::new("1.22.3");
    let signature = crate::support::keys::pinned().sign(&made.archive()).into_bytes();
    let gv = both_forms(&made, &made.archive(), &[("asc", &signature)]);
    assert_eq!(installed(&gv, &made, "--trust all"), ("archive".to_owned(), true));
    let hash = crate::support::golang::sha256(&made.archive()).into_bytes();
    let gv = both_forms(&made, &made.archive(), &[("sha256", &hash)]);
    assert_eq!(installed(&gv, &made, "--trust checksum"), ("archive".to_owned(), true));
    // Neither form can have what is asked for, and the refusal speaks of the archive.
    let gv = both_forms(&made, &made.archive(), &[]);
    gv.run("install --trust checksum 1.22.3").fails(5).says(&format!("{} comes without", made.file_name()));
    gv.nothing_installed("1.22.3");
}

#[test]
fn an_archive_that_fails_its_proof_takes_the_module_with_it() {
    let made = Toolchain::new("1.20.3");
    let signature = crate::support::keys::pinned().sign(&made.archive()).into_bytes();
    let tampered = made.clone().having("src/fmt/print.go", "package evil\n").archive();
    let gv = both_forms(&made, &tampered, &[("asc", &signature)]);
    gv.server().lie("*.zip", Lie::Status(404));
    gv.run("install 1.20.3").fails(5).says("mirror");
    gv.nothing_installed("1.20.3");
}
