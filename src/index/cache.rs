//! gv's memory of a list: compact, so that listing is instant; kept when the server fails or lies.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gv_shim::version::Version;
use serde::{Deserialize, Serialize};

use super::{File, Form, LARGEST, Release, file_name, newest, platform};
use crate::error::{Error, Result};
use crate::fs;
use crate::net::{Client, Failure, Fetched, Kind, Url};
use crate::sha256::Sha256;

/// What sources need to answer: the network, and where they keep what they have learnt.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Makes the requests. One that is offline leaves only the cache and folders.
    pub client: &'a Client,
    /// `$GV_ROOT/cache`.
    pub cache: &'a Path,
    /// How old a list may be before the server is asked whether it has changed.
    pub max_age: Duration,
}

/// A list, and what should be said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Sorted by version, oldest first.
    pub releases: Vec<Release>,
    /// Warnings: an old list served because the server failed, a list that went backwards.
    pub notes: Vec<String>,
}

/// A list that a server publishes.
pub(crate) struct Feed<'a> {
    /// Where it is.
    pub(crate) url: &'a Url,
    /// Reads it; the error is the reason.
    pub(crate) parse: fn(&[u8]) -> Result<Vec<Release>, String>,
}

/// The format of the cache file; another one is fetched anew.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    url: String,
    etag: Option<String>,
    /// When the server last said that this is its list; seconds since 1970.
    fetched: u64,
    releases: Vec<Row>,
}

/// A release: version, stable, and its files as `PLATFORM FORM SHA256 SIZE`.
#[derive(Serialize, Deserialize)]
struct Row(String, bool, Vec<String>);

