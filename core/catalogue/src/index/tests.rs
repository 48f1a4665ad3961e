use std::fs;

use countermark_fingerprint::index::PicturePrint;

use countermark_register::{FrameRate, MasterFacts, Randomness, RegisterError};

use super::{
    merge::{ALIKE, LOOSE},
    *,
};
use crate::Vault;

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
        let register = vault.register();
        let title = register
            .draft_title(&format!("t{number:03}"))
            .expect("free");
        let draft = vault.catalogue().draft(&title).expect("a claim");
        fs::write(draft.reference_path(), b"no film").expect("a proxy");
        let pictures = (0..10)
            .map(|place| PicturePrint {
                words: vec![word_of(number, place)],
                hash: None,
            })
            .collect();
        draft.write_print(pictures, Vec::new()).expect("a print");
        let file = draft.files().expect("a reference");
        register.add_title(&title, facts(), &file).expect("a title");
        draft.keep();
        compact(vault);
    }
}

fn titles(vault: &Vault) -> Vec<TitleRecord> {
    vault.register().titles().expect("titles")
}

fn compact(vault: &Vault) {
    let register = vault.register();
    vault.catalogue().compact_index(register).expect("an index");
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
    let titles = titles(&vault);
    let index = vault.catalogue().index(&titles).expect("an index");
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
    let titles = titles(&vault);
    let [merged] = &merged_files(&vault.catalogue().index_folder()).expect("files")[..] else {
        panic!("one merged segment");
    };
    let whole = fs::read(merged).expect("bytes");
    fs::write(merged, &whole[..whole.len() / 2]).expect("cut short");
    let index = vault.catalogue().index(&titles).expect("an index");
    assert!(index.unindexed.is_empty());
    assert_eq!(found(&index, &titles, word_of(3, 3)), ["t003"]);
    compact(&vault);
    let index = vault.catalogue().index(&titles).expect("an index");
    assert!(index.segments().len() < 20);
    assert_eq!(found(&index, &titles, word_of(3, 3)), ["t003"]);
}

#[test]
fn a_title_without_a_print_and_without_a_film_is_named_and_the_rest_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..3);
    let titles = titles(&vault);
    fs::remove_file(vault.catalogue().print_path(titles[1].id)).expect("removed");
    let index = vault.catalogue().index(&titles).expect("an index");
    let names: Vec<&str> = index.unindexed.iter().map(|u| u.title.as_str()).collect();
    assert_eq!(names, ["t001"]);
    assert_eq!(found(&index, &titles, word_of(2, 0)), ["t002"]);
    assert!(found(&index, &titles, word_of(1, 0)).is_empty());
    let missing = vault
        .catalogue()
        .mend_index(vault.register())
        .expect("mended as far as it goes");
    assert_eq!(missing.len(), 1);
}

#[test]
fn only_the_titles_asked_for_are_searched() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..20);
    let titles = titles(&vault);
    let index = vault.catalogue().index(&titles[4..5]).expect("an index");
    assert_eq!(found(&index, &titles[4..5], word_of(4, 1)), ["t004"]);
    assert!(found(&index, &titles[4..5], word_of(5, 1)).is_empty());
}

#[test]
fn a_draft_that_is_given_up_leaves_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    let title = vault.register().draft_title("a").expect("free");
    let draft = vault.catalogue().draft(&title).expect("a claim");
    assert!(matches!(
        draft.files(),
        Err(CatalogueError::ReferenceMissing { .. })
    ));
    fs::write(draft.reference_path(), b"no film").expect("a reference");
    draft.write_print(Vec::new(), Vec::new()).expect("a print");
    let count = |folder: PathBuf| fs::read_dir(folder).expect("a directory").count();
    let folders = || {
        let catalogue = vault.catalogue();
        [catalogue.references(), catalogue.prints_folder()].map(count)
    };
    assert_eq!(folders(), [1, 1]);
    drop(draft);
    assert_eq!(folders(), [0, 0]);
    assert!(
        vault
            .catalogue()
            .claims()
            .works()
            .expect("claims")
            .is_empty()
    );
}

#[test]
fn a_segment_is_read_once_however_many_clips_are_looked_up() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..20);
    let titles = titles(&vault);
    let open = Vault::open(directory.path()).expect("the vault");
    let first = open.catalogue().index(&titles).expect("an index");
    let checks = open.catalogue().segments.checks();
    assert_eq!(checks, first.segments().len() as u64);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (open, titles) = (&open, &titles);
            scope.spawn(move || {
                let index = open.catalogue().index(titles).expect("an index");
                let name = format!("t{number:03}");
                assert_eq!(found(&index, titles, word_of(number, 1)), [name]);
            });
        }
    });
    assert_eq!(open.catalogue().segments.checks(), checks);

    // A file that is replaced is another one.
    let own = open.catalogue().print_path(titles[19].id);
    fs::copy(&own, own.with_extension("new")).expect("a copy");
    fs::rename(own.with_extension("new"), &own).expect("in its place");
    open.catalogue().index(&titles).expect("an index");
    assert_eq!(open.catalogue().segments.checks(), checks + 1);
}

#[test]
fn a_title_that_a_killed_process_was_adding_is_removed_and_a_living_ones_is_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let vault = vault(directory.path());
    add(&vault, 0..1);
    let files = |draft: &crate::ReferenceDraft| {
        fs::write(draft.reference_path(), b"no film").expect("a reference");
        draft.write_print(Vec::new(), Vec::new()).expect("a print");
    };
    let [living, killed] = ["living", "killed"].map(|name| {
        let title = vault.register().draft_title(name).expect("free");
        let draft = vault.catalogue().draft(&title).expect("a claim");
        files(&draft);
        (title, draft)
    });
    let (reference, print) = (
        killed.1.reference_path().to_path_buf(),
        vault.catalogue().print_path(killed.0.id()),
    );
    killed.1.abandon();
    let leftovers = vault.settle(&|| false).expect("settled");
    assert_eq!(leftovers.removed, [reference.clone(), print.clone()]);
    assert!(!reference.exists() && !print.exists());
    assert!(living.1.reference_path().exists());
    assert!(vault.settle(&|| false).expect("settled").removed.is_empty());
    assert!(
        vault
            .catalogue()
            .orphans(vault.register())
            .expect("orphans")
            .is_empty()
    );

    // Without a claim nothing says that it was never on record.
    fs::write(&reference, b"no film").expect("a reference");
    assert!(vault.settle(&|| false).expect("settled").removed.is_empty());
    let orphans = vault.catalogue().orphans(vault.register());
    assert_eq!(orphans.expect("orphans"), [reference]);
    assert!(matches!(
        vault.register().title(killed.0.id()),
        Err(RegisterError::NoTitle { .. })
    ));
}
