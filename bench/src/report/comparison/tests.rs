use std::path::PathBuf;

use super::super::Measured;
use super::super::json::{ResultsHead, TrialEntry};
use super::super::specimen::{quality, suite, trial};
use super::*;
use crate::trial::Trial;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const ROW: &str = "[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\n";

/// Trials of one row: exact where the letter is `x`, with that score.
fn trials(letters: &str, log10_p: f64) -> Vec<Trial> {
    let clips = letters.chars().enumerate();
    clips
        .map(|(clip, letter)| Trial {
            log10_p: Some(log10_p),
            ..trial(
                &format!("clip-{clip:02}"),
                "h264-crf28",
                if letter == 'x' {
                    Answer::Exact
                } else {
                    Answer::None
                },
            )
        })
        .collect()
}

fn compare(before: &[Trial], after: &[Trial], was: &[Quality], is: &[Quality]) -> Comparison {
    compare_rows(ROW, 1, (before, after), (was, is))
}

/// Against an older run of that seed.
fn compare_rows(
    rows: &str,
    seed: u64,
    (before, after): (&[Trial], &[Trial]),
    (was, is): (&[Quality], &[Quality]),
) -> Comparison {
    let old = OldResults {
        file: PathBuf::from("old/results.json"),
        head: ResultsHead {
            schema: crate::report::json::SCHEMA,
            suite: "x".to_owned(),
            seed,
            version: "0.1.0".to_owned(),
        },
        trials: before.iter().map(TrialEntry::from).collect(),
        qualities: was.to_vec(),
    };
    let measured = Measured {
        trials: after,
        qualities: is,
        ..Measured::default()
    };
    Comparison::new(&Report::new("x", &suite(rows), measured), old)
}

#[test]
fn six_clips_lost_are_worse_and_five_are_noise() {
    let direction = |before: &str, after: &str| {
        let comparison = compare(&trials(before, -9.0), &trials(after, -9.0), &[], &[]);
        comparison.rows()[0].direction()
    };
    assert_eq!(direction("xxxxxxxx", "xx------"), Direction::Worse);
    assert_eq!(direction("xxxxxxxx", "xxx-----"), Direction::Unchanged);
    assert_eq!(direction("------xx", "xxxxxxxx"), Direction::Better);
    assert_eq!(direction("xxxx----", "----xxxx"), Direction::Unchanged);
}

/// The gate of a few clips: four of four, or three of three, that go to none are named and fail.
#[test]
fn a_row_that_loses_all_of_its_few_clips_is_a_regression() {
    let regressions = |before: &str, after: &str| {
        compare(&trials(before, -9.0), &trials(after, -9.0), &[], &[]).regressions()
    };
    assert_eq!(
        regressions("xxxx", "----"),
        ["read h264-crf28: 4 to 0 of 4 exact (p 0.008), log10 p better on 0, worse on 0 (p 1.000)"]
    );
    assert_eq!(regressions("xxx", "---").len(), 1);
    for (before, after) in [
        ("xx", "--"),
        ("xxxx", "x---"),
        ("----", "xxxx"),
        ("xx--", "--xx"),
    ] {
        assert!(regressions(before, after).is_empty(), "{before} {after}");
    }
}

/// Two rows of one group on four clips, the second at `crf40`.
fn group_of_two(scores: [f64; 8]) -> Vec<Trial> {
    let clips = scores.into_iter().enumerate();
    clips
        .map(|(index, score)| Trial {
            log10_p: Some(score),
            ..trial(
                &format!("clip-{}", index % 4),
                if index < 4 {
                    "h264-crf28"
                } else {
                    "h264-crf40"
                },
                Answer::Exact,
            )
        })
        .collect()
}

#[test]
fn a_group_tells_what_none_of_its_rows_can() {
    const ROWS: &str = "[[row]]\ngroup = \"A. re-encode\"\nattack = \"h264-crf28\"\npath = \"read\"\n\
        [[row]]\ngroup = \"A. re-encode\"\nattack = \"h264-crf40\"\npath = \"read\"\n";
    let before = group_of_two([-30.0, -31.0, -32.0, -33.0, -20.0, -21.0, -22.0, -23.0]);
    let weaker = group_of_two([-28.0, -28.5, -29.0, -29.4, -18.8, -19.0, -21.1, -21.3]);
    let compared = |seed, after: &[Trial]| compare_rows(ROWS, seed, (&before, after), (&[], &[]));
    let comparison = compared(1, &weaker);
    assert!(
        comparison
            .rows()
            .iter()
            .all(|row| row.direction() == Direction::Unchanged)
    );
    assert_eq!(
        comparison.regressions(),
        [
            "group A. re-encode: 8 to 8 of 8 exact (p 1.000), log10 p rose by 2.00 in the median (p 0.008)"
        ]
    );
    // Keys of another seed move all rows of a clip: told, and no regression.
    let other = compared(2, &weaker);
    assert_eq!(other.groups()[0].direction(), Direction::Worse);
    assert!(other.regressions().is_empty() && other.to_markdown().contains("- worse: group A"));
    // A change that is certain and matters to nobody is not named.
    let little = before.iter().map(|t| Trial {
        log10_p: t.log10_p.map(|p| p + 0.01),
        ..t.clone()
    });
    let little: Vec<Trial> = little.collect();
    assert_eq!(
        compared(1, &little).groups()[0].direction(),
        Direction::Unchanged
    );
}

