use std::collections::BTreeSet;

use crate::blind::correlate::{Correlator, Quarters};
use crate::blind::hypothesis::{Peak, TransformHypothesis};
use crate::blind::pose::LatticePose;
use crate::blind::refine::refined;
use crate::blind::search_grid::SearchSpace;
use crate::blind::speeds::SpeedSearch;
use crate::blind::stack::FrameStack;
use crate::blind::whitened::WhitenedResiduals;
use crate::chips::ChipPlan;
use crate::code::polar::ListDecoder;
use crate::embed::{Embedder, Strength};
use crate::evidence::{ACCUSATION_LOG10_P, Evidence, LIST, open_hypotheses};
use crate::format::FormatSpec;
use crate::key::{CarrierKey, ScopedPayloadKey};
use crate::payload::Payload;
use crate::sync::search;
use countermark_picture::Orientation;
use countermark_picture::{BitDepth, PlaneGeometry, PlaneView, PlaneViewMut};

const PICTURE: (usize, usize) = (480, 360);
const RATE: usize = 12;

/// Patches that stand still under a texture that drifts.
fn picture(n: usize) -> Vec<u8> {
    let patch = |x: usize, y: usize, size: usize| {
        let place = (x / size * 7919 + y / size * 104_729 + size) as u32;
        (place.wrapping_mul(2_654_435_761) >> 16) as usize % 60
    };
    let sample = |x: usize, y: usize| {
        (50 + patch(x, y, 37) + patch(x, y, 13) + ((x + n) * 3 + y * 5) % 31) as u8
    };
    (0..PICTURE.1)
        .flat_map(|y| (0..PICTURE.0).map(move |x| sample(x, y)))
        .collect()
}

/// The frames of a marked copy.
fn copy(carrier: &CarrierKey, scoped: &ScopedPayloadKey, payload: Payload) -> Vec<Vec<u8>> {
    let mut embedder = Embedder::new(carrier, scoped, payload, PICTURE, Strength::DEFAULT)
        .expect("a supported size");
    let geometry = PlaneGeometry::packed(PICTURE.0, PICTURE.1).expect("a valid size");
    (0..4 * RATE)
        .map(|n| {
            let mut samples = picture(n);
            let mut plane =
                PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("a plane");
            embedder.mark(&mut plane, 1.0 + n as f64 / RATE as f64);
            samples
        })
        .collect()
}

/// The residuals of a part of every frame.
fn residuals(frames: &[Vec<u8>], [x, y, width, height]: [usize; 4]) -> WhitenedResiduals {
    let mut stack = FrameStack::new((width, height));
    let geometry = PlaneGeometry::new(width, height, PICTURE.0).expect("a valid size");
    for (n, frame) in frames.iter().enumerate() {
        let part = &frame[y * PICTURE.0 + x..];
        let view = PlaneView::new(part, geometry, BitDepth::EIGHT).expect("a plane");
        stack.push(&view, n as f64 / RATE as f64);
    }
    WhitenedResiduals::new(&stack)
}

