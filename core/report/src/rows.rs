//! Answers as rows of a table: one for each span of a clip, one for a clip without.
//!
//! # Shapes and units
//! Seconds to three decimals, empty where nothing is known; bounds are rounded upwards. A text that a spreadsheet would
//! take for a formula begins with an apostrophe.

use countermark_trace::result::{ClipReport, Identity, Match, rounded, rounded_up};

use crate::{ReportError, csv};

/// Columns of the table.
pub const COLUMNS: [&str; 16] = [
    "file",
    "verdict",
    "title",
    "clip_from",
    "clip_to",
    "master_from",
    "master_to",
    "speed",
    "mirrored",
    "by",
    "delivery",
    "payload",
    "distributor",
    "licensee",
    "log10_bound",
    "error",
];

/// A row.
pub type Row = [String; COLUMNS.len()];

/// Rows as lines of CSV, with the columns' names in front if they are the first.
///
/// # Errors
/// None that a table in memory can have.
pub fn lines(rows: Vec<Row>, is_first: bool) -> Result<String, ReportError> {
    let table = csv::table(COLUMNS, rows)?;
    let body = match table.split_once('\n') {
        Some((_, body)) if !is_first => body,
        _ => &table,
    };
    Ok(body.trim_end_matches('\n').to_owned())
}

/// A clip that could not be examined.
#[must_use]
pub fn broken(file: &str, error: &str) -> Row {
    let mut row = Row::default();
    row[0] = text(file);
    "error".clone_into(&mut row[1]);
    row[15] = text(error);
    row
}

/// The rows of an answer.
pub(crate) fn of(
    file: &str,
    verdict: &str,
    identity: Option<&Identity>,
    report: Option<&ClipReport>,
) -> Vec<Row> {
    let mut head = Row::default();
    head[0] = text(file);
    verdict.clone_into(&mut head[1]);
    let title = identity.and_then(|identity| identity.title.as_ref());
    head[2] = title.map_or_else(String::new, |title| text(&title.name));
    if let Some(report) = report.filter(|report| !report.deliveries.is_empty()) {
        let of_each = |tell: &dyn Fn(&countermark_trace::result::Accusation) -> String| {
            let all: Vec<String> = report.deliveries.iter().map(tell).collect();
            text(&all.join("; "))
        };
        head[10] = of_each(&|it| {
            it.delivery
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        });
        head[11] = of_each(&|it| it.payload.to_string());
        head[12] = of_each(&|it| it.distributor.clone());
        head[13] = of_each(&|it| it.licensee.clone().unwrap_or_default());
        let bounds = report
            .deliveries
            .iter()
            .map(|it| rounded_up(it.bound.log10(), 3).to_string());
        head[14] = bounds.collect::<Vec<_>>().join("; ");
    }
    let matches = identity.map_or(&[][..], |identity| &identity.matches);
    if matches.is_empty() {
        return vec![head];
    }
    matches.iter().map(|found| of_span(&head, found)).collect()
}

fn of_span(head: &Row, found: &Match) -> Row {
    let mut row = head.clone();
    if let Some(title) = &found.title {
        row[2] = text(&title.name);
    }
    let seconds = |value: f64| format!("{:.3}", rounded(value, 3));
    row[3] = seconds(found.query[0]);
    row[4] = seconds(found.query[1]);
    row[5] = seconds(found.reference[0]);
    row[6] = seconds(found.reference[1]);
    row[7] = format!("{:.5}", found.speed);
    row[8] = String::from(if found.mirrored { "yes" } else { "no" });
    let by: Vec<&str> = found
        .by
        .iter()
        .map(|sense| crate::words::sense(*sense))
        .collect();
    row[9] = by.join(" and ");
    row
}

/// A stranger's text: no spreadsheet may take it for a formula.
fn text(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{value}")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Answer as _;
    use crate::specimen::traced;

    #[test]
    fn a_clip_has_a_row_for_each_span() {
        let report = traced();
        let spans = report.identity.as_ref().map_or(0, |it| it.matches.len());
        let rows = report.rows();
        assert_eq!(rows.len(), spans);
        assert!(
            rows.iter()
                .all(|row| row[1] == "traced" && !row[12].is_empty())
        );
        assert_ne!(rows[0][3], rows[1][3]);
        let first = lines(rows.clone(), true).expect("a table");
        assert!(first.starts_with("file,verdict,title,clip_from"), "{first}");
        let later = lines(rows, false).expect("a table");
        assert!(
            first.ends_with(&later) && !later.contains("verdict"),
            "{later}"
        );
    }

    #[test]
    fn names_do_not_become_formulas() {
        let row = broken("=HYPERLINK(\"http://x\")", "cannot, \"open\"");
        let line = lines(vec![row], false).expect("a table");
        assert!(line.starts_with("\"'=HYPERLINK"), "{line}");
        assert!(line.ends_with("\"cannot, \"\"open\"\"\""), "{line}");
    }
}
