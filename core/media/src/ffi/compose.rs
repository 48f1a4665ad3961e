//! Pictures put together of tiles, cut out, turned and mirrored, sample for sample.
//!
//! ```text
//! turned:    out[y, x] = in[x, W-1-y]        a quarter turn against the clock
//! mirrored:  out[y, x] = in[y, W-1-x]        or in[H-1-y, x]
//! ```
//!
//! # Shapes and units
//! Planar formats whose chroma is halved in neither or both directions, for turns. Positions in samples of luma, to whole chroma
//! samples.

use super::{FfmpegError, Frame};

/// The planes of a picture, copied out.
struct Copied {
    rows: Vec<Vec<u8>>,
    sample_bytes: usize,
}

impl Frame {
    /// Overwrites a picture of one packed plane, such as RGB, with its bytes; false when their number differs.
    pub(crate) fn write_packed(&mut self, bytes: &[u8]) -> bool {
        let Some(plane) = self.plane_bytes(0) else {
            return false;
        };
        if bytes.len() != plane.row_bytes * plane.rows {
            return false;
        }
        for (row, samples) in bytes.chunks_exact(plane.row_bytes).enumerate() {
            // SAFETY: `plane_bytes` gave `rows` rows of at least `row_bytes` bytes of a live frame, borrowed mutably.
            unsafe {
                let line = plane.data.add(row * plane.stride);
                std::ptr::copy_nonoverlapping(samples.as_ptr(), line, plane.row_bytes);
            }
        }
        true
    }

    /// Makes a fresh picture black.
    pub(crate) fn blacken(&mut self) {
        let Some(layout) = self.format().and_then(super::PixelFormat::luma_layout) else {
            return;
        };
        let unit = 1_u16 << (layout.bit_depth - 8);
        let black = if self.colour().is_full_range() {
            0
        } else {
            16 * unit
        };
        for plane in 0..3 {
            let level = if plane == 0 { black } else { 128 * unit };
            let sample = level.to_ne_bytes();
            let sample = if layout.bytes_per_sample == 1 {
                vec![level as u8]
            } else {
                sample.to_vec()
            };
            self.write_rows(plane, |_, row| {
                for target in row.chunks_exact_mut(sample.len()) {
                    target.copy_from_slice(&sample);
                }
            });
        }
    }

    /// Lays a tile of the same format over this picture, `left` and `top` samples from its corner, as far as it reaches; false
    /// when the formats differ.
    pub(crate) fn paste(&mut self, tile: &Self, left: usize, top: usize) -> bool {
        let (Some(format), true) = (self.format(), self.format() == tile.format()) else {
            return false;
        };
        let shift = format.chroma_shift();
        for plane in 0..3 {
            let Some(copied) = tile.copied(plane) else {
                continue;
            };
            let (x, y) = if plane == 0 { (0, 0) } else { shift };
            let (from, first) = ((left >> x) * copied.sample_bytes, top >> y);
            self.write_rows(plane, |at, row| {
                let source = at.checked_sub(first).and_then(|at| copied.rows.get(at));
                if let (Some(source), Some(target)) = (source, row.get_mut(from..)) {
                    let length = source.len().min(target.len());
                    target[..length].copy_from_slice(&source[..length]);
                }
            });
        }
        true
    }

    /// The part of `size` samples whose corner lies `left` and `top` samples from this picture's.
    pub(crate) fn part(
        &self,
        (left, top): (usize, usize),
        size: (u32, u32),
    ) -> Result<Self, FfmpegError> {
        let (shift_x, shift_y) = self
            .format()
            .map_or((0, 0), super::PixelFormat::chroma_shift);
        let width = size.0.min(self.width().saturating_sub(left as u32));
        let height = size.1.min(self.height().saturating_sub(top as u32));
        self.rearranged((width, height), |plane, rows, sample| {
            let (x, y) = if plane == 0 {
                (0, 0)
            } else {
                (shift_x, shift_y)
            };
            let from = (left >> x) * sample;
            rows.into_iter()
                .skip(top >> y)
                .map(|row| row.get(from..).unwrap_or_default().to_vec())
                .collect()
        })
    }

    /// This picture, a quarter turn against the clock.
    pub(crate) fn turned(&self) -> Result<Self, FfmpegError> {
        self.rearranged((self.height(), self.width()), |_, rows, sample| {
            let columns = rows.first().map_or(0, |row| row.len() / sample);
            (0..columns)
                .rev()
                .map(|column| {
                    let at = column * sample;
                    rows.iter()
                        .flat_map(|row| row[at..at + sample].iter().copied())
                        .collect()
                })
                .collect()
        })
    }

    /// This picture with left and right (`across`) or top and bottom exchanged.
    pub(crate) fn mirrored(&self, across: bool) -> Result<Self, FfmpegError> {
        self.rearranged((self.width(), self.height()), |_, mut rows, sample| {
            if across {
                for row in &mut rows {
                    *row = row.chunks_exact(sample).rev().flatten().copied().collect();
                }
            } else {
                rows.reverse();
            }
            rows
        })
    }

