//! Titles, distributors and deliveries on record.

use std::fs;

use countermark_register::{DeliveryState, Vault, VaultError};

use crate::studio::{Studio, facts, outcome};

#[test]
fn records_survive_reopening() {
    let studio = Studio::new();
    let title = studio.add_title("Die Brücke");
    let distributor = studio
        .vault
        .add_distributor("Nordlicht")
        .expect("a distributor");
    let begun = studio.begin(&title, &distributor);
    assert_eq!(begun.state, DeliveryState::Pending);
    let done = studio
        .vault
        .complete_delivery(begun.id, &outcome())
        .expect("completed");

    let vault = Vault::open(&studio.root()).expect("the same vault");
    assert_eq!(vault.title("Die Brücke").expect("the title"), title);
    assert_eq!(vault.distributors().expect("distributors"), [distributor]);
    assert_eq!(
        vault.deliveries(Some(&title)).expect("deliveries"),
        std::slice::from_ref(&done)
    );
    assert_eq!(
        vault.deliveries(None).expect("deliveries"),
        std::slice::from_ref(&done)
    );
    assert_eq!(
        (done.payload, done.state, done.frames),
        (begun.payload, DeliveryState::Complete, Some(1475))
    );
    assert_eq!(
        done.output_sha256.as_deref(),
        Some("ab".repeat(32).as_str())
    );
    assert_eq!(
        fs::read(vault.reference_path(&title)).expect("the proxy"),
        b"proxy"
    );
}

#[test]
fn a_delivery_settles_once() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    let failed = studio.begin(&title, &distributor);
    let failed = studio
        .vault
        .fail_delivery(failed.id, "interrupted")
        .expect("failed");
    assert_eq!(
        (failed.state, failed.failure.as_deref()),
        (DeliveryState::Failed, Some("interrupted"))
    );
    assert!(!failed.may_exist());
    let error = studio
        .vault
        .complete_delivery(failed.id, &outcome())
        .expect_err("settled before");
    assert_eq!(
        error.to_string(),
        format!("delivery {} is failed and can change no more", failed.id)
    );
    let acts: Vec<String> = studio
        .vault
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
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    studio.begin(&title, &distributor);
    let vault = Vault::open(&studio.root()).expect("the same vault");
    let left = vault.deliveries(Some(&title)).expect("deliveries");
    assert_eq!(
        (left[0].state, left[0].may_exist()),
        (DeliveryState::Pending, true)
    );
}

#[test]
fn names_are_unique_and_unknown_ones_come_with_a_remedy() {
    let studio = Studio::new();
    studio.add_title("a");
    studio.vault.add_distributor("b").expect("a distributor");
    assert!(matches!(
        studio.vault.draft_title("a"),
        Err(VaultError::NameTaken { what: "title", .. })
    ));
    assert!(matches!(
        studio.vault.add_distributor("b"),
        Err(VaultError::NameTaken {
            what: "distributor",
            ..
        })
    ));
    assert!(matches!(
        studio.vault.add_distributor(" "),
        Err(VaultError::BadName { .. })
    ));
    let error = studio
        .vault
        .title("c")
        .expect_err("no such title")
        .to_string();
    assert!(
        error.contains("no title named \"c\"") && error.contains("countermark-embed title add"),
        "{error}"
    );
    let error = studio
        .vault
        .distributor("c")
        .expect_err("no such distributor")
        .to_string();
    assert!(
        error.contains("countermark-embed distributor add"),
        "{error}"
    );
}

#[test]
fn a_title_that_loses_the_race_for_its_name_leaves_no_proxy() {
    let studio = Studio::new();
    let drafts = [
        studio.vault.draft_title("a").expect("free"),
        studio.vault.draft_title("a").expect("still free"),
    ];
    let [first, second] = drafts;
    let lost = second.reference_path().to_path_buf();
    for draft in [&first, &second] {
        fs::write(draft.reference_path(), b"proxy").expect("a proxy");
    }
    studio.vault.add_title(first, facts()).expect("first come");
    assert!(matches!(
        studio.vault.add_title(second, facts()),
        Err(VaultError::NameTaken { .. })
    ));
    assert!(!lost.exists());
    assert_eq!(studio.vault.titles().expect("titles").len(), 1);
}

#[test]
fn a_title_is_not_recorded_without_its_proxy() {
    let studio = Studio::new();
    let draft = studio.vault.draft_title("a").expect("free");
    assert!(matches!(
        studio.vault.add_title(draft, facts()),
        Err(VaultError::ReferenceMissing { .. })
    ));
    assert!(studio.vault.titles().expect("titles").is_empty());
}
