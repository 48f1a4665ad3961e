//! The video encoders, and what is true of each whatever it is asked to do: its name, its ranges, the pixel formats of its
//! profiles, the containers that hold it, the metadata that it carries.
//!
//! | codec | rate | formats |
//! |---|---|---|
//! | H.264, HEVC | CRF or bitrate | 8 to 12 bits, as the linked library was built |
//! | `ProRes` | its profile | 4:2:2 10 bits; 4444: 4:4:4 10 bits, with alpha |
//! | `DNxHR` | its profile | LB, SQ, HQ: 4:2:2 8 bits; HQX: 4:2:2 10 bits; 444: 4:4:4 10 bits |
//! | MPEG-2 4:2:2 | a constant bitrate | 4:2:2 8 bits |
//! | JPEG 2000 | a ratio, or lossless | 8 to 16 bits |
//! | FFV1 | lossless | 8 to 16 bits, alpha |
//!
//! # References
//! FFmpeg 5.1, `libavcodec/proresenc_kostya.c`, `dnxhdenc.c`, `mpeg12enc.c`, `libopenjpegenc.c`, `ffv1enc.c`.

use crate::Rational;
use crate::container::Container;
use crate::ffi::{Hdr10, PixelFormat};

/// The presets of x264 and x265, fastest first.
pub(crate) const X26X_PRESETS: [&str; 10] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// Profiles of the `ProRes` encoder, smallest first.
const PRORES: [&str; 6] = ["proxy", "lt", "standard", "hq", "4444", "4444xq"];
/// Profiles of the `DNxHD` encoder, smallest `DNxHR` first.
const DNX: [&str; 6] = [
    "dnxhr_lb",
    "dnxhr_sq",
    "dnxhr_hq",
    "dnxhr_hqx",
    "dnxhr_444",
    "dnxhd",
];
/// The one profile of MPEG-2 that is asked for by name: 4:2:2 at the high level, at a constant bitrate.
pub(crate) const MPEG2_422: &str = "422";

/// A video encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VideoCodec {
    /// H.264 through libx264.
    H264,
    /// H.264 of RGB pictures, as screen recorders write it, through libx264rgb. For [`crate::recode`] only: marking needs
    /// luma.
    H264Rgb,
    /// H.265 through libx265.
    Hevc,
    /// VP9 through libvpx.
    Vp9,
    /// AV1 through SVT-AV1, which prints a banner on standard error unless the environment says `SVT_LOG=0`.
    Av1,
    /// MPEG-2 part 2; with the profile `422` as XDCAM HD422 and IMX have it.
    Mpeg2,
    /// MPEG-4 part 2.
    Mpeg4,
    /// Apple `ProRes` through `prores_ks`: proxy, lt, standard, hq, 4444, 4444xq.
    ProRes,
    /// Avid `DNxHR`, and `DNxHD` at its fixed sizes and bitrates.
    Dnx,
    /// JPEG 2000 through `OpenJPEG`.
    Jpeg2000,
    /// FFV1, lossless.
    Ffv1,
}

