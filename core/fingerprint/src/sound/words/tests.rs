use std::collections::HashSet;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::*;

fn peaks(seed: u64, a_second: f64, seconds: f64) -> Vec<Peak> {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let mut uniform = || f64::from(random.next_u32()) / 2_f64.powi(32);
    let mut peaks: Vec<Peak> = (0..(a_second * seconds) as usize)
        .map(|_| Peak {
            time: seconds * uniform(),
            pitch: 0.5 + 3.0 * uniform(),
            rank: 0,
        })
        .collect();
    peaks.sort_by(|a, b| a.time.total_cmp(&b.time));
    peaks
}

#[test]
fn reference_words_are_at_most_sixty_a_second_in_the_order_of_time() {
    let words = words(&peaks(1, 40.0, 20.0), &REFERENCE);
    for second in 0..20 {
        let inside = words
            .iter()
            .filter(|word| word.time.floor() as i32 == second);
        assert!(inside.count() <= 60);
    }
    assert!(words.len() > 19 * 60);
    assert!(words.is_sorted_by(|a, b| a.time <= b.time));
    assert!(words.iter().all(|word| word.word < 1 << 26));
    let triplets = words.iter().filter(|word| word.is_triplet()).count();
    assert_eq!(triplets, 20 * REFERENCE.triplets);
}

#[test]
fn speed_and_pitch_change_no_triplet() {
    let original = peaks(2, 8.0, 20.0);
    for (speed, higher) in [(1.1, 1.1), (0.8, 0.8), (1.25, 1.0), (1.0, 1.06)] {
        let shift = ln(higher) / std::f64::consts::LN_2;
        let changed: Vec<Peak> = original
            .iter()
            .map(|peak| Peak {
                time: peak.time / speed,
                pitch: peak.pitch + shift,
                rank: 0,
            })
            .collect();
        // Without the choice of the smallest hashes, which sees seconds of other lengths.
        let all = Density {
            pairs: usize::MAX,
            triplets: usize::MAX,
            ..QUERY
        };
        let asked: HashSet<u32> = words(&changed, &all).iter().map(|word| word.word).collect();
        let known = words(&original, &REFERENCE);
        let triplets = known.iter().filter(|word| word.is_triplet());
        assert!(triplets.clone().count() > 500);
        let found = triplets
            .clone()
            .filter(|word| asked.contains(&word.word))
            .count();
        assert_eq!(found, triplets.count(), "speed {speed}");
    }
}

#[test]
fn pairs_know_their_pitch_and_their_gap() {
    let peak = |time, pitch| Peak {
        time,
        pitch,
        rank: 0,
    };
    let pair = |gap: f64, pitch: f64| {
        words(
            &[peak(1.0, pitch), peak(1.0 + gap, pitch + 0.35)],
            &REFERENCE,
        )
    };
    assert_eq!(pair(0.2, 1.0).len(), 1);
    assert!(!pair(0.2, 1.0)[0].is_triplet());
    assert_ne!(pair(0.2, 1.0)[0].word, pair(0.24, 1.0)[0].word);
    assert_ne!(pair(0.2, 1.0)[0].word, pair(0.2, 1.05)[0].word);
    assert!(pair(0.03, 1.0).is_empty() && pair(0.9, 1.0).is_empty());
}

#[test]
fn values_near_a_border_are_asked_on_both_sides() {
    assert_eq!(cells(3.5, 0.1).collect::<Vec<_>>(), [3]);
    assert_eq!(cells(3.05, 0.1).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(cells(3.95, 0.1).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(cells(-0.95, 0.1).collect::<Vec<_>>(), [-1, -2]);
}
