use super::super::webhooks::Events;
use super::*;

fn told(store: &DeskStore) {
    let firing = Firing {
        number: 1,
        rule: "r".into(),
        name: "three".into(),
        title: "T".into(),
        clips: 3,
        job: None,
        place: "tube".into(),
        origin: super::super::origin::Origin::default(),
        fired: 0,
    };
    store.act(|db| fired(db, &[firing])).expect("on record");
}

fn store() -> (tempfile::TempDir, DeskStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = DeskStore::open(folder.path()).expect("a record");
    (folder, store)
}

#[test]
fn a_message_is_told_to_those_who_hear_of_it_until_it_is_taken_or_given_up() {
    let (_folder, store) = store();
    let hear = |jobs, rules| {
        let made = store.add_webhook("a", "http://target.example/", Events { jobs, rules });
        made.expect("a webhook").0
    };
    let (own, _other) = (hear(false, true), hear(true, false));
    told(&store);
    let due = store.begin_messages(9).expect("due");
    assert_eq!(due.len(), 1, "{due:?}");
    assert_eq!(
        (&due[0].webhook, &*due[0].url),
        (&own.id, "http://target.example/")
    );
    assert!(due[0].body.contains("\"type\":\"rule.fired\""), "{due:?}");
    assert_eq!(
        store.begin_messages(9).expect("due"),
        [],
        "somebody tells it"
    );
    for attempt in 1..=9 {
        let given_up = store.end_attempt(&due[0].id, Err("no answer"), 3);
        assert_eq!(given_up.expect("on record"), attempt == 9);
    }
    let page = Page {
        limit: 20,
        before: None,
    };
    let tried = store.attempts(&own.id, page).expect("on record");
    assert_eq!((tried.len(), &*tried[0].state), (9, "given-up"));
    told(&store);
    let due = store.begin_messages(9).expect("due");
    store
        .end_attempt(&due[0].id, Ok(503), 3)
        .expect("on record");
    store
        .end_attempt(&due[0].id, Ok(204), 3)
        .expect("on record");
    let tried = store.attempts(&own.id, page).expect("on record");
    assert_eq!((tried[0].status, &*tried[0].state), (Some(204), "sent"));
    store.remove_webhook(&own.id).expect("there");
    assert_eq!(store.attempts(&own.id, page).expect("on record"), []);
    assert!(
        !store.end_attempt(&due[0].id, Ok(200), 1).expect("nothing"),
        "it is gone"
    );
}

#[test]
fn a_secret_is_nowhere_in_the_record_and_the_same_again() {
    let (folder, store) = store();
    let events = Events {
        jobs: true,
        rules: true,
    };
    let (one, secret) = store
        .add_webhook("a", "http://a.example/", events)
        .expect("a webhook");
    let (two, other) = store
        .add_webhook("a", "http://a.example/", events)
        .expect("a webhook");
    assert_ne!(*secret, *other);
    drop(store);
    let again = DeskStore::open(folder.path()).expect("a record");
    assert_eq!(*again.webhook_secret(&one.id).expect("a secret"), *secret);
    assert_eq!(again.webhooks().expect("two").len(), 2);
    assert_ne!(one.id, two.id);
    let hex = crate::hex::to_hex(&*secret);
    for file in ["desk.db", "desk.db-wal", "webhooks.key"] {
        let Ok(bytes) = std::fs::read(folder.path().join("desk").join(file)) else {
            continue;
        };
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|own| own == part);
        assert!(!holds(&*secret) && !holds(hex.as_bytes()), "{file}");
    }
    let key = folder.path().join("desk/webhooks.key");
    assert_eq!(
        crate::private_file::exposed_mode(&key).expect("a mode"),
        None
    );
    let none = Events {
        jobs: false,
        rules: false,
    };
    assert!(again.add_webhook("a", "http://a.example/", none).is_err());
}
