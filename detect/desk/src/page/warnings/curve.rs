//! A curve of how many clips were seen: a step of it for each step of time, the newest at the right.

use maud::{Markup, html};

/// The drawing's own units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 160.0;

pub(super) fn drawn(curve: &[u64], called: &str) -> Markup {
    let most = curve.iter().copied().max().unwrap_or(0);
    let all: u64 = curve.iter().sum();
    let about = format!("{all} clips in the {called}, at most {most} in one step");
    html! {
        figure {
            svg.curve viewBox={"0 0 " (WIDTH) " " (HEIGHT)} preserveAspectRatio="none" role="img" aria-label=(about) {
                line.axis x1="0" x2=(WIDTH) y1=(HEIGHT - 1.0) y2=(HEIGHT - 1.0) {}
                polygon.area points=(outline(curve)) {}
            }
            figcaption.quiet { (about) ". Left the oldest, right now." }
        }
    }
}

/// The outline of the steps, closed along the axis.
fn outline(curve: &[u64]) -> String {
    let most = curve.iter().copied().max().unwrap_or(0).max(1) as f64;
    let wide = WIDTH / curve.len().max(1) as f64;
    let mut points = vec![format!("0,{HEIGHT:.1}")];
    for (at, clips) in curve.iter().enumerate() {
        let (x, y) = (
            at as f64 * wide,
            HEIGHT * (1.0 - 0.95 * *clips as f64 / most),
        );
        points.push(format!("{x:.1},{y:.1}"));
        points.push(format!("{:.1},{y:.1}", x + wide));
    }
    points.push(format!("{WIDTH:.1},{HEIGHT:.1}"));
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_as_high_as_its_clips_and_nothing_lies_on_the_axis() {
        assert_eq!(
            outline(&[0, 4, 2]),
            "0,160.0 0.0,160.0 333.3,160.0 333.3,8.0 666.7,8.0 666.7,84.0 1000.0,84.0 1000.0,160.0"
        );
        assert!(outline(&[]).starts_with("0,160"));
    }
}
