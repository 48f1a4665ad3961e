//! What is reported of one clip: as JSON and in words.
//!
//! ```text
//! accuse <=> log10_p < THRESHOLD_LOG10_P = -9
//! ```
//!
//! `log10_p` is the proved bound on the probability that the accusation is wrong, under the null "this copy was not used",
//! every hypothesis tried included.
//!
//! # Shapes and units
//! Times are seconds of the clip (`query`) or of the master (`reference`); `seconds` is the time the analysis took.

use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer};

/// Accused only below this.
pub const THRESHOLD_LOG10_P: f64 = -9.0;

mod geometry;
mod title;

pub use geometry::Geometry;
pub use title::Identification;

/// The version of the JSON.
pub const SCHEMA: u32 = 1;

/// The answer for one clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// At least one delivery is accused.
    Traced,
    /// The title is known, no delivery is.
    TitleOnly,
    /// Neither is.
    NotFound,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Traced => "traced",
            Self::TitleOnly => "title found, no delivery",
            Self::NotFound => "not found",
        })
    }
}

/// Which decision accuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The 64 bits were decoded and confirmed by the delivery's own fingerprint code. Keys alone.
    Open,
    /// The fingerprint code was scored against the deliveries on record.
    Closed,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "decoded from the picture and confirmed by the delivery's own code",
            Self::Closed => "scored against the deliveries on record",
        })
    }
}

/// How the host picture was dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Host {
    /// Subtracted, with the vault's reference.
    Reference,
    /// Cancelled along time, without a reference.
    Blind,
}

/// What a clip is recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sense {
    /// Its pictures.
    Picture,
    /// Its sound.
    Sound,
}

/// A span of the clip and the span of the master it shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// Start and end in the clip.
    #[serde(serialize_with = "span")]
    pub query: [f64; 2],
    /// Start and end in the master.
    #[serde(serialize_with = "span")]
    pub reference: [f64; 2],
    /// Seconds of the master a second of the clip.
    #[serde(serialize_with = "fine")]
    pub speed: f64,
    /// Whether left and right are exchanged.
    pub mirrored: bool,
    /// Of which title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// By what it was recognised; nothing when only the mark tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Sense>,
    /// Payloads that this span alone proves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payloads: Vec<String>,
}

/// Seconds of a clip that matches cover, each once.
pub(crate) fn covered<'a>(matches: impl IntoIterator<Item = &'a Match>) -> f64 {
    let mut spans: Vec<[f64; 2]> = matches.into_iter().map(|found| found.query).collect();
    spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (mut total, mut end) = (0.0, f64::NEG_INFINITY);
    for [from, to] in spans {
        total += (to - from.max(end)).max(0.0);
        end = end.max(to);
    }
    total
}

/// Whether other matches have more than half of a span of the clip.
pub(crate) fn is_taken(span: [f64; 2], matches: &[Match]) -> bool {
    let length = span[1] - span[0];
    if length > 0.0 {
        return overlap(span, matches) > length / 2.0;
    }
    // A single frame.
    matches
        .iter()
        .any(|found| (found.query[0]..=found.query[1]).contains(&span[0]))
}

/// Seconds of a span of the clip that matches cover.
pub(crate) fn overlap(span: [f64; 2], matches: &[Match]) -> f64 {
    let shared = matches
        .iter()
        .map(|m| (m.query[1].min(span[1]) - m.query[0].max(span[0])).max(0.0));
    shared.sum()
}

/// An accused delivery.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accusation {
    /// The delivery on record; none without a register.
    pub delivery: Option<String>,
    /// Its payload, 16 hex digits.
    pub payload: String,
    /// Whose copy.
    pub distributor: String,
    /// Free text given at marking.
    pub licensee: Option<String>,
    /// The proved bound, below [`THRESHOLD_LOG10_P`].
    #[serde(serialize_with = "score")]
    pub log10_p: f64,
    /// Which decision.
    pub path: Decision,
}

