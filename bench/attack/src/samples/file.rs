//! Sample clips as files: picture and sound through `core/media`.

use std::path::Path;

use countermark_media::{
    AudioFormat, EncodeSettings, MediaError, Planes, Rate, Rational, SampleFormat, VideoCodec,
    VideoWriter, VideoWriterSettings,
};

use super::{ClipSpec, SAMPLE_RATE, sound};

/// How a clip is encoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FileQuality {
    /// Constant rate factor; H.264 for 8 bits, HEVC for 10.
    Crf(f32),
}

/// Renders `clip` into `path`, replacing it; the container follows the extension. Answers the size in bytes.
///
/// # Errors
/// When encoding or writing fails.
pub fn write_clip(clip: &ClipSpec, path: &Path, quality: FileQuality) -> Result<u64, MediaError> {
    let FileQuality::Crf(crf) = quality;
    let (codec, format) = if clip.bit_depth > 8 {
        (VideoCodec::Hevc, SampleFormat::Yuv420Bits10)
    } else {
        (VideoCodec::H264, SampleFormat::Yuv420Bits8)
    };
    let encode = EncodeSettings {
        preset: Some("medium".to_owned()),
        overwrite: true,
        ..EncodeSettings::new(codec, Rate::Crf(crf))
    };
    let rate = Rational::new(clip.fps as i32, 1);
    let settings = VideoWriterSettings {
        format,
        audio: Some(AudioFormat {
            sample_rate: SAMPLE_RATE,
            channels: 1,
        }),
        ..VideoWriterSettings::new(clip.width as u32, clip.height as u32, rate, encode)
    };
    let mut writer = VideoWriter::create(path, settings)?;
    let sound = sound(clip.seed, clip.seconds, clip.speech);
    // Sound goes with its picture, so that the muxer need not hold one back for the other.
    let mut blocks = sound.chunks(SAMPLE_RATE.div_ceil(clip.fps) as usize);
    clip.render(|picture| {
        if picture.bit_depth > 8 {
            writer.write_frame(Planes::Yuv16 {
                y: &picture.y,
                u: &picture.u,
                v: &picture.v,
            })?;
        } else {
            let bytes = |plane: &[u16]| plane.iter().map(|&s| s as u8).collect::<Vec<u8>>();
            writer.write_frame(Planes::Yuv8 {
                y: &bytes(&picture.y),
                u: &bytes(&picture.u),
                v: &bytes(&picture.v),
            })?;
        }
        blocks
            .next()
            .map_or(Ok(()), |block| writer.write_audio(block))
    })?;
    for block in blocks {
        writer.write_audio(block)?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use countermark_media::{ReadOptions, VideoReader, probe};

    use super::*;
    use crate::samples::sample_set;

    #[test]
    fn written_clip_has_its_frames_depth_and_sound() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        for mut clip in sample_set() {
            clip.width /= 8;
            clip.height = clip.height / 16 * 2;
            clip.fps = 5;
            let path = folder.path().join("clip.mp4");
            let bytes = write_clip(&clip, &path, FileQuality::Crf(20.0))?;
            assert_eq!(bytes, std::fs::metadata(&path)?.len());
            let info = probe(&path)?;
            assert_eq!(u32::from(info.video.bit_depth), clip.bit_depth);
            assert!(info.other_streams.iter().any(|s| s.kind == "audio"));
            let mut reader = VideoReader::open(&path, ReadOptions::default())?;
            let mut frames = 0;
            while reader.next_frame()?.is_some() {
                frames += 1;
            }
            assert_eq!(frames, clip.frames());
        }
        Ok(())
    }
}
