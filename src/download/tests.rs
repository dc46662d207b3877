//! Rows 1 to 10 of the table of faults, each against a small server that misbehaves in that way.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Mutex;

use super::*;
use crate::download::restarting;
use crate::net::Url;
use crate::net::testing::{self, Server, hang, head, range, reply};
use crate::ui::Ui;

const MAGIC: &[u8] = b"\x1f\x8b\x08";

/// What is downloaded: long enough for several reads.
fn content() -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend((0..300_000u32).map(|n| n.to_le_bytes()[(n % 3) as usize]));
    bytes
}

fn hash(bytes: &[u8]) -> Sha256 {
    Sha256::of(bytes)
}

/// A place for one download, and what is expected of it.
struct Bench {
    dir: tempfile::TempDir,
    client: Client,
    artefact: Artefact,
}

impl Bench {
    fn new(server: &Server) -> Bench {
        let url = Url::parse(&server.url("/go.tar.gz")).unwrap();
        let whole = content();
        let (size, sha256) = (Some(whole.len() as u64), Some(hash(&whole)));
        let artefact = Artefact { place: Place::Url(url), size, sha256, magic: MAGIC, immutable: false };
        Bench { dir: tempfile::tempdir().unwrap(), client: testing::client(), artefact }
    }

    fn unsized_(mut self) -> Bench {
        (self.artefact.size, self.artefact.sha256) = (None, None);
        self
    }

    fn immutable(mut self) -> Bench {
        self.artefact.immutable = true;
        self
    }

    fn partial(&self) -> PathBuf {
        self.dir.path().join("partial")
    }

    /// One attempt: the bytes that the consumer saw, or the setback.
    fn attempt(&self) -> Result<(Vec<u8>, Complete), Setback> {
        let bar = Ui::silent().transfer("go", None);
        let started = Download::start(&self.client, &self.artefact, &self.partial(), &bar, None);
        let mut download = started.map_err(|failure| Setback::Failed(failure.error))?;
        let mut bytes = Vec::new();
        let consumed = download.read_to_end(&mut bytes).map_err(|err| Error::untrusted(format!("consumer: {err}")));
        download.settle(consumed).map(|(_, complete)| (bytes, complete))
    }

    fn run(&self) -> Result<(Vec<u8>, Complete)> {
        restarting(|| self.attempt())
    }

    fn kept(&self) -> u64 {
        std::fs::metadata(self.partial()).map_or(0, |meta| meta.len())
    }

    fn assert_whole(&self) {
        let (bytes, complete) = self.run().unwrap();
        assert!(bytes == content(), "{} bytes", bytes.len());
        assert_eq!(complete.sha256, hash(&bytes));
        assert!(std::fs::read(self.partial()).unwrap() == bytes, "what is kept is not what was read");
    }

