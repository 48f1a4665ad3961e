//! A copy that was marked under the wrong title's name.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use countermark_trace::result::{ClipReport, Verdict};
use countermark_trace::{Note, Observer, Request, Tracer};

use super::panels::{Panels, marked, picture};
use super::studio::{PICTURE, write};

/// Frames of a clip.
const LENGTH: usize = 36;

/// Keeps what is noted of marks under other titles' names.
#[derive(Default)]
struct Notes(Mutex<Vec<Note>>);

impl Observer for Notes {
    fn note(&self, note: &Note) {
        if matches!(note, Note::MarkedAsOther { .. }) {
            self.0.lock().expect("no panic").push(note.clone());
        }
    }
}

fn clip(name: &str, frames: impl Iterator<Item = Vec<u8>>) -> PathBuf {
    let path = Panels::shared().folder.path().join(name);
    write(&path, PICTURE, frames.skip(12).take(LENGTH));
    path
}

fn traced(clip: &Path) -> (ClipReport, Vec<Note>) {
    let tracer = Tracer::new(&Panels::shared().vault).expect("a register");
    let notes = Notes::default();
    let report = tracer.trace(&Request::new(clip), &notes);
    let report = report.expect("an answer");
    assert_eq!(report.verdict, Verdict::TitleOnly);
    let title = report.identity.as_ref().and_then(|it| it.title.as_ref());
    assert_eq!(title.map(|title| &*title.name), Some("Upper"));
    assert!(report.deliveries.is_empty() && report.compared.withheld.is_empty());
    (report, notes.0.into_inner().expect("no panic"))
}

#[test]
fn a_copy_under_the_wrong_titles_name_is_told_and_accuses_nobody() {
    let studio = Panels::shared();
    let register = studio.vault.register();
    let lower = register.title_named("Lower").expect("on record");
    let south = register.distributor_named("South").expect("on record");
    let of = (&lower, &south, studio.payloads[1]);
    let (report, notes) = traced(&clip("wrong.mkv", marked(&studio.vault, of, 0)));
    let [note] = &notes[..] else {
        panic!("{notes:?}");
    };
    let Note::MarkedAsOther {
        title,
        other,
        payload,
        log10_p,
        titles,
    } = note
    else {
        panic!("{note:?}");
    };
    assert_eq!((&**title, &**other), ("Upper", "Lower"));
    assert_eq!(*payload, studio.payloads[1]);
    assert!(*log10_p < -9.0, "{note:?}");
    assert!(
        *titles > report.tried.titles,
        "each title asked is counted: {note:?}"
    );
    let said = note.to_string();
    assert!(said.ends_with("nobody is accused"), "{said}");
}

#[test]
#[ignore = "slow: a whole search in vain"]
fn a_clean_clip_of_a_title_answers_under_no_other_titles_keys() {
    let frames = (0..12 + LENGTH).map(|n| picture(0, n));
    let (_, notes) = traced(&clip("clean.mkv", frames));
    assert!(notes.is_empty(), "{notes:?}");
}
