//! Every bound on record follows from the score and the factors beside it.

use std::f64::consts::LOG10_E;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// What the bound of an accusation is by its score and factors.
fn again(accused: &Value) -> f64 {
    let factors = accused["hypotheses"].as_object().expect("factors");
    let counted = factors.iter().filter(|(name, _)| *name != "product");
    let log10: f64 = counted
        .map(|(_, count)| count.as_f64().expect("a count").log10())
        .sum();
    let product = factors["product"].as_f64().expect("a product").log10();
    assert!((product - log10).abs() < 1e-9, "{accused}");
    let t = accused["t"].as_f64().expect("a score");
    (log10 - 0.5 * t * t * LOG10_E).min(0.0)
}

#[test]
fn the_bounds_of_the_goldens_can_be_computed_again() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/samples.json");
    let goldens = fs::read_to_string(path).expect("recorded goldens");
    let goldens: Value = serde_json::from_str(&goldens).expect("JSON");
    let answers = goldens["answers"].as_object().expect("answers");
    let lines = answers.values().map(|answer| &answer["line"]);
    let accused: Vec<&Value> = lines
        .filter_map(|line| line["deliveries"].as_array())
        .flatten()
        .collect();
    assert!(accused.len() >= 6, "{} accused", accused.len());
    for accused in accused {
        let told = accused["log10_bound"].as_f64().expect("a bound");
        assert!((told - again(accused)).abs() < 0.01, "{accused}");
        let threshold = accused["threshold_t"].as_f64().expect("a score");
        assert!(
            told < -9.0 && accused["t"].as_f64() > Some(threshold),
            "{accused}"
        );
    }
}
