//! What is known of one clip, ready to be serialised; `countermark-report` puts it into JSON, words and pages.
//!
//! ```text
//! accuse <=> log10 bound < ACCUSATION_LOG10_P = -9
//! ```
//!
//! The bound is a conditional on the null hypothesis of [`Bound`], every hypothesis tried included. It is not the probability that an
//! accusation is wrong. An answer may say so much of the accused; what it knows of the innocent is a secret, for who may ask for
//! scores can build a delivery's signal: serialised, a [`ClipReport`] tells of them only what [`Bound::told_log10`] and
//! [`Bound::told_t`] do.
//!
//! # Shapes and units
//! Times are seconds of the clip (`query`) or of the master (`reference`); `seconds` is the time the analysis took.

use std::fmt;
use std::ops::Deref;

use countermark_mark::Payload;
use countermark_register::{DeliveryId, DistributorId, TitleId, TitleRecord};
use serde::{Serialize, Serializer};

mod bound;
mod clock;
mod compared;
mod consistency;
mod credentials;
mod geometry;
mod identification;
mod licence;
mod place;

pub use bound::{Bound, Factors, LEAST_TOLD_SCORE};
pub use clock::ClipClock;
pub use compared::Compared;
pub use consistency::{Consistency, Likeness};
pub use countermark_credentials::{FoundManifest, SignedBy, SoftBinding, State};
pub use countermark_mark::evidence::ACCUSATION_LOG10_P;
pub use credentials::{Agreement, Credentials};
pub use geometry::Geometry;
pub use identification::{Identification, NearTitle};
pub use licence::LicenceStanding;
pub use place::Rectangle;
pub(crate) use place::{common_share, covered, has_most, is_taken, overlap, share_a_place};

/// A title as an answer names it; as text and as JSON its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleName {
    /// The title on record.
    pub id: TitleId,
    /// Its name.
    pub name: String,
}

impl From<&TitleRecord> for TitleName {
    fn from(title: &TitleRecord) -> Self {
        Self {
            id: title.id,
            name: title.name.clone(),
        }
    }
}

impl Deref for TitleName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for TitleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for TitleName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

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

impl Verdict {
    /// The word that JSON and tables have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traced => "traced",
            Self::TitleOnly => "title-only",
            Self::NotFound => "not-found",
        }
    }
}

/// Which decision's bound is given. Both are made on one score: that a payload was decoded as well makes no second witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The 64 bits were decoded and confirmed by the delivery's own fingerprint code. Keys alone.
    Open,
    /// The fingerprint code was scored against the deliveries on record.
    Closed,
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
    /// What the master shows at that start and at that end: the later moment first where the clip runs backwards.
    #[serde(serialize_with = "span")]
    pub reference: [f64; 2],
    /// Seconds of the master a second of the clip, below 0 where the clip runs backwards.
    #[serde(serialize_with = "fine")]
    pub speed: f64,
    /// How far the times of the master may be off before the pictures object, in seconds: long where a shot stands still, of which
    /// pictures only tell the range. None where they were not asked.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "fine_if_any"
    )]
    pub tolerance: Option<f64>,
    /// Whether left and right are exchanged.
    pub mirrored: bool,
    /// Whether black and white are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub negative: bool,
    /// Where in the frames, in samples of those; none where it fills the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rectangle: Option<Rectangle>,
    /// Of which title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<TitleName>,
    /// Other titles that hold the same pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<TitleName>,
    /// By what it was recognised; nothing when only the mark tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Sense>,
    /// Payloads that this span alone proves.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "texts")]
    pub payloads: Vec<Payload>,
}

/// An accused delivery: the clip carries the signal of its copy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accusation {
    /// The delivery on record; none without a register.
    #[serde(serialize_with = "optional_text")]
    pub delivery: Option<DeliveryId>,
    /// Its payload; as JSON 16 hex digits.
    #[serde(serialize_with = "text")]
    pub payload: Payload,
    /// Whose copy.
    pub distributor: String,
    /// The distributor on record; none without a register.
    #[serde(skip)]
    pub distributor_id: Option<DistributorId>,
    /// Free text given at marking.
    pub licensee: Option<String>,
    /// What its copy may be used for, where that is on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<LicenceStanding>,
    /// Its score and bound, below [`ACCUSATION_LOG10_P`].
    #[serde(flatten)]
    pub bound: Bound,
    /// Which decision's bound that is.
    pub path: Decision,
    /// Whether the payload was decoded from the picture as well.
    pub decoded: bool,
    /// Its score as a share of the highest among the accused, see [`with_shares`].
    #[serde(serialize_with = "time")]
    pub share: f64,
}

/// The accused with their shares of the signal: each score by the highest.
#[must_use]
pub(crate) fn with_shares(mut accused: Vec<Accusation>) -> Vec<Accusation> {
    let highest = accused.iter().map(|a| a.bound.t()).fold(0.0, f64::max);
    for one in &mut accused {
        one.share = if highest > 0.0 {
            one.bound.t() / highest
        } else {
            0.0
        };
    }
    accused
}

