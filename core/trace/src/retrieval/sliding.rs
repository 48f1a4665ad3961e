//! The titles of a small register that a short clip's pictures are like when they are slid along theirs.
//!
//! ```text
//! c(title, way) = mean over query frames of the highest correlation with any frame of the title, a quarter of a second apart
//! ```
//!
//! No index is asked: a coarse part of a picture has words of its own. All frames of the titles are decoded, so this is for clips
//! and registers that are short, and only where the index confirms nothing.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countermark_fingerprint::Detail;
use countermark_media::{ReadOptions, VideoReader};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::frames::QueryFrames;
use crate::query::thumbnail::small_grey;
use crate::reference::spans::from_moment;
use crate::registration::spatial::sliding::Sliding;
use crate::task::Task;

/// A title, and where query frames are most like it.
#[derive(Debug, Clone)]
pub(crate) struct SlidTitle {
    /// Its place among the references.
    pub(crate) title: usize,
    pub(crate) mirrored: bool,
    /// Moments of the clip, and the media that each is most like: of plain ground another may come near the right one.
    pub(crate) moments: Vec<(f64, f64)>,
    correlation: f64,
}

/// The likeliest titles by their references, the likeliest first; none where none is like the clip. A reference that cannot be read is
/// passed over: who follows the title says so.
///
/// # Errors
/// When the work is to end.
pub(crate) fn slid_titles(
    probes: &QueryFrames,
    references: &[PathBuf],
    task: &Task<'_>,
) -> Result<Vec<SlidTitle>, TraceError> {
    let tuning = &task.tuning().registration.sliding;
    if probes.end() > tuning.max_seconds {
        return Ok(Vec::new());
    }
    let each = references.par_iter().enumerate();
    let each: Vec<Option<SlidTitle>> = each
        .map(|(title, reference)| slid_title(probes, (title, reference), task).unwrap_or(None))
        .collect();
    task.proceed()?;
    let mut told: Vec<SlidTitle> = each.into_iter().flatten().collect();
    told.retain(|told| told.correlation >= tuning.min_lead_correlation);
    told.sort_by(|a, b| b.correlation.total_cmp(&a.correlation));
    told.truncate(tuning.max_leads);
    Ok(told)
}

fn slid_title(
    probes: &QueryFrames,
    (title, reference): (usize, &Path),
    task: &Task<'_>,
) -> Result<Option<SlidTitle>, TraceError> {
    let tuning = &task.tuning().registration;
    let options = ReadOptions {
        // Titles are looked at side by side.
        threads: Some(NonZeroUsize::MIN),
        ..from_moment(0.0)
    };
    let undecoded = TraceError::reference(reference);
    let mut reader = VideoReader::open(reference, options).map_err(&undecoded)?;
    let mut sliding: Option<Sliding<'_>> = None;
    let mut frames: Vec<(f64, Detail)> = Vec::new();
    let mut next = 0.0;
    while let Some(frame) = reader.next_frame().map_err(&undecoded)? {
        task.proceed()?;
        if frame.media_time() < next {
            continue;
        }
        next = frame.media_time() + tuning.sliding.title_step_seconds;
        let picture = small_grey(frame.luma());
        if sliding.is_none() {
            let size = (picture.width(), picture.height());
            sliding = Sliding::new(probes, size, tuning);
        }
        let Some(sliding) = &sliding else {
            return Ok(None);
        };
        frames.push((frame.media_time(), sliding.detail(&picture)));
    }
    let Some(sliding) = sliding else {
        return Ok(None);
    };
    let ways = [false, true].into_iter().filter_map(|mirrored| {
        let slides = sliding.slides(&frames, mirrored);
        let sum: f64 = slides.iter().map(|(_, slide)| slide.slid.correlation).sum();
        let moments = slides.iter();
        let moments = moments.map(|(probe, slide)| (probe.clip_time, slide.media_time));
        (!slides.is_empty()).then(|| SlidTitle {
            title,
            mirrored,
            moments: moments.collect(),
            correlation: sum / slides.len() as f64,
        })
    });
    Ok(ways.max_by(|a, b| a.correlation.total_cmp(&b.correlation)))
}
