//! A night of the production line: batches that are killed, copies that are read back, licences, lists.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use countermark_register::FileHash;
use serde_json::Value;

use crate::studio::{Studio, write_clip};

const PLAN: &str = "master,title,distributor,output,speed,contract,until\n\
    one.mp4,One,D;E;F,out/{title}-{distributor}.mp4,ultrafast,K-1,2999-12-31\n\
    two.mp4,Two,D;E;F,out/{title}-{distributor}.mp4,ultrafast,K-2,2999-12-31\n";

fn studio() -> Studio {
    let studio = Studio::empty();
    studio.json("vault init");
    for name in ["D", "E", "F"] {
        studio.json(&format!("distributor add {name}"));
    }
    for (file, frames) in [("one.mp4", 60), ("two.mp4", 48)] {
        write_clip(&studio.path(file), (512, 288), frames);
    }
    studio.json("title add one.mp4 --title One");
    studio.json("title add two.mp4 --title Two");
    fs::write(studio.path("plan.csv"), PLAN).expect("a plan");
    studio
}

#[test]
fn a_batch_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let studio = studio();
    let dry = studio.json("batch plan.csv --dry-run");
    assert_eq!(dry["rows"].as_array().map(Vec::len), Some(6));
    assert_eq!(dry["rows"][0]["state"], "to do");
    assert!(!studio.path("out").exists());
    // Longer each time: before the first frame, while a master is marked, while copies are read back and named.
    for kill in 1..=5 {
        let mut child = studio.start("batch plan.csv --json");
        thread::sleep(Duration::from_millis(150 * kill * kill));
        let _ = child.kill();
        child.wait().expect("an exit");
    }
    let done = studio.json("batch plan.csv --csv table.csv --junit table.xml");
    let rows = done["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 6);
    for row in rows {
        let state = row["state"].as_str().expect("a state");
        assert!(["made", "done before"].contains(&state), "{row}");
        let file = studio.path(row["output"].as_str().expect("a name"));
        let hash = FileHash::of_file(&file, &|| false).expect("a file");
        assert_eq!(
            row["output_sha256"].as_str(),
            hash.map(|hash| hash.to_string()).as_deref()
        );
    }
    let listed = studio.json("deliveries --state complete");
    let mut of_each: BTreeMap<String, usize> = BTreeMap::new();
    for delivery in listed["deliveries"].as_array().expect("a list") {
        let key = format!("{} {}", delivery["title"], delivery["distributor"]);
        *of_each.entry(key).or_default() += 1;
    }
    assert_eq!(of_each.len(), 6, "{of_each:?}");
    assert!(of_each.values().all(|count| *count == 1), "{of_each:?}");
    assert_eq!(listed["ledger"]["broken"], Value::Null);
    let pending = studio.json("deliveries --state pending");
    assert_eq!(pending["deliveries"], Value::Array(Vec::new()));
    let mut names: Vec<String> = fs::read_dir(studio.path("out"))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let wanted = ["One-D", "One-E", "One-F", "Two-D", "Two-E", "Two-F"];
    assert_eq!(names, wanted.map(|name| format!("{name}.mp4")));
    let table = fs::read_to_string(studio.path("table.csv")).expect("a table");
    assert_eq!(table.lines().count(), 7, "{table}");
    let junit = fs::read_to_string(studio.path("table.xml")).expect("a file");
    assert_eq!(junit.matches("<testcase").count(), 6, "{junit}");
    let checked = studio.run("vault check");
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
}

#[test]
fn a_row_that_cannot_be_made_has_its_remedy_and_exit_code_2_and_the_others_are_made() {
    let studio = Studio::with_title("film.mp4", 24);
    let plan = "master,title,distributor,output,speed\n\
        film.mp4,T,Nobody,a.mp4,ultrafast\n\
        film.mp4,T,D,b.mp4,ultrafast\n";
    fs::write(studio.path("plan.csv"), plan).expect("a plan");
    let strict = studio.run("batch plan.csv --strict -q");
    assert_eq!(strict.code, Some(2), "{}", strict.stdout);
    assert!(!studio.path("b.mp4").exists());
    let done = studio.run("batch plan.csv -q");
    assert_eq!(done.code, Some(2), "{}{}", done.stdout, done.stderr);
    assert!(studio.path("b.mp4").exists());
    assert!(
        done.stdout.contains("row 1: T for Nobody") && done.stdout.contains("distributor add NAME"),
        "{}",
        done.stdout
    );
    assert!(
        done.stdout.contains("1 made, 0 done before, 1 failed"),
        "{}",
        done.stdout
    );
}

