//! How pictures are encoded.

use std::num::NonZeroUsize;

use crate::container::Container;
use crate::ffi::Hdr10;
use crate::{MediaError, Rational};

/// The presets of x264 and x265, fastest first.
const X26X_PRESETS: [&str; 10] = [
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

/// Pictures that the presets look ahead.
const X264_LOOKAHEAD: [u32; 10] = [0, 0, 10, 20, 30, 40, 50, 60, 60, 60];
const X265_LOOKAHEAD: [u32; 10] = [5, 10, 15, 15, 15, 20, 25, 40, 40, 60];

/// Bytes that x264 and x265 may spend on pictures that wait in their lookahead.
const LOOKAHEAD_BYTES: f64 = 512e6;
/// What a waiting picture takes, over its luma: chroma, borders, and four planes of half its size each way. An estimate:
/// 22 MB at 2160p.
const LOOKAHEAD_COST: f64 = 2.7;
/// Frame types and rate control need this much: the longest run of B-frames of any preset, and a picture on both sides.
const SHORTEST_LOOKAHEAD: u32 = 10;

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
    /// MPEG-2 part 2.
    Mpeg2,
    /// MPEG-4 part 2.
    Mpeg4,
}

/// What the encoder keeps constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Quality: the constant rate factor, 0 to 51 (0 to 63 for VP9 and AV1); for MPEG-2 and MPEG-4 the quantiser, 1 to
    /// 31. Lower is better.
    Crf(f32),
    /// Average bits a second.
    Bitrate(u64),
}

/// How to encode, and how to treat files.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodeSettings {
    /// The encoder.
    pub codec: VideoCodec,
    /// What it keeps constant.
    pub rate: Rate,
    /// Speed: a preset of x264 or x265, 0 to 13 for SVT-AV1, `cpu-used` for VP9. MPEG-2 and MPEG-4 have none.
    pub preset: Option<String>,
    /// Frames from one key frame to the next at most.
    pub gop: Option<u32>,
    /// Threads for decoder and encoder together; all cores if `None`.
    pub threads: Option<NonZeroUsize>,
    /// More options of the encoder, by FFmpeg's names. Unknown ones are an error.
    pub options: Vec<(String, String)>,
    /// Replace an existing output.
    pub overwrite: bool,
    /// Keep what can be decoded of a truncated or damaged input instead of failing.
    pub accept_damaged: bool,
}

impl Default for EncodeSettings {
    /// Near-transparent H.264: CRF 16, preset medium.
    fn default() -> Self {
        Self::near_transparent(VideoCodec::H264)
    }
}

impl EncodeSettings {
    /// CRF 16, preset medium: what marking uses unless told otherwise.
    #[must_use]
    pub fn near_transparent(codec: VideoCodec) -> Self {
        Self {
            preset: matches!(codec, VideoCodec::H264 | VideoCodec::Hevc)
                .then(|| "medium".to_owned()),
            ..Self::new(codec, Rate::Crf(16.0))
        }
    }

    /// The encoder's own defaults at `rate`.
    #[must_use]
    pub fn new(codec: VideoCodec, rate: Rate) -> Self {
        Self {
            codec,
            rate,
            preset: None,
            gop: None,
            threads: None,
            options: Vec::new(),
            overwrite: false,
            accept_damaged: false,
        }
    }

    /// Checks every range that the encoder would not report by itself.
    pub(crate) fn validate(&self) -> Result<(), MediaError> {
        let out_of_range = |setting, accepted: &str, value: String| {
            Err(MediaError::InvalidSetting {
                setting,
                accepted: accepted.to_owned(),
                value,
            })
        };
        let (low, high) = self.codec.crf_range();
        match self.rate {
            Rate::Crf(crf) if !(low..=high).contains(&crf) => {
                return out_of_range("crf", &format!("{low} to {high}"), crf.to_string());
            }
            Rate::Bitrate(bits) if !(1_000..=2_000_000_000).contains(&bits) => {
                return out_of_range(
                    "bitrate",
                    "1000 to 2000000000 bits a second",
                    bits.to_string(),
                );
            }
            _ => {}
        }
        if self.gop == Some(0) {
            return out_of_range("gop", "at least 1 frame", "0".to_owned());
        }
        if let (Some(preset), VideoCodec::H264 | VideoCodec::H264Rgb | VideoCodec::Hevc) =
            (&self.preset, self.codec)
            && !X26X_PRESETS.contains(&preset.as_str())
        {
            // x264 would print its complaint.
            return out_of_range("preset", &X26X_PRESETS.join(", "), preset.clone());
        }
        if let (Some(preset), VideoCodec::Mpeg2 | VideoCodec::Mpeg4) = (&self.preset, self.codec) {
            return out_of_range("preset", "absent for this encoder", preset.clone());
        }
        Ok(())
    }

    pub(crate) fn bit_rate(&self) -> Option<u64> {
        match self.rate {
            Rate::Bitrate(bits) => Some(bits),
            // libvpx and SVT-AV1 take a rate factor only together with a bit rate of 0.
            Rate::Crf(_) if self.codec.quantiser_is_option() => Some(0),
            Rate::Crf(_) => None,
        }
    }

    /// A fixed quantiser for encoders without a rate factor.
    pub(crate) fn quantiser(&self) -> Option<f32> {
        match self.rate {
            Rate::Crf(quantiser) if !self.codec.quantiser_is_option() => Some(quantiser),
            _ => None,
        }
    }

