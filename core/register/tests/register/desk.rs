//! What a desk has on record.

use countermark_register::desk::{
    DeskError, DeskStore, Findings, JobKind, JobState, NewJob, Origin, Page, Role, Sighting,
    token_hash,
};

fn store() -> (tempfile::TempDir, DeskStore) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = DeskStore::open(folder.path()).expect("a record");
    (folder, store)
}

fn job(store: &DeskStore, owner: &str) -> String {
    let origin = Origin::new(Some("https://tube.example/1"), Some("cuts"), None);
    let origin = origin.expect("an origin");
    let upload = store.add_upload(owner, "clip.mp4", 9, &origin);
    let upload = upload.expect("an upload");
    let new = NewJob {
        kind: JobKind::Trace,
        upload: &upload.id,
        name: &upload.name,
        title: None,
        case: None,
        owner,
        not_before: 0,
    };
    let early = store.add_job(&new);
    assert!(
        matches!(early, Err(DeskError::Refused(_))),
        "it is not whole"
    );
    store.complete_upload(&upload.id, 9).expect("whole");
    store.add_job(&new).expect("a job").id
}

const ALL: Page = Page {
    limit: 100,
    before: None,
};

#[test]
fn a_desk_serves_a_vault_alone() {
    let (folder, store) = store();
    let second = DeskStore::open(folder.path());
    assert!(matches!(second, Err(DeskError::Taken)));
    drop(store);
    DeskStore::open(folder.path()).expect("the first is gone");
}

#[test]
fn jobs_are_begun_in_their_order_and_ended_once() {
    let (_folder, store) = store();
    let [first, second] = ["a", "b"].map(|owner| job(&store, owner));
    let begun = store.begin_job().expect("asked").expect("a job");
    assert_eq!((&begun.id, begun.state), (&first, JobState::Running));
    assert_eq!(begun.origin.uploader.as_deref(), Some("cuts"));
    let nothing = Findings::default();
    let ended = |outcome| store.end_job(&first, outcome, &nothing).expect("asked");
    assert_eq!(ended(Ok("{}")), Some(vec![]));
    assert_eq!(ended(Err("late")), None);
    let ended = store.job(&first).expect("a job");
    assert_eq!(
        (ended.state, ended.result.as_deref()),
        (JobState::Done, Some("{}"))
    );
    assert!(store.cancel_job(&second).expect("asked"));
    assert!(
        !store.cancel_job(&second).expect("asked"),
        "it is cancelled already"
    );
    assert_eq!(store.begin_job().expect("asked"), None);
    let own = store.jobs(Some("b"), None, ALL).expect("a list");
    assert_eq!(own.iter().map(|job| &job.id).collect::<Vec<_>>(), [&second]);
    assert!(matches!(
        store.job("none"),
        Err(DeskError::Missing { what: "job", .. })
    ));
}

#[test]
fn what_a_gone_desk_was_working_on_waits_again_until_it_has_ended_too_many() {
    let (folder, mut store) = store();
    let id = job(&store, "a");
    for _ in 0..25 {
        assert_eq!(
            store.begin_job().expect("asked").map(|job| job.id),
            Some(id.clone())
        );
        drop(store);
        store = DeskStore::open(folder.path()).expect("the next desk");
        store.resume_jobs().expect("asked");
    }
    assert_eq!(store.job(&id).expect("a job").state, JobState::Failed);
    let spent = store.spent_uploads().expect("asked");
    assert_eq!(spent.len(), 1);
    assert!(store.forget_upload(&spent[0]).expect("asked"));
}

