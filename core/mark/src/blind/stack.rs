//! A stretch of a clip, small: means of its frames over short windows of time, on a grid of its own.
//!
//! ```text
//! k       = max(1, floor(min(W, H) / 180))
//! A[n](x, y) = mean over the frames of window n of mean of k x k samples at (k x, k y)
//! ```
//!
//! # Shapes and units
//! Code values of 8 bits. Windows of [`WINDOW_SECONDS`], two bins of the soft values in formats 1 and 2: 20 s of 16:9 are 160 windows of
//! 230 KB to 920 KB.

use countermark_picture::{PlaneView, Sample};

/// Seconds of a window, whatever the format of the marks that may be in it.
pub const WINDOW_SECONDS: f64 = 0.125;

/// Fewest lines that a frame of at least as many is reduced to.
const LINES: usize = 180;

/// The mean picture of one window.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Which window of the clip.
    pub(super) number: u64,
    /// Mean time of its frames, in seconds.
    pub(super) time: f64,
    pub(super) plane: Vec<f32>,
    frames: u32,
}

/// Windows of frames of one size.
#[derive(Clone, Debug)]
pub struct FrameStack {
    frame: (usize, usize),
    factor: usize,
    width: usize,
    height: usize,
    windows: Vec<Window>,
}

impl FrameStack {
    /// For frames of that many columns and rows.
    #[must_use]
    pub fn new(frame: (usize, usize)) -> Self {
        let factor = (frame.0.min(frame.1) / LINES).max(1);
        Self {
            frame,
            factor,
            width: frame.0 / factor,
            height: frame.1 / factor,
            windows: Vec::new(),
        }
    }

    /// Columns and rows of the frames.
    #[must_use]
    pub fn frame(&self) -> (usize, usize) {
        self.frame
    }

    /// Samples of the frame across a sample of the stack.
    #[must_use]
    pub fn factor(&self) -> usize {
        self.factor
    }

    /// Columns and rows of the stack.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Windows that hold a frame.
    pub(super) fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Adds a frame; frames come in the order of time.
    ///
    /// # Panics
    /// When the frame is of another size.
    pub fn push<T: Sample>(&mut self, frame: &PlaneView<'_, T>, clip_time: f64) {
        let size = (frame.geometry().width(), frame.geometry().height());
        assert_eq!(size, self.frame, "frames of one size");
        let number = (clip_time / WINDOW_SECONDS).max(0.0) as u64;
        let (width, height, factor) = (self.width, self.height, self.factor);
        if self.windows.last().is_none_or(|last| last.number != number) {
            self.windows.push(Window {
                number,
                time: clip_time,
                plane: vec![0.0; width * height],
                frames: 0,
            });
        }
        let Some(window) = self.windows.last_mut() else {
            return;
        };
        window.frames += 1;
        // A running mean: the window is whole at any moment.
        let share = 1.0 / window.frames as f32;
        window.time += (clip_time - window.time) * f64::from(share);
        for mean in &mut window.plane {
            *mean *= 1.0 - share;
        }
        let samples = factor as u32 * factor as u32 * frame.bit_depth().codes_per_8bit_code();
        let scale = share / samples as f32;
        for (y, row) in frame.rows().take(height * factor).enumerate() {
            let means = &mut window.plane[y / factor * width..][..width];
            for (mean, samples) in means.iter_mut().zip(row.chunks_exact(factor)) {
                let sum: u32 = samples.iter().map(|&sample| u32::from(sample.into())).sum();
                *mean += sum as f32 * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countermark_picture::{BitDepth, PlaneGeometry};

    #[test]
    fn a_window_is_the_mean_of_its_frames() {
        let mut stack = FrameStack::new((400, 361));
        assert_eq!((stack.factor(), stack.size()), (2, (200, 180)));
        let geometry = PlaneGeometry::packed(400, 361).expect("a valid size");
        for (time, code) in [(0.0, 100_u16), (0.04, 200), (0.08, 600), (0.2, 400)] {
            let samples = vec![code; 400 * 361];
            let view = PlaneView::new(&samples, geometry, BitDepth::TEN).expect("a plane");
            stack.push(&view, time);
        }
        let [first, second] = stack.windows() else {
            panic!("two windows");
        };
        // 900 / 3 of 10 bits are 75 of 8.
        assert!(first.plane.iter().all(|x| (x - 75.0).abs() < 1e-3));
        assert!(second.plane.iter().all(|x| (x - 100.0).abs() < 1e-3));
        assert!((first.time - 0.04).abs() < 1e-9);
        assert!((second.time - 0.2).abs() < 1e-9);
    }
}
