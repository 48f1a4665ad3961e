//! What an answer rests on: what was tried, what a chance means, what was noted.

use std::fmt::Write as _;

use super::statement::Work;
use crate::markup::Text;
use crate::words::logarithm;
use countermark_trace::result::{Host, Identification, Tried};

/// What was tried, as a list.
pub(super) fn tried(work: Work<'_>) -> String {
    let rows = match work {
        Work::Trace(tried) => of_trace(tried),
        Work::Identify(report) => of_identify(report),
    };
    facts(&rows)
}

/// Names and values, escaped.
pub(super) fn facts(rows: &[(&str, String)]) -> String {
    let mut out = String::from("<dl class=\"facts\">\n");
    for (name, value) in rows {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Text(value));
    }
    out.push_str("</dl>\n");
    out
}

fn of_trace(tried: &Tried) -> Vec<(&'static str, String)> {
    let host = match tried.host {
        Host::Reference => "subtracted, with the reference",
        Host::Blind => "cancelled along time, without a reference",
    };
    vec![
        ("frames of the clip", tried.frames.to_string()),
        ("length used", format!("{:.2} s", tried.clip_seconds)),
        ("titles", tried.titles.to_string()),
        ("distributors\u{2019} keys", tried.keys.to_string()),
        ("deliveries on record", tried.deliveries.to_string()),
        ("time offsets", tried.offsets.to_string()),
        ("geometries", tried.geometries.to_string()),
        ("picture under the mark", host.to_owned()),
        (
            "best log10 p",
            tried
                .best_log10_p
                .map_or("nothing could be scored".to_owned(), logarithm),
        ),
        ("accused only below", tried.threshold_log10_p.to_string()),
    ]
}

fn of_identify(report: &Identification) -> Vec<(&'static str, String)> {
    vec![
        ("frames looked for", report.probes.to_string()),
        ("with features enough", report.telling.to_string()),
        ("sighted in the title", report.sighted.to_string()),
        ("titles", report.titles.to_string()),
    ]
}

/// The null hypothesis and the bound, for a reader who knows neither.
pub(super) fn meaning(work: Work<'_>) -> &'static str {
    match work {
        Work::Trace(_) => {
            "<p>The null hypothesis for a delivery is: its copy was not used to make this clip. Then the clip, however it \
             was made, knows nothing of the delivery\u{2019}s secret signs, which are fair coin tosses independent of each \
             other, and the chance that they agree with it to a score of t or more is at most exp(\u{2212}t\u{b2}/2): a \
             proved bound (Hoeffding 1963), not a fitted one, for any content and any attack.</p>\n\
             <p>The bound is multiplied by the number of all hypotheses that were tried; log10 p is the decimal logarithm \
             of the result. A delivery is accused only below \u{2212}9, one chance in a billion. The bound says whose copy \
             was used, not who used it.</p>\n"
        }
        Work::Identify(_) => {
            "<p>The title and the seconds were recognised by pictures and sound alone. No mark was looked for: this page \
             accuses nobody and clears nobody.</p>\n"
        }
    }
}

/// What the analysis noted.
pub(super) fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return "<p class=\"none\">Nothing was noted.</p>\n".to_owned();
    }
    let mut out = String::from("<ul>\n");
    for note in notes {
        let _ = writeln!(out, "<li>{}</li>", Text(note));
    }
    out.push_str("</ul>\n");
    out
}
