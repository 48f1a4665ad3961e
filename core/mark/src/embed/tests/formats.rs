//! Deliveries of several formats in one title.

use super::*;
use crate::bound::NormalisedScore;
use crate::residual::Registered;

/// A format of nobody's: each of its numbers is another.
const OTHER: FormatSpec = FormatSpec {
    version: 1000,
    epoch_seconds: 0.4,
    crossfade: 0.2,
    short_side_blocks: 10,
    highest_diagonal: 5,
    amplitudes: [
        0.0, 1.5, 1.25, 1.0, 0.9, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ],
    sync_chip_share: 6,
    ..FormatSpec::v2()
};

/// Two seconds.
const FRAMES: usize = 24;

/// The marked frames of a delivery.
fn delivered(format: &FormatSpec, payload: u64) -> Vec<Vec<u8>> {
    let mut embedder = embedder_of(format, CpuLevel::probe(), payload);
    (0..FRAMES)
        .map(|number| mark_scene(&mut embedder, number, 0).0)
        .collect()
}

/// What a detector that follows `format` finds in frames: the payload it reads, its score, and the score of a delivery.
fn read(
    format: &FormatSpec,
    frames: &[Vec<u8>],
    delivery: u64,
) -> (Payload, NormalisedScore, NormalisedScore) {
    let lattice = format.lattice(SIZE.0, SIZE.1).expect("a supported size");
    let mut sampler =
        Sampler::new(SIZE, Placement::Whole, lattice, CpuLevel::probe()).expect("inside");
    let mut observe_all = |frames: &[Vec<u8>]| -> Vec<Observation> {
        let frames = frames.iter().enumerate();
        frames
            .map(|(n, samples)| observe(samples, &mut sampler, n as f64 / RATE))
            .collect()
    };
    let clip = observe_all(frames);
    let master: Vec<_> = (0..FRAMES).map(|number| scene(number, 0)).collect();
    let reference = observe_all(&master);
    let pairs: Vec<_> = clip
        .iter()
        .zip(&reference)
        .map(|(clip, reference)| Registered { clip, reference })
        .collect();
    let (carrier, scoped) = keys();
    let plan = ChipPlan::new(&carrier, lattice, format);
    let residuals = Residuals::with_reference(lattice, &pairs);
    let soft = SoftValues::new(&residuals, format, Trust::Reference);
    let shift = search(&plan, &soft, -4..=4, 1).best[0];
    let evidence = Evidence::collect(&plan, &soft, shift.bins);
    let found = evidence
        .decode(&scoped, &mut ListDecoder::new(LIST))
        .expect("a candidate");
    let score = evidence.score(&scoped.delivery(Payload::new(delivery)));
    (found.payload, found.score, score)
}

#[test]
fn each_delivery_of_a_title_is_read_by_its_own_format() {
    let formats = [FormatSpec::v1(), FormatSpec::v2(), OTHER];
    let payloads = [
        0x0101_dead_beef_0001,
        0x0202_dead_beef_0002,
        0x0303_dead_beef_0003,
    ];
    let copies: Vec<_> = (formats.iter().zip(payloads))
        .map(|(format, payload)| delivered(format, payload))
        .collect();
    let hypotheses = Hypotheses::ONE.times(LIST as u64);
    for (copy, &payload) in copies.iter().zip(&payloads) {
        for (format, &other) in formats.iter().zip(&payloads) {
            let (found, own, score) = read(format, copy, other);
            if other == payload {
                assert_eq!(found, Payload::new(payload), "format {}", format.version());
                assert!(own.log10_p(hypotheses) < ACCUSATION_LOG10_P, "{own:?}");
                assert_eq!(score, own, "the same decision, open and closed");
            } else {
                // Another delivery is not accused, whatever its format.
                assert!(score.value().abs() < 5.0, "{score:?}");
            }
        }
    }
}

#[test]
fn formats_with_other_numbers_do_not_read_each_other() {
    let payload = 0x0303_dead_beef_0003;
    for (written, read_as) in [(OTHER, FormatSpec::v2()), (FormatSpec::v2(), OTHER)] {
        let (_, _, score) = read(&read_as, &delivered(&written, payload), payload);
        assert!(score.value().abs() < 5.0, "{score:?}");
    }
}

#[test]
#[should_panic(expected = "one format")]
fn soft_values_of_another_format_are_refused() {
    let (carrier, _) = keys();
    let lattice = FormatSpec::v1()
        .lattice(SIZE.0, SIZE.1)
        .expect("a supported size");
    let plan = ChipPlan::new(&carrier, lattice, &FormatSpec::v1());
    let soft = SoftValues::of_bins(&FormatSpec::v2(), []);
    let _ = search(&plan, &soft, 0..=1, 1);
}
