use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::*;
use crate::elementary::{cos_sin, exp};

/// A number in `0..1`.
fn uniform(random: &mut ChaCha20Rng) -> f64 {
    f64::from(random.next_u32()) / 2_f64.powi(32)
}

/// A tone that swells and fades.
#[derive(Clone, Copy)]
struct Note {
    time: f64,
    hertz: f64,
    amplitude: f64,
    /// Standard deviation of its loudness in time, seconds.
    width: f64,
}

/// Some twelve notes a second for so many seconds, none of which a seed repeats.
fn melody(seed: u64, seconds: f64) -> Vec<Note> {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    (0..(12.0 * seconds) as usize)
        .map(|_| Note {
            time: seconds * uniform(&mut random),
            hertz: 240.0 * exp(2.5 * uniform(&mut random)),
            amplitude: 0.02 + 0.1 * uniform(&mut random),
            width: 0.02 + 0.03 * uniform(&mut random),
        })
        .collect()
}

/// The notes played so many times as fast, and as much higher.
fn faster(notes: &[Note], speed: f64, higher: f64) -> Vec<Note> {
    notes
        .iter()
        .map(|note| Note {
            time: note.time / speed,
            hertz: note.hertz * higher,
            width: note.width / speed,
            ..*note
        })
        .collect()
}

fn played(notes: &[Note], seconds: f64) -> Vec<f32> {
    let rate = f64::from(SOUND_RATE);
    let mut samples = vec![0.0_f32; (seconds * rate) as usize];
    for note in notes {
        let from = ((note.time - 4.0 * note.width) * rate).max(0.0) as usize;
        let to = (((note.time + 4.0 * note.width) * rate) as usize).min(samples.len());
        for (index, sample) in samples.iter_mut().enumerate().take(to).skip(from) {
            let time = index as f64 / rate;
            let place = (time - note.time) / note.width;
            let loudness = note.amplitude * exp(-place * place / 2.0);
            *sample += (loudness * cos_sin((time * note.hertz).fract()).0) as f32;
        }
    }
    samples
}

/// White noise of a power so many times that of the samples.
fn with_noise(samples: &[f32], share: f64, seed: u64) -> Vec<f32> {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let power = samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len() as f64;
    // A uniform number has the variance 1/12.
    let scale = (12.0 * share * power).sqrt();
    samples
        .iter()
        .map(|x| x + (scale * (uniform(&mut random) - 0.5)) as f32)
        .collect()
}

fn peaks_of(samples: &[f32]) -> SoundPeaks {
    let mut finder = SoundFinder::new();
    for (index, block) in samples.chunks(777).enumerate() {
        finder.push(index as f64 * 777.0 / f64::from(SOUND_RATE), block);
    }
    finder.finish()
}

fn lines_between(reference: &[f32], query: &[f32]) -> Vec<SoundLine> {
    let words = peaks_of(reference).reference_words();
    let mut hits = Vec::new();
    for asked in peaks_of(query).query_words() {
        let same = words.iter().filter(|word| word.word == asked.word);
        hits.extend(same.map(|word| SoundHit {
            query: asked.time,
            reference: word.time,
        }));
    }
    sound_lines(&hits)
}

/// Ten seconds from the middle of 40, changed, are found where they were.
fn finds(speed: f64, higher: f64, change: impl Fn(Vec<f32>) -> Vec<f32>) {
    for seed in 0..3 {
        let original = melody(seed, 40.0);
        let start = 13.37;
        let part: Vec<Note> = original
            .iter()
            .map(|note| Note {
                time: note.time - start,
                ..*note
            })
            .collect();
        let copy = change(played(&faster(&part, speed, higher), 10.0));
        let lines = lines_between(&played(&original, 40.0), &copy);
        let line = lines.first().expect("a line");
        let error = line.reference_at(5.0) - start - 5.0 * speed;
        assert!(error.abs() < 0.02, "seed {seed}: {error:.3} s, {line:?}");
        let drift = line.speed / speed - 1.0;
        assert!(drift.abs() < 0.002, "seed {seed}: {drift:.4}, {line:?}");
        assert!(line.log10_p < -8.0, "seed {seed}: {line:?}");
    }
}

#[test]
fn a_note_is_a_peak_where_it_is_loudest() {
    let notes: Vec<Note> = (1..12)
        .map(|i| Note {
            time: 0.31 * f64::from(i),
            hertz: 250.0 * exp(0.2 * f64::from(i)),
            amplitude: 0.2,
            width: 0.03,
        })
        .collect();
    let found = peaks_of(&played(&notes, 4.0));
    for note in notes {
        let pitch = crate::elementary::ln(note.hertz / 220.0) / std::f64::consts::LN_2;
        let near = found.peaks.iter().any(|peak| {
            // A tenth of a frame, and a tenth of a word's cell.
            (peak.time - note.time).abs() < 0.0016 && (peak.pitch - pitch).abs() < 0.0035
        });
        assert!(near, "{:.2} s, {:.0} Hz", note.time, note.hertz);
    }
}