/// What was tried, and how far from the threshold it stopped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// Which path answered.
    pub host: Host,
    /// Frames of the clip that were used.
    pub frames: u64,
    /// Length of the clip that was used.
    #[serde(serialize_with = "time")]
    pub clip_seconds: f64,
    /// Titles.
    pub titles: u64,
    /// Distributors' keys of the open decision.
    pub keys: u64,
    /// Deliveries on record of the closed decision.
    pub deliveries: u64,
    /// Time offsets.
    pub offsets: u64,
    /// Geometries.
    pub geometries: u64,
    /// The lowest `log10_p` seen; none when nothing could be scored.
    #[serde(serialize_with = "optional_score")]
    pub best_log10_p: Option<f64>,
    /// [`THRESHOLD_LOG10_P`].
    pub threshold_log10_p: f64,
}

impl Tried {
    /// Counts what was tried beside; the path is that which came nearer.
    pub(crate) fn add(&mut self, other: &Self) {
        let lowest = |tried: &Self| tried.best_log10_p.unwrap_or(f64::INFINITY);
        if lowest(other) < lowest(self) {
            self.host = other.host;
            self.frames = other.frames;
            self.clip_seconds = other.clip_seconds;
            self.best_log10_p = other.best_log10_p;
        }
        self.titles += other.titles;
        self.keys += other.keys;
        self.deliveries += other.deliveries;
        self.offsets += other.offsets;
        self.geometries = self.geometries.max(other.geometries);
    }
}

/// Everything about one clip.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClipReport {
    /// The clip's file as given.
    pub file: String,
    /// The answer.
    pub verdict: Verdict,
    /// Which title and which spans of it; absent from `read` with a key, which knows one title only.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// How the clip shows the picture, as far as the mark alone tells; only of what was read with keys alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geometry: Option<Geometry>,
    /// The accused, most certain first.
    pub deliveries: Vec<Accusation>,
    /// What was tried.
    pub tried: Tried,
    /// Time the analysis took.
    #[serde(serialize_with = "time")]
    pub seconds: f64,
}

/// The part that `read` does not know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identity {
    /// Name of the title.
    pub title: Option<String>,
    /// Where the clip lies in it.
    pub matches: Vec<Match>,
}

/// One line of JSON: the schema's version in front of a report or an error.
#[derive(Serialize)]
struct Line<T> {
    schema: u32,
    #[serde(flatten)]
    body: T,
}

#[derive(Serialize)]
struct Broken<'a> {
    file: &'a str,
    verdict: &'static str,
    error: &'a str,
}

/// What a command answers for one clip.
pub trait Report: fmt::Display {
    /// Whether the clip has what the command looks for.
    fn is_found(&self) -> bool;

    /// What JSON is made of.
    fn line(&self) -> impl Serialize;

    /// One line of JSON.
    ///
    /// # Errors
    /// None for reports made by this program: no map keys, no failing serialisers.
    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.line())
    }
}

impl Report for ClipReport {
    fn is_found(&self) -> bool {
        self.verdict == Verdict::Traced
    }

    fn line(&self) -> impl Serialize {
        Line {
            schema: SCHEMA,
            body: self,
        }
    }
}

/// The line of JSON for a clip that could not be analysed.
///
/// # Errors
/// None, as for [`ClipReport::to_json`].
pub fn error_to_json(file: &str, error: &str) -> serde_json::Result<String> {
    serde_json::to_string(&Line {
        schema: SCHEMA,
        body: Broken {
            file,
            verdict: "error",
            error,
        },
    })
}

impl fmt::Display for ClipReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self
            .identity
            .as_ref()
            .and_then(|identity| identity.title.as_deref());
        write!(f, "{}: {}", self.file, self.verdict)?;
        if let Some(title) = title {
            write!(f, "\n  title        {title}")?;
        }
        for found in self.identity.iter().flat_map(|identity| &identity.matches) {
            write!(f, "\n  seconds      {}", in_words(found, title))?;
        }
        for accused in &self.deliveries {
            write!(f, "\n{accused}")?;
        }
        if let Some(geometry) = &self.geometry {
            write!(f, "\n  geometry     {geometry}")?;
        }
        write!(f, "\n  tried        {}", self.tried)
    }
}

