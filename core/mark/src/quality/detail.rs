//! Detail that a change took from the picture (ADM2): what of the host's wavelet detail can still be seen.
//!
//! ```text
//! o, t    = detail bands of host and marked: db2 wavelet, 4 levels, orientations h, v, d
//! r       = t                           where (o_h, o_v) and (t_h, t_v) point the same way to 1 degree and o t > 0
//!         = t clamped between 0 and o   elsewhere                                           restored part; a = t - r
//! M       = sum over 3x3 and h, v, d of |w a| / 30, the centre counted twice                masking threshold
//! ADM2    = sum_{level, orientation} (|max(|w r| - M, 0)|_3 + b) / sum_{level, orientation} (|w o|_3 + b)
//! b       = (area / 32)^(1/3),   |x|_3 = (sum |x|^3)^(1/3), a tenth of the band left out on each side
//! w       = A / (2 * 0.495 * 10^(0.466 log10(2^(level + 1) 0.401 g / R)^2)),   R = 3 * 1080 pi / 180
//! ```
//!
//! The wavelet's high-pass halves have zero sum, so black level (VMAF takes 128 off) does not matter.
//!
//! # Shapes and units
//! Bands of `ceil(n / 2)` samples, code values of 8 bits times the orthonormal wavelet's gain; `w` in visibility
//! thresholds per code value; the loss `1 - ADM2` has no unit.
//! # References
//! S. Li, F. Zhang, L. Ma, K. N. Ngan, "Image Quality Assessment by Separately Evaluating Detail Losses and Additive
//! Impairments", IEEE Trans. Multimedia 13(5), 2011, sections III-IV. A. B. Watson, G. Y. Yang, J. A. Solomon,
//! J. Villasenor, "Visibility of Wavelet Quantization Noise", IEEE Trans. Image Processing 6(8), 1997, eq. 5-7.
//! Netflix VMAF v0.6.1, feature `integer_adm2`.

use super::filter::{Field, Line, Rows, mirrored, sum_of, weigh};
use std::ops::Range;

const LEVELS: usize = 4;

/// `A`: largest value of the wavelet's basis functions, `[level][h or v, d]`.
const BASIS: [[f64; 2]; LEVELS] = [
    [0.672_34, 0.727_09],
    [0.413_17, 0.494_28],
    [0.227_27, 0.286_88],
    [0.117_92, 0.152_14],
];

/// `g` of h and v, and of d.
const ORIENTATION: [f64; 2] = [1.0, 0.534];

/// Share of a band that is left out at each border.
const BORDER: f64 = 0.1;

/// `cos^2` of one degree.
const SAME_DIRECTION: f32 = 0.999_695_4;

/// Low-pass taps of db2; sample `2 i + k - 1` under tap `k`.
const LOW: [f32; 4] = [0.482_962_9, 0.836_516_3, 0.224_143_87, -0.129_409_52];

/// High-pass taps of db2.
const HIGH: [f32; 4] = [-0.129_409_52, -0.224_143_87, 0.836_516_3, -0.482_962_9];

/// Samples treated together: local arrays of a length that the compiler does not unroll, but vectorises.
const CHUNK: usize = 64;

/// Workspace for planes of one size.
#[derive(Debug, Clone)]
pub(super) struct DetailMeter {
    levels: [Level; LEVELS],
    /// Low-pass bands of the first three levels.
    low: [Field; LEVELS - 1],
}

/// What the host alone says: `o` and its norms at all levels.
#[derive(Debug, Clone, Default)]
pub(super) struct HostDetail {
    levels: [HostLevel; LEVELS],
}

/// The host's detail at one level.
#[derive(Debug, Clone, Default)]
struct HostLevel {
    /// `o`, unweighted: `[row][h, v, d][column]`, the rows and columns that a level looks at.
    bands: Vec<f32>,
    /// `sum |w o|_3 + b` over the three orientations.
    norm: f64,
}

