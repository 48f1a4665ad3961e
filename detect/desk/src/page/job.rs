//! One clip: verdict first, then the seconds, then what it rests on.

use std::sync::Arc;

use countermark_register::desk::{JobRecord, JobState};
use maud::{Markup, html};
use serde_json::Value;

use super::frame::{clock, framed};
use super::home::verdict;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::kept;
use crate::problem::Answer;
use crate::route::asking::own_job;

mod sides;

/// Width of a strip in its own units.
const STRIP: f64 = 1000.0;

pub(super) async fn page(desk: Arc<Desk>, caller: Caller, id: String) -> Answer<Markup> {
    let job = own_job(&desk, &caller, id).await?;
    let result = job.result.as_deref().unwrap_or_default();
    let result: Value = serde_json::from_str(result).unwrap_or_default();
    let (word, class) = verdict(&job);
    let compared = kept::file(&desk, &job.id, "frames.json").await;
    let compared: Vec<Value> = compared
        .ok()
        .and_then(|frames| serde_json::from_slice(&frames).ok())
        .unwrap_or_default();
    let first = result["matches"][0]["title"].as_str();
    let shown = first.or(result["title"].as_str()).map(str::to_owned);
    let title = desk
        .wait(move |desk| {
            let titles = desk.titles()?;
            let known = titles
                .into_iter()
                .find(|title| Some(&title.name) == shown.as_ref());
            Ok(known.map(|title| (title.name, title.id.to_string())))
        })
        .await?;
    let body = html! {
        p.quiet { (job.kind.as_str()) " of" }
        h1 { (job.name) }
        div #job data-job=(job.id) data-state=(job.state.as_str()) data-keeping[job.is_keeping] {
            p class={"verdict large " (class)} { (word) }
            @if !job.state.is_final() {
                progress {}
                p #stage.quiet {}
                button #cancel type="button" { "Cancel" }
            }
            @if job.is_keeping { p #stage.quiet role="status" { "The frames, the report and the bundle are being made." } }
            @if let Some(error) = &job.error { p.bad { (error) } }
        }
        @if job.state == JobState::Done {
            (found(&result, title.as_ref()))
            (sides::frames(&job.id, &compared))
            (next(&job, &result))
        }
    };
    Ok(framed(&job.name, Some(&caller), &body))
}

