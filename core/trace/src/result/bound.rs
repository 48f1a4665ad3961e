//! How high a copy scored, among how many hypotheses, and the bound that follows from both.
//!
//! ```text
//! t = sum(s_i r_i) / ||r||_2
//! log10 bound = min(0, sum over the factors of log10 n - t^2 / 2 log10 e),     accuse <=> log10 bound < -9
//! ```
//!
//! The bound is a conditional. If neither the delivery's copy, nor anything made from it, nor its keys, nor earlier scores had been
//! available to whoever made the clip, so high a score would occur in fewer than `10^(log10 bound)` of all analyses. It is not the
//! probability that an accusation is wrong.
//!
//! # Shapes and units
//! `t` has no unit: under the null its spread is 1. Factors are counts, at least 1.
//! # References
//! Hoeffding 1963, "Probability Inequalities for Sums of Bounded Random Variables", theorem 2: `countermark_mark::bound`.

use countermark_mark::bound::{Hypotheses, NormalisedScore, score_for};
use countermark_mark::evidence::ACCUSATION_LOG10_P;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{fine, rounded_up};

/// A score that chance does not reach: below it nothing of an innocent's score is told to outsiders. Of 10^6 deliveries one comes so
/// far by chance.
pub const LEAST_TOLD_SCORE: f64 = 5.0;

/// In how many ways a score might have come about: every factor that multiplies its bound. What was chosen by
/// synchronisation chips or by pictures is none: neither knows of a delivery's signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factors {
    /// Clips examined for the same case.
    pub clips: u64,
    /// Decisions that may accuse: 2 where a register is scored and payloads are decoded as well.
    pub decisions: u64,
    /// Titles that may be accused: every candidate, and every title that lost its reference.
    pub titles: u64,
    /// Formats of the title's copies that are on record.
    pub formats: u64,
    /// Ways in which the clip may show the title, times the ways in which it may be played, tried or not, and the parts of the
    /// picture that show something.
    pub views: u64,
    /// All matches together, each alone, and each along other time maps.
    pub readings: u64,
    /// Lattice poses of a section that may be decoded, whether they were or not.
    pub poses: u64,
    /// The share of this section of the clip: `2 (n + 1)^2` for section `n`, whose inverses add up to less than 1.
    pub sections: u64,
    /// Shifts of time that were decoded or scored.
    pub shifts: u64,
    /// Deliveries on record that were scored.
    pub deliveries: u64,
    /// Distributors' keys that were tried.
    pub keys: u64,
    /// Payloads that the address code proposes for a key.
    pub list: u64,
    /// Looks at the clip up to this one: 2 where the mark was looked for by keys alone because comparing pictures accused
    /// nobody.
    pub looks: u64,
}

impl Default for Factors {
    fn default() -> Self {
        Self::ONE
    }
}

impl Factors {
    /// A single hypothesis.
    pub const ONE: Self = Self {
        clips: 1,
        decisions: 1,
        titles: 1,
        formats: 1,
        views: 1,
        readings: 1,
        poses: 1,
        sections: 1,
        shifts: 1,
        deliveries: 1,
        keys: 1,
        list: 1,
        looks: 1,
    };

    /// Every factor: its name in JSON, its number, and what it counts.
    #[must_use]
    pub fn each(&self) -> [(&'static str, u64, &'static str); 13] {
        [
            ("clips", self.clips, "clips examined for the case"),
            (
                "decisions",
                self.decisions,
                "decisions that may accuse: the register scored, payloads decoded",
            ),
            ("titles", self.titles, "titles that may be accused"),
            (
                "formats",
                self.formats,
                "formats of the title\u{2019}s copies on record",
            ),
            (
                "views",
                self.views,
                "ways in which the clip may show the title, and be played, tried or not",
            ),
            (
                "readings",
                self.readings,
                "all matches together, each alone, and each along other lines of time",
            ),
            (
                "poses",
                self.poses,
                "places of the picture in the frame that may be decoded in a section, decoded or not",
            ),
            (
                "sections",
                self.sections,
                "the share of this section of the clip, 2 (n + 1)^2 for the n-th",
            ),
            (
                "shifts",
                self.shifts,
                "shifts of time that were decoded or scored",
            ),
            (
                "deliveries",
                self.deliveries,
                "deliveries on record that were scored",
            ),
            (
                "keys",
                self.keys,
                "distributors\u{2019} keys that were tried",
            ),
            ("list", self.list, "payloads proposed for each key"),
            (
                "looks",
                self.looks,
                "looks up to this one: by keys alone where comparing pictures accused nobody",
            ),
        ]
    }

