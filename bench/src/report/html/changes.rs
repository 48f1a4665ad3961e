//! The comparison with an older run.
//!
//! # Shapes and units
//! Two-sided p of the tests of [`comparison`](super::super::comparison).

use std::fmt::Write as _;

use super::super::comparison::{Comparison, Direction, RowChange};
use super::super::path_name;
use countermark_report::markup::Text;

pub(super) fn lists(comparison: &Comparison) -> String {
    let mut out = format!(
        "<p>Against <code>{}</code>, over the clips that both runs measured: exact answers by McNemar's test, \
         <code>log10 p</code> by the sign test, each at 5&#160;%. Exact answers decide; only where they tell nothing do \
         the scores. About one unchanged row in twenty is named by each test.</p>\n",
        Text(&comparison.against())
    );
    for note in comparison.notes() {
        let _ = writeln!(out, "<p class=\"none\">{}</p>", Text(note));
    }
    for (title, direction) in [("Worse", Direction::Worse), ("Better", Direction::Better)] {
        let rows: Vec<&RowChange> = comparison.rows_that_went(direction).collect();
        let _ = writeln!(out, "<h3>{title}: {}</h3>", counted(rows.len()));
        table(&mut out, &rows);
    }
    let rows: Vec<&RowChange> = comparison.rows_that_went(Direction::Unchanged).collect();
    let _ = writeln!(
        out,
        "<details>\n<summary>Within noise: {}</summary>",
        counted(rows.len())
    );
    table(&mut out, &rows);
    out.push_str("</details>\n");
    qualities(&mut out, comparison);
    out
}

fn counted(rows: usize) -> String {
    match rows {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}

fn table(out: &mut String, rows: &[&RowChange]) {
    if rows.is_empty() {
        return;
    }
    out.push_str(
        "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">attack</th><th scope=\"col\">path</th>\
         <th scope=\"col\" class=\"n\">clips</th><th scope=\"col\" class=\"n\">exact, was</th><th scope=\"col\" class=\"n\">is</th>\
         <th scope=\"col\" class=\"n\">p</th><th scope=\"col\" class=\"n\">log10 p better on</th>\
         <th scope=\"col\" class=\"n\">worse on</th><th scope=\"col\" class=\"n\">p</th></tr></thead>\n<tbody>\n",
    );
    for row in rows {
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td>",
            Text(&row.attack),
            path_name(row.path)
        );
        for value in [
            row.clips.to_string(),
            row.exact_before.to_string(),
            row.exact_after.to_string(),
            row.exact.p_in_words(),
            row.scores.better.to_string(),
            row.scores.worse.to_string(),
            row.scores.p_in_words(),
        ] {
            let _ = write!(out, "<td class=\"n\">{value}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn qualities(out: &mut String, comparison: &Comparison) {
    out.push_str("<h3>Quality</h3>\n");
    if comparison.qualities().is_empty() {
        out.push_str("<p>No clip differs by more than 0.1 dB or 0.3 points of VMAF.</p>\n");
        return;
    }
    out.push_str("<ul>\n");
    for change in comparison.qualities() {
        let (class, word) = if change.after > change.before {
            ("good", "better")
        } else {
            ("bad", "worse")
        };
        let _ = writeln!(
            out,
            "<li><span class=\"{class}\">{word}</span> {}: {} {:.2}, was {:.2}</li>",
            Text(&change.clip),
            change.measure,
            change.after,
            change.before
        );
    }
    out.push_str("</ul>\n");
}
