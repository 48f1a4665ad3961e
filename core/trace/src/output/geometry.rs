//! Where and how a clip shows the picture, as far as the mark alone tells.
//!
//! # Shapes and units
//! Corners as shares of the frame's columns and rows; degrees clockwise; seconds of the master.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{fine, rounded, score, time};

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

impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let corners = self
            .corners
            .map(|[x, y]| format!("({:.1}, {:.1})", 100.0 * x, 100.0 * y));
        write!(
            f,
            "the picture's corners lie at {} percent of the frame",
            corners.join(" ")
        )?;
        if self.mirrored {
            f.write_str(", mirrored")?;
        }
        if self.rotation_degrees.abs() >= 0.1 {
            write!(f, ", turned by {:.1} degrees", self.rotation_degrees)?;
        }
        if (self.speed - 1.0).abs() >= 0.002 {
            write!(f, ", at {:.3} times the speed", self.speed)?;
        }
        write!(
            f,
            "; the clip begins at {:.2} s of the master; the synchronisation scores {:.1}",
            self.start, self.score
        )
    }
}

fn corners<S: Serializer>(value: &[[f64; 2]; 4], serializer: S) -> Result<S::Ok, S::Error> {
    value
        .map(|corner| corner.map(|side| rounded(side, 5)))
        .serialize(serializer)
}
