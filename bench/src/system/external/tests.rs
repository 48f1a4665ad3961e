//! Answers of a described system against who is on record.

use super::*;

fn system(rest: &str) -> System {
    let text = format!(
        "name = \"fake\"\nbits = 8\nembed = [\"sh\", \"{{in}}\", \"{{out}}\", \"{{payload}}\"]\ndetect = [\"sh\", \"{{in}}\"]\n{rest}"
    );
    let system: System = toml::from_str(&text).expect("a system");
    system.checked(Path::new(".")).expect("a right one")
}

fn finding(rest: &str, told: &str, truth: Option<&str>) -> Finding {
    let answers = Answer::parse(told, 8).expect("answers");
    External::new(system(rest)).finding(&answers, &["a5", "0f"], truth)
}

#[test]
fn only_payloads_on_record_are_accusations() {
    let found = finding(
        "",
        "{\"payload\": \"A5\"}\n{\"payload\": \"ff\"}",
        Some("a5"),
    );
    assert_eq!((found.accused, found.claims), (vec!["a5".to_owned()], true));
    assert_eq!((found.score, found.bit_accuracy), (Some(1.0), Some(1.0)));
    let found = finding("", "{\"payload\": \"ad\"}", Some("a5"));
    assert!(found.accused.is_empty() && found.claims);
    assert_eq!(
        (found.score, found.bit_accuracy),
        (Some(0.875), Some(0.875))
    );
}

#[test]
fn silence_is_a_guess_and_claims_nothing() {
    let found = finding("", "", Some("a5"));
    assert_eq!(
        (found.score, found.bit_accuracy, found.claims),
        (None, Some(0.5), false)
    );
    assert_eq!(finding("", "", None).bit_accuracy, None);
}

#[test]
fn a_threshold_of_its_own_decides_what_it_claims() {
    let told = "{\"payload\": \"0f\", \"score\": 0.4, \"log10_p\": -3}\n{\"payload\": \"a5\", \"score\": 0.3}";
    let low = finding("claim_score = 0.5", told, Some("a5"));
    assert_eq!(
        (low.claims, low.accused.len(), low.score),
        (false, 0, Some(0.4))
    );
    assert_eq!((low.log10_p, low.bit_accuracy), (Some(-3.0), Some(0.5)));
    assert_eq!(finding("claim_score = 0.4", told, None).accused, ["0f"]);
}

#[test]
fn payloads_are_drawn_apart_and_of_the_right_length() {
    let drawn = |bits: usize, index| {
        let mut system = system("");
        system.bits = bits;
        External::new(system).payload([7; 32], index)
    };
    assert_eq!(drawn(8, 0).len(), 2);
    assert_eq!(drawn(256, 3).len(), 64);
    assert_eq!(drawn(1000, 3).len(), 250);
    assert_ne!(drawn(32, 0), drawn(32, 1));
    for index in 0..20 {
        let digit = drawn(5, index);
        let last = digit
            .chars()
            .last()
            .and_then(|c| c.to_digit(16))
            .expect("a digit");
        assert_eq!((digit.len(), last & 7), (2, 0), "{digit}");
    }
}
