//! How hard an attack may be until half of the clips are lost: one number for each family of attacks.
//!
//! ```text
//! rate(h) = the falling step function nearest to the measured rates, over hardness h = 0, 1, ..    (pool adjacent violators)
//! half    = where the line through its points falls below 1/2;   strength and quality are read off at the same place
//! ```
//!
//! Harder is the direction in which rates fall from the first strength to the last. The interval draws the clips again, 1,000
//! times. A family that never falls below a half is not reached, and one that begins below it is lost from the start: nothing is
//! extrapolated.
//!
//! # Shapes and units
//! Strengths in the unit of their step; quality is the mean luma PSNR that the attack leaves, dB.
//! # References
//! R. E. Barlow, D. J. Bartholomew, J. M. Bremner, H. D. Brunk (1972), Statistical Inference under Order Restrictions.

use std::collections::{BTreeMap, BTreeSet};

use super::measure::DRAWS;
use super::{Board, Contender, Entry};
use crate::report::strengths;
use crate::statistics::{bootstrap, mean};

/// Fewer strengths make no curve.
const MIN_STRENGTHS: usize = 3;

/// Where half of the clips are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Half {
    /// At a strength, within an interval whose ends are open where it was not reached in that many draws.
    At {
        /// The strength.
        strength: f64,
        /// Towards easier strengths.
        easier: Option<f64>,
        /// Towards harder ones.
        harder: Option<f64>,
        /// What the attack leaves there, dB.
        quality_db: Option<f64>,
    },
    /// More than half survive the hardest strength.
    NotReached {
        /// That strength.
        hardest: f64,
    },
    /// Half are lost at the easiest strength.
    FromTheStart {
        /// That strength.
        easiest: f64,
    },
}

/// A family of attacks on one system.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfLost {
    /// The name with `N` for the strength.
    pub template: String,
    /// What the strength is.
    pub axis: String,
    /// Who was asked.
    pub contender: Contender,
    /// Where half of the clips are lost.
    pub half: Half,
}

/// A strength: which clips survived, and the quality that was left.
struct Point {
    strength: f64,
    survived: BTreeMap<String, bool>,
    quality_db: Option<f64>,
}

/// Every family of the board on every contender.
#[must_use]
pub fn halves(board: &Board) -> Vec<HalfLost> {
    let mut templates: Vec<(String, String)> = Vec::new();
    for entry in board.entries.iter().filter(|entry| entry.is_marked()) {
        for strength in strengths(&entry.line.attack) {
            if !strength.template.contains('*')
                && templates
                    .iter()
                    .all(|(known, _)| *known != strength.template)
            {
                templates.push((strength.template, strength.axis));
            }
        }
    }
    let contenders = board.contenders();
    let mut all = Vec::new();
    for (template, axis) in templates {
        for contender in &contenders {
            let points = points(board, contender, &template);
            if points.len() >= MIN_STRENGTHS {
                all.push(HalfLost {
                    template: template.clone(),
                    axis: axis.clone(),
                    contender: contender.clone(),
                    half: half(points),
                });
            }
        }
    }
    all
}

fn points(board: &Board, contender: &Contender, template: &str) -> Vec<Point> {
    let value = |entry: &Entry| {
        let found = strengths(&entry.line.attack)
            .into_iter()
            .find(|s| s.template == template);
        found.map(|strength| strength.value)
    };
    let mut points: Vec<Point> = Vec::new();
    let mut qualities: Vec<Vec<f64>> = Vec::new();
    for entry in board.of(contender).filter(|entry| entry.is_marked()) {
        let Some(strength) = value(entry) else {
            continue;
        };
        let found = points
            .iter()
            .position(|point| point.strength.total_cmp(&strength).is_eq());
        let place = found.unwrap_or_else(|| {
            points.push(Point {
                strength,
                survived: BTreeMap::new(),
                quality_db: None,
            });
            qualities.push(Vec::new());
            points.len() - 1
        });
        points[place]
            .survived
            .insert(entry.line.clip.clone(), entry.is_exact());
        qualities[place].extend(entry.line.attacked_psnr_y_db);
    }
    for (point, qualities) in points.iter_mut().zip(&qualities) {
        point.quality_db = mean(qualities);
    }
    points.sort_by(|a, b| a.strength.total_cmp(&b.strength));
    points
}

