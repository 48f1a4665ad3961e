//! Which parts of a clip's picture are explained, when, and which is the largest that is not.
//!
//! ```text
//! rest(t)  = cells that no piece covers at t and that were not looked at on their own in vain
//! part     = rectangle with the largest  sum over its cells of (1 where rest, -1 where not),  over as much time as it is one
//! ```
//!
//! A part has to be large enough, and to have features: bars and blurred grounds have none. Its sides are led on to seams of the
//! pictures near by.
//!
//! # Shapes and units
//! Cells as in [`super::cover`]; samples of the clip's frames; seconds on the clip's own clock.

use countermark_picture::content::Content;
use countermark_picture::{Grey, Rect, Seam, Seams};

use crate::query::frames::QueryFrames;
use crate::query::part::Part;
use crate::registration::spatial::track::evenly_spaced;
use crate::result::common_share;
use crate::tuning::PlacesTuning;

use super::cover::{Cells, Cover};

/// Query frames that tell seams.
const SEAM_FRAMES: usize = 12;

/// The picture of a clip, as far as it is explained.
pub(crate) struct Canvas<'a> {
    cells: Cells,
    probes: &'a QueryFrames,
    tuning: &'a PlacesTuning,
    /// Share of the picture that a part must have.
    least: f64,
    covers: Vec<Cover>,
    /// Looked at in vain.
    vain: Vec<Cover>,
    /// Looked at, and something was found.
    looked_at: Vec<Part>,
    seams: Option<Seams>,
}

impl<'a> Canvas<'a> {
    /// Of a whole clip, nothing of which is explained, for parts of that share at `least`; none where it has no frames.
    pub(crate) fn new(
        probes: &'a QueryFrames,
        least: f64,
        tuning: &'a PlacesTuning,
    ) -> Option<Self> {
        Some(Self {
            cells: Cells::of(probes)?,
            probes,
            tuning,
            least,
            covers: Vec::new(),
            vain: Vec::new(),
            looked_at: Vec::new(),
            seams: None,
        })
    }

    /// Takes in what a piece covers.
    pub(crate) fn cover(&mut self, cover: Cover) {
        self.covers.push(cover);
    }

    /// Takes note that a part was looked at and shows nothing.
    pub(crate) fn give_up(&mut self, part: &Part) {
        let covered = self.inside(part.content.rect(self.probes.frame()));
        self.vain.extend(part.spans.iter().map(|span| Cover {
            span: *span,
            covered: covered.clone(),
        }));
    }

    /// Takes note that a part was looked at and shows something: what is left of it is another part.
    pub(crate) fn look_at(&mut self, part: Part) {
        self.looked_at.push(part);
    }

    /// The largest part that is not explained while something else is; none that is worth a look.
    pub(crate) fn rest(&mut self) -> Option<Part> {
        let mut parts: Vec<(Rect, Vec<[f64; 2]>)> = Vec::new();
        for span in self.intervals() {
            let free = self.free(span);
            let share = free.iter().filter(|free| **free).count() as f64 / free.len() as f64;
            if share < self.least {
                continue;
            }
            let Some(rect) = largest(&free, self.cells.size) else {
                continue;
            };
            if !self.is_large(rect) || !self.is_informative(rect, span) {
                continue;
            }
            match parts
                .iter_mut()
                .find(|(known, _)| common_share(*known, rect) >= self.tuning.min_same_share)
            {
                Some((_, spans)) => spans.push(span),
                None => parts.push((rect, vec![span])),
            }
        }
        let size = |(rect, spans): &(Rect, Vec<[f64; 2]>)| {
            let seconds: f64 = spans.iter().map(|[from, to]| to - from).sum();
            // A picture has no length.
            (rect.width * rect.height) as f64 * seconds.max(f64::EPSILON)
        };
        parts.sort_by(|a, b| size(b).total_cmp(&size(a)));
        let parts = parts
            .into_iter()
            .map(|(rect, spans)| self.part(rect, spans));
        let parts: Vec<Part> = parts.collect();
        let is_known = |part: &Part| {
            let again = |known: &Part| {
                self.common_share(known, part) > self.tuning.min_common_share && known.meets(part)
            };
            self.looked_at.iter().any(again)
        };
        parts.into_iter().find(|part| !is_known(part))
    }

