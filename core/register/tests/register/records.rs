//! Titles, distributors and deliveries on record.

use countermark_register::{
    DeliveryState, ErrorKind, Named, Register as _, RegisterError, SqliteRegister, TitleFiles,
};

use crate::studio::{Studio, facts, outcome};

#[test]
fn records_survive_reopening() {
    let studio = Studio::new();
    let title = studio.add_title("Die Brücke");
    let distributor = studio
        .register
        .add_distributor("Nordlicht")
        .expect("a distributor");
    let begun = studio.begin(&title, &distributor);
    assert_eq!(begun.state, DeliveryState::Pending);
    let early = studio.register.complete_delivery(begun.id);
    assert!(matches!(early, Err(RegisterError::NothingMade { .. })));
    let made = studio.register.record_outcome(begun.id, &outcome());
    assert_eq!(made.expect("made").state, DeliveryState::Pending);
    let done = studio
        .register
        .complete_delivery(begun.id)
        .expect("completed");

    let register = SqliteRegister::open(&studio.root()).expect("the same vault");
    assert_eq!(
        register.title_named("Die Brücke").expect("the title"),
        title
    );
    assert_eq!(
        register.distributors().expect("distributors"),
        [distributor]
    );
    assert_eq!(
        register.deliveries(Some(title.id)).expect("deliveries"),
        std::slice::from_ref(&done)
    );
    assert_eq!(
        register.deliveries(None).expect("deliveries"),
        std::slice::from_ref(&done)
    );
    assert_eq!(
        (done.payload, done.state, done.frames),
        (begun.payload, DeliveryState::Complete, Some(1475))
    );
    assert_eq!(done.output_sha256, Some(outcome().output_sha256));
    assert_eq!(register.title(title.id).expect("the title"), title);
    assert_eq!(register.delivery(done.id).expect("the delivery"), done);
}

#[test]
fn a_delivery_settles_once() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.register.add_distributor("b").expect("a distributor");
    let failed = studio.begin(&title, &distributor);
    let failed = studio
        .register
        .fail_delivery(failed.id, "interrupted")
        .expect("failed");
    assert_eq!(
        (failed.state, failed.failure.as_deref()),
        (DeliveryState::Failed, Some("interrupted"))
    );
    assert!(!failed.may_exist());
    let error = studio
        .register
        .record_outcome(failed.id, &outcome())
        .expect_err("settled before");
    assert_eq!(
        error.to_string(),
        format!("delivery {} is failed and can change no more", failed.id)
    );
    let acts: Vec<String> = studio
        .register
        .ledger()
        .expect("a ledger")
        .into_iter()
        .map(|entry| entry.act)
        .collect();
    assert_eq!(
        acts,
        [
            "vault-created",
            "title-added",
            "distributor-added",
            "delivery-begun",
            "delivery-failed"
        ]
    );
}

#[test]
fn a_pending_delivery_is_still_to_be_scored() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.register.add_distributor("b").expect("a distributor");
    studio.begin(&title, &distributor);
    let register = SqliteRegister::open(&studio.root()).expect("the same vault");
    let left = register.deliveries(Some(title.id)).expect("deliveries");
    assert_eq!(
        (left[0].state, left[0].may_exist()),
        (DeliveryState::Pending, true)
    );
}

#[test]
fn names_are_unique_and_unknown_ones_are_told_apart() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let register = &studio.register;
    register.add_distributor("b").expect("a distributor");
    assert!(matches!(
        register.draft_title("a"),
        Err(RegisterError::NameTaken {
            what: Named::Title,
            ..
        })
    ));
    assert!(matches!(
        register.add_distributor("b"),
        Err(RegisterError::NameTaken {
            what: Named::Distributor,
            ..
        })
    ));
    assert!(matches!(
        register.add_distributor(" "),
        Err(RegisterError::BadName { .. })
    ));
    let error = register.title_named("c").expect_err("no such title");
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert!(
        error.to_string().ends_with("has no title named \"c\""),
        "{error}"
    );
    assert!(matches!(
        register.distributor_named("c"),
        Err(RegisterError::UnknownDistributor { .. })
    ));
    let foreign = Studio::new().add_title("a");
    assert_ne!(foreign.id, title.id);
    assert!(matches!(
        register.title(foreign.id),
        Err(RegisterError::NoTitle { id, .. }) if id == foreign.id
    ));
}

#[test]
fn of_two_titles_of_one_name_the_second_is_refused() {
    let studio = Studio::new();
    let register = &studio.register;
    let [first, second] = [(); 2].map(|()| register.draft_title("a").expect("free"));
    register
        .add_title(&first, facts(), &TitleFiles::named("first.mp4"))
        .expect("first come");
    assert!(matches!(
        register.add_title(&second, facts(), &TitleFiles::named("second.mp4")),
        Err(RegisterError::NameTaken { .. })
    ));
    assert_eq!(register.titles().expect("titles").len(), 1);
}
