//! One frame of a file as a JPEG, as it is seen on a screen.
//!
//! ```text
//! grey = (Y - black) 255 / (white - black),   black, white = 16 2^(b-8), 235 2^(b-8)     limited range, b bits
//!                                                          = 0, 2^b - 1                  full range
//! ```
//!
//! # Shapes and units
//! Seconds of media time; one byte a pixel, row major.

use std::fs::File;
use std::io::BufWriter;
use std::num::NonZeroUsize;
use std::path::Path;

use countermark_media::{ReadOptions, VideoReader};
use countermark_picture::{AnyPlane, Value as _, by_depth};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::AttackError;

/// The luma of one frame as a JPEG, expanded to full range as a screen shows it.
pub(super) fn screenshot(
    input: &Path,
    output: &Path,
    seconds: f64,
    quality: u8,
) -> Result<(), AttackError> {
    let mut reader = VideoReader::open(
        input,
        ReadOptions {
            seek_seconds: Some(seconds),
            max_frames: Some(1),
            threads: Some(NonZeroUsize::MIN),
            ..ReadOptions::default()
        },
    )?;
    let frame = reader.next_frame()?.ok_or_else(|| AttackError::NoFrame {
        path: input.to_owned(),
        seconds,
    })?;
    let luma = frame.luma();
    let grey = on_screen(&luma, frame.is_full_range());
    let file = File::create(output).map_err(|source| AttackError::Io {
        path: output.to_owned(),
        source,
    })?;
    JpegEncoder::new_with_quality(BufWriter::new(file), quality)
        .encode(
            &grey,
            luma.width() as u32,
            luma.height() as u32,
            ExtendedColorType::L8,
        )
        .map_err(|source| AttackError::Picture {
            path: output.to_owned(),
            source,
        })
}

/// Visible samples on 0 to 255: `(Y - 16) 255 / 219` for limited range.
pub(super) fn on_screen(luma: &AnyPlane<'_>, full_range: bool) -> Vec<u8> {
    let unit = luma.bit_depth().codes_per_8bit_code() as f32;
    let (black, gain) = if full_range {
        (0.0, 255.0 * unit / (256.0 * unit - 1.0))
    } else {
        (16.0, 255.0 / 219.0)
    };
    let show = |sample: f32| ((sample / unit - black) * gain + 0.5).clamp(0.0, 255.0) as u8;
    by_depth!(luma, |view| view
        .rows()
        .flatten()
        .map(|sample| show(sample.value()))
        .collect())
}

#[cfg(test)]
mod tests {
    use countermark_picture::{BitDepth, PlaneGeometry, PlaneView};

    use super::*;
    use crate::samples::file::{FileQuality, write_clip};
    use crate::samples::sample_set;
    use crate::{Attack, Materials, Place, apply};

    #[test]
    fn screenshot_is_the_frame_at_its_place() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (input, output) = (
            folder.path().join("clip.mkv"),
            folder.path().join("out.jpg"),
        );
        let mut spec = sample_set()[2].clone();
        (spec.width, spec.height, spec.fps, spec.seconds) = (320, 180, 10, 3.0);
        write_clip(&spec, &input, FileQuality::Crf(12.0))?;
        let attack: Attack = "jpeg-q90".parse()?;
        let materials = Materials {
            copies: &[&input],
            ..Materials::default()
        };
        let applied = apply(
            &attack,
            &materials,
            &output,
            &Place::new(1, "clip", "jpeg-q90"),
        )?;
        let image = image::open(&output)?.to_luma8();
        assert_eq!(image.dimensions(), (320, 180));
        let options = ReadOptions {
            seek_seconds: applied.cuts.first().copied(),
            max_frames: Some(1),
            ..ReadOptions::default()
        };
        let frame = VideoReader::open(&input, options)?
            .next_frame()?
            .ok_or("a frame")?;
        let shown = on_screen(&frame.luma(), frame.is_full_range());
        let error: f64 = shown
            .iter()
            .zip(image.as_raw())
            .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
            .sum::<f64>()
            / shown.len() as f64;
        assert!(error < 16.0, "mean squared error {error}");
        Ok(())
    }

    #[test]
    fn black_and_white_fill_the_screen_at_any_depth_and_range() {
        let on = |plane: AnyPlane<'_>, full_range| on_screen(&plane, full_range);
        let eight = |samples| AnyPlane::of_bytes(samples, 2, 1, 3).expect("a plane");
        let geometry = PlaneGeometry::new(2, 1, 3).expect("sides");
        let ten = |samples: &'static [u16]| {
            AnyPlane::from(PlaneView::new(samples, geometry, BitDepth::TEN).expect("a plane"))
        };
        assert_eq!(on(eight(&[16, 235, 7]), false), [0, 255]);
        assert_eq!(on(eight(&[0, 255, 7]), true), [0, 255]);
        assert_eq!(on(ten(&[64, 940, 7]), false), [0, 255]);
        assert_eq!(on(ten(&[0, 1023, 7]), true), [0, 255]);
    }
}
