//! Animated WebP, which FFmpeg does not decode.
//!
//! # Shapes and units
//! Delays in milliseconds. One of 0 is shown for [`SHORTEST_MS`], as browsers do.
//! # References
//! Google (2024), WebP Container Specification: VP8X, ANIM, ANMF.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image_webp::{DecodingError, WebPDecoder};

use super::described::described;
use crate::ffi::{Frame, PixelFormat};
use crate::info::VideoInfo;
use crate::{MediaError, Rational};

/// How long a picture without a delay is shown.
const SHORTEST_MS: u32 = 100;

/// Bytes that the decoder may use beside the canvas.
const MOST_BYTES: usize = 512 << 20;

/// One being decoded.
pub(super) struct Animation {
    decoder: WebPDecoder<BufReader<File>>,
    samples: Vec<u8>,
    taken: u32,
    /// When the next picture is shown, in milliseconds.
    due: u64,
}

impl Animation {
    pub(super) fn open(path: &Path) -> Result<Self, MediaError> {
        let file = File::open(path).map_err(|source| MediaError::Io {
            path: path.to_owned(),
            action: "open",
            source,
        })?;
        let mut decoder =
            WebPDecoder::new(BufReader::new(file)).map_err(|error| MediaError::Picture {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        decoder.set_memory_limit(MOST_BYTES);
        Ok(Self {
            decoder,
            samples: Vec::new(),
            taken: 0,
            due: 0,
        })
    }

    pub(super) fn size(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    /// Pictures taken so far.
    pub(super) fn taken(&self) -> u32 {
        self.taken
    }

    pub(super) fn info(&self) -> VideoInfo {
        let frames = self.decoder.num_frames();
        let told = self.decoder.loop_duration();
        let milliseconds = told.max(if told == 0 {
            u64::from(frames) * u64::from(SHORTEST_MS)
        } else {
            0
        });
        let rate = i32::try_from(u64::from(frames) * 1000)
            .ok()
            .zip(i32::try_from(milliseconds).ok())
            .map_or(Rational::UNKNOWN, |(frames, length)| {
                Rational::new(frames, length)
            });
        described(
            self.size(),
            Some(PixelFormat::RGB24),
            true,
            "webp",
            (rate, Some(u64::from(frames)), milliseconds as f64 / 1000.0),
        )
    }

    /// The next picture and its time in seconds; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Frame, f64)>, String> {
        if self.taken >= self.decoder.num_frames() {
            return Ok(None);
        }
        let (width, height) = self.size();
        let pixels = width as usize * height as usize;
        let channels = if self.decoder.has_alpha() { 4 } else { 3 };
        self.samples.resize(pixels * channels, 0);
        let delay = match self.decoder.read_frame(&mut self.samples) {
            Ok(delay) => delay,
            Err(DecodingError::NoMoreFrames) => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let mut frame = Frame::with_picture(PixelFormat::RGB24, width, height)
            .map_err(|error| error.to_string())?;
        let written = if channels == 4 {
            frame.write_packed(&opaque(&self.samples))
        } else {
            frame.write_packed(&self.samples)
        };
        if !written {
            return Err("its pictures differ in size".to_owned());
        }
        let time = self.due;
        frame.set_pts(time as i64);
        self.taken += 1;
        self.due += u64::from(if delay == 0 { SHORTEST_MS } else { delay });
        Ok(Some((frame, time as f64 / 1000.0)))
    }
}

/// Red, green and blue of pictures on white, as a page shows them.
fn opaque(samples: &[u8]) -> Vec<u8> {
    let over_white = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    samples
        .chunks_exact(4)
        .flat_map(|pixel| [0, 1, 2].map(|channel| over_white(pixel[channel], pixel[3])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_pictures_lie_on_white() {
        assert_eq!(
            opaque(&[10, 20, 30, 255, 0, 0, 0, 0]),
            [10, 20, 30, 255, 255, 255]
        );
        assert_eq!(opaque(&[0, 255, 100, 51])[0], 204);
    }
}
