use super::specimen::{heavy_tail, quality, suite, trial};
use super::*;
use crate::gap::Gap;
use crate::placing::{Fragments, Placing};
use crate::store::{NullTail, Quality};
use crate::suite::{DetectorPath, Suite, SuiteError};
use crate::trial::{Answer, Trial};

/// Every row of the main suite answered exactly on ten clips.
fn good(suite: &Suite) -> Vec<Trial> {
    let mut trials = Vec::new();
    for row in &suite.rows {
        for clip in 0..10 {
            trials.push(Trial {
                path: row.path,
                ..trial(&clip.to_string(), &row.attack.to_string(), Answer::Exact)
            });
        }
    }
    trials
}

fn reported(suite: &Suite, trials: &[Trial], qualities: &[Quality]) -> Report {
    let measured = Measured {
        trials,
        qualities,
        ..Measured::default()
    };
    Report::new("main", suite, measured)
}

#[test]
fn floors_hold_when_everything_is_exact() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let report = reported(&suite, &good(&suite), &[quality("a", Some(97.0))]);
    assert_eq!(report.shortfalls(), Vec::<String>::new());
    let text = report.to_markdown();
    assert!(text.contains("| read | cut-10s+h264-crf33 | 10/10 = 100 % | 72 to 100 % | 90 % | 0 | -20.0 | 12.0 | holds |"), "{text}");
    assert!(
        text.contains("| a | 100 | 47.50 | 45.00 | 97.00 | 96.00 | - | - | - | +1.3 % |"),
        "{text}"
    );
    Ok(())
}

#[test]
fn one_wrong_accusation_fails_a_row_that_is_exact_often_enough() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let mut trials = good(&suite);
    trials[0].answer = Answer::Wrong;
    let report = reported(&suite, &trials, &[quality("a", None)]);
    assert_eq!(
        report.shortfalls(),
        ["read cut-10s+h264-crf33: 9/10 exact, 1 wrong, floor 90 %; wrong on 0"]
    );
    trials[0].answer = Answer::None;
    let report = reported(&suite, &trials, &[quality("a", None)]);
    assert!(report.shortfalls().is_empty());
    Ok(())
}

#[test]
fn nothing_measured_is_not_success() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let report = reported(&suite, &[], &[]);
    assert_eq!(report.shortfalls().len(), suite.rows.len() + 1);
    Ok(())
}

#[test]
fn floors_without_their_measure_and_rows_without_a_floor_are_not_checked() -> Result<(), SuiteError>
{
    let main = Suite::load("main")?;
    let report = reported(&main, &good(&main), &[quality("a", None)]);
    assert_eq!(report.headline().standing(), Standing::Unchecked);
    assert_eq!(
        report.unchecked(),
        [
            "a VMAF mean: VMAF mean was not measured: no FFmpeg with libvmaf was named",
            "a VMAF 1st percentile: VMAF 1st percentile was not measured: no FFmpeg with libvmaf was named"
        ]
    );
    let text = report.to_markdown();
    assert!(
        text.contains("**Floors hold, but 2 not checked: 9 of 11 checks hold.**"),
        "{text}"
    );
    let without = suite("[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\n");
    let report = reported(&without, &[trial("a", "h264-crf28", Answer::None)], &[]);
    assert_eq!(report.headline().standing(), Standing::Unchecked);
    Ok(())
}

#[test]
fn what_is_missing_is_told_and_fails() {
    let mut suite = suite(
        "[quality]\nmin_psnr_y_db = 40.0\n\
         [[row]]\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 0.5\n",
    );
    suite.clips.min_clips = Some(2);
    let trials = [trial("a", "h264-crf28", Answer::Exact)];
    let qualities = [quality("a", None)];
    let report_of = |gaps: &[Gap]| {
        let measured = Measured {
            trials: &trials,
            qualities: &qualities,
            gaps,
            ..Measured::default()
        };
        Report::new("x", &suite, measured)
    };
    let small = Gap::by_rule("small", "its short side of 90 pixels is below 360");
    let report = report_of(&[small]);
    assert_eq!(
        report.shortfalls(),
        [
            "clips: 1 measured, at least 2 are asked for; small is left out: its short side of 90 pixels is below 360"
        ]
    );
    suite.clips.min_clips = None;
    let report_of = |gaps: &[Gap]| {
        let measured = Measured {
            trials: &trials,
            qualities: &qualities,
            gaps,
            ..Measured::default()
        };
        Report::new("x", &suite, measured)
    };
    for (gap, line) in [
        (
            Gap::by_error("b", None, "damaged"),
            "b could not be measured: damaged",
        ),
        (
            Gap::by_error("b", Some("read h264-crf28"), "the disk is full"),
            "read h264-crf28: could not be measured on b (the disk is full)",
        ),
        (
            Gap::by_error("b", Some("quality"), "gone"),
            "quality of b could not be measured: gone",
        ),
    ] {
        let report = report_of(&[gap]);
        assert_eq!(report.headline().standing(), Standing::Broken);
        assert_eq!(report.errors(), [line]);
        assert!(
            report
                .to_markdown()
                .contains(&format!("- not measured: {line}"))
        );
    }
}

#[test]
fn low_quality_is_named() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let mut low = quality("a", Some(94.0));
    low.psnr_y_db = 45.9;
    let report = reported(&suite, &good(&suite), &[low]);
    assert_eq!(
        report.shortfalls(),
        [
            "quality of a: PSNR-Y 45.90, floor 46",
            "quality of a: VMAF mean 94.00, floor 95"
        ]
    );
    Ok(())
}

