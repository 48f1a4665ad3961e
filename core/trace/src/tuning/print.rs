//! Values of prints: what is kept of a clip, and when a print is recognised.
//!
//! # Shapes and units
//! Each value says its unit. All are in use since 2026-11-30; `detect/desk/README.md` says what
//! they were measured with.

use super::group::group;

group! {
    /// Prints of clips.
    PrintTuning {
        /// Bytes of a print for each second of its clip: 10,000 a minute.
        bytes_per_second: f64 = 10_000.0 / 60.0, "bytes a second";
        /// Bytes that a print may have however short its clip is.
        least_bytes: f64 = 2000.0, "bytes";
        /// Share of the bytes that moments may take.
        moments_share: f64 = 0.4, "share of bytes";
        /// What rounding may take of what moves.
        rounding_share: f64 = 0.005, "share of energy";
        /// Share of the bytes that sound may take.
        sound_share: f64 = 0.25, "share of bytes";
        /// Share of the bytes that an inset takes, as a multiple of what its sides are of the frame's. Since 2026-12-01.
        inset_share: f64 = 1.25, "ratio of shares";
        /// Share of the bytes that an inset takes at most. Since 2026-12-01.
        max_inset_share: f64 = 0.6, "share of bytes";
        /// One of so many frames has a hash.
        frames_of_hash: usize = 2, "query frames";
        /// How near two frames are of which a feature is kept once.
        repeat_seconds: f64 = 2.0, "seconds of the clip";
        /// What lasts counts as much stronger: the logarithm of the ratio. Since 2026-12-01.
        lasting_gain: f64 = 0.6, "log of a ratio";
        /// How far a feature may move from one query frame to the next and be the same. Since 2026-12-01.
        lasting_reach: f64 = 0.12, "share of the short side";
        /// Bits of its word that may have turned by then. Since 2026-12-01.
        lasting_bits: usize = 6, "bits";
        /// Places of the index that are looked at for one candidate.
        looks: usize = 4, "frames of the reference";
        /// How far from the witness of a place the frames are whose features are compared with it.
        look_seconds: f64 = 2.5, "seconds of the clip";
        /// Candidates of ten seconds of a print that are looked at.
        max_candidates: usize = 12, "candidates";
        /// Most that a feature may be unlike one of the reference, and less than another elsewhere.
        max_unlike: f64 = 0.16, "share of the projection";
        /// How much less unlike it must be than one elsewhere.
        ratio: f64 = 0.8, "ratio";
        /// Consensus from which on a candidate is followed.
        min_consensus: f64 = 4.0, "consensus score";
        /// How far apart the corners of two maps may lie that may be the same one: features often lie in one part of the picture, and say little of the rest.
        max_map_shift: f64 = 0.12, "share of the short side";
        /// How far apart they lie where they are the same one certainly. Since 2026-12-01.
        same_map_shift: f64 = 0.02, "share of the short side";
        /// Half of the offsets between clip and reference of which a map is looked for: of a camera that moves each has its own. Since
        /// 2026-12-01.
        offset_seconds: f64 = 0.5, "seconds of media";
        /// Maps of such offsets that are tried. Since 2026-12-01.
        max_offsets: usize = 3, "maps";
        /// By how much more alike both must rise and fall through one of them. Since 2026-12-01.
        min_offset_gain: f64 = 0.03, "correlation";
        /// Turns below that are none.
        min_turn: f64 = 0.06, "tangent";
        /// Consensus that makes a title certain whatever moves.
        certain_consensus: f64 = 12.0, "consensus score";
        /// Correlation of what moves that makes a title certain with less.
        certain_correlation: f64 = 0.7, "correlation";
        /// How alike both must rise and fall as well where few pairs of one offset agree, or fewer hashes than make a candidate. Since
        /// 2026-12-01.
        slight_sharpness: f64 = 0.6, "correlation";
        /// Hashes that say that the whole frame may be shown. Since 2026-12-01.
        min_hashed_frames: usize = 2, "query frames";
        /// How alike both must rise and fall along a line for no other map to be tried.
        sure_sharpness: f64 = 0.95, "correlation";
        /// How far a segment may be off before it is fitted.
        segment_reach_seconds: f64 = 0.3, "seconds of media";
        /// Half of what the means of a moment are free to do: neighbours go together.
        moment_freedom: f64 = 4.0, "degrees of freedom";
        /// Most that a moment says against an offset: what lies over it may be anything.
        max_moment_cost: f64 = 24.0, "log of a ratio of likelihoods";
        /// What must speak for another offset from one moment to the next.
        jump_cost: f64 = 12.0, "log of a ratio of likelihoods";
        /// By how much more alike several segments must rise and fall than one line.
        min_segments_gain: f64 = 0.15, "correlation";
        /// How like a moment must be to belong to a span.
        min_likeness: f64 = 0.5, "correlation";
        /// Shortest span.
        min_seconds: f64 = 1.0, "seconds of the clip";
        /// How far the votes may be off.
        reach_seconds: f64 = 2.4, "seconds of media";
        /// How far a line may be off that was found through another map.
        again_reach_seconds: f64 = 0.6, "seconds of media";
        /// Slowest speed that is tried.
        min_speed: f64 = 0.7, "media seconds a second";
        /// Fastest speed that is tried.
        max_speed: f64 = 1.42, "media seconds a second";
        /// By how much likelier another speed must be than the usual one, by what moves quickly.
        min_speed_gain: f64 = 8.0, "twice the log of a ratio of likelihoods";
        /// By how much less the slow changes may correlate on a line for the quick ones to choose it.
        basin: f64 = 0.03, "correlation";
        /// By how much a clip must correlate better backwards to be taken for one that runs so.
        min_backwards_gain: f64 = 0.1, "correlation";
        /// Correlation below which the shots of a clip are looked at one by one.
        whole_correlation: f64 = 0.8, "correlation";
        /// Change of the means from one moment to the next that may be a cut.
        cut_levels: f64 = 10.0, "code values";
        /// How far the lines of neighbouring pieces may lie apart.
        join_seconds: f64 = 0.15, "seconds of media";
    }
}
