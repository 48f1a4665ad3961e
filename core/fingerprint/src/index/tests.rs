use std::collections::BTreeSet;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

fn print(seed: u8, frames: usize) -> TitlePrint {
    let mut rng = ChaCha20Rng::from_seed([seed; 32]);
    let pictures = (0..frames)
        .map(|i| PicturePrint {
            words: (0..PICTURE_WORDS).map(|_| rng.next_u32() >> 4).collect(),
            hash: (i % 5 != 0).then(|| rng.next_u64()),
        })
        .collect();
    TitlePrint {
        id: [seed; 16],
        pictures,
        sound: (0..20 * frames as u32)
            .map(|tick| (rng.next_u32() >> 12, tick))
            .collect(),
    }
}

fn merge(prints: &[TitlePrint]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = prints.iter().map(segment_of).collect();
    let segments: Vec<Segment<'_>> = bytes
        .iter()
        .map(|bytes| Segment::read(bytes).expect("a segment"))
        .collect();
    merged(&segments)
}

#[test]
fn every_word_hash_and_sound_is_found_where_it_was_in_a_merged_segment() {
    let prints: Vec<TitlePrint> = [(1, 40), (2, 0), (3, 7), (4, 90)]
        .into_iter()
        .map(|(seed, frames)| print(seed, frames))
        .collect();
    let bytes = merge(&prints);
    assert_eq!(check(&bytes), Ok(()));
    let segment = Segment::read(&bytes).expect("a segment");
    assert_eq!(segment.titles().len(), prints.len());
    for (number, print) in prints.iter().enumerate() {
        assert_eq!(segment.titles()[number].id, print.id);
        for (i, picture) in print.pictures.iter().enumerate() {
            let here = (number, i as f64 * PICTURE_STEP);
            for word in &picture.words {
                assert!(
                    segment
                        .places_of_word(*word)
                        .any(|p| segment.picture(p) == Some(here))
                );
            }
            if let Some(hash) = picture.hash {
                let found = segment.places_of_hash(hash);
                assert!(found.iter().any(|p| segment.picture(*p) == Some(here)));
            }
        }
        for (word, tick) in &print.sound {
            let here = (number, f64::from(*tick) * SOUND_STEP);
            assert!(
                segment
                    .places_of_sound(*word)
                    .any(|p| segment.sound(p) == Some(here))
            );
        }
    }
}

#[test]
fn a_filter_lets_through_every_word_that_has_a_place_and_few_others() {
    let bytes = merge(&[print(1, 40), print(2, 60)]);
    let segment = Segment::read(&bytes).expect("a segment");
    let filter = WordFilter::of(&segment).expect("a small segment");
    assert!(segment.words().all(|word| filter.may_hold(word)));
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    let others = (0..10_000).map(|_| rng.next_u32() >> 4);
    let passed = others.filter(|word| filter.may_hold(*word)).count();
    assert!((100..900).contains(&passed), "{passed}");
    let none = segment_of(&print(3, 0));
    let none = Segment::read(&none).expect("a segment");
    let filter = WordFilter::of(&none).expect("a small segment");
    assert!(!filter.may_hold(0) && !filter.may_hold(u32::MAX));
}

#[test]
fn a_search_of_hashes_finds_what_a_look_at_each_finds() {
    // Hashes near each other, so that there is something to find.
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let pictures: Vec<PicturePrint> = (0..3000)
        .map(|_| PicturePrint {
            words: Vec::new(),
            hash: Some((0..8).fold(0, |hash, _| hash ^ 1 << (rng.next_u32() % 64))),
        })
        .collect();
    let codes: Vec<u64> = pictures.iter().filter_map(|p| p.hash).collect();
    let bytes = segment_of(&TitlePrint {
        pictures,
        ..TitlePrint::default()
    });
    let segment = Segment::read(&bytes).expect("a segment");
    let mut found = 0;
    for query in codes.iter().step_by(100) {
        let want: Vec<u32> = (0..)
            .zip(&codes)
            .filter(|(_, code)| (*code ^ query).count_ones() <= HASH_RADIUS)
            .map(|(place, _)| place)
            .collect();
        found += want.len();
        assert_eq!(segment.places_of_hash(*query), want);
    }
    assert!(found > 100, "too few for a test: {found}");
}

#[test]
fn merging_in_steps_gives_the_same_bytes() {
    let prints: Vec<TitlePrint> = (1..=5).map(|seed| print(seed, 12)).collect();
    let (first, second) = (merge(&prints[..2]), merge(&prints[2..]));
    let halves = [&first, &second].map(|bytes| Segment::read(bytes).expect("a segment"));
    assert_eq!(merged(&halves), merge(&prints));
}

#[test]
fn damage_anywhere_is_told() {
    let bytes = segment_of(&print(1, 6));
    assert_eq!(check(&bytes), Ok(()));
    for length in [0, 5, 12, 20, 31, bytes.len() - 1] {
        assert!(
            matches!(
                check(&bytes[..length]),
                Err(SegmentError::Short { .. } | SegmentError::Damaged)
            ),
            "{length}"
        );
        assert!(Segment::read(&bytes[..length]).is_err());
    }
    let mut tampered = bytes.clone();
    tampered[200] ^= 1;
    assert_eq!(check(&tampered), Err(SegmentError::Damaged));
    assert_eq!(
        check(b"some text that is no segment"),
        Err(SegmentError::Foreign)
    );
    let mut newer = bytes;
    newer[8] = 9;
    assert_eq!(check(&newer), Err(SegmentError::Version { found: 9 }));
}

#[test]
fn lookups_in_a_damaged_segment_end() {
    let whole = segment_of(&print(1, 30));
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    for _ in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..20 {
            let at = 32 + rng.next_u32() as usize % (bytes.len() - 32);
            bytes[at] = rng.next_u32() as u8;
        }
        let Ok(segment) = Segment::read(&bytes) else {
            continue;
        };
        let seen: BTreeSet<u32> = (0..50)
            .flat_map(|_| segment.places_of_word(rng.next_u32() >> 4))
            .collect();
        assert!(seen.len() <= 2000);
        let _ = segment.places_of_hash(rng.next_u64());
    }
}
