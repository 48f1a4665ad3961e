use super::*;
use crate::bound::Hypotheses;
use crate::chips::{ChipPlan, DeliveryCode};
use crate::code::polar::ListDecoder;
use crate::evidence::{ACCUSATION_LOG10_P, Evidence, LIST};
use crate::format::FormatSpec;
use crate::key::{CarrierKey, ScopedPayloadKey};
use crate::lattice::cpu::CpuLevel;
use crate::light::Transfer;
use crate::observe::{Observation, Placement, Sampler};
use crate::payload::Payload;
use crate::residual::Residuals;
use crate::soft::{BINS_PER_EPOCH, SoftValues, Trust, bin_seconds};
use crate::sync::search;
use countermark_picture::{AnyPlaneMut, BitDepth, PlaneGeometry, PlaneView, PlaneViewMut};
use sha2::{Digest as _, Sha256};

const SIZE: (usize, usize) = (640, 360);
const RATE: f64 = 12.0;

fn keys() -> (CarrierKey, ScopedPayloadKey) {
    (
        CarrierKey::from_bytes([7; 32]),
        ScopedPayloadKey::from_bytes([9; 32]),
    )
}

/// A textured scene that drifts slowly, in code values of 8 bits, between black bars of that many rows.
fn scene(number: usize, bars: usize) -> Vec<u8> {
    let (width, height) = SIZE;
    let wave = |x: usize, period: usize| {
        let phase = (x % period) as i32 - period as i32 / 2;
        phase.abs() * 60 / period as i32
    };
    let sample = |x: usize, y: usize| {
        if y < bars || y >= height - bars {
            return 16;
        }
        let x = x + number / 3;
        (60 + wave(x + y, 93)
            + wave(x, 37)
            + wave(y * 2 + x / 3, 61)
            + (x * 31 + y * 17) as i32 % 5) as u8
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| sample(x, y)))
        .collect()
}

fn embedder(level: CpuLevel, payload: u64) -> Embedder {
    embedder_of(&FormatSpec::CURRENT, level, payload)
}

fn embedder_of(format: &FormatSpec, level: CpuLevel, payload: u64) -> Embedder {
    let (carrier, scoped) = keys();
    let payload = Payload::new(payload);
    let code = DeliveryCode::new(&scoped, payload);
    let title = TitleMark::at_level(&carrier, SIZE, format, level).expect("a supported size");
    Embedder::of_title(&title, code, Strength::DEFAULT)
}

fn mark_scene(embedder: &mut Embedder, number: usize, bars: usize) -> (Vec<u8>, FrameReport) {
    let mut samples = scene(number, bars);
    let geometry = PlaneGeometry::packed(SIZE.0, SIZE.1).expect("a valid size");
    let mut plane = PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("whole");
    let report = embedder.mark(&mut plane, number as f64 / RATE);
    (samples, report)
}

fn observe(samples: &[u8], sampler: &mut Sampler, media_time: f64) -> Observation {
    let geometry = PlaneGeometry::packed(SIZE.0, SIZE.1).expect("a valid size");
    let plane = PlaneView::new(samples, geometry, BitDepth::EIGHT).expect("whole");
    sampler.observe(&plane, media_time).expect("a whole frame")
}

fn sampler(embedder: &Embedder) -> Sampler {
    Sampler::new(
        SIZE,
        Placement::Whole,
        embedder.lattice(),
        CpuLevel::probe(),
    )
    .expect("inside")
}

