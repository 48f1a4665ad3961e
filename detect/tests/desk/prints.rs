//! Prints in the clip's place.

use std::path::Path;

use serde_json::Value;

use super::studio::{print_of, program, sample, studio};

fn identify(folder: &Path, clip: &Path) -> (Option<i32>, Value) {
    let output = program()
        .args(["identify", "--json", "-q", "--vault"])
        .arg(folder.join("vault"))
        .arg(clip)
        .output()
        .expect("an exit");
    let line = String::from_utf8(output.stdout).expect("utf-8");
    (
        output.status.code(),
        serde_json::from_str(&line).expect("a line of JSON"),
    )
}

#[test]
fn a_print_says_what_its_clip_says() {
    let folder = studio();
    let name = "street";
    let print = print_of(name, folder.path());
    let size = std::fs::metadata(&print).expect("a print").len();
    // Ten thousand bytes a minute, and two thousand for the shortest.
    assert!((500..=2000).contains(&size), "{size}");
    let (by_clip, by_print) = (
        identify(folder.path(), &sample(name)).1,
        identify(folder.path(), &print).1,
    );
    assert_eq!(by_clip["title"], name, "{by_clip}");
    assert_eq!(by_print["title"], by_clip["title"], "{by_print}");
    let shown = |answer: &Value| {
        let first = &answer["matches"][0];
        let of = |name: &str| first[name][0].as_f64().expect("seconds");
        of("reference") - of("query")
    };
    let off = (shown(&by_clip) - shown(&by_print)).abs();
    assert!(off <= 0.1, "{off}: {by_clip} {by_print}");
}

#[test]
fn a_print_of_something_else_is_not_found_and_a_damaged_one_is_said() {
    let folder = studio();
    let print = print_of("drama-portrait", folder.path());
    let (exit, answer) = identify(folder.path(), &print);
    assert_eq!(
        (exit, &answer["verdict"]),
        (Some(1), &"not-found".into()),
        "{answer}"
    );
    let whole = std::fs::read(&print).expect("a print");
    let mut newer = whole.clone();
    newer[7] += 1;
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    for (bytes, why) in [
        (newer, "this program reads 2"),
        (flipped, "damaged"),
        (whole[..whole.len() - 1].to_vec(), "cut short"),
    ] {
        std::fs::write(&print, bytes).expect("written");
        let (exit, answer) = identify(folder.path(), &print);
        assert_eq!(
            (exit, &answer["verdict"]),
            (Some(2), &"error".into()),
            "{answer}"
        );
        assert!(
            answer["error"].as_str().expect("a reason").contains(why),
            "{answer}"
        );
    }
}

#[test]
fn a_print_carries_no_mark_and_is_not_traced() {
    let folder = studio();
    let print = print_of("street", folder.path());
    let output = program()
        .args(["trace", "-q", "--vault"])
        .arg(folder.path().join("vault"))
        .arg(&print)
        .output()
        .expect("an exit");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("utf-8");
    assert!(said.contains("is a print, which carries no mark"), "{said}");
}
