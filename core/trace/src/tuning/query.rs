//! Values of `query`: what is taken of a clip.
//!
//! # Shapes and units
//! Each value says its unit, since when it is in use (commit) and, where one is on record, the measurement behind it. Most were
//! chosen together with the code that they came with and have not been measured alone yet.

use super::group::group;

group! {
    /// The clip as it is decoded.
    QueryTuning {
        /// Query frames that are taken where the clip is short enough. Since 2026-11-21 (5515498).
        frames_per_second: f64 = 2.0, "query frames a second";
        /// Query frames that a shorter clip is given all the same, as far as they lie an eighth of a second apart: of two a second one
        /// second has two, and no three that agree.
        min_frames: usize = 4, "query frames";
        /// Query frames of a clip at most: 240 of 512 x 288 are 135 MiB. Since 2026-11-21 (5515498).
        max_frames: usize = 240, "query frames";
        /// Dense thumbnails that are taken where the clip is short enough. Since 2026-11-21 (e9d9d55).
        thumbnails_per_second: f64 = 8.0, "thumbnails a second";
        /// Dense thumbnails of a clip at most. Since 2026-11-21 (e9d9d55).
        max_thumbnails: usize = 960, "thumbnails";
        /// Local features of a query frame, of a key frame, and of a frame that confirms a candidate, at most. Since
        /// 2026-11-21 (5515498).
        max_features: usize = 300, "features";
        /// Features below which a query frame is not informative. Since 2026-11-21 (24b27e7).
        min_features: usize = 12, "features";
        /// Length of a window of frames on the lattice: 16 s of 60 frames are 27 MiB. Since 2026-11-20 (e54f19a).
        window_seconds: f64 = 16.0, "seconds of the clip";
    }
}
