//! What pictures of a clip show that the title does not.
//!
//! ```text
//! s(x)     = the title's level at map^-1 x, in the light of the clip
//! d(x)     = distance of the clip's level from the range of s within 1 % of the short side
//! foreign  = d > max(12, 4 m) in all pictures but one at most             m: median of |clip - s|
//! ```
//!
//! # Shapes and units
//! Levels in 8-bit code values. `x` is the centre of a sample, `(i + 1/2, j + 1/2)`.

use countermark_picture::{Grey, Homography};

use super::light::Light;

/// Distance from what the title shows.
const FOREIGN: f32 = 12.0;
/// The same as a multiple of the usual deviation.
const UNUSUAL: f32 = 4.0;

/// Share of the short side by which a map may be wrong.
const SHIFT: f64 = 0.01;

/// Samples that are foreign in all pictures but one at most; none where the title's cannot be told.
pub(super) fn in_all(
    pictures: &[(&Grey, &Grey, Homography)],
    width: usize,
    height: usize,
) -> Option<Vec<bool>> {
    let mut often = vec![0_usize; width * height];
    for (picture, shown, map) in pictures {
        for (count, is_foreign) in often.iter_mut().zip(foreign(picture, shown, map)?) {
            *count += usize::from(is_foreign);
        }
    }
    let least = pictures.len() - 1;
    Some(often.into_iter().map(|count| count >= least).collect())
}

fn foreign(picture: &Grey, shown: &Grey, map: &Homography) -> Option<Vec<bool>> {
    let told = told(picture, shown, map)?;
    Some(told.into_iter().map(|told| told == Told::Foreign).collect())
}

/// Samples of which a title shows the like.
pub(super) fn like(picture: &Grey, shown: &Grey, map: &Homography) -> Option<Vec<bool>> {
    let told = told(picture, shown, map)?;
    Some(told.into_iter().map(|told| told == Told::Like).collect())
}

/// What a title tells of a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It is not in the title's picture.
    Beyond,
    Like,
    Foreign,
}

fn told(picture: &Grey, shown: &Grey, map: &Homography) -> Option<Vec<Told>> {
    let (width, height) = (picture.width(), picture.height());
    let back = map.inverse()?;
    let own: Vec<Option<f32>> = (0..width * height)
        .map(|i| {
            let (column, row) = ((i % width) as f64, (i / width) as f64);
            let (x, y) = back.map((column + 0.5, row + 0.5))?;
            shown.holds(x, y).then(|| shown.at(x, y))
        })
        .collect();
    let pairs: Vec<(f32, f32)> = own
        .iter()
        .zip(picture.samples())
        .filter_map(|(own, &level)| Some(((*own)?, level)))
        .collect();
    let light = Light::between(&pairs)?;
    let limit = FOREIGN.max(UNUSUAL * light.deviation);
    let reach = ((width.min(height) as f64 * SHIFT) as usize).max(1);
    let lit = |i: usize| own[i].map(|own| light.of(own));
    let tell = |i: usize| {
        let level = picture.samples()[i];
        let Some(value) = lit(i) else {
            return Told::Beyond;
        };
        if (level - value).abs() <= limit {
            return Told::Like;
        }
        let (x, y) = (i % width, i / width);
        let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            for column in x.saturating_sub(reach)..(x + reach + 1).min(width) {
                if let Some(value) = lit(row * width + column) {
                    (least, most) = (least.min(value), most.max(value));
                }
            }
        }
        if level < least - limit || level > most + limit {
            Told::Foreign
        } else {
            Told::Like
        }
    };
    Some((0..width * height).map(tell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One bright sample on black.
    fn point() -> Grey {
        let mut samples = vec![0.0; 60 * 40];
        samples[17 * 60 + 23] = 200.0;
        Grey::new(60, 40, samples).expect("a picture")
    }

    #[test]
    fn a_bright_sample_that_the_title_shows_as_well_is_not_foreign() {
        let found = foreign(&point(), &point(), &Homography::IDENTITY).expect("alike");
        assert!(found.iter().all(|&is_foreign| !is_foreign));
    }

    #[test]
    fn a_bright_sample_that_the_title_does_not_show_is_foreign() {
        let black = Grey::new(60, 40, vec![0.0; 60 * 40]).expect("a picture");
        let found = foreign(&point(), &black, &Homography::IDENTITY).expect("alike");
        let places: Vec<usize> = (0..found.len()).filter(|&i| found[i]).collect();
        assert_eq!(places, [17 * 60 + 23]);
    }
}