fn half(mut points: Vec<Point>) -> Half {
    let clips: BTreeSet<String> = points
        .iter()
        .flat_map(|point| point.survived.keys().cloned())
        .collect();
    let clips: Vec<String> = clips.into_iter().collect();
    let rates = |points: &[Point], places: &[usize]| -> Vec<f64> {
        let rate = |point: &Point| {
            let answers: Vec<f64> = places
                .iter()
                .filter_map(|&place| point.survived.get(&clips[place]))
                .map(|survived| f64::from(u8::from(*survived)))
                .collect();
            mean(&answers).unwrap_or(0.0)
        };
        points.iter().map(rate).collect()
    };
    let every: Vec<usize> = (0..clips.len()).collect();
    let measured = rates(&points, &every);
    if measured.first() < measured.last() {
        points.reverse();
    }
    let last = points.len() - 1;
    let place = crossing(&rates(&points, &every));
    let strength = |place: f64| along(place, last, |index| points[index].strength);
    if place.is_infinite() {
        return if place > 0.0 {
            Half::NotReached {
                hardest: points[last].strength,
            }
        } else {
            Half::FromTheStart {
                easiest: points[0].strength,
            }
        };
    }
    let drawn = bootstrap(clips.len(), DRAWS, |places| {
        crossing(&rates(&points, places))
    });
    let end = |place: Option<f64>| place.filter(|place| place.is_finite()).map(strength);
    let qualities: Option<Vec<f64>> = points.iter().map(|point| point.quality_db).collect();
    Half::At {
        strength: strength(place),
        easier: end(drawn.map(|(low, _)| low)),
        harder: end(drawn.map(|(_, high)| high)),
        quality_db: qualities.map(|qualities| along(place, last, |index| qualities[index])),
    }
}

/// The value at a place between two points.
fn along(place: f64, last: usize, value: impl Fn(usize) -> f64) -> f64 {
    let low = (place.floor() as usize).min(last);
    let high = (low + 1).min(last);
    value(low) + (value(high) - value(low)) * (place - low as f64)
}

/// Where falling rates go below a half; infinite when they never do, minus infinite when they begin below it.
fn crossing(rates: &[f64]) -> f64 {
    let fitted = falling(rates);
    let Some(after) = fitted.iter().position(|rate| *rate < 0.5) else {
        return f64::INFINITY;
    };
    let Some(before) = after.checked_sub(1) else {
        return f64::NEG_INFINITY;
    };
    before as f64 + (fitted[before] - 0.5) / (fitted[before] - fitted[after])
}

/// The falling sequence nearest to `rates` by least squares.
fn falling(rates: &[f64]) -> Vec<f64> {
    // Blocks of a mean and a length: a block that is above the one before it joins it.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for rate in rates {
        let mut block = (*rate, 1);
        while let Some((before, length)) = blocks
            .last()
            .copied()
            .filter(|(before, _)| *before < block.0)
        {
            let sum = before * length as f64 + block.0 * block.1 as f64;
            block = (sum / (length + block.1) as f64, length + block.1);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
        .into_iter()
        .flat_map(|(rate, length)| std::iter::repeat_n(rate, length))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_falling_sequence_pools_what_rises() {
        assert_eq!(falling(&[1.0, 0.5, 0.75, 0.0]), [1.0, 0.625, 0.625, 0.0]);
        assert_eq!(falling(&[0.0, 1.0]), [0.5, 0.5]);
        assert_eq!(falling(&[0.9, 0.6, 0.1]), [0.9, 0.6, 0.1]);
    }

    #[test]
    fn half_is_read_off_between_two_strengths() {
        assert!((crossing(&[1.0, 0.75, 0.25]) - 1.5).abs() < 1e-12);
        assert!((crossing(&[1.0, 0.0]) - 0.5).abs() < 1e-12);
        assert!(crossing(&[1.0, 0.5]).is_infinite() && crossing(&[1.0, 0.5]) > 0.0);
        assert!(crossing(&[0.4, 0.0]) < 0.0);
    }
}
