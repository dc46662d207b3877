//! The arithmetic of a transparency log: RFC 6962, section 2.1.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A hash in the log's tree. Reads and prints as base64, in JSON too.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of a record.
    pub fn leaf(record: &[u8]) -> Hash {
        Hash(Sha256::new().chain_update([0]).chain_update(record).finalize().into())
    }

    /// The hash of two subtrees side by side.
    pub fn node(left: Hash, right: Hash) -> Hash {
        Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Hash> {
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Hash)
            .ok_or_else(|| Error::untrusted(format!("{} is no hash", crate::verify::excerpt(text.as_bytes()))))
    }
}

impl TryFrom<String> for Hash {
    type Error = Error;

    fn try_from(text: String) -> Result<Hash> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}

/// A state of the log: so many records, and the hash over all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The number of records.
    pub size: u64,
    /// The hash of the whole.
    pub root: Hash,
}

/// A whole subtree: at `level`, the one that covers the records from `index << level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// It covers `1 << level` records.
    pub level: u32,
    /// Its place among the subtrees of its level.
    pub index: u64,
}

/// The largest whole subtrees that make up the records from `start` to before `end`, left to right.
///
/// `start` has to be a multiple of the power of two at or above the range's size, as in every range of the RFC.
fn cover(mut start: u64, end: u64) -> Vec<Subtree> {
    let mut subtrees = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        subtrees.push(Subtree { level, index: start >> level });
        start += 1 << level;
    }
    subtrees
}

/// The hash of a range of records, from the hashes of whole subtrees.
fn range_hash<E>(start: u64, end: u64, hash: &mut impl FnMut(Subtree) -> Result<Hash, E>) -> Result<Hash, E> {
    let mut joined: Option<Hash> = None;
    for subtree in cover(start, end).into_iter().rev() {
        let left = hash(subtree)?;
        joined = Some(joined.map_or(left, |right| Hash::node(left, right)));
    }
    // The RFC's hash of no records at all.
    Ok(joined.unwrap_or_else(|| Hash(Sha256::digest([]).into())))
}

/// The hash of the tree of the first `size` records.
pub fn tree_hash<E>(size: u64, mut hash: impl FnMut(Subtree) -> Result<Hash, E>) -> Result<Hash, E> {
    range_hash(0, size, &mut hash)
}

/// The hashes that prove a record to be in the tree of the first `size` records, from the record upwards.
pub fn prove_inclusion<E>(
    id: u64,
    size: u64,
    mut hash: impl FnMut(Subtree) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if id < middle {
            proof.push(range_hash(middle, end, &mut hash)?);
            end = middle;
        } else {
            proof.push(range_hash(start, middle, &mut hash)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` shows that the record `id` with the hash `leaf` is in the tree.
pub fn includes(tree: Tree, id: u64, leaf: Hash, proof: &[Hash]) -> bool {
    let Some(sides) = (id < tree.size).then(|| sides(id, tree.size)) else { return false };
    if sides.len() != proof.len() {
        return false;
    }
    let root = sides
        .iter()
        .zip(proof)
        .fold(leaf, |hash, (left, other)| if *left { Hash::node(hash, *other) } else { Hash::node(*other, hash) });
    root == tree.root
}

/// On the way up from a record: whether it is in the left half.
fn sides(id: u64, size: u64) -> Vec<bool> {
    let mut sides = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        let left = id < middle;
        sides.push(left);
        if left { end = middle } else { start = middle }
    }
    sides.reverse();
    sides
}

/// The largest power of two below `size`, which has to be 2 or more.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// The RFC's definition, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => Hash(Sha256::digest([]).into()),
            1 => leaves[0],
            n => {
                let (left, right) = leaves.split_at(n.next_power_of_two() / 2);
                Hash::node(defined(left), defined(right))
            }
        }
    }

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|i| Hash::leaf(&i.to_be_bytes())).collect()
    }

    fn reader(leaves: &[Hash]) -> impl FnMut(Subtree) -> Result<Hash, Infallible> {
        move |subtree| {
            let start = usize::try_from(subtree.index << subtree.level).unwrap();
            Ok(defined(&leaves[start..start + (1 << subtree.level)]))
        }
    }

    #[test]
    fn the_hash_of_every_small_tree_is_the_one_defined() {
        for n in 0..70 {
            let leaves = leaves(n);
            assert_eq!(tree_hash(n, reader(&leaves)), Ok(defined(&leaves)), "{n}");
        }
    }

    #[test]
    fn every_record_of_every_small_tree_is_proven_and_no_other() {
        for size in 1..40 {
            let leaves = leaves(size);
            let tree = Tree { size, root: defined(&leaves) };
            for id in 0..size {
                let leaf = leaves[usize::try_from(id).unwrap()];
                let Ok(mut proof) = prove_inclusion(id, size, reader(&leaves));
                assert!(includes(tree, id, leaf, &proof), "{id} of {size}");
                assert!(!includes(tree, id, Hash::leaf(b"other"), &proof));
                assert!(!includes(tree, size + id, leaf, &proof));
                assert!(size == 1 || !includes(tree, id ^ 1, leaf, &proof));
                proof.push(leaf);
                assert!(!includes(tree, id, leaf, &proof));
            }
        }
    }

    #[test]
    fn a_hash_is_base64_of_32_bytes() {
        let hash = Hash::leaf(b"x");
        assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        assert!("AAAA".parse::<Hash>().is_err());
        assert!("".parse::<Hash>().is_err());
    }
}
