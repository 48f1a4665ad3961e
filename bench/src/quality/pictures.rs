//! Three pictures of one frame for a reader's own eyes: the original, the marked one, and their difference.
//!
//! ```text
//! shown      = 255 (mean of code - black) / (white - black)
//! difference = clamp(128 + 16 (mean of marked - master) / 2^(bit_depth - 8), 0, 255)
//! mean: over the area that a shown sample covers; the long side has at most 640 of them
//! ```
//!
//! The difference is scaled like the other two, so that the three can be laid over each other: one sees where the mark
//! is strong and what hides it there. The mark survives the mean. It lives on a lattice of 96 lines, of which each
//! covers several shown samples; at 1080 lines, shown at a third, the RMS of the difference falls from 0.83 to 0.72 and
//! from 1.15 to 1.07 code values (first and thirtieth frame of a clip), which is mostly the rounding to whole codes.
//! The mean is taken first and amplified then, so that nothing is clamped that would have cancelled.
//!
//! # Shapes and units
//! Grey JPEG files of one size, as stored: without rotation, one sample a pixel. Frames count from 0.

use std::path::Path;

use countermark_picture::PlaneView;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageError};
use thiserror::Error;

use super::block::Block;
use super::frames::{CompareError, FrameAt, FramePair, FramePairs, LumaPair};
use super::pair::{PlanePair, Square, code};

/// The long side of a picture at most.
pub const LONG_SIDE: usize = 640;
/// Grey levels for one code value of difference at 8 bits.
pub const DIFFERENCE_GAIN: f64 = 16.0;
/// The grey that stands for no difference.
const NO_DIFFERENCE: f64 = 128.0;
/// High: the JPEG's own noise must stay below a code value of difference.
const JPEG_QUALITY: u8 = 92;

/// Why there are no pictures.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PicturesError {
    /// The files cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The clip is shorter.
    #[error("the clip has {frames} frames, there is no frame {index}")]
    NoFrame {
        /// Frames in the clip.
        frames: u64,
        /// Frame asked for.
        index: u64,
    },
    /// A picture cannot be encoded.
    #[error("cannot encode a picture of frame {index}")]
    Encode {
        /// The frame.
        index: u64,
        /// Why.
        #[source]
        source: ImageError,
    },
}

/// Part of a picture, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A frame to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct FramePictures {
    /// Which frame.
    pub frame: FrameAt,
    /// JPEG of the master's luma.
    pub original: Vec<u8>,
    /// JPEG of the marked luma.
    pub marked: Vec<u8>,
    /// JPEG of the amplified difference.
    pub difference: Vec<u8>,
    /// Width and height of each of the three.
    pub size: (usize, usize),
    /// Where the frame's worst block lies in each of the three.
    pub worst_block: Region,
}

/// A grey picture of 8 bits, row by row.
#[derive(Debug, PartialEq)]
struct Grey {
    samples: Vec<u8>,
    width: usize,
    height: usize,
}

/// The pictures of frame `frame_index`. Both files are decoded up to that frame.
///
/// # Errors
/// [`PicturesError`].
pub fn worst_frame_pictures(
    master: &Path,
    marked: &Path,
    frame_index: u64,
) -> Result<FramePictures, PicturesError> {
    let mut pairs = FramePairs::open(master, marked)?;
    let mut frames = 0;
    while let Some(pair) = pairs.next_pair()? {
        frames += 1;
        if pair.at().index == frame_index {
            return match pairs.luma(&pair)? {
                LumaPair::U8(luma) => pictures(&pair, &luma),
                LumaPair::U16(luma) => pictures(&pair, &luma),
            };
        }
    }
    Err(PicturesError::NoFrame {
        frames,
        index: frame_index,
    })
}

fn pictures<T: Square>(
    pair: &FramePair,
    luma: &PlanePair<'_, T>,
) -> Result<FramePictures, PicturesError> {
    let from = (luma.width(), luma.height());
    let size = shown_size(from);
    let full_range = pair.full_range();
    let jpeg = |picture: &Grey| {
        picture.jpeg().map_err(|source| PicturesError::Encode {
            index: pair.at().index,
            source,
        })
    };
    Ok(FramePictures {
        frame: pair.at(),
        original: jpeg(&Grey::of_plane(luma.master(), full_range, size))?,
        marked: jpeg(&Grey::of_plane(luma.marked(), full_range, size))?,
        difference: jpeg(&Grey::of_difference(luma, size))?,
        size,
        worst_block: shown_block(&Block::worst_of(luma), from, size),
    })
}

