//! Series of points on a chart: lines, dots, and whiskers for intervals.

use maud::{Markup, PreEscaped, html};

use super::{Axis, Chart, Room, drawing, place};

/// Room around the plotted area.
const ROOM: Room = Room {
    left: 46.0,
    right: 14.0,
    top: 30.0,
    bottom: 44.0,
};

/// Series with whiskers stand this far apart, so that one does not hide the other.
const SERIES_GAP: f64 = 5.0;

/// Width of a letter of the legend.
const LETTER: f64 = 6.6;

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Along the x axis.
    pub x: f64,
    /// Along the y axis.
    pub y: f64,
    /// The interval that y lies in.
    pub interval: Option<(f64, f64)>,
}

/// What a series is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Dots joined by a line.
    Curve,
    /// Dots alone.
    Dots,
    /// A line alone.
    Line,
}

/// The colour of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// What nothing may exceed.
    Limit,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::First => "tone-a",
            Self::Second => "tone-b",
            Self::Third => "tone-d",
            Self::Limit => "tone-c",
        }
    }
}

/// Points that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// In the legend.
    pub name: String,
    /// Colour.
    pub tone: Tone,
    /// Drawn as.
    pub look: Look,
    /// By x.
    pub points: Vec<Point>,
}

/// A plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What it shows, for those who cannot see it.
    pub title: String,
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing.
    pub height: f64,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// The first lies lowest.
    pub series: Vec<Series>,
}

/// Colours of a file that stands alone.
const STYLE: &str = "text{fill:#444;font:12px sans-serif}.back{fill:#fff}.grid{stroke:#ddd}.axis{stroke:#888;fill:none}\
    .tone-a{color:#0b5cad}.tone-b{color:#a84300}.tone-c{color:#b3261e}.tone-d{color:#5b3fa8}\
    .line{stroke:currentColor;fill:none;stroke-width:2}.dot{fill:currentColor}.whisker{stroke:currentColor;stroke-width:1.3}";

impl Plot {
    /// As part of a page.
    #[must_use]
    pub fn to_svg(&self) -> Markup {
        let chart = self.chart();
        chart.drawn(&self.title, &self.content(&chart))
    }

    /// As a file, which carries its colours.
    #[must_use]
    pub fn to_file(&self) -> String {
        let chart = self.chart();
        let whole = html! {
            style { (PreEscaped(STYLE)) }
            rect.back width=(self.width) height=(self.height) {}
            (chart.axes())
            (self.content(&chart))
        };
        let svg = drawing(&self.title, chart.size, &whole).into_string() + "\n";
        svg.replacen("<svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"", 1)
    }

    fn chart(&self) -> Chart {
        Chart {
            size: (self.width, self.height),
            room: ROOM,
            x: self.x.clone(),
            y: self.y.clone(),
        }
    }

    fn content(&self, chart: &Chart) -> Markup {
        let is_whiskered = |s: &&Series| s.points.iter().any(|p| p.interval.is_some());
        let many = self.series.iter().filter(is_whiskered).count();
        let mut nth = 0;
        let asides = self.series.iter().map(|series| {
            if !is_whiskered(&series) {
                return 0.0;
            }
            nth += 1;
            (f64::from(nth - 1) - (many - 1) as f64 / 2.0) * SERIES_GAP
        });
        html! {
            (self.legend())
            @for (series, aside) in self.series.iter().zip(asides) {
                (series.drawn(chart, aside))
            }
        }
    }

    /// The names of the series, at the right end.
    fn legend(&self) -> Markup {
        let mut right = self.width - ROOM.right;
        let entries = self.series.iter().rev().map(|series| {
            let text = right - series.name.len() as f64 * LETTER;
            let sign = text - 18.0;
            right = sign - 8.0;
            (series, text, sign)
        });
        html! {
            @for (series, text, sign) in entries {
                text x=(place(text)) y="14" { (series.name) }
                @match series.look {
                    Look::Line => { path.line.(series.tone.class()) d=(format!("M{sign:.1} 10h13")) {} }
                    Look::Curve | Look::Dots => { circle.dot.(series.tone.class()) cx=(place(sign + 8.0)) cy="10" r="4" {} }
                }
            }
        }
    }
}

impl Series {
    /// The series, so far to the right.
    fn drawn(&self, chart: &Chart, aside: f64) -> Markup {
        let places: Vec<(f64, f64)> = self
            .points
            .iter()
            .map(|point| (chart.across(point.x) + aside, chart.down(point.y)))
            .collect();
        let line: Vec<String> = places
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        html! {
            g class=(self.tone.class()) {
                @for (point, (x, _)) in self.points.iter().zip(&places) {
                    @if let Some((low, high)) = point.interval {
                        (whisker(*x, chart.down(low), chart.down(high)))
                    }
                }
                @if self.look != Look::Dots && places.len() > 1 {
                    polyline.line points=(line.join(" ")) {}
                }
                @if self.look != Look::Line {
                    @for (x, y) in places {
                        circle.dot cx=(place(x)) cy=(place(y)) r="4" {}
                    }
                }
            }
        }
    }
}

fn whisker(x: f64, low: f64, high: f64) -> Markup {
    let left = x - 3.0;
    html! {
        path.whisker d=(format!("M{x:.1} {low:.1}V{high:.1}M{left:.1} {low:.1}h6M{left:.1} {high:.1}h6")) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Plot {
        let series = |tone, y: f64| Series {
            name: "read".to_owned(),
            tone,
            look: Look::Curve,
            points: [1.0, 10.0, 100.0]
                .map(|x| Point {
                    x,
                    y,
                    interval: Some((y - 0.1, y + 0.1)),
                })
                .to_vec(),
        };
        Plot {
            title: "a < b".to_owned(),
            width: 360.0,
            height: 240.0,
            x: Axis::through("strength", &[1.0, 10.0, 100.0]),
            y: Axis::rate("exact"),
            series: vec![series(Tone::First, 0.5), series(Tone::Second, 2.0)],
        }
    }

    #[test]
    fn everything_drawn_lies_inside_the_picture() -> Result<(), Box<dyn std::error::Error>> {
        let text = plot().to_svg().into_string();
        let tree = roxmltree::Document::parse(&text)?;
        let dots = tree.descendants().filter(|n| n.has_tag_name("circle"));
        for dot in dots.clone() {
            let of = |name| dot.attribute(name).unwrap_or_default().parse::<f64>();
            assert!((4.0..=356.0).contains(&of("cx")?) && (4.0..=236.0).contains(&of("cy")?));
        }
        // Two in the legend.
        assert_eq!(dots.count(), 8);
        assert_eq!(tree.root_element().attribute("aria-label"), Some("a < b"));
        Ok(())
    }

    #[test]
    fn ticks_that_would_overlap_are_not_written() {
        let mut crowded = plot();
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        crowded.x = Axis::through("x", &values);
        let svg = crowded.to_svg().into_string();
        let written = svg.matches("text-anchor=\"middle\"").count();
        assert!((5..=13).contains(&written), "{written}");
    }

    #[test]
    fn a_file_carries_its_colours_and_a_part_of_a_page_does_not() {
        assert!(plot().to_file().contains("<style>"));
        assert!(!plot().to_svg().into_string().contains("<style>"));
    }
}
