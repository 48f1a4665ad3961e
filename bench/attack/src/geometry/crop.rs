//! Attacks that show a part of the picture: crop, centre, side, reframe, shift.
//!
//! ```text
//! crop-K        K of each edge at a random place             crop-K-back    resized to the old size
//! centre-A      the middle with A of the area                centre-A-back  resized to the old size
//! side-S-P      without P percent at S = left | right | top | bottom
//! reframe-AxB   the largest part of that aspect, at a random place
//! shift-N       moved by N in one of eight directions: columns, rows or both; black comes in
//! ```
//!
//! # Shapes and units
//! Luma pixels. Edges of parts lie at even pixels, so that every plane keeps its samples as they are; the side of a part
//! is the even number next to its share. `N` is any whole number: where it is odd, chroma is interpolated.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::{number, pair, whole};
use crate::{ParseAttackError, Picture, Random};

use super::rectangle::{Rectangle, anywhere, even, fitted, size_of};
use super::resample::{Window, resampled};

/// An edge of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

impl Side {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Left, "left"),
        (Self::Right, "right"),
        (Self::Top, "top"),
        (Self::Bottom, "bottom"),
    ];

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(side, _)| *side == self)
            .map_or("", |(_, name)| name)
    }
}

/// A part of the picture with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Crop {
    /// Share of each edge; whether it is resized back.
    Edges(f64, bool),
    /// Share of the area; whether it is resized back.
    Centre(f64, bool),
    /// Percent lost.
    Side(Side, f64),
    Reframe(u32, u32),
    Shift(u32),
}

/// Reads `crop`, `centre`, `side`, `reframe` and `shift`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let (share, back) = match strength.strip_suffix("-back") {
        Some(share) => (share, true),
        None => (strength, false),
    };
    let kept = |accepted| number(&step, share, &(0.05..=1.0), accepted);
    let crop = match head {
        "crop" => kept("0.05 to 1 of each edge").map(|share| Crop::Edges(share, back)),
        "centre" => kept("0.05 to 1 of the area").map(|share| Crop::Centre(share, back)),
        "side" => {
            let range = "left, right, top or bottom and 0.5 to 90 percent";
            let (name, percent) = strength.split_once('-').unwrap_or((strength, ""));
            Side::ALL
                .into_iter()
                .find(|(_, known)| *known == name)
                .ok_or(ParseAttackError::Strength {
                    step: step.clone(),
                    range,
                })
                .and_then(|(side, _)| {
                    let percent = number(&step, percent, &(0.5..=90.0), range)?;
                    Ok(Crop::Side(side, percent))
                })
        }
        "reframe" => pair(&step, strength, &(1..=64), "1x1 to 64x64")
            .map(|(width, height)| Crop::Reframe(width, height)),
        "shift" => whole(&step, strength, &(1..=1024), "1 to 1024 pixels").map(Crop::Shift),
        _ => return None,
    };
    Some(crop.map(|crop| Box::new(crop) as Box<dyn PictureAttack>))
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let back = |back: bool| if back { "-back" } else { "" };
        match *self {
            Self::Edges(share, resized) => write!(f, "crop-{share}{}", back(resized)),
            Self::Centre(share, resized) => write!(f, "centre-{share}{}", back(resized)),
            Self::Side(side, percent) => write!(f, "side-{}-{percent}", side.name()),
            Self::Reframe(width, height) => write!(f, "reframe-{width}x{height}"),
            Self::Shift(pixels) => write!(f, "shift-{pixels}"),
        }
    }
}

impl PictureAttack for Crop {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let place = anywhere(random);
        match *self {
            Self::Edges(share, back) => Box::new(Each(Part {
                place,
                back,
                kept: move |(width, height)| {
                    (even(width as f64 * share), even(height as f64 * share))
                },
            })),
            Self::Centre(area, back) => Box::new(Each(Part {
                place: (0.5, 0.5),
                back,
                kept: move |(width, height)| {
                    let share = area.sqrt();
                    (even(width as f64 * share), even(height as f64 * share))
                },
            })),
            Self::Side(side, percent) => {
                let share = 1.0 - percent / 100.0;
                let (columns, rows, place) = match side {
                    Side::Left => (share, 1.0, (1.0, 0.0)),
                    Side::Right => (share, 1.0, (0.0, 0.0)),
                    Side::Top => (1.0, share, (0.0, 1.0)),
                    Side::Bottom => (1.0, share, (0.0, 0.0)),
                };
                Box::new(Each(Part {
                    place,
                    back: false,
                    kept: move |(width, height)| {
                        (even(width as f64 * columns), even(height as f64 * rows))
                    },
                }))
            }
            Self::Reframe(width, height) => {
                let aspect = f64::from(width) / f64::from(height);
                Box::new(Each(Part {
                    place,
                    back: false,
                    kept: move |size| fitted(size, aspect),
                }))
            }
            Self::Shift(pixels) => {
                let (columns, rows) = DIRECTIONS[random.below(DIRECTIONS.len())];
                let pixels = f64::from(pixels);
                Box::new(Each(Shift {
                    columns: columns * pixels,
                    rows: rows * pixels,
                }))
            }
        }
    }
}

const DIRECTIONS: [(f64, f64); 8] = [
    (1.0, 0.0),
    (1.0, 1.0),
    (0.0, 1.0),
    (-1.0, 1.0),
    (-1.0, 0.0),
    (-1.0, -1.0),
    (0.0, -1.0),
    (1.0, -1.0),
];

/// A part of a size that follows from the frame's.
struct Part<K> {
    place: (f64, f64),
    back: bool,
    kept: K,
}

impl<K: Fn((usize, usize)) -> (usize, usize)> Effect for Part<K> {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let frame = size_of(&picture);
        let part = Rectangle::placed(frame, (self.kept)(frame), self.place).cut_from(&picture);
        if self.back {
            resampled(&part, frame, Window::whole(&part))
        } else {
            part
        }
    }
}

struct Shift {
    columns: f64,
    rows: f64,
}

impl Effect for Shift {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let window = Window::whole(&picture).moved(-self.columns, -self.rows);
        resampled(&picture, size_of(&picture), window)
    }
}

#[cfg(test)]
mod tests;
