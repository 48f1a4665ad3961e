//! Values of `registration` and `reference`: where and when a clip shows a title.
//!
//! # Shapes and units
//! Each value says its unit, since when it is in use (commit) and, where one is on record, the measurement behind it. Most were
//! chosen together with the code that they came with and have not been measured alone yet.

use super::group::{group, tree};

group! {
    /// Key frames of a reference.
    KeyFramesTuning {
        /// From one key frame to the next. Since 2026-11-21 (5515498).
        step_seconds: f64 = 0.5, "seconds of media";
        /// Key frames of a title at most. Since 2026-11-21 (5515498).
        max_frames: f64 = 1200.0, "key frames";
    }
}

group! {
    /// Query frames that are found in key frames, by local features and geometry.
    VerificationTuning {
        /// How far the media time of a prior may be off: places of the index lie two seconds apart. Since 2026-11-21
        /// (e9d9d55).
        prior_slack_seconds: f64 = 3.0, "seconds of media";
        /// How far from the expected moment a frame is looked for first. Since 2026-11-21 (5515498).
        near_seconds: f64 = 1.6, "seconds of media";
        /// Score from which a match where it was expected is believed without a search. Since 2026-11-21 (5515498).
        min_consensus: f64 = 15.0, "consensus score";
        /// Pairs of a query frame and a key frame that a search without a prior may compare. Since 2026-11-21 (5515498).
        max_comparisons: usize = 6000, "pairs of frames";
        /// How far from its key frame a frame may be whose moment is known. Since 2026-11-21 (bb63708).
        close_seconds: f64 = 0.4, "seconds of media";
        /// Frames verified on one time map that make a title certain: pictures that have nothing in common may agree on a
        /// map now and then, but not on the time as well. Since 2026-11-21 (24b27e7).
        min_matches: usize = 3, "query frames";
        /// Sum of scores that makes it certain with fewer, as those of a screenshot: a frame of the film itself has
        /// hundreds, one of another film that shares a window or a letter up to thirty. Since 2026-11-21 (6654d9f).
        certain_consensus: f64 = 60.0, "consensus score";
    }
}

group! {
    /// Query frames of a short clip that are found by sliding them along the frames of a title, where features tell too little.
    SlidingTuning {
        /// Length up to which a clip is looked for so. Since 2026-11-30: of 48 parts of a second 12 were not found by their features,
        /// of 24 of two seconds 4.
        max_seconds: f64 = 3.0, "seconds of the clip";
        /// Query frames that are slid.
        frames: usize = 4, "query frames";
        /// From one frame of the title to the next when the whole of it is looked at.
        title_step_seconds: f64 = 0.25, "seconds of media";
        /// The same where a title is registered: plain ground tells a moment only while it is the very same.
        step_seconds: f64 = 0.03, "seconds of media";
        /// Frames of a title at most.
        max_frames: f64 = 1200.0, "frames";
        /// Lines of time that are tried: reposts are a tenth faster or slower, a third at most.
        min_speed: f64 = 0.75, "seconds of media a second";
        /// The fastest.
        max_speed: f64 = 1.35, "seconds of media a second";
        /// From one to the next: a frame in a clip of a second and a half.
        speed_step: f64 = 0.02, "seconds of media a second";
        /// Correlation of details from which a query frame counts as sighted. Since 2026-11-30: of 48 parts of a second beside eleven
        /// other titles the highest was 0.32, the next 0.27, beside their own 0.62 and more, of plain asphalt 0.33 to 0.65.
        min_correlation: f64 = 0.3, "correlation";
        /// The same on average over those that lie in one place, for these to be sighted.
        min_mean_correlation: f64 = 0.36, "correlation";
        /// The same, on average over query frames, for a title to be followed.
        min_lead_correlation: f64 = 0.2, "correlation";
        /// Titles that are followed so.
        max_leads: usize = 2, "titles";
        /// How far the places of query frames may lie apart to be those of one cut.
        max_place_difference: f64 = 0.03, "share of a side";
    }
}

