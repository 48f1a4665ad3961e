//! Thresholds that round a fractional change up in some places and down in others, so that its mean survives.
//!
//! ```text
//! change[x,y] = floor(pattern[x,y] + threshold[(x + dx) mod 64, (y + dy) mod 64] / 4096)
//! ```
//!
//! Each of the values 0 to 4095 stands once in the 64x64 tile, so the mean over a tile is exact. Their order is blue
//! noise (void and cluster): the rounding error has little energy at the low frequencies where the mark lives and the
//! eye looks. The tile is keyed by its starting points.
//!
//! # Shapes and units
//! `[y][x]`, 12-bit thresholds; one threshold step is 1/4096 of a code value of the picture.
//! # References
//! R. Ulichney, "The void-and-cluster method for dither array generation", Proc. SPIE 1913, 1993.

/// Side of the tile, in samples.
pub const TILE: usize = 64;

/// Bits of a threshold.
pub(super) const THRESHOLD_BITS: u32 = 12;

/// Words that [`DitherTile::from_words`] consumes.
pub const TILE_WORDS: usize = 512;

const POINTS: usize = TILE * TILE;

/// Reach of a point's energy; the Gaussian of sigma 1.5 has fallen to 2e-8 there.
const REACH: usize = 9;

/// A keyed 64x64 tile of thresholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DitherTile {
    thresholds: Box<[[u16; TILE]; TILE]>,
}

/// Where a frame's top left sample lies in the tile. Vary it from frame to frame, or the noise stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DitherOffset {
    /// Columns, taken modulo 64.
    pub x: u32,
    /// Rows, taken modulo 64.
    pub y: u32,
}

impl DitherOffset {
    /// The offset that a stream word names: 6 bits each.
    #[must_use]
    pub fn from_word(word: u32) -> Self {
        Self {
            x: word & 63,
            y: (word >> 6) & 63,
        }
    }
}

impl DitherTile {
    /// The tile that grows from these words. The top 12 bits of each set one starting point; repetitions are allowed.
    /// Takes some 20 ms.
    #[must_use]
    pub fn from_words(words: &[u32; TILE_WORDS]) -> Self {
        let mut field = Field::new();
        for word in words {
            let point = (word >> 20) as usize;
            if !field.set[point] {
                field.toggle(point);
            }
        }
        field.relax();

        let mut ranks = vec![0_u16; POINTS];
        let mut shrinking = field.clone();
        for rank in (0..field.count).rev() {
            let point = shrinking.tightest_cluster();
            shrinking.toggle(point);
            ranks[point] = rank as u16;
        }
        for rank in field.count..POINTS {
            let point = field.largest_void();
            field.toggle(point);
            ranks[point] = rank as u16;
        }

        let mut thresholds = Box::new([[0; TILE]; TILE]);
        for (row, ranks) in thresholds.iter_mut().zip(ranks.chunks_exact(TILE)) {
            row.copy_from_slice(ranks);
        }
        Self { thresholds }
    }

    /// Row `y` of a frame as seen from its offset, shifted down to thresholds of `bits` bits.
    pub(super) fn row(&self, y: usize, offset: DitherOffset, bits: u32) -> [i16; TILE] {
        let row = &self.thresholds[(y + offset.y as usize) % TILE];
        std::array::from_fn(|x| {
            (row[(x + offset.x as usize) % TILE] >> (THRESHOLD_BITS - bits)) as i16
        })
    }
}

/// Points on the torus and the energy that they lay on every place.
#[derive(Debug, Clone)]
struct Field {
    set: Vec<bool>,
    energy: Vec<u32>,
    kernel: [[u32; 2 * REACH + 1]; 2 * REACH + 1],
    count: usize,
}

impl Field {
    fn new() -> Self {
        // Integer energies: adding and removing a point leaves no residue, and ties fall the same way everywhere.
        let kernel = std::array::from_fn(|dy| {
            std::array::from_fn(|dx| {
                let square = |d: usize| (d as f64 - REACH as f64).powi(2);
                ((-(square(dx) + square(dy)) / 4.5).exp() * f64::from(1 << 24)).round() as u32
            })
        });
        Self {
            set: vec![false; POINTS],
            energy: vec![0; POINTS],
            kernel,
            count: 0,
        }
    }

    fn toggle(&mut self, point: usize) {
        self.set[point] = !self.set[point];
        let add = self.set[point];
        self.count = if add { self.count + 1 } else { self.count - 1 };
        let (y, x) = (point / TILE, point % TILE);
        for (dy, kernel) in self.kernel.iter().enumerate() {
            let line = (y + TILE + dy - REACH) % TILE * TILE;
            for (dx, &value) in kernel.iter().enumerate() {
                let energy = &mut self.energy[line + (x + TILE + dx - REACH) % TILE];
                *energy = if add {
                    *energy + value
                } else {
                    *energy - value
                };
            }
        }
    }

    /// The point with the most energy, the first of equals.
    fn tightest_cluster(&self) -> usize {
        let mut best = (0, None);
        for (point, &energy) in self.energy.iter().enumerate() {
            if self.set[point] && best.1.is_none_or(|most| energy > most) {
                best = (point, Some(energy));
            }
        }
        best.0
    }

    /// The free place with the least energy, the first of equals.
    fn largest_void(&self) -> usize {
        let mut best = (0, u32::MAX);
        for (point, &energy) in self.energy.iter().enumerate() {
            if !self.set[point] && energy < best.1 {
                best = (point, energy);
            }
        }
        best.0
    }

    /// Moves points from clusters to voids until none gains.
    fn relax(&mut self) {
        // Converges in a few hundred moves; the bound only excludes an endless cycle of ties.
        for _ in 0..POINTS {
            let cluster = self.tightest_cluster();
            self.toggle(cluster);
            let void = self.largest_void();
            self.toggle(void);
            if void == cluster {
                return;
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::lattice) fn test_tile() -> DitherTile {
        let mut state = 12_345_u32;
        DitherTile::from_words(&std::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state
        }))
    }

    #[test]
    fn every_threshold_stands_once() {
        let mut all: Vec<u16> = test_tile().thresholds.iter().flatten().copied().collect();
        all.sort_unstable();
        assert!(all.iter().enumerate().all(|(i, &t)| i == usize::from(t)));
    }

    #[test]
    fn offset_moves_the_tile() {
        let tile = test_tile();
        let offset = DitherOffset::from_word(5 | 9 << 6);
        assert_eq!(tile.row(2, offset, 12)[3], tile.thresholds[11][8] as i16);
        assert_eq!(
            tile.row(60, offset, 9)[62],
            (tile.thresholds[5][3] >> 3) as i16
        );
    }

    /// White noise would leave a sixteenth of its variance on means of 4x4 samples; this tile a fifth of that.
    #[test]
    fn thresholds_are_blue() {
        let tile = test_tile();
        let mut variance = 0.0;
        for by in 0..16 {
            for bx in 0..16 {
                let cells =
                    (0..16).map(|i| f64::from(tile.thresholds[by * 4 + i / 4][bx * 4 + i % 4]));
                variance += (cells.sum::<f64>() / 16.0 - 2047.5).powi(2) / 256.0;
            }
        }
        let white = 4096.0_f64.powi(2) / 12.0 / 16.0;
        assert!(variance < 0.25 * white, "{}", variance / white);
    }

    #[test]
    fn different_words_give_different_tiles() {
        assert_ne!(
            test_tile(),
            DitherTile::from_words(&std::array::from_fn(|i| (i as u32) << 23))
        );
    }
}
