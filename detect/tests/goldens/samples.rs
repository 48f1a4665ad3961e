//! Answers about the four samples: every command, and the ways of the detector that four seconds can show.

use std::path::Path;

use super::kept::{Answers, hold, hold_some};
use super::workshop::{Case, Title, Workshop, made_with};

const TITLES: [(&str, &str, usize); 4] = [
    ("landscape", "landscape.mp4", 2),
    ("street", "street.mp4", 1),
    ("drama", "drama-portrait.mp4", 1),
    ("evening", "evening-10bit.mp4", 1),
];

const CASES: [Case; 10] = [
    Case {
        title: "landscape",
        attack: "cut-2s+h264-crf23",
        asked: &["trace", "identify"],
    },
    Case {
        title: "landscape",
        attack: "average-of-2+cut-2s+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "landscape",
        attack: "h264-crf18+jpeg-q90",
        asked: &["trace"],
    },
    Case {
        title: "landscape",
        attack: "unmarked+cut-2s+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "street",
        attack: "cut-2s+crop-0.8+mirror+h264-crf26",
        asked: &["trace", "identify"],
    },
    Case {
        title: "street",
        attack: "cut-2s+pip-0.5+h264-crf23",
        asked: &["trace"],
    },
    Case {
        title: "street",
        attack: "cut-2s+content-noise+h264-crf26",
        asked: &["identify"],
    },
    Case {
        title: "drama",
        attack: "cut-2s+bars-16x9+speed-1.1+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "evening",
        attack: "cut-2s+hevc-crf28",
        asked: &["trace"],
    },
    Case {
        title: "evening",
        attack: "h264-crf20",
        asked: &["read --title evening"],
    },
];

/// How many of the cases, from the first, every change is held against.
const QUICK: usize = 1;

fn answers(cases: &[Case]) -> Answers {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let titles = TITLES.map(|(name, file, copies)| Title {
        name,
        master: samples.join(file),
        copies,
        made: cases.iter().any(|case| case.title == name),
    });
    let workshop = Workshop::new(&titles);
    cases
        .iter()
        .flat_map(|case| workshop.answers(case))
        .collect()
}

#[test]
fn the_first_answers_about_the_samples_are_the_recorded_ones() {
    hold_some("samples", &made_with(), || answers(&CASES[..QUICK]));
}

#[test]
#[ignore = "slow: every way of the detector that the samples can show"]
fn answers_about_the_samples_are_the_recorded_ones() {
    hold("samples", &made_with(), || answers(&CASES));
}
