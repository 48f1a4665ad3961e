//! Webhooks on the page: who is told, what became of it, and a form whose answer tells the secret once.

use countermark_register::desk::{Attempt, WebhookRecord};
use maud::{Markup, html};

/// Webhooks, each with its newest attempts.
pub(super) fn shown(webhooks: &[(WebhookRecord, Vec<Attempt>)], may_change: bool) -> Markup {
    html! {
        section aria-labelledby="webhooks" {
            h2 #webhooks { "Webhooks" }
            @if webhooks.is_empty() { p.quiet { "Nobody is told." } }
            @for (webhook, attempts) in webhooks {
                article.card {
                    h3 { (webhook.url) }
                    p.quiet { @if webhook.events.jobs { "jobs that ended " } @if webhook.events.rules { "rules that fired " } "by " (webhook.owner) }
                    @if !attempts.is_empty() {
                        details {
                            summary { "Last attempts" }
                            div.wide tabindex="0" role="group" aria-label={"Last attempts at " (webhook.url)} {
                                table {
                                    thead { tr { th scope="col" { "When" } th scope="col" { "Of" } th scope="col" { "Answer" } th scope="col" { "The message is" } } }
                                    tbody { @for one in attempts { tr {
                                        td { time data-time=(one.tried) {} }
                                        td { (one.event) }
                                        td { @match one.status { Some(status) => (status), None => (one.error.as_deref().unwrap_or_default()) } }
                                        td { (one.state) }
                                    } } }
                                }
                            }
                        }
                    }
                    @if may_change { button.plain type="button" data-remove={"/v1/webhooks/" (webhook.id)} { "Take away " span.unseen { (webhook.url) } } }
                }
            }
            @if may_change {
                form #new-webhook.card {
                    h3 { "New webhook" }
                    label { "Address " input name="url" type="url" maxlength="2000" required; }
                    div.row {
                        label { input name="rules" type="checkbox" checked; " rules that fire" }
                        label { input name="jobs" type="checkbox"; " jobs that end" }
                    }
                    button type="submit" { "Make" }
                    p #secret role="status" {}
                }
            }
        }
    }
}