#[test]
fn a_job_is_done_before_what_is_kept_of_it_is_made_and_a_gone_desk_makes_that_again() {
    let (folder, mut store) = store();
    let id = job(&store, "a");
    store.begin_job().expect("asked").expect("a job");
    let told = Findings {
        has_bundle: true,
        ..Findings::default()
    };
    let answer = r#"{"notes":["at once"]}"#;
    store.end_job(&id, Ok(answer), &told).expect("ended");
    let about = |store: &DeskStore| {
        let job = store.job(&id).expect("a job");
        (job.state, job.is_keeping, job.has_bundle)
    };
    assert_eq!(about(&store), (JobState::Done, true, true));
    assert!(!store.cancel_job(&id).expect("asked"), "it has its verdict");
    assert_eq!(store.begin_job().expect("asked"), None, "it is worked on");
    let spent = |store: &DeskStore| store.spent_uploads().expect("asked").len();
    assert_eq!(spent(&store), 0, "its clip is needed");

    drop(store);
    store = DeskStore::open(folder.path()).expect("the next desk");
    assert_eq!(store.resume_jobs().expect("asked"), 1);
    let again = store.begin_job().expect("asked").expect("the job");
    assert_eq!((&again.id, again.state), (&id, JobState::Done));
    assert_eq!(store.begin_job().expect("asked"), None);
    let late = [serde_json::json!("late")];
    store.kept_of_job(&id, false, &late).expect("kept");
    assert_eq!(about(&store), (JobState::Done, false, false));
    let result = store.job(&id).expect("a job").result;
    assert_eq!(result.as_deref(), Some(r#"{"notes":["at once","late"]}"#));
    assert_eq!(spent(&store), 1);
    store.resume_jobs().expect("asked");
    assert_eq!(store.begin_job().expect("asked"), None);
}

#[test]
fn tokens_are_known_by_their_hash_until_they_are_taken_back() {
    let (folder, store) = store();
    let (record, token) = store.add_token("tube", Role::Platform).expect("a token");
    let known = store.token(&token_hash(&token)).expect("asked");
    assert_eq!(known.as_ref(), Some(&record));
    assert!(matches!(
        store.add_token("tube", Role::Analyst),
        Err(DeskError::Known(_))
    ));
    store.revoke_token(&record.id).expect("taken back");
    assert_eq!(store.token(&token_hash(&token)).expect("asked"), None);
    drop(store);
    let bytes = std::fs::read(folder.path().join("desk/desk.db")).expect("the record");
    assert!(
        !bytes
            .windows(token.len())
            .any(|some| some == token.as_bytes())
    );
}

#[test]
fn the_same_key_hears_the_same_answer_and_another_request_none() {
    let (_folder, store) = store();
    let asked = ("a", "key", "request");
    assert_eq!(store.kept_answer(asked).expect("asked"), None);
    store.keep_answer(asked, (201, "{}")).expect("kept");
    let known = store.kept_answer(asked).expect("asked");
    assert_eq!(known, Some((201, "{}".to_owned())));
    let other = store.kept_answer(("a", "key", "other"));
    assert!(matches!(other, Err(DeskError::KeyReused)));
    assert_eq!(
        store.kept_answer(("b", "key", "other")).expect("asked"),
        None
    );
}

#[test]
fn cases_keep_notes_and_sightings_and_questions_are_counted() {
    let (_folder, store) = store();
    let case = store.add_case("a", "  Night ").expect("a case");
    assert_eq!(case.name, "Night");
    store.add_note(&case.id, "a", "seen").expect("a note");
    let (same, notes) = store.case(&case.id).expect("a case");
    assert_eq!((same, notes.len()), (case, 1));
    for refused in ["", "a\u{7}", &"x".repeat(201)] {
        assert!(matches!(
            store.add_case("a", refused),
            Err(DeskError::Refused(_))
        ));
    }
    let sighting = Sighting {
        number: 0,
        origin: Origin::default(),
        job: None,
        title: "T".into(),
        delivery: None,
        place: "tube".into(),
        span: [1.0, 2.5],
        seen: 0,
    };
    store.add_sighting(&sighting).expect("put on record");
    let known = store.sightings(Some("T"), 9).expect("a list");
    assert!(known[0].span[0].total_cmp(&1.0).is_eq() && known[0].span[1].total_cmp(&2.5).is_eq());
    assert_eq!(store.sightings(Some("U"), 9).expect("a list"), []);
    for delivery in ["d", "e", "e"] {
        let id = job(&store, "a");
        store.begin_job().expect("asked").expect("a job");
        let found = Findings {
            sightings: vec![sighting.clone()],
            told: vec![delivery.to_owned()],
            has_bundle: true,
        };
        assert!(
            store
                .end_job(&id, Ok("{}"), &found)
                .expect("asked")
                .is_some()
        );
        assert!(
            store
                .end_job(&id, Ok("{}"), &found)
                .expect("asked")
                .is_none(),
            "once"
        );
        assert!(store.job(&id).expect("a job").has_bundle);
    }
    assert_eq!(store.sightings(Some("T"), 9).expect("a list").len(), 4);
    let most = store.most_asked("a").expect("asked").expect("some");
    assert_eq!((most.delivery.as_str(), most.times), ("e", 2));
    assert_eq!(store.most_asked("b").expect("asked"), None);
}
