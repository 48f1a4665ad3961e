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
    Some(observed(&observation, clip_time, reference))
}

/// How a frame on the lattice correlates with the reference.
pub(super) fn observed(observation: &Observation, clip_time: f64, reference: &Reference) -> Curve {
    let part = Partial::new(observation);
    Curve {
        clip_time,
        correlations: reference.correlations(&part),
        seen: part.seen,
        values: part.values,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (256, 144);

    /// What a white bar with dark marks covers that stands in the upper half of pictures that change, in samples.
    fn bar() -> Overlay {
        let pictures: Vec<Grey> = (0..8)
            .map(|step| {
                let noise = |x: usize, y: usize| {
                    let seed = (x + 256 * (y + 144 * step)) as u32;
                    (seed.wrapping_mul(2_654_435_761) >> 24) as f32
                };
                let level = |x: usize, y: usize| match ((24..48).contains(&y), x & 4) {
                    (false, _) => noise(x, y),
                    (true, 0) => 20.0,
                    (true, _) => 235.0,
                };
                let places = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)));
                let samples = places.map(|(x, y)| level(x, y)).collect();
                Grey::new(SIZE.0, SIZE.1, samples).expect("a picture")
            })
            .collect();
        Overlay::find(&pictures.iter().collect::<Vec<_>>()).expect("a bar")
    }

    fn covered_rows(map: &Homography) -> Vec<usize> {
        let lattice = LatticeGeometry::for_picture(1280, 720).expect("a supported size");
        let overlay = bar();
        let area = (SIZE.0 as f64, SIZE.1 as f64);
        let mut rows: Vec<usize> = (0..lattice.blocks())
            .filter(|&block| covered(&overlay, block as u32, lattice, (map, SIZE, area)))
            .map(|block| block / lattice.cols())
            .collect();
        rows.dedup();
        rows
    }

    #[test]
    fn blocks_under_an_overlay_are_covered_wherever_the_map_puts_them() {
        // Twelve rows of blocks of twelve samples each; the bar lies on the third and the fourth, and its rim on their
        // neighbours.
        let same = Homography::scaling(1.0, 1.0).expect("a map");
        let rows = covered_rows(&same);
        assert!([2, 3].iter().all(|row| rows.contains(row)), "{rows:?}");
        assert!(rows.iter().all(|row| (1..=4).contains(row)), "{rows:?}");
        // Shifted down by half a picture none of it, shifted up its lower half lies under the bar.
        let lower = Homography::affine([1.0, 0.0, 0.0, 0.0, 1.0, 72.0]).expect("a map");
        assert_eq!(covered_rows(&lower), Vec::<usize>::new());
        let higher = Homography::affine([1.0, 0.0, 0.0, 0.0, 1.0, -72.0]).expect("a map");
        let rows = covered_rows(&higher);
        assert!([8, 9].iter().all(|row| rows.contains(row)), "{rows:?}");
        assert!(rows.iter().all(|row| (7..=10).contains(row)), "{rows:?}");
    }
}
