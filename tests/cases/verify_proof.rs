//! What the proofs in a receipt are worth once somebody has written to it.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::golang::{Toolchain, sha256};
use crate::support::keys::{pinned, stranger};
use crate::support::server::Lie;

/// A toolchain that the checksum database proves.
fn proven() -> Sandbox {
    Sandbox::new().sources(&["goproxy"]).with("1.22.3")
}

/// One that Google's signature proves.
fn signed() -> Sandbox {
    Sandbox::new().sources(&["dl"]).with("1.22.3")
}

fn receipt(gv: &Sandbox) -> PathBuf {
    gv.root().join("receipts/1.22.3.json")
}

fn told(gv: &Sandbox) -> Value {
    serde_json::from_slice(&std::fs::read(receipt(gv)).unwrap()).unwrap()
}

/// Puts another text into the receipt.
#[track_caller]
fn edit(gv: &Sandbox, from: &str, to: &str) {
    let text = std::fs::read_to_string(receipt(gv)).unwrap();
    assert!(text.contains(from), "the receipt has no {from}");
    std::fs::write(receipt(gv), text.replace(from, to)).unwrap();
}

/// Edits a file, and the receipt's row of it along with it.
fn forge(gv: &Sandbox, name: &str, content: &str) {
    let path = gv.root().join("toolchains/1.22.3").join(name);
    let before = std::fs::read(&path).unwrap();
    std::fs::write(&path, content).unwrap();
    let row = |data: &[u8]| format!("[\"{name}\",{},\"-\",\"{}\"]", data.len(), sha256(data));
    edit(gv, &row(&before), &row(content.as_bytes()));
}

#[track_caller]
fn unproven(gv: &Sandbox, why: &str) {
    let outcome = gv.run("verify --offline 1.22.3").fails(5).says("is not proven").says("gv repair 1.22.3");
    assert!(outcome.stdout.starts_with("unproven: go 1.22.3\n"), "{}", outcome.stdout);
    outcome.shows(why);
}

#[test]
fn a_file_and_its_row_changed_together_are_not_those_of_the_checksum_database() {
    let gv = proven();
    forge(&gv, "go.env", "GOPROXY=https://evil.example\n");
    let outcome = gv.run("verify 1.22.3").fails(5);
    outcome.shows("its files are those of its receipt, and not those of the checksum database");
}

#[test]
fn a_signature_speaks_of_the_archive_and_the_list_of_files_is_the_receipt_s_word() {
    // What README and the help say that a signature cannot do, so that it is noticed when it can.
    let gv = signed();
    forge(&gv, "go.env", "GOPROXY=https://evil.example\n");
    gv.run("verify 1.22.3").ok().shows("as its receipt lists them");
}

#[test]
fn with_both_proofs_the_folders_of_the_archive_alone_rest_on_the_receipt() {
    let gv = Sandbox::new().env("GV_TRUST", "all").with("1.22.3");
    gv.run("verify 1.22.3").ok().shows("proven by the checksum database and Google's signature");
    forge(&gv, "test/fixedbugs/bug000.go", "package other\n");
    gv.run("verify 1.22.3").ok();
    forge(&gv, "src/fmt/print.go", "package evil\n");
    unproven(&gv, "not those of the checksum database");
}

#[test]
fn a_name_that_packing_hides_is_an_extra_file() {
    // As a module, src/_go.mod and src/go.mod have one h1.
    let gv = proven();
    let src = gv.root().join("toolchains/1.22.3/src");
    std::fs::rename(src.join("go.mod"), src.join("_go.mod")).unwrap();
    edit(&gv, "\"src/go.mod\"", "\"src/_go.mod\"");
    unproven(&gv, "extra      src/_go.mod");
}

#[test]
fn a_mode_that_nothing_proves_is_that_of_packing_whatever_the_receipt_says() {
    use std::os::unix::fs::PermissionsExt;
    let gv = proven();
    let path = gv.root().join("toolchains/1.22.3/src/fmt/print.go");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let row = format!("\"-\",\"{}\"", sha256(&std::fs::read(&path).unwrap()));
    edit(&gv, &row, &row.replace('-', "x"));
    gv.run("verify 1.22.3").fails(5).shows("mode       src/fmt/print.go (it should not be executable)");
}

#[test]
fn a_row_that_is_wrong_of_a_file_that_is_right_is_told_as_that() {
    let gv = proven();
    let print = std::fs::read(gv.root().join("toolchains/1.22.3/src/fmt/print.go")).unwrap();
    edit(&gv, &sha256(&print), &sha256(b"another"));
    gv.run("verify 1.22.3").fails(5).shows("damaged: go 1.22.3\n  receipt    src/fmt/print.go");
}

/// What to put another text in place of, and that text.
type Find = fn(&Value) -> (String, String);

#[test]
fn a_record_a_note_or_a_proof_that_was_edited_proves_nothing() {
    let other = Toolchain::new("1.22.3").having("go.env", "GOPROXY=https://evil.example\n").h1();
    let edits: [Find; 4] = [
        |sumdb| (sumdb["id"].to_string(), (sumdb["id"].as_u64().unwrap() + 1).to_string()),
        |sumdb| {
            let size = sumdb["note"].as_str().unwrap().lines().nth(1).unwrap().to_owned();
            (format!("tree\\n{size}\\n"), format!("tree\\n1{size}\\n"))
        },
        |sumdb| {
            let first = sumdb["inclusion"][0].as_str().unwrap().to_owned();
            let second = sumdb["inclusion"][1].as_str().unwrap().to_owned();
            (first, second)
        },
        |sumdb| (sumdb["inclusion"][0].as_str().unwrap().to_owned(), "no hash".to_owned()),
    ];
    for find in edits {
        let gv = proven();
        let (from, to) = find(&told(&gv)["proof"]["sumdb"]);
        edit(&gv, &from, &to);
        unproven(&gv, "the record in its receipt does not hold");
    }
    // The files, their rows and the record, all of one mind.
    let gv = proven();
    forge(&gv, "go.env", "GOPROXY=https://evil.example\n");
    let honest = Toolchain::new("1.22.3").h1();
    edit(&gv, &honest, &other);
    unproven(&gv, "the record in its receipt does not hold");
}

