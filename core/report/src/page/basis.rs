//! What an answer rests on: what was tried and counted, what a score means and does not mean, what was noted.

use countermark_trace::result::{
    Bound, Compared, Consistency, Factors, Host, Identification, Likeness, Tried,
};
use maud::{Markup, html};

use super::measured::MEASURED;
use super::{Statement, Work};
use crate::html::facts;
use crate::words::{chance, rounded_up};

/// What was tried, as a list.
#[must_use]
pub fn tried(statement: &Statement<'_>) -> Markup {
    let mut rows = match statement.work {
        Work::Trace(tried) => of_trace(tried),
        Work::Identify(report) => of_identify(report),
    };
    rows.extend(statement.compared.into_iter().flat_map(of_pictures));
    rows.extend(statement.consistency.map(of_noise));
    facts(&rows)
}

/// How far the accusations rest on pictures, and what was withheld because of them.
fn of_pictures(compared: &Compared) -> Vec<(&'static str, String)> {
    let mut rows = vec![(
        "pictures compared",
        if compared.pictures_compared {
            "all evidence is of frames that certainly show the title"
        } else {
            "no: nothing says that the frames with the mark show the title"
        }
        .to_owned(),
    )];
    let span = |[from, to]: &[f64; 2]| format!("{from:.2} to {to:.2} s");
    let spans: Vec<String> = compared.evidence.iter().map(span).collect();
    if !spans.is_empty() {
        rows.push(("evidence is of", spans.join(", ")));
    }
    for held in &compared.withheld {
        // By its number: whoever is not accused has no name on a page.
        let mark = format!("the mark of payload {}", held.payload);
        rows.push((
            "withheld",
            format!("{mark} lies on frames that do not show the title, or may not"),
        ));
    }
    rows
}

/// What the noise over the mark is like, and how often it is so of what was measured.
fn of_noise(consistency: Consistency) -> (&'static str, String) {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let reencodes = percent(consistency.of_reencodes);
    let transplants = percent(consistency.of_transplants);
    let like = match consistency.like {
        Likeness::Transplant => format!(
            "the clip is noisier there than above it, like a copy over which another\u{2019}s mark was laid: so were {reencodes} of the measured \
             copies that were encoded again. Let an expert look at the master before anybody is accused"
        ),
        Likeness::Unknown => format!(
            "says nothing: as noisy or noisier are {reencodes} of the measured copies that were encoded again, and {transplants} of those over \
             which another\u{2019}s mark was laid are as quiet or quieter"
        ),
    };
    ("noise where the mark lies", like)
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
        ("picture under the mark", host.to_owned()),
        (
            "accused only below",
            format!("{} analyses", chance(tried.threshold_log10)),
        ),
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

/// Every factor that multiplied a bound, their product, and what multiplied none.
#[must_use]
pub fn counted(statement: &Statement<'_>) -> Markup {
    let Work::Trace(tried) = statement.work else {
        return html! {};
    };
    let accused = statement
        .accused
        .iter()
        .map(|it| (it.distributor.as_str(), &it.bound));
    let mut bounds: Vec<(&str, &Bound)> = accused.collect();
    if bounds.is_empty() {
        bounds.extend(tried.best.as_ref().map(|best| ("the nearest", best)));
    }
    let mut kinds: Vec<(&Factors, f64, Vec<&str>)> = Vec::new();
    for (name, bound) in bounds {
        match kinds.iter_mut().find(|kind| kind.0 == bound.hypotheses()) {
            Some(kind) => kind.2.push(name),
            None => kinds.push((bound.hypotheses(), bound.threshold_t(), vec![name])),
        }
    }
    html! {
        p {
            "A score may have come about in several ways, and each multiplies how often it occurs: log10 bound = sum of log10 of the \
             factors \u{2212} 0.2171 t\u{b2}."
        }
        @for (factors, threshold, names) in &kinds {
            (factor_table(factors, *threshold, names))
        }
        @if kinds.is_empty() { p.none { "Nothing could be scored." } }
        p { "Looked at and not counted:" }
        ul {
            @for it in tried.not_counted() {
                li {
                    @if let Some(number) = it.number { (number) " " }
                    (it.what) ": chosen by " (it.chosen_by) "; " (it.why)
                }
            }
        }
    }
}

fn factor_table(factors: &Factors, threshold: f64, names: &[&str]) -> Markup {
    html! {
        table.factors {
            caption { "For " (names.join(", ")) }
            thead { tr { th.n scope="col" { "factor" } th scope="col" { "what it counts" } } }
            tbody {
                @for (_, count, what) in factors.each() {
                    @if count > 1 {
                        tr { td.n { (count) } td { (what) } }
                    }
                }
                tr {
                    td.n { b { (factors.product()) } }
                    td { "the product; every factor that is not shown is 1. Accused from a score of " (rounded_up(threshold)) " on" }
                }
            }
        }
    }
}

/// The null hypothesis, the assumptions, what is not said, and how often the program was wrong: for a reader who knows none of it.
#[must_use]
pub fn meaning(work: Work<'_>, program: &str) -> Markup {
    let Work::Trace(tried) = work else {
        return html! {
            p {
                "The title and the seconds were recognised by pictures and sound alone. No mark was looked for: this page \
                 accuses nobody and clears nobody."
            }
        };
    };
    let clips = tried.best.map_or(1, |best| best.hypotheses().clips);
    html! {
        h3 { "The null hypothesis" }
        p {
            "For a delivery it is: neither its copy, nor anything made from it (a stream, a recording), nor its keys, nor earlier \
             scores for it had been available to whoever made the clip. Then the clip, whatever it shows and whatever was done to \
             it, knows nothing of the delivery\u{2019}s secret signs, which are fair coin tosses independent of each other, and \
             they agree with it to a score of t or more with a probability of at most exp(\u{2212}t\u{b2}/2). That is proved \
             (Hoeffding 1963), not fitted. It is multiplied by every factor that is counted above. A delivery is accused only where \
             the result is below one in a billion."
        }
        h3 { "What is assumed" }
        ul {
            li {
                "The keys are secret: the studio\u{2019}s own, and every read key that was handed out. Whoever has a read key of the \
                 title can lay marks into it."
            }
            li { "No copy of the delivery, no stream and no recording of it was at hand to anybody but those it was made for." }
            li { "Nobody outside the studio was told scores of this delivery before. Who may ask for them can build its signal." }
            li {
                "HKDF-SHA256 and ChaCha20 are as good as random. A key has 256 bits, so that no number below 10^\u{2212}77 could be \
                 supported; none below 10^\u{2212}30 is printed."
            }
            li {
                @if clips == 1 { "One clip was analysed, once. " } @else { "The case has " (clips) " clips, each analysed once. " }
                "Who analyses more, or the same clip again in another shape, must count those too."
            }
            li { "The program does what its source says, the register names the right recipient, and the file is the one with the digest above." }
        }
        h3 { "What is not said" }
        ul {
            li { "How probable it is that an accused is innocent. That needs what is known beside the clip." }
            li { "Who made the clip, or who passed the copy on." }
            li {
                "Whether the signal was recorded elsewhere, such as from a public stream, and laid over other pictures of the same \
                 title. A mark that is added to pictures cannot forbid that, and nothing here would show it."
            }
            li {
                "How much of the clip stems from a copy: a copy of which little was used is named in the same words. The shares above \
                 are scores, each by the highest."
            }
            li { "Anything by a second witness: where a payload was decoded as well, both decisions rest on one score." }
        }
        h3 { "How often it was wrong when it was tested" }
        p { (MEASURED.in_words(program)) }
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
