//! A line for each trial, for spreadsheets.
//!
//! ```text
//! field = plain | '"' with every '"' doubled '"'     quoted if it holds a comma, a quote or a line end
//! ```
//!
//! # Shapes and units
//! Seconds, bytes, shares from 0 to 1. Lists are parted by spaces; an empty field was not measured. Lines end in `\n`.
//! # References
//! Y. Shafranovich (2005), Common Format and MIME Type for Comma-Separated Values (CSV) Files, RFC 4180.

use super::{Report, path_name};
use crate::placing::Fragments;
use crate::store::{Answer, Trial};

const HEAD: &str = "group,name,attack,path,clip,answer,expected,accused,log10_p,coded_bit_errors,cuts,clip_seconds,bytes,detector_seconds,unknown,titles,time_error,covered,fragments,fragments_right\n";

pub(super) fn to_csv(report: &Report) -> String {
    let mut out = HEAD.to_owned();
    for trial in &report.trials {
        let row = report
            .rows
            .iter()
            .find(|row| row.attack == trial.attack && row.path == trial.path);
        let group = row.map_or("", |row| row.group.as_str());
        let name = row.and_then(|row| row.name.as_deref()).unwrap_or_default();
        let fields = fields(group, name, trial).map(|field| quoted(&field));
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

fn fields(group: &str, name: &str, trial: &Trial) -> [String; 20] {
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let placing = trial.placing;
    let count = |count: fn(Fragments) -> u64| {
        placing.map_or(String::new(), |p| count(p.fragments).to_string())
    };
    let cuts: Vec<String> = trial.cuts.iter().map(f64::to_string).collect();
    [
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

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::super::specimen::{suite, trial};
    use super::*;
    use crate::placing::Placing;

    /// The records of a file as RFC 4180 reads them.
    fn parse(text: &str) -> Vec<Vec<String>> {
        let mut records = vec![vec![String::new()]];
        let mut inside = false;
        let mut letters = text.chars().peekable();
        while let Some(c) = letters.next() {
            let record = records.len() - 1;
            match c {
                '"' if inside && letters.next_if_eq(&'"').is_some() => {
                    let field = records[record].len() - 1;
                    records[record][field].push('"');
                }
                '"' => inside = !inside,
                ',' if !inside => records[record].push(String::new()),
                '\n' if !inside => records.push(vec![String::new()]),
                c => {
                    let field = records[record].len() - 1;
                    records[record][field].push(c);
                }
            }
        }
        records.pop();
        records
    }

    #[test]
    fn every_trial_is_a_record_that_a_parser_gives_back() {
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
        let records = parse(&to_csv(&Report::new("x", &suite, measured)));
        assert_eq!(records.len(), 3);
        assert!(records.iter().all(|record| record.len() == 20));
        assert_eq!(
            records[1],
            [
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
                "8"
            ]
        );
        assert_eq!((records[2][8].as_str(), records[2][9].as_str()), ("", ""));
    }
}
