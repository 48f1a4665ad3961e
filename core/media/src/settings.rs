//! How pictures are encoded.

use std::num::NonZeroUsize;

use crate::codec::{MPEG2_422, X26X_PRESETS};
use crate::ffi::Hdr10;
use crate::{LossKind, MediaError, SoundCodec, VideoCodec};

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

/// What the encoder keeps constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Quality: the constant rate factor, 0 to 51 (0 to 63 for VP9 and AV1); for MPEG-2 and MPEG-4 the quantiser, 1 to
    /// 31. Lower is better.
    Crf(f32),
    /// Average bits a second; constant for MPEG-2 with the profile `422`.
    Bitrate(u64),
    /// What the profile prescribes (`ProRes`, `DNxHR`), or nothing lost (FFV1; JPEG 2000 unless the option
    /// `compression_level` gives a ratio).
    Native,
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
    /// One of [`VideoCodec::profiles`]; the encoder's choice if `None`.
    pub profile: Option<String>,
    /// FFmpeg's names of the pixel formats to choose from, the nearest to the pictures'; all that the profile codes if empty.
    pub formats: Vec<String>,
    /// Scale to this width and height, with the sample aspect as it was; the input's own if `None`.
    pub size: Option<(u32, u32)>,
    /// Encode the sound that the container cannot hold, or all of it if the container holds it but this is asked for.
    pub sound: Option<SoundCodec>,
    /// Write MXF as OP-Atom: the pictures alone, as Avid keeps them.
    pub op_atom: bool,
    /// What of the input may be missing from the output.
    pub allow_loss: Vec<LossKind>,
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
            profile: None,
            formats: Vec::new(),
            size: None,
            sound: None,
            op_atom: false,
            allow_loss: Vec::new(),
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
        match (self.rate, self.codec.crf_range()) {
            (Rate::Crf(crf), None) => {
                return out_of_range("crf", "absent for this encoder", crf.to_string());
            }
            (Rate::Crf(crf), Some((low, high))) if !(low..=high).contains(&crf) => {
                return out_of_range("crf", &format!("{low} to {high}"), crf.to_string());
            }
            _ => {}
        }
        match self.rate {
            Rate::Bitrate(bits) if !self.codec.takes_bitrate() => {
                return out_of_range("bitrate", "absent for this encoder", bits.to_string());
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
        let has_speeds = !self.codec.presets().is_empty()
            || matches!(self.codec, VideoCodec::Vp9 | VideoCodec::Av1);
        if let Some(preset) = self.preset.as_ref().filter(|_| !has_speeds) {
            return out_of_range("preset", "absent for this encoder", preset.clone());
        }
        if let Some(profile) = &self.profile
            && !self.codec.profiles().contains(&profile.as_str())
        {
            let accepted = match self.codec.profiles() {
                [] => "absent for this encoder".to_owned(),
                profiles => profiles.join(", "),
            };
            return out_of_range("profile", &accepted, profile.clone());
        }
        Ok(())
    }

    pub(crate) fn bit_rate(&self) -> Option<u64> {
        match self.rate {
            Rate::Bitrate(bits) => Some(bits),
            // libvpx and SVT-AV1 take a rate factor only together with a bit rate of 0.
            Rate::Crf(_) if self.codec.quantiser_is_option() => Some(0),
            Rate::Crf(_) | Rate::Native => None,
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
        top_first: Option<bool>,
    ) -> Vec<(String, String)> {
        let mut options = self.profile_options();
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
        parameters.extend(
            top_first
                .and_then(|top_first| self.codec.field_parameters(top_first))
                .map(str::to_owned),
        );
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
    /// What the profile means to the encoder.
    fn profile_options(&self) -> Vec<(String, String)> {
        let Some(profile) = &self.profile else {
            return Vec::new();
        };
        let mut options = Vec::new();
        let mut set = |key: &str, value: &str| options.push((key.to_owned(), value.to_owned()));
        match self.codec {
            VideoCodec::ProRes => {
                set("profile", profile);
                // Some programs open nothing that says another maker.
                set("vendor", "apl0");
            }
            VideoCodec::Mpeg2 if profile == MPEG2_422 => {
                // 4:2:2 profile at high level, as SMPTE RDD 9 and IMX recorders write it: DC of 10 bits, intra VLC, non-linear
                // quantisers, and a buffer that is kept filled.
                for (key, value) in [
                    ("profile", "0"),
                    ("level", "2"),
                    ("dc", "2"),
                    ("intra_vlc", "1"),
                    ("non_linear_quant", "1"),
                    ("qmin", "1"),
                    ("qmax", "12"),
                    ("lmin", "118"),
                ] {
                    set(key, value);
                }
                if let Rate::Bitrate(bits) = self.rate {
                    let rate = bits.to_string();
                    set("minrate", &rate);
                    set("maxrate", &rate);
                    // 0.73 s of it, as at 50 Mb/s in RDD 9.
                    set("bufsize", &(bits * 8 / 11).to_string());
                    set("rc_max_vbv_use", "1");
                    set("rc_min_vbv_use", "1");
                }
                if self.gop != Some(1) {
                    set("bf", "2");
                }
            }
            _ => set("profile", profile),
        }
        options
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn options(codec: VideoCodec, preset: &str, picture: u64) -> Vec<(String, String)> {
        let settings = EncodeSettings {
            preset: Some(preset.to_owned()),
            ..EncodeSettings::near_transparent(codec)
        };
        settings.encoder_options(&Hdr10::default(), 2, PictureBytes(picture), None)
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
