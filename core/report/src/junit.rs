//! JUnit XML: a case for each thing that was asked, for the machines that watch builds.
//!
//! ```text
//! testsuites > testsuite (group; timestamp, hostname, properties) > testcase (classname = NAME.GROUP) > failure | error | skipped
//! ```
//!
//! # Shapes and units
//! Times in seconds; those of a group and of the whole are sums. In a class name only the dot between name and group is
//! one: what else is no letter or digit is a hyphen.
//! # References
//! The elements that Jenkins and GitLab read: testmoapp/junitxml, Common JUnit XML format.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::ReportError;

/// What a file tells beside its cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JunitHead<'a> {
    /// The name of the whole.
    pub name: &'a str,
    /// When it was begun, RFC 3339.
    pub timestamp: Option<&'a str>,
    /// The machine's name.
    pub hostname: Option<&'a str>,
    /// What it was made with, by name.
    pub properties: &'a [(&'a str, &'a str)],
}

/// Something that was asked, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case<'a> {
    /// Cases of one group stay together.
    pub group: &'a str,
    /// What was asked.
    pub name: &'a str,
    /// How long it took.
    pub seconds: f64,
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What came of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It is so.
    Held,
    /// It is not, with the line that says why.
    Failed(&'a str),
    /// It could not be looked at, with the line that says why.
    Error(&'a str),
    /// It was not looked at, and why.
    Skipped(&'a str),
}

/// The cases under their head, groups in the order of their first case.
///
/// # Errors
/// None that a file in memory can have.
pub fn junit(head: &JunitHead<'_>, cases: &[Case<'_>]) -> Result<String, ReportError> {
    let name = head.name;
    let mut groups: Vec<&str> = Vec::new();
    for case in cases {
        if !groups.contains(&case.group) {
            groups.push(case.group);
        }
    }
    let mut report = Report::new(name);
    report.set_time(total(cases.iter()));
    for group in groups {
        let own = || cases.iter().filter(|case| case.group == group);
        let mut suite = TestSuite::new(group);
        suite.set_time(total(own()));
        for (attribute, value) in [("timestamp", head.timestamp), ("hostname", head.hostname)] {
            if let Some(value) = value {
                suite.extra.insert(attribute.into(), value.into());
            }
        }
        suite.add_properties(head.properties.iter().copied());
        suite.add_test_cases(own().map(|case| {
            let mut element = TestCase::new(case.name, status(case.outcome));
            element.set_classname(format!("{}.{}", class(name), class(group)));
            element.set_time(duration(case.seconds));
            element
        }));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(ReportError::Junit)
}

/// A part of a class name: viewers divide at dots, and some at blanks.
fn class(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

fn status(outcome: Outcome<'_>) -> TestCaseStatus {
    match outcome {
        Outcome::Held => TestCaseStatus::success(),
        Outcome::Failed(line) => non_success(NonSuccessKind::Failure, "floor", line),
        Outcome::Error(line) => non_success(NonSuccessKind::Error, "not measured", line),
        Outcome::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why);
            status
        }
    }
}

fn non_success(kind: NonSuccessKind, what: &str, line: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_message(line)
        .set_type(what)
        .set_description(line);
    status
}

fn total<'a>(cases: impl Iterator<Item = &'a Case<'a>>) -> Duration {
    duration(cases.map(|case| case.seconds).sum())
}

/// Seconds that are no time at all count as none.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_those_of_the_cases_and_names_are_escaped() -> Result<(), roxmltree::Error> {
        let case = |group, name, outcome| Case {
            group,
            name,
            seconds: 1.5,
            outcome,
        };
        let cases = [
            case("A & <B>", "read \"crf28\"", Outcome::Held),
            case("null", "b", Outcome::Skipped("not measured")),
            case("A & <B>", "c", Outcome::Failed("0 of 4 < 0.9")),
            case("null", "c", Outcome::Error("the clip is damaged")),
            Case {
                seconds: -0.0,
                ..case("no time", "d", Outcome::Held)
            },
        ];
        let head = JunitHead {
            name: "x.toml",
            timestamp: Some("2026-01-02T03:04:05Z"),
            hostname: Some("here"),
            properties: &[("commit", "c0ffee")],
        };
        let text = junit(&head, &cases).expect("a file");
        assert!(!text.contains("\"-0"), "no negative zero: {text}");
        let tree = roxmltree::Document::parse(&text)?;
        let suites = tree
            .descendants()
            .filter(|n| n.has_tag_name("testsuite") || n.has_tag_name("testsuites"));
        assert_eq!(suites.clone().count(), 4);
        for node in suites {
            for (total, tag) in [
                ("tests", "testcase"),
                ("failures", "failure"),
                ("errors", "error"),
                ("skipped", "skipped"),
            ] {
                let found = node.descendants().filter(|n| n.has_tag_name(tag)).count();
                assert_eq!(node.attribute(total), Some(found.to_string().as_str()));
            }
        }
        let first = tree.descendants().find(|n| n.has_tag_name("testcase"));
        let first = first.expect("a case");
        assert_eq!(first.attribute("classname"), Some("x-toml.A-B"));
        assert_eq!(first.attribute("name"), Some("read \"crf28\""));
        assert_eq!(first.attribute("time"), Some("1.500"));
        let suite = tree.descendants().find(|n| n.has_tag_name("testsuite"));
        let suite = suite.expect("a group");
        assert_eq!(suite.attribute("timestamp"), head.timestamp);
        assert_eq!(suite.attribute("hostname"), head.hostname);
        let property = suite.descendants().find(|n| n.has_tag_name("property"));
        let property = property.expect("a property");
        assert_eq!(
            (property.attribute("name"), property.attribute("value")),
            (Some("commit"), Some("c0ffee"))
        );
        Ok(())
    }
}
