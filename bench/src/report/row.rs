//! One row of the table of attacks: what came of one attack on all clips.
//!
//! ```text
//! seconds a minute = median over trials of 60 detector / max(clip, 1)
//! shortest clip    = median over clips of min { clip seconds : answer exact },  over rows equal but for their cuts
//! ```
//!
//! A clip that no length sufficed for counts as longer than all of them.
//!
//! # Shapes and units
//! Rates from 0 to 1, seconds of media time, `log10 p` as proved; the share of wrong coded bits is the mean over the
//! trials in which it was measured.

use std::collections::BTreeMap;

use crate::statistics::{Share, mean, median};
use crate::suite::{DetectorPath, Suite};
use crate::trial::{Answer, Trial};
use countermark_attack::{Attack, Step};

/// The shortest clip that sufficed for an exact answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shortest {
    /// Only one length was tried.
    OneLength,
    /// Seconds that sufficed for half of the clips.
    Seconds(f64),
    /// No length that was tried sufficed for half of the clips.
    TooShort,
}

impl Shortest {
    /// The length, where there is one.
    #[must_use]
    pub fn seconds(self) -> Option<f64> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::OneLength | Self::TooShort => None,
        }
    }
}

/// One row of the table of attacks.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackRow {
    /// Heading that it stands under; may be empty.
    pub group: String,
    /// What people call it.
    pub name: Option<String>,
    /// The chain.
    pub attack: String,
    /// Who answered.
    pub path: DetectorPath,
    /// Exact answers, over clips whose title the register has.
    pub exact: Share,
    /// Answers that named some of the copies and nobody else.
    pub part: u64,
    /// Wrong accusations, or other titles named.
    pub wrong: u64,
    /// Clips that the register lacks and in which rightly nothing was found.
    pub unknown: Share,
    /// Fragments placed rightly; none of `read`.
    pub fragments: Share,
    /// Mean share of coded bits with the wrong sign.
    pub coded_bit_errors: Option<f64>,
    /// Median of the trials' `log10 p`, those without a score as 0.
    pub median_log10_p: Option<f64>,
    /// The shortest clip that sufficed.
    pub shortest: Shortest,
    /// Median detector seconds a minute of clip; a second is the shortest clip counted.
    pub seconds_per_minute: Option<f64>,
    /// Detector seconds of all trials.
    pub detector_seconds: f64,
    /// Clips with a wrong accusation or another title, or something found in one that the register lacks.
    pub wrong_clips: Vec<String>,
    /// Clips with neither that nor an exact answer.
    pub lost_clips: Vec<String>,
    /// Clips on which the system under test failed, each with what it was.
    pub failed_clips: Vec<(String, String)>,
    /// Floor of exact answers; none if measured only.
    pub min_rate: Option<f64>,
    /// Floor of answers that named at least one copy and nobody else.
    pub min_any_rate: Option<f64>,
    /// Floor of fragments placed rightly.
    pub min_fragment_rate: Option<f64>,
}

impl AttackRow {
    /// Answers that named at least one of the copies and nobody else.
    #[must_use]
    pub fn any(&self) -> Share {
        Share {
            hits: self.exact.hits + self.part,
            ..self.exact
        }
    }

    /// Unknown clips in which something was found.
    #[must_use]
    pub fn false_matches(&self) -> u64 {
        self.unknown.trials - self.unknown.hits
    }

    /// Fragments where clips were cut together; none where every clip is one.
    #[must_use]
    pub fn recap(&self) -> Option<Share> {
        (self.fragments.trials > self.exact.trials).then_some(self.fragments)
    }

    /// Whether anything was measured, nobody was accused wrongly, and the floors hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        let reaches = |share: Share, floor: Option<f64>| {
            share
                .rate()
                .is_some_and(|rate| rate >= floor.unwrap_or(0.0))
        };
        let unasked = self.min_fragment_rate.is_none();
        self.wrong == 0
            && self.false_matches() == 0
            && reaches(self.exact, self.min_rate)
            && reaches(self.any(), self.min_any_rate)
            && (unasked || reaches(self.fragments, self.min_fragment_rate))
    }

    /// Whether more is asked than that nobody is accused wrongly.
    #[must_use]
    pub fn has_floor(&self) -> bool {
        self.min_rate.is_some() || self.min_any_rate.is_some() || self.min_fragment_rate.is_some()
    }
}

/// Detector seconds a minute of clip.
pub(super) fn seconds_per_minute(trial: &Trial) -> f64 {
    trial.detector_seconds * 60.0 / trial.clip_seconds.max(1.0)
}

