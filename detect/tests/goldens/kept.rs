//! A file of answers: recorded, read, compared.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Set to `record`, the answers of this run become the goldens.
const VARIABLE: &str = "COUNTERMARK_GOLDENS";

/// Answers by what was asked.
pub(crate) type Answers = BTreeMap<String, Value>;

/// The file.
#[derive(Serialize, Deserialize)]
struct Goldens {
    made_with: String,
    answers: Answers,
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/goldens/{name}.json"))
}

/// Says on the real standard error, which the test harness does not hold back, that a test did not run.
pub(crate) fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED goldens of {test}: {why}");
}

/// Compares what `answers` gives with the file `name`, or records it; asks nothing where the file was made with other
/// versions of what encodes.
pub(crate) fn hold(name: &str, made_with: &str, answers: impl FnOnce() -> Answers) {
    let path = path(name);
    if is_recording() {
        let goldens = Goldens {
            made_with: made_with.to_owned(),
            answers: answers(),
        };
        let mut text = serde_json::to_string_pretty(&goldens).expect("plain values");
        text.push('\n');
        fs::write(&path, text).expect("a file that can be written");
        return;
    }
    let Some(recorded) = recorded(name, made_with) else {
        return;
    };
    let answers = answers();
    let mut changes = Vec::new();
    for name in recorded.keys().chain(answers.keys()) {
        let of = |answers: &Answers| answers.get(name).cloned().unwrap_or(Value::Null);
        compare(name, &of(&recorded), &of(&answers), &mut changes);
    }
    assert_unchanged(changes);
}

/// Holds some answers against those of the same name in a golden. Where goldens are recorded it does nothing.
pub(crate) fn hold_some(name: &str, made_with: &str, answers: impl FnOnce() -> Answers) {
    if is_recording() {
        return;
    }
    let Some(recorded) = recorded(name, made_with) else {
        return;
    };
    let answers = answers();
    assert!(!answers.is_empty(), "nothing was asked");
    let mut changes = Vec::new();
    for (name, answer) in &answers {
        let known = recorded.get(name).unwrap_or(&Value::Null);
        compare(name, known, answer, &mut changes);
    }
    assert_unchanged(changes);
}

fn is_recording() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|act| act == "record")
}

/// The recorded answers, unless there are none that hold for this machine, which is said.
fn recorded(name: &str, made_with: &str) -> Option<Answers> {
    let Ok(text) = fs::read_to_string(path(name)) else {
        skipped(name, "never recorded: run `make goldens`");
        return None;
    };
    let goldens: Goldens = serde_json::from_str(&text).expect("goldens");
    if goldens.made_with != made_with {
        let recorded = &goldens.made_with;
        skipped(
            name,
            &format!("recorded with {recorded}, here is {made_with}"),
        );
        return None;
    }
    Some(goldens.answers)
}

fn assert_unchanged(mut changes: Vec<String>) {
    changes.dedup();
    assert!(
        changes.is_empty(),
        "{} fields changed:\n{}",
        changes.len(),
        changes.join("\n")
    );
}

/// Names the fields in which two values differ.
fn compare(place: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            for key in before.keys().chain(after.keys()) {
                let (old, new) = (&old[key], &new[key]);
                compare(&format!("{place}: {key}"), old, new, changes);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (at, (old, new)) in before.iter().zip(after).enumerate() {
                compare(&format!("{place}[{at}]"), old, new, changes);
            }
        }
        _ if old == new => {}
        _ => changes.push(format!("{place}: {old} -> {new}")),
    }
}

#[test]
fn every_changed_field_is_named_once() {
    let old = serde_json::json!({"a": {"b": [1, 2], "c": 0.5}, "d": null});
    let new = serde_json::json!({"a": {"b": [1, 3], "c": 0.5}, "e": 1});
    let mut changes = Vec::new();
    compare("x", &old, &new, &mut changes);
    changes.sort();
    changes.dedup();
    assert_eq!(changes, ["x: a: b[1]: 2 -> 3", "x: e: null -> 1"]);
}
