//! A frame of a clip, the master's frame in the same geometry, and what is left between them.
//!
//! ```text
//! w(p)  = reference at H^-1(p),    H from the reference to the clip
//! a, b  = least squares of c(p) ~ a w(p) + b over the points p that the reference shows
//! d(p)  = 128 + 8 (c(p) - a w(p) - b)
//! rho   = correlation of c and w over these points
//! ```
//!
//! # Shapes and units
//! 8-bit code values, one picture as large as the other. Times in seconds.

use countermark_picture::{Grey, Homography};
use serde::Serialize;

use crate::result::{TitleName, fine, time};

/// How much a difference is amplified, and the level of none.
const AMPLIFICATION: f64 = 8.0;
const MIDDLE_GREY: f64 = 128.0;

/// Share of the clip's frame that the reference must show.
const MIN_SHOWN_SHARE: f64 = 0.02;

/// A grey picture of 8 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row major, without padding.
    pub samples: Vec<u8>,
}

/// Frames that show the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FramePair {
    /// Name of the title.
    pub title: TitleName,
    /// On the clip's clock.
    #[serde(serialize_with = "time")]
    pub clip_time: f64,
    /// Of the master's frame.
    #[serde(serialize_with = "time")]
    pub media_time: f64,
    /// Whether left and right are exchanged.
    pub mirrored: bool,
    /// Pearson's correlation of both where both are seen.
    #[serde(serialize_with = "fine")]
    pub correlation: f64,
    /// What the master's levels are multiplied by to give the clip's.
    #[serde(serialize_with = "fine")]
    pub gain: f64,
    /// What is added to them then.
    #[serde(serialize_with = "time")]
    pub offset: f64,
    /// The clip's frame.
    #[serde(skip)]
    pub clip: Picture,
    /// The master's frame in the clip's geometry, black where it shows nothing.
    #[serde(skip)]
    pub master: Picture,
    /// Their difference after gain and offset, amplified around the middle grey.
    #[serde(skip)]
    pub residual: Picture,
}

impl FramePair {
    /// Compares a frame of the clip with a frame of the reference, `map` from samples of this to samples of that. None when the
    /// reference shows next to nothing of it, or one of them is flat.
    #[must_use]
    pub fn of(
        (clip, clip_time): (&Grey, f64),
        (shown, media_time): (&Grey, f64),
        map: &Homography,
        title: TitleName,
    ) -> Option<Self> {
        let warped = warped(shown, map, (clip.width(), clip.height()))?;
        let tone = Tone::fit(clip.samples(), &warped)?;
        let level = |level: f64| level.round().clamp(0.0, 255.0) as u8;
        let picture = |samples: Vec<u8>| Picture {
            width: clip.width(),
            height: clip.height(),
            samples,
        };
        let master = warped
            .iter()
            .map(|w| w.map_or(0, |w| level(f64::from(w))))
            .collect();
        let residual = clip
            .samples()
            .iter()
            .zip(&warped)
            .map(|(c, w)| {
                let left = w.map_or(0.0, |w| f64::from(*c) - tone.of(f64::from(w)));
                level(MIDDLE_GREY + AMPLIFICATION * left)
            })
            .collect();
        let own = clip.samples().iter().map(|c| level(f64::from(*c)));
        Some(Self {
            title,
            clip_time,
            media_time,
            mirrored: map.is_mirrored(),
            correlation: tone.correlation,
            gain: tone.gain,
            offset: tone.offset,
            clip: picture(own.collect()),
            master: picture(master),
            residual: picture(residual),
        })
    }
}

/// A picture seen through a map; nothing where it does not reach.
fn warped(shown: &Grey, map: &Homography, size: (usize, usize)) -> Option<Vec<Option<f32>>> {
    let back = map.inverse()?;
    let at = |index: usize| {
        let (x, y) = (index % size.0, index / size.0);
        let (x, y) = back.map((x as f64 + 0.5, y as f64 + 0.5))?;
        shown.holds(x, y).then(|| shown.at(x, y))
    };
    Some((0..size.0 * size.1).map(at).collect())
}

/// The tone curve between two pictures: a straight line.
struct Tone {
    gain: f64,
    offset: f64,
    correlation: f64,
}

impl Tone {
    fn fit(clip: &[f32], warped: &[Option<f32>]) -> Option<Self> {
        let pairs = || {
            clip.iter()
                .zip(warped)
                .filter_map(|(c, w)| Some((f64::from(*c), f64::from((*w)?))))
        };
        let count = pairs().count();
        if (count as f64) < MIN_SHOWN_SHARE * clip.len() as f64 {
            return None;
        }
        let (c_sum, w_sum) = pairs().fold((0.0, 0.0), |(a, b), (c, w)| (a + c, b + w));
        let (c_mean, w_mean) = (c_sum / count as f64, w_sum / count as f64);
        let (mut cc, mut ww, mut cw) = (0.0, 0.0, 0.0);
        for (c, w) in pairs() {
            let (c, w) = (c - c_mean, w - w_mean);
            cc += c * c;
            ww += w * w;
            cw += c * w;
        }
        (cc > 0.0 && ww > 0.0).then(|| Self {
            gain: cw / ww,
            offset: c_mean - cw / ww * w_mean,
            correlation: cw / (cc * ww).sqrt(),
        })
    }

    fn of(&self, level: f64) -> f64 {
        self.gain * level + self.offset
    }
}
