//! Pictures whose luma cannot be lent out, or that the encoder does not take, are converted; all others pass as they
//! are.

use countermark_picture::PlaneGeometry;

use crate::ffi::{FfmpegError, Frame, PixelFormat, Scaler};

/// Formats with plain planar luma that together hold any picture.
const READABLE: [PixelFormat; 8] = [
    PixelFormat::YUV420P,
    PixelFormat::YUV422P,
    PixelFormat::YUV444P,
    PixelFormat::YUV420P10,
    PixelFormat::YUV422P10,
    PixelFormat::YUV444P10,
    PixelFormat::YUV444P12,
    PixelFormat::YUV444P16,
];

/// Brings pictures into a format with editable luma.
pub(crate) struct Converter {
    /// What the encoder takes; `None` when any planar luma will do.
    accepted: Option<Vec<PixelFormat>>,
    scaler: Scaler,
    converted: Option<(PixelFormat, PixelFormat)>,
}

impl Converter {
    /// For reading: whatever shows its luma is left alone.
    pub(crate) fn for_reading() -> Self {
        Self {
            accepted: None,
            scaler: Scaler::new(),
            converted: None,
        }
    }

    /// Into one format, whatever comes.
    pub(crate) fn into_format(format: PixelFormat) -> Self {
        Self {
            accepted: Some(vec![format]),
            scaler: Scaler::new(),
            converted: None,
        }
    }

    /// For an encoder that takes `formats`.
    pub(crate) fn for_encoder(formats: Vec<PixelFormat>) -> Self {
        if !formats.is_empty() && formats.iter().all(|format| format.is_rgb()) {
            return Self {
                accepted: Some(formats),
                scaler: Scaler::new(),
                converted: None,
            };
        }
        let mut formats: Vec<PixelFormat> = formats
            .into_iter()
            .filter(|format| format.luma_layout().is_some() && format.canonical() == *format)
            .collect();
        if formats.is_empty() {
            formats = READABLE.to_vec();
        }
        Self {
            accepted: Some(formats),
            scaler: Scaler::new(),
            converted: None,
        }
    }

    /// Source and target format of the first conversion, if there was one.
    pub(crate) fn converted(&self) -> Option<(PixelFormat, PixelFormat)> {
        self.converted
    }

    /// The format in which a picture of this format and size goes on.
    pub(crate) fn target(&self, format: PixelFormat, (width, height): (u32, u32)) -> PixelFormat {
        let format = format.canonical();
        let fits: Vec<PixelFormat> = match &self.accepted {
            None if format.luma_layout().is_some() => return format,
            None => READABLE.to_vec(),
            Some(accepted) => accepted
                .iter()
                .copied()
                .filter(|accepted| accepted.divides(width, height))
                .collect(),
        };
        if fits.contains(&format) {
            return format;
        }
        // Gray formats hold any luma, and FFmpeg's loss estimate prefers them for gray sources only.
        format.closest(&fits).unwrap_or(PixelFormat::YUV444P)
    }

    /// The picture with luma that can be lent out, under a canonical format name, in `size`.
    pub(crate) fn prepare(
        &mut self,
        mut frame: Frame,
        size: (u32, u32),
    ) -> Result<Frame, FfmpegError> {
        // What no plane holds is told here, where frames of a file are first looked at.
        PlaneGeometry::packed(size.0 as usize, size.1 as usize).map_err(FfmpegError::refused)?;
        let Some(format) = frame.format() else {
            return self
                .scaler
                .convert(&frame, PixelFormat::YUV444P, size, frame.colour());
        };
        let colour = frame.colour();
        if format.is_deprecated_full_range() {
            frame.rename_format(format.canonical());
            frame.set_colour(colour);
        }
        let target = self.target(format, size);
        let same_size = (frame.width(), frame.height()) == size;
        if target == format.canonical() && same_size && (frame.lends_luma() || target.is_rgb()) {
            return Ok(frame);
        }
        if target != format.canonical() {
            self.converted.get_or_insert((format, target));
        }
        // RGB says nothing about the YCbCr it becomes. Readers get all its codes; encoders what players expect.
        let colour = if format.is_rgb() {
            let tags = if colour.has_matrix() {
                colour
            } else {
                colour.with_assumed_matrix(frame.width(), frame.height())
            };
            tags.with_range(self.accepted.is_none())
        } else {
            colour
        };
        self.scaler.convert(&frame, target, size, colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(converter: &Converter, name: &str, size: (u32, u32)) -> String {
        let format = PixelFormat::from_name(name).expect(name);
        converter.target(format, size).name()
    }

    #[test]
    fn encoder_formats_are_kept_and_odd_sizes_go_to_full_chroma() {
        let converter = Converter::for_encoder(vec![
            PixelFormat::YUV420P,
            PixelFormat::YUV444P,
            PixelFormat::YUV420P10,
            PixelFormat::YUV444P10,
        ]);
        assert_eq!(target(&converter, "yuv420p", (64, 48)), "yuv420p");
        assert_eq!(target(&converter, "yuvj420p", (64, 48)), "yuv420p");
        assert_eq!(target(&converter, "yuv420p", (63, 48)), "yuv444p");
        assert_eq!(target(&converter, "yuv420p10le", (63, 47)), "yuv444p10le");
        assert_eq!(target(&converter, "p010le", (64, 48)), "yuv420p10le");
        assert_eq!(target(&converter, "yuv422p12le", (64, 48)), "yuv444p10le");
    }

    #[test]
    fn readers_convert_only_what_hides_its_luma() {
        let converter = Converter::for_reading();
        assert_eq!(target(&converter, "nv12", (63, 47)), "nv12");
        assert_eq!(target(&converter, "gray", (63, 47)), "gray");
        assert_eq!(target(&converter, "rgb24", (63, 47)), "yuv444p");
        assert_eq!(target(&converter, "p010le", (64, 48)), "yuv420p10le");
    }
}
