//! Clip and master side by side: two players with the seconds under each, and the frames that were compared, one over the other.

use maud::{Markup, html};
use serde_json::Value;

use super::STRIP;
use crate::page::frame::clock;

/// The players. The clip is played from this browser alone, which keeps what was dropped; the desk has deleted it.
pub(super) fn players(title: Option<&(String, String)>, matches: &[Value]) -> Markup {
    let spans = |name: &str| -> Vec<[f64; 2]> {
        let end = |one: &Value, at: usize| one[name][at].as_f64().unwrap_or(0.0);
        let all = matches.iter();
        all.map(|one| [end(one, 0), end(one, 1)]).collect()
    };
    let (clip, master) = (spans("query"), spans("reference"));
    // Of several titles the first is played; spans of the others are told below.
    let of_title = |one: &Value| {
        let own = one["title"].as_str();
        own.is_none() || title.is_none_or(|(name, _)| own == Some(name.as_str()))
    };
    let lines: Vec<[f64; 4]> = clip
        .iter()
        .zip(&master)
        .zip(matches)
        .filter(|(_, one)| of_title(one))
        .map(|((q, r), _)| [q[0], q[1], r[0], r[1]])
        .collect();
    let told = serde_json::to_string(&lines).unwrap_or_default();
    html! {
        section #sides aria-labelledby="beside" data-lines=(told) {
            h2 #beside { "Clip and master" }
            div.sides {
                figure {
                    figcaption { "The clip" }
                    video #clip-player controls playsinline preload="metadata" hidden aria-label="The clip" {}
                    p #no-clip.quiet {
                        label for="again" { "The desk deletes a clip when it is done. To play it here, choose it again; it does not leave this browser." }
                        input #again type="file" accept="video/*,image/*";
                    }
                    (rail(&clip, true, "Seconds of the clip that were found"))
                }
                figure {
                    figcaption { @match title { Some((name, _)) => { "The master: " (name) }, None => { "The master" } } }
                    @if let Some((name, id)) = title {
                        video #master-player controls muted playsinline preload="metadata" src={"/v1/titles/" (id) "/reference"} aria-label={"The master, " (name)} {}
                    }
                    (rail(&master, false, "Seconds of the master that the clip shows"))
                }
            }
            p.row {
                @for (at, line) in lines.iter().enumerate().take(20) {
                    button type="button" data-jump=(at) { "Go to " (clock(line[0])) }
                }
                label { input #together type="checkbox" checked; " the master follows the clip" }
            }
        }
    }
}

/// Spans on a rail from zero or the first of them to the last, and a line that the player moves.
fn rail(spans: &[[f64; 2]], from_zero: bool, about: &str) -> Markup {
    let ends = || spans.iter().flatten().copied();
    let from = if from_zero {
        0.0
    } else {
        ends().fold(f64::INFINITY, f64::min)
    };
    let to = ends().fold(0.0, f64::max).max(from + 0.01);
    let at = |t: f64| (t - from) / (to - from) * STRIP;
    html! {
        svg.rail-strip viewBox="0 0 1000 32" preserveAspectRatio="none" role="img" aria-label=(about) data-from=(from) data-to=(to) {
            rect.rail x="0" y="4" width="1000" height="24" {}
            @for [a, b] in spans {
                rect.piece x=(format!("{:.1}", at(a.min(*b)))) y="4" width=(format!("{:.1}", (at(*b) - at(*a)).abs().max(3.0))) height="24" {}
            }
            line.cursor x1="0" x2="0" y1="0" y2="32" {}
        }
    }
}

/// The frames that were compared: the clip's over the master's in its geometry, with a slider between them.
pub(super) fn frames(job: &str, frames: &[Value]) -> Markup {
    html! {
        @if !frames.is_empty() {
            section aria-labelledby="compared" {
                h2 #compared { "Frames side by side" }
                p.quiet { "Left of the line the clip, right of it the registered reference in the same geometry. The arrow keys move the line." }
                div.frames {
                    @for (at, one) in frames.iter().enumerate() {
                        @let (clip, master) = (seconds(&one["clip_time"]), seconds(&one["media_time"]));
                        figure.compare {
                            div.layers {
                                img src={"/v1/jobs/" (job) "/frames/" (at) "-master.png"} alt={"The master at " (master)} loading="lazy";
                                img.over src={"/v1/jobs/" (job) "/frames/" (at) "-clip.png"} alt={"The clip at " (clip)} loading="lazy";
                            }
                            input type="range" min="0" max="100" value="50" data-compare aria-label={"How much of the clip's frame at " (clip) " is shown"};
                            figcaption.quiet {
                                (clip) " of the clip, " (master) " of " (one["title"].as_str().unwrap_or("the master"))
                                @if one["mirrored"] == true { ", mirrored" }
                                "; correlation " (format!("{:.3}", one["correlation"].as_f64().unwrap_or(0.0)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn seconds(value: &Value) -> String {
    clock(value.as_f64().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn players_follow_the_spans_of_the_title_that_is_played() {
        let matches = [
            json!({"title": "T", "query": [0.0, 2.0], "reference": [10.0, 12.0]}),
            json!({"title": "U", "query": [2.0, 4.0], "reference": [0.0, 2.0]}),
        ];
        let page = players(Some(&("T".to_owned(), "0a".to_owned())), &matches).into_string();
        assert!(
            page.contains("data-lines=\"[[0.0,2.0,10.0,12.0]]\""),
            "{page}"
        );
        assert!(page.contains("/v1/titles/0a/reference"), "{page}");
        let none = frames("j", &[]).into_string();
        assert_eq!(none, "");
    }
}