group! {
    /// Axis-aligned maps: copies that were only cropped and scaled.
    AxisAlignedTuning {
        /// Relative difference from which on two aspects are not the same. Since 2026-11-22 (78d2929).
        min_aspect_difference: f64 = 0.05, "ratio";
        /// How much smaller than the whole side the matches may make it. Since 2026-11-22 (78d2929).
        min_scale: f64 = 0.8, "ratio";
        /// How much larger than the whole side the matches may make it. Since 2026-11-22 (78d2929).
        max_scale: f64 = 1.25, "ratio";
        /// How far the place of a cut may lie from that of the matches. Since 2026-11-22 (78d2929).
        cut_reach: f64 = 0.06, "share of a side";
        /// First steps towards the place of a cut.
        coarse_cut_step: f64 = 0.01, "share of a side";
        /// Second steps.
        middle_cut_step: f64 = 0.0025, "share of a side";
        /// Last steps.
        fine_cut_step: f64 = 0.0006, "share of a side";
        /// First step of the search with all numbers free: of the scale, and of the place as a share of what is shown.
        /// Since 2026-11-22 (78d2929).
        first_step: f64 = 0.02, "share";
        /// Step below which that search ends. Since 2026-11-22 (78d2929).
        last_step: f64 = 0.002, "share";
        /// Rounds of that search. Since 2026-11-22 (78d2929).
        max_rounds: usize = 24, "rounds";
    }
}

group! {
    /// Where each verified frame lies in the picture of a title.
    LocalisationTuning {
        /// Verified frames below which each is looked for in every frame around its key frame. Since 2026-11-21
        /// (bb63708).
        few_matches: usize = 3, "query frames";
        /// Maps of other frames that every frame tries beside its own. Since 2026-11-21 (5515498).
        shared_maps: usize = 3, "maps";
        /// Frames that axis-aligned maps and occlusion masks are found with. Since 2026-11-22 (78d2929).
        compared_frames: usize = 6, "query frames";
        /// Share of the confidence of the pictures as they are that is enough without what stands still over them: it may
        /// make them like the reference at a wrong time. Since 2026-11-22 (16f1e62).
        min_uncovered_confidence: f64 = 0.8, "share of consensus";
        /// Share of what a map of a filled frame leaves unexplained that another map may leave at most to be believed.
        /// Since 2026-11-22 (78d2929).
        max_residual_of_free_map: f64 = 0.9, "share of what is unexplained";
        /// What the reference leaves unexplained of a clip from which on something may lie over it. Since 2026-11-22
        /// (8c3e5c4).
        min_occluded_residual: f64 = 0.03, "1 - correlation";
        /// Share of that which it may leave at most without what lies over it. Since 2026-11-22 (8c3e5c4).
        max_residual_without_occlusion: f64 = 0.5, "share of what is unexplained";
        /// What counts as the end of a span. Since 2026-11-22 (78d2929).
        end_seconds: f64 = 0.5, "seconds of media";
        /// Frames that must be most like the end of a span for the reference to be read on there. Since 2026-11-22
        /// (78d2929).
        min_frames_at_end: usize = 3, "query frames";
        /// By how much they must be. Since 2026-11-22 (78d2929).
        min_end_gain: f32 = 1e-4, "correlation";
    }
}

group! {
    /// How pictures correlate with every frame of a reference.
    ComparisonTuning {
        /// Share of a block from which on what lies on it counts. Since 2026-11-22 (424b864).
        max_covered_share: f64 = 0.1, "share of a block";
        /// By how much a block may leave the picture: one that shows all of a frame must show its outermost blocks. Since
        /// 2026-11-22 (78d2929).
        block_overhang_samples: f64 = 0.5, "samples";
    }
}

group! {
    /// Temporal differences: how frames change as the reference changes.
    DifferenceTuning {
        /// Blocks that all frames of a run must show. Since 2026-11-21 (5515498).
        min_blocks: usize = 12, "blocks";
        /// Energy below which a part of a thumbnail is flat. Since 2026-11-21 (5515498).
        flat_energy: f32 = 1e-4, "share of a thumbnail's energy";
        /// Correlation of changes from which on they decide, and likeness does not. Since 2026-11-21 (5515498).
        min_correlation: f64 = 0.3, "correlation";
    }
}

