//! The reference proxy of a title, seen through its lattice.
//!
//! # Shapes and units
//! A thumbnail is the mean of every block, mean removed, unit norm: one `f32` a block. Times in seconds of media time.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::observe::Observation;
use countermark_media::{ReadOptions, VideoReader};

use crate::clip::observe;

/// Seconds read on either side of a wanted span, for seeking lands on frames, not on times.
const MARGIN: f64 = 0.3;

/// A title's proxy: the thumbnails of all frames are held, everything else is decoded again when wanted.
pub struct Reference {
    path: PathBuf,
    lattice: LatticeGeometry,
    times: Vec<f64>,
    thumbnails: Vec<Vec<f32>>,
}

impl Reference {
    /// Reads a proxy's thumbnails.
    ///
    /// # Errors
    /// When the proxy is missing or cannot be decoded.
    pub fn open(path: PathBuf, lattice: LatticeGeometry) -> anyhow::Result<Self> {
        let mut reference = Self {
            path,
            lattice,
            times: Vec::new(),
            thumbnails: Vec::new(),
        };
        let (mut times, mut thumbnails) = (Vec::new(), Vec::new());
        reference.decode(ReadOptions::default(), |observation| {
            times.push(observation.media_time);
            thumbnails.push(thumbnail(&observation));
        })?;
        anyhow::ensure!(
            !times.is_empty(),
            "the reference {} has no frames",
            reference.path.display()
        );
        (reference.times, reference.thumbnails) = (times, thumbnails);
        Ok(reference)
    }

    /// Times of all frames, ascending.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Thumbnails of all frames.
    #[must_use]
    pub fn thumbnails(&self) -> &[Vec<f32>] {
        &self.thumbnails
    }

    /// The frame nearest in time.
    #[must_use]
    pub fn nearest(&self, media_time: f64) -> usize {
        nearest(&self.times, media_time)
    }

    /// All frames of a span of time.
    ///
    /// # Errors
    /// When the proxy cannot be decoded.
    pub fn observations(&self, from: f64, to: f64) -> anyhow::Result<Vec<Observation>> {
        let start = (from - MARGIN).max(0.0);
        let options = ReadOptions {
            seek_seconds: (start > 0.0).then_some(start),
            duration_seconds: Some(to + MARGIN - start),
            ..ReadOptions::default()
        };
        let mut observations = Vec::new();
        self.decode(options, |observation| observations.push(observation))?;
        Ok(observations)
    }

    fn decode(
        &self,
        options: ReadOptions,
        mut each: impl FnMut(Observation),
    ) -> anyhow::Result<()> {
        let path: &Path = &self.path;
        let mut reader = VideoReader::open(path, options)
            .with_context(|| format!("cannot read the reference {}", path.display()))?;
        let mut sampler = None;
        while let Some(frame) = reader.next_frame()? {
            each(observe(
                &mut sampler,
                self.lattice,
                frame.luma(),
                None,
                frame.media_time(),
            )?);
        }
        Ok(())
    }
}

/// Index of the time nearest to `wanted` among ascending `times`.
pub(crate) fn nearest(times: &[f64], wanted: f64) -> usize {
    let after = times.partition_point(|time| *time < wanted);
    if after == 0 {
        return 0;
    }
    if after == times.len() || wanted - times[after - 1] <= times[after] - wanted {
        return after - 1;
    }
    after
}

/// The means of all blocks, mean removed, unit norm; zeros for a flat frame.
pub(crate) fn thumbnail(observation: &Observation) -> Vec<f32> {
    let means = observation.coefficients.coefficient(0);
    let mean = means.iter().sum::<f32>() / means.len() as f32;
    let energy: f32 = means.iter().map(|m| (m - mean) * (m - mean)).sum();
    let scale = if energy > 1.0 {
        1.0 / energy.sqrt()
    } else {
        0.0
    };
    means.iter().map(|m| (m - mean) * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_takes_the_closer_neighbour() {
        let times = [0.0, 1.0, 2.0];
        for (wanted, index) in [(-3.0, 0), (0.4, 0), (0.6, 1), (1.5, 1), (1.6, 2), (9.0, 2)] {
            assert_eq!(nearest(&times, wanted), index, "{wanted}");
        }
    }
}