    fn assert_untrusted(&self, says: &str) {
        let error = self.run().unwrap_err();
        assert_eq!(error.exit(), Exit::Untrusted, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(self.kept(), 0, "bytes that are not what they should be are kept");
    }
}

/// Answers with the content from the byte asked for, as a proper server does, but at most `most` bytes of it.
fn serve(request: &str, stream: &mut TcpStream, content: &[u8], etag: &str, most: usize) {
    let from = range(request).unwrap_or(0);
    let rest = &content[from..];
    let (length, span) = (rest.len().to_string(), format!("bytes {from}-{}/{}", content.len() - 1, content.len()));
    let mut headers = vec![("Content-Length", length.as_str())];
    if !etag.is_empty() {
        headers.push(("ETag", etag));
    }
    if from > 0 {
        headers.push(("Content-Range", &span));
    }
    head(stream, if from > 0 { "206 Partial Content" } else { "200 OK" }, &headers);
    drop(stream.write_all(&rest[..rest.len().min(most)]));
}

#[test]
fn a_download_is_read_kept_and_hashed() {
    let server = Server::start(|_, request, stream| serve(request, stream, &content(), "\"e\"", usize::MAX));
    let bench = Bench::new(&server);
    bench.assert_whole();
    // The second run finds all of it and asks nobody.
    bench.assert_whole();
    assert_eq!(server.requests(), 1);
}

#[test]
fn row_1_a_body_that_breaks_off_is_continued_without_the_consumer_noticing() {
    let server = Server::start(|n, request, stream| {
        assert_eq!(request.contains("if-range: \"e\""), n > 0);
        serve(request, stream, &content(), "\"e\"", 120_000);
    });
    let bench = Bench::new(&server);
    let (bytes, complete) = bench.attempt().unwrap();
    assert!(bytes == content());
    assert!(complete.resumed);
    assert_eq!(server.requests(), 3);
}

#[test]
fn row_1_what_has_arrived_is_kept_for_the_next_run() {
    let server = Server::start(|n, request, stream| match n {
        0 => serve(request, stream, &content(), "\"e\"", 100_000),
        1..=2 => reply(stream, "503 Busy", &[], b""),
        _ => serve(request, stream, &content(), "\"e\"", usize::MAX),
    });
    let mut bench = Bench::new(&server);
    let config = crate::net::NetConfig { retries: 1, ..testing::config() };
    bench.client = testing::client_of(config);
    let error = bench.run().unwrap_err();
    assert_eq!((error.exit(), bench.kept()), (Exit::Network, 100_000));
    assert!(error.hints()[0].contains("100000 bytes are kept"), "{:?}", error.hints());
    bench.assert_whole();
}

#[test]
fn row_2_a_body_longer_than_announced_is_refused_by_size_or_hash() {
    let longer = || [content(), b"more".to_vec()].concat();
    // The announced length is right, and the library cuts what follows: nothing wrong is ever seen.
    let server = Server::start(move |_, _, stream| reply(stream, "200 OK", &[], &longer()));
    Bench::new(&server).assert_untrusted("expected were 300003");
    let server = Server::start(move |_, _, stream| {
        head(stream, "200 OK", &[]);
        drop(stream.write_all(&longer()));
    });
    Bench::new(&server).assert_untrusted("longer than the 300003 bytes");
    let server = Server::start(move |_, _, stream| {
        let mut other = content();
        other[1000] ^= 1;
        reply(stream, "200 OK", &[], &other);
    });
    Bench::new(&server).assert_untrusted("its sha256 is");
}

#[test]
fn row_3_an_early_close_without_a_length_is_continued() {
    let server = Server::start(|n, request, stream| match n {
        0 => {
            head(stream, "200 OK", &[("ETag", "\"e\"")]);
            stream.write_all(&content()[..5000]).unwrap();
        }
        _ => serve(request, stream, &content(), "\"e\"", usize::MAX),
    });
    Bench::new(&server).assert_whole();
}

#[test]
fn row_4_a_stall_is_continued() {
    let server = Server::start(|n, request, stream| {
        serve(request, stream, &content(), "\"e\"", if n == 0 { 5000 } else { usize::MAX });
        hang(stream);
    });
    let mut bench = Bench::new(&server);
    bench.client = testing::client_of(testing::hasty());
    bench.assert_whole();
    assert_eq!(server.requests(), 2);
}

#[test]
fn row_5_a_trickle_is_given_up_in_the_end() {
    let server = Server::start(|_, request, stream| {
        let from = range(request).unwrap_or(0);
        serve(request, stream, &content(), "\"e\"", 1);
        for byte in &content()[from + 1..] {
            if stream.write_all(&[*byte]).is_err() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    });
    let mut bench = Bench::new(&server);
    let rate_window = std::time::Duration::from_millis(50);
    bench.client = testing::client_of(crate::net::NetConfig { min_rate: 1 << 20, rate_window, ..testing::config() });
    let error = bench.run().unwrap_err();
    assert_eq!((error.exit(), server.requests()), (Exit::Network, 3));
    assert!(bench.kept() > 0);
}

#[test]
fn row_6_an_endless_body_ends_at_the_expected_size() {
    let server = Server::start(|_, _, stream| {
        head(stream, "200 OK", &[]);
        while stream.write_all(&content()).is_ok() {}
    });
    Bench::new(&server).assert_untrusted("longer than the 300003 bytes");
    let server = Server::start(|_, _, stream| head(stream, "200 OK", &[("Content-Length", "536870913")]));
    Bench::new(&server).unsized_().assert_untrusted("more than 512 MiB");
}

#[test]
fn row_7_a_server_that_ignores_ranges_makes_the_consumer_start_anew() {
    let server = Server::start(|n, _, stream| {
        serve("", stream, &content(), "\"e\"", if n == 0 { 5000 } else { usize::MAX });
    });
    let bench = Bench::new(&server);
    assert!(matches!(bench.attempt(), Err(Setback::Restart(_))));
    assert_eq!(bench.kept(), 0);
    bench.assert_whole();
}

#[test]
fn row_7_another_part_than_was_asked_for_is_not_appended() {
    let server = Server::start(|n, request, stream| match n {
        0 => serve(request, stream, &content(), "\"e\"", 5000),
        1 => reply(stream, "206 Partial", &[("Content-Range", "bytes 0-300002/300003")], &content()),
        _ => serve(request, stream, &content(), "\"e\"", usize::MAX),
    });
    Bench::new(&server).assert_whole();
    assert_eq!(server.requests(), 3);
}

#[test]
fn row_7_what_has_changed_on_the_server_is_fetched_anew() {
    let seen = Mutex::new(Vec::new());
    let server = Server::start(move |n, request, stream| {
        seen.lock().unwrap().push(request.to_owned());
        let mut old = content();
        old[10] ^= 1;
        match n {
            0 => serve(request, stream, &old, "\"old\"", 5000),
            _ => serve(request, stream, &content(), "\"new\"", usize::MAX),
        }
    });
    Bench::new(&server).assert_whole();
    assert_eq!(server.requests(), 3);
}

#[test]
fn row_7_stale_bytes_that_nobody_has_seen_need_no_restart() {
    let server = Server::start(|n, request, stream| match n {
        0 => serve(request, stream, &content(), "\"old\"", 5000),
        1..=3 => reply(stream, "403 No", &[], b""),
        4 => serve("", stream, &content(), "\"new\"", usize::MAX),
        _ => serve(request, stream, &content(), "\"new\"", usize::MAX),
    });
    let bench = Bench::new(&server);
    assert!(bench.run().is_err());
    while server.requests() < 4 {
        assert!(bench.run().is_err());
    }
    assert_eq!(bench.kept(), 5000);
    let (bytes, complete) = bench.attempt().unwrap();
    assert!(bytes == content() && !complete.resumed);
}

#[test]
fn row_7_a_mismatch_after_a_resume_is_worth_one_restart_and_then_refused() {
    let server = Server::start(|n, request, stream| {
        let mut other = content();
        other[200_000] ^= 1;
        let (bytes, most) = if n == 0 { (content(), 5000) } else { (other, usize::MAX) };
        serve(request, stream, &bytes, "", most);
    });
    Bench::new(&server).immutable().assert_untrusted("its sha256 is");
    // Broken off, continued, and once more from 0.
    assert_eq!(server.requests(), 3);
}

#[test]
fn bytes_that_nothing_vouches_for_are_continued_only_when_they_never_change() {
    let broken = |n: usize, request: &str, stream: &mut TcpStream| {
        serve(request, stream, &content(), "", if n == 0 { 5000 } else { usize::MAX });
    };
    let server = Server::start(broken);
    assert!(matches!(Bench::new(&server).unsized_().attempt(), Err(Setback::Restart(_))));
    let server = Server::start(broken);
    let (bytes, complete) = Bench::new(&server).unsized_().immutable().attempt().unwrap();
    assert!(bytes == content() && complete.resumed);
}

#[test]
fn row_9_a_page_instead_of_an_archive_is_shown() {
    let server = Server::start(|_, _, stream| reply(stream, "200 OK", &[], b"<!DOCTYPE html>\n<title>Sign in"));
    Bench::new(&server).unsized_().assert_untrusted("begins with `<!DOCTYPE html>.<title>Sign in`");
}

#[test]
fn row_10_an_archive_that_is_called_encoded_stays_raw() {
    let server = Server::start(|_, _, stream| reply(stream, "200 OK", &[("Content-Encoding", "gzip")], &content()));
    Bench::new(&server).assert_whole();
}

#[test]
fn row_11_what_is_not_there_is_told_apart() {
    let server = Server::start(|_, _, stream| reply(stream, "404 Not Found", &[], b""));
    let bench = Bench::new(&server);
    let bar = Ui::silent().transfer("go", None);
    let failure = Download::start(&bench.client, &bench.artefact, &bench.partial(), &bar, None).err().unwrap();
    assert!(failure.is_not_found());
}

#[test]
fn a_consumer_that_finds_resumed_bytes_malformed_gets_another_try() {
    let server = Server::start(|n, request, stream| {
        serve(request, stream, &content(), "\"e\"", if n == 0 { 5000 } else { usize::MAX });
    });
    let bench = Bench::new(&server);
    let bar = Ui::silent().transfer("go", None);
    let judge = || {
        let mut download = Download::start(&bench.client, &bench.artefact, &bench.partial(), &bar, None).unwrap();
        io::copy(&mut download, &mut io::sink()).unwrap();
        download.settle::<()>(Err(Error::untrusted("the checksum is wrong"))).unwrap_err()
    };
    assert!(matches!(judge(), Setback::Restart(_)));
    assert!(matches!(judge(), Setback::Failed(_)));
    assert_eq!(bench.kept(), 0);
}

#[test]
fn row_52_a_file_is_read_in_place_and_judged_alike() {
    let server = Server::start(|_, _, _| {});
    let mut bench = Bench::new(&server);
    let path = bench.dir.path().join("go.tar.gz");
    bench.artefact.place = Place::File(path.clone());
    assert_eq!(bench.run().unwrap_err().exit(), Exit::Network);
    std::fs::write(&path, content()).unwrap();
    assert!(bench.run().unwrap().0 == content());
    assert!(!bench.partial().exists());
    let mut edited = content();
    edited[1000] ^= 1;
    std::fs::write(&path, &edited).unwrap();
    bench.assert_untrusted("its sha256 is");
    std::fs::write(&path, &edited[..1000]).unwrap();
    bench.assert_untrusted("it has 1000 bytes, expected were 300003");
}
