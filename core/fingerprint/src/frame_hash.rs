//! A 256-bit hash of one frame: signs of its lowest DCT coefficients.
//!
//! ```text
//! t = 64 x 64 area average of the content                              8-bit code values
//! X[v,u] = c(u) c(v) sum_{y,x} t[y,x] cos(pi (2y+1) v / 128) cos(pi (2x+1) u / 128),  c(0) = 1/8, else sqrt(2)/8
//! bit k = X[v_k,u_k] > 0,   (v_k, u_k) = the 256 smallest v^2 + u^2 > 0, ties by v
//! mirrored: t[y,63-x] has X'[v,u] = (-1)^u X[v,u], so every bit with odd u flips
//! quality = |{k : |X[v_k,u_k]| >= 3}| / 256
//! ```
//!
//! Signs instead of a median threshold: the mean of the low AC coefficients is zero anyway, and mirroring becomes an
//! exclusive or, so that an index holds one orientation only. Coefficients are ordered by frequency: the first words are
//! the sturdier ones.
//!
//! # Shapes and units
//! `X` is orthonormal, so white noise of one code value on the thumbnail moves each coefficient by one. `quality` is the
//! share of bits that noise of three code values cannot turn at one standard deviation.
//! # Determinism
//! A split-radix transform by scalar code of one order: no CPU computes differently. Its planner is not asked, for it might choose otherwise.

use std::{fmt, sync::Arc};

use countermark_picture::{PlaneView, Rect, Sample, area_average};
use rustdct::TransformType2And3;
use rustdct::algorithm::Type2And3SplitRadix;
use rustdct::algorithm::type2and3_butterflies::{Type2And3Butterfly8, Type2And3Butterfly16};

/// Bits in a [`FrameHash`].
pub const HASH_BITS: usize = 256;

/// Side of the thumbnail.
const SIDE: usize = 64;
/// Frequencies per axis that the 256 lowest can reach: 18^2 pi / 4 is about 254.
const BAND: usize = 20;
/// `sqrt(2) / 8`: what makes the coefficients of a line orthonormal, all but the mean's.
const AC_SCALE: f32 = std::f32::consts::SQRT_2 / 8.0;
/// A coefficient below this turns its sign under ordinary recompression, code values.
const STURDY: f32 = 3.0;

/// Signs of the 256 lowest DCT coefficients of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameHash([u64; 4]);

impl FrameHash {
    /// Bits that differ, 0 to 256. Unrelated frames lie around 128.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum()
    }

    /// The hash of the frame mirrored left to right.
    #[must_use]
    pub fn mirrored(self) -> Self {
        let mut words = self.0;
        for (k, (_, u)) in frequencies().into_iter().enumerate() {
            if u % 2 == 1 {
                words[k / 64] ^= 1 << (k % 64);
            }
        }
        Self(words)
    }

    /// The bits, lowest frequency first, bit `k` in word `k / 64` at position `k % 64`.
    #[must_use]
    pub fn words(self) -> [u64; 4] {
        self.0
    }

    /// The hash with these bits; inverse of [`FrameHash::words`].
    #[must_use]
    pub fn from_words(words: [u64; 4]) -> Self {
        Self(words)
    }
}

/// The share of sturdy bits in a hash, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct HashQuality(f32);

impl HashQuality {
    /// Below this share of sturdy bits a hash matches by accident what it should not.
    pub const TOO_FLAT: f32 = 0.2;

    /// The share itself.
    #[must_use]
    pub fn share(self) -> f32 {
        self.0
    }

    /// Whether the frame is too flat or too dark to fingerprint.
    #[must_use]
    pub fn is_too_flat(self) -> bool {
        self.0 < Self::TOO_FLAT
    }
}

/// A hash with its quality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HashedFrame {
    /// The bits.
    pub hash: FrameHash,
    /// How much they mean.
    pub quality: HashQuality,
}

/// Workspace for hashing frames; one a thread.
#[derive(Clone)]
pub struct FrameHasher {
    /// Of a line of the thumbnail, unscaled.
    line: Arc<dyn TransformType2And3<f32>>,
    order: Vec<(usize, usize)>,
    thumbnail: Vec<f32>,
}

impl fmt::Debug for FrameHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameHasher").finish_non_exhaustive()
    }
}

impl Default for FrameHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameHasher {
    /// Prepares the transform.
    #[must_use]
    pub fn new() -> Self {
        let quarter = Arc::new(Type2And3Butterfly16::new());
        let half = Type2And3SplitRadix::new(quarter.clone(), Arc::new(Type2And3Butterfly8::new()));
        Self {
            line: Arc::new(Type2And3SplitRadix::new(Arc::new(half), quarter)),
            order: frequencies(),
            thumbnail: Vec::new(),
        }
    }

    /// Hashes the part `content` of `frame` (clamped to the frame).
    pub fn hash<T: Sample>(&mut self, frame: &PlaneView<'_, T>, content: Rect) -> HashedFrame {
        area_average(frame, content, SIDE, SIDE, &mut self.thumbnail);
        let coefficients = self.transform();
        let mut words = [0_u64; 4];
        let mut sturdy = 0_u32;
        for (k, &(v, u)) in self.order.iter().enumerate() {
            let x = coefficients[v][u];
            words[k / 64] |= u64::from(x > 0.0) << (k % 64);
            sturdy += u32::from(x.abs() >= STURDY);
        }
        HashedFrame {
            hash: FrameHash(words),
            quality: HashQuality(sturdy as f32 / HASH_BITS as f32),
        }
    }

    fn transform(&self) -> [[f32; BAND]; BAND] {
        let mut scratch = vec![0.0; self.line.get_scratch_len()];
        let mut lowest = |line: &mut [f32; SIDE]| -> [f32; BAND] {
            self.line.process_dct2_with_scratch(line, &mut scratch);
            std::array::from_fn(|k| line[k] * if k == 0 { 0.125 } else { AC_SCALE })
        };
        let mut columns = [[0.0_f32; SIDE]; BAND];
        let mut line = [0.0; SIDE];
        for (y, row) in self.thumbnail.chunks_exact(SIDE).enumerate() {
            line.copy_from_slice(row);
            for (column, x) in columns.iter_mut().zip(lowest(&mut line)) {
                column[y] = x;
            }
        }
        let mut out = [[0.0_f32; BAND]; BAND];
        for (u, column) in columns.iter_mut().enumerate() {
            for (line, x) in out.iter_mut().zip(lowest(column)) {
                line[u] = x;
            }
        }
        out
    }
}

/// The 256 lowest `(v, u)` without `(0, 0)`, by `v^2 + u^2`, ties by `v`.
fn frequencies() -> Vec<(usize, usize)> {
    let mut all: Vec<_> = (0..BAND)
        .flat_map(|v| (0..BAND).map(move |u| (v, u)))
        .skip(1)
        .collect();
    all.sort_by_key(|&(v, u)| (v * v + u * u, v));
    all.truncate(HASH_BITS);
    all
}

#[cfg(test)]
mod tests;
