use std::collections::BTreeMap;

use super::*;
use crate::placing::{Fragments, Placing};
use crate::trial::Answer;

fn head() -> RunHead {
    RunHead {
        schema: 1,
        suite: "main".to_owned(),
        seed: 1,
        version: "0.1.0".to_owned(),
        format: 1,
        preparation: "whole clips".to_owned(),
        measured: Measured {
            commit: "c0ffee".to_owned(),
            program: "p".to_owned(),
            suite: "s".to_owned(),
            libraries: BTreeMap::new(),
            clips: [("a", "1"), ("b", "2")]
                .map(|(clip, hash)| (clip.to_owned(), hash.to_owned()))
                .into(),
        },
    }
}

fn trial(clip: &str) -> Trial {
    Trial {
        clip: clip.to_owned(),
        attack: "h264-crf33".to_owned(),
        path: DetectorPath::Read,
        expected: vec!["aa".to_owned()],
        accused: vec!["aa".to_owned()],
        titles: vec!["clip".to_owned()],
        unknown: false,
        placing: Some(Placing {
            time_error: Some(0.04),
            covered: 0.9,
            fragments: Fragments {
                fragments: 3,
                fragments_right: 2,
            },
        }),
        coded_bit_errors: None,
        cuts: vec![1.25],
        answer: Answer::Exact,
        log10_p: Some(-31.5),
        detector_seconds: 1.0,
        clip_seconds: 10.0,
        bytes: 1234,
        measures: crate::trial::Measures::default(),
    }
}

#[test]
fn killed_run_goes_on_where_it_stopped() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut store = Store::open(folder.path(), &head(), false)?;
    store.keep(Record::Trial(trial("a")))?;
    store.keep(Record::Trial(trial("b")))?;
    drop(store);
    // The kill came while the second trial was being written.
    let file = folder.path().join("results.jsonl");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, &text[..text.len() - 20])?;
    let mut store = Store::open(folder.path(), &head(), false)?;
    assert_eq!(store.trials(), [trial("a")]);
    assert!(store.has_trial("a", "h264-crf33", DetectorPath::Read));
    assert!(!store.has_trial("a", "h264-crf33", DetectorPath::Trace));
    assert!(!store.has_trial("b", "h264-crf33", DetectorPath::Read));
    store.keep(Record::Trial(trial("b")))?;
    drop(store);
    assert_eq!(std::fs::read_to_string(&file)?, text);
    Ok(())
}

#[test]
fn a_changed_program_suite_or_clip_is_measured_anew() -> Result<(), Box<dyn std::error::Error>> {
    type Change = fn(&mut Measured);
    let changes: [(Change, &[&str], &str); 4] = [
        (|_| (), &["a", "b"], ""),
        (|m| m.program = "q".to_owned(), &[], "another build"),
        (|m| m.suite = "t".to_owned(), &[], "suite"),
        (
            |m| {
                m.clips.insert("b".to_owned(), "3".to_owned());
            },
            &["a"],
            "results of b",
        ),
    ];
    for (change, left, word) in changes {
        let folder = tempfile::tempdir()?;
        let mut store = Store::open(folder.path(), &head(), false)?;
        store.keep(Record::Trial(trial("a")))?;
        store.keep(Record::Trial(trial("b")))?;
        drop(store);
        let mut now = head();
        change(&mut now.measured);
        let store = Store::open(folder.path(), &now, false)?;
        let clips: Vec<&str> = store.trials().iter().map(|t| t.clip.as_str()).collect();
        assert_eq!(clips, left, "{word}");
        assert_eq!(store.discarded().len(), usize::from(!word.is_empty()));
        assert!(store.discarded().iter().all(|line| line.contains(word)));
        drop(store);
        // And it stays so: the file on disk is the new run's.
        let again = Store::open(folder.path(), &now, false)?;
        assert_eq!(again.trials().len(), left.len());
        assert!(again.discarded().is_empty());
    }
    Ok(())
}

#[test]
fn a_fresh_run_forgets_what_was_measured() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut store = Store::open(folder.path(), &head(), false)?;
    store.keep(Record::Trial(trial("a")))?;
    drop(store);
    assert!(
        Store::open(folder.path(), &head(), true)?
            .trials()
            .is_empty()
    );
    Ok(())
}

#[test]
fn results_of_another_run_are_refused() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    drop(Store::open(folder.path(), &head(), false)?);
    for other in [
        RunHead { seed: 2, ..head() },
        RunHead {
            preparation: "the first 10 s".to_owned(),
            ..head()
        },
    ] {
        assert!(matches!(
            Store::open(folder.path(), &other, false),
            Err(StoreError::OtherRun { .. })
        ));
    }
    let file = folder.path().join("results.jsonl");
    std::fs::write(&file, "{\"record\":\"unheard-of\"}\n")?;
    assert!(matches!(
        Store::open(folder.path(), &head(), false),
        Err(StoreError::Malformed { line: 1, .. })
    ));
    Ok(())
}
