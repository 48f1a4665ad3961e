//! From rendered colour to planes: vignette, grain, captions, 4:2:0.
//!
//! ```text
//! Y' = 16 + 219 (0.2126 R' + 0.7152 G' + 0.0722 B'),  Cb = 128 + 224 (B'-Y')/1.8556,  Cr = 128 + 224 (R'-Y')/1.5748
//! grain: Y' += g (0.35 + 2.6 y (1 - y)) n,   n about N(0, 1), correlated over about 1.5 pixels
//! ```
//!
//! # Shapes and units
//! Planes are row major without padding, in code values of `bit_depth` bits, limited range, chroma sited between pixels.
//! # References
//! ITU-R BT.709-6 (2015), items 3.2 to 3.5.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::font::{self, inked};
use super::noise::Uniform;

const TILE: usize = 512;

/// One 4:2:0 picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Luma columns, even.
    pub width: usize,
    /// Luma rows, even.
    pub height: usize,
    /// 8 or 10.
    pub bit_depth: u32,
    /// `width x height`.
    pub y: Vec<u16>,
    /// `width/2 x height/2`.
    pub u: Vec<u16>,
    /// `width/2 x height/2`.
    pub v: Vec<u16>,
}

/// A line of text over the picture.
#[derive(Debug, Clone)]
pub struct Caption {
    text: Vec<char>,
    /// Left, top of the text and size of a cell in pixels.
    left: isize,
    top: isize,
    cell: isize,
}

impl Caption {
    /// Centres `text` at the foot of a `width x height` picture, as large as subtitles are.
    #[must_use]
    pub fn centred(text: &str, width: usize, height: usize) -> Self {
        let text: Vec<char> = text.chars().collect();
        let cells = (text.len() * font::ADVANCE).max(1);
        let cell = (width * 8 / 10 / cells).min(width.min(height) / 110).max(1);
        Self {
            left: (width as isize - (cells * cell) as isize) / 2,
            top: (height as f32 * 0.86) as isize,
            cell: cell as isize,
            text,
        }
    }

    /// 2 on ink, 1 on its outline, 0 elsewhere.
    fn at(&self, x: usize, y: usize) -> u8 {
        let (dx, dy) = (x as isize - self.left, y as isize - self.top);
        let edge = (self.cell / 2).max(1);
        let reach = self.cell * font::HEIGHT as isize;
        if dy < -edge || dy >= reach + edge {
            return 0;
        }
        let hit = |dx: isize, dy: isize| {
            inked(
                &self.text,
                dx.div_euclid(self.cell),
                dy.div_euclid(self.cell),
            )
        };
        if hit(dx, dy) {
            2
        } else {
            u8::from((-1..=1).any(|i| (-1..=1).any(|j| hit(dx + i * edge, dy + j * edge))))
        }
    }
}

/// Turns colour into planes with one look.
#[derive(Debug)]
pub struct Finisher {
    grain: f32,
    tile: Vec<f32>,
    stream: ChaCha8Rng,
}

