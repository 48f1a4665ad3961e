//! Attacks that cover a corner: a logo, a webcam inset, blur over a bug.
//!
//! ```text
//! logo-P         a plate twice as wide as high with three letters, cover 0.92, the letters 1; it stays
//! inset-P        foreign content, 4:3, that moves: a texture that drifts and a head that sways before it
//! cornerblur-P   the corner itself, G_S of what lies inside; S = rows of the frame / 60, for chroma half of that
//! ```
//!
//! The corner, the letters and the colours are random. Plate and inset keep 3 % of the short side from the edges, the
//! blur reaches them.
//!
//! # Shapes and units
//! `P` percent of the frame's area. Everything else stays as it was.

use std::f64::consts::TAU;
use std::fmt;

use crate::detail::gaussian::Gaussian;
use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::geometry::rectangle::even;
use crate::light::colour::Coding;
use crate::samples::layer::{over, rgba};
use crate::samples::noise::{Noise, mix, smooth};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Plane, Random};

use super::lettering::{Lettering, width_of};
use super::patch::{Patch, Size, corner, sides};
use super::roomy::Roomy;

/// Distance from the edges in parts of the short side.
const MARGIN: f64 = 0.03;
/// Cover of a logo's plate.
const PLATE: f32 = 0.92;
/// How much wider and higher the texture is than the inset that drifts over it.
const DRIFT: f64 = 1.5;

/// A cover with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Overlay {
    Logo(f64),
    Inset(f64),
    CornerBlur(f64),
}

/// Reads `logo`, `inset` and `cornerblur`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let percent = |low, high, range| number(&step, strength, &(low..=high), range);
    let overlay = match head {
        "logo" => percent(0.5, 25.0, "0.5 to 25 percent").map(Overlay::Logo),
        "inset" => percent(2.0, 40.0, "2 to 40 percent").map(Overlay::Inset),
        "cornerblur" => percent(1.0, 50.0, "1 to 50 percent").map(Overlay::CornerBlur),
        _ => return None,
    };
    Some(overlay.map(|overlay| Box::new(overlay) as Box<dyn PictureAttack>))
}

impl fmt::Display for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Logo(percent) => write!(f, "logo-{percent}"),
            Self::Inset(percent) => write!(f, "inset-{percent}"),
            Self::CornerBlur(percent) => write!(f, "cornerblur-{percent}"),
        }
    }
}

impl PictureAttack for Overlay {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let random = random.clone();
        // What an overlay is made of needs the size of the first picture.
        match *self {
            Self::Logo(percent) => Box::new(Each(Roomy(Made {
                make: move |picture: &Picture| Logo::new(percent / 100.0, picture, random.clone()),
                made: None,
            }))),
            Self::Inset(percent) => Box::new(Each(Roomy(Made {
                make: move |picture: &Picture| Inset::new(percent / 100.0, picture, random.clone()),
                made: None,
            }))),
            Self::CornerBlur(percent) => Box::new(Each(Roomy(Made {
                make: move |picture: &Picture| {
                    CornerBlur::new(percent / 100.0, picture, random.clone())
                },
                made: None,
            }))),
        }
    }
}

/// An effect that is made for the first picture.
struct Made<E, F> {
    make: F,
    made: Option<E>,
}

impl<E: Effect, F: Fn(&Picture) -> E> Effect for Made<E, F> {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        let made = self.made.get_or_insert_with(|| (self.make)(&picture));
        made.apply(picture, seconds)
    }
}

/// A rectangle away from the edges, in a random corner.
fn placed(share: f64, aspect: f64, picture: &Picture, random: &mut Random) -> (Size, Size) {
    let frame = (picture.width(), picture.height());
    let margin = even(MARGIN * frame.0.min(frame.1) as f64);
    let size = sides(frame, share, aspect, margin);
    (corner(frame, size, margin, random), size)
}

/// A colour whose channels lie in `low..high`.
fn shade(low: f64, high: f64, random: &mut Random) -> [f32; 3] {
    [(); 3].map(|()| random.between(low, high) as f32)
}

struct Logo {
    at: Size,
    patch: Patch,
}