    /// A picture of `size` whose planes are made of this one's rows.
    fn rearranged(
        &self,
        (width, height): (u32, u32),
        arrange: impl Fn(usize, Vec<Vec<u8>>, usize) -> Vec<Vec<u8>>,
    ) -> Result<Self, FfmpegError> {
        let format = self.format().ok_or_else(FfmpegError::invalid)?;
        format.luma_layout().ok_or_else(FfmpegError::invalid)?;
        let mut out = Self::with_picture(format, width, height)?;
        out.copy_properties(self)?;
        for plane in 0..3 {
            let Some(copied) = self.copied(plane) else {
                continue;
            };
            let rows = arrange(plane, copied.rows, copied.sample_bytes);
            out.write_rows(plane, |at, row| {
                if let Some(source) = rows.get(at) {
                    let length = source.len().min(row.len());
                    row[..length].copy_from_slice(&source[..length]);
                }
            });
        }
        Ok(out)
    }

    fn copied(&self, plane: usize) -> Option<Copied> {
        let sample_bytes = self.format()?.luma_layout()?.bytes_per_sample;
        let bytes = self.plane_bytes(plane)?;
        let row = |at: usize| {
            // SAFETY: `plane_bytes` gave `rows` rows of at least `row_bytes` bytes of a live frame.
            unsafe {
                std::slice::from_raw_parts(bytes.data.add(at * bytes.stride), bytes.row_bytes)
            }
        };
        Some(Copied {
            rows: (0..bytes.rows).map(|at| row(at).to_vec()).collect(),
            sample_bytes,
        })
    }

    /// Shows each row of a plane of a fresh picture for writing.
    fn write_rows(&mut self, plane: usize, mut write: impl FnMut(usize, &mut [u8])) {
        let Some(bytes) = self.plane_bytes(plane) else {
            return;
        };
        for at in 0..bytes.rows {
            // SAFETY: as in `copied`; the frame has buffers of its own and is borrowed mutably.
            let row = unsafe {
                std::slice::from_raw_parts_mut(bytes.data.add(at * bytes.stride), bytes.row_bytes)
            };
            write(at, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PixelFormat;
    use super::*;

    /// Luma counts up from 16, chroma from 100 and 200.
    fn counted(width: u32, height: u32) -> Frame {
        let mut frame = Frame::with_picture(PixelFormat::YUV420P, width, height).expect("memory");
        let count = |from: u8, samples: u32| -> Vec<u8> {
            (0..samples).map(|at| from + at as u8).collect()
        };
        assert!(frame.write_plane(0, &count(16, width * height)));
        assert!(frame.write_plane(1, &count(100, width * height / 4)));
        assert!(frame.write_plane(2, &count(200, width * height / 4)));
        frame
    }

    fn rows(frame: &Frame, plane: usize) -> Vec<Vec<u8>> {
        frame.copied(plane).expect("planar").rows
    }

    #[test]
    fn four_turns_and_two_mirrors_change_nothing() {
        let frame = counted(6, 4);
        let once = frame.turned().expect("planar");
        assert_eq!((once.width(), once.height()), (4, 6));
        assert_eq!(rows(&once, 0)[0], [21, 27, 33, 39]);
        assert_eq!(rows(&once, 1), [[102, 105], [101, 104], [100, 103]]);
        let again = (0..3).fold(once, |frame, _| frame.turned().expect("planar"));
        let mirrored = frame.mirrored(true).expect("planar");
        assert_eq!(rows(&mirrored, 0)[0], [21, 20, 19, 18, 17, 16]);
        assert_eq!(
            rows(&frame.mirrored(false).expect("planar"), 0)[0],
            rows(&frame, 0)[3]
        );
        let back = mirrored.mirrored(true).expect("planar");
        for plane in 0..3 {
            assert_eq!(rows(&again, plane), rows(&frame, plane));
            assert_eq!(rows(&back, plane), rows(&frame, plane));
        }
    }

    #[test]
    fn tiles_are_laid_side_by_side_and_cut_at_the_edge() {
        let mut canvas = Frame::with_picture(PixelFormat::YUV420P, 10, 4).expect("memory");
        canvas.blacken();
        let tile = counted(6, 4);
        assert!(canvas.paste(&tile, 6, 0));
        assert_eq!(
            rows(&canvas, 0)[1],
            [16, 16, 16, 16, 16, 16, 22, 23, 24, 25]
        );
        assert_eq!(rows(&canvas, 1)[1], [128, 128, 128, 103, 104]);
        let part = canvas.part((6, 2), (4, 2)).expect("planar");
        assert_eq!(rows(&part, 0), [[28, 29, 30, 31], [34, 35, 36, 37]]);
        assert_eq!(rows(&part, 2), [[203, 204]]);
        let other = Frame::with_picture(PixelFormat::YUV444P, 2, 2).expect("memory");
        assert!(!canvas.paste(&other, 0, 0));
    }
}
