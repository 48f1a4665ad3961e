//! A line for each trial, for spreadsheets.
//!
//! # Shapes and units
//! Seconds, bytes, shares from 0 to 1. Lists are parted by spaces; an empty field was not measured. Lines end in `\n`.

use countermark_report::{ReportError, csv};

use super::cell::path_name;
use super::gathered::Report;
use crate::placing::Fragments;
use crate::trial::{Answer, Trial};

const HEAD: [&str; 29] = [
    "system",
    "suite",
    "group",
    "name",
    "attack",
    "path",
    "clip",
    "answer",
    "expected",
    "accused",
    "log10_p",
    "coded_bit_errors",
    "cuts",
    "clip_seconds",
    "bytes",
    "detector_seconds",
    "unknown",
    "titles",
    "time_error",
    "covered",
    "fragments",
    "fragments_right",
    "score",
    "bit_accuracy",
    "claims",
    "failure",
    "attacked_psnr_y_db",
    "attacked_ssim",
    "attacked_vmaf_mean",
];

pub(super) fn to_csv(report: &Report) -> Result<String, ReportError> {
    let rows = report.trials.iter().map(|trial| {
        let row = report
            .rows
            .iter()
            .find(|row| row.attack == trial.attack && row.path == trial.path);
        let group = row.map_or("", |row| row.group.as_str());
        let name = row.and_then(|row| row.name.as_deref()).unwrap_or_default();
        fields(report, (group, name), trial)
    });
    csv::table(HEAD, rows)
}

fn fields(report: &Report, (group, name): (&str, &str), trial: &Trial) -> [String; 29] {
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let placing = trial.placing;
    let count = |count: fn(Fragments) -> u64| {
        placing.map_or(String::new(), |p| count(p.fragments).to_string())
    };
    let cuts: Vec<String> = trial.cuts.iter().map(f64::to_string).collect();
    let measures = &trial.measures;
    let after = measures.after.as_ref();
    [
        report.system.name.clone(),
        report.suite.clone(),
        group.to_owned(),
        name.to_owned(),
        trial.attack.clone(),
        path_name(trial.path).to_owned(),
        trial.clip.clone(),
        answer_name(trial.answer).to_owned(),
        trial.expected.join(" "),
        trial.accused.join(" "),
        number(trial.log10_p),
        number(trial.coded_bit_errors),
        cuts.join(" "),
        trial.clip_seconds.to_string(),
        trial.bytes.to_string(),
        trial.detector_seconds.to_string(),
        trial.unknown.to_string(),
        trial.titles.join(" "),
        number(placing.and_then(|p| p.time_error)),
        number(placing.map(|p| p.covered)),
        count(|of| of.fragments),
        count(|of| of.fragments_right),
        number(measures.score),
        number(measures.bit_accuracy),
        measures.claims.to_string(),
        measures.failure.clone().unwrap_or_default(),
        number(after.map(|after| after.psnr_y_db)),
        number(after.map(|after| after.ssim)),
        number(after.and_then(|after| after.vmaf_mean)),
    ]
}

fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Exact => "exact",
        Answer::Part => "part",
        Answer::None => "none",
        Answer::Wrong => "wrong",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::super::specimen::{suite, trial};
    use super::*;
    use crate::placing::Placing;

    #[test]
    fn every_trial_is_a_record_that_a_parser_gives_back() -> Result<(), Box<dyn std::error::Error>>
    {
        let suite = suite(
            "[[row]]\ngroup = \"A, \\\"first\\\"\"\nname = \"two\\nlines\"\nattack = \"h264-crf28\"\npath = \"read\"\n",
        );
        let trials = [
            Trial {
                accused: vec!["aa".to_owned(), "bb".to_owned()],
                cuts: vec![0.5, 1.25],
                coded_bit_errors: Some(0.125),
                answer: Answer::Wrong,
                titles: vec!["film".to_owned()],
                placing: Some(Placing {
                    time_error: Some(0.0625),
                    covered: 0.75,
                    fragments: Fragments {
                        fragments: 10,
                        fragments_right: 8,
                    },
                }),
                ..trial("a,b", "h264-crf28", Answer::Exact)
            },
            Trial {
                log10_p: None,
                ..trial("c", "h264-crf28", Answer::None)
            },
        ];
        let measured = Measured {
            trials: &trials,
            ..Measured::default()
        };
        let text = to_csv(&Report::new("x", &suite, measured))?;
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let records: Vec<Vec<String>> = reader.deserialize().collect::<Result<_, _>>()?;
        assert_eq!(records.len(), 3);
        assert!(records.iter().all(|record| record.len() == 29));
        assert_eq!(
            records[1],
            [
                "Countermark",
                "x",
                "A, \"first\"",
                "two\nlines",
                "h264-crf28",
                "read",
                "a,b",
                "wrong",
                "aa",
                "aa bb",
                "-20",
                "0.125",
                "0.5 1.25",
                "10",
                "1",
                "2",
                "false",
                "film",
                "0.0625",
                "0.75",
                "10",
                "8",
                "",
                "",
                "false",
                "",
                "",
                "",
                ""
            ]
        );
        assert_eq!((records[2][10].as_str(), records[2][11].as_str()), ("", ""));
        Ok(())
    }
}