#[test]
fn silence_and_what_is_no_number_have_no_words() {
    let silent = peaks_of(&vec![0.0; 40_000]);
    assert!(silent.is_empty() && silent.reference_words().is_empty());
    let mut random = ChaCha20Rng::seed_from_u64(1);
    let hiss: Vec<f32> = (0..40_000)
        .map(|_| (6e-5 * (uniform(&mut random) - 0.5)) as f32)
        .collect();
    assert!(peaks_of(&hiss).is_empty());
    assert!(peaks_of(&vec![f32::NAN; 40_000]).is_empty());
}

#[test]
fn level_changes_no_word() {
    let samples = played(&melody(3, 8.0), 8.0);
    // A power of two is exact.
    let soft: Vec<f32> = samples.iter().map(|x| x / 16.0).collect();
    let (loud, soft) = (peaks_of(&samples), peaks_of(&soft));
    let words = |peaks: &SoundPeaks| {
        let words = peaks.reference_words().into_iter();
        words.map(|word| word.word).collect::<Vec<_>>()
    };
    assert_eq!(words(&loud), words(&soft));
}

#[test]
fn blocks_of_any_length_give_the_same_peaks() {
    let samples = played(&melody(4, 6.0), 6.0);
    let mut finder = SoundFinder::new();
    finder.push(0.0, &samples);
    assert_eq!(finder.finish(), peaks_of(&samples));
}

#[test]
fn a_hole_moves_what_comes_after_it() {
    let samples = played(&melody(5, 12.0), 12.0);
    let (first, second) = samples.split_at(6 * SOUND_RATE as usize);
    let mut finder = SoundFinder::new();
    finder.push(0.0, first);
    finder.push(100.0, second);
    let peaks = finder.finish().peaks;
    let mut alone = SoundFinder::new();
    alone.push(100.0, second);
    let after: Vec<f64> = peaks
        .iter()
        .map(|peak| peak.time)
        .filter(|t| *t > 50.0)
        .collect();
    let alone: Vec<f64> = alone.finish().peaks.iter().map(|peak| peak.time).collect();
    assert_eq!(after, alone);
    assert!(peaks.iter().any(|peak| peak.time < 6.0));
}

#[test]
fn words_are_the_same_on_every_machine() {
    let peaks = peaks_of(&played(&melody(7, 20.0), 20.0));
    let sum = |words: &[SoundWord]| {
        let words = words.iter().map(|word| u64::from(word.word));
        words.fold(0, |sum: u64, word| sum.wrapping_mul(31).wrapping_add(word))
    };
    let (reference, query) = (peaks.reference_words(), peaks.query_words());
    assert_eq!(
        (reference.len(), sum(&reference)),
        (1147, 11_761_332_081_861_392_736)
    );
    assert_eq!(
        (query.len(), sum(&query)),
        (13_264, 191_740_500_263_318_529)
    );
}

#[test]
fn copies_are_found_at_their_place() {
    finds(1.0, 1.0, |samples| samples);
}

#[test]
fn faster_and_slower_copies_are_found_with_their_speed() {
    for speed in [0.8, 0.9, 1.1, 1.25] {
        finds(speed, speed, |samples| samples);
    }
}

#[test]
fn copies_that_keep_their_pitch_are_found_with_their_speed() {
    for speed in [0.9, 1.1] {
        finds(speed, 1.0, |samples| samples);
    }
}

#[test]
fn higher_copies_are_found() {
    finds(1.0, 1.06, |samples| samples);
}

#[test]
fn noise_hides_no_copy() {
    finds(1.0, 1.0, |samples| with_noise(&samples, 0.1, 9));
    finds(1.1, 1.1, |samples| with_noise(&samples, 0.03, 9));
}

#[test]
fn muffled_copies_are_found() {
    finds(1.0, 1.0, |samples| {
        // One pole at 640 Hz: 10 dB less at 2 kHz.
        let mut state = 0.0;
        samples
            .iter()
            .map(|x| {
                state += 0.4 * (x - state);
                state
            })
            .collect()
    });
}

#[test]
fn unrelated_sound_has_no_line() {
    let references: Vec<Vec<f32>> = (20..24)
        .map(|seed| played(&melody(seed, 40.0), 40.0))
        .collect();
    let mut surest = 0.0_f64;
    for seed in 40..50 {
        let query = played(&melody(seed, 10.0), 10.0);
        for reference in &references {
            let lines = lines_between(reference, &query);
            surest = lines.iter().map(|line| line.log10_p).fold(surest, f64::min);
        }
    }
    // 40 comparisons.
    assert!(surest > -3.0, "{surest}");
}

#[test]
fn a_loop_is_no_copy_of_another_loop() {
    // Two beats of 0.5 s that share two of their notes.
    let beat = |seed: u64| {
        let mut notes = melody(seed, 0.5);
        notes.truncate(4);
        notes.extend(melody(99, 0.5).into_iter().take(2));
        let bars = (0..60).flat_map(|bar| {
            let moved = notes.iter().map(move |note| Note {
                time: note.time + 0.5 * f64::from(bar),
                ..*note
            });
            moved.collect::<Vec<_>>()
        });
        played(&bars.collect::<Vec<_>>(), 30.0)
    };
    let lines = lines_between(&beat(1), &beat(2)[..10 * SOUND_RATE as usize]);
    assert!(lines.iter().all(|line| line.log10_p > -3.0), "{lines:?}");
}
