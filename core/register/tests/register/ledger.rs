//! The chain of entries.

use std::thread;

use countermark_register::{BrokenLink, Register as _, SqliteRegister};

use crate::studio::{Studio, begin, complete};

#[test]
fn the_ledger_refuses_changes() {
    let studio = Studio::new();
    studio.register.add_distributor("b").expect("a distributor");
    let db = studio.raw();
    for statement in [
        "UPDATE ledger SET details = '{}'",
        "DELETE FROM ledger WHERE seq = 1",
    ] {
        let error = db.execute(statement, []).expect_err(statement).to_string();
        assert!(error.contains("append-only"), "{error}");
    }
    assert_eq!(
        studio.register.verify_ledger().expect("a check").broken,
        None
    );
}

#[test]
fn a_tampered_ledger_names_the_first_broken_link() {
    let forbidden = "DROP TRIGGER ledger_is_never_changed; DROP TRIGGER ledger_is_never_shortened;";
    for (tampering, broken) in [
        (
            "UPDATE ledger SET details = replace(details, 'name-3', 'other') WHERE seq = 4",
            BrokenLink::Changed { seq: 4 },
        ),
        (
            "UPDATE ledger SET time = '2020-01-01T00:00:00.000Z' WHERE seq = 2",
            BrokenLink::Changed { seq: 2 },
        ),
        (
            "UPDATE ledger SET previous = hash WHERE seq = 3",
            BrokenLink::Unlinked { seq: 3 },
        ),
        (
            "DELETE FROM ledger WHERE seq = 3",
            BrokenLink::Absent { seq: 3 },
        ),
        (
            "DELETE FROM ledger WHERE seq = 1",
            BrokenLink::Absent { seq: 1 },
        ),
        (
            "DELETE FROM ledger WHERE seq >= 5",
            BrokenLink::Absent { seq: 5 },
        ),
    ] {
        let studio = Studio::new();
        for number in 1..=5 {
            studio
                .register
                .add_distributor(&format!("name-{number}"))
                .expect("a distributor");
        }
        let whole = studio.register.verify_ledger().expect("a check");
        assert_eq!((whole.entries, whole.broken), (6, None));
        let db = studio.raw();
        db.execute_batch(forbidden).expect("no triggers");
        db.execute(tampering, []).expect(tampering);
        assert_eq!(
            studio.register.verify_ledger().expect("a check").broken,
            Some(broken),
            "{tampering}"
        );
    }
}

#[test]
fn processes_at_once_keep_one_chain() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.register.add_distributor("b").expect("a distributor");
    let root = studio.root();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let register = SqliteRegister::open(&root).expect("the same vault");
                for _ in 0..10 {
                    let output = root.join("copy.mp4");
                    let begun = begin(&register, &title, &distributor, &output);
                    complete(&register, begun.id);
                }
            });
        }
    });
    let check = studio.register.verify_ledger().expect("a check");
    assert_eq!((check.entries, check.broken), (3 + 120, None));
    assert_eq!(
        studio
            .register
            .deliveries(Some(title.id))
            .expect("deliveries")
            .len(),
        40
    );
}

#[test]
fn threads_share_one_handle_and_keep_one_chain() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.register.add_distributor("b").expect("a distributor");
    let output = studio.folder.path().join("copy.mp4");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let begun = begin(&studio.register, &title, &distributor, &output);
                    complete(&studio.register, begun.id);
                    let known = studio.register.deliveries(Some(title.id));
                    assert!(known.expect("deliveries").iter().any(|d| d.id == begun.id));
                }
            });
        }
    });
    let check = studio.register.verify_ledger().expect("a check");
    assert_eq!((check.entries, check.broken), (3 + 96, None));
}