impl VideoCodec {
    /// FFmpeg's name of the encoder.
    #[must_use]
    pub fn encoder(self) -> &'static str {
        match self {
            Self::H264 => "libx264",
            Self::H264Rgb => "libx264rgb",
            Self::Hevc => "libx265",
            Self::Vp9 => "libvpx-vp9",
            Self::Av1 => "libsvtav1",
            Self::Mpeg2 => "mpeg2video",
            Self::Mpeg4 => "mpeg4",
            Self::ProRes => "prores_ks",
            Self::Dnx => "dnxhd",
            Self::Jpeg2000 => "libopenjpeg",
            Self::Ffv1 => "ffv1",
        }
    }

    /// The presets by name, fastest first; none for encoders whose speed is a number.
    #[must_use]
    pub const fn presets(self) -> &'static [&'static str] {
        match self {
            Self::H264 | Self::H264Rgb | Self::Hevc => &X26X_PRESETS,
            _ => &[],
        }
    }

    /// Profiles that can be asked for by name; none where the encoder chooses.
    #[must_use]
    pub const fn profiles(self) -> &'static [&'static str] {
        match self {
            Self::ProRes => &PRORES,
            Self::Dnx => &DNX,
            Self::Mpeg2 => &[MPEG2_422],
            _ => &[],
        }
    }

    /// Constant rate factors or quantisers that the encoder takes; none where the profile decides or nothing is lost.
    pub(crate) fn crf_range(self) -> Option<(f32, f32)> {
        match self {
            Self::H264 | Self::H264Rgb | Self::Hevc => Some((0.0, 51.0)),
            Self::Vp9 | Self::Av1 => Some((0.0, 63.0)),
            Self::Mpeg2 | Self::Mpeg4 => Some((1.0, 31.0)),
            Self::ProRes | Self::Dnx | Self::Jpeg2000 | Self::Ffv1 => None,
        }
    }

    /// Whether the encoder takes a bitrate.
    pub(crate) fn takes_bitrate(self) -> bool {
        !matches!(self, Self::ProRes | Self::Jpeg2000 | Self::Ffv1)
    }

    /// Whether a rate factor goes in as an option of its own.
    pub(crate) fn quantiser_is_option(self) -> bool {
        !matches!(self, Self::Mpeg2 | Self::Mpeg4)
    }

    /// What `profile` codes, by FFmpeg's names; whatever the encoder takes if `None`.
    pub(crate) fn formats_of(self, profile: Option<&str>) -> Option<&'static [&'static str]> {
        Some(match (self, profile?) {
            (Self::ProRes, "4444" | "4444xq") => &["yuv444p10le", "yuva444p10le"],
            (Self::ProRes, _) | (Self::Dnx, "dnxhr_hqx") => &["yuv422p10le"],
            (Self::Dnx, "dnxhr_444") => &["yuv444p10le"],
            (Self::Dnx, "dnxhd") => &["yuv422p", "yuv422p10le"],
            (Self::Dnx | Self::Mpeg2, _) => &["yuv422p"],
            _ => return None,
        })
    }

    /// Whether a picture's alpha goes in.
    pub(crate) fn codes_alpha(self) -> bool {
        matches!(self, Self::ProRes | Self::Ffv1)
    }

    /// Whether closed captions and the active format can travel with the pictures.
    pub(crate) fn carries_user_data(self) -> bool {
        matches!(self, Self::H264 | Self::Hevc | Self::Mpeg2)
    }

    /// Whether interlaced pictures are coded, or at least flagged, as such; `DNxHR` has no interlaced profile.
    pub(crate) fn codes_fields(self, profile: Option<&str>, container: Container) -> bool {
        match self {
            Self::H264 | Self::Hevc | Self::Mpeg2 | Self::Mpeg4 | Self::ProRes => true,
            Self::Dnx => profile == Some("dnxhd"),
            // Intra codecs that know nothing of fields: the container says it, where it can.
            Self::Jpeg2000 | Self::Ffv1 => {
                matches!(container, Container::Mov | Container::Matroska)
            }
            Self::H264Rgb | Self::Vp9 | Self::Av1 => false,
        }
    }

    /// FFmpeg's number of a profile, for muxers that ask for it where the encoder does not say it.
    pub(crate) fn profile_number(self, profile: Option<&str>) -> Option<i32> {
        if self != Self::ProRes {
            return None;
        }
        let place = PRORES.iter().position(|known| Some(*known) == profile)?;
        i32::try_from(place).ok()
    }

    /// Whether the encoder has tools of its own for interlaced pictures.
    pub(crate) fn has_interlaced_tools(self) -> bool {
        matches!(self, Self::H264 | Self::Mpeg2 | Self::ProRes | Self::Dnx)
    }

    /// The encoder's own way to be told which field is first, beside the picture's flag.
    pub(crate) fn field_parameters(self, top_first: bool) -> Option<&'static str> {
        match (self, top_first) {
            // x264 says top first unless told before its first picture.
            (Self::H264, true) => Some("tff=1"),
            (Self::H264, false) => Some("bff=1"),
            // Frames of two fields: x265 codes them as frames and says so in each picture's timing.
            (Self::Hevc, true) => Some("pic-struct=3"),
            (Self::Hevc, false) => Some("pic-struct=4"),
            _ => None,
        }
    }

    /// The option that holds the encoder's own `key=value:key=value` string.
    pub(crate) fn parameter_string(self) -> Option<&'static str> {
        match self {
            Self::H264 | Self::H264Rgb => Some("x264-params"),
            Self::Hevc => Some("x265-params"),
            Self::Av1 => Some("svtav1-params"),
            _ => None,
        }
    }

    pub(crate) fn hdr_parameters(self, hdr10: &Hdr10) -> Vec<String> {
        let (display, light) = match self {
            Self::H264 => ("mastering-display", "cll"),
            Self::Hevc => ("master-display", "max-cll"),
            _ => return Vec::new(),
        };
        let mut parameters = Vec::new();
        if let Some(value) = &hdr10.mastering_display {
            parameters.push(format!("{display}={value}"));
        }
        if let Some((content, average)) = hdr10.light_level {
            parameters.push(format!("{light}={content},{average}"));
        }
        if self == Self::Hevc && !parameters.is_empty() {
            parameters.push("hdr10=1".to_owned());
        }
        parameters
    }

    /// Threads for the encoder out of a budget of cores. x264 wants half as many again: its threads wait for each
    /// other's rows.
    pub(crate) fn encoder_threads(self, budget: usize) -> usize {
        match self {
            // x265 sizes its own pool, which `pools` limits.
            Self::Hevc => 0,
            Self::H264 | Self::H264Rgb => (budget * 3 / 2).clamp(1, 64),
            _ => budget.clamp(1, 16),
        }
    }

    /// The formats of `available` that this encoder is given under `profile`.
    pub(crate) fn choose_formats(
        self,
        profile: Option<&str>,
        available: Vec<PixelFormat>,
    ) -> Vec<PixelFormat> {
        let of_profile = self.formats_of(profile);
        available
            .into_iter()
            .filter(|format| of_profile.is_none_or(|names| names.contains(&&*format.name())))
            .filter(|format| self.codes_alpha() || !format.has_alpha())
            .collect()
    }

    /// The tag that players expect in ISO files, where FFmpeg's default is another one.
    pub(crate) fn iso_tag(self) -> Option<[u8; 4]> {
        (self == Self::Hevc).then_some(*b"hvc1")
    }

    /// Codecs that count time in frames instead of taking any time base.
    pub(crate) fn needs_constant_rate(self) -> bool {
        matches!(self, Self::Mpeg2 | Self::Mpeg4)
    }

    /// A frame rate that the codec can express, nearest to `rate`.
    pub(crate) fn nearest_rate(self, rate: Rational) -> Rational {
        const MPEG2: [(i32, i32); 8] = [
            (24000, 1001),
            (24, 1),
            (25, 1),
            (30000, 1001),
            (30, 1),
            (50, 1),
            (60000, 1001),
            (60, 1),
        ];
        let wanted = if rate.is_known() {
            rate
        } else {
            Rational::new(25, 1)
        };
        match self {
            Self::Mpeg2 => {
                let distance = |&(n, d): &(i32, i32)| {
                    (Rational::new(n, d).as_f64() / wanted.as_f64()).ln().abs()
                };
                MPEG2
                    .into_iter()
                    .min_by(|a, b| distance(a).total_cmp(&distance(b)))
                    .map_or(wanted, |(n, d)| Rational::new(n, d))
            }
            // MPEG-4 writes the denominator of its time base in 16 bits.
            Self::Mpeg4 if wanted.numerator() > 65_535 => Rational::new(
                (wanted.as_f64() * 1000.0).round().min(65_535.0) as i32,
                1000,
            ),
            _ => wanted,
        }
    }

    /// Whether a file of this name may hold the codec, by its extension.
    #[must_use]
    pub fn fits_file(self, path: &std::path::Path) -> bool {
        Container::of(path).is_ok_and(|container| self.fits(container))
    }

    /// What to do where a container cannot hold the codec.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::ProRes | Self::Dnx | Self::Jpeg2000 => "write a .mov or .mxf file instead",
            _ => "write a .mkv file instead",
        }
    }

    /// Whether a container may hold the codec.
    pub(crate) fn fits(self, container: Container) -> bool {
        match container {
            Container::Matroska => true,
            Container::Mp4 => {
                !matches!(self, Self::ProRes | Self::Dnx | Self::Jpeg2000 | Self::Ffv1)
            }
            Container::Mov => !matches!(self, Self::Vp9 | Self::Av1 | Self::Ffv1),
            Container::WebM => matches!(self, Self::Vp9 | Self::Av1),
            Container::MpegTs => {
                matches!(self, Self::H264 | Self::Hevc | Self::Mpeg2 | Self::Mpeg4)
            }
            Container::Mxf | Container::MxfOpAtom => matches!(
                self,
                Self::H264 | Self::Mpeg2 | Self::ProRes | Self::Dnx | Self::Jpeg2000
            ),
        }
    }
}
