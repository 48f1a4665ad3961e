//! The library as a server calls it: typed answers, typed errors, and an end at any moment.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use countermark_mark::evidence::Evidence;
use countermark_mark::{FormatSpec, Payload};
use countermark_register::ReadKeyFile;
use countermark_trace::exhibits::Exhibits;
use countermark_trace::observer::{Audit, EvidencePart};
use countermark_trace::result::{Accusation, ClipReport, Likeness, Verdict};
use countermark_trace::{
    ErrorKind, Note, Observer, Reader, Request, Silence, Stage, TraceError, Tracer, Tuning,
};

mod courses;
mod following;
mod panels;
pub(crate) mod studio;
mod wrong_title;

use studio::{Playing, Studio, Trailer};

/// Wants the end once it has been called so often, and counts what it is told after that.
struct Impatient {
    left: AtomicI64,
    told_late: AtomicU64,
}

impl Impatient {
    fn after(calls: i64) -> Self {
        Self {
            left: AtomicI64::new(calls),
            told_late: AtomicU64::new(0),
        }
    }

    fn told(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) < 0 {
            self.told_late.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Observer for Impatient {
    fn stage(&self, _stage: Stage, _total: Option<u64>) {
        self.told();
    }

    fn progress(&self, _done: u64) {
        self.told();
    }

    fn note(&self, _note: &Note) {
        self.told();
    }

    fn is_cancelled(&self) -> bool {
        self.left.load(Ordering::Relaxed) < 0
    }
}

#[test]
fn every_examination_ends_soon_after_it_is_asked_to() {
    let studio = Studio::shared();
    let (leak, key) = (studio.leak(), studio.key());
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let reader = Reader::of_title(&key);
    let request = Request::new(&leak);
    let examine = |name: &str, observer: &dyn Observer| match name {
        "identify" => tracer.identify(&request, observer).map(drop),
        "trace" => tracer.trace(&request, observer).map(drop),
        _ => reader.read(&leak, observer).map(drop),
    };
    for name in ["identify", "trace", "read"] {
        let mut cancelled = 0;
        for calls in [0, 1, 10, 50] {
            let impatient = Impatient::after(calls);
            match examine(name, &impatient) {
                Err(TraceError::Cancelled) => cancelled += 1,
                // Whoever asks with the last word finds it done.
                Ok(()) => assert!(
                    impatient.left.load(Ordering::Relaxed) >= -1,
                    "{name} went on after {calls} calls"
                ),
                Err(other) => panic!("{name} after {calls} calls: {}", other.in_full()),
            }
            // A frame may be told of on its way out.
            let late = impatient.told_late.load(Ordering::Relaxed);
            assert!(late <= 2, "{name} told {late} things after {calls} calls");
        }
        assert!(cancelled >= 2, "{name} was cancelled {cancelled} times");
    }
}

/// Which parts were shown to an audit, and of how many epochs.
#[derive(Default)]
struct Parts(Mutex<Vec<(EvidencePart, usize)>>);

impl Observer for Parts {
    fn audit(&self) -> Option<&dyn Audit> {
        Some(self)
    }
}

impl Audit for Parts {
    fn evidence(&self, part: EvidencePart, evidence: &Evidence) {
        let epochs = evidence.epochs();
        self.0.lock().expect("no panic").push((part, epochs));
    }
}

/// What tracing the shared studio's leak comes to, and what it shows to an audit.
fn traced() -> &'static (ClipReport, Vec<(EvidencePart, usize)>) {
    static TRACED: OnceLock<(ClipReport, Vec<(EvidencePart, usize)>)> = OnceLock::new();
    TRACED.get_or_init(|| {
        let studio = Studio::shared();
        let tracer = Tracer::new(&studio.vault).expect("a register");
        let parts = Parts::default();
        let report = tracer.trace(&Request::new(&studio.leak()), &parts);
        let parts = parts.0.into_inner().expect("no panic");
        (report.expect("an answer"), parts)
    })
}

/// What reading it with keys alone comes to.
fn read() -> &'static ClipReport {
    static READ: OnceLock<ClipReport> = OnceLock::new();
    READ.get_or_init(|| {
        let studio = Studio::shared();
        let key = studio.key();
        let read = Reader::of_title(&key).read(&studio.leak(), &Silence);
        read.expect("an answer")
    })
}