    /// Their product.
    #[must_use]
    pub fn hypotheses(&self) -> Hypotheses {
        let each = self.each();
        let one = Hypotheses::ONE;
        each.iter()
            .fold(one, |all, (_, count, _)| all.times(*count))
    }

    /// Their product as a number.
    #[must_use]
    pub fn product(&self) -> f64 {
        let each = self.each();
        each.iter()
            .map(|(_, count, _)| (*count).max(1) as f64)
            .product()
    }
}

/// As JSON an object: every factor by its name, and the `product`.
impl Serialize for Factors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let each = self.each();
        let mut map = serializer.serialize_map(Some(each.len() + 1))?;
        for (name, count, _) in each {
            map.serialize_entry(name, &count.max(1))?;
        }
        map.serialize_entry("product", &self.product())?;
        map.end()
    }
}

/// A score and its bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    t: NormalisedScore,
    hypotheses: Factors,
    log10: f64,
}

impl Bound {
    /// Of a score that is the best of so many hypotheses.
    #[must_use]
    pub fn new(t: NormalisedScore, hypotheses: Factors) -> Self {
        Self {
            t,
            hypotheses,
            log10: t.log10_p(hypotheses.hypotheses()),
        }
    }

    /// The score.
    #[must_use]
    pub const fn t(&self) -> f64 {
        self.t.value()
    }

    /// What multiplied the bound.
    #[must_use]
    pub const fn hypotheses(&self) -> &Factors {
        &self.hypotheses
    }

    /// The decimal logarithm of the bound, at most 0.
    #[must_use]
    pub const fn log10(&self) -> f64 {
        self.log10
    }

    /// The score from which so many hypotheses accuse.
    #[must_use]
    pub fn threshold_t(&self) -> f64 {
        score_for(ACCUSATION_LOG10_P, self.hypotheses.hypotheses()).value()
    }

    /// Whether it accuses.
    #[must_use]
    pub fn accuses(&self) -> bool {
        self.log10 < ACCUSATION_LOG10_P
    }

    /// The one that comes nearer to an accusation; of equal bounds the higher score.
    #[must_use]
    pub fn nearer(self, other: Self) -> Self {
        let order = self.log10.total_cmp(&other.log10);
        if order.then(other.t().total_cmp(&self.t())).is_le() {
            self
        } else {
            other
        }
    }

    /// The logarithm as outsiders may know it where nobody is accused: rounded up to a whole number, not below the threshold, and 0
    /// for a score that does not stand out. Finer answers would tell who asks often enough how to build a delivery's signal.
    #[must_use]
    pub fn told_log10(&self) -> f64 {
        if self.t() <= LEAST_TOLD_SCORE {
            return 0.0;
        }
        // Not minus zero.
        self.log10.ceil().max(ACCUSATION_LOG10_P) + 0.0
    }

    /// The score as outsiders may know it where it accuses nobody: a whole number that it does not exceed, from
    /// [`LEAST_TOLD_SCORE`] up to the threshold.
    #[must_use]
    pub fn told_t(&self) -> f64 {
        let most = self.threshold_t().ceil().max(LEAST_TOLD_SCORE);
        self.t().ceil().clamp(LEAST_TOLD_SCORE, most)
    }
}

/// As JSON `t`, `threshold_t`, `log10_bound`, `hypotheses`: the third follows from the first and the last.
impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            #[serde(serialize_with = "fine")]
            t: f64,
            #[serde(serialize_with = "fine")]
            threshold_t: f64,
            log10_bound: f64,
            hypotheses: &'a Factors,
        }
        let fields = Fields {
            t: self.t(),
            threshold_t: self.threshold_t(),
            log10_bound: rounded_up(self.log10, 3) + 0.0,
            hypotheses: &self.hypotheses,
        };
        fields.serialize(serializer)
    }
}

/// What outsiders may know of the bound that came nearest.
#[expect(clippy::ref_option, reason = "serde passes references")]
pub(super) fn told<S: Serializer>(best: &Option<Bound>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("best_log10_bound", &best.map(|best| best.told_log10()))?;
    map.serialize_entry("hypotheses", &best.map(|best| best.hypotheses))?;
    map.end()
}

/// What outsiders may know of the best score of a delivery that is not accused.
#[expect(clippy::ref_option, reason = "serde passes references")]
pub(super) fn told_score<S: Serializer>(
    best: &Option<Bound>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    best.map(|best| best.told_t()).serialize(serializer)
}

#[cfg(test)]
mod tests;
