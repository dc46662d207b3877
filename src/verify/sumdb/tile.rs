//! Tiles: the tree's hashes in pieces of eight levels, as the database and its mirrors serve them.
//!
//! A tile is believed only once it agrees with the signed root. The tiles at the tree's right edge together
//! make up the root; every other tile's own hash stands in the tile above it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use super::tlog::{self, Hash, Subtree, Tree};
use super::{Transport, escape};
use crate::error::{Error, Exit, Result};
use crate::fs;

/// Levels of the tree in one tile.
const HEIGHT: u32 = 8;

/// Hashes in a whole tile.
const WIDTH: u64 = 1 << HEIGHT;

/// A tile's place: the `index`th of the tile level `level`, with `width` hashes in this tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    level: u32,
    index: u64,
    width: u64,
}

impl Place {
    fn whole(self) -> Place {
        Place { width: WIDTH, ..self }
    }

    /// Its path below `/tile/`, such as `8/0/x126/640` or `8/1/x001/032.p/7`.
    fn path(self) -> String {
        let partial = if self.width == WIDTH { String::new() } else { format!(".p/{}", self.width) };
        format!("{HEIGHT}/{}/{}{partial}", self.level, escape::thousands(self.index))
    }
}

/// Reads hashes of one signed tree, and believes none that does not agree with it.
pub(super) struct Tiles<'a> {
    tree: Tree,
    cache: PathBuf,
    transport: &'a dyn Transport,
    proven: RefCell<HashMap<(u32, u64), Vec<Hash>>>,
    fetched: RefCell<Vec<(Place, Vec<Hash>)>>,
}

impl<'a> Tiles<'a> {
    /// Fetches the right edge of a signed tree, which has to make up its root. `cache` is the database's folder.
    pub(super) fn open(tree: Tree, cache: PathBuf, transport: &'a dyn Transport) -> Result<Tiles<'a>> {
        let tiles = Tiles { tree, cache, transport, proven: RefCell::default(), fetched: RefCell::default() };
        let places = edge(tree.size);
        let cached: Option<Vec<_>> = places.iter().map(|place| tiles.cached(*place)).collect();
        if cached.is_some_and(|edge| tiles.accept_edge(&places, edge)) {
            return Ok(tiles);
        }
        let fetched = places.iter().map(|place| tiles.fetch(*place)).collect::<Result<Vec<_>>>()?;
        if !tiles.accept_edge(&places, fetched.clone()) {
            return Err(Error::untrusted(format!(
                "tiles of the tree of {} records do not make up its root",
                tree.size
            ))
            .hint("the server that answered for the checksum database altered them or is out of order"));
        }
        tiles.fetched.borrow_mut().extend(places.into_iter().zip(fetched));
        Ok(tiles)
    }

    /// The hash of a whole subtree within the tree.
    pub(super) fn hash(&self, subtree: Subtree) -> Result<Hash> {
        let (level, height) = (subtree.level / HEIGHT, subtree.level % HEIGHT);
        let index = (subtree.index << height) / WIDTH;
        let tile = self.tile(level, index)?;
        within(&tile, height, subtree.index - ((index * WIDTH) >> height)).ok_or_else(|| {
            Error::untrusted(format!("the tree of {} records does not reach as far as was asked", self.tree.size))
        })
    }

    /// A tile that agrees with the tree.
    fn tile(&self, level: u32, index: u64) -> Result<Vec<Hash>> {
        if let Some(tile) = self.proven.borrow().get(&(level, index)) {
            return Ok(tile.clone());
        }
        if level * HEIGHT >= u64::BITS || (self.tree.size >> (level * HEIGHT)) / WIDTH <= index {
            return Err(Error::untrusted(format!("the tree of {} records has no such tile", self.tree.size)));
        }
        let own = self.hash(Subtree { level: (level + 1) * HEIGHT, index })?;
        let place = Place { level, index, width: WIDTH };
        let agrees = |tile: &Vec<Hash>| within(tile, HEIGHT, 0) == Some(own);
        let tile = if let Some(tile) = self.cached(place).filter(agrees) {
            tile
        } else {
            let tile = self.fetch(place)?;
            if !agrees(&tile) {
                return Err(Error::untrusted(format!("tile {} does not agree with the signed tree", place.path()))
                    .hint("the server that answered for the checksum database altered it or is out of order"));
            }
            self.fetched.borrow_mut().push((place, tile.clone()));
            tile
        };
        self.proven.borrow_mut().insert((level, index), tile.clone());
        Ok(tile)
    }

    /// Takes the right edge if it makes up the root. Every hash in it is part of that sum.
    fn accept_edge(&self, places: &[Place], edge: Vec<Vec<Hash>>) -> bool {
        let root = tlog::tree_hash(self.tree.size, |subtree| {
            let level = subtree.level / HEIGHT;
            let at = places.iter().position(|place| place.level == level).ok_or(())?;
            let height = subtree.level % HEIGHT;
            let first = (places[at].index * WIDTH) >> height;
            within(&edge[at], height, subtree.index - first).ok_or(())
        });
        let accepted = root == Ok(self.tree.root);
        if accepted {
            let tiles = places.iter().map(|place| (place.level, place.index)).zip(edge);
            self.proven.borrow_mut().extend(tiles);
        }
        accepted
    }

    /// A tile from the network. A partial tile may be gone once it has filled up: then the whole one serves.
    fn fetch(&self, place: Place) -> Result<Vec<Hash>> {
        let bytes = match self.transport.get(&format!("/tile/{}", place.path())) {
            Err(error) if error.exit() == Exit::Network && place.width < WIDTH => {
                // If that fails too, the first error says more.
                let whole = self.transport.get(&format!("/tile/{}", place.whole().path()));
                whole.map_err(|_| error).and_then(|bytes| prefix_of_whole(place, &bytes))?
            }
            other => other?,
        };
        hashes(&bytes, place.width).ok_or_else(|| {
            Error::untrusted(format!("tile {} has {} bytes instead of {}", place.path(), bytes.len(), place.width * 32))
                .because(format!("it begins with {}", crate::verify::excerpt(&bytes)))
        })
    }

    /// A tile from the cache; one that is damaged is as good as none, since it can be fetched again.
    fn cached(&self, place: Place) -> Option<Vec<Hash>> {
        let read = |place: Place| fs::read_bytes(&self.cached_path(place)).ok().flatten();
        let bytes = read(place).or_else(|| read(place.whole()));
        bytes.and_then(|bytes| hashes(bytes.get(..usize::try_from(place.width).ok()? * 32)?, place.width))
    }

    /// Keeps what was fetched: called once the whole answer is proven, so that a forked tree leaves nothing behind.
    pub(super) fn save(&self) -> Result<()> {
        self.fetched.take().iter().try_for_each(|(place, tile)| self.keep(*place, tile))
    }

    fn keep(&self, place: Place, tile: &[Hash]) -> Result<()> {
        let path = self.cached_path(place);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let bytes: Vec<u8> = tile.iter().flat_map(|hash| hash.0).collect();
        fs::write_atomic(&path, &bytes)
    }

    fn cached_path(&self, place: Place) -> PathBuf {
        self.cache.join("tile").join(place.path())
    }
}

/// The partial tiles at the right edge of a tree.
fn edge(size: u64) -> Vec<Place> {
    let mut places = Vec::new();
    let (mut level, mut count) = (0, size);
    while count > 0 {
        if count % WIDTH > 0 {
            places.push(Place { level, index: count / WIDTH, width: count % WIDTH });
        }
        (level, count) = (level + 1, count / WIDTH);
    }
    places
}

/// Within a tile: the hash of the `index`th subtree of this height.
fn within(tile: &[Hash], height: u32, index: u64) -> Option<Hash> {
    let first = usize::try_from(index << height).ok()?;
    let mut row = tile.get(first..first.checked_add(1 << height)?)?.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| Hash::node(pair[0], pair[1])).collect();
    }
    row.first().copied()
}