#[test]
fn a_row_without_floors_fails_on_a_wrong_accusation_and_on_no_trial() {
    let suite = suite(
        "[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\n\
         [[row]]\nattack = \"h264-crf40\"\npath = \"read\"\n\
         [[row]]\nattack = \"h264-crf50\"\npath = \"read\"\n",
    );
    let trials = [
        trial("a", "h264-crf28", Answer::None),
        trial("a", "h264-crf40", Answer::Wrong),
    ];
    assert_eq!(
        reported(&suite, &trials, &[]).shortfalls(),
        [
            "read h264-crf40: 0/1 exact, 1 wrong, no floor; wrong on a",
            "read h264-crf50: was not measured"
        ]
    );
}

#[test]
fn a_floor_of_at_least_one_copy_is_named_with_what_was_reached() {
    let suite = suite(
        "[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 0.2\nmin_any_rate = 0.995\n",
    );
    let answers = [Answer::Exact, Answer::Part, Answer::None];
    let trials = answers.map(|answer| trial("a", "h264-crf28", answer));
    let report = reported(&suite, &trials, &[]);
    assert_eq!(
        report.shortfalls(),
        [
            "read h264-crf28: 1/3 exact, 0 wrong, floor 20 %, 2/3 at least one, floor 99.5 %; not exact on a, a"
        ]
    );
    let text = report.to_markdown();
    assert!(
        text.contains("| 1/3 = 33 %, any 2/3 | 6 to 79 % | 20 %, any 99.5 % |"),
        "{text}"
    );
}

#[test]
fn wrong_keys_above_the_bound_are_a_shortfall_and_so_are_missing_ones() {
    let suite = suite("null = { keys = 10000 }\n");
    let none = Report::new("x", &suite, Measured::default());
    assert_eq!(none.shortfalls(), ["null: no clip was measured"]);
    let tails = [NullTail {
        clip: "a".to_owned(),
        marked: false,
        tail: heavy_tail(),
    }];
    let measured = Measured {
        tails: &tails,
        ..Measured::default()
    };
    assert_eq!(
        Report::new("x", &suite, measured).shortfalls(),
        ["null of a, unmarked: wrong keys above the proved bound at t >= 3, 4"]
    );
}

#[test]
fn matches_in_unknown_clips_are_named_with_the_row_and_for_the_whole_run() {
    let suite = suite(
        "[catalogue]\nunknown = [\"b\"]\n\
         [[row]]\nattack = \"shuffle-2x1s\"\npath = \"identify\"\nmin_rate = 0.5\nmin_fragment_rate = 0.75\n",
    );
    let told = |clip: &str, unknown, answer| Trial {
        path: DetectorPath::Identify,
        unknown,
        placing: (!unknown).then_some(Placing {
            time_error: Some(0.02),
            covered: 0.9,
            fragments: Fragments {
                fragments: 2,
                fragments_right: 1,
            },
        }),
        ..trial(clip, "shuffle-2x1s", answer)
    };
    let trials = [
        told("a", false, Answer::Exact),
        told("b", true, Answer::Wrong),
    ];
    let report = reported(&suite, &trials, &[]);
    assert_eq!(
        report.shortfalls(),
        [
            "identify shuffle-2x1s: 1/1 exact, 0 wrong, something found in 1 of 1 unknown clips, floor 50 %, \
             1/2 fragments, floor 75 %; wrong on b",
            "unknown clips: something was found in 1 of 1"
        ]
    );
    let text = report.to_markdown();
    assert!(
        text.contains("| 1/1 = 100 %, fragments 1/2, unknown 0/1 | 21 to 100 % | 50 %, fragments 75 % | 1 | - |"),
        "{text}"
    );
    let without = reported(&suite, &trials[..1], &[]);
    assert_eq!(
        without.shortfalls().last().map(String::as_str),
        Some("unknown clips: none was measured")
    );
}

#[test]
fn groups_are_headings_and_names_a_first_column() {
    let suite = suite(
        "[[row]]\ngroup = \"A. one\"\nattack = \"h264-crf28\"\npath = \"read\"\n\
         [[row]]\ngroup = \"B. two\"\nname = \"as sold\"\nattack = \"h264-crf40\"\npath = \"read\"\n",
    );
    let trials = ["h264-crf28", "h264-crf40"].map(|attack| trial("a", attack, Answer::Exact));
    let text = reported(&suite, &trials, &[]).to_markdown();
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    let lines = &lines[3..];
    assert_eq!(lines[1], "## A. one");
    assert!(lines[2].starts_with("| path | attack |"), "{text}");
    assert!(
        lines[4].starts_with("| read | h264-crf28 |")
            && lines[4].ends_with("| - | 0 | -20.0 | 12.0 | no floor |"),
        "{text}"
    );
    assert_eq!(lines[5], "## B. two");
    assert!(lines[6].starts_with("| | path | attack |"), "{text}");
    assert!(
        lines[8].starts_with("| as sold | read | h264-crf40 |"),
        "{text}"
    );
}

#[test]
fn trials_of_attacks_that_the_suite_lacks_are_left_out() {
    let suite = suite("[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\n");
    let trials = ["h264-crf28", "h264-crf40"].map(|attack| trial("a", attack, Answer::Exact));
    let report = reported(&suite, &trials, &[]);
    assert_eq!(report.trials, trials[..1]);
}
