//! The ledger as a Merkle tree: whoever holds a head can be shown that an entry is in it, and that a later head only adds.
//!
//! ```text
//! MTH({})     = SHA-256()
//! MTH({d})    = SHA-256(0x00 || d)
//! MTH(D[0:n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])),   k the largest power of two below n
//! ```
//!
//! # Shapes and units
//! Hashes have 32 bytes. Leaves count from 0, entries of the ledger from 1: entry `n` is leaf `n - 1`.
//! # References
//! Laurie, Langley and Kasper 2013, RFC 6962, section 2.1. Laurie, Messeri and Stradling 2021, RFC 9162, sections 2.1.3.2 and
//! 2.1.4.2: the verification of both proofs.

use sha2::{Digest as _, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf that holds `data`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(data);
    hash.finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The largest power of two below `n`, which is at least 2.
const fn split(n: usize) -> usize {
    1 << (usize::BITS - 1 - (n - 1).leading_zeros())
}

/// A tree of leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(Vec<Hash>);

impl Tree {
    /// Adds a leaf that holds `data`.
    pub fn push(&mut self, data: &[u8]) {
        self.0.push(leaf_hash(data));
    }

    /// Leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }

    /// The root over the first `size` leaves; none when there are fewer.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash> {
        Some(root_of(self.0.get(..usize::try_from(size).ok()?)?))
    }

    /// The path from leaf `index` to the root over the first `size` leaves; none when the leaf is not below it.
    #[must_use]
    pub fn inclusion(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        let (index, size) = (usize::try_from(index).ok()?, usize::try_from(size).ok()?);
        let mut leaves = self.0.get(..size)?;
        let mut at = index;
        if at >= leaves.len() {
            return None;
        }
        let mut path = Vec::new();
        while leaves.len() > 1 {
            let (left, right) = leaves.split_at(split(leaves.len()));
            if at < left.len() {
                path.push(root_of(right));
                leaves = left;
            } else {
                path.push(root_of(left));
                at -= left.len();
                leaves = right;
            }
        }
        path.reverse();
        Some(path)
    }

    /// The proof that the root over the first `old` leaves is that of a beginning of the first `new` ones; none unless
    /// `0 < old <= new` leaves are there.
    #[must_use]
    pub fn consistency(&self, old: u64, new: u64) -> Option<Vec<Hash>> {
        let (old, new) = (usize::try_from(old).ok()?, usize::try_from(new).ok()?);
        let mut leaves = self.0.get(..new)?;
        let mut left_over = old;
        if old == 0 || old > new {
            return None;
        }
        let mut path = Vec::new();
        // Whether the old tree as a whole is what is left: its root is known to the verifier.
        let mut is_whole = true;
        while left_over < leaves.len() {
            let (left, right) = leaves.split_at(split(leaves.len()));
            if left_over <= left.len() {
                path.push(root_of(right));
                leaves = left;
            } else {
                path.push(root_of(left));
                left_over -= left.len();
                leaves = right;
                is_whole = false;
            }
        }
        if !is_whole {
            path.push(root_of(leaves));
        }
        path.reverse();
        Some(path)
    }
}

fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The root of a tree that grows, after every leaf: the roots of its whole parts, the largest first.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    parts: Vec<Hash>,
}

impl Frontier {
    /// Adds a leaf that holds `data`.
    pub fn push(&mut self, data: &[u8]) {
        let mut hash = leaf_hash(data);
        let mut full = self.size;
        while full & 1 == 1 {
            if let Some(left) = self.parts.pop() {
                hash = node_hash(&left, &hash);
            }
            full >>= 1;
        }
        self.parts.push(hash);
        self.size += 1;
    }

    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut parts = self.parts.iter().rev();
        match parts.next() {
            None => root_of(&[]),
            Some(last) => parts.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// The root that a path from `leaf` at `index` leads to in a tree of `size` leaves; none when it is no such path.
#[must_use]
pub fn root_of_inclusion(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut root) = (index, size - 1, leaf);
    for hash in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = node_hash(hash, &root);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            root = node_hash(&root, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

/// Whether a path proves that the tree of `old` leaves is a beginning of that of `new`, which is not smaller.
#[must_use]
pub fn is_consistent(old: (u64, Hash), new: (u64, Hash), path: &[Hash]) -> bool {
    let ((old, old_root), (new, new_root)) = (old, new);
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() {
        old_root
    } else {
        match path.next() {
            Some(first) => *first,
            None => return false,
        }
    };
    let (mut before, mut after) = (first, first);
    for hash in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            before = node_hash(hash, &before);
            after = node_hash(hash, &after);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            after = node_hash(&after, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && before == old_root && after == new_root
}

#[cfg(test)]
mod tests;
