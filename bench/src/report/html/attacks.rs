//! The table of attacks, group by group.
//!
//! # Shapes and units
//! The bar is the rate from 0 to 100 %: filled up to the rate, the band its Wilson interval of 95 %, the tick its floor.

use std::fmt::Write as _;

use super::super::row::{AttackRow, Shortest};
use super::super::{Report, cell, markdown, path_name};
use countermark_report::markup::Text;

/// Width of a bar in its own units; it is stretched.
const BAR: f64 = 200.0;

pub(super) fn table(report: &Report) -> String {
    if report.rows.is_empty() {
        return "<p class=\"none\">The suite has no attacks.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<p>Exact: the share of clips that named exactly the deliveries that were attacked; of <code>identify</code>, \
         the title and the time to 0.1&#160;s over half of the clip. Unknown: clips that the register lacks and in which \
         nothing was found. \
         The band is its 95&#160;% interval (Wilson), the tick its floor. \
         Detector seconds are for a minute of clip.</p>\n",
    );
    for rows in report.rows.chunk_by(|a, b| a.group == b.group) {
        if let Some(row) = rows.first()
            && !row.group.is_empty()
        {
            let _ = writeln!(out, "<h3>{}</h3>", Text(&row.group));
        }
        group(&mut out, rows);
    }
    out
}

fn group(out: &mut String, rows: &[AttackRow]) {
    out.push_str("<div class=\"scroll\"><table class=\"attacks\">\n<thead><tr>");
    for (name, class) in [
        ("attack", ""),
        ("exact", ""),
        ("wrong", " class=\"n\""),
        ("raw bit errors", " class=\"n\""),
        ("median log10 p", " class=\"n\""),
        ("shortest clip", " class=\"n\""),
        ("detector s/min", " class=\"n\""),
        ("verdict", ""),
    ] {
        let _ = write!(out, "<th scope=\"col\"{class}>{name}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        line(out, row);
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn line(out: &mut String, row: &AttackRow) {
    let path = path_name(row.path);
    let name = match &row.name {
        Some(name) => format!("{}<br/>", Text(name)),
        None => String::new(),
    };
    let _ = write!(
        out,
        "<tr><th scope=\"row\"><span class=\"path {path}\">{path}</span> {name}<code>{}</code></th>",
        broken(&row.attack)
    );
    let beside = markdown::beside(row);
    let rate = row
        .exact
        .rate()
        .map_or("-".to_owned(), |rate| format!("{:.0}&#160;%", rate * 100.0));
    let _ = write!(
        out,
        "<td class=\"exact\"><span class=\"rate\">{rate}</span> <span class=\"count\">{}/{}{beside}</span> {}</td>",
        row.exact.hits,
        row.exact.trials,
        bar(row)
    );
    let shortest = match row.shortest {
        Shortest::OneLength => "-".to_owned(),
        Shortest::Seconds(seconds) => format!("{seconds:.1} s"),
        Shortest::TooShort => "none".to_owned(),
    };
    let errors = row
        .coded_bit_errors
        .map_or("-".to_owned(), |e| format!("{:.1} %", e * 100.0));
    let wrong = row.wrong + row.false_matches();
    let wrong_class = if wrong > 0 { "n bad" } else { "n" };
    for (label, class, value) in [
        ("wrong", wrong_class, wrong.to_string()),
        ("bit errors", "n", errors),
        ("log10 p", "n", cell(row.median_log10_p, 1)),
        ("shortest", "n", shortest),
        ("s/min", "n", cell(row.seconds_per_minute, 1)),
    ] {
        let _ = write!(
            out,
            "<td class=\"{class}\" data-label=\"{label}\">{value}</td>"
        );
    }
    let (class, word) = match (row.holds(), row.has_floor()) {
        (false, _) if row.exact.trials == 0 => ("bad", "not measured"),
        (false, _) => ("bad", "short"),
        (true, true) => ("good", "holds"),
        (true, false) => ("muted", "no floor"),
    };
    let _ = writeln!(
        out,
        "<td class=\"verdict-cell\"><span class=\"{class}\">{word}</span></td></tr>"
    );
}

/// A name that may break after each step.
fn broken(attack: &str) -> String {
    let steps: Vec<String> = attack.split('+').map(|s| Text(s).to_string()).collect();
    steps.join("+<wbr/>")
}

fn bar(row: &AttackRow) -> String {
    let (low, high) = row.exact.wilson();
    let Some(rate) = row.exact.rate() else {
        return String::new();
    };
    let floor = markdown::floor(row);
    let said = if floor == "-" {
        String::new()
    } else {
        format!(", floor {floor}")
    };
    let fill = if row.holds() { "fill" } else { "fill short" };
    let mut out = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {BAR} 16\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{:.0} to {:.0} %{said}\"><title>{:.0} to {:.0} %{said}</title>\
         <rect class=\"track\" y=\"3\" width=\"{BAR}\" height=\"10\"/>\
         <rect class=\"{fill}\" y=\"3\" width=\"{:.1}\" height=\"10\"/>\
         <rect class=\"band\" x=\"{:.1}\" y=\"6\" width=\"{:.1}\" height=\"4\"/>",
        low * 100.0,
        high * 100.0,
        low * 100.0,
        high * 100.0,
        rate * BAR,
        low * BAR,
        (high - low) * BAR,
    );
    for (floor, class) in [(row.min_rate, "tick"), (row.min_any_rate, "tick any")] {
        if let Some(floor) = floor {
            let x = (floor * BAR - 1.0).clamp(0.0, BAR - 2.0);
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"0\" width=\"2\" height=\"16\"/>"
            );
        }
    }
    out.push_str("</svg>");
    out
}
