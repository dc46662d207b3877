use super::super::testing::{self, Server, reply};
use super::*;
use crate::error::Exit;
use std::io::{Read, Write};

fn url(server: &Server) -> Url {
    Url::parse(&server.url("/x")).unwrap()
}

#[test]
fn row_8_redirects_are_followed_ten_times_and_only_to_http_from_http() {
    let server = Server::start(|n, _, stream| {
        let location = format!("/{n}");
        reply(stream, "302 Found", &[("Location", &location)], b"");
    });
    let failure = testing::client().get_small(&url(&server), 10).unwrap_err();
    assert!(failure.error.to_string().contains("more than 10 times"), "{}", failure.error);

    let server = Server::start(|_, _, stream| {
        reply(stream, "302 Found", &[("Location", "file:///etc/passwd")], b"");
    });
    let failure = testing::client().get_small(&url(&server), 10).unwrap_err();
    assert_eq!((failure.kind, server.requests()), (Kind::Untrusted, 1));

    let server = Server::start(|n, _, stream| match n {
        0 => reply(stream, "302 Found", &[("Location", "/y")], b""),
        _ => reply(stream, "200 OK", &[], b"there"),
    });
    assert_eq!(testing::client().get_small(&url(&server), 10).unwrap(), b"there");
}

#[test]
fn row_8_malformed_lengths_huge_headers_and_other_successes_are_refused() {
    let heads: [Vec<u8>; 4] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabcde".to_vec(),
        format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 1\r\n\r\na", "x".repeat(900_000)).into_bytes(),
        b"HTTP/1.1 203 Meddled With\r\nContent-Length: 5\r\n\r\nabcde".to_vec(),
    ];
    for head in heads {
        let shown = String::from_utf8_lossy(&head[..40]).into_owned();
        // The client may close while a long head is still being written.
        let server = Server::start(move |_, _, stream| drop(stream.write_all(&head)));
        let failure = testing::client().get_small(&url(&server), 10).unwrap_err();
        assert_eq!(failure.error.exit(), Exit::Network, "{shown}");
        assert_eq!(failure.kind, Kind::Unavailable, "{shown}: {}", failure.error);
    }
}

#[test]
fn row_10_what_must_be_exact_is_refused_when_encoded() {
    let server = Server::start(|_, request, stream| {
        assert!(!request.contains("accept-encoding"), "{request}");
        reply(stream, "200 OK", &[("Content-Encoding", "gzip")], b"abc");
    });
    let failure = testing::client().get_small(&url(&server), 10).unwrap_err();
    assert_eq!(failure.kind, Kind::Untrusted);
}

#[test]
fn row_11_a_busy_server_is_asked_again_but_not_for_ever() {
    let server = Server::start(|n, _, stream| match n {
        0 => reply(stream, "503 Busy", &[("Retry-After", "0")], b""),
        1 => reply(stream, "429 Slow Down", &[], b""),
        _ => reply(stream, "200 OK", &[], b"ok"),
    });
    assert_eq!(testing::client().get_small(&url(&server), 10).unwrap(), b"ok");
    assert_eq!(server.requests(), 3);

    let server = Server::start(|_, _, stream| reply(stream, "503 Busy", &[("Retry-After", "86400")], b""));
    let failure = testing::client().get_small(&url(&server), 10).unwrap_err();
    assert!(failure.error.to_string().contains("86400 s"), "{}", failure.error);
    assert_eq!(server.requests(), 1);
}

#[test]
fn row_11_not_there_is_not_the_same_as_in_trouble() {
    for (status, kind, requests) in [
        ("404 Not Found", Kind::NotFound, 1),
        ("410 Gone", Kind::NotFound, 1),
        ("403 Forbidden", Kind::Unavailable, 1),
        ("407 Proxy", Kind::Unavailable, 1),
        ("500 Oops", Kind::Transient(None), 3),
    ] {
        let server = Server::start(move |_, _, stream| reply(stream, status, &[], b""));
        let failure = testing::client().get_small(&url(&server), 10).unwrap_err();
        assert_eq!((failure.kind, server.requests()), (kind, requests), "{status}");
        assert_eq!(failure.error.exit(), Exit::Network);
    }
}

