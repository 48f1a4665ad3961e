//! Several copies of one title in one file, and one copy's mark on another title.
//!
//! ```text
//! average, median, min, max     of the copies' samples at one place
//! blocks                        copy(block, second), uniformly at random
//! pasted                        p + (m - G m),   m = the copy's luma, p = the other's, G = Gaussian of sigma 1.5
//! ```
//!
//! # Shapes and units
//! Copies of one title have the same frames. The other title is read in a loop while the copy lasts, its pictures are
//! cropped or repeated to the copy's size.

use std::path::Path;

use countermark_media::EncodeSettings;

use super::detail::gaussian::Gaussian;
use super::effect::{ClipShape, Shown};
use super::source::Mix;
use super::stream::{Output, Pictures, shape_of};
use super::time::mixed;
use super::{AttackError, Picture, Plane, Random};

/// Side of a block in luma samples.
const BLOCK: usize = 64;

/// One plane of a picture.
type Component = fn(&Picture) -> &Plane;

/// Deviation of the smoothing that separates mark and picture.
const SIGMA: f64 = 1.5;

/// Mixes `copies` sample by sample or block by block.
pub(super) fn mix(
    mix: Mix,
    copies: &[&Path],
    output: &Path,
    encode: &EncodeSettings,
    random: &mut Random,
) -> Result<(), AttackError> {
    let first = copies.first().ok_or_else(|| AttackError::NothingLeft {
        path: output.to_owned(),
    })?;
    let shape = shape_of(first)?;
    let mut readers = copies
        .iter()
        .map(|path| open(path, encode))
        .collect::<Result<Vec<_>, _>>()?;
    let mut file = Output::new(output, encode, shape.frame_rate, 8);
    let mut choice = Choice::default();
    loop {
        let mut pictures = Vec::with_capacity(readers.len());
        let mut seconds = 0.0;
        for reader in &mut readers {
            let Some(shown) = reader.next()? else {
                break;
            };
            seconds = shown.seconds;
            pictures.push(shown.picture);
        }
        if pictures.len() < readers.len() {
            break;
        }
        let picture = match mix {
            Mix::Average => {
                let weight = 1.0 / pictures.len() as f32;
                mixed(&pictures.iter().map(|p| (p, weight)).collect::<Vec<_>>())
            }
            Mix::Min => by_sample(&pictures, |values| values[0]),
            Mix::Max => by_sample(&pictures, |values| values[values.len() - 1]),
            Mix::Median => by_sample(&pictures, |values| {
                let middle = values.len() / 2;
                f32::midpoint(values[middle], values[(values.len() - 1) / 2])
            }),
            Mix::Blocks => {
                choice.renew(seconds, 1.0, &pictures[0], pictures.len(), random);
                choice.apply(&pictures)
            }
            Mix::Segments | Mix::Splice => unreachable!("copies in turns are a montage"),
        };
        file.write(&picture, seconds)?;
    }
    file.finish()
}

/// Whether all files have the size, the frame rate and the length of the first.
pub(super) fn alike(files: &[&Path]) -> Result<(), AttackError> {
    let Some((first, others)) = files.split_first() else {
        return Ok(());
    };
    let wanted = shape_of(first)?;
    for other in others {
        let is = shape_of(other)?;
        let words = |shape: &ClipShape| {
            format!(
                "{}x{}, {:.3} frames a second, {:.2} s",
                shape.width, shape.height, shape.frame_rate, shape.seconds
            )
        };
        // Containers round rates and lengths.
        let same = (is.width, is.height) == (wanted.width, wanted.height)
            && (is.frame_rate - wanted.frame_rate).abs() < 0.01
            && (is.seconds - wanted.seconds).abs() <= 2.0 / wanted.frame_rate.max(1.0) + 0.05;
        if !same {
            return Err(AttackError::Unlike {
                first: first.to_path_buf(),
                other: other.to_path_buf(),
                is: words(&is),
                wanted: words(&wanted),
            });
        }
    }
    Ok(())
}

/// The mark of `copy`, estimated, on the pictures of `other`.
pub(super) fn paste(
    copy: &Path,
    other: &Path,
    output: &Path,
    encode: &EncodeSettings,
) -> Result<(), AttackError> {
    let shape = shape_of(copy)?;
    let mut marked = open(copy, encode)?;
    let mut host = open(other, encode)?;
    let gaussian = Gaussian::new(SIGMA);
    let mut file = Output::new(output, encode, shape.frame_rate, 8);
    while let Some(shown) = marked.next()? {
        let mut under = host.next()?;
        if under.is_none() {
            host = open(other, encode)?;
            under = host.next()?;
        }
        let Some(Shown { picture: under, .. }) = under else {
            break;
        };
        let detail = gaussian.detail(&shown.picture.y);
        let mut picture = shown.picture.map_planes(|plane, part| {
            let from = match part {
                1 => &under.y,
                _ => &under.u,
            };
            repeated(from, plane.width(), plane.height())
        });
        picture.v = repeated(&under.v, picture.v.width(), picture.v.height());
        picture.full_range = under.full_range;
        for (sample, detail) in picture.y.samples_mut().iter_mut().zip(detail.samples()) {
            *sample += detail;
        }
        file.write(&picture, shown.seconds)?;
    }
    file.finish()
}

