//! A few frames of a clip, small and grey, for registration.
//!
//! # Shapes and units
//! Short side [`SHORT_SIDE`] or the clip's own where that is less. At most [`MOST`] probes a clip, [`RATE`] a second where
//! it is short enough: 240 pictures of 512 x 288 are 135 MiB.

use std::path::Path;

use countermark_fingerprint::{Feature, FeatureFinder, Grey, LumaError, LumaView};
use countermark_media::{Luma, LumaSamples, ReadOptions, VideoReader};

use crate::view::{Borders, Content};

/// Short side of a probe.
pub(super) const SHORT_SIDE: usize = 288;

/// Probes a second.
const RATE: f64 = 2.0;

/// Probes of a clip.
const MOST: usize = 240;

/// Features of a probe.
pub(super) const FEATURES: usize = 300;

/// One frame of a clip.
#[derive(Debug, Clone)]
pub struct Probe {
    /// On the clip's clock.
    pub clip_time: f64,
    /// The frame.
    pub picture: Grey,
    /// Its features.
    pub features: Vec<Feature>,
}

impl Probe {
    fn take(luma: Luma<'_>, clip_time: f64, finder: &mut FeatureFinder) -> Result<Self, LumaError> {
        let picture = grey(luma)?;
        Ok(Self {
            clip_time,
            features: finder.find(&picture, FEATURES),
            picture,
        })
    }
}

/// The probes of a clip.
#[derive(Debug, Clone, Default)]
pub struct Probes {
    all: Vec<Probe>,
    /// Seconds from one to the next.
    step: f64,
    end: f64,
    content: Option<Content>,
}

impl Probes {
    /// Reads them; what lies between bars, where there are any.
    ///
    /// # Errors
    /// When the clip cannot be decoded.
    pub fn read(clip: &Path) -> anyhow::Result<Self> {
        let (whole, borders) = Self::pass(clip, None)?;
        match borders.content() {
            Some(content) => Ok(Self::pass(clip, Some(content))?.0),
            None => Ok(whole),
        }
    }

    fn pass(clip: &Path, content: Option<Content>) -> anyhow::Result<(Self, Borders)> {
        let mut reader = VideoReader::open(clip, ReadOptions::default())?;
        let length = reader.info().length_seconds(None).unwrap_or(0.0);
        let step = (length / MOST as f64).max(1.0 / RATE);
        let mut taken = Self {
            step,
            content,
            ..Self::default()
        };
        let mut borders = Borders::default();
        let mut finder = FeatureFinder::new();
        let mut start = None;
        // The middle of each step: the first frame of a cut is often its worst.
        let mut next = step / 2.0;
        let mut first = None;
        while let Some(frame) = reader.next_frame()? {
            let clip_time = frame.media_time() - *start.get_or_insert(frame.media_time());
            taken.end = clip_time;
            let luma = frame.luma();
            borders.look(luma, clip_time)?;
            let luma = content.map_or(luma, |content| content.of(luma));
            if clip_time >= next && taken.all.len() < 2 * MOST {
                next = clip_time + step;
                taken.all.push(Probe::take(luma, clip_time, &mut finder)?);
            } else if first.is_none() {
                first = Some(Probe::take(luma, clip_time, &mut finder)?);
            }
        }
        // A picture, or a clip shorter than half a step, is its own probe.
        if taken.all.is_empty() {
            taken.all.extend(first);
        }
        Ok((taken, borders))
    }

    /// What lies between bars in the frames; none when the probes are whole frames.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        self.content
    }

    /// In the order of time.
    #[must_use]
    pub fn all(&self) -> &[Probe] {
        &self.all
    }

    /// Seconds from one probe to the next.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The clip's last moment.
    #[must_use]
    pub fn end(&self) -> f64 {
        self.end
    }
}

/// A frame with a short side of at most [`SHORT_SIDE`].
pub(crate) fn grey(luma: Luma<'_>) -> Result<Grey, LumaError> {
    let (width, height) = (luma.width, luma.height);
    let short = width.min(height);
    let side = |side: usize| match short {
        ..=SHORT_SIDE => side,
        _ => (side * SHORT_SIDE + short / 2) / short,
    };
    let depth = luma.bit_depth.into();
    Ok(match luma.samples {
        LumaSamples::U8(samples) => {
            let view = LumaView::new(samples, width, height, luma.stride, depth)?;
            Grey::averaged(&view, side(width), side(height))
        }
        LumaSamples::U16(samples) => {
            let view = LumaView::new(samples, width, height, luma.stride, depth)?;
            Grey::averaged(&view, side(width), side(height))
        }
    })
}