impl DetailMeter {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let size = |level: usize| (width.div_ceil(1 << level), height.div_ceil(1 << level));
        Self {
            levels: std::array::from_fn(|i| Level::new(i, size(i).0, size(i + 1))),
            low: std::array::from_fn(|i| Field::new(size(i + 1).0, size(i + 1).1)),
        }
    }

    /// Takes in the host at the first level, which reads the plane itself.
    #[inline(always)]
    pub(super) fn describe_first<P: Rows>(&mut self, plane: &P, host: &mut HostDetail) {
        let (low, host) = (&mut self.low[0], &mut host.levels[0]);
        self.levels[0].describe(plane, Some(low), host);
    }

    /// Takes in the host at the other levels.
    #[inline(always)]
    pub(super) fn describe_others(&mut self, host: &mut HostDetail) {
        let levels = self.levels.iter_mut().zip(&mut host.levels).enumerate();
        for (i, (level, host)) in levels.skip(1) {
            let (sources, low) = self.low.split_at_mut(i);
            level.describe(&sources[i - 1], low.first_mut(), host);
        }
    }

    /// What a marked plane restores of the host at the first level.
    #[inline(always)]
    pub(super) fn first_restored<P: Rows>(&mut self, host: &HostDetail, marked: &P) -> f64 {
        self.levels[0].restored(&host.levels[0], marked, Some(&mut self.low[0]))
    }

    /// `1 - ADM2` of the marked plane that restored `first` at the first level.
    #[inline(always)]
    pub(super) fn loss(&mut self, host: &HostDetail, first: f64) -> f32 {
        let mut restored = [first; LEVELS];
        for i in 1..LEVELS {
            let (sources, low) = self.low.split_at_mut(i);
            restored[i] =
                self.levels[i].restored(&host.levels[i], &sources[i - 1], low.first_mut());
        }
        let restored: f64 = restored.iter().sum();
        let host: f64 = host.levels.iter().map(|level| level.norm).sum();
        (1.0 - restored / host) as f32
    }
}

/// One level of the wavelet: its visible part and the lines under work.
#[derive(Debug, Clone)]
struct Level {
    /// Samples and rows of each band.
    width: usize,
    height: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    /// Rows that decide on the visible ones: one more on each side.
    analysed: Range<usize>,
    /// `w` of h, v and d.
    weights: [f32; 3],
    /// Source rows after the vertical low-pass and high-pass.
    lines: [Line; 2],
    /// `[h, v, d]` of a row of the marked plane, the visible columns and one more on each side.
    bands: [Vec<f32>; 3],
    /// `|w r|` of the last two rows, columns as in `bands`.
    restored: [[Vec<f32>; 3]; 2],
    /// `sum |w a| / 30` of the last three rows.
    masks: [Vec<f32>; 3],
    threshold: [Vec<f32>; 2],
    excess: Vec<f32>,
}

impl Level {
    fn new(level: usize, source_width: usize, (width, height): (usize, usize)) -> Self {
        let inside = |len: usize| {
            let border = (len as f64 * BORDER - 0.5).max(0.0) as usize;
            border..len - border
        };
        let (rows, columns) = (inside(height), inside(width));
        let line = || vec![0.0; (columns.len() + 2).next_multiple_of(CHUNK)];
        let [straight, diagonal] = sensitivity(level);
        Self {
            width,
            height,
            analysed: rows.start.saturating_sub(1)..height.min(rows.end + 1),
            rows,
            weights: [straight, straight, diagonal],
            lines: std::array::from_fn(|_| Line::new(source_width)),
            bands: std::array::from_fn(|_| line()),
            restored: std::array::from_fn(|_| std::array::from_fn(|_| line())),
            masks: std::array::from_fn(|_| line()),
            threshold: std::array::from_fn(|_| line()),
            excess: line(),
            columns,
        }
    }

    /// Takes in the host's detail.
    #[inline(always)]
    fn describe<P: Rows>(&mut self, source: &P, mut low: Option<&mut Field>, host: &mut HostLevel) {
        let line = self.excess.len();
        host.bands.resize(self.analysed.len() * 3 * line, 0.0);
        let mut cubes = [0.0_f64; 3];
        for y in 0..self.height {
            let detail = self.analysed.contains(&y);
            let low = low.as_deref_mut().map(|low| low.row_mut(y));
            if low.is_some() || detail {
                self.transform(source, y, low, detail);
            }
            if detail {
                let first = (y - self.analysed.start) * 3 * line;
                let out = host.bands[first..first + 3 * line].chunks_exact_mut(line);
                for (out, band) in out.zip(&self.bands) {
                    out.copy_from_slice(band);
                }
            }
            if self.rows.contains(&y) {
                let bands = self.bands.iter().zip(self.weights);
                for (sum, (band, weight)) in cubes.iter_mut().zip(bands) {
                    let visible = &band[1..=self.columns.len()];
                    *sum += sum_of(visible, |value| cube(weight * value.abs()));
                }
            }
        }
        host.norm = self.norm(cubes);
    }

