//! Boards of made-up runs.

use super::specimen::run;
use super::*;
use crate::statistics::Share;

type Checked = Result<(), Box<dyn std::error::Error>>;

fn written(runs: &[(String, String)]) -> std::io::Result<(tempfile::TempDir, Vec<PathBuf>)> {
    let root = tempfile::tempdir()?;
    let mut folders = Vec::new();
    for (index, (trials, systems)) in runs.iter().enumerate() {
        let folder = root.path().join(index.to_string());
        fs::create_dir(&folder)?;
        fs::write(folder.join("results.csv"), trials)?;
        fs::write(folder.join("systems.csv"), systems)?;
        folders.push(folder);
    }
    Ok((root, folders))
}

#[test]
fn joining_the_files_is_the_same_as_reading_them_one_by_one() -> Checked {
    let (one, other) = (run("A", "read", 30.0, 0), run("B", "trace", 40.0, 0));
    let joined = (
        format!("{}{}", one.0, other.0),
        format!("{}{}", one.1, other.1),
    );
    let (_root, folders) = written(&[one.clone(), other, joined])?;
    let apart = Board::read(&folders[..2])?;
    assert_eq!(apart, Board::read(&folders[2..])?);
    assert_eq!(apart.contenders().len(), 2);
    assert_eq!(apart.attacks(), ["h264-crf20", "h264-crf30", "h264-crf40"]);
    let twice = Board::read(&[folders[0].clone(), folders[0].clone()]);
    assert!(twice.is_err_and(
        |error| error.to_string() == "two runs hold A's answer about c0 after h264-crf20"
    ));
    Ok(())
}

#[test]
fn half_of_the_clips_are_lost_where_they_were_made_to_be() -> Checked {
    let (_root, folders) = written(&[
        run("A", "read", 30.0, 0),
        run("B", "read", 90.0, 0),
        run("C", "read", 2.0, 0),
    ])?;
    let halves = halves(&Board::read(&folders)?);
    let of = |system: &str| {
        let found = halves.iter().find(|lost| lost.contender.system == system);
        found.map(|lost| lost.half)
    };
    let Some(Half::At {
        strength,
        easier,
        harder,
        quality_db,
    }) = of("A")
    else {
        return Err(format!("{halves:?}").into());
    };
    // Half of ten clips bear 30: the curve is at a half there.
    assert!(
        (strength - 30.0).abs() < 1e-9 && quality_db.is_some_and(|db| (db - 37.0).abs() < 1e-9),
        "{strength}"
    );
    assert!(easier.is_some_and(|low| low < 30.0) && harder.is_some_and(|high| high > 30.0));
    assert_eq!(of("B"), Some(Half::NotReached { hardest: 40.0 }));
    assert_eq!(of("C"), Some(Half::FromTheStart { easiest: 20.0 }));
    Ok(())
}

#[test]
fn a_rate_of_false_alarms_needs_enough_unmarked_clips() {
    let noise =
        |count: u32| -> Vec<Option<f64>> { (0..count).map(|i| Some(f64::from(i))).collect() };
    let marked = [Some(98.5), Some(98.0), Some(200.0), None];
    assert_eq!(
        tpr(&marked, &noise(99), 1e-2),
        Tpr::TooFew {
            unmarked: 99,
            needed: 100
        }
    );
    // One of a hundred may exceed it: the threshold is the second highest, 98.
    let found = Share { hits: 2, trials: 4 };
    assert_eq!(
        tpr(&marked, &noise(100), 1e-2),
        Tpr::Share {
            found,
            unmarked: 100
        }
    );
    // Silence is below everything, and no clip that is silent too is found.
    let silent = vec![None; 100];
    let found = Share { hits: 3, trials: 4 };
    assert_eq!(
        tpr(&marked, &silent, 1e-2),
        Tpr::Share {
            found,
            unmarked: 100
        }
    );
}

#[test]
fn the_page_says_what_a_system_has_and_what_was_not_told() -> Checked {
    let (root, folders) = written(&[run("A", "trace", 30.0, 0), run("A", "read", 20.0, 12)])?;
    let board = Board::read(&folders)?;
    let text = board.write(&root.path().join("out"))?;
    for part in [
        "| A, trace | 1.0 | keys, reference, register | 64 |",
        "| A | 1.0 | keys | 64 |",
        "A, trace has keys, reference, register; the row A is without reference and register.",
        "not told: 0 unmarked, 100 needed",
        "360 unmarked |",
        "not told: 360 unmarked, 1000 needed",
        "not checked: no such program",
        "| h264-crfN | A, trace | 30",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    let page = fs::read_to_string(root.path().join("out/systems.html"))?;
    assert!(page.contains("<svg") && page.contains("not told: 0 unmarked, 100 needed"));
    assert_eq!(
        Board::read(&[root.path().join("out")])?.entries,
        board.entries
    );
    Ok(())
}
