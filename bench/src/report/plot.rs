//! Plots as SVG: axes, lines, dots, and whiskers for intervals.
//!
//! ```text
//! x' = left + width (s(x) - s(low)) / (s(high) - s(low)),     s = identity or log10
//! ```
//!
//! # Shapes and units
//! Values in the axes' own units; the drawing in user units of its `viewBox`, about one CSS pixel each. Inside a page
//! colours are those of its style sheet; a file of its own carries them.

use std::fmt::Write as _;

use countermark_report::markup::Text;

/// Room around the plotted area.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;

/// Ticks nearer than this are not written.
const TICK_GAP: f64 = 26.0;

/// Series with whiskers stand this far apart, so that one does not hide the other.
const SERIES_GAP: f64 = 5.0;

/// How values become places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm; values must be positive.
    Log10,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    label: String,
    scale: Scale,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Rates from 0 to 100 %.
    #[must_use]
    pub fn rate(label: &str) -> Self {
        let ticks =
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|rate| (rate, format!("{:.0} %", rate * 100.0)));
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high: 1.0,
            ticks: ticks.to_vec(),
        }
    }

    /// From 0 to a little beyond `last`, with a tick at each whole number.
    #[must_use]
    pub fn counted(label: &str, last: u32) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low: 0.0,
            high: f64::from(last) + 0.3,
            ticks: (0..=last).map(|n| (f64::from(n), n.to_string())).collect(),
        }
    }

    /// From 10 to the power `lowest` up to 1.
    #[must_use]
    pub fn decades(label: &str, lowest: i32) -> Self {
        let ticks = (lowest..=0).map(|decade| (10_f64.powi(decade), format!("1e{decade}")));
        Self {
            label: label.to_owned(),
            scale: Scale::Log10,
            low: 10_f64.powi(lowest),
            high: 1.0,
            ticks: ticks.collect(),
        }
    }

    /// Through `values`, with a tick at each, in powers where they span a decade.
    #[must_use]
    pub fn through(label: &str, values: &[f64]) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let scale = if low > 0.0 && high / low >= 8.0 {
            Scale::Log10
        } else {
            Scale::Linear
        };
        // Dots at the ends keep clear of the frame.
        let (low, high) = match scale {
            Scale::Log10 => {
                let margin = (high / low).powf(0.06);
                (low / margin, high * margin)
            }
            Scale::Linear => {
                let margin = ((high - low) * 0.06).max(1e-9);
                (low - margin, high + margin)
            }
        };
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        Self {
            label: label.to_owned(),
            scale,
            low,
            high,
            ticks: sorted.into_iter().map(|v| (v, v.to_string())).collect(),
        }
    }

    /// From 0 at the low end to 1 at the high end; what lies outside is put on the edge.
    fn place(&self, value: f64) -> f64 {
        let (value, low, high) = match self.scale {
            Scale::Linear => (value, self.low, self.high),
            Scale::Log10 => (
                value.max(f64::MIN_POSITIVE).log10(),
                self.low.log10(),
                self.high.log10(),
            ),
        };
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
}

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
    fn class(self) -> &'static str {
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
const STYLE: &str = "<style>text{fill:#444;font:12px sans-serif}.back{fill:#fff}.grid{stroke:#ddd}.axis{stroke:#888}\
    .tone-a{color:#0b5cad}.tone-b{color:#a84300}.tone-c{color:#b3261e}.tone-d{color:#5b3fa8}\
    .line{stroke:currentColor;fill:none;stroke-width:2}.dot{fill:currentColor}.whisker{stroke:currentColor;stroke-width:1.3}</style>\n";

impl Plot {
    /// As part of a page.
    #[must_use]
    pub fn to_svg(&self) -> String {
        self.drawn("")
    }

    /// As a file.
    #[must_use]
    pub fn to_file(&self) -> String {
        let back = format!(
            "{STYLE}<rect class=\"back\" width=\"{}\" height=\"{}\"/>\n",
            self.width, self.height
        );
        self.drawn(&back)
    }

    fn across(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (self.width - LEFT - RIGHT)
    }

    fn down(&self, value: f64) -> f64 {
        let bottom = self.height - BOTTOM;
        bottom - self.y.place(value) * (bottom - TOP)
    }

