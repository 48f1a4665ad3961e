//! HDR10 static metadata. The structures mirror libavutil's, which `ffmpeg-sys-next` does not bind.
//!
//! # References
//! FFmpeg 5.1, `libavutil/mastering_display_metadata.h`; SMPTE ST 2086:2018; CTA-861.3-A.

use std::ffi::{c_int, c_uint};

use ffmpeg_next::ffi::AVRational;

use crate::Rational;

/// HDR10 static metadata in the notation of x264's and x265's parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Hdr10 {
    /// `G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)` in units of 0.00002 and 0.0001 cd/m2.
    pub(crate) mastering_display: Option<String>,
    /// Maximum content and frame-average light level, cd/m2.
    pub(crate) light_level: Option<(u32, u32)>,
}

/// `AVMasteringDisplayMetadata`.
#[repr(C)]
pub(super) struct MasteringDisplay {
    /// Red, green, blue; x and y.
    display_primaries: [[AVRational; 2]; 3],
    white_point: [AVRational; 2],
    min_luminance: AVRational,
    max_luminance: AVRational,
    has_primaries: c_int,
    has_luminance: c_int,
}

/// `AVContentLightMetadata`.
#[repr(C)]
pub(super) struct ContentLight {
    pub(super) max_content: c_uint,
    pub(super) max_frame_average: c_uint,
}

impl MasteringDisplay {
    /// x265's notation, or `None` when the display is described in part only.
    pub(super) fn notation(&self) -> Option<String> {
        if self.has_primaries == 0 || self.has_luminance == 0 {
            return None;
        }
        let scaled = |value: AVRational, unit: f64| (Rational::from(value).as_f64() / unit).round();
        let point = |pair: [AVRational; 2]| {
            let [x, y] = pair.map(|value| scaled(value, 0.000_02));
            format!("({x:.0},{y:.0})")
        };
        let [red, green, blue] = self.display_primaries.map(point);
        Some(format!(
            "G{green}B{blue}R{red}WP{}L({:.0},{:.0})",
            point(self.white_point),
            scaled(self.max_luminance, 0.0001),
            scaled(self.min_luminance, 0.0001)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p3_display_is_written_as_x265_wants_it() {
        let value = |num, den| AVRational { num, den };
        let display = MasteringDisplay {
            display_primaries: [
                [value(34000, 50000), value(16000, 50000)],
                [value(13250, 50000), value(34500, 50000)],
                [value(7500, 50000), value(3000, 50000)],
            ],
            white_point: [value(15635, 50000), value(16450, 50000)],
            min_luminance: value(50, 10000),
            max_luminance: value(10_000_000, 10000),
            has_primaries: 1,
            has_luminance: 1,
        };
        assert_eq!(
            display.notation().as_deref(),
            Some("G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)")
        );
    }
}
