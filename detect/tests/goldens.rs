//! What the detector answers, frozen: whoever moves code changes no bit of a mark and no digit of a score.
//!
//! ```text
//! seed -> vault -> marked copies -> attacks -> the real binary, --json -> compared with goldens/*.json, field by field
//! ```
//!
//! The whole way is in it: a changed mark, reference, index, search or bound shows in the scores. `make goldens` records
//! them anew, which needs a reason in the CHANGELOG. Copies and clips are encoded here, so the goldens hold for the FFmpeg,
//! the encoders and the instructions they were recorded with ([`workshop::made_with`]): elsewhere the tests say that they are skipped.
//!
//! # Shapes and units
//! Of each answer all fields but `seconds`, the time that the analysis took.

mod footage;
mod kept;
mod recount;
mod samples;
mod workshop;