    /// `sum |max(|w r| - M, 0)|_3 + b` over the three orientations of the marked plane.
    #[inline(always)]
    fn restored<P: Rows>(
        &mut self,
        host: &HostLevel,
        source: &P,
        mut low: Option<&mut Field>,
    ) -> f64 {
        let mut cubes = [0.0_f64; 3];
        let line = self.excess.len();
        // A row of cubes needs the masks of the row below it: one turn more.
        for y in 0..=self.height {
            let detail = self.analysed.contains(&y);
            let low = (low.as_deref_mut().filter(|_| y < self.height)).map(|low| low.row_mut(y));
            if low.is_some() || detail {
                self.transform(source, y, low, detail);
            }
            if detail {
                let first = (y - self.analysed.start) * 3 * line;
                self.decouple(&host.bands[first..first + 3 * line], y);
            }
            if y > 0 && self.rows.contains(&(y - 1)) {
                self.add_cubes(y - 1, &mut cubes);
            }
        }
        self.norm(cubes)
    }

    /// The norms of three orientations and their offsets.
    fn norm(&self, cubes: [f64; 3]) -> f64 {
        let area = (self.rows.len() * self.columns.len()) as f64;
        cubes.map(cube_root).iter().sum::<f64>() + 3.0 * cube_root(area / 32.0)
    }

    /// Row `y` of the bands.
    #[inline(always)]
    fn transform<P: Rows>(&mut self, source: &P, y: usize, low: Option<&mut [f32]>, detail: bool) {
        let rows = source.window::<4>(2 * y as isize - 1);
        let unit = source.unit();
        let [smooth, rough] = &mut self.lines;
        weigh(rows, LOW.map(|tap| tap * unit), smooth.samples_mut());
        smooth.split();
        if let Some(low) = low {
            let columns = std::array::from_fn(|k| smooth.every_second(0, k as isize - 1));
            weigh(columns, LOW, low);
        }
        if detail {
            weigh(rows, HIGH.map(|tap| tap * unit), rough.samples_mut());
            rough.split();
            let from = self.columns.start.saturating_sub(1);
            let to = self.width.min(self.columns.end + 1);
            // 0, or 1 where nothing is left out and there is no column before the visible ones.
            let at = 1 + from - self.columns.start;
            let out = at..at + (to - from);
            let [horizontal, vertical, diagonal] = &mut self.bands;
            for (line, taps, band) in [
                (&*rough, LOW, horizontal),
                (&*smooth, HIGH, vertical),
                (&*rough, HIGH, diagonal),
            ] {
                let taken = std::array::from_fn(|k| line.every_second(from, k as isize - 1));
                weigh(taken, taps, &mut band[out.clone()]);
            }
        }
    }

    /// Splits the marked row `y` into what it restores of the host and what it adds.
    #[inline(always)]
    fn decouple(&mut self, host: &[f32], y: usize) {
        let [straight, _, diagonal] = self.weights;
        let marked = &self.bands;
        let (horizontal, rest) = host.split_at(self.excess.len());
        let (vertical, slanted) = rest.split_at(self.excess.len());
        let restored = &mut self.restored[y % 2];
        let mask = &mut self.masks[y % 3];
        for first in (0..mask.len()).step_by(CHUNK) {
            let chunk = first..first + CHUNK;
            let o = load([horizontal, vertical, slanted], first);
            let t = load(marked.each_ref().map(Vec::as_slice), first);
            let mut r = [[0.0_f32; CHUNK]; 3];
            let mut m = [0.0_f32; CHUNK];
            for x in 0..CHUNK {
                let [h, v, d] = restore([o[0][x], o[1][x], o[2][x]], [t[0][x], t[1][x], t[2][x]]);
                let added = straight * ((t[0][x] - h).abs() + (t[1][x] - v).abs());
                m[x] = (added + diagonal * (t[2][x] - d).abs()) * (1.0 / 30.0);
                (r[0][x], r[1][x], r[2][x]) =
                    (straight * h.abs(), straight * v.abs(), diagonal * d.abs());
            }
            for (restored, r) in restored.iter_mut().zip(&r) {
                restored[chunk.clone()].copy_from_slice(r);
            }
            mask[chunk].copy_from_slice(&m);
        }
        let visible = self.columns.len();
        if self.columns.start == 0 {
            mask[0] = mask[1 + mirrored(-1, visible)];
        }
        if self.columns.end == self.width {
            mask[visible + 1] = mask[1 + mirrored(visible as isize, visible)];
        }
    }

