//! Families of attacks: rows that differ in one strength, to be drawn as one curve.
//!
//! ```text
//! cut-1s+h264-crf28, cut-3s+h264-crf28, cut-10s+h264-crf28   ->   cut-Ns+h264-crf28 at N = 1, 3, 10
//! h264-240p-180k, h264-360p-450k, h264-540p-900k             ->   h264-*p-Nk at N = 180, 450, 900
//! ```
//!
//! A strength is any number after the first dash of a step. Pictures of several sizes make one curve over the bitrate,
//! since that is how they are delivered.
//!
//! # Shapes and units
//! Strengths in the unit of their step; a family has three of them or more.

use std::collections::HashMap;

use super::row::AttackRow;

/// Fewer make no curve.
const MIN_POINTS: usize = 3;

/// Rows that differ in one strength.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family<'a> {
    /// The name with `N` for the strength.
    pub(super) template: String,
    /// What the strength is.
    pub(super) axis: String,
    /// Strengths and rows, by strength.
    pub(super) points: Vec<(f64, &'a AttackRow)>,
}

impl Family<'_> {
    /// The strengths, each once.
    pub(super) fn strengths(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.points.iter().map(|(strength, _)| *strength).collect();
        all.dedup_by(|a, b| a.total_cmp(b).is_eq());
        all
    }
}

/// The families among `rows`, in the order of their first rows.
pub(super) fn families(rows: &[AttackRow]) -> Vec<Family<'_>> {
    let mut found: Vec<Family<'_>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in rows {
        for strength in strengths(&row.attack) {
            let place = *places.entry(strength.template.clone()).or_insert_with(|| {
                found.push(Family {
                    template: strength.template.clone(),
                    axis: strength.axis.clone(),
                    points: Vec::new(),
                });
                found.len() - 1
            });
            let points = &mut found[place].points;
            let twice = points
                .iter()
                .any(|(_, other)| other.attack == row.attack && other.path == row.path);
            if !twice {
                points.push((strength.value, row));
            }
        }
    }
    for family in &mut found {
        family.points.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    }
    found.retain(|family| {
        family.strengths().len() >= MIN_POINTS
            && (!family.template.contains('*') || is_ladder(family))
    });
    found
}

/// Whether sizes differ, and no bitrate has two of them.
fn is_ladder(family: &Family<'_>) -> bool {
    let sizes = |row: &AttackRow| {
        let parts = row.attack.split(['-', '+']);
        let lines = parts.filter(|part| part.ends_with('p') && part.len() > 1);
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let first = family.points.first().map(|(_, row)| sizes(row));
    let clash = family.points.iter().enumerate().any(|(i, (value, row))| {
        family.points[..i]
            .iter()
            .any(|(other, before)| other.total_cmp(value).is_eq() && before.attack != row.attack)
    });
    !clash
        && family
            .points
            .iter()
            .any(|(_, row)| Some(sizes(row)) != first)
}

/// A number in the name of an attack.
#[derive(Debug, Clone, PartialEq)]
pub struct Strength {
    /// The name with `N` for the number.
    pub template: String,
    /// What it is.
    pub axis: String,
    /// The number.
    pub value: f64,
}

/// Every number of `attack` that may grow.
#[must_use]
pub fn strengths(attack: &str) -> Vec<Strength> {
    let mut all = Vec::new();
    let mut begin = 0;
    for step in attack.split('+') {
        let (before, after) = (&attack[..begin], &attack[begin + step.len()..]);
        begin += step.len() + 1;
        let Some((head, tail)) = step.split_once('-') else {
            continue;
        };
        for (start, end) in numbers(tail) {
            let Ok(value) = tail[start..end].parse::<f64>() else {
                continue;
            };
            let (left, right) = (&tail[..start], &tail[end..]);
            let axis = axis(head, left, right);
            let mut strength = |left: &str| {
                all.push(Strength {
                    template: format!("{before}{head}-{left}N{right}{after}"),
                    axis: axis.clone(),
                    value,
                });
            };
            strength(left);
            if right == "k" && left.ends_with("p-") {
                strength("*p-");
            }
        }
    }
    all
}

/// Where numbers stand; a minus belongs to one at the start, or after another dash.
fn numbers(tail: &str) -> Vec<(usize, usize)> {
    let bytes = tail.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut found = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let signed = bytes[i] == b'-' && (i == 0 || bytes[i - 1] == b'-') && digit(i + 1);
        if digit(i) || signed {
            let start = i;
            i += 1;
            while digit(i) || (bytes.get(i) == Some(&b'.') && digit(i + 1)) {
                i += 1;
            }
            found.push((start, i));
        } else {
            i += 1;
        }
    }
    found
}

