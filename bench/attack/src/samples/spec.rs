//! What a clip is made of: its size and length, its shots, its captions.
//!
//! # Shapes and units
//! Sizes in pixels, lengths in seconds, frame rates in frames a second.

/// What a shot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Mountains, hills and a meadow behind a branch.
    Valley,
    /// Leaves close by, in wind.
    Leaves,
    /// Somebody talks in a room.
    Talk,
    /// Houses, cars, a lamp post that passes.
    Street,
    /// The street at night.
    Night,
    /// A sea under evening clouds.
    Sea,
}

/// A shot of the list.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// What it shows.
    pub scene: Scene,
    /// Share of the clip's length.
    pub share: f32,
    /// Its own seed.
    pub seed: u64,
}

/// A clip to render.
#[derive(Debug, Clone)]
pub struct ClipSpec {
    /// File name without extension.
    pub name: &'static str,
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Frames a second.
    pub fps: u32,
    /// 8 or 10.
    pub bit_depth: u32,
    /// Length.
    pub seconds: f32,
    /// Standard deviation of the grain, 8-bit code values.
    pub grain: f32,
    /// Share of voice in the sound.
    pub speech: f32,
    /// Seed of grain and sound.
    pub seed: u64,
    /// The shots, cut hard.
    pub takes: Vec<Take>,
    /// `(from, to, text)`.
    pub captions: Vec<(f32, f32, &'static str)>,
}

impl ClipSpec {
    /// Frames of the clip.
    #[must_use]
    pub fn frames(&self) -> usize {
        (self.seconds * self.fps as f32).round() as usize
    }

    /// The clip at half its size and `seconds` long, for the repository.
    #[must_use]
    pub fn small(mut self, seconds: f32) -> Self {
        let ratio = seconds / self.seconds;
        self.width /= 2;
        self.height /= 2;
        self.seconds = seconds;
        for caption in &mut self.captions {
            caption.0 *= ratio;
            caption.1 *= ratio;
        }
        self
    }

    /// The shot at `time` and when it begins.
    pub(super) fn take_at(&self, time: f32) -> (usize, f32) {
        let mut start = 0.0;
        for (index, take) in self.takes.iter().enumerate() {
            let end = start + take.share * self.seconds;
            if time < end - 1e-4 || index + 1 == self.takes.len() {
                return (index, start);
            }
            start = end;
        }
        (0, 0.0)
    }
}