    /// Adds the cubes of what row `y` restores above the threshold; its neighbours are decoupled by now.
    #[inline(always)]
    fn add_cubes(&mut self, y: usize, cubes: &mut [f64; 3]) {
        let mask = |row: isize| self.masks[mirrored(row, self.height) % 3].as_slice();
        let visible = self.columns.len();
        let [column_sums, threshold] = &mut self.threshold;
        let here = y as isize;
        let rows = [mask(here - 1), mask(here), mask(here + 1)];
        weigh(rows, [1.0; 3], &mut column_sums[..visible + 2]);
        let window = [
            &column_sums[..],
            &column_sums[1..],
            &column_sums[2..],
            &mask(here)[1..],
        ];
        weigh(window, [1.0; 4], &mut threshold[..visible]);
        for (sum, restored) in cubes.iter_mut().zip(&self.restored[y % 2]) {
            let excess = self.excess[..visible].iter_mut();
            for ((excess, &r), &threshold) in excess.zip(&restored[1..]).zip(&*threshold) {
                let above = r - threshold;
                *excess = if above > 0.0 { above } else { 0.0 };
            }
            *sum += sum_of(&self.excess[..visible], cube);
        }
    }
}

#[inline(always)]
fn load(bands: [&[f32]; 3], first: usize) -> [[f32; CHUNK]; 3] {
    let mut chunks = [[0.0; CHUNK]; 3];
    for (chunk, band) in chunks.iter_mut().zip(bands) {
        chunk.copy_from_slice(&band[first..first + CHUNK]);
    }
    chunks
}

/// The part of the marked detail `t` that restores the host's detail `o`; both `[h, v, d]`.
#[inline(always)]
fn restore(o: [f32; 3], t: [f32; 3]) -> [f32; 3] {
    let dot = o[0] * t[0] + o[1] * t[1];
    let host = o[0] * o[0] + o[1] * o[1];
    let marked = t[0] * t[0] + t[1] * t[1];
    let same_direction = dot >= 0.0 && dot * dot >= SAME_DIRECTION * host * marked;
    std::array::from_fn(|i| {
        let (o, t) = (o[i], t[i]);
        let (low, high) = if o < 0.0 { (o, 0.0) } else { (0.0, o) };
        let clamped = if t < low { low } else { t };
        let clamped = if clamped > high { high } else { clamped };
        if same_direction && o * t > 0.0 {
            t
        } else {
            clamped
        }
    })
}

#[inline(always)]
fn cube(x: f32) -> f32 {
    x * x * x
}

/// `w` of h and v, and of d: one over Watson's quantisation step that is just visible.
fn sensitivity(level: usize) -> [f32; 2] {
    let pixels_per_degree = 3.0 * 1080.0 * std::f64::consts::PI / 180.0;
    std::array::from_fn(|i| {
        let octaves = f64::from(2_u32 << level) * 0.401 * ORIENTATION[i] / pixels_per_degree;
        let step = 2.0 * 0.495 * 10_f64.powf(0.466 * octaves.log10().powi(2)) / BASIS[level][i];
        (1.0 / step) as f32
    })
}

/// Newton's iteration from a power of two: arithmetic only, so the same everywhere.
fn cube_root(x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    // The exponent divided by three: right to a factor of two.
    let mut root = f64::from_bits(x.to_bits() / 3 + (1023_u64 << 52) / 3 * 2);
    for _ in 0..6 {
        root -= (root - x / (root * root)) / 3.0;
    }
    root
}
