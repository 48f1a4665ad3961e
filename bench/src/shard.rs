//! A part of a run: so that several machines share one suite.
//!
//! ```text
//! shard of a trial = floor(n c / C),    c = costs of all before it, in the order of clips and rows; C = all costs
//! ```
//!
//! Neighbours stay together, so that few clips are marked twice. Which trials a shard has changes no result: each is drawn
//! from the seed, its clip and its row alone.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Which part of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

/// The text names no shard.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a shard is I/N, such as 2/4, with I from 1 to N and N at most 10000: {0}")]
pub struct ShardError(String);

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parsed {
            Some((index, count)) if (1..=count).contains(&index) && count <= 10_000 => {
                Ok(Self { index, count })
            }
            _ => Err(ShardError(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// For each of these costs, in order, whether it is in this shard.
    #[must_use]
    pub fn takes(self, costs: &[f64]) -> Vec<bool> {
        let all: f64 = costs.iter().sum();
        let mut before = 0.0;
        let of = |before: f64| {
            let share = if all > 0.0 { before / all } else { 0.0 };
            ((share * f64::from(self.count)) as u32).min(self.count - 1)
        };
        let mut taken = Vec::with_capacity(costs.len());
        for cost in costs {
            taken.push(of(before) + 1 == self.index);
            before += cost;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_is_in_just_one_shard() {
        let costs: Vec<f64> = (0..97).map(|i| 0.1 + f64::from(i % 7)).collect();
        for count in [1, 2, 3, 4, 50, 200] {
            let mut times = vec![0; costs.len()];
            for index in 1..=count {
                let shard: Shard = format!("{index}/{count}").parse().expect("a shard");
                for (time, taken) in times.iter_mut().zip(shard.takes(&costs)) {
                    *time += i32::from(taken);
                }
            }
            assert!(times.iter().all(|&n| n == 1), "{count}: {times:?}");
        }
        let first: Shard = "1/4".parse().expect("a shard");
        let own: f64 = first
            .takes(&costs)
            .iter()
            .zip(&costs)
            .filter(|(taken, _)| **taken)
            .map(|(_, cost)| cost)
            .sum();
        let all: f64 = costs.iter().sum();
        assert!((own / all - 0.25).abs() < 0.05, "{own} of {all}");
    }

    #[test]
    fn what_is_no_shard_is_said() {
        for text in ["0/4", "5/4", "1/0", "1", "a/b", "1/20000", "-1/2"] {
            let error = text.parse::<Shard>().expect_err(text);
            assert!(error.to_string().ends_with(text), "{error}");
        }
    }
}