fn found(result: &Value, title: Option<&(String, String)>) -> Markup {
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    let (matches, deliveries, candidates) =
        (list("matches"), list("deliveries"), list("candidates"));
    html! {
        @if !deliveries.is_empty() {
            section aria-labelledby="findings" {
                h2 #findings { "Findings" }
                @for one in &deliveries { (finding(one)) }
                p.quiet { "If neither that copy, nor anything made from it, nor its keys, nor earlier scores had been available to whoever made the clip, \
                    a score above the threshold would occur in fewer than one of a billion analyses. It is not the probability that anybody is innocent, \
                    and it does not say who made the clip." }
            }
        }
        @if !matches.is_empty() {
            (sides::players(title, &matches))
            section aria-labelledby="seconds" {
                h2 #seconds { "Which seconds" }
                (strip(&matches))
                div.wide tabindex="0" role="group" aria-labelledby="seconds" {
                    table {
                        thead { tr { th scope="col" { "Clip" } th scope="col" { "Title" } th scope="col" { "Master" } th scope="col" { "Speed" } th scope="col" { "By" } } }
                        tbody {
                            @for one in &matches {
                                tr {
                                    td { (span(&one["query"])) }
                                    td { (text(&one["title"], &result["title"])) }
                                    td { (span(&one["reference"])) }
                                    td { (format!("{:.3}", one["speed"].as_f64().unwrap_or(1.0))) @if one["mirrored"] == true { ", mirrored" } }
                                    td { @for by in one["by"].as_array().into_iter().flatten() { (by.as_str().unwrap_or_default()) " " } }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if !candidates.is_empty() {
            section.apart aria-labelledby="candidates" {
                h2 #candidates { "No findings: candidates" }
                p.quiet { "These titles came nearest. The clip was looked for in them and was not found: nothing follows from them, and no notice is drafted." }
                ul.list { @for one in &candidates { li { (one["title"].as_str().unwrap_or_default()) } } }
            }
        }
        @let notes = list("notes");
        @if !notes.is_empty() {
            section aria-labelledby="noted" { h2 #noted { "Noted on the way" } ul { @for note in &notes { li { (note.as_str().unwrap_or_default()) } } } }
        }
    }
}

/// What can be done with a job that is done.
fn next(job: &JobRecord, result: &Value) -> Markup {
    let was_found = result["matches"]
        .as_array()
        .is_some_and(|all| !all.is_empty());
    html! {
        @if job.has_bundle {
            p.quiet { "The proof bundle opens the keys of the accused deliveries: hand it to those who are to check it, and to nobody else." }
        }
        section aria-labelledby="next" {
            h2 #next { "What next" }
            p.row {
                a.button href={"/v1/jobs/" (job.id) "/result"} download={(job.id) ".json"} { "Result as JSON" }
                a.button href={"/v1/jobs/" (job.id) "/report"} download { "Report to hand on" }
                @if job.has_bundle { a.button href={"/v1/jobs/" (job.id) "/bundle"} download { "Proof bundle" } }
                @if was_found {
                    @for (law, language, name) in super::notice::ALL {
                        a.button href={"/jobs/" (job.id) "/notice?law=" (law) "&language=" (language)} { (name) }
                    }
                }
            }
        }
    }
}

fn finding(one: &Value) -> Markup {
    let number = |name: &str| one[name].as_f64().unwrap_or(0.0);
    let (score, threshold) = (number("t"), number("threshold_t"));
    html! {
        article.card.found {
            h3 { "Copy to " (one["distributor"].as_str().unwrap_or("a distributor")) }
            dl {
                dt { "Delivery" } dd { code { (one["delivery"].as_str().unwrap_or("not on record")) } }
                @if let Some(licensee) = one["licensee"].as_str() { dt { "Licensee" } dd { (licensee) } }
                dt { "Score" } dd { (format!("{score:.2}")) " against the threshold " (format!("{threshold:.2}")) " "
                    meter min="0" max=(format!("{:.2}", score.max(threshold) * 1.1)) low=(format!("{threshold:.2}")) value=(format!("{score:.2}")) {} }
            }
        }
    }
}

fn text<'a>(first: &'a Value, other: &'a Value) -> &'a str {
    first.as_str().or(other.as_str()).unwrap_or_default()
}

fn span(value: &Value) -> String {
    let at = |index: usize| clock(value[index].as_f64().unwrap_or(0.0));
    format!("{} to {}", at(0), at(1))
}

/// Spans of the clip above, of the master below, each pair joined.
fn strip(matches: &[Value]) -> Markup {
    let ends = |name: &str| -> Vec<[f64; 2]> {
        let end = |one: &Value, at: usize| one[name][at].as_f64().unwrap_or(0.0);
        matches
            .iter()
            .map(|one| [end(one, 0), end(one, 1)])
            .collect()
    };
    let (query, reference) = (ends("query"), ends("reference"));
    let scale = |spans: &[[f64; 2]], from_zero: bool| {
        let all = || spans.iter().flatten().copied();
        let from = if from_zero {
            0.0
        } else {
            all().fold(f64::INFINITY, f64::min)
        };
        let to = all().fold(0.0, f64::max);
        move |t: f64| (t - from) / (to - from).max(0.01) * STRIP
    };
    let (above, below) = (scale(&query, true), scale(&reference, false));
    html! {
        svg.strip viewBox="0 0 1000 120" preserveAspectRatio="none" role="img" aria-label="Spans of the clip above, of the master below" {
            rect.rail x="0" y="8" width="1000" height="24" {}
            rect.rail x="0" y="88" width="1000" height="24" {}
            @for (q, r) in query.iter().zip(&reference) {
                @let (q0, q1, r0, r1) = (above(q[0]), above(q[1]), below(r[0]), below(r[1]));
                polygon.link points=(format!("{q0:.1},32 {q1:.1},32 {r1:.1},88 {r0:.1},88")) {}
                rect.piece x=(format!("{q0:.1}")) y="8" width=(format!("{:.1}", (q1 - q0).max(3.0))) height="24" {}
                rect.piece x=(format!("{:.1}", r0.min(r1))) y="88" width=(format!("{:.1}", (r1 - r0).abs().max(3.0))) height="24" {}
            }
        }
    }
}
