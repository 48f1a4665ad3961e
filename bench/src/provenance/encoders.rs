//! Versions of x264 and x265, which FFmpeg does not tell: each signs what it encodes.
//!
//! ```text
//! x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec ..     x265 (build 199) - 3.5+1-f0c1022b6:[Linux].. - H.265/HEVC
//! ```
//!
//! # References
//! x264, encoder/set.c, `x264_sei_version_write`; x265, source/encoder/encoder.cpp, `Encoder::getStreamHeaders`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;
use countermark_media::{EncodeSettings, Rate, Recode, VideoCodec, recode};

/// A process has one of each.
static VERSIONS: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// Names and versions of the encoders that this process encodes with; once, two pictures are encoded in `folder`.
///
/// # Errors
/// When nothing can be encoded there.
pub fn encoder_versions(folder: &Path) -> Result<BTreeMap<String, String>> {
    if let Some(versions) = VERSIONS.get() {
        return Ok(versions.clone());
    }
    let versions = encoded_versions(folder)?;
    Ok(VERSIONS.get_or_init(|| versions).clone())
}

fn encoded_versions(folder: &Path) -> Result<BTreeMap<String, String>> {
    let (avc, hevc) = (
        folder.join("version-264.mkv"),
        folder.join("version-265.mkv"),
    );
    let mut spec = sample_set()[0].clone();
    (spec.width, spec.height, spec.fps, spec.seconds) = (64, 64, 10, 0.2);
    write_clip(&spec, &avc, FileQuality::Crf(40.0))?;
    let settings = EncodeSettings::new(VideoCodec::Hevc, Rate::Crf(40.0));
    recode(&avc, &hevc, &Recode::new(settings), &())?;
    let mut versions = BTreeMap::new();
    for (name, file, begin, end) in [
        ("x264", &avc, "x264 - core ", " - "),
        ("x265", &hevc, "x265 (build ", " - H."),
    ] {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let version = signature(&bytes, begin, end).unwrap_or_else(|| "unknown".to_owned());
        versions.insert(name.to_owned(), version);
        fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(versions)
}

/// What stands between `begin` and `end`, the latter after it.
fn signature(bytes: &[u8], begin: &str, end: &str) -> Option<String> {
    const LONGEST: usize = 160;
    let start = bytes
        .windows(begin.len())
        .position(|window| window == begin.as_bytes())?
        + begin.len();
    let rest = &bytes[start..bytes.len().min(start + LONGEST)];
    let length = rest
        .windows(end.len())
        .position(|window| window == end.as_bytes())?;
    let text = String::from_utf8_lossy(&rest[..length]);
    Some(text.replace(") - ", " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoders_sign_what_they_encode() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let versions = encoded_versions(folder.path())?;
        for name in ["x264", "x265"] {
            let version = &versions[name];
            assert!(
                version.starts_with(|c: char| c.is_ascii_digit()),
                "{versions:?}"
            );
            assert!(version.len() < 100, "{versions:?}");
        }
        assert_eq!(fs::read_dir(folder.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn a_signature_without_an_end_is_none() {
        assert_eq!(
            signature(b"..x264 - core 164 r3095 - H.264", "x264 - core ", " - "),
            Some("164 r3095".to_owned())
        );
        assert_eq!(signature(b"x264 - core 164", "x264 - core ", " - "), None);
        assert_eq!(signature(b"", "x264 - core ", " - "), None);
    }
}
