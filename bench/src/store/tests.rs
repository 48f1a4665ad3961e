use super::*;
use crate::placing::Fragments;

fn head() -> RunHead {
    RunHead {
        schema: 1,
        suite: "main".to_owned(),
        seed: 1,
        version: "0.1.0".to_owned(),
        format: 1,
        preparation: "whole clips".to_owned(),
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
    }
}

#[test]
fn killed_run_goes_on_where_it_stopped() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut store = Store::open(folder.path(), &head())?;
    store.keep(Record::Trial(trial("a")))?;
    store.keep(Record::Trial(trial("b")))?;
    drop(store);
    // The kill came while the second trial was being written.
    let file = folder.path().join("results.jsonl");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, &text[..text.len() - 20])?;
    let mut store = Store::open(folder.path(), &head())?;
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
fn results_of_another_run_are_refused() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    drop(Store::open(folder.path(), &head())?);
    for other in [
        RunHead { seed: 2, ..head() },
        RunHead {
            preparation: "the first 10 s".to_owned(),
            ..head()
        },
    ] {
        assert!(matches!(
            Store::open(folder.path(), &other),
            Err(StoreError::OtherRun { .. })
        ));
    }
    let file = folder.path().join("results.jsonl");
    std::fs::write(&file, "{\"record\":\"unheard-of\"}\n")?;
    assert!(matches!(
        Store::open(folder.path(), &head()),
        Err(StoreError::Malformed { line: 1, .. })
    ));
    Ok(())
}
