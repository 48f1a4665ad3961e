use std::fs;

use countermark_fingerprint::index::PicturePrint;

use super::*;
use crate::{FrameRate, MasterFacts, Randomness};

fn vault(directory: &Path) -> Vault {
    Vault::init_with(directory, Randomness::seeded([5; 32])).expect("a vault")
}

fn facts() -> MasterFacts {
    MasterFacts {
        file: "master.mkv".to_owned(),
        width: 640,
        height: 360,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate { num: 25, den: 1 },
        duration_seconds: 20.0,
        frames: 500,
    }
}

fn word_of(number: u32, place: u32) -> u32 {
    number * 1000 + place
}

/// Adds titles whose ten places have a word of their own each.
fn add(vault: &Vault, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let draft = vault.draft_title(&format!("t{number:03}")).expect("free");
        fs::write(draft.reference_path(), b"no film").expect("a proxy");
        let pictures = (0..10)
            .map(|place| PicturePrint {
                words: vec![word_of(number, place)],
                hash: None,
            })
            .collect();
        draft.write_print(pictures, Vec::new()).expect("a print");
        vault.add_title(draft, facts()).expect("a title");
        vault.compact_index().expect("an index");
    }
}

/// Names of titles in which a word is found.
fn found(index: &Index, titles: &[TitleRecord], word: u32) -> Vec<String> {
    let mut names = Vec::new();
    for segment in index.segments() {
        let view = segment.view();
        for place in view.places_of_word(word) {
            let (number, _) = view.picture(place).expect("a place");
            names.extend(segment.title(number).map(|t| titles[t].name.clone()));
        }
    }
    names
}

#[test]
fn a_title_is_found_in_one_segment_however_many_were_merged() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..83);
    let titles = vault.titles().expect("titles");
    let index = vault.index(&titles).expect("an index");
    assert!(index.unindexed.is_empty());
    assert!(
        index.segments().len() <= LOOSE + ALIKE,
        "{}",
        index.segments().len()
    );
    for number in 0..83 {
        let names = found(&index, &titles, word_of(number, 7));
        assert_eq!(names, [format!("t{number:03}")]);
    }
}

#[test]
fn a_damaged_merged_segment_costs_nothing_but_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..20);
    let titles = vault.titles().expect("titles");
    let [merged] = &merged_files(&vault.index_path()).expect("files")[..] else {
        panic!("one merged segment");
    };
    let whole = fs::read(merged).expect("bytes");
    fs::write(merged, &whole[..whole.len() / 2]).expect("cut short");
    let index = vault.index(&titles).expect("an index");
    assert!(index.unindexed.is_empty());
    assert_eq!(found(&index, &titles, word_of(3, 3)), ["t003"]);
    vault.compact_index().expect("mended");
    let index = vault.index(&titles).expect("an index");
    assert!(index.segments().len() < 20);
    assert_eq!(found(&index, &titles, word_of(3, 3)), ["t003"]);
}

#[test]
fn a_title_without_a_print_and_without_a_film_is_named_and_the_rest_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..3);
    let titles = vault.titles().expect("titles");
    fs::remove_file(vault.print_path(titles[1].id)).expect("removed");
    let index = vault.index(&titles).expect("an index");
    let names: Vec<&str> = index.unindexed.iter().map(|u| u.title.as_str()).collect();
    assert_eq!(names, ["t001"]);
    assert_eq!(found(&index, &titles, word_of(2, 0)), ["t002"]);
    assert!(found(&index, &titles, word_of(1, 0)).is_empty());
    let missing = vault.mend_index().expect("mended as far as it goes");
    assert_eq!(missing.len(), 1);
}

#[test]
fn only_the_titles_asked_for_are_searched() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..20);
    let titles = vault.titles().expect("titles");
    let index = vault.index(&titles[4..5]).expect("an index");
    assert_eq!(found(&index, &titles[4..5], word_of(4, 1)), ["t004"]);
    assert!(found(&index, &titles[4..5], word_of(5, 1)).is_empty());
}

#[test]
fn a_draft_that_is_given_up_leaves_no_print() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    let draft = vault.draft_title("a").expect("free");
    draft.write_print(Vec::new(), Vec::new()).expect("a print");
    let titles = vault.index_path().join(TITLES);
    assert_eq!(fs::read_dir(&titles).expect("a directory").count(), 1);
    drop(draft);
    assert_eq!(fs::read_dir(&titles).expect("a directory").count(), 0);
}
