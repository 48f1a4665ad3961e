//! What retrieval says of the alignment before pictures are compared.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

/// Where some probes may lie in a title, by what the index says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AlignmentPrior {
    /// A moment of the clip, and the media time it may show, within [`AlignmentPrior::SLACK`].
    pub(crate) clip_time: f64,
    /// That media time.
    pub(crate) media_time: f64,
    /// Media seconds that pass in a second of the clip.
    pub(crate) speed: f64,
    /// How far from that moment probes may follow it, in seconds of the clip.
    pub(crate) reach: f64,
    /// Whether the clip shows the title mirrored there.
    pub(crate) mirrored: bool,
}

impl AlignmentPrior {
    /// The media time that a moment of the clip may show.
    pub(crate) fn expected(&self, clip_time: f64) -> Option<f64> {
        let since = clip_time - self.clip_time;
        (since.abs() <= self.reach).then_some(self.media_time + self.speed * since)
    }
}
