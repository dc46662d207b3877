//! Rows 23 to 26: what is wrong with an answer of the checksum database.

use std::time::Duration;

use fs2::FileExt;

use crate::support::Sandbox;
use crate::support::golang::Toolchain;
use crate::support::server::Lie;
use crate::support::sumdb::{NAME, NoteKey};

const LOOKUP: &str = "*/lookup/*";
const TILE: &str = "*/tile/*";

fn one() -> Sandbox {
    Sandbox::new().sources(&["goproxy"]).serving(["1.22.3", "1.22.4"])
}

#[track_caller]
fn refuses(gv: &Sandbox, lie: Lie, pattern: &str) {
    gv.server().lie(pattern, lie);
    gv.run("install 1.22.3").fails(5);
    gv.nothing_installed("1.22.3").server().repent();
}

/// The answer with its signature lines replaced by those that a function makes of the note's text.
fn signed_by(lines: impl Fn(&str) -> String + Send + Sync + 'static) -> Lie {
    Lie::edit(move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        let start = text.find("go.sum database tree").unwrap();
        let end = text.rfind("\n\n").unwrap();
        let note = &text[start..=end];
        format!("{}\n{}", &text[..=end], lines(note)).into_bytes()
    })
}

#[test]
fn row_41_whoever_never_lets_go_of_what_is_known_is_named_in_the_end() {
    let gv = one().env("GV_LOCK_TIMEOUT", "1");
    let folder = gv.root().join("cache/sumdb").join(NAME);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("lock"), "4242 elsewhere\n").unwrap();
    let held = std::fs::File::open(folder.join("lock")).unwrap();
    FileExt::lock_exclusive(&held).unwrap();
    let outcome = gv.run("install 1.22.3").fails(6).within(Duration::from_secs(20));
    outcome.says("waiting for pid 4242 on elsewhere").says("locked by pid 4242 on elsewhere for over 1 s");
    gv.nothing_installed("1.22.3");
    drop(held);
    gv.run("install 1.22.3").ok();
}

#[test]
fn row_23_an_altered_record_is_not_in_the_tree() {
    let gv = one();
    let other = Toolchain::new("1.22.3").having("README.md", "altered").h1();
    refuses(&gv, Lie::replace(&Toolchain::new("1.22.3").h1(), &other), LOOKUP);
    let another = format!(
        "/proxy/sumdb/sum.golang.org/lookup/golang.org/toolchain@{}",
        Toolchain::new("1.22.4").module_version()
    );
    refuses(&gv, Lie::Of(another), LOOKUP);
    refuses(&gv, Lie::Body(Vec::new()), LOOKUP);
    refuses(&gv, Lie::Html, LOOKUP);
    gv.run("install 1.22.3").ok();
}

#[test]
fn row_23_nothing_may_stand_before_or_behind_the_note() {
    let gv = one();
    refuses(&gv, Lie::replace("\n\ngo.sum", "\nexample.com/x v1.0.0 h1:evil\n\ngo.sum"), LOOKUP);
    refuses(&gv, Lie::Appended(b"example.com/x v1.0.0 h1:evil\n".to_vec()), LOOKUP);
    refuses(&gv, Lie::edit(|bytes| [b"0\n".to_vec(), bytes].concat()), LOOKUP);
}

#[test]
fn row_23_other_content_than_the_record_says_is_refused() {
    let gv = one();
    let tampered = Toolchain::new("1.22.3").having("src/fmt/print.go", "package evil\n");
    refuses(&gv, Lie::Body(tampered.module_zip().bytes), "*.zip");
}

#[test]
fn row_24_an_altered_tile_does_not_agree_with_the_root() {
    for lie in [Lie::Flip(0), Lie::Flip(7), Lie::Truncated(31), Lie::Appended(vec![0; 32]), Lie::Html] {
        let gv = one();
        refuses(&gv, lie, TILE);
        gv.run("install 1.22.3").ok();
    }
}

#[test]
fn row_24_the_full_tile_serves_where_the_partial_one_is_gone() {
    let gv = one();
    {
        let mut site = gv.server().site();
        site.sumdb.lookup_tree = Some(site.sumdb.size());
        for number in 0..400 {
            site.sumdb.add(&format!("example.com/later v0.0.{number} h1:x\n"));
        }
    }
    gv.server().lie("*/tile/8/0/*.p/*", Lie::Status(404));
    gv.run("install 1.22.3").ok();
    gv.invariant();
    assert!(!gv.server().requests_to("*/tile/8/0/001").is_empty());
}

#[test]
fn row_25_a_forked_tree_is_evidence_and_the_end() {
    for (older, newer) in [(0, 0), (0, 40), (1, 0)] {
        let gv = Sandbox::new().sources(&["goproxy", "dl"]).serving(["1.22.4", "1.22.3", "1.22.5"]);
        gv.run("install 1.22.3").ok();
        gv.server().forget();
        {
            let mut site = gv.server().site();
            site.sumdb = site.sumdb.forked(290);
            for number in 0..newer {
                site.sumdb.add(&format!("example.com/later v0.0.{number} h1:x\n"));
            }
            site.sumdb.lookup_tree = (older > 0).then(|| site.sumdb.size() - older);
        }
        gv.run("install 1.22.4").fails(5).says("contradict");
        gv.nothing_installed("1.22.4");
        assert!(gv.server().requests_to("/dl/*.tar.gz").is_empty(), "another source was asked after a fork");
    }
}

#[test]
fn row_25_a_tree_that_forked_before_gv_was_built_is_noticed_at_once() {
    let gv = one();
    let fork = gv.server().site().sumdb.forked(100);
    gv.server().site().sumdb = fork;
    gv.run("install 1.22.3").fails(5).says("contradict");
    gv.nothing_installed("1.22.3");
}

#[test]
fn row_26_only_the_known_key_signs_trees() {
    let gv = one();
    let known = gv.server().site().sumdb.key.clone();
    let (other, unknown) = (NoteKey::new(NAME, 2), NoteKey::new("somebody.example", 3));
    refuses(
        &gv,
        signed_by({
            let other = other.clone();
            move |text| other.line(text)
        }),
        LOOKUP,
    );
    refuses(
        &gv,
        signed_by({
            let known = known.clone();
            move |_| known.bad_line()
        }),
        LOOKUP,
    );
    refuses(
        &gv,
        signed_by({
            let unknown = unknown.clone();
            move |text| unknown.line(text)
        }),
        LOOKUP,
    );
    let both = {
        let (known, unknown) = (known.clone(), unknown.clone());
        move |text: &str| known.bad_line() + &unknown.line(text)
    };
    refuses(&gv, signed_by(both), LOOKUP);
    refuses(&gv, signed_by(|_| String::new()), LOOKUP);
    // A further signature by somebody else does no harm.
    gv.server().lie(LOOKUP, signed_by(move |text| known.line(text) + &unknown.line(text)));
    gv.run("install 1.22.3").ok();
}
