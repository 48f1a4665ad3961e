//! Values of `retrieval`: which titles are looked at.
//!
//! # Shapes and units
//! Each value says its unit, since when it is in use (commit) and, where one is on record, the measurement behind it. Most were
//! chosen together with the code that they came with and have not been measured alone yet.

use super::group::{group, tree};

group! {
    /// Votes of words and frame hashes for titles and times.
    VotesTuning {
        /// Query frames that vote together: ten seconds, over which a changed speed does not spread the votes. Since
        /// 2026-11-21 (e9d9d55).
        group_frames: usize = 20, "query frames";
        /// Words that each feature is looked up under. Since 2026-11-21 (e9d9d55).
        words_of_feature: usize = 64, "words";
        /// Places of a word from which on it says nothing. Since 2026-11-21 (e9d9d55).
        common_word_places: usize = 256, "places";
        /// Places of a word at which its weight is halved. Since 2026-11-22 (3b40478).
        halving_places: f64 = 8.0, "places";
        /// Rank among the words of a feature at which the weight of a word is quartered. Since 2026-11-22 (3b40478).
        quartering_rank: f64 = 24.0, "ranks";
        /// Weight of a frame hash; that of a word is one at most. Since 2026-11-21 (e9d9d55).
        hash_weight: f64 = 4.0, "votes";
        /// Candidates of a group. Of 46 mirrored parts with captions, among titles of 100 hours, the right ones were
        /// among the first 16. Since 2026-11-22 (26b6645).
        candidates_of_group: usize = 64, "candidates";
        /// Score below which chance is the better explanation: of a gliding shot the index may have a few words only.
        /// Since 2026-11-22 (16967f3).
        min_votes: f64 = 0.25, "votes";
    }
}

group! {
    /// Candidates that are confirmed by looking at frames of their references.
    CandidatesTuning {
        /// Frames of a reference that are looked at before its candidate is given up. Since 2026-11-21 (e9d9d55).
        looks: usize = 3, "frames";
        /// The same for a candidate that comes after `looks_in_vain` others of its group. Since 2026-11-22 (26b6645).
        few_looks: usize = 1, "frames";
        /// Candidates of a group that were looked at in vain before the next ones get `few_looks`. Since 2026-11-22
        /// (26b6645).
        looks_in_vain: usize = 16, "candidates";
        /// Query frames whose hash is at a place that confirm a candidate without features: a picture may be too coarse
        /// for them. Since 2026-11-21 (e9d9d55).
        min_hashed_frames: usize = 3, "query frames";
        /// Share of the votes of the strongest confirmed candidate that another one of the same frames must have to be
        /// looked at: the same film may be on record twice, or repeat itself. Since 2026-11-22 (188062a).
        min_rival_share: f64 = 0.35, "share of votes";
        /// Candidates that are followed although no frame confirmed any. Since 2026-11-21 (e9d9d55).
        max_unconfirmed: usize = 3, "candidates";
        /// Titles that are followed for one clip. Since 2026-11-21 (e9d9d55).
        max_titles: usize = 8, "titles";
        /// Around what the votes tell. Since 2026-11-21 (e9d9d55).
        margin_seconds: f64 = 3.0, "seconds";
        /// Fastest that a copy may run: it bends the time map within a group of frames. Since 2026-11-21 (e9d9d55).
        max_speed: f64 = 1.35, "media seconds a second";
        /// Length of all titles up to which they are searched whole when the index has no candidate, and of an episode
        /// that a recap shows. Since 2026-11-21 (e9d9d55).
        whole_title_seconds: f64 = 240.0, "seconds of media";
        /// Places of one title from which on a clip is taken for a recap of it. Since 2026-11-22 (05040fc).
        min_fragments: usize = 2, "places";
        /// How many times the votes of the clip as it is another way to play it must have to be tried. Since 2026-11-29
        /// (de0a63a): a recap had more for a wrong way, so the clip as it is comes first.
        min_replay_gain: f64 = 1.15, "ratio of votes";
        /// The same for the clip backwards, and for negatives. Since 2026-11-29 (fb1000e).
        min_tried_replay_gain: f64 = 0.9, "ratio of votes";
        /// The same for a negative to be looked at before the clip as it is, where that confirms no title, and for titles that
        /// no frame confirms to be looked for in any other way to play it. Since 2026-11-30: of three strangers' clips up to 2.3
        /// was said, of three negatives at CRF 36 7.5 and more; 2 before.
        min_first_replay_gain: f64 = 3.0, "ratio of votes";
        /// How many times as much of the clip as it is such a way must explain to be the right one where nobody is accused. Since
        /// 2026-11-29 (9bca3c2): at 1.01 a recap of four fragments was said to run backwards.
        min_explained_gain: f64 = 1.05, "ratio of seconds";
        /// Ways to play a clip that are tried after the usual one, and as negatives. Since 2026-11-29 (de0a63a).
        max_replays: usize = 2, "playbacks";
    }
}

