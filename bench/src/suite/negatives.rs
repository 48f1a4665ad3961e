//! Rows in which nobody may be named, which every suite has unless it leaves them out and says so.
//!
//! ```toml
//! [negatives]
//! unmarked = "one"      # the unmarked clip by each path; "each": after every attack, as false alarms are counted; "none"
//! stranger = true       # a film that no register holds
//! wrong_keys = true     # a marked copy, asked about with the keys and the register of another studio
//! ```
//!
//! A detector that always names the same delivery, or everybody on record, fails any of them. They stand behind the suite's own
//! rows, so that a suite's seed draws the same copies as without them. What is left out is told as not checked.
//!
//! # Shapes and units
//! Two seconds of each clip, enough for a detector that accuses too easily.

use countermark_attack::{Attack, Source};
use serde::Deserialize;

use super::{DetectorPath, Row, Suite};

/// Heading of these rows.
const GROUP: &str = "M. negatives";

/// What becomes of the clips: cheap, and what everybody does to a film.
const AFTER: &str = "cut-2s+h264-crf26";

/// How many unmarked clips are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmarked {
    /// One row by each path.
    #[default]
    One,
    /// One for each row.
    Each,
    /// None.
    None,
}

/// Which rows of that kind a suite has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negatives {
    /// The clip itself, unmarked.
    #[serde(default)]
    pub unmarked: Unmarked,
    /// Another film.
    #[serde(default = "yes")]
    pub stranger: bool,
    /// A marked copy and somebody else's keys.
    #[serde(default = "yes")]
    pub wrong_keys: bool,
}

fn yes() -> bool {
    true
}

impl Default for Negatives {
    fn default() -> Self {
        Self {
            unmarked: Unmarked::One,
            stranger: true,
            wrong_keys: true,
        }
    }
}

impl Negatives {
    /// What the suite leaves out, in words.
    #[must_use]
    pub fn left_out(&self) -> Vec<&'static str> {
        let all = [
            (self.unmarked == Unmarked::None, "unmarked clips"),
            (!self.stranger, "a stranger's clip"),
            (!self.wrong_keys, "wrong keys"),
        ];
        let out = all.into_iter().filter(|(left_out, _)| *left_out);
        out.map(|(_, what)| what).collect()
    }
}

impl Suite {
    /// Adds the rows in which nobody may be named, where the suite has none of that kind and path itself.
    pub fn complete(&mut self) {
        let asked: Vec<DetectorPath> = DetectorPath::ALL
            .into_iter()
            .filter(|path| self.rows.iter().any(|row| row.path == *path))
            .collect();
        if self.negatives.unmarked == Unmarked::Each {
            let twins: Vec<Row> = self.rows.iter().filter_map(twin).collect();
            for row in twins {
                self.add(row);
            }
        }
        for path in asked {
            let accuses = path != DetectorPath::Identify;
            let wanted = [
                (
                    Source::Unmarked,
                    self.negatives.unmarked == Unmarked::One && accuses,
                ),
                (Source::Stranger, self.negatives.stranger),
                (Source::WrongKeys, self.negatives.wrong_keys && accuses),
            ];
            for (source, wanted) in wanted {
                let is_there = self
                    .rows
                    .iter()
                    .any(|row| row.path == path && row.attack.source() == Some(source));
                if let (true, Ok(attack)) =
                    (wanted && !is_there, format!("{source}+{AFTER}").parse())
                {
                    self.add(negative(attack, path));
                }
            }
        }
    }

    fn add(&mut self, row: Row) {
        let same = |other: &Row| other.attack == row.attack && other.path == row.path;
        if !self.rows.iter().any(same) {
            self.rows.push(row);
        }
    }
}

/// The same attack on the unmarked clip, of rows that begin with a marked copy.
fn twin(row: &Row) -> Option<Row> {
    let accuses = row.path != DetectorPath::Identify;
    let attack = format!("unmarked+{}", row.attack).parse().ok()?;
    (accuses && row.attack.source().is_none()).then(|| Row {
        only: row.only.clone(),
        ..negative(attack, row.path)
    })
}

fn negative(attack: Attack, path: DetectorPath) -> Row {
    Row {
        attack,
        path,
        min_rate: Some(1.0),
        min_any_rate: None,
        min_fragment_rate: None,
        only: Vec::new(),
        group: GROUP.to_owned(),
        name: None,
    }
}