#[test]
fn a_leak_is_traced_and_its_evidence_is_shown_to_an_audit() {
    let studio = Studio::shared();
    let leak = studio.leak();
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let (alone, parts) = traced();
    assert_eq!(alone.verdict, Verdict::Traced);
    assert_eq!(alone.deliveries[0].delivery, Some(studio.delivery));
    assert_eq!(alone.deliveries[0].payload, studio.payload);
    let identity = alone.identity.as_ref().expect("a title");
    let matches = identity.matches.len();
    let shown = |wanted: EvidencePart| {
        parts
            .iter()
            .any(|(part, epochs)| *part == wanted && *epochs > 0)
    };
    assert!(shown(EvidencePart::Together), "{parts:?}");
    assert!(
        (0..matches).all(|at| shown(EvidencePart::Match(at))),
        "{parts:?}"
    );
    // A hundred clips of one case are a hundred chances: two units of log10.
    let request = Request::new(&leak).in_case_of(100);
    let among = tracer.trace(&request, &Silence).expect("an answer");
    let [of_hundred, of_one] = [&among, alone].map(|report| report.deliveries[0].bound);
    let lost = of_hundred.log10() - of_one.log10();
    assert!((lost - 2.0).abs() < 1e-6, "{lost}");
    assert!((of_hundred.t() - of_one.t()).abs() < 1e-12 && of_hundred.accuses());
    assert_eq!(of_hundred.hypotheses().clips, 100);
    assert_eq!(of_hundred.hypotheses().decisions, 2);
}

#[test]
#[ignore = "slow: three traces with exhibits"]
fn noise_where_the_mark_lies_is_told_of_clips_that_show_the_whole_picture() {
    let studio = Studio::shared();
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let told = |clip: &Path| {
        let mut exhibits = Exhibits::default();
        let report = tracer
            .trace_with_exhibits(&Request::new(clip), &Silence, Some(&mut exhibits))
            .expect("an answer");
        assert_eq!(report.deliveries[0].payload, studio.payload);
        report.consistency
    };
    let plain = told(&studio.noisy(0)).expect("the whole picture");
    let noisy = told(&studio.noisy(12)).expect("the whole picture");
    assert_ne!(plain.like, Likeness::Transplant, "{plain:?}");
    assert!(noisy.noise > plain.noise + 0.3, "{plain:?} {noisy:?}");
    assert!(noisy.of_reencodes <= plain.of_reencodes);
    assert!(noisy.of_transplants >= plain.of_transplants);
    assert_eq!(told(&studio.leak()), None, "cropped and mirrored");
    let asked = tracer.trace(&Request::new(&studio.noisy(0)), &Silence);
    assert_eq!(asked.expect("an answer").consistency, None, "not asked for");
}

#[test]
#[ignore = "slow: two reads of which one is for its count alone"]
fn a_read_among_many_clips_counts_them() {
    let studio = Studio::shared();
    let key = studio.key();
    let reader = Reader::of_title(&key).in_case_of(1000);
    let of_thousand = reader.read(&studio.leak(), &Silence).expect("an answer");
    let best = |report: &ClipReport| report.tried.best.expect("a score");
    let (of_one, of_thousand) = (best(read()), best(&of_thousand));
    assert!((of_one.t() - of_thousand.t()).abs() < 1e-12);
    assert_eq!(of_thousand.hypotheses().clips, 1000);
}

/// Traces lifted marks beside the clean title: nobody may be accused.
fn assert_nobody_is_accused(lifted: &[(Trailer, bool)]) {
    let studio = Studio::shared();
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let mut told = false;
    for &(trailer, mirrored) in lifted {
        let clip = studio.lifted(trailer, mirrored);
        let found = tracer.trace(&Request::new(&clip), &Silence);
        let found = found.expect("an answer");
        let what = format!("{trailer:?}, mirrored {mirrored}: {found:?}");
        assert!(found.deliveries.is_empty(), "{what}");
        assert_ne!(found.verdict, Verdict::Traced, "{what}");
        // Beside pictures that are laid upon the title's the others do not even answer.
        let withheld = &found.compared.withheld;
        let own = |held: &Accusation| held.payload == studio.payload;
        assert!(withheld.iter().all(own), "{what}");
        told |= !withheld.is_empty();
        let best = found.tried.best;
        assert!(best.is_none_or(|best| best.log10() > -3.0), "{what}");
    }
    assert!(told, "nowhere was the mark strong enough to be withheld");
}

#[test]
fn a_lifted_mark_beside_the_clean_title_accuses_nobody() {
    assert_nobody_is_accused(&[(Trailer::Before, true)]);
}

#[test]
#[ignore = "slow: the other three of four"]
fn a_lifted_mark_beside_the_clean_title_accuses_nobody_either_way() {
    assert_nobody_is_accused(&[
        (Trailer::Before, false),
        (Trailer::Behind, false),
        (Trailer::Behind, true),
    ]);
}

