//! Deliveries by name: a table in the binary, extended or overruled by a file of the same form.
//!
//! # Shapes and units
//! Bitrates are bits a second, sides samples.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countermark_media::{EncodeSettings, Rate, SoundCodec, VideoCodec, VideoInfo};
use serde::Deserialize;

/// The table in the binary.
const BUILT_IN: &str = include_str!("presets.toml");

/// How FFmpeg's names of formats end that have more than 8 bits.
const DEEP: [&str; 3] = ["10le", "12le", "16le"];

/// A delivery by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// What it is, in a line.
    pub about: String,
    codec: CodecName,
    profile: Option<String>,
    crf: Option<f32>,
    bitrate: Option<u64>,
    speed: Option<String>,
    gop: Option<u32>,
    #[serde(default)]
    formats: Vec<String>,
    short_side: Option<u32>,
    /// For pictures that are higher than wide.
    #[serde(default)]
    upright: bool,
    sound: Option<SoundName>,
    #[serde(default)]
    options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CodecName {
    H264,
    Hevc,
    Av1,
    Prores,
    Dnx,
    Mpeg2,
    Jpeg2000,
    Ffv1,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SoundName {
    Aac,
    Pcm16,
    Pcm24,
    Alac,
}

/// A table of presets that cannot be used, or a preset that is not there or does not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresetError {
    /// The file cannot be read.
    #[error("cannot read the presets {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The file is no table of presets.
    #[error("the presets {} are not understood: {reason}", path.display())]
    NotUnderstood {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// No preset of that name.
    #[error("there is no preset {name:?}, known are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A preset for upright pictures, and a master that is not.
    #[error("the preset {name:?} is for upright pictures, but these are shown {}x{}", size.0, size.1)]
    NotUpright {
        /// The preset.
        name: String,
        /// Width and height as they are shown.
        size: (u32, u32),
    },
    /// A preset of 8 bits, and a master of high dynamic range.
    #[error(
        "the preset {name:?} has 8 bits, too few for a master in {transfer}: choose one of 10 bits, or map the master to standard range first"
    )]
    TooFewBits {
        /// The preset.
        name: String,
        /// The master's transfer function.
        transfer: String,
    },
}

/// The presets there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Presets(Vec<Preset>);

