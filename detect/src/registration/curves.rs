//! How pictures of a clip correlate with every frame of a reference, through maps and past overlays.
//!
//! ```text
//! picture -> lattice through its map -> means of the blocks that it shows and no overlay covers -> correlations
//! ```
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use countermark_fingerprint::{Grey, Homography, Overlay};
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::observe::Observation;
use countermark_mark::observe::projected::{ProjectedSampler, Projection};
use countermark_mark::plane::{BitDepth, PlaneGeometry, PlaneView};

use crate::reference::{Partial, Reference};

use super::probes::{Moment, Probes};
use super::timing::Curve;

/// Share of a block from which on what lies on it counts.
const COVERED: f64 = 0.1;

/// Bits of the samples that a probe is put on the lattice with.
const PROBE_BITS: u8 = 14;

/// How a probe that is placed so correlates with the reference; none when its map shows nothing of the picture.
pub(super) fn curve(
    sampler: &mut ProjectedSampler,
    (clip_time, picture): (f64, &Grey),
    overlay: Option<&Overlay>,
    map: &Homography,
    size: (usize, usize),
    reference: &Reference,
) -> Option<Curve> {
    let mut observation = on_lattice(sampler, picture, map, size)?;
    if let Some(overlay) = overlay {
        let area = (picture.width() as f64, picture.height() as f64);
        let is_covered =
            |block: &u32| covered(overlay, *block, reference.lattice(), (map, size, area));
        let blocks = 0..reference.lattice().blocks() as u32;
        observation.unseen.extend(blocks.filter(is_covered));
        observation.unseen.sort_unstable();
        observation.unseen.dedup();
    }
    let part = Partial::new(&observation);
    Some(Curve {
        clip_time,
        correlations: reference.correlations(&part),
        seen: part.seen,
        values: part.values,
    })
}

/// How moments correlate with the reference, each through its map.
pub(super) fn dense(
    sampler: &mut ProjectedSampler,
    moments: &[&Moment],
    probes: &Probes,
    map: &dyn Fn(f64) -> Option<Homography>,
    size: (usize, usize),
    reference: &Reference,
) -> Vec<Curve> {
    moments
        .iter()
        .filter_map(|moment| {
            let picture = &moment.picture;
            let map = smaller(&map(moment.clip_time)?, probes.size(), picture)?;
            let shown = (moment.clip_time, picture);
            curve(sampler, shown, probes.overlay(), &map, size, reference)
        })
        .collect()
}

/// A map to a probe, led on to a smaller picture of the same frame.
pub(super) fn smaller(
    map: &Homography,
    probe: (usize, usize),
    picture: &Grey,
) -> Option<Homography> {
    map.then(&Homography::scaling(
        picture.width() as f64 / probe.0 as f64,
        picture.height() as f64 / probe.1 as f64,
    )?)
}

/// Whether an overlay lies on a block of the lattice, whose picture goes through a map from samples of the reference.
fn covered(
    overlay: &Overlay,
    block: u32,
    lattice: LatticeGeometry,
    (map, size, area): (&Homography, (usize, usize), (f64, f64)),
) -> bool {
    let (col, row) = (
        block as usize % lattice.cols(),
        block as usize / lattice.cols(),
    );
    let corner = |(right, down): (usize, usize)| {
        let u = (col + right) as f64 / lattice.cols() as f64;
        let v = (row + down) as f64 / lattice.rows() as f64;
        let (x, y) = map.map((u * size.0 as f64, v * size.1 as f64))?;
        Some((x / area.0, y / area.1))
    };
    let corners: Vec<(f64, f64)> = [(0, 0), (1, 0), (0, 1), (1, 1)]
        .into_iter()
        .filter_map(corner)
        .collect();
    let bound = |pick: fn(f64, f64) -> f64| {
        let both = corners.iter().copied();
        both.reduce(|a, b| (pick(a.0, b.0), pick(a.1, b.1)))
    };
    match (bound(f64::min), bound(f64::max)) {
        (Some(from), Some(to)) => overlay.share(from, to) > COVERED,
        _ => false,
    }
}

/// A frame on the lattice; none when its map shows nothing of the picture.
fn on_lattice(
    sampler: &mut ProjectedSampler,
    picture: &Grey,
    map: &Homography,
    reference: (usize, usize),
) -> Option<Observation> {
    let into = Homography::scaling(reference.0 as f64, reference.1 as f64)?;
    let projection = Projection::new(into.then(map)?.matrix())?;
    let samples = codes(picture);
    let geometry = PlaneGeometry::packed(picture.width(), picture.height()).ok()?;
    let plane = PlaneView::new(&samples, geometry, BitDepth::new(PROBE_BITS).ok()?).ok()?;
    sampler.observe(&plane, &projection, 0.0).ok()
}

fn codes(picture: &Grey) -> Vec<u16> {
    let scale = f32::from(1_u16 << (PROBE_BITS - 8));
    picture
        .samples()
        .iter()
        .map(|level| (level * scale + 0.5) as u16)
        .collect()
}