group! {
    /// Time maps of runs of frames.
    TimeFitTuning {
        /// Slowest speed. Since 2026-11-21 (5515498).
        min_speed: f64 = 0.7, "media seconds a second";
        /// Fastest speed. Since 2026-11-21 (5515498).
        max_speed: f64 = 1.4, "media seconds a second";
        /// How near to the slowest or fastest speed a fit is not believed to be the end of it: the true speed may lie beyond.
        /// Since 2026-11-29 (6e9ab69); clips at 1.6 and 2 times were fitted at 1.6 and 1.7.
        edge_speed: f64 = 0.02, "media seconds a second";
        /// Step between speeds at first. Since 2026-11-21 (5515498).
        speed_step: f64 = 0.01, "media seconds a second";
        /// Share of what speed 1 leaves unexplained that another speed may leave at most to be believed. Since 2026-11-21
        /// (5515498).
        max_residual_of_other_speed: f64 = 0.97, "share of what is unexplained";
        /// Length of a run below which no speed but 1 is looked for. Since 2026-11-21 (5515498).
        min_run_seconds_for_speed: f64 = 1.0, "seconds of the clip";
        /// How far from a first guess time maps are looked for. Since 2026-11-21 (5515498).
        near_seconds: f64 = 0.6, "seconds of media";
        /// Time maps elsewhere are looked at when their likeness is no further below the best. Since 2026-11-21
        /// (5515498).
        max_likeness_loss: f64 = 0.01, "correlation";
        /// How far below its best a frame may fall on a time map that it belongs to. Since 2026-11-21 (5515498).
        max_loss_on_map: f64 = 0.03, "correlation";
        /// Beyond a frame of the reference, within which a moment may still be that frame's: frames may be missing. Since
        /// 2026-11-21 (e9d9d55).
        frame_tolerance_seconds: f64 = 0.1, "seconds of media";
        /// Correlation below which a frame belongs to no time map. Since 2026-11-21 (5515498).
        min_correlation: f64 = 0.6, "correlation";
    }
}

impl TimeFitTuning {
    /// Whether a speed is not one of the slowest or fastest of those that lines are looked for at: the true one may lie beyond. Those
    /// of courses do.
    pub(crate) fn is_usual(&self, speed: f64) -> bool {
        let ends = [self.min_speed, self.max_speed];
        ends.iter()
            .all(|end| (speed - end).abs() >= self.edge_speed)
    }
}

group! {
    /// Viterbi segmentation: fragments cut together from places that look alike.
    SegmentationTuning {
        /// `f`: what no two pictures of one moment agree beyond. Since 2026-11-22 (05040fc).
        residual_floor: f64 = 0.002, "1 - correlation";
        /// The least `f` of a course, whose own moments tell it. Since 2026-11-30: pictures from the air over a sea leave 0.0003 of
        /// their own frames, and 0.001 of others half a second away, which 0.002 hid.
        least_residual_floor: f64 = 0.0003, "1 - correlation";
        /// `E`: a moment that is like nothing says no more than this. Since 2026-11-22 (05040fc).
        max_cost: f64 = 1.5, "natural logarithm";
        /// `S`: a step of one frame more or less than the time map says. Since 2026-11-22 (05040fc).
        slip_penalty: f64 = 0.3, "natural logarithm";
        /// `J`: a step to anywhere else. Since 2026-11-22 (05040fc).
        jump_penalty: f64 = 8.0, "natural logarithm";
        /// Thumbnails of a run that is segmented. Since 2026-11-22 (05040fc).
        min_moments: usize = 12, "thumbnails";
        /// Thumbnails of a piece. Since 2026-11-22 (05040fc).
        min_piece_moments: usize = 4, "thumbnails";
        /// Thumbnails times frames at most. Since 2026-11-22 (05040fc).
        max_comparisons: usize = 8_000_000, "costs";
    }
}

