//! What came of all excerpts under one attack.

use std::fmt;

use crate::{Answer, Title};

/// A line as sure as this is told.
const THRESHOLD: f64 = -6.0;

pub(crate) const HEADING: &str = "attack              s  found      log10_p   time error s    speed   other  strangers  surest   hits     ms  missed\n                                     median    median     max    max %  titles  found      stranger";

#[derive(Default)]
pub(crate) struct Tally {
    tried: usize,
    scores: Vec<f64>,
    time_errors: Vec<f64>,
    speed_errors: Vec<f64>,
    other_titles: usize,
    strangers: usize,
    strangers_found: usize,
    surest_stranger: f64,
    most_hits: usize,
    seconds: f64,
    missed: Vec<String>,
}

impl Tally {
    /// An excerpt that begins at `start` seconds.
    pub(crate) fn add(
        &mut self,
        (number, title): (usize, &Title),
        start: f64,
        speed: f64,
        answer: Answer,
    ) {
        self.most_hits = self.most_hits.max(answer.most_hits);
        self.seconds = self.seconds.max(answer.seconds);
        let (own, others): (Vec<_>, Vec<_>) = answer
            .found
            .into_iter()
            .partition(|(other, _)| *other == number);
        let surest_other = others.first().map_or(0.0, |(_, lines)| lines[0].log10_p);
        if title.is_stranger() {
            self.strangers += 1;
            self.surest_stranger = self.surest_stranger.min(surest_other);
            self.strangers_found += usize::from(surest_other < THRESHOLD);
            return;
        }
        self.tried += 1;
        self.other_titles += usize::from(surest_other < THRESHOLD);
        match own.first().map(|(_, lines)| &lines[0]) {
            Some(line) if line.log10_p < THRESHOLD => {
                let middle = f64::midpoint(line.query.0, line.query.1);
                let error = line.reference_at(middle) - start - speed * middle;
                self.scores.push(line.log10_p);
                self.time_errors.push(error.abs());
                self.speed_errors
                    .push(100.0 * (line.speed / speed - 1.0).abs());
            }
            line => {
                let score = line.map_or(0.0, |line| line.log10_p);
                let name = &title.name()[..8];
                self.missed.push(format!("{name}@{start:.0}({score:.1})"));
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        write!(
            formatter,
            "{:3}/{:<3} {:9.1} {:9.3} {:7.3} {:8.2} {:7} {:5}/{:<3} {:9.1} {:6} {:6.1}  {}",
            self.scores.len(),
            self.tried,
            median(&self.scores),
            median(&self.time_errors),
            most(&self.time_errors),
            most(&self.speed_errors),
            self.other_titles,
            self.strangers_found,
            self.strangers,
            self.surest_stranger,
            self.most_hits,
            1e3 * self.seconds,
            self.missed.join(" "),
        )
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