    /// The part that a piece covers, where that is not nearly all of the picture.
    pub(crate) fn own(&mut self, cover: &Cover) -> Option<Part> {
        let rect = largest(&cover.covered, self.cells.size)?;
        (self.share(rect) < self.tuning.max_part_share).then(|| self.part(rect, vec![cover.span]))
    }

    /// Whether a piece covers next to nothing of the picture, and little of the part that it was found in.
    pub(crate) fn is_slight(&self, cover: &Cover, part: Option<&Part>) -> bool {
        let least = self.tuning.min_voted_rest_share;
        let least = part.map_or(least, |part| {
            least.min(self.tuning.min_tile_cover * self.share_of(part))
        });
        let rect = largest(&cover.covered, self.cells.size);
        rect.is_none_or(|rect| self.share(rect) < least)
    }

    /// Of the picture, a part.
    fn share_of(&self, part: &Part) -> f64 {
        let rect = part.content.rect(self.frame());
        let shown = self.cells.shown;
        (rect.width * rect.height) as f64 / (shown.width * shown.height).max(1) as f64
    }

    /// Whether two parts are the same place.
    pub(crate) fn is_same(&self, a: &Part, b: &Part) -> bool {
        self.common_share(a, b) >= self.tuning.min_same_share
    }

    /// Whether what a piece covers of a part is most of it.
    pub(crate) fn is_filled(&self, part: &Part, own: &Part) -> bool {
        self.common_share(part, own) >= self.tuning.min_filled_share
    }

    fn common_share(&self, a: &Part, b: &Part) -> f64 {
        let rect = |part: &Part| part.content.rect(self.frame());
        common_share(rect(a), rect(b))
    }

    /// Columns and rows of the clip's frames.
    pub(crate) fn frame(&self) -> (usize, usize) {
        self.probes.frame()
    }

    /// The panels between the seams of the pictures, the largest first; none where there is no seam.
    pub(crate) fn panels(&mut self) -> Vec<Part> {
        let probes = self.probes;
        let (width, height) = probes.size();
        let cells = self.cells.size;
        let seams = self.seams();
        let ranges = |seams: &[Seam], side: usize, cells: usize| -> Vec<(usize, usize)> {
            let parted = seams.iter().filter(|seam| seam.is_parted);
            let ends: Vec<usize> = [0.0]
                .into_iter()
                .chain(parted.map(|seam| seam.at))
                .chain([side as f64])
                .map(|at| (at * cells as f64 / side as f64).round() as usize)
                .collect();
            ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
        };
        let columns = ranges(&seams.columns, width, cells.0);
        let rows = ranges(&seams.rows, height, cells.1);
        if (columns.len(), rows.len()) == (1, 1) {
            return Vec::new();
        }
        let rects = grid(&columns, &rows);
        let whole = [0.0, probes.end()];
        let mut rects: Vec<Rect> = rects
            .filter(|rect| self.share(*rect) >= self.tuning.min_tile_share)
            .filter(|rect| self.is_informative(*rect, whole))
            .collect();
        rects.sort_by_key(|rect| std::cmp::Reverse(rect.width * rect.height));
        rects
            .into_iter()
            .map(|rect| self.part(rect, vec![whole]))
            .collect()
    }

    /// Spans over which the same pieces are shown, some at least.
    fn intervals(&self) -> Vec<[f64; 2]> {
        let mut ends: Vec<f64> = self.covers.iter().flat_map(|cover| cover.span).collect();
        ends.sort_by(f64::total_cmp);
        ends.dedup_by(|a, b| *a - *b < self.tuning.min_seconds);
        if let [only] = ends[..] {
            return vec![[only, only]];
        }
        let mut spans: Vec<[f64; 2]> = ends
            .windows(2)
            .map(|pair| [pair[0], pair[1]])
            .filter(|[from, to]| {
                let middle = f64::midpoint(*from, *to);
                self.covers.iter().any(|cover| holds(cover, middle))
            })
            .collect();
        spans.sort_by(|a, b| (b[1] - b[0]).total_cmp(&(a[1] - a[0])));
        spans.truncate(self.tuning.max_segments);
        spans
    }