group! {
    /// Courses: pieces at any speed, either way.
    CourseTuning {
        /// Fastest speed, and slowest but for pictures that stand: one over it.
        max_speed: f64 = 4.0, "media seconds a second";
        /// Speeds that a path may have: nine hundredths apart.
        speeds_of_octave: f64 = 8.0, "speeds";
        /// Mean of what the usual lines leave of a moment from which on a course is looked for.
        min_left: f64 = 0.12, "natural logarithm";
        /// `K`: another speed from there on.
        turn_penalty: f64 = 2.0, "natural logarithm";
        /// `J'`: from one still to another, as in a slide show.
        still_penalty: f64 = 4.0, "natural logarithm";
        /// From one still to another where the clip's own pictures tell the joint.
        held_penalty: f64 = 1.0, "natural logarithm";
        /// Times the usual change from one moment to the next up to which a picture stands.
        max_held_change: f64 = 8.0, "share of the median change";
        /// For a path that does not begin at the usual speed.
        odd_penalty: f64 = 1.0, "natural logarithm";
        /// How far two pieces may lie apart that go on where the other ended.
        joint_seconds: f64 = 0.13, "seconds of media";
        /// How far a path may leave the line of a piece.
        max_bend_seconds: f64 = 0.05, "seconds of media";
        /// What a course must explain that usual lines do not.
        min_gain: f64 = 6.0, "natural logarithm";
        /// Share of what usual lines cost that a course may cost.
        max_cost_share: f64 = 0.7, "share of the costs";
        /// By how much a map may be less like the reference than the own maps of runs to be that of all moments.
        max_map_loss: f64 = 0.02, "correlation";
        /// Speeds this near to one that editors have a button for may be that.
        button_tolerance: f64 = 0.02, "media seconds a second";
        /// Share of what such a speed leaves that another one may leave at most to be believed.
        max_residual_of_odd_speed: f64 = 0.97, "share of what is unexplained";
        /// Speed below which a picture is taken to stand.
        still_speed: f64 = 0.1, "media seconds a second";
        /// Gaps between pieces up to which they meet.
        max_gap_seconds: f64 = 0.6, "seconds of the clip";
        /// How far from the gap between two pieces their lines may cross to meet there.
        crossing_seconds: f64 = 0.15, "seconds of the clip";
        /// Frames times speeds times thumbnails that are looked at together.
        max_states: usize = 8_000_000, "states";
    }
}

group! {
    /// How precise a line of time is.
    PrecisionTuning {
        /// By how much more than along the line pictures may leave unexplained along another that they allow.
        max_residual_gain: f64 = 0.2, "share of what is unexplained";
        /// Furthest shift that is looked at.
        max_seconds: f64 = 60.0, "seconds of media";
        /// Moments in a row that may object to a line that leaves much. Since 2026-11-30.
        untold_moments: usize = 4, "thumbnails";
        /// Furthest shift that they may ask for instead. Since 2026-11-30.
        max_untold_seconds: f64 = 4.0, "seconds of media";
    }
}

group! {
    /// Segment proposals.
    ProposeTuning {
        /// Thumbnails of a run that tell its time. Since 2026-11-21 (e9d9d55).
        max_moments: usize = 64, "thumbnails";
        /// Thumbnails of a run that tell which map is the best. Since 2026-11-21 (52b6035).
        map_moments: usize = 8, "thumbnails";
        /// Likeness by which one map may fall short of another that is as good. Since 2026-11-22 (05040fc).
        max_likeness_loss: f64 = 0.005, "correlation";
        /// Runs from which on they have a speed in common. Since 2026-11-22 (05040fc).
        min_runs_for_common_speed: usize = 3, "runs";
        /// By how much that may differ. Since 2026-11-22 (05040fc).
        common_speed_tolerance: f64 = 0.015, "media seconds a second";
        /// Length below which a run has little to set against the common speed. Since 2026-11-22 (05040fc).
        short_run_seconds: f64 = 4.0, "seconds of the clip";
        /// Speeds that pieces are looked for at. Since 2026-11-22 (05040fc).
        max_speeds: usize = 3, "speeds";
    }
}

group! {
    /// The search over space and time.
    LocateTuning {
        /// By how much time maps differ that are worth trying both. Since 2026-11-21 (5d64519).
        alternative_seconds: f64 = 0.2, "seconds of media";
        /// What is read on at first where frames are most like the end of what is known of a reference. Since 2026-11-22
        /// (78d2929).
        first_widening_seconds: f64 = 8.0, "seconds of media";
        /// What is read on at last. Since 2026-11-22 (78d2929).
        last_widening_seconds: f64 = 32.0, "seconds of media";
        /// How like the reference a draft along an exact map must be to be left as it is. Since 2026-11-30: copies as they were
        /// delivered are at 0.999, and settling them takes a quarter of an identification.
        settled_likeness: f64 = 0.99, "correlation";
    }
}

