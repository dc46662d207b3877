//! The server: honest as a decent server, and lying only as it was told to.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::golang::Toolchain;
use crate::support::server::{Lie, Server};

fn get(server: &Server, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").unwrap();
    let mut answer = Vec::new();
    // Ends with the connection, or with the timeout on one that is kept alive.
    let _ = stream.read_to_end(&mut answer);
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return (String::new(), answer);
    };
    (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end + 4..].to_vec())
}

fn serving_digits() -> Server {
    let server = Server::start();
    server.site().files.insert("/f".to_owned(), b"0123456789".to_vec());
    server
}

#[test]
fn ranges_are_answered_while_the_file_is_the_same() {
    let server = serving_digits();
    let (head, body) = get(&server, "/f", "Range: bytes=4-\r\n");
    assert!(head.starts_with("HTTP/1.1 206") && head.contains("Content-Range: bytes 4-9/10"), "{head}");
    assert_eq!(body, b"456789");
    let (head, body) = get(&server, "/f", "Range: bytes=4-\r\nIf-Range: \"other\"\r\n");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, b"0123456789");
    let etag = head.split("ETag: ").nth(1).unwrap().lines().next().unwrap();
    let (head, _) = get(&server, "/f", &format!("If-None-Match: {etag}\r\n"));
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");
    assert_eq!(server.requests()[0].range(), Some((4, None)));
}

#[test]
fn a_lie_is_told_to_the_requests_it_was_meant_for() {
    let server = serving_digits();
    server.lie_to("/f*", 2..=2, Lie::Flip(0));
    server.lie("/g", Lie::Body(b"made up".to_vec()));
    let bodies = [0; 3].map(|_| get(&server, "/f", "").1);
    assert_eq!(bodies, [b"0123456789", b"1123456789", b"0123456789"]);
    assert_eq!(get(&server, "/g", "").1, b"made up");
    server.repent();
    assert!(get(&server, "/g", "").0.starts_with("HTTP/1.1 404"));
}

#[test]
fn bodies_end_as_the_lie_has_it() {
    let told = |lie: Lie| {
        let server = serving_digits();
        server.lie("*", lie);
        get(&server, "/f", "")
    };
    let (head, body) = told(Lie::CutShort(3));
    assert!(head.contains("Content-Length: 10"), "{head}");
    assert_eq!(body, b"012");
    let (head, body) = told(Lie::LongerBody(b"more".to_vec()));
    assert!(head.contains("Content-Length: 10"), "{head}");
    assert_eq!(body, b"0123456789more");
    assert_eq!(told(Lie::Chunked).1, b"a\r\n0123456789\r\n0\r\n\r\n");
    assert_eq!(told(Lie::ChunkedCut(2)).1, b"2\r\n01\r\n");
    assert_eq!(told(Lie::StallAfter(2)).1, b"01");
    assert_eq!(told(Lie::StallBefore), (String::new(), Vec::new()));
    assert_eq!(told(Lie::NoLengthCut(2)).1, b"01");
    assert_eq!(told(Lie::Trickle(Duration::from_secs(9))).1, b"0");
    assert_eq!(told(Lie::TwoLengths).0.matches("Content-Length").count(), 2);
}

#[test]
fn what_is_published_is_served_with_its_proofs() {
    let server = Server::start();
    let made = Toolchain::new("1.22.3");
    server.publish(std::slice::from_ref(&made));
    let index = get(&server, "/dl/?mode=json&include=all", "").1;
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index[0]["files"][0]["filename"], made.file_name());
    assert!(get(&server, &format!("/dl/{}.asc", made.file_name()), "").1.starts_with(b"-----BEGIN PGP SIGNATURE"));
    let lookup = format!("/proxy/sumdb/sum.golang.org/lookup/golang.org/toolchain@{}", made.module_version());
    assert!(String::from_utf8(get(&server, &lookup, "").1).unwrap().contains(&made.h1()));
}
