//! A small checksum database: records, their Merkle tree by RFC 6962, tiles of height 8, and signed notes.
//!
//! Written from the published formats and not from gv's code, so that the two can disagree.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// The name that gv and cmd/go expect the database's key to have.
pub const NAME: &str = "sum.golang.org";

/// An Ed25519 key that signs notes.
#[derive(Clone)]
pub struct NoteKey {
    name: String,
    key: SigningKey,
}

impl NoteKey {
    /// A key that is always the same for the same name and seed.
    pub fn new(name: &str, seed: u8) -> NoteKey {
        NoteKey { name: name.to_owned(), key: SigningKey::from_bytes(&[seed; 32]) }
    }

    fn public(&self) -> Vec<u8> {
        // 1 is Ed25519 in the note format.
        [&[1], self.key.verifying_key().as_bytes().as_slice()].concat()
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::digest([self.name.as_bytes(), b"\n", &self.public()].concat());
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The verifier: `name+hash+key`.
    pub fn vkey(&self) -> String {
        format!("{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), STANDARD.encode(self.public()))
    }

    /// The signature line over a note's text.
    pub fn line(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode([self.id().as_slice(), &signature].concat()))
    }

    /// A signature line by this key that is not over this text.
    pub fn bad_line(&self) -> String {
        self.line("something else\n")
    }
}

/// A transparent log of module hashes.
#[derive(Clone)]
pub struct Sumdb {
    /// What signs its notes.
    pub key: NoteKey,
    records: Vec<String>,
    leaves: Vec<Hash>,
    /// The size of the tree that `lookup` answers with, when it is not the newest.
    pub lookup_tree: Option<usize>,
}

impl Sumdb {
    /// A log with `filler` records of modules that nobody asks for.
    pub fn new(filler: usize) -> Sumdb {
        let key = NoteKey::new(NAME, 1);
        let mut log = Sumdb { key, records: Vec::new(), leaves: Vec::new(), lookup_tree: None };
        for number in 0..filler {
            log.add(&format!("example.com/filler v0.0.{number} h1:{}\n", STANDARD.encode([0; 32])));
        }
        log
    }

    /// Appends a record, whole lines; an equal one is not added again.
    pub fn add(&mut self, record: &str) {
        if !self.records.iter().any(|known| known == record) {
            self.leaves.push(Sha256::digest([b"\0", record.as_bytes()].concat()).into());
            self.records.push(record.to_owned());
        }
    }

    /// A log that tells another story from record `at` on, under the same key.
    #[must_use]
    pub fn forked(&self, at: usize) -> Sumdb {
        let mut fork = Sumdb { records: Vec::new(), leaves: Vec::new(), ..self.clone() };
        for (number, record) in self.records.iter().enumerate() {
            let other = format!("example.com/forked v0.0.{number} h1:{}\n", STANDARD.encode([1; 32]));
            // What is asked for stays, so that only the tree gives the fork away.
            let keep = number < at || record.starts_with("golang.org/toolchain ");
            fork.add(if keep { record } else { &other });
        }
        fork
    }

    /// How many records there are.
    pub fn size(&self) -> usize {
        self.records.len()
    }

    /// The root of the tree of the first `size` records.
    pub fn root(&self, size: usize) -> Hash {
        root(&self.leaves[..size])
    }

    /// The text of the tree note of that size.
    pub fn note_text(&self, size: usize) -> String {
        format!("go.sum database tree\n{size}\n{}\n", STANDARD.encode(self.root(size)))
    }

    /// The signed tree note of that size.
    pub fn note(&self, size: usize) -> String {
        self.note_by(size, &[&self.key])
    }

    /// The tree note of that size signed by other keys.
    pub fn note_by(&self, size: usize, keys: &[&NoteKey]) -> String {
        let text = self.note_text(size);
        let lines: String = keys.iter().map(|key| key.line(&text)).collect();
        format!("{text}\n{lines}")
    }

    /// The number of a module's record.
    pub fn find(&self, module: &str) -> Option<usize> {
        let start = format!("{} ", module.replacen('@', " ", 1));
        self.records.iter().position(|record| record.starts_with(&start))
    }

    /// A record as lookups show it: its number, its lines, an empty line.
    pub fn record(&self, number: usize) -> String {
        format!("{number}\n{}\n", self.records[number])
    }

    /// The answer to a path below the database: `supported`, `latest`, `lookup/…`, `tile/…`.
    pub fn answer(&self, path: &str) -> Option<Vec<u8>> {
        match path.split_once('/') {
            None if path == "supported" => Some(Vec::new()),
            None if path == "latest" => Some(self.note(self.size()).into_bytes()),
            Some(("lookup", module)) => {
                let number = self.find(module)?;
                let tree = self.lookup_tree.unwrap_or(self.size()).max(number + 1);
                Some(format!("{}{}", self.record(number), self.note(tree)).into_bytes())
            }
            Some(("tile", tile)) => self.tile(tile),
            _ => None,
        }
    }

    /// A tile by the path that stands behind `tile/`: `8/0/000`, `8/0/x001/234.p/7`, `8/data/000`.
    pub fn tile(&self, path: &str) -> Option<Vec<u8>> {
        let (level, index) = path.strip_prefix("8/")?.split_once('/')?;
        let (index, width) = match index.split_once(".p/") {
            Some((index, width)) => (index, width.parse::<usize>().ok().filter(|width| (1..256).contains(width))?),
            None => (index, 256),
        };
        let number = index.split('/').try_fold(0, |sum, part| {
            let digits = part.strip_prefix('x').unwrap_or(part);
            Some(sum * 1000 + digits.parse::<usize>().ok().filter(|_| digits.len() == 3)?)
        })?;
        let range = number * 256..number * 256 + width;
        if level == "data" {
            let records: Vec<String> = self.records.get(range)?.iter().map(|record| format!("{record}\n")).collect();
            return Some(records.concat().into_bytes());
        }
        let span = 256usize.checked_pow(level.parse().ok()?)?;
        let mut tile = Vec::new();
        for hash in range {
            tile.extend(root(self.leaves.get(hash * span..(hash + 1) * span)?));
        }
        Some(tile)
    }
}

/// The Merkle tree hash of leaves that are hashed already.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let left = 1 << (leaves.len() - 1).ilog2();
            let (left, right) = leaves.split_at(left);
            Sha256::digest([&[1], root(left).as_slice(), &root(right)].concat()).into()
        }
    }
}