group! {
    /// Homographies of a segment, aligned with the reference itself.
    TrackTuning {
        /// Frames of a segment that are aligned together. Since 2026-11-21 (5515498).
        common_frames: usize = 6, "query frames";
        /// Frames of a segment that are aligned one by one. Since 2026-11-21 (5515498).
        single_frames: usize = 16, "query frames";
        /// The same of a segment that was cut together of pieces framed anew: each piece has a map of its own.
        cut_frames: usize = 64, "query frames";
        /// Cuts from which on a segment may be such a one, a quarter of its frames at least.
        min_cuts: usize = 3, "cuts";
        /// Frames that are aligned one by one to see whether the camera moves. Since 2026-11-21 (f989699).
        sentinels: usize = 3, "query frames";
        /// Change of scale across the picture from which on a map counts as tilted. Since 2026-11-21 (f989699).
        min_tilt: f64 = 0.002, "relative change of scale";
        /// Turn up to which a map may be upright. Since 2026-11-22 (765b7b9).
        max_slant: f64 = 0.05, "tangent";
        /// By how much an alignment may lead the corners of the picture. Since 2026-11-22 (b875fa4).
        max_corner_shift: f64 = 0.1, "share of a side";
        /// How much better maps of their own must correlate than a common one to be believed. Since 2026-11-21 (5515498).
        min_gain_of_own_maps: f64 = 0.01, "correlation";
        /// How much better a freer motion model must correlate to be believed. Since 2026-11-21 (5515498).
        min_gain_of_freer_model: f64 = 0.0005, "correlation";
    }
}

group! {
    /// Joint refinement of time and geometry.
    JointTuning {
        /// Frames that are looked at. Since 2026-11-21 (edcc800).
        frames: usize = 4, "query frames";
        /// Samples of a query frame for one of the reference below which it has none to spare: then it is compared whole.
        /// Since 2026-11-21 (a798c4b).
        small_magnification: f64 = 0.7, "samples a sample";
        /// Passes of blur: what a resampling takes off depends on where the samples fall, and must not tell the time.
        /// Since 2026-11-21 (a798c4b).
        blur_passes: usize = 2, "passes";
        /// How far off the time map may be. Since 2026-11-21 (938ad0d).
        reach_seconds: f64 = 0.48, "seconds of media";
        /// Steps in which it is moved at first. Since 2026-11-21 (938ad0d).
        coarse_step_seconds: f64 = 0.12, "seconds of media";
        /// Steps in which it is moved at last. Since 2026-11-21 (938ad0d).
        fine_step_seconds: f64 = 0.04, "seconds of media";
        /// Times that the ends of a time map are moved by a fine step, and by half of one. Since 2026-11-22 (7fe599e).
        max_rounds: usize = 3, "rounds";
        /// Length of a run below which its speed is left alone. Since 2026-11-21 (938ad0d).
        min_run_seconds_for_speed: f64 = 3.0, "seconds of the clip";
        /// What a moved time map must gain to be believed, or `min_gain` where that is less. Since 2026-11-21 (a798c4b).
        min_gain_share: f64 = 0.1, "share of what is unexplained";
        /// What a map with a scale for each side must explain of what one of one scale leaves: insets have sides of whole
        /// samples, often even ones. Since 2026-11-22 (888911d).
        min_stretch_gain_share: f64 = 0.05, "share of what is unexplained";
        /// What a map in perspective must gain over simpler ones. Since 2026-11-22 (328b9b0).
        min_tilt_gain: f64 = 0.002, "correlation";
        /// What a time map of another speed must gain. Since 2026-11-21 (938ad0d).
        min_speed_gain: f64 = 0.002, "correlation";
        /// What a moved time map must gain to be believed. Since 2026-11-21 (938ad0d).
        min_gain: f64 = 0.0005, "correlation";
        /// What is left unexplained from which on pictures may have been filmed, and by little tilt be off in time. Since
        /// 2026-11-22 (328b9b0).
        min_filmed_residual: f64 = 0.1, "1 - correlation";
        /// Speeds this near to 1 may be 1. Since 2026-11-21 (6654d9f).
        usual_speed_tolerance: f64 = 0.06, "media seconds a second";
    }
}

