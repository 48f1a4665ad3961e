//! Size and query time of the picture index under synthetic load.
//!
//! ```sh
//! cargo run --release -p countermark-fingerprint --example index_load -- SEGMENT HOURS...
//! ```
//!
//! The words of `SEGMENT`, a segment of a vault's index, are scattered over as many hours as are asked for: each copy of a
//! frame has a quarter of the bits of its words and of its hash turned at random, with the skew of real words kept. A query
//! is what a clip of ten seconds asks: 20 frames of 300 words, each with its 63 neighbours, in both ways round, and their
//! hashes; its hits are sorted as votes are.

#![expect(clippy::print_stdout, reason = "what is measured is printed")]

use std::time::Instant;

use countermark_fingerprint::WORD_BITS;
use countermark_fingerprint::index::{
    PICTURE_STEP, PICTURE_WORDS, PicturePrint, Segment, TitlePrint, check, merged, segment_of,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const FRAMES: usize = 20;
const FEATURES: usize = 300;
const NEIGHBOURS: u32 = 63;
/// Hours of one synthetic title.
const TITLE_HOURS: usize = 2;
/// Segments merged at once.
const AT_ONCE: usize = 50;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        return println!("SEGMENT HOURS...");
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) if check(&bytes).is_ok() => bytes,
        Ok(_) => return println!("{path} is no segment of an index"),
        Err(error) => return println!("{path}: {error}"),
    };
    let Ok(source) = Segment::read(&bytes) else {
        return println!("{path} is no segment of an index");
    };
    let words: Vec<u32> = source.words().collect();
    for hours in arguments.filter_map(|hours| hours.parse::<usize>().ok()) {
        measure(&words, hours);
    }
}

fn measure(words: &[u32], hours: usize) {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let begun = Instant::now();
    let mut level: Vec<Vec<u8>> = (0..hours.div_ceil(TITLE_HOURS))
        .map(|number| segment_of(&title(number as u32, words, &mut rng)))
        .collect();
    while level.len() > 1 {
        level = level.chunks(AT_ONCE).map(merge).collect();
    }
    let built = begun.elapsed().as_secs_f64();
    let Some(segment) = level.first().and_then(|bytes| Segment::read(bytes).ok()) else {
        return;
    };
    let megabytes = level[0].len() as f64 / 1e6;
    let mut times: Vec<f64> = (0..7).map(|_| query(&segment, words, &mut rng)).collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{hours} hours: {megabytes:.1} MB, built in {built:.0} s; a query takes {:.0} ms ({:.0} to {:.0}) on all cores",
        times[3] * 1e3,
        times[0] * 1e3,
        times[6] * 1e3
    );
}

fn title(number: u32, words: &[u32], rng: &mut ChaCha20Rng) -> TitlePrint {
    let frames = (TITLE_HOURS as f64 * 3600.0 / PICTURE_STEP) as usize;
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_le_bytes());
    TitlePrint {
        id,
        pictures: (0..frames)
            .map(|_| PicturePrint {
                words: (0..PICTURE_WORDS).map(|_| near(words, rng)).collect(),
                hash: Some(rng.next_u64()),
            })
            .collect(),
        sound: Vec::new(),
    }
}

/// A word of the source with a quarter of its bits turned, each with the chance of one half.
fn near(words: &[u32], rng: &mut ChaCha20Rng) -> u32 {
    let word = words[rng.next_u32() as usize % words.len()];
    let turned = rng.next_u32() & rng.next_u32();
    (word ^ turned) & ((1 << WORD_BITS) - 1)
}

fn merge(bytes: &[Vec<u8>]) -> Vec<u8> {
    let segments: Vec<Segment<'_>> = bytes
        .iter()
        .filter_map(|bytes| Segment::read(bytes).ok())
        .collect();
    merged(&segments)
}

/// Seconds that a query takes.
fn query(segment: &Segment<'_>, words: &[u32], rng: &mut ChaCha20Rng) -> f64 {
    let asked: Vec<Vec<u32>> = (0..2 * FRAMES)
        .map(|_| (0..FEATURES).map(|_| near(words, rng)).collect())
        .collect();
    let hashes: Vec<u64> = (0..2 * FRAMES).map(|_| rng.next_u64()).collect();
    let begun = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let frames: Vec<(u32, &Vec<u32>, u64)> = (0..)
        .zip(&asked)
        .zip(hashes)
        .map(|((frame, words), hash)| (frame, words, hash))
        .collect();
    let hits: Vec<Vec<(u32, u32, u32)>> = std::thread::scope(|scope| {
        let parts: Vec<_> = frames
            .chunks(frames.len().div_ceil(threads))
            .map(|part| scope.spawn(move || hits(segment, part)))
            .collect();
        parts
            .into_iter()
            .filter_map(|part| part.join().ok())
            .collect()
    });
    std::hint::black_box(&hits);
    begun.elapsed().as_secs_f64()
}

/// The places of the words and hashes of some frames, sorted, each once.
fn hits(segment: &Segment<'_>, frames: &[(u32, &Vec<u32>, u64)]) -> Vec<(u32, u32, u32)> {
    let mut hits: Vec<(u32, u32, u32)> = Vec::new();
    for (frame, words, hash) in frames {
        for word in *words {
            for neighbour in 0..=NEIGHBOURS {
                // Six bits that are spread over the word.
                let turned = (0..6).fold(0, |bits, k| bits | (neighbour >> k & 1) << (4 * k + 2));
                let places = segment.places_of_word(word ^ turned);
                hits.extend(places.map(|place| (place, *frame, *word)));
            }
        }
        let found = segment.places_of_hash(*hash);
        hits.extend(found.into_iter().map(|place| (place, *frame, u32::MAX)));
    }
    hits.sort_unstable();
    hits.dedup();
    hits
}