impl Finisher {
    /// `grain` is the standard deviation in 8-bit code values at mid grey.
    #[must_use]
    pub fn new(seed: u64, grain: f32) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        let white: Vec<f32> = (0..TILE * TILE)
            .map(|_| (0..4).map(|_| stream.between(-1.0, 1.0)).sum::<f32>())
            .collect();
        // Spread over neighbours: developed silver is coarser than a pixel. The factor restores unit variance.
        let at = |x: usize, y: usize| white[(y % TILE) * TILE + x % TILE];
        let tile = (0..TILE * TILE)
            .map(|i| {
                let (x, y) = (i % TILE + TILE, i / TILE + TILE);
                let cross = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
                (at(x, y) + 0.35 * cross) * 0.709
            })
            .collect();
        Self {
            grain,
            tile,
            stream,
        }
    }

    /// Finishes one frame of `width x height` (both even) pixels.
    pub fn finish(
        &mut self,
        rgb: &[[f32; 3]],
        (width, height): (usize, usize),
        bit_depth: u32,
        caption: Option<&Caption>,
    ) -> Picture {
        let shift = (
            self.stream.next_u32() as usize % TILE,
            self.stream.next_u32() as usize % TILE,
        );
        let unit = (1_u32 << (bit_depth - 8)) as f32;
        let code = |v: f32| (v * unit + 0.5).clamp(unit, 255.0 * unit - 1.0) as u16;
        let chroma = width / 2;
        let mut picture = Picture {
            width,
            height,
            bit_depth,
            y: vec![0; width * height],
            u: vec![0; chroma * height / 2],
            v: vec![0; chroma * height / 2],
        };
        let (grain, tile) = (self.grain, &self.tile);
        picture
            .y
            .par_chunks_exact_mut(width * 2)
            .zip(picture.u.par_chunks_exact_mut(chroma))
            .zip(picture.v.par_chunks_exact_mut(chroma))
            .enumerate()
            .for_each(|(pair, ((luma, cb), cr))| {
                let mut sums = vec![[0.0_f32; 2]; chroma];
                for j in 0..2 {
                    let y = pair * 2 + j;
                    let fy = (y as f32 / height as f32 - 0.5) * 2.0;
                    let grains = &tile[(y + shift.1) % TILE * TILE..][..TILE];
                    for x in 0..width {
                        let fx = (x as f32 / width as f32 - 0.5) * 2.0;
                        let vignette = 1.0 - 0.10 * (fx * fx + fy * fy);
                        let mut colour = rgb[y * width + x].map(|c| shoulder(c * vignette));
                        match caption.map_or(0, |c| c.at(x, y)) {
                            2 => colour = [0.93; 3],
                            1 => colour = [0.03; 3],
                            _ => {}
                        }
                        let [r, g, b] = colour;
                        let level = 0.2126 * r + 0.7152 * g + 0.0722 * b;
                        let amplitude = grain * (0.35 + 2.6 * level * (1.0 - level));
                        let noise = grains[(x + shift.0) % TILE];
                        luma[j * width + x] = code(16.0 + 219.0 * level + amplitude * noise);
                        sums[x / 2][0] += b - level;
                        sums[x / 2][1] += r - level;
                    }
                }
                for ((sum, cb), cr) in sums.iter().zip(cb).zip(cr) {
                    *cb = code(128.0 + 224.0 * sum[0] / 4.0 / 1.8556);
                    *cr = code(128.0 + 224.0 * sum[1] / 4.0 / 1.5748);
                }
            });
        picture
    }
}

/// Rolls highlights off instead of clipping them.
fn shoulder(c: f32) -> f32 {
    let c = c.max(0.0);
    if c < 0.8 {
        c
    } else {
        1.0 - 0.2 * (-(c - 0.8) / 0.2).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_grey_at_both_depths_and_white_stays_legal() {
        for bit_depth in [8, 10] {
            let unit = 1_u16 << (bit_depth - 8);
            let mut finisher = Finisher::new(1, 0.0);
            let picture = finisher.finish(&[[0.5; 3]; 64], (8, 8), bit_depth, None);
            let centre = picture.y[4 * 8 + 4];
            assert!(centre.abs_diff(125 * unit) <= 2 * unit, "{centre}");
            assert!(picture.u.iter().chain(&picture.v).all(|c| *c == 128 * unit));
            let white = finisher.finish(&[[9.0; 3]; 64], (8, 8), bit_depth, None);
            assert!(white.y.iter().all(|y| *y <= 235 * unit));
        }
    }

    #[test]
    fn grain_has_the_stated_deviation() {
        let (width, height) = (256, 256);
        let mut finisher = Finisher::new(3, 4.0);
        let level = 0.5;
        let picture = finisher.finish(&vec![[level; 3]; width * height], (width, height), 10, None);
        let flat = Finisher::new(3, 0.0).finish(
            &vec![[level; 3]; width * height],
            (width, height),
            10,
            None,
        );
        let squares: f64 = picture
            .y
            .iter()
            .zip(&flat.y)
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
            .sum();
        let deviation = (squares / (width * height) as f64).sqrt() / 4.0;
        // 0.35 + 2.6 / 4 = 1.0 at mid grey.
        assert!((deviation - 4.0).abs() < 0.3, "{deviation}");
    }

    #[test]
    fn caption_is_bright_ink_in_a_dark_outline() {
        let caption = Caption::centred("HELLO", 320, 180);
        let mut finisher = Finisher::new(1, 0.0);
        let picture = finisher.finish(&vec![[0.5; 3]; 320 * 180], (320, 180), 8, Some(&caption));
        let foot = &picture.y[150 * 320..];
        assert!(foot.iter().any(|y| *y > 200) && foot.iter().any(|y| *y < 40));
        assert!(picture.y[..150 * 320].iter().all(|y| (90..140).contains(y)));
    }
}