#[test]
fn a_copy_is_found_by_its_file_and_verified_later() {
    let studio = Studio::with_title("film.mp4", 48);
    let marked = studio.json("mark film.mp4 -o a.mp4 --title T --distributor D --preset veryfast");
    assert_eq!(marked["verification"]["holds"], true, "{marked}");
    assert_eq!(
        marked["verification"]["reading"]["payload"],
        marked["payload"]
    );
    let found = studio.json("verify a.mp4");
    assert_eq!(found["delivery"], marked["delivery"]);
    let page = studio.json("verify a.mp4 --master film.mp4 --contact-sheet pages");
    let page = studio.path(page["contact_sheet"].as_str().expect("a page"));
    let html = fs::read_to_string(page).expect("a page");
    assert_eq!(
        html.matches("<img ").count() % 3,
        0,
        "three pictures of each part"
    );
    assert!(html.contains("their difference"));
    // The master itself claims to be the copy.
    let id = marked["delivery"].as_str().expect("an identifier");
    let bad = studio.run(&format!(
        "verify film.mp4 --delivery {id} --master film.mp4"
    ));
    assert_eq!(bad.code, Some(1), "{}", bad.stdout);
    assert!(
        bad.stdout.contains("must not be handed on"),
        "{}",
        bad.stdout
    );
    let unknown = studio.run("verify film.mp4");
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("--delivery ID"),
        "{}",
        unknown.stderr
    );
    let listed = studio.json("deliveries --file a.mp4");
    assert_eq!(listed["deliveries"][0]["delivery"], marked["delivery"]);
    let unread = studio.json("mark film.mp4 -o b.mp4 --title T --distributor D --no-verify");
    assert_eq!(unread["verification"], Value::Null);
}

#[test]
fn licences_names_and_revocations_are_in_the_ledger() {
    let studio = Studio::with_title("film.mp4", 12);
    let mark = "mark film.mp4 -o a.mp4 --title T --distributor D --preset ultrafast --no-verify \
                --contract K-7 --territory DE,AT --until 2027-06-30 --use svod";
    let marked = studio.json(mark);
    let id = marked["delivery"].as_str().expect("an identifier");
    let listed = studio.json("deliveries --territory at --contract K-7");
    assert_eq!(
        listed["deliveries"][0]["licence"]["until"], "2027-06-30",
        "{listed}"
    );
    let none = studio.json("deliveries --territory FR");
    assert_eq!(none["deliveries"], Value::Array(Vec::new()));
    let set = studio.json(&format!(
        "licence set {id} --until 2028-06-30 --note longer"
    ));
    assert_eq!(set["licence"]["until"], "2028-06-30");
    assert_eq!(set["licence"]["contract"], "K-7");
    let bad = studio.run(&format!("licence set {id} --from 2029-01-01"));
    assert_eq!(bad.code, Some(2));
    assert!(
        bad.stderr.contains("cannot end on 2028-06-30"),
        "{}",
        bad.stderr
    );
    studio.json("title rename T U");
    studio.json("distributor rename D E");
    studio.json("distributor retire E");
    let revoked = studio.json(&format!("delivery revoke {id} --reason unpaid"));
    assert_eq!(
        (&revoked["title"], &revoked["distributor"]),
        (&"U".into(), &"E".into())
    );
    assert_eq!(revoked["revoked"], "unpaid");
    let refused = studio.run("mark film.mp4 -o b.mp4 --title U --distributor E");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("retired"), "{}", refused.stderr);
    let table = studio.run("deliveries --csv").stdout;
    assert!(
        table
            .lines()
            .nth(1)
            .is_some_and(|row| row.contains("K-7") && row.contains("DE;AT")),
        "{table}"
    );
    let titles = studio.json("title list");
    assert_eq!(
        (
            &titles["titles"][0]["title"],
            &titles["titles"][0]["deliveries"]
        ),
        (&"U".into(), &1.into())
    );
    let distributors = studio.json("distributor list");
    assert!(
        distributors["distributors"][0]["retired"].is_string(),
        "{distributors}"
    );
    let checked = studio.run("vault check");
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
}

#[test]
fn an_interrupt_ends_a_batch_and_says_what_was_not_begun() {
    let studio = studio();
    let child = studio.start("batch plan.csv -q");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !studio.path("out").exists() {
        assert!(Instant::now() < deadline, "no work within 30 s");
        thread::sleep(Duration::from_millis(5));
    }
    crate::studio::interrupt(&child);
    let ended = child.wait_with_output().expect("an exit");
    let text = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(2), "{text}");
    assert!(text.contains("not begun, in"), "{text}");
}
