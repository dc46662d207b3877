//! A database made for the tests, which lies on request.

mod real;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::note::tests::Notary;
use super::tlog::{Hash, Tree};
use super::*;
use crate::error::{Error, Exit};
use crate::fs;
use crate::lock::Patience;
use crate::ui::Ui;

const MODULE: &str = "m.test/a";

/// A log whose record `i` is that of version `v0.0.i`. It has the tiles of the first `size` of its records, and
/// signs the head of the first `shown`.
struct Log {
    notary: Notary,
    records: Vec<String>,
    levels: Vec<Vec<Hash>>,
    size: u64,
    shown: u64,
    lie: Lie,
    asked: Mutex<Vec<String>>,
}

/// Changes the answer at a path; `None` says that there is none.
type Lie = Box<dyn Fn(&str, Vec<u8>) -> Option<Vec<u8>> + Sync>;

impl Log {
    /// Logs with another `seed` have other records from half of their length on.
    fn new(size: u64, seed: &str) -> Log {
        let records: Vec<String> = (0..size)
            .map(|i| {
                let h1 = Hash::leaf(if i < size / 2 { b"" } else { seed.as_bytes() });
                format!("{MODULE} v0.0.{i} h1:{h1}\n{MODULE} v0.0.{i}/go.mod h1:{h1}\n")
            })
            .collect();
        let mut levels = vec![records.iter().map(|record| Hash::leaf(record.as_bytes())).collect::<Vec<_>>()];
        while levels.last().unwrap().len() > 1 {
            let pairs = levels.last().unwrap().chunks_exact(2);
            levels.push(pairs.map(|pair| Hash::node(pair[0], pair[1])).collect());
        }
        let notary = Notary::new("db.test", 1);
        Log { notary, records, levels, size, shown: size, lie: Box::new(|_, body| Some(body)), asked: Mutex::default() }
    }

    fn lying(mut self, lie: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>> + Sync + 'static) -> Log {
        self.lie = Box::new(lie);
        self
    }

    fn at(mut self, size: u64) -> Log {
        self.size = size;
        self.showing(size)
    }

    /// As a server does whose answer to a lookup is older than its tiles.
    fn showing(mut self, shown: u64) -> Log {
        self.shown = shown;
        self
    }

    fn tree(&self, size: u64) -> Tree {
        let hash = |subtree: tlog::Subtree| -> Result<Hash> {
            Ok(self.levels[subtree.level as usize][usize::try_from(subtree.index).unwrap()])
        };
        Tree { size, root: tlog::tree_hash(size, hash).unwrap() }
    }

    fn note(&self, size: u64) -> String {
        self.notary.sign(&format!("go.sum database tree\n{size}\n{}\n", self.tree(size).root))
    }

    fn answer(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(version) = path.strip_prefix(&format!("/lookup/{MODULE}@v0.0.")) {
            let id: usize = version.parse().ok()?;
            return Some(format!("{id}\n{}\n{}", self.records.get(id)?, self.note(self.shown)).into_bytes());
        }
        let path = path.strip_prefix("/tile/8/")?;
        let (path, width) = path.split_once(".p/").unwrap_or((path, "256"));
        let (level, index) = path.split_once('/')?;
        let digits: String = index.chars().filter(char::is_ascii_digit).collect();
        let (level, index, width): (usize, usize, usize) =
            (level.parse().ok()?, digits.parse().ok()?, width.parse().ok()?);
        let row = &self.levels.get(level * 8)?[..usize::try_from(self.size).unwrap() >> (8 * level)];
        let tile = row.get(index * 256..index * 256 + width)?;
        Some(tile.iter().flat_map(|hash| hash.0).collect())
    }