/// The rows of `suite` from its `trials`.
pub(super) fn rows(suite: &Suite, trials: &[Trial]) -> Vec<AttackRow> {
    let mut cuts: BTreeMap<(DetectorPath, String), Vec<String>> = BTreeMap::new();
    for row in &suite.rows {
        let family = cuts.entry((row.path, uncut(&row.attack))).or_default();
        let attack = row.attack.to_string();
        if !family.contains(&attack) {
            family.push(attack);
        }
    }
    let rows = suite.rows.iter().map(|row| {
        let attack = row.attack.to_string();
        let (unknown, own): (Vec<&Trial>, Vec<&Trial>) = trials
            .iter()
            .filter(|t| t.attack == attack && t.path == row.path)
            .partition(|t| t.unknown);
        let count = |answer| own.iter().filter(|t| t.answer == answer).count() as u64;
        let accuses = row.path != DetectorPath::Identify;
        let scored = own.iter().filter(|_| accuses);
        let scores: Vec<f64> = scored.map(|t| t.log10_p.unwrap_or(0.0)).collect();
        let placings = || own.iter().filter_map(|t| Some(t.placing?.fragments));
        let errors: Vec<f64> = own.iter().filter_map(|t| t.coded_bit_errors).collect();
        let speeds: Vec<f64> = own.iter().map(|t| seconds_per_minute(t)).collect();
        let lengths = cuts.get(&(row.path, uncut(&row.attack)));
        AttackRow {
            group: row.group.clone(),
            name: row.name.clone(),
            path: row.path,
            exact: Share {
                hits: count(Answer::Exact),
                trials: own.len() as u64,
            },
            part: count(Answer::Part),
            wrong: count(Answer::Wrong),
            unknown: Share {
                hits: unknown.iter().filter(|t| t.answer == Answer::Exact).count() as u64,
                trials: unknown.len() as u64,
            },
            fragments: Share {
                hits: placings().map(|of| of.fragments_right).sum(),
                trials: placings().map(|of| of.fragments).sum(),
            },
            coded_bit_errors: mean(&errors),
            median_log10_p: median(&scores),
            shortest: shortest(row.path, lengths.map_or(&[], Vec::as_slice), trials),
            seconds_per_minute: median(&speeds),
            detector_seconds: own.iter().map(|t| t.detector_seconds).sum(),
            wrong_clips: names(
                &mut unknown
                    .iter()
                    .chain(&own)
                    .filter(|t| t.answer == Answer::Wrong),
            ),
            lost_clips: names(
                &mut own
                    .iter()
                    .filter(|t| matches!(t.answer, Answer::Part | Answer::None)),
            ),
            failed_clips: (unknown.iter().chain(&own))
                .filter_map(|t| Some((t.clip.clone(), t.measures.failure.clone()?)))
                .collect(),
            min_rate: row.min_rate,
            min_any_rate: row.min_any_rate,
            min_fragment_rate: row.min_fragment_rate,
            attack,
        }
    });
    rows.collect()
}

fn names<'a>(trials: &mut dyn Iterator<Item = &'a &'a Trial>) -> Vec<String> {
    trials.map(|trial| trial.clip.clone()).collect()
}

/// The chain without its cuts.
fn uncut(attack: &Attack) -> String {
    let steps = attack.steps().iter();
    let rest: Vec<String> = steps
        .filter(|step| !matches!(step, Step::Cut { .. }))
        .map(Step::to_string)
        .collect();
    rest.join("+")
}

