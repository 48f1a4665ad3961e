//! Whether the pictures that carried the evidence were held against the title's, and what was withheld because of them.
//!
//! # Shapes and units
//! Spans in seconds of the clip.

use serde::{Serialize, Serializer};

use crate::result::{Accusation, rounded};

/// How far an answer rests on pictures.
///
/// A mark can be lifted off a copy and laid over other pictures: it tells whose copy was used, and not that it leaked. With
/// the vault nobody is accused but by frames whose pictures were found to be the title's; keys alone cannot know.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Compared {
    /// Whether the pictures of all frames that are evidence were compared with the title's and found to be it, beyond doubt.
    pub pictures_compared: bool,
    /// The spans of the clip whose frames those are; none where pictures were not compared.
    #[serde(serialize_with = "spans")]
    pub evidence: Vec<[f64; 2]>,
    /// Whom the mark alone would have accused, by frames that do not show the title or may not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Accusation>,
}

#[expect(clippy::ptr_arg, reason = "serde passes references to the field")]
fn spans<S: Serializer>(value: &Vec<[f64; 2]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(value.iter().map(|span| span.map(|at| rounded(at, 3))))
}