impl Logo {
    fn new(share: f64, picture: &Picture, mut random: Random) -> Self {
        let (at, size) = placed(share, 2.0, picture, &mut random);
        let (dark, light) = (shade(0.0, 0.5, &mut random), shade(0.8, 1.0, &mut random));
        let text: String = (0..3)
            .map(|_| char::from(b'A' + random.below(26) as u8))
            .collect();
        let (width, height) = (size.0 as f32, size.1 as f32);
        let cell = (width / 20.0).min(height / 11.0);
        let left = (width - width_of(&text, cell)) / 2.0;
        let mut lettering = Lettering::default();
        lettering.write(left, (height - 7.0 * cell) / 2.0, cell, &text);
        let patch = Patch::paint(size, &Coding::of(picture), |x, y| {
            over(rgba(light, lettering.ink(x, y, 0.0)), rgba(dark, PLATE))
        });
        Self { at, patch }
    }
}

impl Effect for Logo {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        self.patch.lay(&mut picture, self.at);
        picture
    }
}

struct Inset {
    at: Size,
    size: Size,
    texture: Patch,
    head: Patch,
    /// Where the swaying starts, in turns.
    phase: f64,
}

impl Inset {
    fn new(share: f64, picture: &Picture, mut random: Random) -> Self {
        let (at, size) = placed(share, 4.0 / 3.0, picture, &mut random);
        let coding = Coding::of(picture);
        let noise = Noise::new(random.bits());
        let (dark, light) = (shade(0.05, 0.4, &mut random), shade(0.4, 0.9, &mut random));
        // Eight cells of the coarsest octave fit into the inset's height.
        let scale = 8.0 / size.1 as f32;
        let wide = (even(DRIFT * size.0 as f64), even(DRIFT * size.1 as f64));
        let texture = Patch::paint(wide, &coding, |x, y| {
            let value = noise.fractal(x as f32 * scale, y as f32 * scale, 4, 0.6);
            let part = smooth(-0.5, 0.5, value);
            rgba(std::array::from_fn(|i| mix(dark[i], light[i], part)), 1.0)
        });
        let tone = random.between(0.4, 0.95) as f32;
        // Not wider than the inset, however narrow the frame.
        let tall = (0.6 * size.1 as f64).min(size.0 as f64 / 0.75);
        let skin = [1.0, 0.75, 0.6].map(|c| c * tone);
        let oval = (even(0.75 * tall), even(tall));
        let head = Patch::paint(oval, &coding, |x, y| {
            let (width, height) = (oval.0 as f32 / 2.0, oval.1 as f32 / 2.0);
            let (dx, dy) = (x as f32 + 0.5 - width, y as f32 + 0.5 - height);
            let radius = ((dx / width).powi(2) + (dy / height).powi(2)).sqrt();
            let cover = ((1.0 - radius) * width).clamp(0.0, 1.0);
            let light = 1.0 - 0.4 * radius
                + 0.15 * noise.fractal(x as f32 * scale * 2.0, y as f32 * scale * 2.0, 3, 0.6);
            rgba(skin.map(|c| (c * light).clamp(0.0, 1.0)), cover)
        });
        Self {
            at,
            size,
            texture,
            head,
            phase: random.unit(),
        }
    }
}

impl Effect for Inset {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        // Between 0 and `room`, `hertz` times a second to and fro.
        let sway = |room: usize, hertz: f64| {
            let place = 0.5 + 0.5 * (TAU * (self.phase + hertz * seconds)).sin();
            (place * room as f64 / 2.0) as usize * 2
        };
        let beside = |size: Size| (size.0.abs_diff(self.size.0), size.1.abs_diff(self.size.1));
        let (right, below) = beside(self.texture.size());
        let from = (sway(right, 0.11), sway(below, 0.07));
        self.texture
            .lay_part(&mut picture, self.at, from, self.size);
        let (right, below) = beside(self.head.size());
        let at = (
            self.at.0 + sway(right, 0.31),
            self.at.1 + below / 2 + sway(below / 2, 0.43),
        );
        self.head.lay(&mut picture, (at.0, at.1 / 2 * 2));
        picture
    }
}

struct CornerBlur {
    at: Size,
    size: Size,
    luma: Gaussian,
    chroma: Gaussian,
}

impl CornerBlur {
    fn new(share: f64, picture: &Picture, mut random: Random) -> Self {
        let frame = (picture.width(), picture.height());
        let size = sides(frame, share, frame.0 as f64 / frame.1 as f64, 0);
        let sigma = frame.1 as f64 / 60.0;
        Self {
            at: corner(frame, size, 0, &mut random),
            size,
            luma: Gaussian::new(sigma),
            chroma: Gaussian::new(sigma / 2.0),
        }
    }
}