/// The list: from the cache while it is fresh or gv is offline, else from the server; and from the cache again
/// when the server fails, answers rubbish, or offers an older list than it once did.
pub(crate) fn load(access: &Access<'_>, feed: &Feed<'_>) -> Result<Index, Failure> {
    load_at(access, feed, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

/// Whether [`load`] will answer without asking anybody.
pub(crate) fn is_at_hand(access: &Access<'_>, url: &Url) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let old = read(&cache_file(access.cache, url), url);
    old.is_some_and(|(stored, _)| access.client.config().offline || is_fresh(&stored, now, access.max_age))
}

fn load_at(access: &Access<'_>, feed: &Feed<'_>, now: u64) -> Result<Index, Failure> {
    let path = cache_file(access.cache, feed.url);
    let old = read(&path, feed.url);
    let offline = access.client.config().offline;
    match old {
        Some((stored, releases)) if offline || is_fresh(&stored, now, access.max_age) => {
            Ok(Index { releases, notes: Vec::new() })
        }
        None if offline => Err(never_fetched(feed.url)),
        Some((stored, releases)) => refresh(access, feed, &path, now, stored, releases),
        None => {
            let fetched = access.client.get_changed(feed.url, LARGEST, None)?;
            let Fetched::New(bytes, etag) = fetched else {
                return Err(Failure::fetching(Kind::Untrusted, feed.url, "the server answered 304 unasked"));
            };
            let releases = parse(feed, &bytes)?;
            Ok(keep(&path, feed.url, etag, now, releases))
        }
    }
}

fn refresh(
    access: &Access<'_>,
    feed: &Feed<'_>,
    path: &Path,
    now: u64,
    stored: Stored,
    releases: Vec<Release>,
) -> Result<Index, Failure> {
    let answer = access.client.get_changed(feed.url, LARGEST, stored.etag.as_deref());
    let answer = answer.and_then(|fetched| match fetched {
        Fetched::Unchanged => Ok(None),
        Fetched::New(bytes, etag) => Ok(Some((parse(feed, &bytes)?, etag))),
    });
    let note = match answer {
        Ok(None) => return Ok(keep(path, feed.url, stored.etag, now, releases)),
        Ok(Some((new, etag))) if newest(&new) >= newest(&releases) => return Ok(keep(path, feed.url, etag, now, new)),
        Ok(Some((new, _))) => backwards(feed.url, newest(&new), newest(&releases), path),
        Err(failure) if access.client.is_interrupted() => return Err(failure),
        Err(failure) => {
            let age = age(now.saturating_sub(stored.fetched));
            format!("{}; using the list fetched {age} ago", failure.error)
        }
    };
    Ok(Index { releases, notes: vec![note] })
}

fn parse(feed: &Feed<'_>, bytes: &[u8]) -> Result<Vec<Release>, Failure> {
    (feed.parse)(bytes).map_err(|cause| {
        let error = Error::untrusted(format!("the list at {} cannot be used", feed.url)).because(cause);
        Failure { kind: Kind::Untrusted, error }
    })
}

fn backwards(url: &Url, new: Option<Version>, old: Option<Version>, path: &Path) -> String {
    let show = |version: Option<Version>| version.map_or_else(|| "nothing".to_owned(), |v| v.to_string());
    format!(
        "the list at {url} has gone backwards, from {} to {}; using the newer one (to accept the older, remove {})",
        show(old),
        show(new),
        path.display()
    )
}

fn never_fetched(url: &Url) -> Failure {
    let error = Error::network(format!("the list at {url} has never been fetched, and gv was told to stay offline"))
        .hint("run the command once without --offline, or name a folder as source");
    Failure { kind: Kind::Unavailable, error }
}

/// Writes a list down. A disk that refuses costs a note, not the list.
fn keep(path: &Path, url: &Url, etag: Option<String>, now: u64, releases: Vec<Release>) -> Index {
    let stored = Stored {
        format: FORMAT,
        url: url.to_string(),
        etag,
        fetched: now,
        releases: releases.iter().map(row).collect(),
    };
    let text = serde_json::to_vec(&stored).unwrap_or_default();
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write_cached(path, &text));
    let notes = written.err().map(|error| format!("the list is not kept: {error}"));
    Index { releases, notes: notes.into_iter().collect() }
}

/// What is kept. A file that cannot be read back is fetched anew, as if it were not there.
fn read(path: &Path, url: &Url) -> Option<(Stored, Vec<Release>)> {
    let bytes = fs::read_bytes(path).ok()??;
    let mut stored: Stored = serde_json::from_slice(&bytes).ok()?;
    if stored.format != FORMAT || stored.url != url.to_string() {
        return None;
    }
    let rows = std::mem::take(&mut stored.releases);
    let releases = rows.iter().map(release).collect::<Option<Vec<_>>>()?;
    Some((stored, releases))
}

/// A time of fetching that lies in the future makes a list old: the clock was wrong then or is now.
fn is_fresh(stored: &Stored, now: u64, max_age: Duration) -> bool {
    now.checked_sub(stored.fetched).is_some_and(|age| age < max_age.as_secs())
}

fn cache_file(cache: &Path, url: &Url) -> PathBuf {
    let hash = Sha256::of(url.to_string().as_bytes()).to_string();
    cache.join("index").join(format!("{}.json", &hash[..24]))
}

fn row(release: &Release) -> Row {
    let files = release.files.iter().map(|file| {
        let form = if file.form == Form::Archive { "a" } else { "m" };
        let hash = file.sha256.map_or_else(|| "-".to_owned(), |hash| hash.to_string());
        format!("{} {form} {hash} {}", file.platform, file.size.unwrap_or_default())
    });
    Row(release.version.to_string(), release.stable, files.collect())
}

fn release(row: &Row) -> Option<Release> {
    let version = Version::from_store_name(row.0.as_bytes())?;
    let files = row.2.iter().map(|text| file(version, text)).collect::<Option<Vec<_>>>()?;
    Some(Release { version, stable: row.1, files })
}

fn file(version: Version, text: &str) -> Option<File> {
    let mut words = text.split(' ');
    let (os, arch) = words.next()?.split_once('-')?;
    let platform = platform(os, arch)?;
    let form = if words.next()? == "a" { Form::Archive } else { Form::Module };
    let sha256 = match words.next()? {
        "-" => None,
        hash => Some(Sha256::parse(hash)?),
    };
    let size: u64 = words.next()?.parse().ok()?;
    let filename = file_name(form, version, &platform);
    Some(File { filename, platform, form, sha256, size: (size > 0).then_some(size) })
}

fn age(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use crate::index::parse_dl;
    use crate::net::testing::{self, Server, reply};

    fn json(version: &str) -> String {
        format!(
            r#"[{{"version":"go{version}","stable":true,"files":[{{"filename":"go{version}.linux-amd64.tar.gz",
            "os":"linux","arch":"amd64","sha256":"{}","size":7,"kind":"archive"}}]}}]"#,
            "ab".repeat(32)
        )
    }

    /// Loads at each of the times from a server that gives each of the answers in turn; 304 if it is known.
    fn loads(answers: &'static [&'static str], times: &[u64]) -> Vec<Result<Index, Failure>> {
        let server = Server::start(move |n, request, stream| match answers[n] {
            "fail" => reply(stream, "403 No", &[], b""),
            _ if request.contains("if-none-match: \"e\"") && answers[n] == "same" => {
                reply(stream, "304 Not Modified", &[], b"");
            }
            "rubbish" => reply(stream, "200 OK", &[], b"[{\"version\":5}]"),
            version => reply(stream, "200 OK", &[("ETag", "\"e\"")], json(version).as_bytes()),
        });
        let (client, dir) = (testing::client(), tempfile::tempdir().unwrap());
        let access = Access { client: &client, cache: dir.path(), max_age: Duration::from_secs(100) };
        let url = Url::parse(&server.url("/")).unwrap();
        let loaded = times.iter().map(|&now| load_at(&access, &Feed { url: &url, parse: parse_dl }, now)).collect();
        assert_eq!(server.requests(), answers.len());
        loaded
    }

    #[test]
    fn a_list_is_asked_for_once_while_it_is_fresh_and_then_compared() {
        let loaded = loads(&["1.22.3", "same", "1.22.4"], &[1000, 1099, 1100, 1199, 1200]);
        let newest: Vec<_> = loaded.iter().map(|index| newest(&index.as_ref().unwrap().releases).unwrap()).collect();
        let (old, new) = (Version::release(1, 22, 3), Version::release(1, 22, 4));
        assert_eq!(newest, [old, old, old, old, new]);
        assert_eq!(loaded[0].as_ref().unwrap(), loaded[1].as_ref().unwrap());
    }

    #[test]
    fn row_12_rubbish_is_refused_and_the_last_good_list_serves_on() {
        let first = loads(&["rubbish"], &[1000]).remove(0).unwrap_err();
        assert_eq!(first.error.exit(), Exit::Untrusted);
        let loaded = loads(&["1.22.3", "rubbish", "fail"], &[1000, 8000, 9000]);
        for index in &loaded[1..] {
            let index = index.as_ref().unwrap();
            assert_eq!(index.releases.len(), 1);
            assert!(index.notes[0].contains("using the list fetched"), "{:?}", index.notes);
        }
    }

    #[test]
    fn row_15_a_list_that_goes_backwards_is_told_and_does_not_replace_the_newer_one() {
        let loaded = loads(&["1.22.3", "1.22.2", "1.22.2"], &[1000, 2000, 3000]);
        for index in &loaded[1..] {
            let index = index.as_ref().unwrap();
            assert_eq!(newest(&index.releases), Some(Version::release(1, 22, 3)));
            assert!(index.notes[0].contains("from 1.22.3 to 1.22.2"), "{:?}", index.notes);
        }
    }

    #[test]
    fn row_46_a_clock_that_went_back_makes_a_list_old() {
        let loaded = loads(&["1.22.3", "same"], &[5000, 1000]);
        assert!(loaded[1].as_ref().unwrap().notes.is_empty());
    }

    #[test]
    fn row_12_an_index_over_its_cap_is_refused() {
        let server = Server::start(|_, _, stream| {
            testing::head(stream, "200 OK", &[("Content-Length", &(LARGEST + 1).to_string())]);
        });
        let (client, dir) = (testing::client(), tempfile::tempdir().unwrap());
        let access = Access { client: &client, cache: dir.path(), max_age: Duration::ZERO };
        let url = Url::parse(&server.url("/")).unwrap();
        let failure = load(&access, &Feed { url: &url, parse: parse_dl }).unwrap_err();
        assert_eq!(failure.kind, Kind::Untrusted);
    }

    #[test]
    fn offline_only_the_cache_answers() {
        let dir = tempfile::tempdir().unwrap();
        let url = Url::parse("http://127.0.0.1:9/").unwrap();
        let client = testing::client_of(crate::net::NetConfig { offline: true, ..testing::config() });
        let access = Access { client: &client, cache: dir.path(), max_age: Duration::ZERO };
        let feed = Feed { url: &url, parse: parse_dl };
        assert!(load(&access, &feed).unwrap_err().error.message().contains("never been fetched"));
        keep(&cache_file(dir.path(), &url), &url, None, 0, parse_dl(json("1.22.3").as_bytes()).unwrap());
        assert_eq!(load(&access, &feed).unwrap().releases.len(), 1);
    }
}
