//! Values of `cancel`, `blind`, `read` and `decide`. None of them moves the accusation threshold, which is
//! `countermark_mark::evidence::ACCUSATION_LOG10_P`; those that make more hypotheses are counted as such.
//!
//! # Shapes and units
//! Each value says its unit, since when it is in use (commit) and, where one is on record, the measurement behind it. Most were
//! chosen together with the code that they came with and have not been measured alone yet.

use super::group::{group, tree};

group! {
    /// Cancelling the host picture of windows that were not registered.
    CancelTuning {
        /// Frames of a window that vote on the offset. Since 2026-11-20 (e54f19a).
        voting_frames: usize = 16, "frames";
        /// By how much two offsets must lie apart to count as two. Since 2026-11-20 (e54f19a).
        min_offset_distance_seconds: f64 = 0.4, "seconds of media";
        /// Correlation that an offset needs to be worth cancelling the host. Since 2026-11-21 (1d4f410).
        min_offset_correlation: f64 = 0.5, "correlation";
        /// Steps of a frame at which the offset is refined. Since 2026-11-20 (e54f19a).
        steps_per_frame: i32 = 4, "steps";
        /// How much less of a frame than of the best tenth of its window the reference may explain where the clip shows
        /// it. Since 2026-11-21 (617ef68).
        min_shown_share: f64 = 0.3, "share";
        /// How much less of a frame than of the middle one of its window the reference may explain. Since 2026-11-21
        /// (5515498).
        min_explained_share: f64 = 0.5, "share";
        /// How much of a frame the reference must explain for the frame to be evidence.
        min_explained: f64 = 0.1, "share of the energy";
    }
}

group! {
    /// Evidence of windows whose host was cancelled.
    EvidenceTuning {
        /// Offsets of a window that are worth cancelling the host for. Since 2026-11-20 (e54f19a).
        max_offsets: usize = 4, "offsets";
        /// How far the synchronisation chips may move a registered window: pictures that stand still match anywhere.
        /// Since 2026-11-20 (e54f19a).
        max_shift_bins: i64 = 4, "bins";
        /// Score from which a time map needs no rival. Since 2026-11-21 (5d64519).
        plain_sync_score: f64 = 8.0, "synchronisation score";
        /// How much higher the score of another time map must be: of a few of noise one is always best. Since 2026-11-22
        /// (765b7b9).
        min_sync_gain: f64 = 1.5, "standard deviations";
        /// A title is known when its synchronisation chips say so with this chance.
        title_log10_p: f64 = -9.0, "log10 of a chance";
        /// A title is known when its pictures correlate so. Since 2026-11-21 (1d4f410).
        title_correlation: f64 = 0.98, "correlation";
        /// What named deliveries must cover for no other title to be looked at. Since 2026-11-21 (e9d9d55).
        min_explained_share: f64 = 0.9, "share of the clip";
    }
}