fn prefix_of_whole(place: Place, bytes: &[u8]) -> Result<Vec<u8>> {
    let wanted = usize::try_from(place.width * 32).unwrap_or(usize::MAX);
    match bytes.get(..wanted) {
        Some(prefix) if bytes.len() as u64 == WIDTH * 32 => Ok(prefix.to_vec()),
        _ => Err(Error::untrusted(format!("tile {} has {} bytes", place.whole().path(), bytes.len()))),
    }
}

fn hashes(bytes: &[u8], width: u64) -> Option<Vec<Hash>> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && chunks.len() as u64 == width).then(|| chunks.iter().map(|chunk| Hash(*chunk)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_named_as_go_names_them() {
        let place = Place { level: 0, index: 126_640, width: WIDTH };
        assert_eq!(place.path(), "8/0/x126/640");
        assert_eq!(Place { level: 1, index: 1_234_067, width: 7 }.path(), "8/1/x001/x234/067.p/7");
    }

    #[test]
    fn the_edge_of_a_tree_is_what_is_partial() {
        let of = |size| edge(size).iter().map(|place| (place.level, place.index, place.width)).collect::<Vec<_>>();
        assert_eq!(of(0), []);
        assert_eq!(of(255), [(0, 0, 255)]);
        assert_eq!(of(256), [(1, 0, 1)]);
        assert_eq!(of(71_909_756), [(0, 280_897, 124), (1, 1097, 65), (2, 4, 73), (3, 0, 4)]);
    }

    #[test]
    fn hashes_within_a_tile_are_those_of_the_tree() {
        let leaves: Vec<Hash> = (0..8u8).map(|i| Hash::leaf(&[i])).collect();
        let right = Hash::node(leaves[6], leaves[7]);
        assert_eq!(within(&leaves, 1, 3), Some(right));
        assert_eq!(within(&leaves, 2, 1), Some(Hash::node(Hash::node(leaves[4], leaves[5]), right)));
        assert_eq!(within(&leaves, 2, 2), None);
    }
}
