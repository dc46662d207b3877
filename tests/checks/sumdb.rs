//! The made checksum database, against the published formats.

use crate::support::sumdb::{NoteKey, Sumdb};

#[test]
fn a_verifier_key_has_the_shape_of_the_real_one() {
    let vkey = NoteKey::new("sum.golang.org", 1).vkey();
    let parts: Vec<&str> = vkey.splitn(3, '+').collect();
    assert_eq!((parts[0], parts[1].len(), parts[2].len()), ("sum.golang.org", 8, 44));
}

#[test]
fn a_tile_of_a_higher_level_hashes_full_tiles_below() {
    let log = Sumdb::new(600);
    assert_eq!(log.tile("8/0/000").unwrap().len(), 256 * 32);
    assert_eq!(log.tile("8/0/002.p/88").unwrap().len(), 88 * 32);
    assert_eq!(log.tile("8/0/002"), None);
    assert_eq!(log.tile("8/1/000.p/2").unwrap()[..32], log.root(256));
}

#[test]
fn a_fork_agrees_up_to_where_it_forks() {
    let log = Sumdb::new(20);
    let fork = log.forked(10);
    assert_eq!(log.root(10), fork.root(10));
    assert_ne!(log.root(11), fork.root(11));
    assert_eq!(log.size(), fork.size());
}
