//! Whether the pictures that are being marked are those of the registered master.
//!
//! ```text
//! g = means of a grid of cells over the luma,    r = correlation of g(master) and g(reference) at the same media time
//! different:  r < LEAST_CORRELATION, or one of them is a picture and the other is none
//! ```
//!
//! Looked at once a second at first, then every ten seconds; after a difference four times a second. Three differences in a row
//! end the work: within a second of the first.
//!
//! # Shapes and units
//! Cells are means in code values of 8 bits, times are seconds of media time.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use countermark_media::{FrameTime, MediaError, ReadOptions, VideoReader};
use countermark_picture::AnyPlane;

/// Cells across and down.
const GRID: (usize, usize) = (32, 32);
/// Two renditions of one picture, one of them at 500 kb/s, correlate at 0.97 and more; other pictures at 0.5 in the median.
const LEAST_CORRELATION: f64 = 0.7;
/// Below this spread of the cells a picture tells nothing.
const LEAST_SPREAD: f64 = 2.0;
/// Above this spread a picture is none that the other could have shown as a flat one.
const CLEAR_SPREAD: f64 = 6.0;
const DIFFERENCES: u32 = 3;
const FIRST_SECONDS: f64 = 10.0;
const OFTEN: f64 = 1.0;
const SELDOM: f64 = 10.0;
const AFTER_A_DIFFERENCE: f64 = 0.25;
/// The reference has the master's times; further apart they show other moments.
const SAME_MOMENT_SECONDS: f64 = 0.02;

/// Pictures that are not the registered master's.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("at {seconds:.2} s the pictures are not those of the registered master")]
pub(crate) struct OtherPictures {
    /// Media time of the last difference.
    pub(crate) seconds: f64,
}

/// Compares a master with the title's reference as it is decoded.
#[derive(Debug)]
pub(crate) struct Likeness {
    /// None once it cannot be read: then there is nothing to compare with.
    reference: Option<Reference>,
    next: f64,
    differences: u32,
}

/// A title's reference, of which single pictures are asked for: opened once, with the first.
pub(crate) struct Reference {
    path: PathBuf,
    reader: Option<VideoReader>,
}

/// Means of a grid of cells.
pub(crate) struct Cells(Vec<f64>);

impl Likeness {
    pub(crate) fn new(reference: PathBuf) -> Self {
        Self {
            reference: Some(Reference::new(reference)),
            next: 0.0,
            differences: 0,
        }
    }

    /// Looks at a picture, if it is time to.
    pub(crate) fn look(
        &mut self,
        luma: &AnyPlane<'_>,
        time: FrameTime,
    ) -> Result<(), OtherPictures> {
        let seconds = time.media_time;
        let Some(reference) = self.reference.as_mut().filter(|_| seconds >= self.next) else {
            return Ok(());
        };
        let Ok(expected) = reference.cells_at(seconds) else {
            self.reference = None;
            return Ok(());
        };
        let verdict = expected.and_then(|expected| is_other(&Cells::of(luma), &expected));
        match verdict {
            Some(true) => self.differences += 1,
            Some(false) => self.differences = 0,
            None => {}
        }
        if self.differences >= DIFFERENCES {
            return Err(OtherPictures { seconds });
        }
        self.next = seconds
            + match self.differences {
                0 if seconds < FIRST_SECONDS => OFTEN,
                0 => SELDOM,
                _ => AFTER_A_DIFFERENCE,
            };
        Ok(())
    }
}

impl Reference {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, reader: None }
    }

    /// The picture at that moment; none where it has none.
    pub(crate) fn cells_at(&mut self, seconds: f64) -> Result<Option<Cells>, MediaError> {
        let from = (seconds - SAME_MOMENT_SECONDS).max(0.0);
        let reader = match &mut self.reader {
            Some(reader) => {
                reader.go_to(from)?;
                reader
            }
            none => none.insert(VideoReader::open(
                &self.path,
                ReadOptions {
                    threads: Some(NonZeroUsize::MIN),
                    seek_seconds: Some(from),
                    max_frames: Some(1),
                    has_closed_groups: true,
                    ..ReadOptions::default()
                },
            )?),
        };
        let frame = reader.next_frame()?;
        Ok(frame
            .filter(|frame| (frame.media_time() - seconds).abs() <= SAME_MOMENT_SECONDS)
            .map(|frame| Cells::of(&frame.luma())))
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Reference")
            .field(&self.path)
            .finish()
    }
}

/// Whether two pictures differ; none where they tell nothing.
fn is_other(found: &Cells, expected: &Cells) -> Option<bool> {
    let (a, b) = (found.spread(), expected.spread());
    if a < LEAST_SPREAD || b < LEAST_SPREAD {
        return (a.max(b) > CLEAR_SPREAD).then_some(true);
    }
    Some(found.correlation(expected) < LEAST_CORRELATION)
}

impl Cells {
    pub(crate) fn of(luma: &AnyPlane<'_>) -> Self {
        let means = luma.averaged(GRID.0, GRID.1);
        Self(means.samples().iter().copied().map(f64::from).collect())
    }

    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// Standard deviation of the cells.
    pub(crate) fn spread(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.0.iter().map(|cell| (cell - mean).powi(2)).sum();
        (squares / self.0.len() as f64).sqrt()
    }

    fn correlation(&self, other: &Self) -> f64 {
        let (a, b) = (self.mean(), other.mean());
        let pairs = self.0.iter().zip(&other.0);
        let product: f64 = pairs.map(|(x, y)| (x - a) * (y - b)).sum();
        product / (self.0.len() as f64 * self.spread() * other.spread())
    }
}

#[cfg(test)]
mod tests {
    use countermark_picture::{BitDepth, PlaneGeometry, PlaneView};

    use super::*;

    fn cells(picture: impl Fn(usize, usize) -> u8) -> Cells {
        let geometry = PlaneGeometry::packed(96, 64).expect("a geometry");
        let samples: Vec<u8> = (0..96 * 64).map(|at| picture(at % 96, at / 96)).collect();
        let view =
            PlaneView::new(&samples, geometry, BitDepth::new(8).expect("8")).expect("a view");
        Cells::of(&AnyPlane::U8(view))
    }

    #[test]
    fn the_same_picture_in_another_grade_is_the_same() {
        let a = cells(|x, y| (x + y) as u8);
        let graded = cells(|x, y| (30 + (x + y) * 7 / 8) as u8);
        let other = cells(|x, y| (x + 64 - y) as u8);
        let flat = cells(|_, _| 16);
        assert_eq!(is_other(&a, &graded), Some(false));
        assert_eq!(is_other(&a, &other), Some(true));
        assert_eq!(is_other(&a, &flat), Some(true));
        assert_eq!(is_other(&flat, &flat), None);
    }
}
