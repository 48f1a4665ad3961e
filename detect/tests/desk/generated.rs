//! Requests made from the document that the desk serves, good ones and bad ones of every route, held against that document.
//!
//! ```text
//! operation -> path, query and body as it says | one of them spoilt | another method | no token  -> an answer that it lists, or a problem
//! ```
//!
//! A status of 500 and more, an answer that does not fit its schema, and a route that never gave its answer are failures.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::client::{Heard, ask, ended, get, post, upload};
use super::jobs::holds;
use super::studio::{Served, print_of, sample, studio};

/// Identifiers that lead nowhere, as they stand in an address.
const ASTRAY: [&str; 6] = [
    "0123456789abcdef0123456789abcdef",
    "..%2f..%2fvault.db",
    "%00",
    "%ff",
    "'%20or%201=1",
    "9223372036854775808",
];
/// Values of a query that are seldom meant.
const ODD: [&str; 6] = ["", "-1", "99999999999999999999", "%00", "%ff", "%3Cb%3E"];

/// Values that a field seldom has.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{0}\n\u{202e}<b>'\""),
        json!("x".repeat(5000)),
        json!([]),
        json!([[[[1]]]]),
        json!({"a": {"b": null}}),
    ]
}

/// A desk on which something of each kind is on record.
struct Furnished {
    served: Served,
    document: Value,
    print: Vec<u8>,
    /// Identifiers by the path in whose `{id}` they stand.
    known: BTreeMap<&'static str, String>,
}

impl Furnished {
    fn new(folder: &std::path::Path) -> Self {
        let served = Served::start(folder);
        let print = std::fs::read(print_of("street", folder)).expect("a print");
        let made = |path: &str, body: Value| {
            let made = post(&served, path, &body);
            assert!([201, 202].contains(&made.status), "{path}: {made:?}");
            made.json()["id"].as_str().map(str::to_owned)
        };
        let clip = std::fs::read(sample("street")).expect("a sample");
        let sent = upload(&served, "street.mp4", &clip);
        let job = made("/v1/jobs", json!({"kind": "identify", "upload": sent}));
        let title = get(&served, "/v1/titles").json()["items"][0]["id"].clone();
        let all = [
            ("/v1/jobs", job.clone()),
            ("/v1/titles", title.as_str().map(str::to_owned)),
            ("/v1/cases", made("/v1/cases", json!({"name": "a case"}))),
            (
                "/v1/uploads",
                made("/v1/uploads", json!({"name": "a", "size": 5})),
            ),
            ("/v1/rules", made("/v1/rules", named("NewRule"))),
            (
                "/v1/webhooks",
                made("/v1/webhooks", good_body("NewWebhook")),
            ),
            ("/v1/tokens", made("/v1/tokens", named("NewToken"))),
        ];
        let known = all.map(|(path, id)| (path, id.expect("an identifier")));
        ended(&served, &job.expect("a job"));
        Self {
            document: get(&served, "/v1/openapi.json").json(),
            known: BTreeMap::from(known),
            served,
            print,
        }
    }

    /// A path without its braces; `id` stands for the identifier that is on record.
    fn place(&self, path: &str, id: Option<&str>) -> String {
        let own = self.known.iter().find(|(kind, _)| path.starts_with(*kind));
        let id = id.unwrap_or_else(|| own.map_or("", |(_, id)| id));
        path.replace("{id}", id).replace("{name}", "0-clip.png")
    }

    /// What a body of that schema is when all is well.
    fn body(&self, schema: &str) -> Value {
        let mut body = good_body(schema);
        if schema == "NewJob" {
            body["upload"] = upload(&self.served, "again.print", &self.print).into();
        }
        body
    }

    /// Sends one request and holds its answer; whether it is the one that the operation is for.
    fn send(&self, method: &str, path: &str, sent: &Sent<'_>) -> bool {
        let typed = method.to_ascii_uppercase();
        let request = (typed.as_str(), sent.place.as_str());
        let heard = ask(&self.served, request, &sent.headers, &sent.body);
        let responses = &self.document["paths"][path][method]["responses"];
        if responses[heard.status.to_string()].is_object() {
            holds(&self.document, (method, path), &heard);
            return true;
        }
        refused(&heard, method, &sent.place);
        false
    }
}

