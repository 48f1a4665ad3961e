use std::collections::BTreeMap;

use super::*;
use crate::placing::{Fragments, Placing};
use crate::provenance::{Measured, RECORDS};
use crate::trial::Answer;

fn head() -> RunHead {
    RunHead {
        schema: RECORDS,
        suite: "main".to_owned(),
        seed: 1,
        version: "0.1.0".to_owned(),
        format: 1,
        preparation: "whole clips".to_owned(),
        texts: Vec::new(),
        measured: Measured {
            commit: "c0ffee".to_owned(),
            program: "p".to_owned(),
            suite: "s".to_owned(),
            libraries: BTreeMap::new(),
            tool: None,
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
fn planted_and_changed_lines_are_not_believed() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut store = Store::open(folder.path(), &head(), false)?;
    store.keep(Record::Trial(trial("a")))?;
    store.keep(Record::Trial(trial("b")))?;
    drop(store);
    let file = folder.path().join("results.jsonl");
    let text = std::fs::read_to_string(&file)?;
    let planted = serde_json::to_string(&Record::Trial(trial("b")))?;
    let lines: Vec<&str> = text.lines().collect();
    for (text, left) in [
        (text.replace("\"clip\":\"b\"", "\"clip\":\"a\""), 1),
        (text.replacen("\"clip\":\"a\"", "\"clip\":\"b\"", 1), 0),
        (format!("{text}{planted}\n"), 2),
        (format!("{}\n{}\n", lines[0], lines[2]), 0),
    ] {
        std::fs::write(&file, &text)?;
        let store = Store::open(folder.path(), &head(), false)?;
        assert_eq!(store.trials().len(), left, "{text}");
        assert!(
            store.discarded()[0].contains("not as a run wrote them"),
            "{text}"
        );
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
fn another_seed_or_preparation_is_measured_anew() -> Result<(), Box<dyn std::error::Error>> {
    for (other, word) in [
        (RunHead { seed: 2, ..head() }, "seed 1, this is 2"),
        (
            RunHead {
                preparation: "the first 10 s".to_owned(),
                ..head()
            },
            "made as whole clips",
        ),
    ] {
        let folder = tempfile::tempdir()?;
        let mut store = Store::open(folder.path(), &head(), false)?;
        store.keep(Record::Trial(trial("a")))?;
        drop(store);
        let store = Store::open(folder.path(), &other, false)?;
        assert!(store.trials().is_empty());
        assert!(
            store.discarded()[0].contains(word),
            "{:?}",
            store.discarded()
        );
    }
    Ok(())
}

#[test]
fn qualities_of_another_measuring_tool_are_measured_anew() -> Result<(), Box<dyn std::error::Error>>
{
    let folder = tempfile::tempdir()?;
    let mut store = Store::open(folder.path(), &head(), false)?;
    store.keep(Record::Trial(trial("a")))?;
    store.keep(Record::Quality(Quality {
        clip: "a".to_owned(),
        ..Quality::default()
    }))?;
    drop(store);
    let mut with_tool = head();
    with_tool.measured.tool = Some("ffmpeg 7.1".to_owned());
    let store = Store::open(folder.path(), &with_tool, false)?;
    assert_eq!((store.trials().len(), store.qualities().len()), (1, 0));
    assert!(store.discarded()[0].contains("no tool"));
    Ok(())
}

#[test]
fn what_was_missing_is_tried_again_and_stays_on_record_for_a_merge()
-> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut store = Store::open(folder.path(), &head(), false)?;
    let gap = Gap::by_error("a", Some("quality"), "the disk is full");
    store.keep(Record::Gap(gap.clone()))?;
    assert_eq!(store.gaps(), std::slice::from_ref(&gap));
    drop(store);
    let (found, records) = Store::read(folder.path())?;
    assert_eq!((found, records), (head(), vec![Record::Gap(gap)]));
    assert!(
        Store::open(folder.path(), &head(), false)?
            .gaps()
            .is_empty()
    );
    Ok(())
}

#[test]
fn two_runs_do_not_share_a_folder() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let first = Store::open(folder.path(), &head(), false)?;
    assert!(matches!(
        Store::open(folder.path(), &head(), false),
        Err(StoreError::Busy { .. })
    ));
    drop(first);
    Store::open(folder.path(), &head(), false)?;
    Ok(())
}

#[test]
fn results_of_another_suite_are_refused_and_those_of_another_version_measured_anew()
-> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    drop(Store::open(folder.path(), &head(), false)?);
    let other = RunHead {
        suite: "bars".to_owned(),
        ..head()
    };
    assert!(matches!(
        Store::open(folder.path(), &other, false),
        Err(StoreError::OtherSuite { .. })
    ));
    let file = folder.path().join("results.jsonl");
    std::fs::write(&file, "no record\n")?;
    assert!(matches!(
        Store::open(folder.path(), &head(), false),
        Err(StoreError::Malformed { line: 1, .. })
    ));
    // A head that is of no run that this version knows.
    std::fs::write(&file, "{\"record\":\"unheard-of\"}\n")?;
    assert!(
        !Store::open(folder.path(), &head(), false)?
            .discarded()
            .is_empty()
    );
    std::fs::write(
        &file,
        "{\"record\":\"run\",\"schema\":2}\n{\"record\":\"old\"}\n",
    )?;
    let store = Store::open(folder.path(), &head(), false)?;
    assert!(store.discarded()[0].contains("another version"));
    Ok(())
}
