//! Titles and deliveries to look up.

use std::sync::Arc;

use maud::{Markup, html};

use super::frame::{clock, framed};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem, full};

pub(super) async fn page(desk: Arc<Desk>, caller: Caller) -> Answer<Markup> {
    let (titles, deliveries) = desk
        .wait(|desk| {
            let attested = desk
                .vault
                .attested()
                .map_err(|error| Problem::ours(full(&error)))?;
            let register = attested.0.register();
            let failed = |error| Problem::ours(full(&error));
            let titles = register.titles().map_err(failed)?;
            Ok((titles, register.deliveries(None).map_err(failed)?))
        })
        .await?;
    let body = html! {
        h1 { "Titles" }
        label for="filter" { "Find" } input #filter type="search" autocomplete="off";
        @for title in &titles {
            details.card data-filter=(title.name) {
                summary { (title.name) " " span.quiet { (clock(title.master.duration_seconds)) } }
                ul.list {
                    @for one in deliveries.iter().filter(|one| one.title_id == title.id) {
                        li { span { (one.distributor) } @if let Some(licensee) = &one.licensee { span.quiet { (licensee) } }
                            span.quiet { (one.state.as_str()) } code { (one.id) } }
                    }
                }
            }
        }
    };
    Ok(framed("Titles", Some(&caller), &body))
}
