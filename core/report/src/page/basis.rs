//! What an answer rests on: what was tried, what a chance means, what was noted.

use countermark_trace::result::{Host, Identification, Tried};
use maud::{Markup, html};

use super::Work;
use crate::html::facts;
use crate::words::logarithm;

/// What was tried, as a list.
#[must_use]
pub fn tried(work: Work<'_>) -> Markup {
    facts(&match work {
        Work::Trace(tried) => of_trace(tried),
        Work::Identify(report) => of_identify(report),
    })
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
#[must_use]
pub fn meaning(work: Work<'_>) -> Markup {
    match work {
        Work::Trace(_) => html! {
            p {
                "The null hypothesis for a delivery is: its copy was not used to make this clip. Then the clip, however it \
                 was made, knows nothing of the delivery\u{2019}s secret signs, which are fair coin tosses independent of \
                 each other, and the chance that they agree with it to a score of t or more is at most \
                 exp(\u{2212}t\u{b2}/2): a proved bound (Hoeffding 1963), not a fitted one, for any content and any attack."
            }
            p {
                "The bound is multiplied by the number of all hypotheses that were tried; log10 p is the decimal logarithm \
                 of the result. A delivery is accused only below \u{2212}9, one chance in a billion. The bound says whose \
                 copy was used, not who used it."
            }
        },
        Work::Identify(_) => html! {
            p {
                "The title and the seconds were recognised by pictures and sound alone. No mark was looked for: this page \
                 accuses nobody and clears nobody."
            }
        },
    }
}

/// What the analysis noted.
#[must_use]
pub fn notes(notes: &[String]) -> Markup {
    html! {
        @if notes.is_empty() {
            p.none { "Nothing was noted." }
        } @else {
            ul {
                @for note in notes {
                    li { (note) }
                }
            }
        }
    }
}
