//! What reading follows from section to section is chosen by the synchronisation chips alone.

use std::sync::Mutex;

use countermark_mark::evidence::Evidence;
use countermark_mark::key::ScopedPayloadKey;
use countermark_trace::observer::{Audit, EvidencePart, Observer};
use countermark_trace::result::{ClipReport, Verdict};
use countermark_trace::{Reader, Tuning};

use super::studio::Studio;

/// All evidence, in the order in which it was shown.
#[derive(Default)]
struct Shown(Mutex<Vec<(EvidencePart, Evidence)>>);

impl Observer for Shown {
    fn audit(&self) -> Option<&dyn Audit> {
        Some(self)
    }
}

impl Audit for Shown {
    fn evidence(&self, part: EvidencePart, evidence: &Evidence) {
        let shown = (part, evidence.clone());
        self.0.lock().expect("no panic").push(shown);
    }
}

/// Three sections, no search of geometries, every speed followed, and one of them kept.
fn tuning() -> Tuning {
    let mut tuning = Tuning::default();
    for (name, value) in [
        ("decision.blind.section_seconds", 2.7),
        ("decision.blind.max_searched_seconds", 0.0),
        ("decision.blind.max_followed", 1.0),
        ("decision.speed.promising_score", 0.0),
    ] {
        tuning.set(name, value).expect("a value of that name");
    }
    tuning
}

/// Reads the leak with the title's key and an innocent distributor's.
fn read(innocent: u8) -> (ClipReport, Vec<(EvidencePart, Evidence)>) {
    let studio = Studio::shared();
    let mut key = studio.key();
    key.distributors[0].key = ScopedPayloadKey::from_bytes([innocent; 32]);
    let shown = Shown::default();
    let reader = Reader::of_title(&key).with_tuning(tuning());
    let report = reader.read(&studio.leak(), &shown).expect("an answer");
    (report, shown.0.into_inner().expect("no panic"))
}

#[test]
fn three_sections_are_followed_alike_whoever_might_be_accused() {
    let (report, shown) = read(1);
    assert_eq!(report.verdict, Verdict::NotFound);
    let of_section = |number| {
        let part = EvidencePart::Section(number);
        shown.iter().filter(|(shown, _)| *shown == part).count()
    };
    // The whole frame and its mirror image, and whatever speeds were kept or found.
    assert!((0..3).all(|number| of_section(number) > 2), "{report:?}");
    assert_eq!(of_section(3), 0);
    for innocent in [2, 3] {
        let (other, seen) = read(innocent);
        assert_eq!(other.verdict, Verdict::NotFound);
        assert_eq!(other.tried.offsets, report.tried.offsets);
        assert_eq!(other.tried.poses, report.tried.poses);
        assert!(seen == shown, "an innocent key changed what is followed");
    }
}
