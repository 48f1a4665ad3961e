//! The board as one page: its tables, and the rate of exact answers against what attacks leave of the pictures.
//!
//! # Shapes and units
//! Decibels along, percent up; every dot is an attack, with Wilson's interval.

use countermark_report::html::{document, scroll};
use countermark_report::svg::{Axis, Look, Plot, Point, Series, Tone};
use maud::{Markup, html};

use super::table::{name, sheets};
use super::{Board, Contender, Entry};
use crate::statistics::{Share, mean};

pub(super) fn to_html(board: &Board) -> String {
    let body = html! {
        header { h1 { "Systems side by side" } }
        @for (index, sheet) in sheets(board).into_iter().enumerate() {
            section {
                h2 { (sheet.title) }
                @if index == 2 { (curves(board)) }
                (scroll(sheet.title, &html! {
                    table {
                        thead { tr { @for cell in &sheet.head { th { (cell) } } } }
                        tbody {
                            @for row in &sheet.rows {
                                tr { @for (cell, head) in row.iter().zip(&sheet.head) { td data-label=(head) { (cell) } } }
                            }
                        }
                    }
                }))
                @for note in &sheet.notes { p { (note) } }
            }
        }
    };
    document("Systems side by side", &body)
}

/// A plot for each contender whose attacked clips were measured.
fn curves(board: &Board) -> Markup {
    let attacks = board.attacks();
    let plots: Vec<Plot> = board
        .contenders()
        .iter()
        .filter_map(|contender| plot(board, contender, &attacks))
        .collect();
    html! {
        @for plot in &plots { figure { (plot.to_svg()) } }
    }
}

fn plot(board: &Board, contender: &Contender, attacks: &[String]) -> Option<Plot> {
    let mut points: Vec<Point> = attacks
        .iter()
        .filter_map(|attack| {
            let entries: Vec<&Entry> = board
                .of(contender)
                .filter(|entry| entry.is_marked() && entry.line.attack == *attack)
                .collect();
            let left: Vec<f64> = entries
                .iter()
                .filter_map(|entry| entry.line.attacked_psnr_y_db)
                .collect();
            let exact = Share {
                hits: entries.iter().filter(|entry| entry.is_exact()).count() as u64,
                trials: entries.len() as u64,
            };
            Some(Point {
                x: mean(&left)?,
                y: exact.rate()?,
                interval: Some(exact.wilson()),
            })
        })
        .collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    let along: Vec<f64> = points.iter().map(|point| point.x).collect();
    (!points.is_empty()).then(|| Plot {
        title: format!(
            "{}: exact answers against what the attack leaves",
            name(contender)
        ),
        width: 460.0,
        height: 280.0,
        x: Axis::through("luma PSNR after the attack, dB", &along),
        y: Axis::rate("exact"),
        series: vec![Series {
            name: name(contender),
            tone: Tone::First,
            look: Look::Dots,
            points,
        }],
    })
}
