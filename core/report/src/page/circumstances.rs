//! The command, the versions, the register and the record of the deliveries, on a page.

use maud::{Markup, html};

use crate::circumstances::{Circumstances, OnRecord, StageOnRecord};
use crate::html::facts;

/// How the answer came about, by what, and on which register.
#[must_use]
pub fn circumstances(it: &Circumstances) -> Markup {
    let mut rows = Vec::new();
    if let Some(command) = &it.command {
        rows.push(("command", command.clone()));
    }
    let libraries: Vec<String> = it
        .libraries
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    if !libraries.is_empty() {
        rows.push(("decoded with", libraries.join(", ")));
    }
    if let Some(register) = &it.register {
        rows.push((
            "register",
            format!(
                "{} titles, {} distributors, {} deliveries",
                register.titles, register.distributors, register.deliveries
            ),
        ));
        let holds = if register.ledger_holds {
            "every link holds"
        } else {
            "a link does not hold"
        };
        rows.push((
            "ledger",
            format!(
                "{} entries, {holds}, the last one\u{2019}s hash is {}",
                register.ledger_entries, register.ledger_head
            ),
        ));
    }
    html! {
        div.file { (facts(&rows)) }
    }
}

/// What is on record of the deliveries that are named.
#[must_use]
pub fn records(deliveries: &[OnRecord]) -> Markup {
    html! {
        @for it in deliveries {
            div.file { (facts(&of_delivery(it))) }
        }
    }
}

/// The working files of the titles that are on record.
#[must_use]
pub fn working_files(stages: &[StageOnRecord]) -> Markup {
    let each = stages.iter().flat_map(|stage| {
        let files = stage.files.iter();
        files.map(move |file| (stage, file))
    });
    html! {
        table {
            tr { th { "entry" } th { "recorded" } th { "stage" } th { "file" } th { "bytes" } th { "SHA-256" } }
            @for (stage, file) in each {
                tr {
                    td { (stage.entry) } td { (stage.time) } td { (stage.stage) }
                    td { (file.name) } td { (file.bytes) } td { code { (file.sha256) } }
                }
            }
        }
    }
}

fn of_delivery(it: &OnRecord) -> Vec<(&'static str, String)> {
    let unknown = || "not on record".to_owned();
    let entries: Vec<String> = it
        .ledger
        .iter()
        .map(|(number, time, act)| format!("{number} ({act}, {time})"))
        .collect();
    vec![
        ("delivery", it.delivery.clone()),
        ("of", format!("{} to {}", it.title, it.distributor)),
        ("file", it.file.clone()),
        ("begun", it.begun.clone()),
        ("completed", it.completed.clone().unwrap_or_else(unknown)),
        (
            "frames",
            it.frames.map_or_else(unknown, |frames| frames.to_string()),
        ),
        ("SHA-256", it.sha256.clone().unwrap_or_else(unknown)),
        (
            "ledger",
            if entries.is_empty() {
                unknown()
            } else {
                entries.join(", ")
            },
        ),
    ]
}