#[test]
fn a_marked_clip_cut_at_an_unknown_time_yields_its_payload_blind() {
    let payload = 0x0123_4567_89ab_cdef;
    let mut embedder = embedder(CpuLevel::probe(), payload);
    let mut sampler = sampler(&embedder);
    let first = 31;
    let clip: Vec<_> = (0..first + 48)
        .map(|number| mark_scene(&mut embedder, number, 0).0)
        .skip(first)
        .enumerate()
        .map(|(i, samples)| observe(&samples, &mut sampler, i as f64 / RATE))
        .collect();
    let (carrier, scoped) = keys();
    let plan = ChipPlan::new(&carrier, embedder.lattice(), &FormatSpec::CURRENT);
    let soft = SoftValues::new(
        &Residuals::blind(embedder.lattice(), &clip),
        &FormatSpec::CURRENT,
        Trust::Blind,
    );
    let found = search(&plan, &soft, 0..=2000, 3);
    let wanted = (first as f64 / RATE / bin_seconds(&FormatSpec::CURRENT)).round() as i64;
    assert!(
        found.best[0].bins.abs_diff(wanted) <= 1,
        "{:?}, wanted {wanted}",
        found.best
    );
    assert_eq!(found.tried, 2001);

    let evidence = Evidence::collect(&plan, &soft, found.best[0].bins);
    let finding = evidence
        .decode(&scoped, &mut ListDecoder::new(LIST))
        .expect("a candidate");
    assert_eq!(finding.payload, Payload::new(payload));
    assert!(finding.score.log10_p(Hypotheses::ONE.times(1 << 20)) < ACCUSATION_LOG10_P);
    assert!(evidence.coded_bit_error(&scoped, finding.payload) < 0.2);

    let sibling = scoped.delivery(Payload::new(payload ^ 1));
    assert!(
        evidence.score(&sibling).value().abs() < 5.0,
        "a sibling is not accused"
    );
    let stranger = ScopedPayloadKey::from_bytes([10; 32]);
    let wrong = evidence
        .decode(&stranger, &mut ListDecoder::new(LIST))
        .expect("a candidate");
    assert!(wrong.score.log10_p(Hypotheses::ONE.times(LIST as u64)) > ACCUSATION_LOG10_P);
}

#[test]
fn shifts_kept_by_the_search_lie_an_epoch_apart() {
    let mut embedder = embedder(CpuLevel::probe(), 5);
    let mut sampler = sampler(&embedder);
    let clip: Vec<_> = (0..24)
        .map(|n| {
            observe(
                &mark_scene(&mut embedder, n, 0).0,
                &mut sampler,
                n as f64 / RATE,
            )
        })
        .collect();
    let plan = ChipPlan::new(&keys().0, embedder.lattice(), &FormatSpec::CURRENT);
    let soft = SoftValues::new(
        &Residuals::blind(embedder.lattice(), &clip),
        &FormatSpec::CURRENT,
        Trust::Blind,
    );
    let best = search(&plan, &soft, -8..=400, 5).best;
    assert_eq!(best.len(), 5);
    for (i, shift) in best.iter().enumerate() {
        assert!(
            best[..i]
                .iter()
                .all(|o| o.bins.abs_diff(shift.bins) >= BINS_PER_EPOCH)
        );
    }
}

#[test]
fn black_bars_keep_their_samples() {
    let mut embedder = embedder(CpuLevel::probe(), 1);
    let (marked, report) = mark_scene(&mut embedder, 0, 60);
    let bar = 60 * SIZE.0;
    assert!(
        marked[..bar]
            .iter()
            .chain(&marked[marked.len() - bar..])
            .all(|s| *s == 16)
    );
    assert!(report.squared_change > 0);
}

#[test]
fn a_black_frame_is_left_alone() {
    let mut embedder = embedder(CpuLevel::probe(), 1);
    let (marked, report) = mark_scene(&mut embedder, 0, 180);
    assert!(marked.iter().all(|sample| *sample == 16));
    assert_eq!(report.squared_change, 0);
}

#[test]
fn the_report_counts_the_change_that_was_made() {
    let mut embedder = embedder(CpuLevel::probe(), 1);
    for number in 0..15 {
        let (marked, report) = mark_scene(&mut embedder, number, 0);
        let squared = |(a, b): (&u8, &u8)| u64::from(a.abs_diff(*b)).pow(2);
        let change: u64 = marked.iter().zip(&scene(number, 0)).map(squared).sum();
        assert_eq!(report.squared_change, change, "frame {number}");
    }
}