group! {
    /// The mark without a reference.
    BlindTuning {
        /// Shifts that are decoded when none stands out. Each is a hypothesis. Since 2026-11-20 (e54f19a).
        max_shifts: usize = 6, "shifts";
        /// Score that no wrong shift reaches: one in 10^9 titles of an hour. Since 2026-11-20 (e54f19a).
        certain_sync_score: f64 = 9.0, "synchronisation score";
        /// How far the shift may wander from one window to the next. Since 2026-11-20 (e54f19a).
        max_wander_bins: i64 = 16, "bins";
        /// Peaks of a stage that are refined and decoded. Each is a hypothesis. Since 2026-11-21 (fc3d54d).
        max_peaks: usize = 8, "peaks";
        /// Poses that were searched in vain and are followed all the same. Each is a hypothesis. Since 2026-11-21
        /// (92e6063).
        max_followed: usize = 3, "lattice poses";
        /// Most peaks of a coarse grid around which the fine one is searched: of a short title fewer are. Since 2026-11-30.
        max_candidates: usize = 512, "peaks";
        /// Fewest of them. Since 2026-11-30.
        min_candidates: usize = 64, "peaks";
        /// Starts in a geometry that are looked at coarsely for each that is looked at finely. Since 2026-11-30.
        starts_of_candidate: usize = 64, "starts";
        /// Peaks that are followed up where one is certain. Since 2026-11-30.
        candidates_of_certain: usize = 16, "peaks";
        /// Of a stage's decodings, those that its coarse grid may lead to. Since 2026-11-30.
        max_coarse_peaks: usize = 2, "peaks";
        /// Score of a coarse peak that no wrong start reaches: of a film's 10^10 places the highest wrong one came to 6.9. It is followed
        /// up at once. Since 2026-11-30.
        certain_peak_score: f64 = 9.0, "peak over root mean square";
        /// Peaks of each transform hypothesis that a stage keeps. Since 2026-11-21 (92e6063).
        peaks_of_look: usize = 2, "peaks";
        /// Length of a section. Since 2026-11-21 (92e6063).
        section_seconds: f64 = 24.0, "seconds of the clip";
        /// Length of all titles together up to which geometries are searched. Since 2026-11-21 (92e6063).
        max_searched_seconds: f64 = 14_400.0, "seconds of media";
        /// Sections of a clip in which all geometries are searched; in later ones only the first stage, crops. Since
        /// 2026-11-21 (fc3d54d).
        widely_searched_sections: u64 = 2, "sections";
    }
}

group! {
    /// Speed and offset of the mark under one pose.
    SpeedTuning {
        /// Slowest speed that is tried where nothing is known, in steps from 1. Since 2026-11-21 (92e6063).
        slowest_steps: i32 = -10, "steps";
        /// One step above the fastest. Since 2026-11-21 (92e6063).
        fastest_steps: i32 = 13, "steps";
        /// Step between speeds: a clip of ten seconds tells two hundredths apart. Since 2026-11-21 (6f367f6).
        step: f64 = 0.02, "media seconds a second";
        /// Steps around a speed that settle it, over and over until none is better: the finest.
        finest_settling_step: f64 = 0.003, "media seconds a second";
        /// The second one.
        fine_settling_step: f64 = 0.006, "media seconds a second";
        /// The third one.
        coarse_settling_step: f64 = 0.012, "media seconds a second";
        /// The coarsest.
        coarsest_settling_step: f64 = 0.02, "media seconds a second";
        /// Rounds that settle a speed. Since 2026-11-21 (92e6063).
        max_rounds: usize = 8, "rounds";
        /// For which another speed than 1 is believed. Since 2026-11-21 (6f367f6).
        min_gain_over_usual: f64 = 1.02, "ratio of scores";
        /// For which another speed than one that is not 1 is believed. Since 2026-11-21 (6f367f6).
        min_gain_over_other: f64 = 1.005, "ratio of scores";
        /// From which a speed and offset are worth decoding. Since 2026-11-21 (92e6063).
        promising_score: f64 = 4.0, "synchronisation score";
        /// How far from a start shifts are searched. Since 2026-11-21 (fc3d54d).
        near_seconds: f64 = 1.0, "seconds of media";
        /// Error of its speed. Since 2026-11-21 (fc3d54d).
        speed_error: f64 = 0.06, "media seconds a second";
    }
}

group! {
    /// What the noise over a mark is like, see `consistency`. Measured with `cargo run --release -p countermark-bench --example transplant`.
    ConsistencyTuning {
        /// From here on it is that of a transplant. Since 2026-12-01.
        min_transplant: f64 = 0.35, "log10 of a ratio of energies";
    }
}

tree! {
    /// All of them.
    DecisionTuning {
        /// Cancelling the host picture of windows that were not registered.
        cancel: CancelTuning;
        /// Evidence of windows whose host was cancelled.
        evidence: EvidenceTuning;
        /// The mark without a reference.
        blind: BlindTuning;
        /// Speed and offset of the mark under one pose.
        speed: SpeedTuning;
        /// What the noise over a mark is like.
        consistency: ConsistencyTuning;
    }
}
