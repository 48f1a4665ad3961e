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
    let old = OldResults {
        file: PathBuf::from("old/results.json"),
        head: ResultsHead {
            schema: 1,
            suite: "x".to_owned(),
            seed: 1,
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
    Comparison::new(&Report::new("x", &suite(ROW), measured), old)
}

#[test]
fn p_is_that_of_the_exact_binomial_test() {
    // R: binom.test(better, better + worse)$p.value
    for (better, worse, p) in [
        (0, 0, 1.0),
        (5, 0, 0.0625),
        (6, 0, 0.031_25),
        (0, 10, 0.001_953_125),
        (3, 9, 0.145_996_1),
        (8, 8, 1.0),
        (40, 60, 0.056_887_93),
    ] {
        let found = Discordant { better, worse }.p();
        assert!((found - p).abs() < 1e-6, "{better}:{worse}: {found}");
    }
    // Thousands of clips do not underflow.
    let many = Discordant {
        better: 1_500,
        worse: 1_500,
    };
    assert!(many.p() > 0.99, "{}", many.p());
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
    let said = refused(&text.replacen("\"schema\": 1", "\"schema\": 2", 1))?;
    assert!(
        said.contains("schema 2") && said.contains("results.json") && said.contains("again"),
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