#[test]
fn row_11_a_dead_proxy_is_named_without_its_password_and_no_proxy_goes_round_it() {
    let server = Server::start(|_, _, stream| reply(stream, "200 OK", &[], b"ok"));
    let dead = "http://me:secret@127.0.0.1:9";
    let client = testing::client_with([("http_proxy", dead)]);
    let failure = client.get_small(&url(&server), 10).unwrap_err();
    let message = failure.error.to_string();
    assert!(message.contains("through the proxy http://127.0.0.1:9"), "{message}");
    assert!(!message.contains("secret"), "{message}");
    let client = testing::client_with([("http_proxy", dead), ("NO_PROXY", "127.0.0.1")]);
    assert_eq!(client.get_small(&url(&server), 10).unwrap(), b"ok");
}

#[test]
fn row_11_a_server_that_cannot_be_reached_is_not_waited_for() {
    // A retry would outlast the test run.
    let config = NetConfig { retry_delay: Duration::from_hours(1), ..testing::config() };
    for (url, says) in [("http://127.0.0.1:9/", "connection refused"), ("http://gv.invalid/", "cannot fetch")] {
        let failure = testing::client_of(config.clone()).get_small(&Url::parse(url).unwrap(), 10).unwrap_err();
        assert_eq!((failure.kind, failure.error.exit()), (Kind::Unreachable, Exit::Network));
        assert!(failure.error.to_string().contains(says), "{}", failure.error);
    }
}

#[test]
fn row_11_a_socks_proxy_resolves_the_name_itself() {
    let server = Server::start_raw(|stream| {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting, [5, 1, 0]);
        stream.write_all(&[5, 0]).unwrap();
        let mut connect = [0; 5 + 10 + 2];
        stream.read_exact(&mut connect).unwrap();
        assert_eq!(&connect[..5], [5, 1, 0, 3, 10]);
        assert_eq!(&connect[5..], b"go.example\x00\x50");
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        assert!(testing::request(stream).starts_with("GET /x HTTP/1.1"));
        reply(stream, "200 OK", &[], b"ok");
    });
    let proxy = server.url("").replace("http:", "socks5h:");
    let client = testing::client_with([("ALL_PROXY", proxy.as_str())]);
    assert_eq!(client.get_small(&Url::parse("http://go.example/x").unwrap(), 10).unwrap(), b"ok");
}

#[test]
fn row_11_a_proxy_gets_the_request_and_its_credentials() {
    let server = Server::start(|_, request, stream| {
        assert!(request.starts_with("GET http://go.example/x HTTP/1.1"), "{request}");
        assert!(request.contains("proxy-authorization: Basic bWU6c2VjcmV0"), "{request}");
        reply(stream, "200 OK", &[], b"ok");
    });
    let proxy = server.url("").replace("http://", "http://me:secret@");
    let client = testing::client_with([("HTTP_PROXY", proxy.as_str())]);
    assert_eq!(client.get_small(&Url::parse("http://go.example/x").unwrap(), 10).unwrap(), b"ok");
}

#[test]
fn row_11_a_proxy_that_wants_a_password_for_https_is_told_so() {
    let server = Server::start(|_, _, stream| reply(stream, "407 Proxy Authentication Required", &[], b""));
    let client = testing::client_with([("https_proxy", server.url("").as_str())]);
    let failure = client.get_small(&Url::parse("https://go.example/x").unwrap(), 10).unwrap_err();
    assert!(failure.error.to_string().contains("wants a user and password"), "{}", failure.error);
}

#[test]
fn credentials_of_a_url_are_sent_and_not_shown() {
    let server = Server::start(|_, request, stream| {
        let known = request.contains("authorization: Basic bWU6c2VjcmV0");
        reply(stream, if known { "200 OK" } else { "401 Who" }, &[], b"ok");
    });
    let with = Url::parse(&server.url("/x").replace("http://", "http://me:secret@")).unwrap();
    assert_eq!(testing::client().get_small(&with, 10).unwrap(), b"ok");
    let wrong = Url::parse(&server.url("/x").replace("http://", "http://me:sesame@")).unwrap();
    let message = testing::client().get_small(&wrong, 10).unwrap_err().error.to_string();
    assert!(message.contains("401") && !message.contains("sesame"), "{message}");
}

#[test]
fn an_offline_client_makes_no_request() {
    let config = NetConfig { offline: true, ..testing::config() };
    let none: [(&str, &str); 0] = [];
    let client = Client::new(config, Environment::from_vars(none), Arc::default());
    let server = Server::start(|_, _, stream| reply(stream, "200 OK", &[], b"ok"));
    assert!(client.get_small(&url(&server), 10).unwrap_err().error.to_string().contains("offline"));
    assert_eq!(server.requests(), 0);
}