#[test]
fn a_part_is_found_where_it_lies_and_yields_its_payload() {
    const PART: [usize; 4] = [70, 50, 360, 270];
    let carrier = CarrierKey::from_bytes([3; 32]);
    let scoped = ScopedPayloadKey::from_bytes([4; 32]);
    let payload = Payload::new(0xc0ff_ee00_1234_5678);
    let lattice = FormatSpec::CURRENT
        .lattice(PICTURE.0, PICTURE.1)
        .expect("a supported size");
    let plan = ChipPlan::new(&carrier, lattice, &FormatSpec::CURRENT);
    let residuals = residuals(&copy(&carrier, &scoped, payload), PART);

    let space = SearchSpace {
        lattice,
        picture: (480.0, 360.0),
        frame: (360.0, 270.0),
        quarters: 0,
    };
    let [crops, ..] = &space.stages()[..] else {
        panic!("stages");
    };
    let correlator = Correlator::new(&plan, crops.step, crops.largest, 0..12);
    let mut quarters = Quarters::new(&residuals, &FormatSpec::CURRENT);
    let near_native = |hypothesis: &&TransformHypothesis| {
        let [along, _, _, down] = hypothesis.linear;
        (along / 480.0 * lattice.width() as f64 - 1.0).abs() < 0.05 && down > 0.0
    };
    let mut peaks: Vec<Peak> = Vec::new();
    for hypothesis in crops.hypotheses.iter().filter(near_native) {
        peaks.extend(correlator.peaks(&mut quarters, *hypothesis, -2..20, 2));
    }
    let best = peaks
        .iter()
        .max_by(|a, b| a.score.total_cmp(&b.score))
        .expect("a peak");
    assert!(best.score > 9.0, "{best:?}");
    assert_eq!(best.start, 4, "the copy begins at one second");

    let pose = refined(&residuals, &plan, best);
    let orientation = Orientation {
        quarters: 0,
        mirrored: false,
    };
    let truth = LatticePose::of_corners(lattice, orientation.corners([-70.0, -50.0, 480.0, 360.0]));
    for (found, expected) in pose.corners().iter().zip(truth.corners()) {
        // A quarter of a lattice sample, of 3.75 samples of the frame; the corners lie outside the part.
        let apart = (found.0 - expected.0)
            .abs()
            .max((found.1 - expected.1).abs());
        assert!(apart < 2.0, "{found:?} for {expected:?}");
    }

    let soft = residuals
        .chips(&pose, &FormatSpec::CURRENT)
        .soft_values(1.0);
    let shift = search(&plan, &soft, 0..=40, 1).best[0];
    assert!((shift.bins - 16).abs() <= 1, "{shift:?}");
    let evidence = Evidence::collect(&plan, &soft, shift.bins);
    let found = evidence
        .decode(&scoped, &mut ListDecoder::new(LIST))
        .expect("a candidate");
    assert_eq!(found.payload, payload);
    assert!(found.score.log10_p(open_hypotheses(1, 1)) < ACCUSATION_LOG10_P);
}

#[test]
fn the_best_of_a_coarse_grid_lead_to_the_peak_of_the_fine_one() {
    const KEPT: usize = 32;
    let carrier = CarrierKey::from_bytes([3; 32]);
    let scoped = ScopedPayloadKey::from_bytes([4; 32]);
    let lattice = FormatSpec::CURRENT
        .lattice(PICTURE.0, PICTURE.1)
        .expect("a supported size");
    let plan = ChipPlan::new(&carrier, lattice, &FormatSpec::CURRENT);
    let frames = copy(&carrier, &scoped, Payload::new(7));
    let residuals = residuals(&frames, [70, 50, 360, 270]);
    let space = SearchSpace {
        lattice,
        picture: (480.0, 360.0),
        frame: (360.0, 270.0),
        quarters: 0,
    };
    let [crops, ..] = &space.stages()[..] else {
        panic!("stages");
    };
    let coarse = crops.coarse.as_ref().expect("a coarse grid of crops");
    let mut quarters = Quarters::new(&residuals, &FormatSpec::CURRENT);
    // Two minutes of a title, and shares within a tenth of the true one.
    let correlator = Correlator::new(&plan, coarse.step, crops.largest, 0..240);
    let native = 480.0 / lattice.width() as f64;
    let mut candidates: Vec<(Peak, usize)> = Vec::new();
    for (at, member) in coarse.members.iter().enumerate() {
        if (member.hypothesis.linear[0].abs() / native - 1.0).abs() < 0.1 {
            let peaks = correlator.peaks(&mut quarters, member.hypothesis, -4..480, KEPT);
            candidates.extend(peaks.into_iter().map(|peak| (peak, at)));
        }
    }
    candidates.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    candidates.truncate(KEPT);
    let starts: BTreeSet<i64> = candidates.iter().map(|(peak, _)| peak.start).collect();
    let near = candidates
        .iter()
        .flat_map(|(_, at)| &coarse.members[*at].near);
    let near: BTreeSet<usize> = near.copied().collect();
    // Only what those starts can show is transformed on the fine grid.
    let shown =
        |start: &i64| (start.div_euclid(2).max(0) as u64)..(start.div_euclid(2) + 10) as u64;
    let epochs: BTreeSet<u64> = starts.iter().flat_map(shown).collect();
    assert!(epochs.len() < 240);
    let fine = Correlator::new(&plan, crops.step, crops.largest, epochs);
    let peaks = near.iter().flat_map(|&at| {
        let hypothesis = crops.hypotheses[at];
        fine.peaks(&mut quarters, hypothesis, starts.iter().copied(), 1)
    });
    let best = peaks.max_by(|a, b| a.score.total_cmp(&b.score));
    let best = best.expect("a peak");
    assert!(best.score > 9.0 && best.start == 4, "{best:?}");
    assert!(best.score > candidates[0].0.score, "{:?}", candidates[0]);
}