    /// The encoder's options, with HDR metadata in the encoder's own parameter string.
    pub(crate) fn encoder_options(
        &self,
        hdr10: &Hdr10,
        threads: usize,
        picture: PictureBytes,
    ) -> Vec<(String, String)> {
        let mut options = Vec::new();
        let mut set = |key: &str, value: String| options.push((key.to_owned(), value));
        if let Rate::Crf(crf) = self.rate
            && self.codec.quantiser_is_option()
        {
            let value = match self.codec {
                VideoCodec::Vp9 | VideoCodec::Av1 => format!("{crf:.0}"),
                _ => crf.to_string(),
            };
            set("crf", value);
        }
        if let Some(preset) = &self.preset {
            let key = if self.codec == VideoCodec::Vp9 {
                "cpu-used"
            } else {
                "preset"
            };
            set(key, preset.clone());
        }
        if self.codec == VideoCodec::Vp9 {
            set("row-mt", "1".to_owned());
        }
        let mut parameters = self.codec.hdr_parameters(hdr10);
        if self.codec == VideoCodec::Hevc {
            // x265 logs to standard error by itself.
            parameters.insert(0, "log-level=none".to_owned());
            parameters.push(format!("pools={threads}"));
        }
        parameters.extend(self.shorter_lookahead(picture));
        let key = self.codec.parameter_string();
        for (name, value) in &self.options {
            if Some(name.as_str()) == key {
                parameters.push(value.clone());
            } else {
                options.push((name.clone(), value.clone()));
            }
        }
        if let (Some(key), false) = (key, parameters.is_empty()) {
            options.push((key.to_owned(), parameters.join(":")));
        }
        options
    }
}

impl EncodeSettings {
    /// The preset's lookahead grows with the picture and alone would fill gigabytes at 2160p: held to
    /// [`LOOKAHEAD_BYTES`]. Stands before the caller's own options, which win.
    fn shorter_lookahead(&self, picture: PictureBytes) -> Option<String> {
        let preset = self.preset.as_deref().unwrap_or("medium");
        let place = X26X_PRESETS.iter().position(|known| *known == preset)?;
        let usual = match self.codec {
            VideoCodec::H264 | VideoCodec::H264Rgb => X264_LOOKAHEAD[place],
            VideoCodec::Hevc => X265_LOOKAHEAD[place],
            _ => return None,
        };
        let bytes = picture.0 as f64 * LOOKAHEAD_COST;
        let affordable = ((LOOKAHEAD_BYTES / bytes) as u32).max(SHORTEST_LOOKAHEAD);
        (affordable < usual).then(|| format!("rc-lookahead={affordable}"))
    }
}

/// Bytes of one picture's luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PictureBytes(pub(crate) u64);

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
        }
    }

    /// The presets by name, fastest first; none for encoders whose speed is a number.
    #[must_use]
    pub const fn presets(self) -> &'static [&'static str] {
        match self {
            Self::H264 | Self::H264Rgb | Self::Hevc => &X26X_PRESETS,
            Self::Vp9 | Self::Av1 | Self::Mpeg2 | Self::Mpeg4 => &[],
        }
    }

    fn crf_range(self) -> (f32, f32) {
        match self {
            Self::H264 | Self::H264Rgb | Self::Hevc => (0.0, 51.0),
            Self::Vp9 | Self::Av1 => (0.0, 63.0),
            Self::Mpeg2 | Self::Mpeg4 => (1.0, 31.0),
        }
    }

    fn quantiser_is_option(self) -> bool {
        !matches!(self, Self::Mpeg2 | Self::Mpeg4)
    }

    /// The option that holds the encoder's own `key=value:key=value` string.
    fn parameter_string(self) -> Option<&'static str> {
        match self {
            Self::H264 | Self::H264Rgb => Some("x264-params"),
            Self::Hevc => Some("x265-params"),
            Self::Av1 => Some("svtav1-params"),
            Self::Vp9 | Self::Mpeg2 | Self::Mpeg4 => None,
        }
    }

    fn hdr_parameters(self, hdr10: &Hdr10) -> Vec<String> {
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

    /// Whether a container may hold the codec.
    pub(crate) fn fits(self, container: Container) -> bool {
        match container {
            Container::Matroska | Container::Mp4 => true,
            Container::Mov => !matches!(self, Self::Vp9 | Self::Av1),
            Container::WebM => matches!(self, Self::Vp9 | Self::Av1),
            Container::MpegTs => {
                matches!(self, Self::H264 | Self::Hevc | Self::Mpeg2 | Self::Mpeg4)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(codec: VideoCodec, preset: &str, picture: u64) -> Vec<(String, String)> {
        let settings = EncodeSettings {
            preset: Some(preset.to_owned()),
            ..EncodeSettings::near_transparent(codec)
        };
        settings.encoder_options(&Hdr10::default(), 2, PictureBytes(picture))
    }

    #[test]
    fn lookahead_is_the_presets_until_pictures_are_large() {
        let has_lookahead = |codec, preset, picture| {
            options(codec, preset, picture)
                .iter()
                .any(|(_, value)| value.contains("rc-lookahead"))
        };
        assert!(!has_lookahead(VideoCodec::H264, "veryslow", 1920 * 1080));
        assert!(!has_lookahead(VideoCodec::H264, "veryfast", 3840 * 2160));
        assert!(has_lookahead(VideoCodec::H264, "medium", 3840 * 2160));
        assert!(has_lookahead(VideoCodec::Hevc, "slower", 3840 * 2160 * 2));
    }

    #[test]
    fn lookahead_never_falls_below_what_b_frames_need() {
        let eight_k = options(VideoCodec::H264, "veryslow", 7680 * 4320 * 2);
        assert!(
            eight_k.contains(&("x264-params".to_owned(), "rc-lookahead=10".to_owned())),
            "{eight_k:?}"
        );
    }
}
