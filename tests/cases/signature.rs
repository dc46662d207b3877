//! Rows 16 to 22: what is wrong with a signature, or with what was signed.

use std::time::{Duration, SystemTime};

use sequoia_openpgp::types::{HashAlgorithm, SignatureType};

use crate::support::Sandbox;
use crate::support::golang::{HOST, Toolchain};
use crate::support::keys::{Style, Subkey, ago, pinned, stranger};
use crate::support::server::Lie;

const SIGNATURE: &str = "/dl/*.asc";
const MONTH: Duration = Duration::from_hours(30 * 24);

fn one() -> (Sandbox, Vec<u8>) {
    let gv = Sandbox::new().sources(&["dl"]);
    let made = Toolchain::new("1.22.3");
    gv.publish(&made);
    let bytes = gv.server().site().files[&format!("/dl/{}", made.file_name())].clone();
    (gv, bytes)
}

/// Offers an archive with this text as its signature.
fn signed_with(gv: &Sandbox, text: impl Into<Vec<u8>>) {
    gv.server().repent();
    gv.server().lie(SIGNATURE, Lie::Body(text.into()));
}

#[test]
fn row_16_an_altered_archive_does_not_match_its_signature() {
    let (gv, genuine) = one();
    let made = Toolchain::new("1.22.3");
    let other = made.clone().having("src/fmt/print.go", "package evil\n").archive();
    let appended = [genuine.as_slice(), b"more"].concat();
    let truncated = genuine[..genuine.len() - 1].to_vec();
    for altered in [other, appended, truncated] {
        // The index vouches for the altered bytes: only the signature can tell.
        gv.server().site().publish_archive(&made, altered);
        signed_with(&gv, pinned().sign(&genuine));
        gv.run("install 1.22.3").fails(5);
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_17_a_strangers_signature_is_refused_with_the_way_to_a_newer_key() {
    let (gv, bytes) = one();
    signed_with(&gv, stranger().sign(&bytes));
    gv.run("install 1.22.3").fails(5).says("gv keys refresh");
    gv.nothing_installed("1.22.3");
}

#[test]
fn row_18_a_subkey_that_has_expired_since_is_accepted() {
    let (gv, bytes) = one();
    signed_with(&gv, pinned().sign_as(&bytes, &Style::by(Subkey::Expired)));
    gv.run("install 1.22.3").ok();
    gv.invariant();
}

#[test]
fn row_19_keys_and_hashes_that_prove_nothing_are_refused() {
    let (gv, bytes) = one();
    let current = || Style::by(Subkey::Current);
    for style in [
        Style::by(Subkey::Expired).at(ago(MONTH)),
        Style::by(Subkey::Compromised),
        Style::by(Subkey::Weak),
        // SHA-1 back-signatures count for Google's own certificate alone.
        Style::by(Subkey::OldBinding),
        current().hash(HashAlgorithm::SHA1),
        current().hash(HashAlgorithm::MD5),
    ] {
        signed_with(&gv, pinned().sign_as(&bytes, &style));
        gv.run("install 1.22.3").fails(5);
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_20_a_signature_from_the_future_points_to_the_clock() {
    let (gv, bytes) = one();
    let tomorrow = SystemTime::now() + Duration::from_hours(48);
    signed_with(&gv, pinned().sign_as(&bytes, &Style::by(Subkey::Current).at(tomorrow)));
    gv.run("install 1.22.3").fails(5).says("clock");
    gv.nothing_installed("1.22.3");
}

#[test]
fn row_21_only_a_detached_binary_signature_counts() {
    let (gv, bytes) = one();
    let honest = pinned().sign(&bytes);
    for text in [
        String::new(),
        "<!DOCTYPE html><title>Sign in</title>".to_owned(),
        "random text".to_owned(),
        pinned().sign_inline(&bytes),
        pinned().sign_as(&bytes, &Style::by(Subkey::Current).kind(SignatureType::Text)),
        format!("{honest}\n{honest}"),
        format!("{}\n{honest}", stranger().sign(&bytes)),
        pinned().armored(),
    ] {
        signed_with(&gv, text);
        gv.run("install 1.22.3").fails(5);
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_22_a_genuine_archive_of_another_version_is_refused() {
    let gv = Sandbox::new().sources(&["dl"]);
    let (old, new) = (Toolchain::new("1.21.0"), Toolchain::new("1.27.3"));
    gv.server().site().publish_archive(&new, old.archive());
    gv.run("install 1.27.3").fails(5).says("1.21.0");
    gv.nothing_installed("1.27.3");
}

#[test]
fn row_22_a_genuine_archive_of_another_platform_is_refused() {
    let gv = Sandbox::new().sources(&["dl"]);
    let other = if HOST == "amd64" { "arm64" } else { "amd64" };
    let foreign = Toolchain::foreign("1.22.3", "linux", other);
    gv.server().site().publish_archive(&Toolchain::new("1.22.3"), foreign.archive());
    gv.run("install 1.22.3").fails(5);
    gv.nothing_installed("1.22.3");
}

#[test]
fn a_file_is_verified_by_itself() {
    let (gv, bytes) = one();
    gv.write("go.tar.gz", &bytes);
    gv.write("go.tar.gz.asc", pinned().sign(&bytes));
    gv.write("lacking.asc", pinned().armored_without(Subkey::Current));
    gv.run("verify --file go.tar.gz").ok().shows(&pinned().fingerprint());
    gv.run("verify --file go.tar.gz --keys lacking.asc").fails(5);
    gv.write("go.tar.gz", [&bytes[..], b"x"].concat());
    gv.run("verify --file go.tar.gz").fails(5);
}
