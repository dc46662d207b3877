//! What the database says of one module version, and what is kept to prove it again without the database.

use serde::{Deserialize, Serialize};

use super::note::VerifierKey;
use super::tlog::{self, Hash, Tree};
use crate::error::{Error, Result};

/// A head of the tree with the note that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTree {
    /// The note, byte for byte.
    pub note: String,
    /// What it says.
    pub tree: Tree,
}

impl SignedTree {
    /// Opens a note and reads the head in it.
    pub fn open(note: &str, key: &VerifierKey) -> Result<SignedTree> {
        let text = key.open(note)?;
        let tree = parse_tree(text).ok_or_else(|| {
            Error::untrusted(format!("what {} signed is no head of a tree", key.name()))
                .because(format!("it begins with {}", crate::verify::excerpt(text.as_bytes())))
        })?;
        Ok(SignedTree { note: note.to_owned(), tree })
    }
}

/// The three lines of a head; as in Go, further lines are left for the future.
fn parse_tree(text: &str) -> Option<Tree> {
    let mut lines = text.split('\n');
    if lines.next() != Some("go.sum database tree") {
        return None;
    }
    let size = decimal(lines.next()?)?;
    let root = lines.next()?.parse().ok()?;
    Some(Tree { size, root })
}

/// A number below 2^63 without sign or leading zeros, as Go writes it.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok().filter(|number| i64::try_from(*number).is_ok())?;
    (number.to_string() == text).then_some(number)
}

/// A record that was proven to be in the database's tree, with all that it takes to prove it again offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The module's path.
    pub module: String,
    /// Its version.
    pub version: String,
    /// The record's number in the log.
    pub id: u64,
    /// Its two lines.
    pub text: String,
    /// The signed head of a tree that holds the record.
    pub note: String,
    /// The inclusion proof in that tree (RFC 6962): the hashes beside the way from the record to the root.
    pub proof: Vec<Hash>,
}

impl Record {
    /// The `h1:` of the module's files.
    pub fn h1(&self) -> Result<&str> {
        Ok(self.lines()?.0)
    }

    /// The `h1:` of its go.mod.
    pub fn go_mod_h1(&self) -> Result<&str> {
        Ok(self.lines()?.1)
    }

    /// Proves the record again by the database's key alone. It does not show that the tree is the one that
    /// everybody sees: that was done when it was looked up.
    pub fn verify_offline(&self, key: &VerifierKey) -> Result<Tree> {
        let tree = SignedTree::open(&self.note, key)?.tree;
        self.lines()?;
        if tlog::includes(tree, self.id, Hash::leaf(self.text.as_bytes()), &self.proof) {
            return Ok(tree);
        }
        Err(self.refused(&format!("record {} is not in the tree of {} records", self.id, tree.size)))
    }

    /// The two hashes, if the record is that of its module and version and holds nothing else.
    pub(super) fn lines(&self) -> Result<(&str, &str)> {
        self.parse_lines().ok_or_else(|| {
            self.refused("the record has other lines than that module's")
                .because(format!("it begins with {}", crate::verify::excerpt(self.text.as_bytes())))
        })
    }

    fn parse_lines(&self) -> Option<(&str, &str)> {
        let (zip, go_mod) = self.text.strip_suffix('\n')?.split_once('\n')?;
        let name = format!("{} {}", self.module, self.version);
        let zip = zip.strip_prefix(&name)?.strip_prefix(' ')?;
        let go_mod = go_mod.strip_prefix(&name)?.strip_prefix("/go.mod ")?;
        (is_h1(zip) && is_h1(go_mod)).then_some((zip, go_mod))
    }

    pub(super) fn refused(&self, why: &str) -> Error {
        Error::untrusted(format!("the checksum database does not prove {}@{}", self.module, self.version)).because(why)
    }
}

fn is_h1(text: &str) -> bool {
    text.strip_prefix("h1:").is_some_and(|hash| hash.parse::<Hash>().is_ok())
}

/// An answer to a lookup: a number, the record's lines, a blank line, and a signed head. Nothing is proven yet.
pub(super) struct Answer {
    pub(super) id: u64,
    pub(super) text: String,
    pub(super) note: String,
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Option<Answer> {
        let (id, rest) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
        let end = rest.find("\n\n")?;
        let (text, note) = (&rest[..=end], &rest[end + 2..]);
        Some(Answer { id: decimal(id)?, text: text.to_owned(), note: note.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Record {
        let (module, version) = ("m.test/a".to_owned(), "v1.0.0".to_owned());
        Record { module, version, id: 0, text: text.to_owned(), note: String::new(), proof: Vec::new() }
    }

    // Row 23 of faults.md.
    #[test]
    fn a_record_holds_the_two_lines_of_its_module_and_nothing_else() {
        let h1 = format!("h1:{}", Hash::leaf(b"x"));
        let good = format!("m.test/a v1.0.0 {h1}\nm.test/a v1.0.0/go.mod {h1}\n");
        assert_eq!(record(&good).h1().unwrap(), h1);
        assert_eq!(record(&good).go_mod_h1().unwrap(), h1);
        let bad = [
            String::new(),
            good.trim_end().to_owned(),
            good.replace("m.test/a", "m.test/b"),
            good.replace("v1.0.0", "v1.0.1"),
            good.replace("h1:", "h2:"),
            good.replace("/go.mod", ""),
            format!("{good}{good}"),
            format!("{good}\n"),
            format!("\n{good}"),
        ];
        for text in bad {
            assert!(record(&text).lines().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_in_one_way_only() {
        assert_eq!(decimal("71909756"), Some(71_909_756));
        for bad in ["", "+1", "-1", "01", "1 ", "9223372036854775808"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_answer_has_all_of_its_parts() {
        let answer = Answer::parse(b"5\nline\n\ngo.sum\n").unwrap();
        assert_eq!((answer.id, &*answer.text, &*answer.note), (5, "line\n", "go.sum\n"));
        for bad in ["", "5", "5\nline\n", "x\nline\n\nnote\n", "<html>\n\n\n"] {
            assert!(Answer::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
