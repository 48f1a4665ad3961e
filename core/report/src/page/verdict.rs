//! The answer in a sentence, the copies that are named, and the file that it is about.

use countermark_trace::exhibits::RankedDelivery;
use countermark_trace::result::{Accusation, Match, Verdict};
use maud::{Markup, html};

use super::{Statement, Work};
use crate::html::{capital, facts};
use crate::{Custody, words};

/// The answer in a few words.
#[must_use]
pub fn verdict_words(statement: &Statement<'_>) -> &'static str {
    match (statement.verdict, statement.work) {
        (Verdict::TitleOnly, Work::Identify(_)) => "title found",
        (verdict, _) => words::verdict(verdict),
    }
}

/// The answer, and the sentence that says it.
#[must_use]
pub fn verdict(statement: &Statement<'_>) -> Markup {
    let class = match statement.verdict {
        Verdict::Traced => "traced",
        Verdict::TitleOnly => "title",
        Verdict::NotFound => "nothing",
    };
    html! {
        div.verdict.(class) {
            strong { (capital(verdict_words(statement))) }
            p { (sentence(statement)) }
        }
    }
}

/// The copies that are named, each with its score, share and bound; `standings` tell the titles of those on record.
#[must_use]
pub fn copies(statement: &Statement<'_>, standings: &[RankedDelivery]) -> Markup {
    html! {
        @for accusation in statement.accused {
            (copy(accusation, standings))
        }
        @if !statement.accused.is_empty() {
            p.unsaid { (words::not_said(statement.accused)) }
        }
    }
}

/// The file, when it was analysed and by what.
#[must_use]
pub fn custody(custody: &Custody, statement: &Statement<'_>) -> Markup {
    let mut rows = vec![
        ("title", statement.title.unwrap_or("none found").to_owned()),
        ("file", custody.file_name.clone()),
        ("length", format!("{} bytes", custody.bytes)),
        ("SHA-256", custody.sha256.clone()),
        ("analysed", custody.analysed.clone()),
        ("program", format!("countermark-detect {}", custody.version)),
    ];
    if statement.seconds.is_finite() {
        rows.push(("taking", format!("{:.1} s", statement.seconds)));
    }
    html! {
        div.file { (facts(&rows)) }
    }
}

fn sentence(statement: &Statement<'_>) -> String {
    let title = statement.title.map(|title| format!("{title:?}"));
    let of_another = |found: &Match| found.title.as_deref() != statement.title;
    let several = statement.matches.iter().any(of_another);
    match (statement.verdict, title) {
        (Verdict::Traced, title) => {
            let mut names: Vec<&str> = Vec::new();
            for copy in statement.accused {
                let name = copy.distributor.as_str();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let copy = if statement.accused.len() == 1 {
                "copy"
            } else {
                "copies"
            };
            // The copies may be of different titles then.
            let title = title.filter(|_| !several);
            let of = title.map_or(String::new(), |title| format!(" of {title}"));
            format!(
                "The clip carries the signal of the {copy}{of} delivered to {}.",
                listed(&names)
            )
        }
        (Verdict::TitleOnly, Some(title)) => match statement.work {
            Work::Trace(_) => {
                format!("The clip shows {title}. No delivery scored above the threshold.")
            }
            Work::Identify(_) => format!("The clip shows {title}."),
        },
        _ => "The clip was not found in any title that was tried.".to_owned(),
    }
}

fn copy(it: &Accusation, standings: &[RankedDelivery]) -> Markup {
    let on_record = |standing: &&RankedDelivery| Some(&standing.delivery) == it.delivery.as_ref();
    let title = standings
        .iter()
        .find(on_record)
        .map(|standing| &standing.title);
    html! {
        div.copy {
            dl {
                dt { "distributor" }
                dd { b { (it.distributor) } }
                @if let Some(licensee) = &it.licensee {
                    dt { "licensee" }
                    dd { (licensee) }
                }
                @if let Some(licence) = &it.licence {
                    dt { "licence" }
                    dd { (licence) }
                }
                @if let Some(title) = title {
                    dt { "title" }
                    dd { (title) }
                }
                dt { "delivery" }
                dd {
                    @match &it.delivery {
                        Some(delivery) => { code { (delivery.to_string()) } }
                        None => { "not on record" }
                    }
                }
                dt { "payload" }
                dd { code { (it.payload.to_string()) } }
            }
            p { (capital(&words::score(&it.bound))) ", " (format!("{:.0}", 100.0 * it.share)) " % of the highest among the accused." }
            p { (words::conditional(&it.bound)) }
            p { (capital(words::decision(it))) "." }
        }
    }
}

/// `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
