//! A cancel in every state of registering and delivering.

use countermark_mastering::{MasteringError, Stage, deliver};
use countermark_register::DeliveryState;

use crate::house::{EndsAt, House, Moment};

#[test]
fn registering_ends_at_any_moment_and_leaves_nothing() {
    let house = House::empty(40);
    let frames = house.frames as u64;
    let rendering = |frame| Moment::Frames(Stage::RenderingReference, frame);
    for moment in [
        Moment::Before,
        Moment::Begins(Stage::RenderingReference),
        rendering(1),
        rendering(2),
        rendering(17),
        // The encoder's lookahead holds all forty: what follows is its flush.
        rendering(frames),
        Moment::Begins(Stage::FingerprintingPictures),
        Moment::Begins(Stage::FingerprintingSound),
    ] {
        let ends = EndsAt::new(moment);
        let ended = house.register(&ends).expect_err("ended");
        assert!(
            matches!(ended, MasteringError::Cancelled),
            "{moment:?}: {ended}"
        );
        assert!(ends.was_reached(), "{moment:?}");
        assert_eq!(house.kept(), <[Vec<String>; 3]>::default(), "{moment:?}");
        assert!(house.vault.register().titles().expect("titles").is_empty());
    }
    assert_eq!(
        house
            .vault
            .register()
            .verify_ledger()
            .expect("a check")
            .broken,
        None
    );
    house.register(&()).expect("the name is free");
}

#[test]
fn delivering_ends_at_any_moment_and_is_on_record_as_failed() {
    let house = House::with_title(40);
    let outputs = ["a.mp4", "b.mkv", "c.mov"];
    let stage = Stage::Marking {
        copies: outputs.len(),
    };
    let marking = |frame| Moment::Frames(stage, frame);
    let mut deliveries = 0;
    for moment in [
        Moment::Begins(stage),
        marking(1),
        marking(2),
        marking(23),
        marking(house.frames as u64),
        Moment::Begins(Stage::Hashing),
    ] {
        let ends = EndsAt::new(moment);
        let made = deliver(&house.vault, &house.request(&outputs), &ends).expect("begun");
        assert!(ends.was_reached(), "{moment:?}");
        assert_eq!(made.len(), outputs.len());
        for copy in made {
            let failed = copy.expect_err("ended");
            assert!(failed.error.is_cancelled(), "{moment:?}: {}", failed.error);
            assert_eq!(failed.state, DeliveryState::Failed);
            let record = house
                .vault
                .register()
                .delivery(failed.delivery)
                .expect("on record");
            assert_eq!(record.state, DeliveryState::Failed);
            assert_eq!(record.failure.as_deref(), Some("interrupted"));
        }
        deliveries += outputs.len();
        assert_eq!(house.files(), Vec::<String>::new(), "{moment:?}");
        assert_eq!(house.kept()[2], Vec::<String>::new(), "{moment:?}");
    }
    let ends = EndsAt::new(Moment::Before);
    let ended = deliver(&house.vault, &house.request(&outputs), &ends).expect_err("ended");
    assert!(ended.is_cancelled(), "{ended}");
    let on_record = house.vault.register().deliveries(None).expect("deliveries");
    assert_eq!(on_record.len(), deliveries);
    assert_eq!(
        house
            .vault
            .register()
            .verify_ledger()
            .expect("a check")
            .broken,
        None
    );
    let made = deliver(&house.vault, &house.request(&outputs), &()).expect("begun");
    assert!(made.iter().all(Result::is_ok));
}
