use super::super::sightings::{Sighting, sighted};
use super::*;

const MINUTE: i64 = 60_000;

fn store() -> (tempfile::TempDir, DeskStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = DeskStore::open(folder.path()).expect("a record");
    (folder, store)
}

fn sighting(title: &str, job: Option<&str>) -> Sighting {
    Sighting {
        number: 0,
        job: job.map(str::to_owned),
        title: title.to_owned(),
        delivery: None,
        place: "tube".to_owned(),
        span: [0.0, 3.0],
        seen: 0,
        origin: Origin::default(),
    }
}

/// Which rules fire when these are seen at that minute.
fn seen(store: &DeskStore, sightings: &[Sighting], minute: i64) -> Vec<String> {
    let fired = store.act(|db| sighted(db, sightings, minute * MINUTE));
    let fired = fired.expect("on record").into_iter();
    fired
        .map(|one| format!("{} {}", one.name, one.clips))
        .collect()
}

#[test]
fn a_burst_counts_clips_and_not_pieces_and_fires_once_within_its_window() {
    let (_folder, store) = store();
    let condition = Condition::Burst {
        clips: 3,
        within_millis: 10 * MINUTE,
    };
    store
        .add_rule("a", "three", None, condition)
        .expect("a rule");
    let recap = [
        sighting("T", Some("j1")),
        sighting("T", Some("j1")),
        sighting("T", Some("j1")),
    ];
    assert_eq!(seen(&store, &recap, 0), [""; 0], "three pieces of one clip");
    assert_eq!(seen(&store, &[sighting("T", None)], 1), [""; 0]);
    assert_eq!(
        seen(&store, &[sighting("U", None)], 2),
        [""; 0],
        "another title"
    );
    assert_eq!(seen(&store, &[sighting("T", None)], 9), ["three 3"]);
    assert_eq!(
        seen(&store, &[sighting("T", Some("j2"))], 9),
        [""; 0],
        "once within its window"
    );
    assert_eq!(
        seen(&store, &[sighting("T", None)], 30),
        [""; 0],
        "the others are long ago"
    );
    assert_eq!(seen(&store, &[sighting("T", None)], 31), [""; 0]);
    assert_eq!(seen(&store, &[sighting("T", None)], 32), ["three 3"]);
}

#[test]
fn a_first_sighting_fires_before_the_release_alone() {
    let (_folder, store) = store();
    let before = |minute: i64| Condition::First {
        before: Some(minute * MINUTE),
    };
    store
        .add_rule("a", "early", Some("T"), before(10))
        .expect("a rule");
    store
        .add_rule("a", "late", Some("U"), before(10))
        .expect("a rule");
    store
        .add_rule("a", "any", None, Condition::First { before: None })
        .expect("a rule");
    assert_eq!(
        seen(&store, &[sighting("T", None)], 5),
        ["any 1", "early 1"]
    );
    assert_eq!(seen(&store, &[sighting("T", None)], 6), [""; 0]);
    assert_eq!(
        seen(&store, &[sighting("U", None)], 11),
        ["any 1"],
        "it is out"
    );
    let told = store
        .firings(Page {
            limit: 10,
            before: None,
        })
        .expect("on record");
    assert_eq!(
        told.iter()
            .map(|one| one.title.as_str())
            .collect::<Vec<_>>(),
        ["U", "T", "T"]
    );
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    let (_folder, store) = store();
    let burst = |clips, within_millis| Condition::Burst {
        clips,
        within_millis,
    };
    let add = |name: &str, condition| store.add_rule("a", name, None, condition);
    for condition in [
        burst(0, MINUTE),
        burst(3, 0),
        burst(3, i64::MAX),
        Condition::First { before: Some(1) },
    ] {
        assert!(
            matches!(add("x", condition), Err(DeskError::Refused(_))),
            "{condition:?}"
        );
    }
    let rule = add("x", burst(3, MINUTE)).expect("a rule");
    assert!(matches!(
        add("x", burst(3, MINUTE)),
        Err(DeskError::Known(_))
    ));
    store.remove_rule(&rule.id).expect("there");
    assert!(matches!(
        store.remove_rule(&rule.id),
        Err(DeskError::Missing { .. })
    ));
}
