//! A case: its clips and what people noted.

use std::sync::Arc;

use countermark_register::desk::Page;
use maud::{Markup, html};

use super::frame::framed;
use super::home::line;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::Answer;

/// Clips that are shown.
const MOST: u32 = 200;

pub(super) async fn page(desk: Arc<Desk>, caller: Caller, id: String) -> Answer<Markup> {
    let (case, notes, jobs) = desk
        .record(move |store| {
            let (case, notes) = store.case(&id)?;
            let page = Page {
                limit: MOST,
                before: None,
            };
            Ok((case, notes, store.jobs(None, Some(&id), page)?))
        })
        .await?;
    let body = html! {
        h1 { (case.name) }
        section aria-labelledby="clips" {
            h2 #clips { "Clips" }
            ul #jobs.list { @for job in &jobs { (line(job)) } }
            @if jobs.is_empty() { p.quiet { "No clip belongs to this case yet: choose it beside the clips you drop." } }
        }
        section aria-labelledby="notes" {
            h2 #notes { "Notes" }
            @for note in &notes {
                article.card { p.note { (note.text) } p.quiet { (note.author) " · " time data-time=(note.created) {} } }
            }
            form #new-note data-case=(case.id) {
                label for="note" { "Note" }
                textarea #note name="text" rows="4" maxlength="10000" required {}
                button type="submit" { "Add" }
            }
        }
    };
    Ok(framed(&case.name, Some(&caller), &body))
}