#[test]
fn a_genuine_receipt_of_another_version_is_none_of_this_one() {
    let gv = Sandbox::new().sources(&["goproxy"]).with("1.22.4").with("1.22.3");
    std::fs::copy(gv.root().join("receipts/1.22.4.json"), receipt(&gv)).unwrap();
    unproven(&gv, "its receipt is that of go 1.22.4");
    edit(&gv, "\"version\": \"1.22.4\"", "\"version\": \"1.22.3\"");
    unproven(&gv, "the record in its receipt does not hold");
}

#[test]
fn without_a_receipt_that_can_be_read_nothing_is_proven() {
    let gv = proven();
    let whole = std::fs::read_to_string(receipt(&gv)).unwrap();
    let row = whole.lines().find(|line| line.contains("go.env")).unwrap();
    for text in ["", "{}", "\0\u{1}", &whole[..whole.len() / 2], &whole.replace(row, &format!("{row}\n{row}"))] {
        std::fs::write(receipt(&gv), text).unwrap();
        unproven(&gv, "receipt");
    }
    std::fs::write(receipt(&gv), [0xff, 0xfe]).unwrap();
    unproven(&gv, "is not text");
    std::fs::remove_file(receipt(&gv)).unwrap();
    gv.output(gv.command("mkfifo").arg(receipt(&gv))).ok();
    unproven(&gv, "not a regular file");
    std::fs::remove_file(receipt(&gv)).unwrap();
    unproven(&gv, "it has no receipt");
}

#[test]
fn a_signature_in_a_receipt_has_to_be_the_pinned_primary_s_over_the_hash_beside_it() {
    let gv = signed();
    let digest = told(&gv)["proof"]["openpgp"]["digest"].as_str().unwrap().to_owned();
    edit(&gv, &digest, &sha256(b"another archive"));
    unproven(&gv, "it is not over the hash that was kept with it");
    edit(&gv, &sha256(b"another archive"), "no hash");
    unproven(&gv, "the signature in its receipt does not hold");
    let gv = signed();
    let text = |signature: &str| serde_json::to_string(signature).unwrap();
    let archive = Toolchain::new("1.22.3").archive();
    let kept = told(&gv)["proof"]["openpgp"]["signature"].as_str().unwrap().to_owned();
    let other = text(&stranger().sign(&archive));
    edit(&gv, &text(&kept), &other);
    unproven(&gv, "which is no key of the pinned primary");
    edit(&gv, &other, &text("<html>"));
    unproven(&gv, "this is not a detached OpenPGP signature");
}

#[test]
fn a_receipt_without_the_signed_hash_leaves_the_signature_unchecked_and_says_so() {
    let gv = signed();
    let digest = told(&gv)["proof"]["openpgp"]["digest"].as_str().unwrap().to_owned();
    edit(&gv, &format!(",\n      \"digest\": \"{digest}\""), "");
    gv.run("verify 1.22.3").ok().shows("too old a receipt to check the signature again");
}

#[test]
fn a_key_that_was_withdrawn_since_proves_nothing_any_more() {
    use crate::support::keys::{Style, Subkey};
    // The receipt of an archive that the key signed before anybody knew that it was lost.
    let gv = signed();
    let kept = told(&gv)["proof"]["openpgp"]["signature"].as_str().unwrap().to_owned();
    let archive = Toolchain::new("1.22.3").archive();
    let lost = pinned().sign_as(&archive, &Style::by(Subkey::Compromised));
    edit(&gv, &serde_json::to_string(&kept).unwrap(), &serde_json::to_string(&lost).unwrap());
    unproven(&gv, "has been revoked");
}

#[test]
fn what_was_installed_on_a_checksum_alone_is_unproven_unless_that_is_enough() {
    let gv = Sandbox::new().sources(&["dl"]).serving(["1.22.3"]);
    gv.run("install --trust checksum 1.22.3").ok();
    unproven(&gv, "nothing proves it");
    let gv = gv.env("GV_TRUST", "checksum");
    gv.run("verify 1.22.3").ok().shows("as its receipt lists them, unproven");
}

#[test]
fn who_asks_for_both_proofs_is_told_which_one_lacks() {
    unproven(&signed().env("GV_TRUST", "all"), "no record of the checksum database");
    unproven(&proven().env("GV_TRUST", "all"), "no signature");
}

#[test]
fn an_archive_that_the_database_alone_proves_has_none_of_the_folders_that_it_does_not_know() {
    let gv = Sandbox::new().serving(["1.22.3"]);
    gv.server().lie("/dl/*.asc", Lie::Status(404));
    gv.run("install 1.22.3").ok().says("proven by the checksum database");
    assert_eq!(told(&gv)["form"], "archive");
    gv.run("verify 1.22.3").ok().shows("proven by the checksum database");
    let added = gv.root().join("toolchains/1.22.3/test");
    std::fs::create_dir(&added).unwrap();
    std::fs::write(added.join("a.go"), "package evil\n").unwrap();
    let row = format!("[\"test/a.go\",13,\"-\",\"{}\"]", sha256(b"package evil\n"));
    edit(&gv, "\n[\"VERSION\"", &format!("\n{row},\n[\"VERSION\""));
    unproven(&gv, "not those of the checksum database");
}
