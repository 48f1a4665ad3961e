//! JUnit XML: a suite for each group, a case `PATH ATTACK` for each floor.
//!
//! # Shapes and units
//! `time` is the detector's, in seconds, over all clips of a row.

use countermark_report::{Case, Outcome, ReportError, junit};

use super::check::Verdict;
use super::gathered::Report;

pub(super) fn to_xml(report: &Report) -> Result<String, ReportError> {
    let checks = report.checks();
    let cases: Vec<Case<'_>> = checks
        .iter()
        .map(|check| Case {
            group: &check.group,
            name: &check.name,
            seconds: check.seconds.unwrap_or(0.0),
            outcome: match &check.verdict {
                Verdict::Held => Outcome::Held,
                Verdict::Short(line) => Outcome::Failed(line),
                Verdict::Skipped(why) => Outcome::Skipped(why),
            },
        })
        .collect();
    junit(&report.suite, &cases)
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{heavy_tail, quality, suite, trial};
    use super::super::{Measured, Report};
    use super::*;
    use crate::store::NullTail;
    use crate::trial::Answer;

    #[test]
    fn every_floor_is_a_case_and_every_shortfall_a_failure()
    -> Result<(), Box<dyn std::error::Error>> {
        let suite = suite(
            "[quality]\nmin_psnr_y_db = 48.0\nmin_vmaf_mean = 95.0\n\
             [[row]]\ngroup = \"A & <B>\"\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 0.9\n\
             [[row]]\nattack = \"h264-crf40\"\npath = \"trace\"\n",
        );
        let trials = [trial("a", "h264-crf28", Answer::Exact)];
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
                "x.A & <B> | read h264-crf28 | ",
                "x.attacks | trace h264-crf40 | failure: trace h264-crf40: was not measured",
                "x.quality | a PSNR-Y | failure: quality of a: PSNR-Y 47.50, floor 48",
                "x.quality | a VMAF mean | skipped: not measured",
                "x.null | a \"b\", marked | failure: null of a \"b\", marked: wrong keys above the proved bound at t >= 3, 4",
            ]
        );
        Ok(())
    }
}
