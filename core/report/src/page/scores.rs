//! How the accused and the best of the others fared in the closed decision: bars, and a table.
//!
//! ```text
//! t = sum(s_i r_i) / ||r||_2,    log10 p = min(0, -t^2 / 2 log10(e) + log10(hypotheses))
//! ```
//!
//! # Shapes and units
//! Scores have no unit: chance has a spread of 1. The drawing in user units of its `viewBox`.

use std::fmt::Write as _;

use crate::markup::Text;
use crate::svg::axis::Axis;
use crate::words::logarithm;
use countermark_trace::exhibits::Standing;
use countermark_trace::result::ACCUSATION_LOG10_P;

/// Size of the drawing: a row for each delivery.
const WIDTH: f64 = 440.0;
const ROW: f64 = 22.0;
const LEFT: f64 = 132.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 34.0;

const TICKS: usize = 6;

/// Letters of a name that fit beside a bar.
const LETTERS: usize = 18;

/// The section's content.
pub(super) fn section(standings: &[Standing]) -> String {
    if standings.is_empty() {
        return "<p class=\"none\">No delivery on record was scored.</p>\n".to_owned();
    }
    let accused = standings.iter().filter(|s| s.accused).count();
    let others = standings.len() - accused;
    let shown = match (accused, others) {
        (_, 0) => "There is no other delivery on record.".to_owned(),
        (0, 1) => "One delivery is on record.".to_owned(),
        (0, n) => format!("The {n} deliveries on record that came nearest are shown."),
        (_, 1) => "One delivery on record that is not accused is shown beside.".to_owned(),
        (_, n) => format!("Of the others on record the {n} that came nearest are shown beside."),
    };
    let mut out = format!(
        "<p>How well the clip agrees with the secret signs of each delivery. By chance a score strays from 0 by about 1 \
         either way; a delivery is accused only right of its threshold, where log10 p is below {ACCUSATION_LOG10_P}. \
         {shown}</p>\n<figure>\n{}</figure>\n",
        bars(standings)
    );
    table(&mut out, standings);
    out
}

fn bars(standings: &[Standing]) -> String {
    let highest = standings
        .iter()
        .flat_map(|s| [s.score, s.threshold_score])
        .fold(1.0, f64::max);
    let lowest = standings.iter().map(|s| s.score).fold(0.0, f64::min);
    let axis = Axis::new([lowest, highest * 1.04], [LEFT, WIDTH - RIGHT]);
    let bottom = TOP + ROW * standings.len() as f64;
    let height = bottom + BOTTOM;
    let mut out = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Scores of deliveries against the threshold\">\n"
    );
    for (place, name) in axis.scores(TICKS) {
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{place:.1} {TOP}V{bottom}\"/><text x=\"{place:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>",
            bottom + 14.0
        );
    }
    let zero = axis.place(0.0);
    for (row, standing) in standings.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        let class = if standing.accused { "accused" } else { "other" };
        let end = axis.place(standing.score);
        let threshold = axis.place(standing.threshold_score);
        let _ = writeln!(
            out,
            "<g><title>{}</title><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"bar {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>\
             <path class=\"threshold\" d=\"M{threshold:.1} {top:.1}v{ROW}\"/></g>",
            Text(&format!(
                "{}, delivery {}: score {:.2}",
                standing.distributor, standing.delivery, standing.score
            )),
            LEFT - 6.0,
            top + 15.0,
            Text(&shortened(&standing.distributor)),
            zero.min(end),
            top + 4.0,
            (end - zero).abs().max(1.0),
            ROW - 8.0,
        );
    }
    let first = standings
        .first()
        .map_or(zero, |s| axis.place(s.threshold_score));
    let anchor = if first > WIDTH - 90.0 { "end" } else { "start" };
    let _ = writeln!(
        out,
        "<path class=\"axis\" d=\"M{zero:.1} {TOP}V{bottom}\"/>\
         <text class=\"note\" x=\"{first:.1}\" y=\"14\" text-anchor=\"{anchor}\">threshold</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">score t</text>\n</svg>",
        f64::midpoint(LEFT, WIDTH - RIGHT),
        bottom + 30.0
    );
    out
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LETTERS - 1).collect();
    short.push('\u{2026}');
    short
}

fn table(out: &mut String, standings: &[Standing]) {
    let several = standings
        .windows(2)
        .any(|pair| pair[0].title != pair[1].title);
    let title = if several {
        "<th scope=\"col\">title</th>"
    } else {
        ""
    };
    let _ = write!(
        out,
        "<table class=\"scores\">\n<thead><tr><th scope=\"col\">delivery</th><th scope=\"col\">distributor</th>\
         {title}<th scope=\"col\" class=\"n\">score t</th><th scope=\"col\" class=\"n\">threshold</th>\
         <th scope=\"col\" class=\"n\">log10 p</th><th scope=\"col\">decision</th></tr></thead>\n<tbody>\n",
    );
    for standing in standings {
        let below = standing.log10_p < ACCUSATION_LOG10_P;
        let (class, decision) = match (standing.accused, below) {
            (true, true) => ("accused", "accused"),
            // The open decision named it.
            (true, false) => ("accused", "accused by its decoded payload"),
            (false, true) => ("other", "not accused, see the notes"),
            (false, false) => ("other", "not accused"),
        };
        let licensee = match &standing.licensee {
            Some(licensee) => format!(" ({licensee})"),
            None => String::new(),
        };
        let title = if several {
            format!("<td data-label=\"title\">{}</td>", Text(&standing.title))
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "<tr class=\"{class}\"><th scope=\"row\"><code>{}</code></th><td data-label=\"distributor\">{}{}</td>\
             {title}<td class=\"n\" data-label=\"score t\">{:.2}</td>\
             <td class=\"n\" data-label=\"threshold\">{:.2}</td><td class=\"n\" data-label=\"log10 p\">{}</td>\
             <td data-label=\"decision\">{decision}</td></tr>",
            standing.delivery,
            Text(&standing.distributor),
            Text(&licensee),
            standing.score,
            standing.threshold_score,
            logarithm(standing.log10_p),
        );
    }
    out.push_str("</tbody>\n</table>\n");
}