    fn database(&self, cache: &Path, first: u64) -> Database {
        let key: VerifierKey = self.notary.vkey().parse().unwrap();
        let head = SignedTree::open(&self.note(first), &key).unwrap();
        Database::new(key, cache, head, patience())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl Transport for Log {
    fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.asked.lock().unwrap().push(path.to_owned());
        let body = self.answer(path).and_then(|body| (self.lie)(path, body));
        body.ok_or_else(|| Error::network(format!("nothing at {path}")))
    }
}

/// More than eight threads need to take turns.
pub(super) fn patience() -> Patience {
    Patience { limit: Duration::from_mins(1), interrupted: Arc::default(), ui: Ui::silent() }
}

fn lookup(database: &Database, log: &Log, id: u64) -> Result<Record> {
    database.lookup(log, MODULE, &format!("v0.0.{id}"))
}

fn refused(result: Result<Record>) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.exit(), Exit::Untrusted, "{error}");
    error
}

fn latest(cache: &Path) -> String {
    fs::read_text(&cache.join("sumdb/db.test/latest")).unwrap().unwrap_or_default()
}

#[test]
fn records_of_trees_of_every_shape_are_proven_and_proven_again_offline() {
    for size in [1, 2, 255, 256, 257, 511, 512, 700, 65_536, 65_537, 66_000] {
        let cache = tempfile::tempdir().unwrap();
        let log = Log::new(size, "");
        let database = log.database(cache.path(), size / 3);
        for id in [0, size / 3, size / 2, size - 1] {
            let record = lookup(&database, &log, id).unwrap();
            assert_eq!((record.id, &record.text), (id, &log.records[usize::try_from(id).unwrap()]), "{size}");
            let key = log.notary.vkey().parse().unwrap();
            assert_eq!(record.verify_offline(&key).unwrap(), log.tree(size));
        }
        assert_eq!(latest(cache.path()), log.note(size));
    }
}

#[test]
fn the_tree_moves_forward_and_an_older_signed_tree_is_normal() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(3000, "");
    let database = log.database(cache.path(), 100);
    for (shown, known) in [(700, 700), (2000, 2000), (900, 2000), (50, 2000), (3000, 3000)] {
        let log = Log::new(3000, "").showing(shown);
        let record = lookup(&database, &log, 7).unwrap();
        assert_eq!(record.note, log.note(shown));
        assert_eq!(latest(cache.path()), log.note(known));
        assert_eq!(database.latest().unwrap().tree.size, known);
    }
}

#[test]
fn what_is_known_is_not_asked_for_again() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(66_000, "");
    let database = log.database(cache.path(), 300);
    lookup(&database, &log, 5).unwrap();
    log.asked();
    lookup(&database, &log, 6).unwrap();
    assert_eq!(log.asked(), [format!("/lookup/{MODULE}@v0.0.6")]);
}

#[test]
fn a_damaged_tile_in_the_cache_is_fetched_again() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(700, "");
    let database = log.database(cache.path(), 300);
    lookup(&database, &log, 5).unwrap();
    for tile in ["0/000", "0/002.p/188", "1/000.p/2"] {
        let path = cache.path().join("sumdb/db.test/tile/8").join(tile);
        let good = fs::read_bytes(&path).unwrap().unwrap();
        for bad in [vec![7; good.len()], good[1..].to_vec(), Vec::new()] {
            fs::write_atomic(&path, &bad).unwrap();
            lookup(&database, &log, 5).unwrap();
            assert_eq!(fs::read_bytes(&path).unwrap().unwrap(), good, "{tile}");
        }
    }
}

