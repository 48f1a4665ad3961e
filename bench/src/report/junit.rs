//! JUnit XML: a suite for each group, a case for each floor, for the machines that watch builds.
//!
//! ```text
//! testsuites > testsuite (group) > testcase (classname = SUITE.GROUP, name = PATH ATTACK) > failure | skipped
//! ```
//!
//! # Shapes and units
//! `time` is the detector's, in seconds, over all clips of a row.
//! # References
//! The elements that Jenkins and GitLab read: testmoapp/junitxml, Common JUnit XML format.

use std::fmt::Write as _;

use super::Report;
use super::check::{Check, Verdict};
use countermark_report::markup::Text;

pub(super) fn to_xml(report: &Report) -> String {
    let checks = report.checks();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Check> = checks.iter().collect();
    let _ = writeln!(
        out,
        "<testsuites name=\"{}\" {}>",
        Text(&report.suite),
        totals(&all)
    );
    // A suite may come back to a group; its cases stay together.
    let mut groups: Vec<&str> = Vec::new();
    for check in &checks {
        if !groups.contains(&check.group.as_str()) {
            groups.push(&check.group);
        }
    }
    for group in groups {
        let own: Vec<&Check> = checks.iter().filter(|c| c.group == group).collect();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" {}>",
            Text(group),
            totals(&own)
        );
        for check in own {
            case(&mut out, &report.suite, check);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn totals(checks: &[&Check]) -> String {
    let count = |is: fn(&Verdict) -> bool| checks.iter().filter(|c| is(&c.verdict)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3}\"",
        checks.len(),
        count(|v| matches!(v, Verdict::Short(_))),
        count(|v| matches!(v, Verdict::Skipped(_))),
        checks.iter().filter_map(|c| c.seconds).sum::<f64>()
    )
}

fn case(out: &mut String, suite: &str, check: &Check) {
    let _ = write!(
        out,
        "    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3}\"",
        Text(suite),
        Text(&check.group),
        Text(&check.name),
        check.seconds.unwrap_or(0.0)
    );
    let _ = match &check.verdict {
        Verdict::Held => writeln!(out, "/>"),
        Verdict::Short(line) => writeln!(
            out,
            "><failure type=\"floor\" message=\"{0}\">{0}</failure></testcase>",
            Text(line)
        ),
        Verdict::Skipped(why) => {
            writeln!(out, "><skipped message=\"{}\"/></testcase>", Text(why))
        }
    };
}

#[cfg(test)]
mod tests {
    use super::super::specimen::{Specimen, heavy_tail, quality, suite, trial};
    use super::super::{Measured, Report};
    use super::*;
    use crate::store::{Answer, NullTail};

    #[test]
    fn every_floor_is_a_case_and_every_shortfall_a_failure() -> Result<(), roxmltree::Error> {
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
        let text = to_xml(&Report::new("x", &suite, measured));
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

    #[test]
    fn totals_are_those_of_the_cases() -> Result<(), roxmltree::Error> {
        let specimen = Specimen::new();
        let text = to_xml(&specimen.report());
        let tree = roxmltree::Document::parse(&text)?;
        for node in tree
            .descendants()
            .filter(|n| n.has_tag_name("testsuite") || n.has_tag_name("testsuites"))
        {
            for (total, tag) in [
                ("tests", "testcase"),
                ("failures", "failure"),
                ("skipped", "skipped"),
            ] {
                let found = node.descendants().filter(|n| n.has_tag_name(tag)).count();
                assert_eq!(node.attribute(total), Some(found.to_string().as_str()));
            }
        }
        Ok(())
    }
}
