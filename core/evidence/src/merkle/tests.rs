use super::*;
use crate::hex::{from_hex, to_hex};

/// The leaves of the reference implementation's tests of RFC 6962.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Their roots, after one leaf to eight.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn tree(size: usize) -> Tree {
    let mut tree = Tree::default();
    for at in 0..size {
        match LEAVES.get(at) {
            Some(leaf) => tree.push(leaf),
            None => tree.push(&at.to_be_bytes()),
        }
    }
    tree
}

fn hexed(path: &[Hash]) -> Vec<String> {
    path.iter().map(|hash| to_hex(hash)).collect()
}

#[test]
fn roots_are_those_of_the_reference_implementation() {
    let tree = tree(8);
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root(), tree.root(0).expect("the empty tree"));
    for (at, root) in ROOTS.iter().enumerate() {
        frontier.push(LEAVES[at]);
        assert_eq!(to_hex(&frontier.root()), *root);
        assert_eq!(tree.root(at as u64 + 1), from_hex(root));
    }
    assert_eq!(tree.root(9), None);
}

#[test]
fn proofs_are_those_of_the_reference_implementation() {
    let tree = tree(8);
    let inclusion = |at, size| hexed(&tree.inclusion(at, size).expect("a leaf"));
    assert_eq!(
        inclusion(0, 8),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(inclusion(2, 3), [ROOTS[1]]);
    let consistency = |old, new| hexed(&tree.consistency(old, new).expect("sizes"));
    assert_eq!(
        consistency(6, 8),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            ROOTS[3],
        ]
    );
    assert_eq!(consistency(1, 8), inclusion(0, 8));
    assert!(consistency(8, 8).is_empty());
}

#[test]
fn every_proof_holds_and_no_other_does() {
    let tree = tree(21);
    for size in 1..=21 {
        let root = tree.root(size).expect("a tree");
        for at in 0..size {
            let path = tree.inclusion(at, size).expect("a leaf");
            let leaf = tree.0[at as usize];
            assert_eq!(root_of_inclusion(at, size, leaf, &path), Some(root));
            assert_ne!(root_of_inclusion(at, size, [0; 32], &path), Some(root));
            assert_ne!(
                root_of_inclusion((at + 1) % size, size, leaf, &path),
                Some(root).filter(|_| size > 1)
            );
            let longer = [&path[..], &[root]].concat();
            assert_eq!(root_of_inclusion(at, size, leaf, &longer), None);
        }
        for old in 1..=size {
            let old_root = tree.root(old).expect("a tree");
            let path = tree.consistency(old, size).expect("sizes");
            assert!(is_consistent((old, old_root), (size, root), &path));
            assert!(!is_consistent((old, [0; 32]), (size, root), &path));
            assert!(!is_consistent((old, old_root), (size, [0; 32]), &path));
            if let Some(shorter) = path.split_last().map(|(_, rest)| rest) {
                assert!(!is_consistent((old, old_root), (size, root), shorter));
            }
        }
    }
    assert_eq!(tree.inclusion(21, 21), None);
    assert_eq!(tree.consistency(0, 3), None);
    assert_eq!(root_of_inclusion(3, 3, [0; 32], &[]), None);
}
