use std::f64::consts::LOG10_E;

use countermark_mark::key::{KeyStream, StreamKey};

use super::*;

fn bound(t: f64, hypotheses: Factors) -> Bound {
    Bound::new(NormalisedScore::new(t, 1.0), hypotheses)
}

#[test]
fn the_bound_follows_from_what_its_json_says() {
    let factors = Factors {
        clips: 12,
        decisions: 2,
        titles: 3,
        views: 3,
        readings: 11,
        deliveries: 1000,
        ..Factors::ONE
    };
    for t in [-1.0, 2.5, 7.125, 48.612_34, 311.7] {
        let json = serde_json::to_value(bound(t, factors)).expect("plain values");
        let hypotheses = json["hypotheses"].as_object().expect("an object");
        let log10: f64 = (hypotheses.iter())
            .filter(|(name, _)| *name != "product")
            .map(|(_, count)| count.as_f64().expect("a number").log10())
            .sum();
        let product = hypotheses["product"].as_f64().expect("a number").log10();
        assert!((product - log10).abs() < 1e-9, "{json}");
        let t = json["t"].as_f64().expect("a number");
        let again = if t > 0.0 {
            (log10 - 0.5 * t * t * LOG10_E).min(0.0)
        } else {
            0.0
        };
        let told = json["log10_bound"].as_f64().expect("a number");
        assert!((told - again).abs() < 0.01, "{json}: {again}");
    }
}

#[test]
fn both_decisions_together_keep_the_level() {
    // Each spends half of one in a billion.
    let closed = Factors {
        decisions: 2,
        deliveries: 50,
        ..Factors::ONE
    };
    let open = Factors {
        decisions: 2,
        keys: 3,
        list: 128,
        ..Factors::ONE
    };
    let level = |factors: Factors, hypotheses: f64| {
        let t = bound(0.0, factors).threshold_t();
        hypotheses * (-0.5 * t * t).exp()
    };
    let both = level(closed, 50.0) + level(open, 3.0 * 128.0);
    assert!((both - 1e-9).abs() < 1e-15, "{both}");
}

#[test]
fn an_accusation_begins_at_its_threshold() {
    let factors = Factors {
        decisions: 2,
        deliveries: 1000,
        clips: 100,
        ..Factors::ONE
    };
    let threshold = bound(0.0, factors).threshold_t();
    assert!(bound(threshold + 1e-6, factors).accuses());
    assert!(!bound(threshold - 1e-6, factors).accuses());
    let alone = Factors {
        clips: 1,
        ..factors
    };
    let lost = bound(20.0, factors).log10() - bound(20.0, alone).log10();
    assert!((lost - 2.0).abs() < 1e-9, "{lost}");
}

#[test]
fn outsiders_are_told_whole_numbers_between_chance_and_threshold() {
    let factors = Factors {
        decisions: 2,
        deliveries: 10,
        ..Factors::ONE
    };
    for (t, score, log10) in [
        (-2.0, 5.0, 0.0),
        (4.9, 5.0, 0.0),
        (5.01, 6.0, -4.0),
        (6.3, 7.0, -7.0),
        (6.9, 7.0, -9.0),
        (60.0, 7.0, -9.0),
    ] {
        let bound = bound(t, factors);
        assert_eq!((bound.told_t(), bound.told_log10()), (score, log10), "{t}");
    }
}

/// The attack of the audit on a sum of signs: noise is laid over a clip, the victim's score is asked for, and what was answered
/// weighs the noise.
fn framed(questions: usize, answer: impl Fn(&Bound) -> f64) -> f64 {
    const SIGNS: usize = 2048;
    let factors = Factors {
        decisions: 2,
        ..Factors::ONE
    };
    let mut stream: KeyStream = StreamKey::from_bytes([9; 32]).stream(0);
    let mut draw = || {
        let mut signs = vec![0.0_f32; SIGNS];
        stream.signs(&mut signs);
        signs
    };
    let victim = draw();
    let score = |clip: &[f64]| {
        let correlation = clip.iter().zip(&victim).map(|(r, s)| r * f64::from(*s));
        let energy = clip.iter().map(|r| r * r).sum();
        NormalisedScore::new(correlation.sum(), energy)
    };
    let noises: Vec<Vec<f32>> = (0..questions).map(|_| draw()).collect();
    let answers: Vec<f64> = (noises.iter())
        .map(|noise| {
            let clip: Vec<f64> = noise.iter().map(|s| f64::from(*s)).collect();
            answer(&Bound::new(score(&clip), factors))
        })
        .collect();
    let mean = answers.iter().sum::<f64>() / answers.len() as f64;
    let mut forged = vec![0.0; SIGNS];
    for (noise, answer) in noises.iter().zip(&answers) {
        for (sum, sign) in forged.iter_mut().zip(noise) {
            *sum += (answer - mean) * f64::from(*sign);
        }
    }
    score(&forged).value()
}

#[test]
fn five_hundred_questions_to_what_is_told_frame_nobody() {
    let exact = framed(500, Bound::t);
    assert!(exact > 12.0, "exact scores are an oracle: {exact}");
    let whole = framed(500, |bound| bound.t().round());
    assert!(whole > 12.0, "so are rounded ones: {whole}");
    for told in [Bound::told_t, Bound::told_log10] {
        let t = framed(500, told);
        assert!(t < 5.0, "{t}");
    }
}
