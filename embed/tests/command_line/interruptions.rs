//! SIGKILL at any moment, and Ctrl-C.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use countermark_catalogue::Vault;
use countermark_register::DeliveryState;
use serde_json::{Value, json};

use crate::studio::{Studio, interrupt, write_clip};

const MARK: &str = "mark film.mp4 -o a.mp4 --title T --distributor D";

#[test]
fn a_killed_run_leaves_a_pending_delivery_that_the_next_run_settles() {
    let studio = Studio::with_title("film.mp4", 240);
    let mut child = studio.start(&format!("{MARK} --preset veryslow"));
    studio.wait_for_frames("a.mp4");
    child.kill().expect("killed with SIGKILL");
    child.wait().expect("an exit");
    assert!(!studio.path("a.mp4").exists());
    let vault = Vault::open(&studio.path("vault")).expect("the vault");
    let delivery = &vault.register().deliveries(None).expect("deliveries")[0];
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(studio.leftovers().len(), 1);
    let listed = studio.json("deliveries");
    assert_eq!(listed["deliveries"][0]["state"], "failed");
    assert_eq!(listed["ledger"]["broken"], Value::Null);
    assert_eq!(studio.leftovers(), Vec::<String>::new());
    studio.json(&format!("{MARK} --preset ultrafast"));
    let listed = studio.json("deliveries");
    let states = [0, 1].map(|delivery| &listed["deliveries"][delivery]["state"]);
    assert_eq!(states, ["failed", "complete"]);
}

#[test]
#[ignore = "slow: many kills; one of a marking and of registrations is quick"]
fn kills_at_any_moment_leave_a_vault_that_opens() {
    let studio = Studio::with_title("film.mp4", 24);
    let mark = format!("{MARK} --preset ultrafast");
    let begun = Instant::now();
    studio.json(&mark);
    let whole = begun.elapsed();
    let mut known = 1;
    // From before anything is done until after all is: the last ones may end by themselves.
    for twelfth in (0..=14).step_by(2) {
        let _ = fs::remove_file(studio.path("a.mp4"));
        let mut child = studio.start(&mark);
        thread::sleep(whole * twelfth / 12);
        let _ = child.kill();
        child.wait().expect("an exit");
        let listed = studio.json("deliveries");
        assert_eq!(listed["ledger"]["broken"], Value::Null);
        let exists = studio.path("a.mp4").exists();
        let deliveries = listed["deliveries"].as_array().expect("a list");
        assert!(deliveries.len() - known <= 1, "{listed}");
        match deliveries.get(known).map(|made| &made["state"]) {
            // Whoever is named in court has received a file.
            Some(state) if state == "complete" => assert!(exists, "at {twelfth} of 12: {listed}"),
            // What was killed is settled by the listing.
            Some(state) => {
                assert!(
                    state == "failed" || state == "pending",
                    "at {twelfth} of 12"
                );
                assert!(!exists, "at {twelfth} of 12: {listed}");
            }
            None => assert!(!exists, "at {twelfth} of 12: a file that is on no record"),
        }
        known = deliveries.len();
        if exists {
            countermark_media::probe(&studio.path("a.mp4")).expect("a whole file");
        }
    }
}

#[test]
#[ignore = "slow: an encode that is cut off; the library is cancelled in core/mastering"]
fn an_interrupted_run_cleans_up_and_is_on_record_as_failed() {
    let studio = Studio::with_title("film.mp4", 240);
    let child = studio.start(&format!("{MARK} --preset veryslow"));
    studio.wait_for_frames("a.mp4");
    interrupt(&child);
    let ended = child.wait_with_output().expect("an exit");
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.starts_with("error: interrupted: a.mp4 was not written, delivery "),
        "{stderr}"
    );
    assert!(!studio.path("a.mp4").exists());
    assert_eq!(studio.leftovers(), Vec::<String>::new());
    let delivery = &studio.json("deliveries")["deliveries"][0];
    assert_eq!(
        (&delivery["state"], &delivery["failure"]),
        (&json!("failed"), &json!("interrupted"))
    );
}

#[test]
fn an_interrupted_registration_leaves_nothing() {
    let studio = Studio::with_title("film.mp4", 12);
    write_clip(&studio.path("long.mp4"), (640, 360), 400);
    let child = studio.start("title add long.mp4 --title Long");
    let references = studio.path("vault/references");
    let count = || fs::read_dir(&references).expect("a folder").count();
    let deadline = Instant::now() + Duration::from_secs(30);
    while count() < 2 {
        assert!(Instant::now() < deadline, "no proxy within 30 s");
        thread::sleep(Duration::from_millis(5));
    }
    interrupt(&child);
    let ended = child.wait_with_output().expect("an exit");
    assert_eq!(ended.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&ended.stderr),
        "error: interrupted: the title \"Long\" was not added\n"
    );
    assert_eq!(count(), 1);
    let vault = Vault::open(&studio.path("vault")).expect("the vault");
    assert_eq!(vault.register().titles().expect("titles").len(), 1);
}

#[test]
fn killed_registrations_leave_nothing_after_the_next_opening() {
    let studio = Studio::with_title("film.mp4", 12);
    write_clip(&studio.path("long.mp4"), (640, 360), 100);
    for moment in (0..12).step_by(2) {
        let mut child = studio.start("title add long.mp4 --title Long");
        thread::sleep(Duration::from_millis(40 * moment));
        // It may have ended by itself: that is one of the moments.
        let _ = child.kill();
        child.wait().expect("an exit");
        studio.json("vault index");
        let vault = Vault::open(&studio.path("vault")).expect("the vault");
        let titles = vault.register().titles().expect("titles").len();
        let references = fs::read_dir(studio.path("vault/references")).expect("a folder");
        assert_eq!(references.count(), titles, "{moment}");
        if titles == 2 {
            break;
        }
    }
    let vault = Vault::open(&studio.path("vault")).expect("the vault");
    assert_eq!(
        vault.register().verify_ledger().expect("a check").broken,
        None
    );
}