impl Effect for CornerBlur {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        picture.map_planes(|plane, shrink| {
            let (left, top) = (self.at.0 / shrink, self.at.1 / shrink);
            let (width, height) = (self.size.0 / shrink, self.size.1 / shrink);
            let inside = Plane::from_fn(width, height, |x, y| plane.row(top + y)[left + x]);
            let gaussian = if shrink == 1 {
                &self.luma
            } else {
                &self.chroma
            };
            let soft = gaussian.smooth(&inside);
            let mut out = plane.clone();
            for (row, soft) in out
                .rows_mut()
                .skip(top)
                .zip(soft.samples().chunks_exact(width))
            {
                row[left..left + width].copy_from_slice(soft);
            }
            out
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tryout::{applied, grey, refused, touched};

    fn busy(width: usize, height: usize) -> Picture {
        grey(width, height, |x, y| 90.3 + ((x * 31 + y * 17) % 23) as f32)
    }

    #[test]
    fn covers_have_the_area_of_their_name_in_one_corner_and_touch_nothing_else() {
        for (width, height) in [(320, 180), (180, 320)] {
            let picture = busy(width, height);
            for (name, share) in [
                ("logo-2", 0.02),
                ("logo-5", 0.05),
                ("logo-10", 0.1),
                ("inset-20", 0.2),
                ("cornerblur-10", 0.1),
            ] {
                let out = applied(name, std::slice::from_ref(&picture)).remove(0);
                let touched = touched(&picture, &out);
                let found = touched.count as f64 / (width * height) as f64;
                assert!((found / share - 1.0).abs() < 0.1, "{name}: {found}");
                // Nothing outside the rectangle that bounds it, and that is hardly larger.
                let bounds = touched.width() * touched.height();
                assert!(
                    bounds as f64 <= 1.1 * touched.count as f64,
                    "{name}: {touched:?}"
                );
                let margin = 0.03 * 180.0 + 2.0;
                let near = |low: usize, high: usize, side: usize| {
                    low as f64 <= margin || (side - 1 - high) as f64 <= margin
                };
                assert!(
                    near(touched.left, touched.right, width),
                    "{name}: {touched:?}"
                );
                assert!(
                    near(touched.top, touched.bottom, height),
                    "{name}: {touched:?}"
                );
            }
        }
    }

    #[test]
    fn a_logo_stays_while_an_inset_moves() {
        let picture = busy(160, 90);
        let pictures = vec![picture.clone(); 13];
        let logo = applied("logo-5", &pictures);
        assert_eq!(logo[0], logo[12]);
        let inset = applied("inset-20", &pictures);
        let moved = touched(&inset[0], &inset[12]);
        // Noise and gradients: half a second later most of it differs.
        assert!(moved.count > 160 * 90 / 10, "{moved:?}");
        let inside = touched(&picture, &inset[12]);
        assert!(moved.left >= inside.left && moved.bottom <= inside.bottom);
    }

    #[test]
    fn a_logo_lets_a_twelfth_of_what_is_below_through_at_most() {
        let out: Vec<Picture> = [60.0, 160.0]
            .map(|code| applied("logo-10", &[grey(160, 90, |_, _| code)]).remove(0))
            .to_vec();
        let apart = out[0].y.samples().iter().zip(out[1].y.samples());
        let hidden = apart.filter(|(a, b)| (*a - *b).abs() < 8.4).count();
        assert!(
            (hidden as f64 / (0.1 * 160.0 * 90.0) - 1.0).abs() < 0.1,
            "{hidden}"
        );
    }

    #[test]
    fn a_blurred_corner_has_lost_its_detail() {
        let picture = busy(320, 180);
        let out = applied("cornerblur-25", std::slice::from_ref(&picture)).remove(0);
        let area = touched(&picture, &out);
        let spread = |p: &Picture| {
            let row = &p.y.row(area.top + area.height() / 2)[area.left..=area.right];
            row.windows(2)
                .map(|w| (w[1] - w[0]).abs())
                .fold(0.0, f32::max)
        };
        assert!(
            spread(&picture) > 8.0 && spread(&out) < 0.5,
            "{}",
            spread(&out)
        );
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        refused(&[
            "logo-0",
            "logo-26",
            "inset-1",
            "inset-50",
            "cornerblur-0",
            "cornerblur-",
        ]);
    }
}
