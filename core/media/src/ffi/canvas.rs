//! A picture in the middle of a black frame.

use std::ffi::c_int;

use ffmpeg_next::ffi as sys;

use super::{FfmpegError, Frame};

/// One plane as it lies in memory.
#[derive(Clone, Copy)]
pub(super) struct PlaneBytes {
    pub(super) data: *mut u8,
    pub(super) stride: usize,
    pub(super) row_bytes: usize,
    pub(super) rows: usize,
}

impl Frame {
    /// This picture in the middle of a black one of `width x height` samples, to whole chroma samples.
    ///
    /// # Errors
    /// When the canvas is smaller than the picture, or the format has no plain planes.
    pub(crate) fn on_canvas(&self, width: u32, height: u32) -> Result<Self, FfmpegError> {
        let invalid = || FfmpegError::new(sys::AVERROR_INVALIDDATA);
        let format = self.format().ok_or_else(invalid)?;
        let layout = format.luma_layout().ok_or_else(invalid)?;
        let (shift_x, shift_y) = format.chroma_shift();
        let margin = |outer: u32, inner: u32, shift: u8| {
            let spare = outer.checked_sub(inner).ok_or_else(invalid)?;
            Ok((spare / 2) >> shift << shift)
        };
        let left = margin(width, self.width(), shift_x)?;
        let top = margin(height, self.height(), shift_y)?;

        let mut canvas = Self::with_picture(format, width, height)?;
        canvas.copy_properties(self)?;
        let unit = 1_u16 << (layout.bit_depth - 8);
        let black = if self.colour().is_full_range() {
            0
        } else {
            16 * unit
        };
        for plane in 0..self.get().data.len() {
            let (Some(from), Some(to)) = (self.plane_bytes(plane), canvas.plane_bytes(plane))
            else {
                break;
            };
            let shift = if plane == 0 { 0 } else { shift_y };
            let first_row = (top >> shift) as usize;
            let first_byte = row_bytes(&canvas, plane, left).ok_or_else(invalid)?;
            let level = if plane == 0 { black } else { 128 * unit };
            let sample = level.to_ne_bytes();
            // On either byte order the low byte alone is an 8-bit sample.
            let sample = match layout.bytes_per_sample {
                1 => &[level as u8][..],
                _ => &sample[..],
            };
            let blank: Vec<u8> = sample.iter().copied().cycle().take(to.row_bytes).collect();
            for row in 0..to.rows {
                let inside = row.checked_sub(first_row).filter(|row| *row < from.rows);
                // SAFETY: `plane_bytes` gave rows that lie in the planes of two live frames with buffers of their own;
                // `row < to.rows`, and the picture's row fits behind `first_byte` as the canvas is no smaller.
                unsafe {
                    let line = to.data.add(row * to.stride);
                    std::ptr::copy_nonoverlapping(blank.as_ptr(), line, to.row_bytes);
                    if let Some(row) = inside {
                        let source = from.data.add(row * from.stride);
                        let length = from.row_bytes.min(to.row_bytes - first_byte);
                        std::ptr::copy_nonoverlapping(source, line.add(first_byte), length);
                    }
                }
            }
        }
        Ok(canvas)
    }

    /// A plane whose rows run downwards; `None` when the format has no such plane.
    pub(super) fn plane_bytes(&self, plane: usize) -> Option<PlaneBytes> {
        let frame = self.get();
        let data = *frame.data.get(plane)?;
        let stride = usize::try_from(*frame.linesize.get(plane)?).ok()?;
        let row_bytes = row_bytes(self, plane, self.width())?;
        if data.is_null() || row_bytes == 0 || stride < row_bytes {
            return None;
        }
        let shift = if plane == 0 {
            0
        } else {
            self.format()?.chroma_shift().1
        };
        Some(PlaneBytes {
            data,
            stride,
            row_bytes,
            rows: (self.height() as usize).div_ceil(1 << shift),
        })
    }
}

/// Bytes that `width` samples take in a row of a plane.
fn row_bytes(frame: &Frame, plane: usize, width: u32) -> Option<usize> {
    let format = frame.format()?.raw();
    let (width, plane) = (c_int::try_from(width).ok()?, c_int::try_from(plane).ok()?);
    // SAFETY: plain numbers and a valid format.
    usize::try_from(unsafe { sys::av_image_get_linesize(format, width, plane) }).ok()
}

#[cfg(test)]
mod tests {
    use countermark_picture::{Sample as _, by_depth};

    use super::*;
    use crate::ffi::PixelFormat;

    fn textured(format: PixelFormat, width: u32, height: u32) -> Frame {
        let mut frame = Frame::with_picture(format, width, height).expect("memory");
        let bytes = if format.bit_depth() > 8 { 2 } else { 1 };
        for plane in 0..3 {
            let (w, h) = if plane == 0 {
                (width, height)
            } else {
                (width / 2, height / 2)
            };
            let samples: Vec<u8> = (0..w * h)
                .flat_map(|i| {
                    let level = 200 + (i % 50) as u16;
                    level.to_ne_bytes().into_iter().take(bytes)
                })
                .collect();
            assert!(frame.write_plane(plane, &samples));
        }
        frame
    }

    #[test]
    fn the_picture_keeps_its_samples_and_the_rest_is_black() {
        for (format, black) in [(PixelFormat::YUV420P, 16), (PixelFormat::YUV420P10, 64)] {
            let frame = textured(format, 20, 12);
            let canvas = frame.on_canvas(31, 40).expect("a larger canvas");
            let luma = canvas.luma().expect("planar luma");
            let at = |x: usize, y: usize| by_depth!(luma, |view| view.row(y)[x].code());
            for y in 0..40 {
                for x in 0..31 {
                    let inside = (4..24).contains(&x) && (14..26).contains(&y);
                    let expected = if inside {
                        200 + (((y - 14) * 20 + x - 4) % 50) as u16
                    } else {
                        black
                    };
                    assert_eq!(at(x, y), expected, "{x}, {y} of {}", format.name());
                }
            }
        }
        let frame = textured(PixelFormat::YUV420P, 20, 12);
        assert!(frame.on_canvas(18, 12).is_err());
    }
}