    fn drawn(&self, first: &str) -> String {
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n{first}",
            self.width,
            self.height,
            Text(&self.title)
        );
        self.axes(&mut out);
        self.legend(&mut out);
        let whiskered = |s: &Series| s.points.iter().any(|p| p.interval.is_some());
        let many = self.series.iter().filter(|s| whiskered(s)).count();
        let mut nth = 0;
        for series in &self.series {
            let mut aside = 0.0;
            if whiskered(series) {
                aside = (nth as f64 - (many - 1) as f64 / 2.0) * SERIES_GAP;
                nth += 1;
            }
            self.series(&mut out, series, aside);
        }
        out.push_str("</svg>\n");
        out
    }

    fn axes(&self, out: &mut String) {
        let (right, bottom) = (self.width - RIGHT, self.height - BOTTOM);
        for (value, text) in &self.y.ticks {
            let y = self.down(*value);
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 5.0,
                y + 4.0,
                Text(text)
            );
        }
        let mut free = f64::NEG_INFINITY;
        for (value, text) in &self.x.ticks {
            let x = self.across(*value);
            let _ = write!(out, "<path class=\"axis\" d=\"M{x:.1} {bottom}v4\"/>");
            // Long numbers need more room.
            let half = (text.len() as f64 * 3.5).max(TICK_GAP / 2.0);
            if x - half >= free {
                free = x + half;
                let _ = write!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    bottom + 17.0,
                    Text(text)
                );
            }
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "<path class=\"axis\" d=\"M{LEFT} {bottom}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            f64::midpoint(LEFT, right),
            self.height - 8.0,
            Text(&self.x.label)
        );
    }

    /// The names of the series to the right, that of the y axis to the left.
    fn legend(&self, out: &mut String) {
        let _ = writeln!(out, "<text x=\"4\" y=\"14\">{}</text>", Text(&self.y.label));
        let mut x = self.width - RIGHT;
        for series in self.series.iter().rev() {
            x -= series.name.len() as f64 * 6.6;
            let _ = write!(
                out,
                "<text x=\"{x:.1}\" y=\"14\">{}</text>",
                Text(&series.name)
            );
            x -= 18.0;
            let class = series.tone.class();
            let _ = match series.look {
                Look::Line => writeln!(out, "<path class=\"line {class}\" d=\"M{x:.1} 10h13\"/>"),
                Look::Curve | Look::Dots => writeln!(
                    out,
                    "<circle class=\"dot {class}\" cx=\"{:.1}\" cy=\"10\" r=\"4\"/>",
                    x + 8.0
                ),
            };
            x -= 8.0;
        }
    }

    fn series(&self, out: &mut String, series: &Series, aside: f64) {
        let _ = writeln!(out, "<g class=\"{}\">", series.tone.class());
        let places = series.points.iter();
        let places: Vec<(f64, f64)> = places
            .map(|p| (self.across(p.x) + aside, self.down(p.y)))
            .collect();
        for (point, (x, _)) in series.points.iter().zip(&places) {
            if let Some((low, high)) = point.interval {
                let (low, high) = (self.down(low), self.down(high));
                let _ = writeln!(
                    out,
                    "<path class=\"whisker\" d=\"M{x:.1} {low:.1}V{high:.1}M{0:.1} {low:.1}h6M{0:.1} {high:.1}h6\"/>",
                    x - 3.0
                );
            }
        }
        if series.look != Look::Dots && places.len() > 1 {
            let line: Vec<String> = places
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            let _ = writeln!(
                out,
                "<polyline class=\"line\" points=\"{}\"/>",
                line.join(" ")
            );
        }
        if series.look != Look::Line {
            for (x, y) in places {
                let _ = writeln!(
                    out,
                    "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"
                );
            }
        }
        out.push_str("</g>\n");
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
        let text = plot().to_svg();
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
    fn decades_are_evenly_spaced_and_outliers_stay_on_the_edge() {
        let axis = Axis::through("x", &[1.0, 10.0, 100.0]);
        assert_eq!(axis.scale, Scale::Log10);
        let gaps = [
            axis.place(10.0) - axis.place(1.0),
            axis.place(100.0) - axis.place(10.0),
        ];
        assert!((gaps[0] - gaps[1]).abs() < 1e-12, "{gaps:?}");
        let down = Axis::decades("p", -6);
        assert!((down.place(1e-3) - 0.5).abs() < 1e-12);
        assert!(down.place(0.0).abs() < 1e-12 && (down.place(7.0) - 1.0).abs() < 1e-12);
        assert_eq!(Axis::through("x", &[28.0, 34.0, 40.0]).scale, Scale::Linear);
    }

    #[test]
    fn ticks_that_would_overlap_are_not_written() {
        let mut crowded = plot();
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        crowded.x = Axis::through("x", &values);
        let written = crowded.to_svg().matches("text-anchor=\"middle\"").count();
        assert!((5..=13).contains(&written), "{written}");
    }

    #[test]
    fn a_file_carries_its_colours_and_a_part_of_a_page_does_not() {
        assert!(plot().to_file().contains("<style>"));
        assert!(!plot().to_svg().contains("<style>"));
    }
}
