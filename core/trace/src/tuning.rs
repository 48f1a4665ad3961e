//! Every value that decides what is found: one place, one name, one unit each.
//!
//! ```text
//! Tuning -> query, print, retrieval { votes, candidates, audio }, registration { .. }, decision { .. }
//! entries() -> (name, unit, value, about) of all;   set("registration.joint.min_gain", 0.0006)
//! ```
//!
//! The values cannot break the bound, which counts hypotheses and is proved for any evidence: they decide recall, time and
//! memory. The accusation threshold is not among them: it is `countermark_mark::evidence::ACCUSATION_LOG10_P`.
//!
//! Numbers that only say how work is cut into pieces (pictures at a time, samples of a tile) stay where the work is done.

mod decision;
mod entry;
pub(crate) mod group;
mod print;
mod query;
mod registration;
mod retrieval;

pub use decision::{
    BlindTuning, CancelTuning, ConsistencyTuning, DecisionTuning, EvidenceTuning, SpeedTuning,
};
pub use entry::{Entry, TuningError};
pub use print::PrintTuning;
pub use query::QueryTuning;
pub use registration::{
    AxisAlignedTuning, BendTuning, ComparisonTuning, CourseTuning, DifferenceTuning, ExtentTuning,
    JointTuning, KeyFramesTuning, LocalisationTuning, LocateTuning, MovingCameraTuning,
    PrecisionTuning, ProposeTuning, RegistrationTuning, SegmentationTuning, SlidingTuning,
    TimeFitTuning, TrackTuning, VerificationTuning,
};
pub use retrieval::{AudioTuning, CandidatesTuning, PlacesTuning, RetrievalTuning, VotesTuning};

use group::{Group as _, tree};

tree! {
    /// All values of `identify`, `read` and `trace`. [`Default`] is what the product runs with.
    Tuning {
        /// What is taken of a clip.
        query: QueryTuning;
        /// Prints of clips.
        print: PrintTuning;
        /// Which titles are looked at.
        retrieval: RetrievalTuning;
        /// Where and when a clip shows a title.
        registration: RegistrationTuning;
        /// Evidence, with and without a reference.
        decision: DecisionTuning;
    }
}

impl Tuning {
    /// All values, in the order of the code.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.list("", &mut entries);
        entries
    }

    /// Sets a value by its name; one that counts is rounded.
    ///
    /// # Errors
    /// [`TuningError::Name`], [`TuningError::Value`].
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), TuningError> {
        self.put(name, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_listed_once_and_can_be_set_by_its_name() {
        let usual = Tuning::default();
        let entries = usual.entries();
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), entries.len());
        assert!(entries.len() > 120, "{}", entries.len());
        for entry in &entries {
            let mut moved = usual.clone();
            moved
                .set(&entry.name, entry.value + 1.0)
                .expect("a value of that name");
            let changed: Vec<String> = moved
                .entries()
                .iter()
                .zip(&entries)
                .filter(|(new, old)| (new.value - old.value).abs() > 0.5)
                .map(|(new, _)| new.name.clone())
                .collect();
            assert_eq!(changed, std::slice::from_ref(&entry.name));
            assert!(
                !entry.unit.is_empty() && entry.about.len() > 10,
                "{entry:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut tuning = Tuning::default();
        for name in [
            "registration.joint.min_gains",
            "registration",
            "min_gain",
            "",
        ] {
            assert!(matches!(
                tuning.set(name, 1.0),
                Err(TuningError::Name { .. })
            ));
        }
        for (name, value) in [
            ("retrieval.votes.min_votes", f64::NAN),
            ("retrieval.votes.group_frames", -1.0),
            ("retrieval.votes.group_frames", 1e12),
        ] {
            let refused = tuning.set(name, value);
            assert!(matches!(refused, Err(TuningError::Value { .. })), "{name}");
        }
        assert_eq!(tuning, Tuning::default());
    }
}