    /// Cells that nothing explains in the middle of a span.
    fn free(&self, [from, to]: [f64; 2]) -> Vec<bool> {
        let middle = f64::midpoint(from, to);
        let mut free = vec![true; self.cells.count()];
        for cover in self.covers.iter().chain(&self.vain) {
            if holds(cover, middle) {
                for (free, covered) in free.iter_mut().zip(&cover.covered) {
                    *free &= !covered;
                }
            }
        }
        free
    }

    fn is_large(&self, rect: Rect) -> bool {
        self.share(rect) >= self.least
    }

    /// Of the picture, a rectangle of cells.
    fn share(&self, rect: Rect) -> f64 {
        (rect.width * rect.height) as f64 / self.cells.count() as f64
    }

    /// Whether a part of the cells has features, over some time.
    fn is_informative(&self, rect: Rect, [from, to]: [f64; 2]) -> bool {
        let (width, height) = self.probes.size();
        let (columns, rows) = self.cells.size;
        let (across, down) = (columns as f64 / width as f64, rows as f64 / height as f64);
        let [left, top, wide, high] = rect.extent();
        let (mut frames, mut features) = (0_usize, 0_usize);
        for probe in self.probes.all() {
            if !(from..=to).contains(&probe.clip_time) && from < to {
                continue;
            }
            frames += 1;
            let within = probe.features.iter().filter(|feature| {
                (left..left + wide).contains(&(feature.x * across))
                    && (top..top + high).contains(&(feature.y * down))
            });
            features += within.count();
        }
        features >= self.tuning.min_rest_features * frames.max(1)
    }

    fn inside(&self, rect: Rect) -> Vec<bool> {
        let [left, top, wide, high] = rect.extent();
        let [own_left, own_top, own_width, own_height] = self.cells.shown.extent();
        let (columns, rows) = self.cells.size;
        (0..self.cells.count())
            .map(|cell| {
                let x = own_left + ((cell % columns) as f64 + 0.5) / columns as f64 * own_width;
                let y = own_top + ((cell / columns) as f64 + 0.5) / rows as f64 * own_height;
                (left..left + wide).contains(&x) && (top..top + high).contains(&y)
            })
            .collect()
    }

    /// Of the rectangles between seams, and edges of the picture, the one that shares most with another, where that is enough.
    fn panel(&mut self, rect: Rect) -> Option<Rect> {
        let (probe, size, least) = (
            self.probes.size(),
            self.cells.size,
            self.tuning.min_panel_share,
        );
        let seams = self.seams();
        let columns = spans_between(&seams.columns, probe.0, size.0);
        let rows = spans_between(&seams.rows, probe.1, size.1);
        let whole = Rect::whole(size.0, size.1);
        let rects = grid(&columns, &rows);
        let shares = rects
            .filter(|panel| *panel != whole)
            .map(|panel| (common_share(panel, rect), panel));
        let best = shares.max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(share, _)| *share >= least)
            .map(|(_, panel)| panel)
    }

    fn seams(&mut self) -> &Seams {
        let probes = self.probes;
        self.seams.get_or_insert_with(|| {
            let all: Vec<&Grey> = probes.all().iter().map(|probe| &*probe.picture).collect();
            Seams::of(&evenly_spaced(&all, SEAM_FRAMES))
        })
    }

    /// A rectangle of cells in the frames: the panel, or the panels, that it is most of, else with its sides led on to seams and
    /// to the edges of the picture.
    fn part(&mut self, rect: Rect, spans: Vec<[f64; 2]>) -> Part {
        let rect = self.panel(rect).unwrap_or(rect);
        let reach = self.tuning.seam_reach;
        let (probe, size, shown) = (self.probes.size(), self.cells.size, self.cells.shown);
        let seams = self.seams();
        let led = |cell: usize, cells: usize, seams: &[Seam], side: usize| -> f64 {
            let own = cell as f64 / cells as f64;
            let near = |other: &f64| (other - own).abs() <= reach;
            let seams = seams.iter().map(|seam| seam.at / side as f64);
            let all = seams.chain([0.0, 1.0]).filter(near);
            all.min_by(|a, b| (a - own).abs().total_cmp(&(b - own).abs()))
                .unwrap_or(own)
        };
        let across = |cell: usize| led(cell, size.0, &seams.columns, probe.0);
        let down = |cell: usize| led(cell, size.1, &seams.rows, probe.1);
        let [left, top, width, height] = shown.extent();
        // Chroma has half of the samples: pictures are put together at even ones.
        let even = |from: f64, share: f64, side: f64| {
            let at = from + share * side;
            if (0.0..1.0).contains(&share) && share > 0.0 {
                2 * (at / 2.0).round() as usize
            } else {
                at.round() as usize
            }
        };
        let column = |share: f64| even(left, share, width);
        let row = |share: f64| even(top, share, height);
        let (from_left, to_right) = (
            column(across(rect.left)),
            column(across(rect.left + rect.width)),
        );
        let (from_top, to_bottom) = (row(down(rect.top)), row(down(rect.top + rect.height)));
        let frame = self.probes.frame();
        let rect = Rect {
            left: from_left,
            top: from_top,
            width: to_right.saturating_sub(from_left),
            height: to_bottom.saturating_sub(from_top),
        };
        Part {
            content: Content::new(frame, rect.clamped(frame.0, frame.1)),
            spans,
        }
    }
}