fn shortest(path: DetectorPath, attacks: &[String], trials: &[Trial]) -> Shortest {
    if attacks.len() < 2 {
        return Shortest::OneLength;
    }
    let mut least: BTreeMap<&str, f64> = BTreeMap::new();
    for trial in trials
        .iter()
        .filter(|t| t.path == path && !t.unknown && attacks.contains(&t.attack))
    {
        let seconds = least.entry(&trial.clip).or_insert(f64::INFINITY);
        if trial.answer == Answer::Exact {
            *seconds = seconds.min(trial.clip_seconds);
        }
    }
    let mut sorted: Vec<f64> = least.into_values().collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return Shortest::OneLength;
    };
    // Not `median`: between a length and infinity it would answer not-a-number.
    let (low, high) = (sorted[last / 2], sorted[last.div_ceil(2)]);
    if high.is_finite() {
        Shortest::Seconds(f64::midpoint(low, high))
    } else {
        Shortest::TooShort
    }
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{suite, trial};
    use super::*;
    use crate::placing::{Fragments, Placing};

    #[test]
    fn a_row_holds_only_with_trials_both_floors_and_nobody_accused_wrongly() {
        let suite = suite(
            "[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 0.5\nmin_any_rate = 1.0\n",
        );
        let answers = |answers: &[Answer]| {
            let trials: Vec<Trial> = answers
                .iter()
                .map(|answer| trial("a", "h264-crf28", *answer))
                .collect();
            rows(&suite, &trials)[0].holds()
        };
        assert!(answers(&[Answer::Exact, Answer::Part]));
        assert!(!answers(&[Answer::Part, Answer::Part]), "exact floor");
        assert!(!answers(&[Answer::Exact, Answer::None]), "floor of any");
        assert!(!answers(&[Answer::Exact, Answer::Exact, Answer::Wrong]));
        assert!(!answers(&[]), "nothing was measured");
    }

    #[test]
    fn a_match_in_an_unknown_clip_fails_a_row_and_is_no_trial_of_it() {
        let suite =
            suite("[[row]]\nattack = \"h264-crf28\"\npath = \"identify\"\nmin_rate = 1.0\n");
        let told = |clip: &str, unknown, answer| Trial {
            path: DetectorPath::Identify,
            unknown,
            ..trial(clip, "h264-crf28", answer)
        };
        let mut trials = [
            told("a", false, Answer::Exact),
            told("b", true, Answer::Exact),
            told("c", true, Answer::Exact),
        ];
        let row = rows(&suite, &trials).remove(0);
        assert!(row.holds() && row.exact.trials == 1 && row.unknown.hits == 2);
        assert_eq!(row.median_log10_p, None);
        trials[2].answer = Answer::Wrong;
        let row = rows(&suite, &trials).remove(0);
        assert!(!row.holds() && row.wrong == 0 && row.false_matches() == 1);
    }

    #[test]
    fn fragments_are_counted_over_all_clips() {
        let suite = suite(
            "[[row]]\nattack = \"shuffle-4x1s\"\npath = \"identify\"\nmin_fragment_rate = 0.75\n",
        );
        let told = |fragments_right| Trial {
            path: DetectorPath::Identify,
            placing: Some(Placing {
                time_error: None,
                covered: 0.5,
                fragments: Fragments {
                    fragments: 4,
                    fragments_right,
                },
            }),
            ..trial("a", "shuffle-4x1s", Answer::Part)
        };
        let row = rows(&suite, &[told(4), told(2)]).remove(0);
        assert!(row.holds() && row.has_floor());
        assert_eq!(row.recap(), Some(Share { hits: 6, trials: 8 }));
        assert!(!rows(&suite, &[told(4), told(1)])[0].holds());
    }

    #[test]
    fn shortest_clip_is_the_median_over_clips_of_the_least_exact_length() {
        let suite = suite(
            "[[row]]\nattack = \"cut-1s+h264-crf28\"\npath = \"read\"\n\
             [[row]]\nattack = \"cut-3s+h264-crf28\"\npath = \"read\"\n\
             [[row]]\nattack = \"cut-9s+h264-crf28\"\npath = \"read\"\n\
             [[row]]\nattack = \"cut-9s+h264-crf28\"\npath = \"trace\"\n",
        );
        let mut trials = Vec::new();
        for (clip, enough) in [("a", 1.0), ("b", 3.0), ("c", 9.0), ("d", 99.0)] {
            for seconds in [1.0, 3.0, 9.0] {
                trials.push(Trial {
                    clip_seconds: seconds,
                    ..trial(
                        clip,
                        &format!("cut-{seconds}s+h264-crf28"),
                        if seconds >= enough {
                            Answer::Exact
                        } else {
                            Answer::None
                        },
                    )
                });
            }
        }
        let of = |trials: &[Trial]| rows(&suite, trials).iter().map(|r| r.shortest).collect();
        let all: Vec<Shortest> = of(&trials);
        let six = Shortest::Seconds(6.0);
        assert_eq!(all, [six, six, six, Shortest::OneLength]);
        // Without the two easy clips one of two needs more than was tried.
        trials.retain(|t| t.clip == "c" || t.clip == "d");
        let hard: Vec<Shortest> = of(&trials);
        assert_eq!(hard[..3], [Shortest::TooShort; 3]);
    }

    #[test]
    fn wrong_bits_are_averaged_over_the_trials_that_measured_them() {
        let suite = suite("[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\n");
        let with = |errors| Trial {
            coded_bit_errors: errors,
            ..trial("a", "h264-crf28", Answer::Exact)
        };
        let of = |trials: &[Trial]| rows(&suite, trials)[0].coded_bit_errors;
        assert_eq!(
            of(&[with(Some(0.5)), with(None), with(Some(0.25))]),
            Some(0.375)
        );
        assert_eq!(of(&[with(None)]), None);
    }
}
