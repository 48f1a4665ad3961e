//! The real binary on generated clips: the whole job, refusals, kills, interrupts, secrets.

#[path = "../../../core/evidence/tests/all/authority.rs"]
mod authority;
#[cfg(feature = "c2pa")]
#[path = "../../../core/credentials/tests/all/chain.rs"]
mod chain;
mod checks;
mod credentials;
mod habits;
mod interruptions;
mod ledger;
mod production;
mod refusals;
mod secrets;
mod studio;

use serde_json::{Value, json};
use studio::{Studio, times, write_clip};

/// Replaces what differs from run to run by its kind.
fn settled(mut value: Value) -> Value {
    fn walk(name: &str, value: &mut Value) {
        match value {
            Value::Object(fields) => fields
                .iter_mut()
                .for_each(|(name, value)| walk(name, value)),
            Value::Array(items) => items.iter_mut().for_each(|item| walk(name, item)),
            Value::Null => {}
            value => match name {
                "id" | "delivery" | "payload" | "head" | "output_sha256" => {
                    *value = format!("[{} hex digits]", value.as_str().map_or(0, str::len)).into();
                }
                "reference" => *value = "[32 hex digits].mp4".into(),
                "created" | "settled" | "added" => *value = "[time]".into(),
                "seconds" | "fps" | "psnr_y_db" | "written_psnr_y_db" | "reference_bytes" => {
                    *value = "[number]".into();
                }
                _ => {}
            },
        }
    }
    walk("", &mut value);
    value
}

#[test]
fn a_master_is_marked_for_two_distributors() {
    let studio = Studio::empty();
    write_clip(&studio.path("film.mp4"), (512, 288), 48);
    insta::assert_json_snapshot!("vault_init", settled(studio.json("vault init")));
    let added = studio.json("title add film.mp4 --title Brücke");
    insta::assert_json_snapshot!("title_add", settled(added));
    let added = studio.json("distributor add Nordlicht");
    insta::assert_json_snapshot!("distributor_add", settled(added));
    studio.json("distributor add Seaview");
    let mark = |output: &str, distributor: &str| {
        studio.json(&format!(
            "mark film.mp4 -o {output} --title Brücke --distributor {distributor} --licensee Festival --crf 20 \
             --preset veryfast"
        ))
    };
    let first = mark("nordlicht.mp4", "Nordlicht");
    let second = mark("seaview.mkv", "Seaview");
    assert_ne!(first["payload"], second["payload"]);
    assert!(
        first["psnr_y_db"].as_f64().is_some_and(|db| db > 40.0),
        "{first}"
    );
    let mut first = settled(first);
    assert_eq!(first["verification"]["holds"], true, "{first}");
    first["verification"] = "[what was read back]".into();
    insta::assert_json_snapshot!("mark", first);
    let listed = studio.json("deliveries --title Brücke");
    insta::assert_json_snapshot!("deliveries", settled(listed));
    let copy = countermark_media::probe(&studio.path("nordlicht.mp4")).expect("a video");
    let video = copy.video;
    assert_eq!(
        (video.width, video.height, video.frames),
        (512, 288, Some(48))
    );
    assert_eq!(studio.leftovers(), Vec::<String>::new());
}

#[test]
fn words_go_to_stdout_and_nothing_to_stderr() {
    let studio = Studio::with_title("film.mp4", 12);
    let done = studio.run("mark film.mp4 -o a.mp4 --title T --distributor D");
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    let headline = "marked a.mp4\n  delivery     ";
    assert!(done.stdout.starts_with(headline), "{}", done.stdout);
    let listed = studio.run("deliveries").stdout;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(
        lines[0].starts_with("CREATED") && lines[1].contains("complete"),
        "{listed}"
    );
    let stronger = studio.run("mark film.mp4 -o b.mp4 --title T --distributor D --strength 1.5");
    assert_eq!(
        stronger.stderr,
        "warning: quality and robustness are measured at --strength 1 only\n"
    );
}

#[test]
fn processes_mark_at_once() {
    let studio = Studio::with_title("film.mp4", 60);
    let children = ["a.mp4", "b.mp4", "c.mp4"].map(|output| {
        studio.start(&format!(
            "mark film.mp4 -o {output} --title T --distributor D --json"
        ))
    });
    for child in children {
        let ended = child.wait_with_output().expect("an exit");
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{stderr}");
    }
    let listed = studio.json("deliveries");
    let deliveries = listed["deliveries"].as_array().expect("a list");
    assert_eq!(deliveries.len(), 3);
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery["state"] == "complete"),
        "{listed}"
    );
    // vault, title, distributor; begun, made, verified and completed for each
    let ledger = &listed["ledger"];
    assert_eq!(
        (&ledger["entries"], &ledger["broken"]),
        (&json!(15), &Value::Null)
    );
}

#[test]
fn a_tampered_ledger_is_reported_with_the_deliveries() {
    let studio = Studio::with_title("film.mp4", 12);
    studio.tamper("UPDATE ledger SET details = '{}' WHERE seq = 2");
    let listed = studio.run("deliveries --json");
    assert_eq!(listed.code, Some(0));
    let says = "entry 2 of the ledger was changed";
    assert!(
        listed.stderr.starts_with(&format!("warning: {says}")),
        "{}",
        listed.stderr
    );
    let json: Value = serde_json::from_str(&listed.stdout).expect("json");
    assert_eq!(json["ledger"]["broken"], says);
}

#[test]
#[ignore = "slow: a longer master"]
fn the_proxy_is_small_and_keeps_the_masters_times() {
    let studio = Studio::with_title("film.mp4", 12);
    write_clip(&studio.path("tall.mp4"), (720, 1280), 40);
    let added = studio.json("title add tall.mp4 --title Tall");
    let reference = added["reference"].as_str().expect("a file name");
    let proxy = studio.path("vault/references").join(reference);
    let info = countermark_media::probe(&proxy).expect("a video");
    let video = info.video;
    assert_eq!(
        (video.width, video.height, video.frames),
        (288, 512, Some(40))
    );
    assert_eq!(info.other_streams, []);
    assert_eq!(times(&proxy), times(&studio.path("tall.mp4")));
}