impl fmt::Display for Accusation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.delivery {
            Some(delivery) => writeln!(f, "  delivery     {delivery}")?,
            None => writeln!(
                f,
                "  delivery     not looked up: a read key has no register"
            )?,
        }
        writeln!(f, "  payload      {}", self.payload)?;
        writeln!(f, "  distributor  {}", self.distributor)?;
        if let Some(licensee) = &self.licensee {
            writeln!(f, "  licensee     {licensee}")?;
        }
        writeln!(f, "  found by     {}", self.path)?;
        write!(f, "  certainty    {}", self.certainty())
    }
}

impl Accusation {
    /// The chance that it is wrong.
    #[must_use]
    pub fn certainty(&self) -> String {
        format!(
            "the chance that this accusation is wrong is below {} (log10 p = {:.2}, accused only below {THRESHOLD_LOG10_P})",
            chance(self.log10_p),
            rounded_up(self.log10_p, 2),
        )
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = String::new();
        for (count, one, many) in [
            (self.frames, "frame", "frames"),
            (self.titles, "title", "titles"),
            (self.keys, "distributor's key", "distributors' keys"),
            (
                self.deliveries,
                "delivery on record",
                "deliveries on record",
            ),
            (self.offsets, "time offset", "time offsets"),
            (self.geometries, "geometry", "geometries"),
        ] {
            if count > 0 {
                write!(counts, "{count} {}, ", if count == 1 { one } else { many })?;
            }
        }
        let host = match self.host {
            Host::Reference => "with the reference",
            Host::Blind => "without a reference",
        };
        write!(f, "{counts}{host}; ")?;
        match self.best_log10_p {
            Some(best) => write!(
                f,
                "best log10 p = {:.2}, accused only below {}",
                rounded_up(best, 2),
                self.threshold_log10_p
            ),
            None => f.write_str("nothing could be scored"),
        }
    }
}

/// A match; its title is named where it is another than the clip's.
#[must_use]
pub fn in_words(found: &Match, title: Option<&str>) -> String {
    let [start, end] = found.query;
    let [from, to] = found.reference;
    let master = match found.title.as_deref() {
        Some(other) if Some(other) != title => format!("{other:?}"),
        _ => "the master".to_owned(),
    };
    let mut words =
        format!("{start:.2} to {end:.2} of the clip show {from:.2} to {to:.2} of {master}");
    if (found.speed - 1.0).abs() > 5e-4 {
        let _ = write!(words, " at {:.3} times its speed", found.speed);
    }
    if found.mirrored {
        words.push_str(", mirrored");
    }
    match found.by[..] {
        [Sense::Sound] => words.push_str(", by the sound alone"),
        [Sense::Picture, Sense::Sound] => words.push_str(", and sound like it"),
        _ => {}
    }
    words
}

/// `1 in ..` of a bound, rounded towards less certainty.
fn chance(log10_p: f64) -> String {
    let digits = (-log10_p).floor().max(0.0) as u32;
    match digits {
        0 => "1".to_owned(),
        1..=2 => format!("1 in {}", 10_u32.pow(digits)),
        3..=17 => {
            let number = ["1", "10", "100"][digits as usize % 3];
            let name = ["thousand", "million", "billion", "trillion", "quadrillion"]
                [digits as usize / 3 - 1];
            format!("1 in {number} {name}")
        }
        _ => format!("1 in 10^{digits}"),
    }
}

/// A bound may only be rounded upwards.
#[must_use]
pub fn rounded_up(log10_p: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (log10_p * unit).ceil() / unit
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit
}

/// Seconds, to a millisecond.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn time<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*value, 3))
}

/// A ratio, to five decimals.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn fine<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*value, 5))
}

/// A bound, to three decimals, rounded upwards.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn score<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded_up(*value, 3))
}

#[expect(clippy::ref_option, reason = "serde passes references")]
fn optional_score<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value
        .map(|value| rounded_up(value, 3))
        .serialize(serializer)
}

fn span<S: Serializer>(value: &[f64; 2], serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| rounded(value, 3)).serialize(serializer)
}

#[cfg(test)]
mod tests;