/// A request.
struct Sent<'a> {
    place: String,
    headers: Vec<(&'a str, &'a str)>,
    body: Vec<u8>,
}

fn good_body(schema: &str) -> Value {
    match schema {
        "NewCase" => json!({"name": "a case"}),
        "NewNote" => json!({"text": "a note"}),
        "NewUpload" => json!({"name": "a.mp4", "size": 7, "platform": "Tube"}),
        "NewJob" => json!({"kind": "identify"}),
        "NewRule" => json!({"name": "r", "kind": "burst", "clips": 3, "within_seconds": 600}),
        "NewWebhook" => json!({"url": "http://93.184.216.34/hook", "events": ["job.ended"]}),
        "NewToken" => json!({"name": "t", "role": "auditor"}),
        other => panic!("the document has a body of which no good one is known: {other}"),
    }
}

/// A good body under a name of its own: names are given once.
fn named(schema: &str) -> Value {
    let mut body = good_body(schema);
    body["name"] = json!("the first");
    body
}

fn good_query(name: &str) -> &'static str {
    match name {
        "platform" | "uploader" | "name" | "source" => "Tube",
        "territory" => "DE",
        "day" => "2026-11-30",
        "title" => "street",
        "case" | "before" | "limit" => "9",
        "offset" => "0",
        other => panic!("the document has a parameter of which no good value is known: {other}"),
    }
}

/// Holds what is refused: never the desk's own fault, always said in a problem document.
fn refused(heard: &Heard, method: &str, place: &str) {
    let why = format!("{method} {place}: {heard:?}");
    assert!((400..500).contains(&heard.status), "{why}");
    assert!(heard.head.contains("x-request-id: "), "{why}");
    if method == "head" {
        return;
    }
    assert!(heard.head.contains("application/problem+json"), "{why}");
    assert_eq!(heard.json()["status"], heard.status, "{why}");
}

/// Bodies of a schema: the good one, and each way in which it may be spoilt.
fn bodies(good: &Value, properties: &Value) -> Vec<Vec<u8>> {
    let whole = good.to_string();
    let mut all = vec![
        whole.clone().into_bytes(),
        Vec::new(),
        whole.as_bytes()[..whole.len() / 2].to_vec(),
        b"\xff\xfe{}".to_vec(),
        b"[1, 2]".to_vec(),
        b"{\"name\": 1e999}".to_vec(),
    ];
    let mut spoilt = |name: &str, value: Option<Value>| {
        let mut body = good.clone();
        let fields = body.as_object_mut().expect("an object");
        match value {
            Some(value) => fields.insert(name.to_owned(), value),
            None => fields.remove(name),
        };
        all.push(body.to_string().into_bytes());
    };
    spoilt("more", Some(json!(1)));
    for name in properties.as_object().into_iter().flatten().map(|it| it.0) {
        spoilt(name, None);
        for value in odd_values() {
            spoilt(name, Some(value));
        }
    }
    all
}

