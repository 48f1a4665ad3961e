//! What is said of pictures that no container describes.

use crate::ffi::PixelFormat;
use crate::info::VideoInfo;
use crate::{ColourInfo, Rational};

/// Pictures of a size, format and range, which take so many seconds at a rate.
pub(super) fn described(
    (width, height): (u32, u32),
    format: Option<PixelFormat>,
    full_range: bool,
    codec: &str,
    (frame_rate, frames, seconds): (Rational, Option<u64>, f64),
) -> VideoInfo {
    let unknown = || "unknown".to_owned();
    VideoInfo {
        stream_index: 0,
        width,
        height,
        bit_depth: format.map_or(8, PixelFormat::bit_depth),
        pixel_format: format.map_or_else(unknown, PixelFormat::name),
        codec: codec.to_owned(),
        frame_rate,
        time_base: Rational::new(1, 1000),
        start_seconds: 0.0,
        frames,
        duration_seconds: Some(seconds).filter(|&seconds| seconds > 0.0),
        rotation_degrees: 0,
        sample_aspect: Rational::UNKNOWN,
        full_range,
        colour: ColourInfo {
            range: unknown(),
            primaries: unknown(),
            transfer: unknown(),
            matrix: unknown(),
            chroma_location: unknown(),
        },
    }
}
