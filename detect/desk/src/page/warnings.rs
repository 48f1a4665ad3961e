//! Early warning: how many clips were seen when, which may be cut from which, what rules there are and when they fired.

use std::sync::Arc;

use countermark_register::desk::{
    Attempt, Condition, DeskError, DeskStore, Page, RuleRecord, WebhookRecord,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::frame::framed;
use crate::caller::{Caller, Need};
use crate::desk::Desk;
use crate::problem::Answer;

mod curve;
mod hooks;
mod tree;

/// Sightings and firings that are shown.
const MOST: u32 = 200;
/// Spans of time that may be looked at: word, what it is called, steps, milliseconds of a step.
const SPANS: [(&str, &str, usize, i64); 3] = [
    ("hour", "last hour", 60, 60_000),
    ("day", "last day", 96, 900_000),
    ("month", "last 30 days", 60, 12 * 3_600_000),
];

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    title: String,
    #[serde(default)]
    span: String,
}

pub(super) async fn page(desk: Arc<Desk>, caller: Caller, wanted: Wanted) -> Answer<Markup> {
    let title = Some(wanted.title.clone()).filter(|title| !title.is_empty());
    let span = SPANS.iter().find(|(word, ..)| *word == wanted.span);
    let (word, called, steps, step) = *span.unwrap_or(&SPANS[1]);
    let of = title.clone();
    let (curve, mut sightings, rules, firings, webhooks) = desk
        .record(move |store| {
            let page = Page {
                limit: MOST,
                before: None,
            };
            Ok((
                store.sighting_curve(of.as_deref(), (steps, step))?,
                store.sightings(of.as_deref(), MOST)?,
                store.rules()?,
                store.firings(page)?,
                told(store)?,
            ))
        })
        .await?;
    sightings.reverse();
    let titles = desk.wait(Desk::titles).await?;
    let may_rule = caller.may(Need::Examine);
    let body = html! {
        h1 { "Early warning" }
        form.row method="get" action="/warnings" {
            label { "Title " select name="title" {
                option value="" { "all" }
                @for one in &titles { option value=(one.name) selected[title.as_ref() == Some(&one.name)] { (one.name) } }
            } }
            label { "Time " select name="span" {
                @for (own, called, ..) in SPANS { option value=(own) selected[own == word] { (called) } }
            } }
            button type="submit" { "Show" }
        }
        section aria-labelledby="curve" {
            h2 #curve { "Clips seen, " (called) }
            (curve::drawn(&curve, called))
        }
        section aria-labelledby="fired" {
            h2 #fired { "Rules that fired" }
            @if firings.is_empty() { p.quiet { "None yet." } }
            ul.list { @for one in &firings {
                li { strong { (one.name) } span { (one.title) } span.quiet { (one.clips) " clips, last on " (one.place) }
                    @if let Some(job) = &one.job { a href={"/jobs/" (job)} { "the clip" } }
                    time data-time=(one.fired) {} }
            } }
        }
        section aria-labelledby="tree" {
            h2 #tree { "Who may have reposted whom" }
            p.quiet { "By time and seconds: what lies within an earlier clip of the same delivery hangs under it. A guess, no finding: whoever cut \
                the title himself looks the same." }
            (tree::drawn(&sightings))
        }
        section aria-labelledby="rules" {
            h2 #rules { "Rules" }
            ul.list { @for rule in &rules { (line(rule, may_rule)) } }
            @if rules.is_empty() { p.quiet { "No rule yet." } }
            @if may_rule { (form(titles.iter().map(|title| title.name.as_str()))) }
        }
        (hooks::shown(&webhooks, may_rule))
    };
    Ok(framed("Early warning", Some(&caller), &body))
}

/// Webhooks, each with its newest attempts.
fn told(store: &DeskStore) -> Result<Vec<(WebhookRecord, Vec<Attempt>)>, DeskError> {
    let page = Page {
        limit: 10,
        before: None,
    };
    let webhooks = store.webhooks()?.into_iter();
    webhooks
        .map(|webhook| {
            let attempts = store.attempts(&webhook.id, page)?;
            Ok((webhook, attempts))
        })
        .collect()
}

fn line(rule: &RuleRecord, may_rule: bool) -> Markup {
    html! {
        li {
            strong { (rule.name) }
            span { @match rule.condition {
                Condition::Burst { clips, within_millis } => { (clips) " clips within " (within_millis / 60_000) " min" },
                Condition::First { before: None } => { "the first clip" },
                Condition::First { before: Some(before) } => { "the first clip before " time data-time=(before) {} },
            } }
            span { @if let Some(title) = &rule.title { "of " (title) } @else { "of any title" } }
            span.quiet { "by " (rule.owner) }
            @if may_rule { button.plain type="button" data-remove={"/v1/rules/" (rule.id)} { "Take away " span.unseen { (rule.name) } } }
        }
    }
}

fn form<'a>(titles: impl Iterator<Item = &'a str>) -> Markup {
    html! {
        form #new-rule.card {
            h3 { "New rule" }
            div.row {
                label { "Name " input name="name" maxlength="100" required; }
                label { "Title " select name="title" { option value="" { "any" } @for title in titles { option value=(title) { (title) } } } }
                label { "Fires on " select name="kind" {
                    option value="burst" { "so many clips within a time" }
                    option value="first" { "the first clip" }
                } }
            }
            div.row {
                label { "Clips " input name="clips" type="number" min="1" max="100000" value="3"; }
                label { "Minutes " input name="minutes" type="number" min="1" max="44640" value="10"; }
                label { "Only before (UTC; of a first clip) " input name="before" type="date"; }
            }
            button type="submit" { "Make" }
        }
    }
}