#[test]
fn all_speeds_are_scored_as_their_soft_values_are() {
    let carrier = CarrierKey::from_bytes([3; 32]);
    let scoped = ScopedPayloadKey::from_bytes([4; 32]);
    let lattice = FormatSpec::CURRENT
        .lattice(PICTURE.0, PICTURE.1)
        .expect("a supported size");
    let plan = ChipPlan::new(&carrier, lattice, &FormatSpec::CURRENT);
    let frames = copy(&carrier, &scoped, Payload::new(7));
    let residuals = residuals(&frames, [0, 0, PICTURE.0, PICTURE.1]);
    let orientation = Orientation {
        quarters: 0,
        mirrored: false,
    };
    let whole = [0.0, 0.0, PICTURE.0 as f64, PICTURE.1 as f64];
    let pose = LatticePose::of_corners(lattice, orientation.corners(whole));
    let chips = residuals.chips(&pose, &FormatSpec::CURRENT);
    let mut speeds = SpeedSearch::new(&plan, &chips);
    // The second and third need epochs that the first has not asked for; the last lays two windows into one bin.
    for (speed, range) in [
        (1.0, 0..=40),
        (1.1, -30..=90),
        (0.8, 60..=70),
        (0.3, -9..=30),
    ] {
        let found = speeds.at(speed, range.clone(), 3);
        let expected = search(&plan, &chips.soft_values(speed), range, 3);
        assert_eq!(found.tried, expected.tried);
        for (found, expected) in found.best.iter().zip(&expected.best) {
            let apart = found.score.value() - expected.score.value();
            assert!(apart.abs() < 1e-3, "{speed}: {found:?} for {expected:?}");
        }
    }
    let best = speeds.at(1.0, 0..=40, 1).best[0];
    assert!(
        (best.bins - 16).abs() <= 1 && best.score.value() > 9.0,
        "{best:?}"
    );
}

#[test]
fn another_key_finds_no_peak() {
    let scoped = ScopedPayloadKey::from_bytes([4; 32]);
    let frames = copy(&CarrierKey::from_bytes([3; 32]), &scoped, Payload::new(1));
    let lattice = FormatSpec::CURRENT
        .lattice(PICTURE.0, PICTURE.1)
        .expect("a supported size");
    let plan = ChipPlan::new(
        &CarrierKey::from_bytes([5; 32]),
        lattice,
        &FormatSpec::CURRENT,
    );
    let residuals = residuals(&frames, [0, 0, 480, 360]);
    let correlator = Correlator::new(&plan, 2, (0.0, 0.0), 0..12);
    let hypothesis = TransformHypothesis {
        linear: [
            480.0 / lattice.width() as f64,
            0.0,
            0.0,
            360.0 / lattice.height() as f64,
        ],
        speed: 1.0,
    };
    let peaks = correlator.peaks(
        &mut Quarters::new(&residuals, &FormatSpec::CURRENT),
        hypothesis,
        -4..24,
        1,
    );
    // Under the null a value exceeds 7 once in 10^11.
    assert!(peaks[0].score < 7.0, "{:?}", peaks[0]);
}

#[test]
fn what_stands_still_is_cancelled() {
    let still = |n: usize| -> Vec<u8> { picture(0).iter().map(|&x| x + (n % 2) as u8).collect() };
    let frames: Vec<_> = (0..24).map(still).collect();
    let residuals = residuals(&frames, [0, 0, 480, 360]);
    let middle = &residuals.windows[residuals.windows.len() / 2];
    let most = middle
        .plane
        .iter()
        .fold(0.0_f32, |most, r| most.max(r.abs()));
    // The detail is some thirty code values: what is left of it must lie below one, divided by 0.5^(3/4).
    assert!(most < 1.5, "{most}");
}
