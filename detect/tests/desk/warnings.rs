//! Early warning: sightings make rules fire, and who asked to be told is told, signed, until it takes it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::client::{Heard, ask, get, post};
use super::studio::{Served, print_of, studio};

/// A target that answers so, one after the other, and tells what it heard.
fn target(answers: &'static [&'static str]) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, heard) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut text = Vec::new();
            loop {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).expect("a request");
                text.extend_from_slice(&piece[..read]);
                let text = String::from_utf8_lossy(&text);
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    continue;
                };
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(0);
                if body.len() >= length || read == 0 {
                    let _ = sender.send((head.to_owned(), body.to_owned()));
                    break;
                }
            }
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    });
    (format!("http://{address}/hook?from=desk"), heard)
}

fn next(heard: &Receiver<(String, String)>) -> (String, Value, String) {
    let (head, body) = heard
        .recv_timeout(Duration::from_secs(20))
        .expect("a message");
    let json = serde_json::from_str(&body).expect("JSON");
    (head, json, body)
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name}: {head}"))
}

fn verify(served: &Served, print: &[u8], uploader: &str) -> Heard {
    let path = format!(
        "/v1/verify?platform=Tube&territory=DE&day=2026-11-30&uploader={uploader}&source=https://tube.example/{uploader}"
    );
    ask(served, ("POST", &path), &[], print)
}

/// The attempts of a webhook once `ready` is content with them.
fn attempts(served: &Served, id: &str, ready: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let list = get(served, &format!("/v1/webhooks/{id}/attempts")).json();
        let items = list["items"].as_array().expect("a list").clone();
        if ready(&items) {
            return items;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{list}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_burst_is_told_signed_and_again_until_it_is_taken_and_no_redirect_is_followed() {
    let folder = studio();
    let served = Served::start_with(folder.path(), &["--private-webhooks"]);
    let (url, heard) = target(&[
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
    ]);
    let new = json!({"url": url, "events": ["rule.fired"]});
    let webhook = post(&served, "/v1/webhooks", &new).json();
    let id = webhook["id"].as_str().expect("an identifier");
    let rule =
        json!({"name": "two in a minute", "kind": "burst", "clips": 2, "within_seconds": 60});
    assert_eq!(post(&served, "/v1/rules", &rule).status, 201);
    let print = std::fs::read(print_of("street", folder.path())).expect("a print");
    for uploader in ["first", "second", "third"] {
        assert_eq!(verify(&served, &print, uploader).json()["title"], "street");
    }

    let (head, message, body) = next(&heard);
    assert!(head.starts_with("POST /hook?from=desk HTTP/1.1"), "{head}");
    assert_eq!(message["type"], "rule.fired");
    let data = &message["data"];
    assert_eq!(
        (&data["title"], &data["clips"], &data["uploader"]),
        (&json!("street"), &json!(2), &json!("second")),
        "{message}"
    );
    let secret = webhook["secret"]
        .as_str()
        .and_then(|text| text.strip_prefix("whsec_"));
    let secret = STANDARD.decode(secret.expect("a secret")).expect("base64");
    let signed = |head: &str, body: &str| {
        let (id, time) = (
            header(head, "webhook-id"),
            header(head, "webhook-timestamp"),
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("a key");
        mac.update(format!("{id}.{time}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    assert_eq!(header(&head, "webhook-signature"), signed(&head, &body));

    // The redirect was no answer that takes it: the same message comes again, under the same identifier.
    let (again, _, body_again) = next(&heard);
    assert_eq!(
        (header(&again, "webhook-id"), &body_again),
        (header(&head, "webhook-id"), &body)
    );
    assert_eq!(
        header(&again, "webhook-signature"),
        signed(&again, &body_again)
    );
    let tried = attempts(&served, id, |items| items.len() == 2);
    let told: Vec<_> = tried
        .iter()
        .map(|one| (&one["status"], &one["state"]))
        .collect();
    assert_eq!(
        told,
        [(&json!(204), &json!("sent")), (&json!(302), &json!("sent"))]
    );
    let fired = get(&served, "/v1/firings").json();
    assert_eq!(
        fired["items"].as_array().map(Vec::len),
        Some(1),
        "once in its window: {fired}"
    );

    // The page shows the curve, the tree and the rule, and no secret.
    let form = [
        ("Authorization", "none"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let login = format!("token={}", served.token);
    let session = ask(&served, ("POST", "/session"), &form, login.as_bytes());
    let cookie = session.head.split("set-cookie: ").nth(1).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a session").to_owned();
    let page = ask(
        &served,
        ("GET", "/warnings?title=street&span=hour"),
        &[("Cookie", &cookie)],
        b"",
    );
    assert_eq!(page.status, 200, "{page:?}");
    for shown in [
        "3 clips in the last hour",
        "two in a minute",
        "by second",
        "within number 1",
        "https://tube.example/third",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(
        !page.body.contains("whsec_") && !page.body.contains("style="),
        "{}",
        page.body
    );
}

#[test]
fn a_name_that_leads_into_the_studios_own_network_is_not_connected_to() {
    let folder = studio();
    let served = Served::start(folder.path());
    let (url, heard) = target(&["HTTP/1.1 204 No Content\r\n\r\n"]);
    let new = json!({"url": url.replace("127.0.0.1", "localhost"), "events": ["rule.fired", "job.ended"]});
    let webhook = post(&served, "/v1/webhooks", &new);
    assert_eq!(webhook.status, 201, "{webhook:?}");
    let rule = json!({"name": "any", "kind": "first"});
    assert_eq!(post(&served, "/v1/rules", &rule).status, 201);
    let print = std::fs::read(print_of("street", folder.path())).expect("a print");
    assert_eq!(verify(&served, &print, "a").status, 200);
    let webhook = webhook.json();
    let id = webhook["id"].as_str().expect("an identifier");
    let tried = attempts(&served, id, |items| !items.is_empty());
    assert_eq!(tried[0]["error"], "the name leads into a private network");
    assert_eq!(tried[0]["state"], "waiting");
    assert!(heard.try_recv().is_err(), "nothing was said to it");
}
