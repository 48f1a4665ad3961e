//! JUnit XML: a suite for each group, a case `PATH ATTACK` for each floor; what was left out or not checked is skipped, what
//! could not be measured is an error.
//!
//! # Shapes and units
//! `time` is the detector's, in seconds, over all clips of a row.

use std::path::Path;

use countermark_report::{Case, JunitHead, Outcome, ReportError, junit};

use super::check::Verdict;
use super::gathered::Report;
use crate::gap::{Cause, Gap};

pub(super) fn to_xml(report: &Report) -> Result<String, ReportError> {
    let checks = report.checks();
    let mut cases: Vec<Case<'_>> = checks
        .iter()
        .map(|check| Case {
            group: &check.group,
            name: &check.name,
            seconds: check.seconds.unwrap_or(0.0),
            outcome: match &check.verdict {
                Verdict::Held => Outcome::Held,
                Verdict::Short(line) => Outcome::Failed(line),
                Verdict::Error(line) => Outcome::Error(line),
                Verdict::Unchecked(why) => Outcome::Skipped(why),
            },
        })
        .collect();
    // No check of the suite, and yet nothing that may be missed.
    let left_out = |gap: &&Gap| gap.cause == Cause::Rule;
    cases.extend(report.gaps.iter().filter(left_out).map(|gap| Case {
        group: "left out",
        name: &gap.clip,
        seconds: 0.0,
        outcome: Outcome::Skipped(&gap.reason),
    }));
    let name = Path::new(&report.suite).file_stem().unwrap_or_default();
    let (seed, headline) = (report.seeds_in_words(), report.headline().to_string());
    let mut properties = vec![("verdict", headline), ("seed", seed)];
    if let Some(run) = &report.run {
        let libraries = run.measured.libraries.iter();
        let libraries: Vec<String> = libraries.map(|(name, v)| format!("{name} {v}")).collect();
        properties.extend([
            ("commit", run.measured.commit.clone()),
            ("program", run.measured.program.clone()),
            ("suite", run.measured.suite.clone()),
            ("libraries", libraries.join(", ")),
            ("processor", run.machine.processor.clone()),
            ("system", run.machine.system.clone()),
        ]);
    }
    let properties: Vec<(&str, &str)> = properties.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let head = JunitHead {
        name: &name.to_string_lossy(),
        timestamp: report.run.as_ref().map(|run| run.begun.as_str()),
        hostname: report.run.as_ref().map(|run| run.machine.host.as_str()),
        properties: &properties,
    };
    junit(&head, &cases)
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::super::specimen::{heavy_tail, quality, suite, trial};
    use super::*;
    use crate::store::NullTail;
    use crate::trial::Answer;

    #[test]
    fn every_floor_is_a_case_and_every_shortfall_a_failure()
    -> Result<(), Box<dyn std::error::Error>> {
        let suite = suite(
            "[quality]\nmin_psnr_y_db = 48.0\nmin_vmaf_mean = 95.0\n\
             [[row]]\ngroup = \"A & <B>\"\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 0.9\n\
             [[row]]\nattack = \"h264-crf40\"\npath = \"trace\"\n\
             [[row]]\nattack = \"h264-crf30\"\npath = \"read\"\n",
        );
        let trials = [
            trial("a", "h264-crf28", Answer::Exact),
            trial("a", "h264-crf30", Answer::None),
        ];
        let gaps = [
            Gap::by_error("broken", None, "damaged"),
            Gap::by_rule("small", "its short side of 90 pixels is below 360"),
        ];
        let (qualities, tails) = (
            [quality("a", None)],
            [NullTail {
                clip: "a \"b\"".to_owned(),
                marked: true,
                tail: heavy_tail(),
            }],
        );
        let measured = Measured {
            trials: &trials,
            qualities: &qualities,
            tails: &tails,
            gaps: &gaps,
            ..Measured::default()
        };
        let text = to_xml(&Report::new("x", &suite, measured))?;
        let tree = roxmltree::Document::parse(&text)?;
        let cases: Vec<String> = tree
            .descendants()
            .filter(|n| n.has_tag_name("testcase"))
            .map(|n| {
                format!(
                    "{} | {} | {}",
                    n.attribute("classname").unwrap_or_default(),
                    n.attribute("name").unwrap_or_default(),
                    n.first_element_child().map_or_else(String::new, |result| {
                        let message = result.attribute("message").unwrap_or_default();
                        format!("{}: {message}", result.tag_name().name())
                    })
                )
            })
            .collect();
        assert_eq!(
            cases,
            [
                "x.clips | broken | error: broken could not be measured: damaged",
                "x.A-B | read h264-crf28 | ",
                "x.attacks | trace h264-crf40 | failure: trace h264-crf40: was not measured",
                "x.attacks | read h264-crf30 | skipped: no floor: only that nobody is accused wrongly was checked",
                "x.quality | a PSNR-Y | failure: quality of a: PSNR-Y 47.50, floor 48",
                "x.quality | a VMAF mean | skipped: VMAF mean was not measured: no FFmpeg with libvmaf was named",
                "x.null | a \"b\", marked | failure: null of a \"b\", marked: wrong keys above the proved bound at t >= 3, 4",
                "x.left-out | small | skipped: its short side of 90 pixels is below 360",
            ]
        );
        Ok(())
    }
}
