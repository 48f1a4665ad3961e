//! Hits, and the line on which some of them lie.
//!
//! ```text
//! reference = offset + speed * query
//! ```
//!
//! # Shapes and units
//! Seconds of the query's and of the reference's media time.

/// Speeds that are looked for.
pub(super) const SPEEDS: std::ops::RangeInclusive<f64> = 0.75..=1.35;

/// A word that query and reference share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundHit {
    /// Time of the query's word, in seconds.
    pub query: f64,
    /// Time of the reference's word, in seconds.
    pub reference: f64,
}

/// A part of the query that plays a part of the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundLine {
    /// Seconds of reference time at query time 0.
    pub offset: f64,
    /// Seconds of the reference that pass in a second of the query.
    pub speed: f64,
    /// First and last query time with a vote, in seconds.
    pub query: (f64, f64),
    /// Bins of 0.1 s of the query that voted.
    pub votes: usize,
    /// `log10` of the chance that unrelated sound does as much; see the head of `sound::lines`. The lower, the surer.
    pub log10_p: f64,
}

impl SoundLine {
    /// The reference's time that sounds at a time of the query.
    #[must_use]
    pub fn reference_at(&self, query: f64) -> f64 {
        self.offset + self.speed * query
    }
}