#[test]
fn what_an_accusation_rests_on_is_told() {
    let compared = &traced().0.compared;
    assert!(compared.pictures_compared && compared.withheld.is_empty());
    let [[first, last]] = compared.evidence[..] else {
        panic!("one span: {:?}", compared.evidence);
    };
    assert!(first < 0.1 && last > 7.5, "{first} to {last}");
    let read = read();
    assert_eq!(read.verdict, Verdict::Traced);
    assert!(!read.compared.pictures_compared && read.compared.evidence.is_empty());
}

#[test]
#[ignore = "slow: a whole search in vain"]
fn a_value_that_is_moved_moves_the_answer() {
    let studio = Studio::shared();
    let leak = studio.leak();
    let mut tuning = Tuning::default();
    for (name, value) in [
        ("registration.verification.min_matches", 1000.0),
        ("registration.verification.certain_consensus", 1e9),
    ] {
        tuning.set(name, value).expect("a value of that name");
    }
    let usual = Tracer::new(&studio.vault).expect("a register");
    let request = Request::new(&leak);
    let found = usual.identify(&request, &Silence).expect("an answer");
    assert!(found.identity.title.is_some());
    let strict = usual.with_tuning(tuning);
    let found = strict.identify(&request, &Silence).expect("an answer");
    assert_eq!(found.identity.title, None);
}

#[test]
fn whose_fault_an_error_is_can_be_told() {
    let studio = Studio::shared();
    let tracer = Tracer::new(&studio.vault).expect("a register");
    for (name, bytes) in [("empty.mp4", &b""[..]), ("text.mp4", b"no film")] {
        let clip = studio.file(name, bytes);
        let error = tracer
            .trace(&Request::new(&clip), &Silence)
            .expect_err("no clip");
        assert_eq!(error.kind(), ErrorKind::Clip, "{}", error.in_full());
        assert!(error.in_full().contains(name), "{}", error.in_full());
    }
}

#[test]
#[ignore = "slow: a second leak, and a trace of it"]
fn a_copy_of_another_format_in_the_same_register_is_named() {
    let studio = Studio::new();
    let (clip, payload) = studio.other_leak(FormatSpec::v1());
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let register = studio.vault.register();
    let title = register.title_named("Drama").expect("the title");
    let distributors = register.distributors().expect("on record");
    let keys = ReadKeyFile::all_of_title(register, &title, &distributors).expect("read keys");
    assert_eq!(keys.len(), 2, "one of each format");
    let traced = tracer.trace(&Request::new(&clip), &Silence);
    for report in [traced, Reader::of_titles(&keys).read(&clip, &Silence)] {
        let report = report.expect("examined");
        let named: Vec<Payload> = report.deliveries.iter().map(|d| d.payload).collect();
        assert!(!named.is_empty(), "{report:?}");
        assert!(named.iter().all(|own| *own == payload), "{report:?}");
    }
}

/// What `trace` says of the copy when it is played so: that it is named, and the line of time.
fn played(playing: Playing) {
    let studio = Studio::shared();
    let path = studio.played(playing);
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let traced = tracer
        .trace(&Request::new(&path), &Silence)
        .expect("an answer");
    let named: Vec<Payload> = traced.deliveries.iter().map(|d| d.payload).collect();
    assert_eq!(named, [studio.payload], "{traced:?}");
    let identity = traced.identity.expect("a title");
    let (speed, negative) = match playing {
        Playing::Backwards => (-1.0, false),
        Playing::TwiceAsFast => (2.0, false),
        Playing::HalfAsFast => (0.5, false),
        Playing::Negative => (1.0, true),
        Playing::Drifting => (1.0, false),
        other => panic!("{other:?} has several speeds"),
    };
    for found in &identity.matches {
        assert!((found.speed / speed - 1.0).abs() < 5e-3, "{found:?}");
        assert_eq!(found.negative, negative);
        // The copy is all of the title, from its first moment or its last.
        let starts = if speed < 0.0 { 95.0 / 12.0 } else { 0.0 };
        for (clip, master) in found.query.into_iter().zip(found.reference) {
            assert!((starts + speed * clip - master).abs() < 0.1, "{found:?}");
        }
    }
}

#[test]
#[ignore = "slow: a search for fields of single probes"]
fn a_copy_whose_bend_moves_is_named() {
    played(Playing::Drifting);
}

#[test]
fn a_copy_that_runs_backwards_is_named() {
    played(Playing::Backwards);
}

#[test]
#[ignore = "slow: as it is, the negative is searched in vain first"]
fn a_negative_of_a_copy_is_named() {
    played(Playing::Negative);
}

#[test]
#[ignore = "slow: the same for two more ways to play it"]
fn a_copy_at_twice_and_at_half_its_speed_is_named() {
    played(Playing::TwiceAsFast);
    played(Playing::HalfAsFast);
}
