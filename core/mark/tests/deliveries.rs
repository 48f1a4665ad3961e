//! Many deliveries of one title, each marked as if it were the only one.

use countermark_mark::DeliveryCode;
use countermark_mark::FormatSpec;
use countermark_mark::Payload;
use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use countermark_mark::{Embedder, FrameReport, HostAnalysis, Strength, TitleMark};
use countermark_picture::{AnyPlaneMut, BitDepth, PlaneGeometry, PlaneViewMut};
use sha2::{Digest as _, Sha256};

/// Frames a second.
const RATE: f64 = 25.0;

/// Two samples in a second, a cut and three borders of epochs.
const FRAMES: usize = 44;

/// The frame at which another shot begins.
const CUT: usize = 29;

const PAYLOADS: [u64; 4] = [1, 0x0123_4567_89ab_cdef, 0xfeed_f00d_dead_beef, u64::MAX];

/// A title whose pictures are made up: what moves, what is dark, how deep the samples are.
#[derive(Clone, Copy, Debug)]
struct Title {
    size: (usize, usize),
    /// Samples between the rows that are never shown.
    padding: usize,
    /// Rows of black at the top and at the bottom.
    bars: usize,
    bit_depth: BitDepth,
    strength: f32,
}

const LANDSCAPE: Title = Title {
    size: (480, 270),
    padding: 24,
    bars: 0,
    bit_depth: BitDepth::EIGHT,
    strength: 1.0,
};

const PORTRAIT: Title = Title {
    size: (178, 316),
    padding: 0,
    bars: 0,
    bit_depth: BitDepth::TEN,
    strength: 0.5,
};

const LETTERBOXED: Title = Title {
    size: (400, 300),
    padding: 1,
    bars: 42,
    bit_depth: BitDepth::EIGHT,
    strength: 1.7,
};

impl Title {
    /// The samples of a frame, in codes of 8 bits and a fraction, row by row with their padding.
    fn frame(&self, number: usize) -> Vec<u16> {
        let (width, height) = self.size;
        let shot = usize::from(number >= CUT);
        let depth = self.bit_depth.codes_per_8bit_code() as usize;
        let sample = |x: usize, y: usize| -> usize {
            if x >= width {
                return 255;
            }
            if y < self.bars || y >= height - self.bars {
                return 16 * depth;
            }
            let (x, y) = (x + number * (1 + 2 * shot), y + number * shot / 2);
            let patch = (x / 41 * 7919 + y / 29 * 104_729 + shot * 31) as u32;
            let patch = (patch.wrapping_mul(2_654_435_761) >> 16) as usize % 90;
            let texture = (x * 7 + y * 3) % 29 + (x * y / 97) % 17;
            (depth * (28 + 40 * shot) + depth * patch + depth * texture + (x * 5 + y) % depth)
                .min(256 * depth - 1)
        };
        (0..height)
            .flat_map(|y| (0..width + self.padding).map(move |x| sample(x, y) as u16))
            .collect()
    }

    fn geometry(&self) -> PlaneGeometry {
        let (width, height) = self.size;
        PlaneGeometry::new(width, height, width + self.padding).expect("a valid size")
    }

    fn strength(&self) -> Strength {
        Strength::new(self.strength).expect("a valid strength")
    }

    fn time(number: usize) -> f64 {
        number as f64 / RATE
    }
}

fn keys() -> (CarrierKey, ScopedPayloadKey) {
    (
        CarrierKey::from_bytes([21; 32]),
        ScopedPayloadKey::from_bytes([22; 32]),
    )
}

/// Hashes frames and what was reported of them.
#[derive(Default)]
struct Digest(Sha256);

impl Digest {
    fn push(&mut self, samples: &[u16], report: FrameReport) {
        let bytes: Vec<u8> = samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        self.0.update(bytes);
        self.0.update(report.squared_change.to_le_bytes());
        self.0.update(report.amplitude.to_bits().to_le_bytes());
    }

