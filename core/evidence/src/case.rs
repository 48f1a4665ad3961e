//! A case as a bundle holds it: everything that the verdict rests on, and nothing that differs when it is analysed again.
//!
//! ```text
//! case.json: suspect, title, where the clip lies in it, accused[], next[], ledger       analysis.json: when, where, by what
//! ```
//!
//! # Shapes and units
//! Hashes, keys and identifiers are hex; `t` has no unit and is written with as many digits as bring back its bits; times are
//! RFC 3339 in UTC.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{OpenedEntry, ProcessRecords, SignedHead, stamp::StampFacts};

/// The version of this form.
pub const SCHEMA: u64 = 1;

/// Accusations need a bound below this.
pub const THRESHOLD_LOG10: f64 = countermark_mark::evidence::ACCUSATION_LOG10_P;

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// [`SCHEMA`].
    pub schema: u64,
    /// The clip.
    pub suspect: Suspect,
    /// The title that it shows.
    pub title: Option<String>,
    /// Where it lies in the title: spans, speeds, geometry, as the report has them.
    pub matches: Value,
    /// Whether the pictures of all frames that are evidence were found to be the title's.
    pub pictures_compared: bool,
    /// [`THRESHOLD_LOG10`].
    pub threshold_log10: f64,
    /// Who is accused.
    pub accused: Vec<Accused>,
    /// The deliveries that came next, without names.
    pub next: Vec<Next>,
    /// The ledger; none where no head of it could be signed.
    pub ledger: Option<LedgerProof>,
    /// What was wrong with the register.
    pub warnings: Vec<String>,
    /// Working files of the accused copies' titles, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<ProcessRecords>,
}

/// The clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// Its file name.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it, hex.
    pub sha256: String,
    /// Whether `acquired.json` says how it was acquired.
    pub acquired: bool,
}

/// A delivery that is accused, opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accused {
    /// Whose copy.
    pub distributor: String,
    /// Of which title.
    pub title: String,
    /// Free text given at marking.
    pub licensee: Option<String>,
    /// The delivery, hex; none where only a payload was decoded.
    pub delivery: Option<String>,
    /// Its payload, hex.
    pub payload: String,
    /// Its key, hex: opened by this bundle.
    pub delivery_key: String,
    /// The file of its soft values.
    pub soft: String,
    /// Rows in it.
    pub rows: usize,
    /// The score.
    pub t: f64,
    /// The score from which so many hypotheses accuse.
    pub threshold_t: f64,
    /// Decimal logarithm of the bound.
    pub log10_bound: f64,
    /// What multiplied the bound, item by item.
    pub hypotheses: Vec<Factor>,
    /// Which decision's bound that is.
    pub decision: String,
    /// The commitment to the key, made when the delivery was begun; none where the ledger has none.
    pub commitment: Option<String>,
    /// The commitment to the payload.
    pub payload_commitment: Option<String>,
    /// The ledger's entries about title, distributor and delivery.
    pub entries: Vec<OpenedEntry>,
}

/// A factor of a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// How many.
    pub count: u64,
    /// What it counts.
    pub what: String,
}

/// A delivery that is not accused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Next {
    /// The commitment to its key.
    pub commitment: Option<String>,
    /// A whole number that its score does not exceed.
    pub score_at_most: u64,
}

/// The ledger's head, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerProof {
    /// The head: its text is `ledger/head.txt`, its signature `ledger/head.sig`.
    pub head: SignedHead,
    /// The entry that put the evidence key on record.
    pub key_entry: OpenedEntry,
    /// What the stamp says: `ledger/stamp.tsr`, verified with `ledger/authority.pem`.
    pub stamp: Option<StampFacts>,
}

impl Accused {
    /// The product of the hypotheses, as its decimal logarithm.
    #[must_use]
    pub fn log10_hypotheses(&self) -> f64 {
        use countermark_mark::Hypotheses;
        let counts = self.hypotheses.iter().map(|factor| factor.count);
        counts.fold(Hypotheses::ONE, Hypotheses::times).log10()
    }
}
