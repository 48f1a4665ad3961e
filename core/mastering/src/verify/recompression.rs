//! Pictures of a copy through H.264 at CRF 28, as whoever uploads it recompresses it.
//!
//! ```text
//! luma, 8 bits, grey -> x264 `veryfast`, CRF 28 -> a temporary file -> decoded again
//! ```
//!
//! The pictures are those that were just looked at: the copy is not decoded a second time.
//!
//! # Shapes and units
//! Luma of any depth is rounded down to 8 bits.

use countermark_media::{
    EncodeSettings, MediaError, Planes, Rate, Rational, SampleFormat, VideoCodec, VideoFrame,
    VideoReader, VideoWriter, VideoWriterSettings,
};
use countermark_picture::{Sample as _, by_depth};

use super::windows;

/// The recompression that a mark is to outlive.
const CRF: f32 = 28.0;

/// A recompression under way.
pub(super) struct Recompression {
    folder: tempfile::TempDir,
    writer: Option<VideoWriter>,
    rate: Rational,
    luma: Vec<u8>,
    frames: u64,
    /// Why it came to nothing.
    fault: Option<MediaError>,
}

impl Recompression {
    /// None where there is no room for temporary files.
    pub(super) fn begin(rate: Option<Rational>) -> Option<Self> {
        Some(Self {
            folder: tempfile::tempdir().ok()?,
            writer: None,
            rate: rate.unwrap_or(Rational::new(25, 1)),
            luma: Vec::new(),
            frames: 0,
            fault: None,
        })
    }

    /// Takes a picture.
    pub(super) fn take(&mut self, frame: &VideoFrame) {
        if self.fault.is_none() {
            self.fault = self.write(frame).err();
            self.frames += 1;
        }
    }

    fn write(&mut self, frame: &VideoFrame) -> Result<(), MediaError> {
        let plane = frame.luma();
        let shift = plane.bit_depth().bits() - 8;
        self.luma.clear();
        by_depth!(&plane, |view| for row in view.rows() {
            let codes = row.iter().map(|sample| (sample.code() >> shift) as u8);
            self.luma.extend(codes);
        });
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let (width, height) = plane.size();
                let encode = EncodeSettings {
                    preset: Some("veryfast".to_owned()),
                    ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(CRF))
                };
                let settings = VideoWriterSettings {
                    full_range: frame.is_full_range(),
                    // Sides that are odd have no chroma of half their length.
                    format: if width % 2 == 0 && height % 2 == 0 {
                        SampleFormat::Yuv420Bits8
                    } else {
                        SampleFormat::Yuv444Bits8
                    },
                    ..VideoWriterSettings::new(width as u32, height as u32, self.rate, encode)
                };
                let output = self.folder.path().join("window.mkv");
                none.insert(VideoWriter::create(&output, settings)?)
            }
        };
        writer.write_frame(Planes::Gray8(&self.luma))
    }

    /// Shows the pictures as they come out of it.
    pub(super) fn decoded<E: From<MediaError>>(
        self,
        mut visit: impl FnMut(&VideoFrame) -> Result<(), E>,
    ) -> Result<Result<(), MediaError>, E> {
        let finished = match (self.fault, self.writer) {
            (Some(fault), _) => Err(fault),
            (None, Some(writer)) => writer.finish().map(drop),
            (None, None) => Ok(()),
        };
        let opened = finished.and_then(|()| self::open(&self.folder, self.frames));
        let mut frames = match opened {
            Ok(frames) => frames,
            Err(fault) => return Ok(Err(fault)),
        };
        while let Some(frame) = frames.next_frame()? {
            visit(&frame)?;
        }
        Ok(Ok(()))
    }
}

fn open(folder: &tempfile::TempDir, frames: u64) -> Result<VideoReader, MediaError> {
    windows::open(&folder.path().join("window.mkv"), 0.0, frames)
}