group! {
    /// Titles that a clip sounds like.
    AudioTuning {
        /// Sound that is looked up together. Since 2026-11-21 (767f8c4).
        part_seconds: f64 = 60.0, "seconds of the clip";
        /// Places of a word of sound from which on it says nothing. Since 2026-11-21 (767f8c4).
        common_word_places: usize = 4096, "places";
        /// Titles whose hits are looked at. Since 2026-11-21 (767f8c4).
        max_titles: usize = 16, "titles";
        /// Hits near one offset that are worth a look. Since 2026-11-21 (767f8c4).
        min_hits: usize = 6, "hits";
        /// Width of a bin of offsets: a changed speed moves the offset within a part. Since 2026-11-21 (767f8c4).
        offset_bin_seconds: f64 = 8.0, "seconds";
        /// Bins of a title whose hits are kept. Since 2026-11-21 (767f8c4).
        max_bins: usize = 4, "bins";
        /// Chance over all titles below which a clip is heard in one. Since 2026-11-21 (767f8c4).
        max_log10_p: f64 = -4.0, "log10 of a chance";
        /// By how much sound and picture of one moment may differ. Since 2026-11-21 (767f8c4).
        max_picture_offset_seconds: f64 = 0.5, "seconds of media";
    }
}

group! {
    /// Several places of a picture, each with something of its own.
    PlacesTuning {
        /// Frames that tell what a piece covers. Since 2026-11-29.
        compared_frames: usize = 6, "query frames";
        /// Segments of a title, and spans of a clip, whose places are told: of a recap's many the longest. Since 2026-11-29.
        max_segments: usize = 8, "segments";
        /// How far the middle of a picture may move from one query frame to the next and stay in its place. Since 2026-11-29.
        max_jump_share: f64 = 0.3, "share of the short side";
        /// What must be left unexplained to be looked at on its own. Since 2026-11-30: captions and logos are less, and a picture in a picture of 0.45 of each side is 0.2.
        min_rest_share: f64 = 0.15, "share of the picture";
        /// The same where the index confirms a title that is not found yet. Since 2026-11-29: a picture in a picture of 0.36 of
        /// each side is 0.13.
        min_voted_rest_share: f64 = 0.12, "share of the picture";
        /// Features that it must have: bars and blurred grounds have none. Since 2026-11-29.
        min_rest_features: usize = 8, "features a query frame";
        /// What a piece may cover at most to lie in a part of the picture. Since 2026-11-29.
        max_part_share: f64 = 0.9, "share of the picture";
        /// What a piece must cover of a part to fill it: dark corners are told by nothing. Since 2026-11-29.
        min_filled_share: f64 = 0.6, "share of both";
        /// What rests of two spans must share to be one part. Since 2026-11-29.
        min_same_share: f64 = 0.8, "share of both";
        /// What a rest must share with a part that was looked at to be the same. Since 2026-11-29.
        min_common_share: f64 = 0.5, "share of both";
        /// Shortest span of which a rest is looked at. Since 2026-11-29.
        min_seconds: f64 = 0.6, "seconds of the clip";
        /// What a place must share with a panel between seams to be that panel. Since 2026-11-30: the ground of a picture may be as
        /// bright as that of the one beside it, and count as covered.
        min_panel_share: f64 = 0.55, "share of both";
        /// How far from a seam, or from the edge of the picture, the side of a part may be found. Since 2026-11-29.
        seam_reach: f64 = 0.06, "share of a side";
        /// Parts of the picture that are looked at, beside the whole: a grid has four. Each may be scored. Since 2026-11-30; 3 before.
        max_parts: usize = 4, "parts";
        /// What a panel between seams must have. Since 2026-11-30: a contact sheet of 4 x 4 has panels of 0.06.
        min_tile_share: f64 = 0.04, "share of the picture";
        /// Panels between seams from which on they are looked at though the index tells one title only: a contact sheet shows one at
        /// many times. Since 2026-11-30.
        min_tiles: usize = 4, "panels";
        /// Panels between seams that are looked at in place of the whole picture: more are text or a pattern. Each may be scored. Since
        /// 2026-11-30: a contact sheet of 4 x 4 has sixteen.
        max_tiles: usize = 16, "panels";
        /// What a piece must cover of a small panel to be told. Since 2026-11-30: a ninth of the picture is less than the least rest.
        min_tile_cover: f64 = 0.5, "share of the panel";
        /// By how much the times at which two panels show a title must differ for them to be pictures of their own, and not a picture
        /// with an edge. Since 2026-11-30.
        min_tile_seconds: f64 = 0.2, "seconds of media";
        /// What the index must say of a further title, as a share of what it says of the surest, for panels between seams to be looked
        /// at in place of the whole picture, and for a title to come before those that are known already. Since 2026-11-30: the upper
        /// two of a stack of three had 963 and 379.
        min_panel_score: f64 = 0.1, "share of the score";
        /// Leads of a part that are followed. Since 2026-11-29.
        max_leads: usize = 2, "leads";
        /// Leads that are followed although another title explains all that is seen. Since 2026-11-29.
        max_twins: usize = 1, "leads";
        /// What the index must say of such a lead, as a share of what it says of that title. Since 2026-11-29.
        min_twin_score: f64 = 0.7, "share of the score";
        /// How much less like the clip a title may be than another one of the same pictures to hold them as well. Since
        /// 2026-11-29.
        max_twin_loss: f64 = 0.03, "correlation";
    }
}

tree! {
    /// All of them.
    RetrievalTuning {
        /// Votes of words and frame hashes for titles and times.
        votes: VotesTuning;
        /// Candidates that are confirmed by looking at frames of their references.
        candidates: CandidatesTuning;
        /// Titles that a clip sounds like.
        audio: AudioTuning;
        /// Several places of a picture, each with something of its own.
        places: PlacesTuning;
    }
}