/// What a number is, from the word of its step and the letters around it.
fn axis(head: &str, left: &str, right: &str) -> String {
    let letters = |c: char| c.is_ascii_alphabetic();
    let word = left.rsplit(|c| !letters(c)).next().unwrap_or_default();
    let unit = right.split(|c| !letters(c)).next().unwrap_or_default();
    match (head, word, unit) {
        ("cut", _, _) => "clip length, s".to_owned(),
        ("fps" | "blend", _, _) => format!("{head}, frames a second"),
        ("drop", _, _) => "drop, %".to_owned(),
        ("average" | "head", "", "") => format!("{head}, frames"),
        ("jpeg", _, _) => "JPEG quality".to_owned(),
        (codec, "crf", _) => format!("CRF of {codec}"),
        (_, _, "k") => "bitrate, kb/s".to_owned(),
        (_, _, "p") => "short side, lines".to_owned(),
        (head, "", "") => head.to_owned(),
        (head, word, "") => format!("{head}, {word}"),
        (head, "", unit) => format!("{head}, {unit}"),
        (head, word, unit) => format!("{head}, {word}, {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::specimen::row;
    use super::*;
    use crate::suite::DetectorPath::{Read, Trace};

    fn described(names: &[&str]) -> Vec<String> {
        let rows: Vec<AttackRow> = names.iter().map(|name| row(name, Read)).collect();
        let families = families(&rows);
        families
            .iter()
            .map(|family| {
                format!(
                    "{} | {} | {:?}",
                    family.template,
                    family.axis,
                    family.strengths()
                )
            })
            .collect()
    }

    #[test]
    fn rows_that_differ_in_one_strength_are_a_family() {
        assert_eq!(
            described(&[
                "h264-crf40",
                "h264-crf28",
                "hevc-crf28",
                "h264-crf34",
                "rotate-1",
                "rotate--2.5",
                "rotate-5",
                "crop-5x10",
                "crop-5x20",
                "crop-5x40"
            ]),
            [
                "h264-crfN | CRF of h264 | [28.0, 34.0, 40.0]",
                "rotate-N | rotate | [-2.5, 1.0, 5.0]",
                "crop-5xN | crop, x | [10.0, 20.0, 40.0]"
            ]
        );
    }

    #[test]
    fn lengths_and_strengths_of_a_grid_are_families_of_their_own() {
        let mut names = Vec::new();
        for seconds in [1, 3, 10] {
            for crf in [28, 34, 40] {
                names.push(format!("cut-{seconds}s+h264-crf{crf}"));
            }
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let families = described(&names);
        assert_eq!(families.len(), 6);
        assert!(
            families.contains(&"cut-Ns+h264-crf34 | clip length, s | [1.0, 3.0, 10.0]".to_owned())
        );
        assert!(
            families.contains(&"cut-3s+h264-crfN | CRF of h264 | [28.0, 34.0, 40.0]".to_owned())
        );
    }

    #[test]
    fn two_points_and_the_names_of_codecs_are_no_curve() {
        assert!(described(&["h264-crf28", "h264-crf34", "mpeg2-900k", "mpeg4-900k"]).is_empty());
    }

    #[test]
    fn a_ladder_of_sizes_is_one_curve_over_its_bitrate() {
        assert_eq!(
            described(&["h264-240p-180k", "h264-360p-450k", "h264-540p-900k"]),
            ["h264-*p-Nk | bitrate, kb/s | [180.0, 450.0, 900.0]"]
        );
        // One size only: the plain family tells it all.
        assert_eq!(
            described(&["h264-360p-180k", "h264-360p-450k", "h264-360p-900k"]),
            ["h264-360p-Nk | bitrate, kb/s | [180.0, 450.0, 900.0]"]
        );
    }

    #[test]
    fn both_paths_share_a_family() {
        let rows: Vec<AttackRow> = [10, 20, 30]
            .into_iter()
            .flat_map(|n| [Read, Trace].map(|path| row(&format!("noise-{n}"), path)))
            .collect();
        let families = families(&rows);
        assert_eq!((families.len(), families[0].points.len()), (1, 6));
    }
}
