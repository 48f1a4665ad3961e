//! Bundles from the desk: what a browser downloads is what a stranger verifies.

use std::process::Stdio;

use serde_json::json;

use super::client::{ask, ended, get, job_of, post, upload_of};
use super::jobs::holds;
use super::leak::leaked;
use super::studio::{Served, program};

#[test]
fn a_bundle_downloaded_from_the_desk_verifies_and_is_for_those_who_may_read() {
    let (folder, copy) = leaked();
    let bytes = std::fs::read(&copy).expect("a copy");
    let served = Served::start(folder.path());
    let origin = json!({"source": "https://tube.example/watch?v=1", "uploader": "cuts"});
    let id = upload_of(&served, ("leak.mp4", &origin), &bytes);
    let id = job_of(&served, "trace", &id);
    let (job, told) = std::thread::scope(|scope| {
        let events = scope.spawn(|| get(&served, &format!("/v1/jobs/{id}/events")));
        (ended(&served, &id), events.join().expect("events").body)
    });
    let told: Vec<serde_json::Value> = told
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .collect();
    let [.., verdict, kept] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(
        (verdict, kept),
        (
            &json!({"state": "done", "keeping": true}),
            &json!({"state": "done"})
        ),
        "the verdict is told before the bundle is there"
    );
    assert_eq!(
        (&job["result"]["verdict"], &job["bundle"]),
        (&json!("traced"), &json!(true)),
        "{job}"
    );
    let delivery = &job["result"]["deliveries"][0]["delivery"];

    let place = format!("/v1/jobs/{id}/bundle");
    let bundle = get(&served, &place);
    let document = get(&served, "/v1/openapi.json").json();
    holds(&document, ("get", "/v1/jobs/{id}/bundle"), &bundle);
    assert!(
        bundle
            .head
            .contains(&format!("attachment; filename=\"{id}.zip\""))
    );
    let zip = folder.path().join("case.zip");
    std::fs::write(&zip, &bundle.bytes).expect("written");
    let verified = program()
        .args(["verify", "-q"])
        .arg(&zip)
        .arg("--clip")
        .arg(&copy)
        .stdout(Stdio::null())
        .status();
    assert_eq!(verified.expect("an exit").code(), Some(0));
    let files = countermark_evidence::archive::open(&zip).expect("a bundle");
    let part =
        |name: &str| -> serde_json::Value { serde_json::from_slice(&files[name]).expect("JSON") };
    let accused = part("case.json")["accused"].clone();
    assert_eq!(accused.as_array().map(Vec::len), Some(1), "{accused}");
    assert_eq!(accused[0]["delivery"], *delivery);
    let acquired = part("acquired.json");
    assert_eq!(
        (&acquired["source"], &acquired["by"]),
        (&origin["source"], &json!("local")),
        "{acquired}"
    );
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        let place = folder.path().to_string_lossy();
        assert!(!text.contains(&*place), "{name} names a place");
    }

    let token = |role: &str| {
        let made = post(&served, "/v1/tokens", &json!({"name": role, "role": role}));
        let token = made.json()["token"].as_str().expect("a token").to_owned();
        format!("Bearer {token}")
    };
    for (role, status) in [("platform", 403), ("mastering", 403), ("auditor", 200)] {
        let own = token(role);
        let heard = ask(&served, ("GET", &place), &[("Authorization", &own)], b"");
        assert_eq!(heard.status, status, "{role}");
    }
    // What accuses nobody has none.
    let id = upload_of(&served, ("leak.mp4", &json!({})), &bytes);
    let id = job_of(&served, "identify", &id);
    assert_eq!(ended(&served, &id)["bundle"], false);
    get(&served, &format!("/v1/jobs/{id}/bundle")).is_problem(404);
}
