use super::*;

/// The first columns of a block.
fn columns(count: usize) -> Part {
    let row = (1_u64 << count) - 1;
    let seen = (0..BLOCK).fold(0, |seen, y| seen | row << (BLOCK * y));
    Part::new(seen).expect("some of a block")
}

/// The definition in f64.
fn oracle(weights: &[f64], samples: &[f64], band: &Band) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let middle: f64 = weights.iter().zip(samples).map(|(m, p)| m * p).sum::<f64>() / sum;
    let cosine = |n: u8, at: usize| {
        let c = if n == 0 { 0.125_f64.sqrt() } else { 0.5 };
        c * (std::f64::consts::PI * (2 * at + 1) as f64 * f64::from(n) / 16.0).cos()
    };
    let of = |&(u, v): &(u8, u8)| {
        let terms = (0..64)
            .map(|i| cosine(u, i / 8) * cosine(v, i % 8) * weights[i] * (samples[i] - middle));
        terms.sum()
    };
    band.frequencies().iter().map(of).collect()
}

fn texture(i: usize) -> f64 {
    120.0 + 30.0 * (0.7 * i as f64).sin() + 9.0 * (0.11 * (i * i) as f64).cos()
}

#[test]
fn what_is_seen_is_transformed_as_the_definition_says() {
    let band = Band::diagonals(1, 6);
    for seen in [
        0x00ff_ffff_ffff_ffff,
        0x0f0f_0f0f_0f0f_0f0f,
        0x0103_070f_1f3f_7fff,
    ] {
        let part = Part::new(seen).expect("some of a block");
        let hidden = |y: usize, x: usize| seen >> (8 * y + x) & 1 == 0;
        let weight = |i: usize| {
            let (y, x) = (i / 8, i % 8);
            let near = |at: usize| at.saturating_sub(1)..=(at + 1).min(7);
            let is_beside = near(y).any(|y| near(x).any(|x| hidden(y, x)));
            match (hidden(y, x), is_beside) {
                (true, _) => 0.0,
                (false, true) => 0.5,
                (false, false) => 1.0,
            }
        };
        let weights: Vec<f64> = (0..64).map(weight).collect();
        let samples: Vec<f64> = (0..64).map(texture).collect();
        let mut found = vec![0.0; band.len()];
        let given = std::array::from_fn(|i| samples[i] as f32);
        let window = part.window();
        window.forward(&given, &band, &mut found);
        for (x, expected) in found.iter().zip(oracle(&weights, &samples, &band)) {
            assert!((f64::from(*x) - expected).abs() < 1e-3, "{x} {expected}");
        }
        let share: f64 = weights.iter().map(|m| m * m).sum::<f64>() / 64.0;
        assert!((f64::from(window.share()) - share).abs() < 1e-6);
    }
}

#[test]
fn coefficients_and_samples_of_one_block_show_the_same_part() {
    let band = Band::diagonals(1, 6);
    // Within the band, but for the mean, which a part takes off.
    let own: Vec<f32> = (0..band.len()).map(|k| (k % 5) as f32 - 2.0).collect();
    let sample = |i: usize| -> f32 {
        let terms = own.iter().zip(band.frequencies());
        let wave = |u: u8, at: usize| BASIS[usize::from(u)][at];
        400.0
            + terms
                .map(|(x, &(u, v))| x * wave(u, i / 8) * wave(v, i % 8))
                .sum::<f32>()
    };
    for part in [columns(1), columns(4), columns(7)] {
        let window = part.window();
        let mut of_samples = vec![0.0; band.len()];
        window.forward(&std::array::from_fn(sample), &band, &mut of_samples);
        let mut of_coefficients = own.clone();
        window.of(&mut of_coefficients, &band);
        for (a, b) in of_samples.iter().zip(&of_coefficients) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }
}

#[test]
fn what_is_hidden_changes_nothing() {
    let band = Band::diagonals(1, 6);
    let part = columns(5);
    let transformed = |hidden: f32| {
        let sample = |i: usize| if i % 8 < 5 { texture(i) as f32 } else { hidden };
        let mut out = vec![0.0; band.len()];
        part.window()
            .forward(&std::array::from_fn(sample), &band, &mut out);
        out
    };
    assert_eq!(transformed(0.0), transformed(255.0));
}

#[test]
fn a_pattern_keeps_its_part() {
    // Of columns one to four with the fifth hidden: three and a quarter of eight count.
    let band = Band::diagonals(1, 6);
    let window = columns(4).window();
    assert!((window.share() - 3.25 / 8.0).abs() < 1e-6);
    // A wave down the columns lies in the window as a whole, but for its width: (3 + 1/2) / 8, and has no mean there.
    let index = band.index_of(2, 0).expect("in the band");
    let mut pattern = vec![0.0; band.len()];
    pattern[index] = 1.0;
    window.of(&mut pattern, &band);
    assert!(
        (pattern[index] - 3.5 / 8.0).abs() < 1e-5,
        "{}",
        pattern[index]
    );
}

#[test]
fn all_or_nothing_is_no_part() {
    assert_eq!(Part::new(0), None);
    assert_eq!(Part::new(u64::MAX), None);
    assert_eq!(columns(3).samples(), 24);
}