/// The requests of one operation.
fn requests<'a>(desk: &Furnished, method: &str, path: &str, own: &Value) -> Vec<Sent<'a>> {
    let parameters = own["parameters"].as_array().cloned().unwrap_or_default();
    let queries = parameters.iter().filter(|one| one["in"] == "query");
    let names: Vec<&str> = queries.filter_map(|one| one["name"].as_str()).collect();
    let query = |spoilt: Option<(&str, Option<&str>)>| {
        let each = names.iter().filter_map(|name| match spoilt {
            Some((own, value)) if own == *name => value.map(|value| format!("{name}={value}")),
            _ => Some(format!("{name}={}", good_query(name))),
        });
        each.collect::<Vec<_>>().join("&")
    };
    let place = |id: Option<&str>, spoilt| {
        let query = query(spoilt);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", desk.place(path, id))
    };
    let content = own["requestBody"]["content"].as_object();
    let schema = content.and_then(|content| {
        let reference = content.get("application/json")?["schema"]["$ref"].as_str()?;
        reference.rsplit('/').next()
    });
    let mut headers = vec![("Content-Type", "application/json")];
    if method == "patch" {
        headers.push(("Upload-Offset", "0"));
    }
    if path.ends_with("/reference") {
        headers.push(("Range", "bytes=0-99"));
    }
    let good = match schema {
        Some(schema) => desk.body(schema).to_string().into_bytes(),
        None if method == "patch" => b"12345".to_vec(),
        None if content.is_some() => desk.print.clone(),
        None => Vec::new(),
    };
    let mut all = Vec::new();
    let mut add = |place: String, headers: &[(&'a str, &'a str)], body: &[u8]| {
        let (headers, body) = (headers.to_vec(), body.to_vec());
        all.push(Sent {
            place,
            headers,
            body,
        });
    };
    // What is spoilt first: what is good may take away what it names.
    if path.contains("{id}") {
        for id in ASTRAY {
            add(place(Some(id), None), &headers, &good);
        }
    }
    for name in &names {
        add(place(None, Some((name, None))), &headers, &good);
        for value in ODD {
            add(place(None, Some((name, Some(value)))), &headers, &good);
        }
    }
    if content.is_some() {
        add(place(None, None), &[("Content-Type", "text/plain")], &good);
        add(place(None, None), &headers, b"");
        add(place(None, None), &headers, &[0xff; 40]);
    }
    if let Some(schema) = schema {
        let fields = &desk.document["components"]["schemas"][schema]["properties"];
        for body in bodies(&desk.body(schema), fields) {
            add(place(None, None), &headers, &body);
        }
    }
    add(place(None, None), &headers, &good);
    all
}

#[test]
#[ignore = "slow: some hundred requests of a debug build"]
fn whatever_the_document_lets_one_ask_is_answered_as_it_says() {
    let folder = studio();
    let desk = Furnished::new(folder.path());
    let mut all: Vec<(String, String)> = Vec::new();
    for (path, entry) in desk.document["paths"].as_object().expect("paths") {
        let methods = entry.as_object().expect("methods").keys();
        all.extend(methods.map(|method| (method.clone(), path.clone())));
    }
    // What takes things away comes last.
    all.sort_by_key(|(method, _)| method == "delete");
    let (mut sent, mut told) = (0, BTreeSet::new());
    for (method, path) in &all {
        let own = &desk.document["paths"][path][method];
        for request in requests(&desk, method, path, own) {
            sent += 1;
            if desk.send(method, path, &request) {
                told.insert((method.clone(), path.clone()));
            }
        }
    }
    // Methods that no operation of a path has.
    for path in desk.document["paths"].as_object().expect("paths").keys() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "BREW"] {
            let listed = &desk.document["paths"][path][method.to_ascii_lowercase()];
            if listed.is_null() {
                let place = desk.place(path, None);
                let heard = ask(&desk.served, (method, &place), &[], b"");
                assert_eq!(heard.status, 405, "{method} {place}: {heard:?}");
                sent += 1;
            }
        }
    }
    // Without a token, as many as one address may try at once.
    let secured = all.iter().filter(|(method, path)| {
        desk.document["paths"][path][method]["security"].is_array() && method != "head"
    });
    for (method, path) in secured.step_by(3) {
        let place = desk.place(path, None);
        let nobody = [("Authorization", "Bearer cm_0")];
        let typed = method.to_ascii_uppercase();
        ask(&desk.served, (&typed, &place), &nobody, b"").is_problem(401);
        sent += 1;
    }
    assert_eq!(get(&desk.served, "/health").status, 200);
    let silent: Vec<_> = all.iter().filter(|one| !told.contains(*one)).collect();
    // A job that identifies has no bundle; that of a trace is held elsewhere.
    let bundle = ("get".to_owned(), "/v1/jobs/{id}/bundle".to_owned());
    assert_eq!(silent, [&bundle], "never gave its answer");
    assert!(sent > 500, "{sent} requests");
}
