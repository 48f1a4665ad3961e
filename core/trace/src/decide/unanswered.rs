//! A title that a clip certainly shows, and of which no delivery answers.
//!
//! # Shapes and units
//! Seconds on the playback's clock.

use std::sync::Arc;

use countermark_register::TitleRecord;

use crate::query::playback::Playback;
use crate::reference::spans::Spans;
use crate::registration::segment::Registration;
use crate::result::Factors;

/// Such a title, and where it is shown.
pub(crate) struct Unanswered<'a> {
    pub(crate) title: &'a TitleRecord,
    pub(crate) registration: Arc<Registration>,
    /// What of the title is shown.
    pub(crate) spans: Spans,
    pub(crate) playback: Playback,
    /// The hypotheses of the view.
    pub(crate) among: Factors,
    /// Moments whose frames were laid beside the title's and found to be it, on the playback's clock, ascending.
    pub(crate) moments: Vec<f64>,
}
