//! Old results that pass as new.

use sha2::{Digest as _, Sha256};

use super::*;

/// A detector that finds nothing any more must not be green in the folder of one that did, whatever else is the same.
fn is_measured_anew(what: &str, change: impl FnOnce(&Bench) -> Checked) -> Checked {
    let bench = Bench::new(&["a", "b"])?;
    bench.suite(&format!("{HEAD}[null]\nkeys = 10\n{ROWS}"))?;
    assert_eq!(bench.run(Knowing::Everything, "")?.code(), 0);
    let again = bench.run(Knowing::Nothing, "")?;
    assert_eq!(
        (again.code(), new_trials(&again)),
        (0, Some("0 of 4")),
        "nothing changed"
    );
    change(&bench)?;
    let more = if what == "seed" { "--seed 6" } else { "" };
    let changed = bench.run(Knowing::Nothing, more)?;
    assert_eq!(changed.code(), 1, "{what}: {}", changed.text());
    assert_ne!(new_trials(&changed), Some("0 of 4"), "{what}");
    Ok(())
}

/// Lines with the seals that a run would have written.
fn sealed(text: &str) -> String {
    let (mut out, mut seal) = (String::new(), String::new());
    for line in text.lines() {
        let open = line.split(",\"seal\":\"").next().unwrap_or_default();
        let digest = Sha256::digest(format!("{seal}{open}}}"));
        seal = digest[..8].iter().fold(String::new(), |digits, byte| {
            digits + &format!("{byte:02x}")
        });
        out.push_str(&[open, ",\"seal\":\"", &seal, "\"}\n"].concat());
    }
    out
}

#[test]
fn seals_are_as_a_run_writes_them() -> Checked {
    let bench = Bench::new(&["a"])?;
    bench.run(Knowing::Everything, "")?;
    let text = bench.text("out/results.jsonl")?;
    assert_eq!(sealed(&text), text);
    Ok(())
}

#[test]
fn results_of_another_suite_text_are_not_believed() -> Checked {
    is_measured_anew("suite", |bench| {
        Ok(bench.suite(&format!("# changed\n{HEAD}[null]\nkeys = 10\n{ROWS}"))?)
    })
}

#[test]
fn results_of_another_number_of_keys_are_not_believed() -> Checked {
    is_measured_anew("keys", |bench| {
        Ok(bench.suite(&format!("{HEAD}[null]\nkeys = 20\n{ROWS}"))?)
    })
}

#[test]
fn results_of_another_clip_of_the_same_name_are_not_believed() -> Checked {
    is_measured_anew("clip", |bench| Ok(bench.clip("b", 2)?))
}

#[test]
fn results_of_another_seed_are_not_believed() -> Checked {
    is_measured_anew("seed", |_| Ok(()))
}

#[test]
fn results_of_another_build_or_encoder_are_not_believed() -> Checked {
    for field in ["\"program\":\"", "\"x264\":\""] {
        is_measured_anew(field, |bench| {
            let text = bench.text("out/results.jsonl")?;
            let at = text.find(field).ok_or("no such field")? + field.len();
            let other = format!("{}f{}", &text[..at], &text[at..]);
            Ok(fs::write(bench.at("out/results.jsonl"), sealed(&other))?)
        })?;
    }
    Ok(())
}

#[test]
fn planted_results_are_not_believed() -> Checked {
    let bench = Bench::new(&["a"])?;
    assert_eq!(bench.run(Knowing::Nothing, "")?.code(), 1);
    let text = bench.text("out/results.jsonl")?;
    let planted = text.replace("\"answer\":\"none\"", "\"answer\":\"exact\"");
    assert_ne!(planted, text);
    fs::write(bench.at("out/results.jsonl"), planted)?;
    assert_eq!(bench.run(Knowing::Nothing, "")?.code(), 1);
    Ok(())
}

#[test]
fn a_second_run_says_that_nothing_is_new_and_a_fresh_one_measures() -> Checked {
    let bench = Bench::new(&["a"])?;
    bench.run(Knowing::Everything, "")?;
    let second = bench.run(Knowing::Nothing, "")?;
    assert_eq!(new_trials(&second), Some("0 of 2"));
    let fresh = bench.run(Knowing::Nothing, "--fresh")?;
    assert_eq!((fresh.code(), new_trials(&fresh)), (1, Some("2 of 2")));
    Ok(())
}
