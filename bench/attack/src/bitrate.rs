//! Bitrates that are what their names say, on clips of a few seconds.
//!
//! ```text
//! b[0] = target,   b[k+1] = b[k] target / measured[k],   until |measured / target - 1| <= 5 %, four encodes at most
//! ```
//!
//! The rate control of one pass learns the clip as it goes: from four seconds x264 was seen to make a fifth too little,
//! MPEG-4 a third too much. A platform has two passes, or a longer clip. Of all encodes the nearest is kept: pictures that
//! need no more stay below their rate.
//!
//! # Shapes and units
//! Bits a second of the whole file over its length.

use std::fs;
use std::path::Path;

use countermark_media::{EncodeSettings, Rate};

use super::AttackError;
use super::stream::shape_of;

/// Encodes at most.
const ENCODES: usize = 4;

/// Deviation that is good enough.
const TOLERANCE: f64 = 0.05;

/// Runs `encode`, which writes `output`: once for a constant quality, else until its bitrate is right.
pub(super) fn encode_at_rate(
    output: &Path,
    settings: &EncodeSettings,
    mut encode: impl FnMut(EncodeSettings) -> Result<(), AttackError>,
) -> Result<(), AttackError> {
    let Rate::Bitrate(target) = settings.rate else {
        return encode(settings.clone());
    };
    let kept = output.with_extension("nearest.mkv");
    let searched = search(output, &kept, target as f64, |bits| {
        encode(EncodeSettings {
            rate: Rate::Bitrate(bits.round().clamp(1e3, 1e9) as u64),
            ..settings.clone()
        })
    });
    if searched.is_err() {
        // The error that is told is the first one.
        let _ = fs::remove_file(&kept);
    }
    searched
}

/// Leaves the nearest encode as `output`; `kept` holds it meanwhile.
fn search(
    output: &Path,
    kept: &Path,
    target: f64,
    mut encode: impl FnMut(f64) -> Result<(), AttackError>,
) -> Result<(), AttackError> {
    let io_error = |source| AttackError::Io {
        path: output.to_owned(),
        source,
    };
    let mut nearest = f64::INFINITY;
    let mut asked = target;
    for _ in 0..ENCODES {
        encode(asked)?;
        let seconds = shape_of(output)?.seconds;
        let bits = fs::metadata(output).map_err(io_error)?.len() as f64 * 8.0;
        let ratio = bits / seconds.max(1e-3) / target;
        let distance = ratio.ln().abs();
        // Pictures that take no more, however much they are given.
        let is_full = ratio < 1.0 && distance > 0.98 * nearest;
        if distance < nearest {
            nearest = distance;
            fs::rename(output, kept).map_err(io_error)?;
        }
        if distance <= TOLERANCE || is_full {
            break;
        }
        asked = (asked / ratio).clamp(target / 8.0, target * 8.0);
    }
    fs::rename(kept, output).map_err(io_error)
}