// Row 23 of faults.md.
#[test]
fn an_altered_answer_proves_nothing() {
    type Alter = fn(&str) -> String;
    let alterations: [Alter; 9] = [
        |_| String::new(),
        |_| "<html>\n\n\n</html>\n".to_owned(),
        |text| text.replacen("h1:", "h1:A", 1).replacen("=\n", "\n", 1),
        |text| text.replace("v0.0.5", "v0.0.6"),
        |text| format!("more\n{text}"),
        |text| format!("{text}more\n"),
        |text| text.replacen("\n\n", "\nmore\n\n", 1),
        |text| text.replacen("5\n", "4\n", 1),
        |text| text.replacen("5\n", "99999\n", 1),
    ];
    for (number, alter) in alterations.into_iter().enumerate() {
        let cache = tempfile::tempdir().unwrap();
        let log = Log::new(700, "");
        let database = log.database(cache.path(), 300);
        let log = log.lying(move |path, body| {
            let altered = |body| alter(&String::from_utf8(body).unwrap()).into_bytes();
            Some(if path.starts_with("/lookup/") { altered(body) } else { body })
        });
        let error = refused(lookup(&database, &log, 5));
        assert!(error.message().contains("cannot prove m.test/a@v0.0.5") && !error.is_conclusive(), "{number} {error}");
    }
}

// Row 23 of faults.md.
#[test]
fn another_modules_record_is_refused() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(700, "");
    let database = log.database(cache.path(), 300);
    let other = log.answer("/lookup/m.test/a@v0.0.6").unwrap();
    let log = log.lying(move |path, body| Some(if path.starts_with("/lookup/") { other.clone() } else { body }));
    assert!(refused(lookup(&database, &log, 5)).to_string().contains("other lines than that module's"));
}

// Row 24 of faults.md.
#[test]
fn an_altered_or_short_tile_is_refused_and_not_kept() {
    for tile in ["/tile/8/0/000", "/tile/8/0/002.p/188", "/tile/8/1/000.p/2"] {
        type Alter = fn(Vec<u8>) -> Vec<u8>;
        let alterations: [Alter; 4] = [
            |mut body| {
                // In the first tile that is record 5 itself, which its own inclusion proof does not take from there.
                let at = (5 * 32).min(body.len() - 1);
                body[at] ^= 1;
                body
            },
            |body| body[..body.len() - 1].to_vec(),
            |body| [body, vec![0; 32]].concat(),
            |_| b"<html>".to_vec(),
        ];
        for alter in alterations {
            let cache = tempfile::tempdir().unwrap();
            let log = Log::new(700, "");
            let database = log.database(cache.path(), 300);
            let log = log.lying(move |path, body| Some(if path == tile { alter(body) } else { body }));
            assert!(!refused(lookup(&database, &log, 5)).is_conclusive(), "{tile}");
            assert!(!cache.path().join("sumdb/db.test/tile").exists(), "{tile}");
        }
    }
}

// Row 24 of faults.md.
#[test]
fn where_a_partial_tile_is_gone_the_whole_one_serves() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(1024, "");
    let database = log.database(cache.path(), 300);
    let gone = |path: &str| path.contains(".p/") && path.starts_with("/tile/8/0/");
    let log = log.showing(700).lying(move |path, body| (!gone(path)).then_some(body));
    lookup(&database, &log, 5).unwrap();
    assert!(log.asked().contains(&"/tile/8/0/002".to_owned()));
}

#[test]
fn a_server_that_has_no_tiles_cannot_answer() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(700, "");
    let database = log.database(cache.path(), 300);
    let log = log.lying(|path, body| path.starts_with("/lookup/").then_some(body));
    assert_eq!(lookup(&database, &log, 5).unwrap_err().exit(), Exit::Network);
}

