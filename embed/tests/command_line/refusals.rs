//! Bad input: one line that names the file and the remedy, exit code 2, nothing half done.

use std::fs;

use countermark_register::{DeliveryState, Register as _, SqliteRegister};

use crate::studio::{Studio, write_clip};

/// Runs `arguments`, which must be refused with one line that contains `says`.
fn refuse(studio: &Studio, arguments: &str, says: &str) {
    let refused = studio.run(arguments);
    let stderr = &refused.stderr;
    assert_eq!(
        (refused.code, refused.stdout.as_str()),
        (Some(2), ""),
        "{arguments}: {stderr}"
    );
    assert!(
        stderr.starts_with("error: ") && stderr.contains(says),
        "{arguments}: {stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{arguments}: {stderr}");
}

/// A studio with broken files beside the registered `film.mp4`.
fn studio() -> Studio {
    let studio = Studio::with_title("film.mp4", 12);
    let whole = fs::read(studio.path("film.mp4")).expect("a clip");
    let text = b"this is no video\n".repeat(99);
    for (name, contents) in [
        ("empty.mp4", &b""[..]),
        ("text.mp4", &text),
        ("cut.mp4", &whole[..whole.len() / 2]),
        ("there.mp4", b"precious"),
        ("there.key", b"precious"),
    ] {
        fs::write(studio.path(name), contents).expect("a file");
    }
    studio
}

/// Nothing but what [`studio`] made, every delivery failed, the ledger whole.
fn assert_unharmed(studio: &Studio) {
    assert_eq!(studio.leftovers(), Vec::<String>::new());
    for name in ["there.mp4", "there.key"] {
        assert_eq!(fs::read(studio.path(name)).expect("a file"), b"precious");
    }
    for name in ["a.mp4", "a.avi", "a.key", "nowhere"] {
        assert!(!studio.path(name).exists(), "{name}");
    }
    let vault = SqliteRegister::open(&studio.path("vault")).expect("the vault");
    assert_eq!(vault.titles().expect("titles").len(), 1);
    let references = fs::read_dir(studio.path("vault/references")).expect("a folder");
    assert_eq!(references.count(), 1);
    assert_eq!(vault.verify_ledger().expect("a check").broken, None);
    let deliveries = vault.deliveries(None).expect("deliveries");
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Failed),
        "{deliveries:?}"
    );
}

#[test]
fn bad_masters_and_names_are_not_registered() {
    let studio = studio();
    for (arguments, says) in [
        ("vault init", "there is already a vault at ./vault"),
        (
            "title add film.mp4 --title T",
            "already has a title named \"T\"",
        ),
        ("title add none.mp4 --title X", "none.mp4"),
        ("title add empty.mp4 --title X", "empty.mp4"),
        ("title add text.mp4 --title X", "text.mp4"),
        ("title add cut.mp4 --title X", "cut.mp4"),
        ("title add film.mp4 --title=", "must have 1 to 200"),
        ("distributor add D", "already has a distributor named \"D\""),
        ("deliveries --title X", "no title named \"X\""),
        (
            "deliveries --vault nowhere",
            "no vault at nowhere: run `countermark-embed vault init`",
        ),
    ] {
        refuse(&studio, arguments, says);
    }
    assert_unharmed(&studio);
}

#[test]
fn bad_copies_are_not_made() {
    let studio = studio();
    write_clip(&studio.path("small.mp4"), (480, 288), 12);
    write_clip(&studio.path("long.mp4"), (512, 288), 24);
    let before = fs::read(studio.path("film.mp4")).expect("a clip");
    for (files, says) in [
        (
            "small.mp4 -o a.mp4",
            "small.mp4 is 480x288, but the title \"T\" was registered with 512x288",
        ),
        (
            "long.mp4 -o a.mp4",
            "long.mp4 lasts 1.00 s, but the title \"T\" was registered with 0.50 s",
        ),
        ("none.mp4 -o a.mp4", "none.mp4"),
        ("film.mp4 -o film.mp4", "film.mp4"),
        ("film.mp4 -o there.mp4", "there.mp4 exists"),
        ("film.mp4 -o a.avi", "a.avi"),
        ("film.mp4 -o nowhere/a.mp4", "nowhere/a.mp4"),
        ("film.mp4 -o a.mp4 --strength 0", "--strength must be above"),
        (
            "film.mp4 -o a.mp4 --strength -1",
            "--strength must be above",
        ),
        (
            "film.mp4 -o a.mp4 --strength nan",
            "--strength must be above",
        ),
        ("film.mp4 -o a.mp4 --crf 52", "--crf must be 0 to 51"),
        ("film.mp4 -o a.mp4 --bitrate fast", "--bitrate must be"),
        (
            "film.mp4 -o a.mp4 --preset warp",
            "--preset must be one of ultrafast",
        ),
        ("film.mp4 -o a.mp4 --gop 0", "--gop must be 1 or more"),
    ] {
        let arguments = format!("mark {files} --title T --distributor D");
        refuse(&studio, &arguments, says);
    }
    let unknown = "mark film.mp4 -o a.mp4 --title X --distributor D";
    refuse(&studio, unknown, "no title named \"X\"");
    let unknown = "mark film.mp4 -o a.mp4 --title T --distributor X";
    refuse(&studio, unknown, "no distributor named \"X\"");
    assert_eq!(fs::read(studio.path("film.mp4")).expect("a clip"), before);
    assert_unharmed(&studio);
}

#[test]
fn a_master_that_was_cut_since_makes_no_copy() {
    let studio = studio();
    let whole = fs::read(studio.path("film.mp4")).expect("a clip");
    fs::write(studio.path("film.mp4"), &whole[..whole.len() - 999]).expect("a file");
    refuse(
        &studio,
        "mark film.mp4 -o a.mp4 --title T --distributor D",
        "film.mp4",
    );
    assert_unharmed(&studio);
}

#[test]
fn bad_key_exports_are_not_written() {
    let studio = studio();
    for (arguments, says) in [
        ("--title X -o a.key", "no title named \"X\""),
        (
            "--title T --distributor X -o a.key",
            "no distributor named \"X\"",
        ),
        ("--title T -o there.key", "there.key exists"),
        ("--title T -o nowhere/a.key", "nowhere/a.key"),
    ] {
        refuse(&studio, &format!("key export {arguments}"), says);
    }
    assert_unharmed(&studio);
}
