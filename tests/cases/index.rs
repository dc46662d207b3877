//! Rows 12 to 15: what is wrong with an index.

use serde_json::json;

use crate::support::Sandbox;
use crate::support::golang::Toolchain;
use crate::support::server::Lie;

const INDEX: &str = "/dl/?mode=json*";

fn one() -> Sandbox {
    Sandbox::new().sources(&["dl"]).serving(["1.22.3"])
}

fn malformed() -> [(&'static str, Lie); 6] {
    [
        ("garbage", Lie::Body(b"\x00\xffgarbage".to_vec())),
        ("empty", Lie::Body(Vec::new())),
        ("truncated", Lie::Truncated(60)),
        ("nested", Lie::Body(b"[".repeat(1_000_000))),
        ("wrong types", Lie::Body(br#"{"version": 7, "files": "none"}"#.to_vec())),
        ("over 20 MiB", Lie::Appended(vec![b' '; 21 << 20])),
    ]
}

#[test]
fn row_12_what_is_no_index_is_refused() {
    for (what, lie) in malformed() {
        let gv = one();
        gv.server().lie(INDEX, lie);
        println!("{what}");
        gv.run("install 1.22").fails(5);
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_12_the_last_good_index_serves_on_and_says_so() {
    let gv = one();
    gv.run("list --remote").ok().shows("1.22.3");
    for (_, lie) in malformed() {
        gv.server().lie(INDEX, lie);
        gv.run("list --remote").ok().shows("1.22.3").says("using the list fetched");
        gv.server().repent();
    }
}

#[test]
fn row_13_a_hostile_row_is_skipped_and_the_others_serve() {
    let gv = one();
    gv.server().lie(
        INDEX,
        Lie::json(|index| {
            let row = index[0]["files"][0].clone();
            let releases = index.as_array_mut().unwrap();
            for (field, value) in [
                ("filename", "../../evil.tar.gz"),
                ("filename", "a/b.tar.gz"),
                ("filename", "nul\0.tar.gz"),
                ("sha256", "not hexadecimal"),
                ("os", "evilos"),
                ("kind", "evilkind"),
            ] {
                let mut row = row.clone();
                // Right but for the one field.
                row["filename"] = json!(Toolchain::new("1.99.1").file_name());
                row[field] = json!(value);
                releases.insert(0, json!({"version": "go1.99.1", "stable": true, "files": [row]}));
            }
            for version in ["go1.99/../../evil", "go1.9.2rc2", "1.99", "go01.99.1", ""] {
                releases.insert(0, json!({"version": version, "stable": true, "files": [row], "future": {}}));
            }
        }),
    );
    gv.run("list --remote --all").ok().shows("1.22.3").never_says("evil");
    gv.run("install latest").ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
    assert!(gv.server().requests().iter().all(|request| !request.target.contains("evil")));
}

#[test]
fn row_14_without_a_hash_only_an_authenticity_proof_will_do() {
    let gv = one();
    gv.server().lie(INDEX, Lie::json(|index| index[0]["files"][0]["sha256"] = json!("")));
    gv.server().lie("/dl/*.asc", Lie::Status(404));
    gv.server().lie("/dl/*.sha256", Lie::Status(404));
    gv.run("install 1.22.3").fails_with(&[4, 5]);
    gv.run("install --trust checksum 1.22.3").fails(5);
    gv.nothing_installed("1.22.3").server().repent();
    gv.server().lie(INDEX, Lie::json(|index| index[0]["files"][0]["sha256"] = json!("")));
    gv.run("install 1.22.3").ok();
    gv.invariant();
}

#[test]
fn row_15_an_index_that_goes_backwards_is_told_and_not_believed() {
    let gv = one().serving(["1.22.4"]);
    gv.run("list --remote").ok().shows("1.22.4");
    gv.server().lie(INDEX, Lie::json(|index| drop(index.as_array_mut().unwrap().remove(0))));
    gv.run("list --remote").ok().says("backwards");
    gv.run("install latest").ok();
    gv.shim("go version").ok().shows("go1.22.4");
}
