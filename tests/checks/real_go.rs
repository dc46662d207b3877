//! The machine's own go command as the judge of the made module, its hashes and the checksum database.

use std::process::{Command, Output};

use crate::support::golang::{HOST, Toolchain};
use crate::support::need;
use crate::support::server::{Lie, Server};

/// Has the real go command switch to a made toolchain that the server offers.
fn switch(go: &std::path::Path, server: &Server, version: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    let vkey = server.site().sumdb.key.vkey();
    Command::new(go)
        .args(["version"])
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("GOTOOLCHAIN", version), ("GOSUMDB", &vkey), ("GOFLAGS", "-modcacherw")])
        .env("GOPROXY", server.url("/proxy"))
        .env("HOME", home.path())
        .current_dir(home.path())
        .output()
        .unwrap()
}

#[test]
fn the_real_go_downloads_proves_and_runs_a_made_toolchain() {
    let Some(go) = need("go") else { return };
    let server = Server::start();
    server.publish(&[Toolchain::new("1.99.8"), Toolchain::new("1.99.9")]);
    let output = switch(&go, &server, "go1.99.8");
    let log = server.requests();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("go version go1.99.8 linux/{HOST}\n"),
        "{output:?} {log:?}"
    );
    assert!(!server.requests_to("/proxy/sumdb/sum.golang.org/tile/*").is_empty(), "{log:?}");
}

#[test]
fn the_real_go_refuses_a_made_toolchain_with_another_record() {
    let Some(go) = need("go") else { return };
    let server = Server::start();
    let made = Toolchain::new("1.99.8");
    server.publish(std::slice::from_ref(&made));
    let other = Toolchain::new("1.99.8").having("README.md", "tampered with");
    server.lie("*.zip", Lie::Body(other.module_zip().bytes));
    let output = switch(&go, &server, "go1.99.8");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && stderr.contains("checksum mismatch"), "{stderr}");
}