// Row 25 of faults.md: equal, older, newer.
#[test]
fn a_forked_tree_is_kept_as_evidence_and_changes_nothing() {
    for shown in [2000, 1700, 2500] {
        let cache = tempfile::tempdir().unwrap();
        let log = Log::new(3000, "").at(2000);
        let database = log.database(cache.path(), 100);
        lookup(&database, &log, 5).unwrap();
        let before = latest(cache.path());
        let tiles = fs::names(&cache.path().join("sumdb/db.test/tile/8/0")).unwrap();

        // The fork's signed head, and the tiles that belong to the newer one of both heads.
        let fork = Log::new(3000, "other").showing(shown);
        let truth = Log::new(3000, "");
        let forked_head = fork.note(shown);
        let fork =
            fork.lying(
                move |path, body| {
                    if shown > 2000 || path.starts_with("/lookup/") { Some(body) } else { truth.answer(path) }
                },
            );
        let error = refused(lookup(&database, &fork, 5));
        assert!(error.is_conclusive(), "{shown}: {error}");

        assert_eq!(latest(cache.path()), before);
        assert_eq!(fs::names(&cache.path().join("sumdb/db.test/tile/8/0")).unwrap(), tiles);
        let folder = cache.path().join("sumdb/db.test");
        let names = fs::names(&folder).unwrap();
        let evidence = names.iter().find(|name| name.to_string_lossy().starts_with("fork-")).unwrap();
        let text = fs::read_text(&folder.join(evidence)).unwrap().unwrap();
        assert_eq!(text, format!("known:\n\n{before}\nshown:\n\n{forked_head}"), "{shown}");
        assert!(refused(lookup(&database, &fork, 5)).is_conclusive());
    }
}

// Row 25 of faults.md.
#[test]
fn the_head_that_gv_was_built_with_is_part_of_the_one_history() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(3000, "");
    let fork = Log::new(3000, "other");
    let error = refused(lookup(&log.database(cache.path(), 2000), &fork, 5));
    assert!(error.is_conclusive() && error.to_string().contains("contradict each other"), "{error}");
    assert_eq!(latest(cache.path()), "");
}

#[test]
fn a_stored_head_that_nobody_signed_is_an_error() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(700, "");
    let database = log.database(cache.path(), 300);
    lookup(&database, &log, 5).unwrap();
    let path = cache.path().join("sumdb/db.test/latest");
    fs::write_atomic(&path, latest(cache.path()).replace("700", "600").as_bytes()).unwrap();
    assert!(refused(lookup(&database, &log, 5)).to_string().contains("newest known head of db.test is damaged"));
}

#[test]
fn many_lookups_at_once_leave_the_newest_head() {
    let cache = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let cache = cache.path();
            scope.spawn(move || {
                let log = Log::new(3000, "").at(1000 + 250 * thread);
                // A server that is behind has no tiles of the newest head: that it cannot answer is no fork.
                match lookup(&log.database(cache, 300), &log, thread) {
                    Ok(record) => assert_eq!(record.id, thread),
                    Err(error) => assert_eq!(error.exit(), Exit::Network, "{error}"),
                }
            });
        }
    });
    assert_eq!(latest(cache.path()), Log::new(3000, "").note(2750));
}

// Row 26 of faults.md.
#[test]
fn a_tree_signed_by_another_key_is_refused() {
    let cache = tempfile::tempdir().unwrap();
    let mut log = Log::new(700, "");
    let database = log.database(cache.path(), 300);
    log.notary = Notary::new("db.test", 2);
    assert!(refused(lookup(&database, &log, 5)).to_string().contains("not signed by db.test"));
}

#[test]
fn a_record_altered_on_disk_is_not_proven_offline() {
    let cache = tempfile::tempdir().unwrap();
    let log = Log::new(700, "");
    let record = lookup(&log.database(cache.path(), 300), &log, 5).unwrap();
    let key: VerifierKey = log.notary.vkey().parse().unwrap();
    let json = serde_json::to_string(&record).unwrap();
    let record: Record = serde_json::from_str(&json).unwrap();
    record.verify_offline(&key).unwrap();
    let altered = [
        Record { id: 6, ..record.clone() },
        Record { text: log.records[6].clone(), ..record.clone() },
        Record { version: "v0.0.6".to_owned(), ..record.clone() },
        Record { proof: record.proof[1..].to_vec(), ..record.clone() },
        Record { note: log.note(600), ..record.clone() },
    ];
    for record in altered {
        assert_eq!(record.verify_offline(&key).unwrap_err().exit(), Exit::Untrusted);
    }
}