/// All pictures of a file, 8 bit.
pub(super) fn open(path: &Path, encode: &EncodeSettings) -> Result<Pictures, AttackError> {
    Pictures::open(path, None, 8, encode.threads)
}

/// A plane of another size: cropped where it is larger, tiled where it is smaller.
pub(super) fn repeated(plane: &Plane, width: usize, height: usize) -> Plane {
    Plane::from_fn(width, height, |x, y| {
        plane.row(y % plane.height())[x % plane.width()]
    })
}

/// Each sample from the sorted samples of all pictures at its place.
fn by_sample(pictures: &[Picture], choose: impl Fn(&[f32]) -> f32) -> Picture {
    let mut values = Vec::with_capacity(pictures.len());
    let mut mixed = pictures[0].clone();
    let planes: [(&mut Plane, Component); 3] = [
        (&mut mixed.y, |p| &p.y),
        (&mut mixed.u, |p| &p.u),
        (&mut mixed.v, |p| &p.v),
    ];
    for (to, get) in planes {
        for (index, sample) in to.samples_mut().iter_mut().enumerate() {
            values.clear();
            values.extend(pictures.iter().map(|p| get(p).samples()[index]));
            values.sort_by(f32::total_cmp);
            *sample = choose(&values);
        }
    }
    mixed
}

/// Which copy each block comes from, for a while.
#[derive(Default)]
struct Choice {
    until: f64,
    columns: usize,
    copies: Vec<usize>,
}

impl Choice {
    fn renew(
        &mut self,
        seconds: f64,
        every: f64,
        picture: &Picture,
        copies: usize,
        random: &mut Random,
    ) {
        if !self.copies.is_empty() && seconds < self.until {
            return;
        }
        self.until = seconds + every;
        self.columns = picture.width().div_ceil(BLOCK);
        let blocks = self.columns * picture.height().div_ceil(BLOCK);
        self.copies = (0..blocks).map(|_| random.below(copies)).collect();
    }

    fn apply(&self, pictures: &[Picture]) -> Picture {
        let copy =
            |x: usize, y: usize, side: usize| self.copies[y / side * self.columns + x / side];
        let chosen = |get: fn(&Picture) -> &Plane, side: usize| {
            let first = get(&pictures[0]);
            Plane::from_fn(first.width(), first.height(), |x, y| {
                get(&pictures[copy(x, y, side)]).row(y)[x]
            })
        };
        Picture {
            y: chosen(|p| &p.y, BLOCK),
            u: chosen(|p| &p.u, BLOCK / 2),
            v: chosen(|p| &p.v, BLOCK / 2),
            ..pictures[0].clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(value: f32) -> Picture {
        Picture::grey(Plane::filled(130, 70, value))
    }

    #[test]
    fn samples_are_the_lowest_the_highest_or_in_the_middle() {
        let pictures = [flat(30.0), flat(10.0), flat(20.0), flat(60.0)];
        let value = |p: &Picture| (p.y.samples()[7] * 10.0).round() as i32;
        assert_eq!(value(&by_sample(&pictures, |v| v[0])), 100);
        assert_eq!(value(&by_sample(&pictures, |v| v[v.len() - 1])), 600);
        let median = |v: &[f32]| f32::midpoint(v[v.len() / 2], v[(v.len() - 1) / 2]);
        assert_eq!(value(&by_sample(&pictures, median)), 250);
        assert_eq!(value(&by_sample(&pictures[..3], median)), 200);
    }

    #[test]
    fn blocks_come_whole_from_one_copy_each_and_from_all_in_equal_shares() {
        let pictures = [flat(10.0), flat(20.0), flat(30.0)];
        let mut random = Random::new([5; 32]);
        let (mut choice, mut counts) = (Choice::default(), [0; 3]);
        for second in 0..200 {
            choice.renew(f64::from(second), 1.0, &pictures[0], 3, &mut random);
            let picture = choice.apply(&pictures);
            for (bx, by) in [(0, 0), (64, 0), (128, 0), (0, 64)] {
                let value = picture.y.row(by)[bx];
                let inside = picture.y.row((by + 5).min(69))[(bx + 1).min(129)];
                assert!((inside - value).abs() < 1e-6);
                counts[(value / 10.0).round() as usize - 1] += 1;
            }
        }
        assert!(counts.iter().all(|c| (200..340).contains(c)), "{counts:?}");
    }
}