impl Presets {
    /// Those in the binary, and those of `file`, which overrule others of the same name.
    ///
    /// # Errors
    /// [`PresetError::Unreadable`], [`PresetError::NotUnderstood`].
    pub fn load(file: Option<&Path>) -> Result<Self, PresetError> {
        let mut table = parse(Path::new("in the binary"), BUILT_IN)?;
        if let Some(path) = file {
            let text = fs::read_to_string(path).map_err(|source| PresetError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
            table.extend(parse(path, &text)?);
        }
        Ok(Self(
            table
                .into_iter()
                .map(|(name, preset)| Preset { name, ..preset })
                .collect(),
        ))
    }

    /// In the order of their names.
    #[must_use]
    pub fn all(&self) -> &[Preset] {
        &self.0
    }

    /// The preset of that name.
    ///
    /// # Errors
    /// [`PresetError::Unknown`].
    pub fn named(&self, name: &str) -> Result<&Preset, PresetError> {
        let found = self.0.iter().find(|preset| preset.name == name);
        found.ok_or_else(|| PresetError::Unknown {
            name: name.to_owned(),
            known: self
                .0
                .iter()
                .map(|preset| preset.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<BTreeMap<String, Preset>, PresetError> {
    toml::from_str(text).map_err(|error| PresetError::NotUnderstood {
        path: path.to_owned(),
        reason: error.message().to_owned(),
    })
}

impl Preset {
    /// The encoder.
    #[must_use]
    pub fn codec(&self) -> VideoCodec {
        match self.codec {
            CodecName::H264 => VideoCodec::H264,
            CodecName::Hevc => VideoCodec::Hevc,
            CodecName::Av1 => VideoCodec::Av1,
            CodecName::Prores => VideoCodec::ProRes,
            CodecName::Dnx => VideoCodec::Dnx,
            CodecName::Mpeg2 => VideoCodec::Mpeg2,
            CodecName::Jpeg2000 => VideoCodec::Jpeg2000,
            CodecName::Ffv1 => VideoCodec::Ffv1,
        }
    }

    /// The settings for a copy of `master`.
    ///
    /// # Errors
    /// [`PresetError::NotUpright`], [`PresetError::TooFewBits`].
    pub(crate) fn settings(&self, master: &VideoInfo) -> Result<EncodeSettings, PresetError> {
        let turned = master.rotation_degrees % 180 == 90;
        let shown = if turned {
            (master.height, master.width)
        } else {
            (master.width, master.height)
        };
        if self.upright && shown.0 > shown.1 {
            return Err(PresetError::NotUpright {
                name: self.name.clone(),
                size: shown,
            });
        }
        let transfer = &master.colour.transfer;
        let is_deep = |format: &String| DEEP.iter().any(|end| format.ends_with(end));
        let is_shallow = !self.formats.is_empty() && !self.formats.iter().any(is_deep);
        if is_shallow && matches!(transfer.as_str(), "smpte2084" | "arib-std-b67") {
            return Err(PresetError::TooFewBits {
                name: self.name.clone(),
                transfer: transfer.clone(),
            });
        }
        let rate = match (self.bitrate, self.crf) {
            (Some(bits), _) => Rate::Bitrate(bits),
            (None, Some(crf)) => Rate::Crf(crf),
            (None, None) => Rate::Native,
        };
        Ok(EncodeSettings {
            profile: self.profile.clone(),
            preset: self.speed.clone(),
            gop: self.gop,
            formats: self.formats.clone(),
            size: self.size(master),
            sound: self.sound.map(|sound| match sound {
                SoundName::Aac => SoundCodec::Aac,
                SoundName::Pcm16 => SoundCodec::Pcm16,
                SoundName::Pcm24 => SoundCodec::Pcm24,
                SoundName::Alac => SoundCodec::Alac,
            }),
            options: self.options.clone().into_iter().collect(),
            ..EncodeSettings::new(self.codec(), rate)
        })
    }

    /// Scaled down to the short side, in the master's shape, both sides even; none where the master is no larger.
    fn size(&self, master: &VideoInfo) -> Option<(u32, u32)> {
        let wanted = self.short_side?;
        let short = master.width.min(master.height);
        let scaled = |side: u32| {
            let side = f64::from(side) * f64::from(wanted) / f64::from(short);
            2 * (side / 2.0).round() as u32
        };
        (short > wanted).then(|| (scaled(master.width), scaled(master.height)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_the_binary_is_understood() {
        let presets = Presets::load(None).expect("a table");
        for name in [
            "prores-hq",
            "xdcam-hd422",
            "dnxhr-hqx",
            "web-1080p",
            "vertical-1080",
        ] {
            let preset = presets.named(name).expect(name);
            let profile = preset.profile.as_deref();
            assert!(
                profile.is_none_or(|profile| preset.codec().profiles().contains(&profile)),
                "{name}"
            );
        }
        let error = presets.named("prores-uhq").expect_err("no such preset");
        assert!(error.to_string().contains("prores-hq"), "{error}");
    }

    #[test]
    fn a_file_adds_presets_and_overrules_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("house.toml");
        fs::write(&path, "[prores-hq]\nabout = \"ours\"\ncodec = \"prores\"\nprofile = \"lt\"\n[ours]\nabout = \"x\"\ncodec = \"ffv1\"\n")
            .expect("a file");
        let presets = Presets::load(Some(&path)).expect("a table");
        assert_eq!(presets.named("prores-hq").expect("it").about, "ours");
        assert_eq!(presets.named("ours").expect("it").codec(), VideoCodec::Ffv1);
        fs::write(
            &path,
            "[a]\nabout = \"x\"\ncodec = \"prores\"\nprofil = \"lt\"\n",
        )
        .expect("a file");
        let error = Presets::load(Some(&path))
            .expect_err("a misspelled key")
            .to_string();
        assert!(
            error.contains("house.toml") && error.contains("profil"),
            "{error}"
        );
    }
}