/// From each seam, and the first sample, to each one behind it, and the last sample, in cells.
fn spans_between(seams: &[Seam], side: usize, cells: usize) -> Vec<(usize, usize)> {
    let share = |seam: &Seam| seam.at * cells as f64 / side as f64;
    let seams = seams.iter().map(|seam| share(seam).round() as usize);
    let ends: Vec<usize> = [0].into_iter().chain(seams).chain([cells]).collect();
    let pairs = ends
        .iter()
        .flat_map(|from| ends.iter().map(move |to| (*from, *to)));
    pairs.filter(|(from, to)| from < to).collect()
}

/// The rectangles of these spans of columns and rows.
fn grid<'a>(
    columns: &'a [(usize, usize)],
    rows: &'a [(usize, usize)],
) -> impl Iterator<Item = Rect> + 'a {
    rows.iter().flat_map(|(top, bottom)| {
        columns.iter().map(move |(left, right)| Rect {
            left: *left,
            top: *top,
            width: right - left,
            height: bottom - top,
        })
    })
}

fn holds(cover: &Cover, moment: f64) -> bool {
    (cover.span[0]..=cover.span[1]).contains(&moment)
}

/// The rectangle with the largest sum, a cell that is set counting 1 and one that is not -1; none where no cell is set.
fn largest(set: &[bool], (columns, rows): (usize, usize)) -> Option<Rect> {
    let mut best: Option<(i32, Rect)> = None;
    for top in 0..rows {
        let mut sums = vec![0_i32; columns];
        for bottom in top..rows {
            let row = &set[bottom * columns..(bottom + 1) * columns];
            let (mut sum, mut left) = (0, 0);
            for (column, (own, set)) in sums.iter_mut().zip(row).enumerate() {
                *own += if *set { 1 } else { -1 };
                if sum <= 0 {
                    (sum, left) = (0, column);
                }
                sum += *own;
                if sum > best.map_or(0, |(known, _)| known) {
                    let rect = Rect {
                        left,
                        top,
                        width: column + 1 - left,
                        height: bottom + 1 - top,
                    };
                    best = Some((sum, rect));
                }
            }
        }
    }
    best.map(|(_, rect)| rect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_rectangle_is_found_though_cells_of_it_are_missing() {
        let (columns, rows) = (12, 9);
        let inside = |x: usize, y: usize| (3..10).contains(&x) && (2..7).contains(&y);
        let set: Vec<bool> = (0..columns * rows)
            .map(|i| {
                let (x, y) = (i % columns, i / columns);
                (inside(x, y) && (x, y) != (5, 4)) || (x, y) == (0, 8)
            })
            .collect();
        let expected = Rect {
            left: 3,
            top: 2,
            width: 7,
            height: 5,
        };
        assert_eq!(largest(&set, (columns, rows)), Some(expected));
        assert_eq!(largest(&[false; 4], (2, 2)), None);
    }
}
