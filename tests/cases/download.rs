//! Rows 1 to 11: what servers and networks do to a download.

use std::time::Duration;

use crate::support::Sandbox;
use crate::support::server::Lie;

const ARCHIVE: &str = "/dl/*.tar.gz";

/// Enough of the archive that a part is worth keeping.
const PART: usize = 100_000;

fn one() -> Sandbox {
    Sandbox::new().sources(&["dl"]).serving(["1.22.3"])
}

#[track_caller]
fn installs(gv: &Sandbox) {
    gv.run("install 1.22.3").ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
}

#[test]
fn row_01_a_body_that_is_cut_is_resumed() {
    for lie in [Lie::CutShort(PART), Lie::ChunkedCut(PART)] {
        let gv = one();
        gv.server().lie_once(ARCHIVE, lie);
        installs(&gv);
        let requests = gv.server().requests_to(ARCHIVE);
        let (first, _) = requests[1].range().expect("the second request asks for the rest");
        assert!((1..=PART).contains(&first), "{requests:?}");
        assert!(requests[1].header("if-range").is_some(), "{requests:?}");
    }
}

#[test]
fn row_01_a_part_is_kept_for_the_next_run() {
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::CutShort(PART));
    gv.run("install 1.22.3").fails(4);
    gv.server().repent();
    gv.server().forget();
    gv.run("install 1.22.3").ok();
    gv.invariant();
    assert!(gv.server().requests_to(ARCHIVE)[0].range().is_some());
}

#[test]
fn row_02_a_body_longer_than_it_says_changes_nothing() {
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::LongerBody(b"more".to_vec()));
    // What follows the promised length is never looked at: either it is cut off, or it is refused.
    gv.run("install 1.22.3").fails_with(&[0, 4, 5]);
    gv.invariant();
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::Appended(b"more".to_vec()));
    gv.run("install 1.22.3").fails(5);
    gv.nothing_installed("1.22.3");
}

#[test]
fn row_03_an_early_end_without_a_length_is_noticed() {
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::NoLengthCut(PART));
    gv.run("install 1.22.3").fails(4);
    gv.nothing_installed("1.22.3").server().repent();
    gv.server().lie(ARCHIVE, Lie::NoLength);
    installs(&gv);
}

#[test]
fn row_04_a_stall_ends_in_bounded_time() {
    for lie in [Lie::StallBefore, Lie::StallAfter(PART)] {
        let gv = one().env("GV_STALL_SECONDS", "1").env("GV_CONNECT_SECONDS", "1").env("GV_RETRIES", "0");
        gv.server().lie(ARCHIVE, lie);
        gv.run("install 1.22.3").fails(4).within(Duration::from_secs(15));
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_05_a_trickle_is_a_stall() {
    let gv = one().env("GV_STALL_SECONDS", "1").env("GV_RETRIES", "0");
    gv.server().lie(ARCHIVE, Lie::Trickle(Duration::from_millis(100)));
    gv.run("install 1.22.3").fails(4).within(Duration::from_secs(15));
    gv.nothing_installed("1.22.3");
}

#[test]
fn row_06_an_endless_body_ends_where_the_index_says() {
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::Endless);
    gv.run("install 1.22.3").fails(5);
    gv.nothing_installed("1.22.3");
}

#[test]
fn row_07_a_range_that_is_not_honoured_starts_again() {
    for lie in [Lie::RangeIgnored, Lie::WrongContentRange, Lie::NewEtag] {
        let gv = one().env("GV_RETRIES", "4");
        gv.server().lie_once(ARCHIVE, Lie::CutShort(PART));
        gv.server().lie_to(ARCHIVE, 2..=2, lie);
        installs(&gv);
        assert!(gv.server().requests_to(ARCHIVE)[1].range().is_some(), "it never tried to resume");
    }
}

#[test]
fn row_08_other_schemes_and_loops_are_not_followed() {
    for target in ["file:///etc/passwd", "ftp://127.0.0.1/go.tar.gz", "//", "http://"] {
        let gv = one();
        gv.server().lie(ARCHIVE, Lie::Redirect(target.to_owned()));
        gv.run("install 1.22.3").fails_with(&[4, 5]);
        gv.nothing_installed("1.22.3");
    }
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::RedirectLoop);
    gv.run("install 1.22.3").fails_with(&[4, 5]);
    assert!(gv.server().requests_to(ARCHIVE).len() < 50);
}