group! {
    /// Refinement of the time of a moving camera.
    MovingCameraTuning {
        /// Frames that are looked at. Since 2026-11-20 (e54f19a).
        frames: usize = 16, "query frames";
        /// How far off the time map may be. Since 2026-11-22 (e6a74b8).
        reach_seconds: f64 = 0.8, "seconds of media";
        /// Least step between frames of the reference that are looked at. Since 2026-11-22 (e6a74b8).
        frame_step_seconds: f64 = 0.08, "seconds of media";
        /// Steps in which the ends of a time map are moved. Since 2026-11-22 (e6a74b8).
        end_step_seconds: f64 = 0.02, "seconds of media";
        /// Steps of an end for one of a time map that is moved as a whole. Since 2026-11-22 (e6a74b8).
        free_stride: i32 = 2, "steps";
        /// Frames below which the time is left as it is. Since 2026-11-22 (e6a74b8).
        min_frames: usize = 3, "query frames";
        /// What a time map of another speed must gain. Since 2026-11-22 (e6a74b8).
        min_standard_errors: f64 = 3.0, "standard errors";
        /// Speeds this near to 1 may be 1. Since 2026-11-22 (e6a74b8).
        usual_speed_tolerance: f64 = 0.08, "media seconds a second";
    }
}

group! {
    /// Pictures that were bent: a smooth field beyond the map.
    BendTuning {
        /// Frames that a bend is fitted to.
        frames: usize = 6, "query frames";
        /// Likeness from which on there is nothing left to explain.
        settled_likeness: f64 = 0.97, "correlation";
        /// What a bend must gain over the maps of the path to be believed.
        min_gain: f64 = 0.02, "correlation";
        /// How far off the line of time may be that was fitted without it.
        reach_seconds: f64 = 0.16, "seconds of media";
        /// What a moved line of time must gain to be believed.
        min_time_gain: f64 = 0.002, "correlation";
        /// What a mesh of cells half as long must gain over the other to be believed. Since 2026-11-30.
        min_finer_gain: f64 = 0.01, "correlation";
        /// How far off the map of the whole picture the corners of a segment's own must lie for it to be tried as well. Since 2026-11-30.
        min_whole_shift: f64 = 0.005, "share of the sides";
        /// And how far they may. Since 2026-11-30.
        max_whole_shift: f64 = 0.1, "share of the sides";
        /// Frames that have a bend of their own where it moves. Since 2026-11-30.
        moving_frames: usize = 48, "query frames";
        /// Those that tell whether it moves. Since 2026-11-30.
        sentinels: usize = 3, "query frames";
    }
}

group! {
    /// How far a segment extends.
    ExtentTuning {
        /// Thumbnails that tell how like the reference a segment is. Since 2026-11-21 (a798c4b).
        moments: usize = 8, "thumbnails";
        /// How much less like the reference than within a segment a moment may be that the segment goes on to. Since
        /// 2026-11-21 (a798c4b).
        max_likeness_loss: f64 = 0.05, "correlation";
        /// A segment below this many steps from one query frame to the next is told by its own moments alone. Since 2026-11-30.
        short_steps: f64 = 2.0, "steps";
    }
}

tree! {
    /// All of them.
    RegistrationTuning {
        /// Key frames of a reference.
        key_frames: KeyFramesTuning;
        /// Query frames that are found in key frames, by local features and geometry.
        verification: VerificationTuning;
        /// Query frames of a short clip that are slid along the frames of a title.
        sliding: SlidingTuning;
        /// Axis-aligned maps: copies that were only cropped and scaled.
        axis_aligned: AxisAlignedTuning;
        /// Where each verified frame lies in the picture of a title.
        localisation: LocalisationTuning;
        /// How pictures correlate with every frame of a reference.
        comparison: ComparisonTuning;
        /// Temporal differences: how frames change as the reference changes.
        difference: DifferenceTuning;
        /// Time maps of runs of frames.
        time_fit: TimeFitTuning;
        /// Viterbi segmentation: fragments cut together from places that look alike.
        segmentation: SegmentationTuning;
        /// Courses: pieces at any speed, either way.
        course: CourseTuning;
        /// How precise a line of time is.
        precision: PrecisionTuning;
        /// Segment proposals.
        propose: ProposeTuning;
        /// The search over space and time.
        locate: LocateTuning;
        /// Homographies of a segment, aligned with the reference itself.
        track: TrackTuning;
        /// Joint refinement of time and geometry.
        joint: JointTuning;
        /// Refinement of the time of a moving camera.
        moving_camera: MovingCameraTuning;
        /// Pictures that were bent: a smooth field beyond the map.
        bend: BendTuning;
        /// How far a segment extends.
        extent: ExtentTuning;
    }
}