/// What was looked at and multiplies no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NotCounted {
    /// Its name.
    pub what: &'static str,
    /// How many there were; none where they are not told apart.
    pub number: Option<u64>,
    /// What chose among them.
    pub chosen_by: &'static str,
    /// Why that costs no hypothesis.
    pub why: &'static str,
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
    /// Geometries: ways to show a title, and poses of the lattice.
    pub geometries: u64,
    /// Those of them that were poses of the lattice, searched by synchronisation chips.
    pub poses: u64,
    /// The bound that came nearest to an accusation, or is one; none when nothing could be scored. Serialised as
    /// `best_log10_bound`, see [`Bound::told_log10`], and `hypotheses`.
    #[serde(flatten, serialize_with = "bound::told")]
    pub best: Option<Bound>,
    /// The highest score of a delivery that is not accused. Serialised as [`Bound::told_t`].
    #[serde(rename = "innocent_t_at_most", serialize_with = "bound::told_score")]
    pub innocent: Option<Bound>,
    /// [`ACCUSATION_LOG10_P`].
    #[serde(rename = "threshold_log10_bound")]
    pub threshold_log10: f64,
}

impl Tried {
    /// What was looked at and multiplies no bound, with the reason.
    #[must_use]
    pub fn not_counted(&self) -> Vec<NotCounted> {
        const CHIPS: &str = "synchronisation chips";
        const KEYED: &str = "their signs and places come from the carrier key of the title, never from a delivery\u{2019}s signs";
        let by_chips = [
            ("time offsets", self.offsets),
            ("places of the picture in the frame", self.poses),
        ];
        let by_chips = by_chips.into_iter().filter(|(_, number)| *number > 0);
        let mut all: Vec<NotCounted> = by_chips
            .map(|(what, number)| NotCounted {
                what,
                number: Some(number),
                chosen_by: CHIPS,
                why: KEYED,
            })
            .collect();
        if self.host == Host::Reference {
            all.push(NotCounted {
                what: "spans of the title, maps of the picture, lines of time",
                number: None,
                chosen_by: "pictures and sound",
                why: "registration compares the clip with the reference, which carries no mark",
            });
        }
        all
    }

    /// Counts what was tried beside; the path is that which came nearer.
    pub(crate) fn add(&mut self, other: &Self) {
        let lowest = |tried: &Self| tried.best.map_or(f64::INFINITY, |best| best.log10());
        if lowest(other) < lowest(self) {
            self.host = other.host;
            self.frames = other.frames;
            self.clip_seconds = other.clip_seconds;
            self.best = other.best;
        }
        self.titles += other.titles;
        self.keys += other.keys;
        self.deliveries += other.deliveries;
        self.offsets += other.offsets;
        self.geometries = self.geometries.max(other.geometries);
        self.poses += other.poses;
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
    /// Whether pictures were compared, and what was withheld because of them.
    #[serde(flatten)]
    pub compared: Compared,
    /// Whether the mark came with its picture; only where that was asked for and can be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
    /// What was tried.
    pub tried: Tried,
    /// The C2PA manifest in the clip's file, beside what the mark says. Nobody is accused by it.
    #[serde(rename = "c2pa", skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// Time the analysis took.
    #[serde(serialize_with = "time")]
    pub seconds: f64,
}

/// The part that `read` does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Name of the title.
    pub title: Option<TitleName>,
    /// Where the clip lies in it.
    pub matches: Vec<Match>,
    /// The clip's seconds beside the file's timestamps.
    pub clock: ClipClock,
}

impl Identity {
    pub(crate) fn new(title: Option<TitleName>, matches: Vec<Match>, clock: ClipClock) -> Self {
        Self {
            title,
            matches,
            clock,
        }
    }
}

/// An identity as JSON: each span in both clocks.
#[derive(Serialize)]
struct IdentityTold<'a> {
    title: &'a Option<TitleName>,
    matches: Vec<MatchTold<'a>>,
    #[serde(skip_serializing_if = "ClipClock::is_unbroken")]
    clock_breaks: &'a ClipClock,
}

#[derive(Serialize)]
struct MatchTold<'a> {
    #[serde(flatten)]
    found: &'a Match,
    /// Start and end by the file's timestamps.
    #[serde(serialize_with = "span")]
    file_pts: [f64; 2],
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let matches = self.matches.iter().map(|found| MatchTold {
            found,
            file_pts: found.query.map(|moment| self.clock.file_pts(moment)),
        });
        IdentityTold {
            title: &self.title,
            matches: matches.collect(),
            clock_breaks: &self.clock,
        }
        .serialize(serializer)
    }
}

/// A bound may only be rounded upwards.
#[must_use]
pub fn rounded_up(log10_p: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (log10_p * unit).ceil() / unit
}

/// To the nearest multiple of `10^-decimals`.
#[must_use]
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit
}

/// An identifier as its text.
pub(crate) fn text<S: Serializer>(
    value: &impl fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde passes references")]
fn optional_text<S: Serializer>(
    value: &Option<impl fmt::Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

#[expect(clippy::ptr_arg, reason = "serde passes references to the field")]
fn texts<S: Serializer>(values: &Vec<impl fmt::Display>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(ToString::to_string))
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

/// A number, to five decimals, if there is one.
#[expect(clippy::ref_option, reason = "serde passes references")]
fn fine_if_any<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => fine(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// A bound, to three decimals, rounded upwards.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn score<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded_up(*value, 3))
}

fn span<S: Serializer>(value: &[f64; 2], serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| rounded(value, 3)).serialize(serializer)
}