#[test]
fn row_08_https_is_never_left_for_http() {
    let plain = one();
    let gv = Sandbox::over_tls().sources(&["dl"]).serving(["1.22.3"]);
    gv.server().lie_once(ARCHIVE, Lie::Redirect(plain.server().url("/dl/go1.22.3.linux-amd64.tar.gz")));
    gv.run("install 1.22.3").fails_with(&[4, 5]);
    gv.nothing_installed("1.22.3").server().repent();
    assert!(plain.server().requests().is_empty());
    installs(&gv);
}

#[test]
fn row_08_headers_that_cannot_be_right_are_refused() {
    for lie in [Lie::HugeHeader(900_000), Lie::TwoLengths, Lie::NegativeLength] {
        let gv = one();
        gv.server().lie(ARCHIVE, lie);
        gv.run("install 1.22.3").fails_with(&[4, 5]);
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_09_a_page_instead_of_what_was_asked_for_is_shown() {
    for path in ["/dl/?mode=json*", ARCHIVE, "/dl/*.asc"] {
        let gv = one();
        gv.server().lie(path, Lie::Html);
        gv.run("install 1.22.3").fails(5).says("<!DOCTYPE html>");
        gv.nothing_installed("1.22.3");
    }
}

#[test]
fn row_10_a_content_encoding_leaves_the_bytes_as_they_are() {
    let gv = one();
    gv.server().lie(ARCHIVE, Lie::ContentEncoding);
    installs(&gv);
}

#[test]
fn row_11_a_dead_proxy_is_named_without_its_password() {
    let gv = one().env("GV_PROXY", "http://me:secret@127.0.0.1:1");
    gv.run("install 1.22.3").fails(4).says("127.0.0.1:1").never_says("secret");
    gv.run("list").ok();
}

#[test]
fn row_11_a_proxy_is_used_and_may_ask_for_a_password() {
    let gv = Sandbox::new().serving(["1.22.3"]).sources(&["dl+http://go.example/dl"]);
    let proxy = gv.server().url("");
    let gv = gv.env("http_proxy", proxy);
    gv.server().lie_to("*", 1..=2, Lie::Status(407));
    gv.run("install 1.22.3").fails(4).says("407");
    gv.server().repent();
    gv.server().forget();
    installs(&gv);
    assert!(gv.server().requests()[0].target.starts_with("http://go.example/dl"));
}

#[test]
fn row_11_no_proxy_is_honoured() {
    let gv = one().env("http_proxy", "http://127.0.0.1:1").env("no_proxy", "127.0.0.1");
    installs(&gv);
}

#[test]
fn what_netrc_holds_is_told_over_https_alone() {
    for (gv, told) in [(Sandbox::over_tls(), true), (Sandbox::new(), false)] {
        let gv = gv.sources(&["dl", "goproxy"]).serving(["1.22.3"]);
        let netrc = gv.write("netrc", "machine 127.0.0.1 login me password secret\n");
        let gv = gv.env("NETRC", netrc);
        installs(&gv);
        let sent: Vec<_> =
            gv.server().requests().iter().map(|r| r.header("authorization").map(str::to_owned)).collect();
        let expected = told.then(|| "Basic bWU6c2VjcmV0".to_owned());
        assert!(sent.len() > 2 && sent.iter().all(|header| *header == expected), "{sent:?}");
    }
}

#[test]
fn row_11_an_authority_that_is_not_known_is_named_and_offline_commands_go_on() {
    let gv = Sandbox::over_tls().sources(&["dl"]).serving(["1.22.3"]).with("1.21.13");
    let gv = gv.env("SSL_CERT_FILE", "/nowhere/ca.pem");
    gv.run("install 1.22.3").fails_with(&[1, 4, 5]).says("certificate");
    gv.run("list").ok().shows("1.21.13");
    gv.shim("go version").ok().shows("go1.21.13");
}

#[test]
fn row_11_a_host_without_an_address_is_named() {
    let gv = Sandbox::new().sources(&["dl+http://nowhere.invalid/dl"]);
    gv.run("install 1.22.3").fails(4).says("nowhere.invalid");
}

#[test]
fn row_11_a_busy_server_is_asked_again_when_it_says() {
    for status in [429, 503] {
        let gv = one();
        gv.server().lie_once(ARCHIVE, Lie::RetryAfter(status, 1));
        installs(&gv);
        assert_eq!(gv.server().requests_to(ARCHIVE).len(), 2);
    }
}

#[test]
fn row_11_a_file_that_is_gone_leads_to_the_next_source() {
    let gv = Sandbox::new().sources(&["dl", "goproxy"]).serving(["1.22.3"]);
    gv.server().lie(ARCHIVE, Lie::Status(404));
    installs(&gv);
}
