//! What a piece of a title covers of the picture of a clip, on the cells of a canvas.
//!
//! ```text
//! canvas: the picture between the bars, in cells of four samples of a query frame each way
//! cell    -> sample of the part that was registered -> covered by the title there, or not
//! ```
//!
//! # Shapes and units
//! Cells, row major. Seconds on the clip's own clock.

use countermark_fingerprint::Coverage;
use countermark_picture::{Grey, Homography, Rect};

use crate::error::TraceError;
use crate::query::frames::{QueryFrame, QueryFrames};
use crate::query::playback::Playback;
use crate::reference::Reference;
use crate::registration::segment::{Registration, Segment};
use crate::registration::spatial::track::evenly_spaced;

/// Samples of a query frame in a cell, each way: those of its smaller picture.
const SAMPLES_OF_A_CELL: usize = 4;

/// The cells of a canvas in the frames of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Columns and rows.
    pub(crate) size: (usize, usize),
    /// What they are of, in samples of the frames.
    pub(crate) shown: Rect,
}

impl Cells {
    /// For the query frames of a whole clip; none where there are none.
    pub(crate) fn of(probes: &QueryFrames) -> Option<Self> {
        let (width, height) = probes.size();
        let size = (width / SAMPLES_OF_A_CELL, height / SAMPLES_OF_A_CELL);
        let shown = probes.shown()?;
        (size.0 > 0 && size.1 > 0).then_some(Self { size, shown })
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.size.0 * self.size.1
    }

    /// The middle of a cell, in samples of the frames.
    fn middle(&self, cell: usize) -> (f64, f64) {
        let (column, row) = (cell % self.size.0, cell / self.size.0);
        let [left, top, width, height] = self.shown.extent();
        (
            left + (column as f64 + 0.5) / self.size.0 as f64 * width,
            top + (row as f64 + 0.5) / self.size.1 as f64 * height,
        )
    }
}

/// What a segment covers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cover {
    /// From when to when.
    pub(crate) span: [f64; 2],
    /// Cell by cell.
    pub(crate) covered: Vec<bool>,
}

impl Cover {
    /// Whether it is half of the picture and more.
    pub(super) fn is_most(&self) -> bool {
        let covered = self.covered.iter().filter(|covered| **covered).count();
        2 * covered >= self.covered.len()
    }
}

/// What each certain segment of a registration covers, as far as that can be told, with its place among the segments.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn covers(
    registration: &Registration,
    (probes, playback): (&QueryFrames, Playback),
    reference: &Reference<'_>,
    cells: Cells,
) -> Result<Vec<(usize, Cover)>, TraceError> {
    let tuning = &reference.tuning().retrieval.places;
    let mut longest: Vec<usize> = (0..registration.segments.len())
        .filter(|at| registration.segments[*at].is_certain)
        .collect();
    let length = |at: &usize| {
        let [from, to] = registration.segments[*at].query;
        to - from
    };
    longest.sort_by(|a, b| length(b).total_cmp(&length(a)));
    longest.truncate(tuning.max_segments);
    let mut found = Vec::new();
    for at in longest {
        let segment = &registration.segments[at];
        for (span, run) in runs(segment, probes, tuning.max_jump_share) {
            let some = evenly_spaced(&run, tuning.compared_frames);
            let coverage = coverage(segment, &some, reference)?;
            let (Some(coverage), Some(part)) = (coverage, probes.shown()) else {
                continue;
            };
            let [left, top, width, height] = part.extent();
            let covered = (0..cells.count()).map(|cell| {
                let (x, y) = cells.middle(cell);
                coverage.holds(((x - left) / width, (y - top) / height))
            });
            let cover = Cover {
                span: playback.span(span),
                covered: covered.collect(),
            };
            found.push((at, cover));
        }
    }
    Ok(found)
}

/// Query frames of a segment, each with its map.
type Run<'a> = Vec<(&'a QueryFrame, Homography)>;

/// The query frames of a segment over which the picture stays where it is, and their spans: it may change places.
fn runs<'a>(
    segment: &Segment,
    probes: &'a QueryFrames,
    max_jump_share: f64,
) -> Vec<([f64; 2], Run<'a>)> {
    let own: Run<'a> = probes
        .all()
        .iter()
        .filter(|probe| segment.holds(probe.clip_time))
        .filter_map(|probe| Some((probe, segment.map(probe.clip_time)?)))
        .collect();
    let middle = (
        segment.reference.0 as f64 / 2.0,
        segment.reference.1 as f64 / 2.0,
    );
    let reach = max_jump_share * segment.probe.0.min(segment.probe.1) as f64;
    let stays = |a: &(&QueryFrame, Homography), b: &(&QueryFrame, Homography)| {
        let (Some(a), Some(b)) = (a.1.map(middle), b.1.map(middle)) else {
            return true;
        };
        (a.0 - b.0).hypot(a.1 - b.1) <= reach
    };
    let mut from = segment.query[0];
    let mut runs: Vec<([f64; 2], Run<'a>)> = Vec::new();
    let mut left = own.as_slice();
    for run in own.chunk_by(stays) {
        left = &left[run.len()..];
        let last = run.last().map_or(from, |(probe, _)| probe.clip_time);
        let to = left.first().map_or(segment.query[1], |(next, _)| {
            f64::midpoint(last, next.clip_time)
        });
        runs.push(([from, to], run.to_vec()));
        from = to;
    }
    runs
}

/// What a segment covers of some query frames.
fn coverage(
    segment: &Segment,
    some: &[(&QueryFrame, Homography)],
    reference: &Reference<'_>,
) -> Result<Option<Coverage>, TraceError> {
    let moments: Vec<f64> = some
        .iter()
        .map(|(probe, _)| segment.time.at(probe.clip_time))
        .collect();
    let shown = reference.pictures(&moments)?;
    // A sixteenth of the samples tells as much.
    let shown: Vec<Option<Grey>> = shown.iter().map(|shown| shown.halved()?.halved()).collect();
    let pictures: Vec<(&Grey, &Grey, Homography)> = some
        .iter()
        .zip(&shown)
        .filter_map(|((probe, map), shown)| {
            let (picture, shown) = (&*probe.small, shown.as_ref()?);
            let (from, to) = (segment.reference, segment.probe);
            let into = Homography::scaling(
                from.0 as f64 / shown.width() as f64,
                from.1 as f64 / shown.height() as f64,
            )?;
            let out = Homography::scaling(
                picture.width() as f64 / to.0 as f64,
                picture.height() as f64 / to.1 as f64,
            )?;
            Some((picture, shown, into.then(map)?.then(&out)?))
        })
        .collect();
    Ok(Coverage::of(&pictures))
}
