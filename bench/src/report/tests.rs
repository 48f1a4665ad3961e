use super::*;
use crate::suite::SuiteError;

fn trial(clip: &str, attack: &str, answer: Answer) -> Trial {
    Trial {
        clip: clip.to_owned(),
        attack: attack.to_owned(),
        path: DetectorPath::Read,
        expected: vec!["aa".to_owned()],
        accused: vec!["aa".to_owned()],
        coded_bit_errors: None,
        cuts: Vec::new(),
        answer,
        log10_p: Some(-20.0),
        detector_seconds: 2.0,
        clip_seconds: 10.0,
        bytes: 1,
    }
}

fn quality(vmaf_mean: Option<f64>) -> Quality {
    Quality {
        clip: "a".to_owned(),
        psnr_y_db: 47.5,
        worst_frame_psnr_y_db: 45.0,
        vmaf_mean,
        vmaf_p1: vmaf_mean.map(|v| v - 1.0),
        bitrate_change: Some(0.013),
        frames: 100,
        ..Quality::default()
    }
}

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

#[test]
fn floors_hold_when_everything_is_exact() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let report = Report::new("main", &suite, &good(&suite), &[quality(Some(97.0))]);
    assert_eq!(report.shortfalls(), Vec::<String>::new());
    let text = report.to_markdown();
    assert!(text.contains("| read | cut-10s+h264-crf33 | 10/10 = 100 % | 72 to 100 % | 90 % | 0 | -20.0 | 12.0 | holds |"), "{text}");
    assert!(
        text.contains("| a | 100 | 47.50 | 45.00 | 97.00 | 96.00 | +1.3 % |"),
        "{text}"
    );
    Ok(())
}

#[test]
fn one_wrong_accusation_fails_a_row_that_is_exact_often_enough() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let mut trials = good(&suite);
    trials[0].answer = Answer::Wrong;
    let report = Report::new("main", &suite, &trials, &[quality(None)]);
    assert_eq!(
        report.shortfalls(),
        ["read cut-10s+h264-crf33: 9/10 exact, 1 wrong, floor 90 %"]
    );
    trials[0].answer = Answer::None;
    let report = Report::new("main", &suite, &trials, &[quality(None)]);
    assert!(report.shortfalls().is_empty());
    Ok(())
}

#[test]
fn nothing_measured_is_not_success() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let report = Report::new("main", &suite, &[], &[]);
    assert_eq!(report.shortfalls().len(), suite.rows.len() + 1);
    Ok(())
}

#[test]
fn low_quality_is_named() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let mut low = quality(Some(94.0));
    low.psnr_y_db = 45.9;
    let report = Report::new("main", &suite, &good(&suite), &[low]);
    assert_eq!(
        report.shortfalls(),
        [
            "quality of a: PSNR-Y 45.90, floor 46",
            "quality of a: VMAF mean 94.00, floor 95"
        ]
    );
    Ok(())
}