/// The bits of format 1 as its last commit pinned them, then those of format 2. A change here is a change of the format:
/// make a new one and say so in the change log.
#[test]
fn every_cpu_level_writes_the_bits_of_the_formats() {
    let formats = [
        (FormatSpec::v1(), 0x4231_be7d_efcd_36f8),
        (FormatSpec::v2(), 0x2da8_1c7b_df82_eaf1),
    ];
    for (level, (format, expected)) in CpuLevel::available()
        .into_iter()
        .flat_map(|level| formats.map(|format| (level, format)))
    {
        let mut embedder = embedder_of(&format, level, 0xfeed_f00d);
        let mut hash = Sha256::new();
        for number in 0..14 {
            hash.update(mark_scene(&mut embedder, number, 0).0);
        }
        let digest = hash.finalize();
        let first = digest
            .iter()
            .take(8)
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        assert_eq!(first, expected, "format {} {level:?}", format.version());
    }
}

#[test]
fn ten_bits_change_as_eight_bits_do() {
    let geometry = PlaneGeometry::packed(SIZE.0, SIZE.1).expect("a valid size");
    let mut deep: Vec<u16> = scene(0, 0).into_iter().map(|s| u16::from(s) * 4).collect();
    let depth = BitDepth::TEN;
    let mut plane = PlaneViewMut::new(&mut deep, geometry, depth).expect("whole");
    let ten = embedder(CpuLevel::probe(), 3).mark(&mut plane, 0.0);
    let (_, eight) = mark_scene(&mut embedder(CpuLevel::probe(), 3), 0, 0);
    let ratio = ten.amplitude / eight.amplitude;
    assert!((0.9..1.2).contains(&ratio), "{ratio}");
    // Finer steps spend less on rounding.
    assert!(ten.squared_change < 17 * eight.squared_change);
}

#[test]
fn a_sky_in_pq_is_changed_as_much_in_light_and_not_in_code_values() {
    let (carrier, scoped) = keys();
    let title = TitleMark::new(&carrier, SIZE, &FormatSpec::CURRENT).expect("a supported size");
    let change = |transfer: Transfer| {
        let code = DeliveryCode::new(&scoped, Payload::new(7));
        let mut delivery = title.delivery(code, Strength::DEFAULT);
        let mut analyser = title.analyser().in_light(transfer);
        let mut analysis = HostAnalysis::default();
        let changes = (0..12_u32).map(|number| {
            let mut sky: Vec<u16> = (0..SIZE.0 * SIZE.1)
                .map(|at| 580 + (at % SIZE.0 * 40 / SIZE.0) as u16)
                .collect();
            let geometry = PlaneGeometry::packed(SIZE.0, SIZE.1).expect("a size");
            let plane = PlaneViewMut::new(&mut sky, geometry, BitDepth::TEN).expect("a plane");
            let mut plane = AnyPlaneMut::U16(plane);
            analyser.analyse_plane(&plane.as_plane(), f64::from(number) / RATE, &mut analysis);
            delivery.mark_plane(&analysis, &mut plane).squared_change as f64
        });
        changes.sum::<f64>().sqrt()
    };
    let [standard, pq, hlg] = [Transfer::Standard, Transfer::Pq, Transfer::Hlg].map(change);
    // 600 of ten bits is 150 of eight: some 200 cd/m^2 in PQ, 100 in HLG.
    assert!((2.5..5.0).contains(&(standard / pq)), "{standard} {pq}");
    assert!((1.4..1.8).contains(&(standard / hlg)), "{standard} {hlg}");
}

#[test]
fn strength_is_checked() {
    for value in [0.0, -1.0, f32::NAN, 4.1] {
        assert!(Strength::new(value).is_err(), "{value}");
    }
    assert_eq!(Strength::new(0.5).map(Strength::value), Ok(0.5));
}

#[test]
fn pictures_without_a_lattice_are_refused() {
    let (carrier, scoped) = keys();
    for size in [(100, 100), (0, 720), (20_000, 720)] {
        let made = Embedder::new(&carrier, &scoped, Payload::new(1), size, Strength::DEFAULT);
        assert!(made.is_err(), "{size:?}");
    }
}

mod formats;
