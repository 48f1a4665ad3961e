//! Successive-cancellation list decoding in the LLR domain.
//!
//! ```text
//! left child    f(a, b)    = sign(a) sign(b) min(|a|, |b|)
//! right child   g(a, b, u) = b + (-1)^u a
//! path metric   M         += |llr| where the decided bit contradicts the llr's sign; the lowest metrics survive
//! frozen node   M         += sum(max(0, -llr)), without descending
//! ```
//!
//! The exact box-plus instead of `min` changes no error rate here (list 32: 0.0705 against 0.0709 at `Z = 11`) and
//! needs logarithms.
//!
//! # Shapes and units
//! A node of depth `d` spans `512 >> d` places. Bits are kept as the sign bit of an `f32`.
//! # Determinism
//! Additions, minima and sign flips only, in a fixed order; ties go to the lower path number.
//! # References
//! Balatsoukas-Stimming, Bastani Parizi and Burg 2015, "LLR-Based Successive Cancellation List Decoding of Polar
//! Codes", equations 9 and 10.

use super::paths::Slots;
use super::{CODED_BITS, LAYERS, is_information};
use crate::payload::Payload;

/// The longest list.
pub const MAX_LIST: usize = 128;

const SIGN: u32 = 1 << 31;

/// A payload that the decoder holds possible.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Candidate {
    /// The decoded bits.
    pub payload: Payload,
    /// What the payload contradicts, in the unit of the LLRs: 0 is perfect agreement.
    pub metric: f32,
}

/// The decoder's workspace: about 6 KiB for each path of the list, allocated once.
#[derive(Clone, Debug)]
pub struct ListDecoder {
    list: usize,
    layers: Vec<Layer>,
    alive: usize,
    metric: Vec<f32>,
    payload: Vec<u64>,
    decided: u32,
    forks: Vec<Fork>,
    idle: Vec<usize>,
    candidates: Vec<Candidate>,
}

/// The values of one depth, each `list` rows of `len`.
#[derive(Clone, Debug)]
struct Layer {
    len: usize,
    llr: Vec<f32>,
    llr_slots: Slots,
    /// Codewords of finished left nodes: they outlive forks, so they live in slots.
    left: Vec<u32>,
    left_slots: Slots,
    /// Codewords of finished right nodes, by path: consumed before the next fork.
    right: Vec<u32>,
    /// Nodes without a payload bit.
    frozen: Vec<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Fork {
    metric: f32,
    path: usize,
    bit: u32,
}

impl Layer {
    fn new(depth: usize, list: usize) -> Self {
        let len = CODED_BITS >> depth;
        let frozen =
            |node: usize| (node * len..(node + 1) * len).all(|place| !is_information(place));
        Self {
            len,
            llr: vec![0.0; list * len],
            llr_slots: Slots::new(list),
            left: vec![0; list * len],
            left_slots: Slots::new(list),
            right: vec![0; list * len],
            frozen: (0..1 << depth).map(frozen).collect(),
        }
    }

    /// The row that takes the codeword of `path` at `node`.
    fn codeword_mut(&mut self, path: usize, node: usize) -> &mut [u32] {
        if node.is_multiple_of(2) {
            let slot = self.left_slots.own(path);
            &mut self.left[slot * self.len..][..self.len]
        } else {
            &mut self.right[path * self.len..][..self.len]
        }
    }

    fn left_of(&self, path: usize) -> &[u32] {
        &self.left[self.left_slots.of(path) * self.len..][..self.len]
    }

    fn llr_of(&self, path: usize) -> &[f32] {
        &self.llr[self.llr_slots.of(path) * self.len..][..self.len]
    }
}

impl ListDecoder {
    /// A decoder that keeps `list` paths.
    ///
    /// # Panics
    /// If `list` is not within `1..=MAX_LIST`.
    #[must_use]
    pub fn new(list: usize) -> Self {
        assert!(
            (1..=MAX_LIST).contains(&list),
            "a list has 1 to {MAX_LIST} paths, not {list}"
        );
        Self {
            list,
            layers: (0..=LAYERS).map(|depth| Layer::new(depth, list)).collect(),
            alive: 1,
            metric: vec![0.0; list],
            payload: vec![0; list],
            decided: 0,
            forks: Vec::with_capacity(2 * list),
            idle: Vec::with_capacity(list),
            candidates: Vec::with_capacity(list),
        }
    }

    /// The most plausible payloads for these soft values, best first. Never empty; a list of `list` entries.
    pub fn decode(&mut self, llr: &[f32; CODED_BITS]) -> &[Candidate] {
        for layer in &mut self.layers {
            layer.llr_slots.reset();
            layer.left_slots.reset();
        }
        self.layers[0].llr[..CODED_BITS].copy_from_slice(llr);
        (self.alive, self.decided) = (1, 0);
        (self.metric[0], self.payload[0]) = (0.0, 0);
        self.descend(0, 0);

        self.candidates.clear();
        let paths = self.payload.iter().zip(&self.metric).take(self.alive);
        self.candidates
            .extend(paths.map(|(bits, metric)| Candidate {
                payload: Payload::new(*bits),
                metric: *metric,
            }));
        self.candidates.sort_unstable_by(|a, b| {
            a.metric
                .total_cmp(&b.metric)
                .then(a.payload.cmp(&b.payload))
        });
        &self.candidates
    }

