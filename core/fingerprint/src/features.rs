//! Local features that survive scaling, turning, cropping, mirrors and heavy compression.
//!
//! ```text
//! feature    = extremum of the difference of Gaussians in (x, y, scale), turned to the prevailing gradient
//! threshold  = max(0.25, 0.005 * standard deviation of the picture)        code values
//! ```
//!
//! The strongest are kept, but a cell of an 8 x 5 grid holds at most three times its share while others have any left:
//! one textured corner does not take them all.
//!
//! # Shapes and units
//! Places in samples of the given picture as in [`Grey`]; `scale` is the sigma of the blur in the same samples; angles in
//! radians, clockwise as seen (rows go down). Meant for pictures of about 512 x 288 samples.
//! # References
//! D. G. Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60 (2004).
//! # Determinism
//! Fixed summation order, no fused multiply-add, no library's transcendental functions.

mod descriptor;
mod extrema;
mod gradients;
mod plane;
mod scale_space;
mod x86;

use std::f64::consts::{PI, TAU};

use countermark_picture::Grey;
pub use descriptor::Descriptor;
use extrema::Extremum;
use scale_space::{ScaleSpace, sigma};

/// Least strength as a share of the picture's own contrast.
const RELATIVE_THRESHOLD: f64 = 0.005;
/// Least strength, code values: below it is the rounding of 8-bit samples.
const LEAST_THRESHOLD: f64 = 0.25;

/// Cells of the grid on which features are spread.
const COLUMNS: usize = 8;
const ROWS: usize = 5;
/// A cell takes so many times its share before the others have had theirs.
const CROWDING: usize = 3;

/// A place that is found again in copies of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Samples from the left.
    pub x: f64,
    /// Samples from the top.
    pub y: f64,
    /// Sigma of the blur at which it stands out, samples.
    pub scale: f64,
    /// The prevailing gradient, radians in `-pi..pi`, clockwise from right.
    pub angle: f64,
    /// Difference from its surroundings, code values.
    pub strength: f32,
    /// Its surroundings.
    pub descriptor: Descriptor,
}

impl Feature {
    /// The same feature in the left-right mirrored picture of `width` samples.
    #[must_use]
    pub fn mirrored(&self, width: f64) -> Self {
        Self {
            x: width - self.x,
            angle: wrapped(PI - self.angle),
            descriptor: self.descriptor.mirrored(),
            ..*self
        }
    }

    /// The same feature in the negative, as found there but for rounding: what is brighter than its surroundings becomes darker,
    /// and the prevailing gradient turns round.
    #[must_use]
    pub fn negative(&self) -> Self {
        Self {
            angle: wrapped(self.angle + PI),
            descriptor: self.descriptor.negative(),
            ..*self
        }
    }
}

/// Into `-pi..pi`.
fn wrapped(angle: f64) -> f64 {
    (angle + PI).rem_euclid(TAU) - PI
}

/// Finds the features of pictures, one after the other in the same memory.
#[derive(Debug)]
pub struct FeatureFinder {
    space: ScaleSpace,
    extrema: Vec<Extremum>,
}

impl Default for FeatureFinder {
    fn default() -> Self {
        Self::new()
    }
}

impl FeatureFinder {
    /// Memory is taken with the first picture.
    #[must_use]
    pub fn new() -> Self {
        Self {
            space: ScaleSpace::new(),
            extrema: Vec::new(),
        }
    }

    /// The features of a picture, strongest first within and beyond the grid's shares; at most `most`.
    pub fn find(&mut self, picture: &Grey, most: usize) -> Vec<Feature> {
        self.space.fill(picture);
        let threshold = LEAST_THRESHOLD.max(RELATIVE_THRESHOLD * contrast(picture));
        self.extrema.clear();
        for (index, octave) in self.space.octaves().iter().enumerate() {
            extrema::find(index, octave, threshold, &mut self.extrema);
        }
        let chosen = spread(&mut self.extrema, picture, most);
        let levels = chosen.iter().map(|at| (at.octave, at.nearest_level()));
        self.space.measure(levels);
        let features = chosen.iter().flat_map(|at| self.described(at));
        features.take(most).collect()
    }

    /// One feature for each prevailing direction.
    fn described(&self, at: &Extremum) -> impl Iterator<Item = Feature> {
        let gradients = &self.space.octaves()[at.octave].gradients[at.nearest_level() - 1];
        let (sigma, (x, y)) = (sigma(at.level), place(at));
        let directions = gradients.prevailing(at.x, at.y, sigma);
        directions.into_iter().flatten().filter_map(move |turns| {
            Some(Feature {
                x,
                y,
                scale: sigma * octave_factor(at),
                angle: wrapped(turns * TAU),
                strength: at.strength as f32,
                descriptor: Descriptor::new(gradients, at.x, at.y, sigma, turns)?,
            })
        })
    }
}

/// Samples of the picture in one of the octave.
fn octave_factor(at: &Extremum) -> f64 {
    (1_u32 << at.octave) as f64
}

/// In samples of the picture.
fn place(at: &Extremum) -> (f64, f64) {
    let factor = octave_factor(at);
    ((at.x + 0.5) * factor, (at.y + 0.5) * factor)
}

/// Standard deviation of the samples.
fn contrast(picture: &Grey) -> f64 {
    let count = picture.samples().len() as f64;
    let samples = || picture.samples().iter().map(|&s| f64::from(s));
    let mean = samples().sum::<f64>() / count;
    (samples().map(|s| (s - mean) * (s - mean)).sum::<f64>() / count).sqrt()
}

/// The strongest, first those within their cell's share.
fn spread(extrema: &mut [Extremum], picture: &Grey, most: usize) -> Vec<Extremum> {
    extrema.sort_by(|a, b| {
        let order = b.strength.total_cmp(&a.strength);
        order
            .then_with(|| a.y.total_cmp(&b.y))
            .then_with(|| a.x.total_cmp(&b.x))
    });
    let share = (CROWDING * most).div_ceil(COLUMNS * ROWS);
    let mut taken = [0; COLUMNS * ROWS];
    let (mut chosen, mut rest) = (Vec::new(), Vec::new());
    for at in extrema.iter() {
        let (x, y) = place(at);
        let column = (x / picture.width() as f64 * COLUMNS as f64) as usize;
        let row = (y / picture.height() as f64 * ROWS as f64) as usize;
        let cell = &mut taken[row.min(ROWS - 1) * COLUMNS + column.min(COLUMNS - 1)];
        *cell += 1;
        let list = if *cell <= share {
            &mut chosen
        } else {
            &mut rest
        };
        list.push(*at);
    }
    chosen.extend(rest);
    chosen.truncate(most);
    chosen
}

#[cfg(test)]
mod tests;
