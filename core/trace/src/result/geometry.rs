//! Where and how a clip shows the picture, as far as the mark alone tells.
//!
//! # Shapes and units
//! Corners as shares of the frame's columns and rows; degrees clockwise; seconds of the master.

use serde::{Serialize, Serializer};

use crate::result::{fine, rounded, score, time};

/// Where the mark was found in the frames of a clip, and how it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Geometry {
    /// The picture's corners, top left, top right, bottom right, bottom left, as shares of the frame's columns and rows.
    #[serde(serialize_with = "corners")]
    pub corners: [[f64; 2]; 4],
    /// Whether left and right are exchanged.
    pub mirrored: bool,
    /// The clockwise angle by which the picture's upright is turned.
    #[serde(serialize_with = "score")]
    pub rotation_degrees: f64,
    /// Seconds of the master a second of the clip.
    #[serde(serialize_with = "fine")]
    pub speed: f64,
    /// Seconds of the master at the clip's beginning.
    #[serde(serialize_with = "time")]
    pub start: f64,
    /// How well the synchronisation chips agree: 1 is the spread of wrong keys.
    #[serde(serialize_with = "score")]
    pub score: f64,
}

fn corners<S: Serializer>(value: &[[f64; 2]; 4], serializer: S) -> Result<S::Ok, S::Error> {
    value
        .map(|corner| corner.map(|side| rounded(side, 5)))
        .serialize(serializer)
}
