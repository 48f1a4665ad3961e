//! A still of a clip in colour, as a player shows it: what a reader of a page recognises it by.
//!
//! ```text
//! R = Y' + 2 (1 - Kr) Cr     B = Y' + 2 (1 - Kb) Cb     G = (Y' - Kr R - Kb B) / (1 - Kr - Kb)
//! ```
//!
//! # Shapes and units
//! JPEG, no side above [`MOST_SIDE`]; 8 bits. Samples of 10 and more bits lose the lowest.
//! # References
//! ITU-R BT.601-7, 2.5; BT.709-6, 3 (coefficients).

use std::path::Path;

use countermark_media::{ReadOptions, SampleFormat, VideoFrame, VideoInfo, VideoReader};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbImage};

use countermark_media::MediaError;

/// Columns or rows at most.
const MOST_SIDE: u32 = 640;

const QUALITY: u8 = 80;

/// The first frame of the clip at or after `seconds`, else its last one, as a JPEG; none when there is none that can be shown.
///
/// # Errors
/// When the clip cannot be decoded.
pub(crate) fn still(clip: &Path, seconds: f64) -> Result<Option<Vec<u8>>, MediaError> {
    let options = |seek| ReadOptions {
        seek_seconds: seek,
        max_frames: Some(1),
        format: Some(SampleFormat::Yuv444Bits8),
        ..ReadOptions::default()
    };
    for seek in [Some(seconds).filter(|&seconds| seconds > 0.0), None] {
        let mut reader = VideoReader::open(clip, options(seek))?;
        if let Some(frame) = reader.next_frame()? {
            return Ok(jpeg(&frame, reader.info()));
        }
    }
    Ok(None)
}

fn jpeg(frame: &VideoFrame, info: &VideoInfo) -> Option<Vec<u8>> {
    let picture = DynamicImage::ImageRgb8(rgb(frame, info)?);
    let turned = match info.rotation_degrees {
        90 => picture.rotate90(),
        180 => picture.rotate180(),
        270 => picture.rotate270(),
        _ => picture,
    };
    let (width, height) = (turned.width(), turned.height());
    let aspect = info.sample_aspect;
    let wide = if aspect.is_known() && info.rotation_degrees % 180 == 0 {
        f64::from(width) * aspect.as_f64().clamp(0.25, 4.0)
    } else {
        f64::from(width)
    };
    let scale = (f64::from(MOST_SIDE) / wide.max(f64::from(height))).min(1.0);
    let side = |length: f64| ((length * scale).round() as u32).max(1);
    let small = imageops::resize(
        &turned.to_rgb8(),
        side(wide),
        side(f64::from(height)),
        FilterType::Triangle,
    );
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&small)
        .ok()?;
    Some(bytes)
}

fn rgb(frame: &VideoFrame, info: &VideoInfo) -> Option<RgbImage> {
    use countermark_picture::AnyPlane::U8;
    let (U8(luma), [U8(blue), U8(red)]) = (frame.luma(), frame.chroma()?) else {
        return None;
    };
    let (width, height) = (luma.width(), luma.height());
    let (kr, kb) = if info.height > 576 || info.width >= 1280 {
        (0.2126_f32, 0.0722)
    } else {
        (0.299, 0.114)
    };
    let (black, range, chroma) = if frame.is_full_range() {
        (0.0, 255.0, 255.0)
    } else {
        (16.0, 219.0, 224.0)
    };
    let mut samples = Vec::with_capacity(3 * width * height);
    for ((luma, blue), red) in luma.rows().zip(blue.rows()).zip(red.rows()) {
        for ((y, cb), cr) in luma.iter().zip(blue).zip(red) {
            let y = (f32::from(*y) - black) / range;
            let (cb, cr) = (
                (f32::from(*cb) - 128.0) / chroma,
                (f32::from(*cr) - 128.0) / chroma,
            );
            let r = y + 2.0 * (1.0 - kr) * cr;
            let b = y + 2.0 * (1.0 - kb) * cb;
            let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
            samples.extend([r, g, b].map(|it| (255.0 * it).round().clamp(0.0, 255.0) as u8));
        }
    }
    RgbImage::from_raw(width as u32, height as u32, samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countermark_media::{
        EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
    };

    #[test]
    fn a_red_clip_has_a_red_still_of_its_proportions() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clip = folder.path().join("red.mkv");
        let encode = EncodeSettings::new(VideoCodec::H264, Rate::Crf(10.0));
        let settings = VideoWriterSettings::new(960, 720, Rational::new(25, 1), encode);
        let mut writer = VideoWriter::create(&clip, settings).expect("a writer");
        let (luma, chroma) = (960 * 720, 480 * 360);
        // Red of BT.709, from 16 to 235.
        let planes = Planes::Yuv8 {
            y: &vec![63; luma],
            u: &vec![102; chroma],
            v: &vec![240; chroma],
        };
        writer.write_frame(planes).expect("a frame");
        writer.finish().expect("a clip");
        let jpeg = still(&clip, 9.0).expect("readable").expect("a frame");
        let still = image::load_from_memory(&jpeg).expect("a JPEG").to_rgb8();
        assert_eq!(still.dimensions(), (640, 480));
        let [r, g, b] = still.get_pixel(300, 200).0;
        assert!(r > 245 && g < 12 && b < 12, "{r} {g} {b}");
    }
}