    /// The first eight bytes.
    fn word(self) -> u64 {
        let digest = self.0.finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |word, byte| word << 8 | u64::from(*byte))
    }
}

impl Title {
    /// Does something with a frame in the title's own sample type.
    fn with_plane<R>(&self, samples: &mut [u16], act: impl FnOnce(AnyPlaneMut<'_>) -> R) -> R {
        let (geometry, depth) = (self.geometry(), self.bit_depth);
        if depth == BitDepth::EIGHT {
            let mut bytes: Vec<u8> = samples.iter().map(|sample| *sample as u8).collect();
            let plane = PlaneViewMut::new(&mut bytes, geometry, depth).expect("a whole plane");
            let result = act(AnyPlaneMut::U8(plane));
            for (sample, byte) in samples.iter_mut().zip(bytes) {
                *sample = u16::from(byte);
            }
            result
        } else {
            let plane = PlaneViewMut::new(samples, geometry, depth).expect("a whole plane");
            act(AnyPlaneMut::U16(plane))
        }
    }
}

/// Marks each delivery with an embedder of its own.
fn marked_alone(title: &Title, payload: u64) -> u64 {
    let (carrier, scoped) = keys();
    let payload = Payload::new(payload);
    let mut embedder = Embedder::new(&carrier, &scoped, payload, title.size, title.strength())
        .expect("a supported size");
    let mut digest = Digest::default();
    for number in 0..FRAMES {
        let mut samples = title.frame(number);
        let time = Title::time(number);
        let mark = |mut plane: AnyPlaneMut<'_>| embedder.mark_plane(&mut plane, time);
        let report = title.with_plane(&mut samples, mark);
        digest.push(&samples, report);
    }
    digest.word()
}

/// Looks at every picture once and marks all deliveries with that.
fn marked_together(title: &Title) -> [u64; 4] {
    let (carrier, scoped) = keys();
    let mark =
        TitleMark::new(&carrier, title.size, &FormatSpec::CURRENT).expect("a supported size");
    let mut analyser = mark.analyser();
    let mut analysis = HostAnalysis::default();
    let mut deliveries = PAYLOADS.map(|payload| {
        let code = DeliveryCode::new(&scoped, Payload::new(payload));
        (mark.delivery(code, title.strength()), Digest::default())
    });
    for number in 0..FRAMES {
        let mut host = title.frame(number);
        title.with_plane(&mut host, |plane| {
            analyser.analyse_plane(&plane.as_plane(), Title::time(number), &mut analysis);
        });
        for (delivery, digest) in &mut deliveries {
            let mut samples = host.clone();
            let mark = |mut plane: AnyPlaneMut<'_>| delivery.mark_plane(&analysis, &mut plane);
            let report = title.with_plane(&mut samples, mark);
            digest.push(&samples, report);
        }
    }
    deliveries.map(|(_, digest)| digest.word())
}

/// Recorded with the embedder that looked at every picture once for each delivery.
#[test]
fn deliveries_have_the_bits_of_single_embedders() {
    for (title, golden) in [
        (
            LANDSCAPE,
            [
                0xdeb6_2a4f_268c_eafa,
                0xf30a_9f97_57d1_139a,
                0x6753_f1ce_c064_cd98,
                0x04c1_6aa2_47fe_062b,
            ],
        ),
        (
            PORTRAIT,
            [
                0xbf07_52dd_feed_29b4,
                0x2822_95a2_2a52_8453,
                0x88b1_c1ce_903e_88d9,
                0xb407_6e4f_0fe2_721f,
            ],
        ),
        (
            LETTERBOXED,
            [
                0xd873_2316_8f9a_ff99,
                0xfe6e_2ae1_9fb2_7139,
                0x1522_bffe_433c_2675,
                0x9001_a8a0_c83c_fffb,
            ],
        ),
    ] {
        let alone = PAYLOADS.map(|payload| marked_alone(&title, payload));
        assert_eq!(alone, golden, "alone: {title:?}");
        assert_eq!(
            marked_together(&title),
            golden,
            "with one analysis: {title:?}"
        );
    }
}