#[test]
fn quality_between_seeds_is_named_beyond_what_keys_alone_move() {
    let was = quality("a", Some(96.0));
    let mut is = was.clone();
    is.psnr_y_db -= 0.3;
    let named = |seed| {
        let qualities = (std::slice::from_ref(&was), std::slice::from_ref(&is));
        compare_rows(ROW, seed, (&[], &[]), qualities)
            .regressions()
            .len()
    };
    assert_eq!((named(1), named(2)), (1, 0));
}

#[test]
fn scores_speak_where_exact_answers_do_not_change() {
    let all = "xxxxxxxx";
    let row = |before, after| {
        let comparison = compare(&trials(all, before), &trials(all, after), &[], &[]);
        comparison.rows()[0].clone()
    };
    assert_eq!(row(-9.0, -12.0).direction(), Direction::Better);
    assert_eq!(row(-9.0, -8.0).direction(), Direction::Worse);
    assert_eq!(row(-9.0, -9.0).scores, Discordant::default());
    // Answers got better, scores worse: answers decide.
    let mixed = compare(
        &trials("------xx", -9.0),
        &trials("xxxxxxxx", -8.0),
        &[],
        &[],
    );
    assert_eq!(mixed.rows()[0].direction(), Direction::Better);
}

#[test]
fn only_clips_in_common_are_compared() {
    let comparison = compare(&trials("xx", -9.0), &trials("--xx", -9.0), &[], &[]);
    let row = &comparison.rows()[0];
    assert_eq!((row.clips, row.exact_before, row.exact_after), (2, 2, 0));
    let none = compare(&[], &trials("xx", -9.0), &[], &[]);
    assert!(none.rows().is_empty());
    assert_eq!(
        none.notes(),
        ["Rows without a clip in common with the older run: 1."]
    );
}

#[test]
fn quality_is_named_beyond_a_tenth_of_a_decibel_and_three_tenths_of_vmaf() {
    let was = quality("a", Some(96.0));
    let mut is = was.clone();
    (is.psnr_y_db, is.vmaf_mean) = (was.psnr_y_db - 0.09, Some(95.75));
    let changes = |is: &Quality| {
        let comparison = compare(
            &[],
            &[],
            std::slice::from_ref(&was),
            std::slice::from_ref(is),
        );
        let names = comparison.qualities().iter().map(|q| q.measure);
        names.collect::<Vec<_>>()
    };
    assert!(changes(&is).is_empty());
    (is.psnr_y_db, is.vmaf_mean) = (was.psnr_y_db + 0.11, Some(95.65));
    assert_eq!(changes(&is), ["PSNR-Y", "VMAF mean"]);
}

#[test]
fn what_changed_is_listed_worst_first() {
    let text = compare(
        &trials("xxxxxxxx", -9.0),
        &trials("--------", -1.0),
        &[quality("a", Some(96.0))],
        &[quality("a", Some(97.0))],
    )
    .to_markdown();
    assert_eq!(
        text,
        "## Against old/results.json\n\n\
         - worse: read h264-crf28: 8 to 0 of 8 exact (p 0.008), log10 p better on 0, worse on 8 (p 0.008)\n\
         - better: quality of a: VMAF mean 97.00, was 96.00\n\
         - better: quality of a: VMAF 1st percentile 96.00, was 95.00\n\n\
         0 of 1 rows within noise.\n"
    );
}

#[test]
fn results_of_this_version_are_read_and_others_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("results.json");
    let specimen = super::super::specimen::Specimen::new();
    let report = specimen.report();
    let text = super::super::json::results(&report)?;
    std::fs::write(&file, &text)?;
    let comparison = Comparison::new(&report, OldResults::read(&file)?);
    let unchanged = comparison.rows_that_went(Direction::Unchanged).count();
    assert_eq!(unchanged, report.rows().len());
    assert!(comparison.notes().is_empty() && comparison.qualities().is_empty());

    let refused = |text: &str| -> Result<String, std::io::Error> {
        std::fs::write(&file, text)?;
        Ok(OldResults::read(&file).map_or_else(|e| e.to_string(), |_| String::new()))
    };
    let said = refused(&text.replacen("\"schema\": 2", "\"schema\": 1", 1))?;
    assert!(
        said.contains("schema 1") && said.contains("results.json") && said.contains("again"),
        "{said}"
    );
    assert!(refused("not json")?.contains("no results.json"));
    std::fs::remove_file(&file)?;
    assert!(matches!(
        OldResults::read(&file),
        Err(AgainstError::Read { .. })
    ));
    Ok(())
}