    fn descend(&mut self, depth: usize, node: usize) {
        if self.layers[depth].frozen[node] {
            self.pass_frozen(depth, node);
        } else if depth == LAYERS {
            self.decide(node);
        } else {
            self.check_node(depth);
            self.descend(depth + 1, 2 * node);
            self.variable_node(depth);
            self.descend(depth + 1, 2 * node + 1);
            if depth > 0 {
                self.combine(depth, node);
            }
        }
    }

    /// `f`: the LLRs of the left child.
    fn check_node(&mut self, depth: usize) {
        let (parent, child) = neighbours(&mut self.layers, depth);
        for path in 0..self.alive {
            let (a, b) = parent.llr_of(path).split_at(child.len);
            let slot = child.llr_slots.own(path);
            let out = &mut child.llr[slot * child.len..][..child.len];
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                let sign = (a.to_bits() ^ b.to_bits()) & SIGN;
                *out = f32::from_bits(a.abs().min(b.abs()).to_bits() | sign);
            }
        }
    }

    /// `g`: the LLRs of the right child, given the left child's codeword.
    fn variable_node(&mut self, depth: usize) {
        let (parent, child) = neighbours(&mut self.layers, depth);
        for path in 0..self.alive {
            let (a, b) = parent.llr_of(path).split_at(child.len);
            let slot = child.llr_slots.own(path);
            let out = &mut child.llr[slot * child.len..][..child.len];
            let left = &child.left[child.left_slots.of(path) * child.len..][..child.len];
            for (((out, a), b), left) in out.iter_mut().zip(a).zip(b).zip(left) {
                *out = b + f32::from_bits(a.to_bits() ^ left);
            }
        }
    }

    /// The node's codeword from its children's: `(left XOR right, right)`.
    fn combine(&mut self, depth: usize, node: usize) {
        let (parent, child) = neighbours(&mut self.layers, depth);
        for path in 0..self.alive {
            let left = child.left_of(path);
            let right = &child.right[path * child.len..][..child.len];
            let (first, second) = parent.codeword_mut(path, node).split_at_mut(child.len);
            for ((first, left), right) in first.iter_mut().zip(left).zip(right) {
                *first = left ^ right;
            }
            second.copy_from_slice(right);
        }
    }

    fn pass_frozen(&mut self, depth: usize, node: usize) {
        let layer = &mut self.layers[depth];
        for path in 0..self.alive {
            let penalty: f32 = layer.llr_of(path).iter().map(|llr| (-llr).max(0.0)).sum();
            self.metric[path] += penalty;
            layer.codeword_mut(path, node).fill(0);
        }
    }

    /// Forks every path at a payload bit and keeps the best `list`.
    fn decide(&mut self, node: usize) {
        self.forks.clear();
        for path in 0..self.alive {
            let llr = self.layers[LAYERS].llr_of(path)[0];
            let metric = self.metric[path];
            self.forks.push(Fork {
                metric: metric + (-llr).max(0.0),
                path,
                bit: 0,
            });
            self.forks.push(Fork {
                metric: metric + llr.max(0.0),
                path,
                bit: 1,
            });
        }
        if self.forks.len() > self.list {
            let order = |a: &Fork, b: &Fork| {
                a.metric
                    .total_cmp(&b.metric)
                    .then((a.path, a.bit).cmp(&(b.path, b.bit)))
            };
            self.forks.select_nth_unstable_by(self.list - 1, order);
            self.forks.truncate(self.list);
            self.forks
                .sort_unstable_by_key(|fork| (fork.path, fork.bit));
        }
        self.release_losers();
        self.grow_winners(node);
        self.decided += 1;
    }

    /// Frees the paths of which no fork survived. `forks` is sorted by path.
    fn release_losers(&mut self) {
        self.idle.clear();
        let mut forks = self.forks.iter().map(|fork| fork.path).peekable();
        for path in 0..self.alive {
            let mut survives = false;
            while forks.next_if_eq(&path).is_some() {
                survives = true;
            }
            if !survives {
                self.idle.push(path);
                for layer in &mut self.layers {
                    layer.llr_slots.release(path);
                    layer.left_slots.release(path);
                }
            }
        }
    }

    /// The first fork of a path stays in place, the second moves to an idle path.
    fn grow_winners(&mut self, node: usize) {
        let mut previous = None;
        for i in 0..self.forks.len() {
            let Fork { metric, path, bit } = self.forks[i];
            let target = if previous == Some(path) {
                self.fork(path)
            } else {
                path
            };
            previous = Some(path);
            self.metric[target] = metric;
            let earlier = self.payload[target] & !(1 << self.decided);
            self.payload[target] = earlier | u64::from(bit) << self.decided;
            self.layers[LAYERS].codeword_mut(target, node)[0] = bit << 31;
        }
    }

    fn fork(&mut self, path: usize) -> usize {
        let target = self.idle.pop().unwrap_or(self.alive);
        self.alive = self.alive.max(target + 1);
        for layer in &mut self.layers {
            layer.llr_slots.fork(path, target);
            layer.left_slots.fork(path, target);
        }
        self.payload[target] = self.payload[path];
        target
    }
}

fn neighbours(layers: &mut [Layer], depth: usize) -> (&mut Layer, &mut Layer) {
    let (parents, children) = layers.split_at_mut(depth + 1);
    (&mut parents[depth], &mut children[0])
}
