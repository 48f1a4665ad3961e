//! The first page: drop clips, see what becomes of them.

use std::sync::Arc;

use countermark_register::desk::{JobRecord, JobState, Page};
use maud::{Markup, html};
use serde_json::Value;

use super::frame::framed;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::Answer;

/// Jobs and cases that are shown.
const MOST: u32 = 50;

pub(super) async fn page(desk: Arc<Desk>, caller: Caller) -> Answer<Markup> {
    let (jobs, cases) = desk
        .record(|store| {
            let page = Page {
                limit: MOST,
                before: None,
            };
            Ok((store.jobs(None, None, page)?, store.cases(MOST)?))
        })
        .await?;
    let body = html! {
        h1 { "Whose copy is it?" }
        form #drop.card {
            label.zone for="files" {
                strong { "Drop clips here, paste them, or choose files" }
                span.quiet { "videos, pictures, prints; many at once" }
            }
            input #files type="file" multiple;
            div.row {
                label { "What is asked "
                    select name="kind" {
                        option value="trace" { "Whose copy (trace)" }
                        option value="identify" { "Which title (identify)" }
                        option value="read" { "The mark alone (read)" }
                    }
                }
                label { "Case "
                    select name="case" {
                        option value="" { "none" }
                        @for case in &cases { option value=(case.id) { (case.name) } }
                    }
                }
            }
            details {
                summary { "Where it was found (for sightings and the bundle)" }
                div.row {
                    label { "Address " input name="source" type="url" maxlength="2000"; }
                    label { "Uploader " input name="uploader" maxlength="200"; }
                    label { "Platform " input name="platform" maxlength="200"; }
                }
            }
        }
        section aria-labelledby="jobs-head" {
            h2 #jobs-head { "Clips" }
            ul #jobs.list {
                @for job in &jobs { (line(job)) }
            }
            @if jobs.is_empty() { p #none.quiet { "Nothing was examined yet." } }
        }
        section aria-labelledby="cases-head" {
            h2 #cases-head { "Cases" }
            ul.list { @for case in &cases { li { a href={"/cases/" (case.id)} { (case.name) } } } }
            form #new-case.row {
                label { "New case " input name="name" maxlength="200" required; }
                button type="submit" { "Begin" }
            }
        }
    };
    Ok(framed("Clips", Some(&caller), &body))
}

/// A job as a line of a list.
pub(super) fn line(job: &JobRecord) -> Markup {
    let (word, class) = verdict(job);
    html! {
        li data-job=(job.id) data-state=(job.state.as_str()) {
            a href={"/jobs/" (job.id)} { (job.name) }
            span class={"verdict " (class)} { (word) }
            progress hidden[job.state.is_final()] {}
        }
    }
}

/// What a job says in a few words, and the class of that.
pub(super) fn verdict(job: &JobRecord) -> (String, &'static str) {
    if job.state != JobState::Done {
        let class = if job.state == JobState::Failed {
            "bad"
        } else {
            "quiet"
        };
        return (job.state.as_str().to_owned(), class);
    }
    let result = job.result.as_deref().unwrap_or_default();
    let result: Value = serde_json::from_str(result).unwrap_or_default();
    let title = result["title"].as_str().unwrap_or("a title");
    match result["verdict"].as_str() {
        Some("traced") => {
            let all = result["deliveries"].as_array();
            let to = all.and_then(|all| all.first()?["distributor"].as_str());
            (
                format!("carries the signal of the copy to {}", to.unwrap_or("?")),
                "found",
            )
        }
        Some("title-only") => (format!("shows {title}"), "title"),
        _ => ("nothing found".to_owned(), "quiet"),
    }
}
