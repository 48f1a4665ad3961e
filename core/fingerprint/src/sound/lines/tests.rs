use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::*;

fn uniform(random: &mut ChaCha20Rng) -> f64 {
    f64::from(random.next_u32()) / 2_f64.powi(32)
}

/// Hits anywhere in `query` seconds of the one and `reference` seconds of the other.
fn chance(random: &mut ChaCha20Rng, hits: usize, query: f64, reference: f64) -> Vec<SoundHit> {
    (0..hits)
        .map(|_| SoundHit {
            query: query * uniform(random),
            reference: reference * uniform(random),
        })
        .collect()
}

/// `a_second` hits a second on a line, up to 10 ms beside it.
fn on_line(
    random: &mut ChaCha20Rng,
    line: (f64, f64),
    query: (f64, f64),
    a_second: f64,
) -> Vec<SoundHit> {
    let (offset, speed) = line;
    let count = (a_second * (query.1 - query.0)) as usize;
    (0..count)
        .map(|_| {
            let time = query.0 + (query.1 - query.0) * uniform(random);
            SoundHit {
                query: time,
                reference: offset + speed * time + 0.02 * (uniform(random) - 0.5),
            }
        })
        .collect()
}

#[test]
fn a_line_among_chance_hits_is_found_with_its_speed() {
    let mut random = ChaCha20Rng::seed_from_u64(1);
    for speed in [0.76, 0.9, 1.0, 1.04, 1.25, 1.34] {
        let mut hits = chance(&mut random, 2000, 10.0, 600.0);
        hits.extend(on_line(&mut random, (250.0, speed), (0.0, 10.0), 5.0));
        let lines = sound_lines(&hits);
        let line = lines.first().expect("a line");
        assert!((line.speed - speed).abs() < 0.002, "{speed}: {line:?}");
        let error = line.reference_at(5.0) - 250.0 - speed * 5.0;
        assert!(error.abs() < 0.01, "{speed}: {line:?}");
        assert!(line.log10_p < -20.0, "{speed}: {line:?}");
        assert_eq!(lines.iter().filter(|line| line.log10_p < -3.0).count(), 1);
    }
}

#[test]
fn speeds_out_of_range_are_not_found() {
    let mut random = ChaCha20Rng::seed_from_u64(2);
    for speed in [0.6, 1.6] {
        let hits = on_line(&mut random, (250.0, speed), (0.0, 20.0), 8.0);
        let lines = sound_lines(&hits);
        assert!(
            lines.iter().all(|line| line.query.1 - line.query.0 < 2.0),
            "{lines:?}"
        );
    }
}

#[test]
fn fragments_are_found_one_by_one() {
    let mut random = ChaCha20Rng::seed_from_u64(3);
    let fragments = [(500.0, 0.0, 4.0), (-3.0, 4.0, 9.0), (77.0, 9.0, 12.0)];
    let mut hits = chance(&mut random, 1000, 12.0, 600.0);
    for (offset, from, to) in fragments {
        hits.extend(on_line(&mut random, (offset, 1.0), (from, to), 10.0));
    }
    let mut lines = sound_lines(&hits);
    lines.retain(|line| line.log10_p < -6.0);
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (offset, from, to) in fragments {
        let middle = f64::midpoint(from, to);
        let line = lines
            .iter()
            .find(|line| (line.reference_at(middle) - offset - middle).abs() < 0.02);
        let line = line.expect("the fragment");
        assert!(
            (line.query.0 - from).abs() < 0.6 && (line.query.1 - to).abs() < 0.6,
            "{line:?}"
        );
    }
}

#[test]
fn a_long_part_hides_no_short_one() {
    let mut random = ChaCha20Rng::seed_from_u64(7);
    let mut hits = chance(&mut random, 2000, 90.0, 3000.0);
    hits.extend(on_line(&mut random, (40.0, 1.0), (0.0, 84.0), 20.0));
    hits.extend(on_line(&mut random, (2000.0, 1.0), (85.0, 89.0), 6.0));
    let mut lines = sound_lines(&hits);
    lines.retain(|line| line.log10_p < -6.0);
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn chance_is_no_line() {
    let mut random = ChaCha20Rng::seed_from_u64(4);
    for round in 0..100 {
        let count = 20 << (round % 8);
        let hits = chance(&mut random, count, 10.0, 100.0);
        let lines = sound_lines(&hits);
        // The score bounds the chance of it: 100 rounds.
        assert!(
            lines.iter().all(|line| line.log10_p > -3.0),
            "{count}: {lines:?}"
        );
    }
}

#[test]
fn a_steady_tone_is_no_line() {
    let mut random = ChaCha20Rng::seed_from_u64(5);
    let mut hits = chance(&mut random, 300, 10.0, 300.0);
    // Three seconds of the clip have the tone of eight seconds of the title.
    hits.extend((0..1500).map(|_| SoundHit {
        query: 4.0 + 3.0 * uniform(&mut random),
        reference: 100.0 + 8.0 * uniform(&mut random),
    }));
    let lines = sound_lines(&hits);
    assert!(lines.iter().all(|line| line.log10_p > -3.0), "{lines:?}");
}

#[test]
fn beats_are_no_line() {
    let mut random = ChaCha20Rng::seed_from_u64(6);
    // Each of 40 beats of the clip sounds like each of 200 of the title, to 5 ms.
    let mut hits = Vec::new();
    for beat in 0..40 {
        for other in 0..200 {
            hits.push(SoundHit {
                query: 0.5 * f64::from(beat) + 0.01 * uniform(&mut random),
                reference: 0.5 * f64::from(other) + 0.01 * uniform(&mut random),
            });
        }
    }
    let lines = sound_lines(&hits);
    assert!(lines.iter().all(|line| line.log10_p > -3.0), "{lines:?}");
}

#[test]
fn few_hits_and_none_are_no_line() {
    assert_eq!(sound_lines(&[]), []);
    let hit = SoundHit {
        query: 1.0,
        reference: 2.0,
    };
    assert_eq!(sound_lines(&[hit; 500]), []);
    let nonsense = SoundHit {
        query: f64::NAN,
        reference: f64::INFINITY,
    };
    let far = SoundHit {
        query: 1e300,
        reference: -1e300,
    };
    assert_eq!(sound_lines(&[nonsense, far, hit]), []);
}