impl Grey {
    fn of_plane<T: Square>(
        plane: &PlaneView<'_, T>,
        full_range: bool,
        size: (usize, usize),
    ) -> Self {
        let depth = plane.bit_depth();
        let unit = f64::from(depth.codes_per_8bit_code());
        let (black, white) = if full_range {
            (0.0, f64::from(depth.max_code()))
        } else {
            (16.0 * unit, 235.0 * unit)
        };
        let geometry = plane.geometry();
        Self::shrunk(
            (geometry.width(), geometry.height()),
            size,
            |y| plane.row(y).iter().map(|&sample| code(sample)),
            |mean| 255.0 * (mean - black) / (white - black),
        )
    }

    fn of_difference<T: Square>(pair: &PlanePair<'_, T>, size: (usize, usize)) -> Self {
        let gain = DIFFERENCE_GAIN / f64::from(pair.bit_depth().codes_per_8bit_code());
        Self::shrunk(
            (pair.width(), pair.height()),
            size,
            |y| {
                let rows = pair.master().row(y).iter().zip(pair.marked().row(y));
                rows.map(|(&master, &marked)| code(marked) - code(master))
            },
            |mean| NO_DIFFERENCE + gain * mean,
        )
    }

    /// `from` samples in rows become `size` samples, each `show` of the mean over the area that it covers.
    fn shrunk<R: Iterator<Item = i32>>(
        from: (usize, usize),
        size: (usize, usize),
        row: impl Fn(usize) -> R,
        show: impl Fn(f64) -> f64,
    ) -> Self {
        let (width, height) = size;
        let columns = coverage(from.0, width);
        let mut samples = Vec::with_capacity(width * height);
        let mut line = vec![0.0; from.0];
        for rows in coverage(from.1, height) {
            line.fill(0.0);
            for (y, share) in rows {
                for (sum, value) in line.iter_mut().zip(row(y)) {
                    *sum += share * f64::from(value);
                }
            }
            samples.extend(columns.iter().map(|columns| {
                let mean: f64 = columns.iter().map(|&(x, share)| share * line[x]).sum();
                // `as` saturates: what is below black or above white becomes black or white.
                show(mean).round() as u8
            }));
        }
        Self {
            samples,
            width,
            height,
        }
    }

    fn jpeg(&self) -> Result<Vec<u8>, ImageError> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode(
            &self.samples,
            self.width as u32,
            self.height as u32,
            ExtendedColorType::L8,
        )?;
        Ok(bytes)
    }
}

/// The size of a picture whose long side is at most [`LONG_SIDE`].
fn shown_size((width, height): (usize, usize)) -> (usize, usize) {
    let long = width.max(height);
    if long <= LONG_SIDE {
        return (width, height);
    }
    let shown = |side: usize| ((side * LONG_SIDE + long / 2) / long).max(1);
    (shown(width), shown(height))
}

/// The pixels of a picture of `size` that show some of the block in a picture of `from`.
fn shown_block(block: &Block, from: (usize, usize), size: (usize, usize)) -> Region {
    let span = |start: usize, from: usize, to: usize| {
        let first = start * to / from;
        (first, ((start + block.side) * to).div_ceil(from) - first)
    };
    let (x, width) = span(block.x, from.0, size.0);
    let (y, height) = span(block.y, from.1, size.1);
    Region {
        x,
        y,
        width,
        height,
    }
}

/// For each of `to <= from` samples: which of the `from` samples it covers, and their shares, of sum 1.
fn coverage(from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    // In units of 1 / to of an old sample everything is whole: new sample i covers [i from, (i + 1) from).
    (0..to)
        .map(|i| {
            let (start, end) = (i * from, (i + 1) * from);
            (start / to..end.div_ceil(to))
                .map(|j| {
                    let overlap = end.min((j + 1) * to) - start.max(j * to);
                    (j, overlap as f64 / from as f64)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests;
