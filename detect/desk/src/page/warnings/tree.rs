//! A tree of clips: rows in the order a tree is read, to the right as time goes on, a line from each to what it may be cut from.
//!
//! The drawing says it to the eye; the list under it says the same to everybody else, and leads to the clips.

use countermark_register::desk::Sighting;
use maud::{Markup, html};

use crate::page::frame::clock;
use crate::spread::{Seen, in_order, spread};

/// The drawing's own units: its width, its margin, the height of a row.
const WIDTH: f64 = 1000.0;
const MARGIN: f64 = 12.0;
const ROW: f64 = 22.0;

pub(super) fn drawn(sightings: &[Sighting]) -> Markup {
    let clips = spread(sightings);
    if clips.is_empty() {
        return html! { p.quiet { "Nothing was seen yet." } };
    }
    let order = in_order(&clips);
    let row = |clip: usize| order.iter().position(|at| *at == clip).unwrap_or(0);
    let seen = || clips.iter().map(|clip| clip.first.seen);
    let (first, last) = (seen().min().unwrap_or(0), seen().max().unwrap_or(0));
    let place = |clip: usize| {
        let since = (clips[clip].first.seen - first) as f64 / (last - first).max(1) as f64;
        (
            MARGIN + since * (WIDTH - 2.0 * MARGIN),
            (row(clip) as f64 + 0.5) * ROW,
        )
    };
    let height = order.len() as f64 * ROW;
    html! {
        figure {
            svg.tree viewBox={"0 0 " (WIDTH) " " (height)} role="img" aria-label="Clips by time, each joined to the one it may be cut from; the list below says the same" {
                @for (at, clip) in clips.iter().enumerate() {
                    @let (x, y) = place(at);
                    @if let Some(parent) = clip.parent {
                        @let (px, py) = place(parent);
                        path.branch.blind[clip.first.delivery.is_none()] d=(format!("M{px:.1},{py:.1} V{y:.1} H{x:.1}")) {}
                    }
                    circle.seen.cut[clip.parent.is_some()] cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="6" {}
                }
            }
            figcaption.quiet { "From left to right: from the first clip to the last." }
        }
        ol.tree-list {
            @for at in &order { (line(&clips[*at], clips[*at].parent.map(|parent| row(parent) + 1))) }
        }
    }
}

fn line(clip: &Seen<'_>, parent: Option<usize>) -> Markup {
    let first = clip.first;
    html! {
        li data-depth=(clip.depth.min(6)) {
            @match &first.job {
                Some(job) => { a href={"/jobs/" (job)} { (first.place) } },
                None => { span { (first.place) } },
            }
            " " (first.title) ": "
            @for (at, span) in clip.spans.iter().enumerate() { @if at > 0 { ", " } (clock(span[0])) " to " (clock(span[1])) }
            @if let Some(uploader) = &first.origin.uploader { " by " (uploader) }
            @if let Some(source) = &first.origin.source { " " a href=(source) rel="noreferrer noopener nofollow" { "source" } }
            " " time data-time=(first.seen) {}
            @if let Some(parent) = parent { span.quiet { " within number " (parent) @if first.delivery.is_none() { ", by pictures alone" } } }
        }
    }
}
