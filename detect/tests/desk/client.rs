//! A client that says exactly what it is told to say.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::studio::Served;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The body as it came, for files.
    pub(crate) bytes: Vec<u8>,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Holds a problem to what it may say.
    pub(crate) fn is_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.head.contains("application/problem+json"), "{self:?}");
        assert_eq!(self.json()["status"], status, "{self:?}");
        for secret in ["/tmp", "vault", "desk.db", "owner", "cm_", ".rs"] {
            assert!(!self.body.contains(secret), "{secret}: {self:?}");
        }
    }
}

/// Sends a request and takes what comes until the connection is closed.
pub(crate) fn raw(served: &Served, request: &[u8]) -> Heard {
    let mut stream = TcpStream::connect(&served.address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(120)))
        .expect("patience");
    // A server that refuses need not read on.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let start = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let start = start.map_or(bytes.len(), |at| at + 4);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Heard {
        status: status.unwrap_or_else(|| panic!("no answer: {text:?}")),
        head: head.to_ascii_lowercase(),
        body: unchunked(head, body),
        bytes: bytes.split_off(start),
    }
}

fn unchunked(head: &str, body: &str) -> String {
    if !head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        return body.to_owned();
    }
    let (mut rest, mut whole) = (body, String::new());
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        if length == 0 || after.len() < length {
            break;
        }
        whole.push_str(&after[..length]);
        rest = after[length..].trim_start_matches("\r\n");
    }
    whole
}

/// A request with a token, headers and a body.
pub(crate) fn ask(
    served: &Served,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> Heard {
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    if headers
        .iter()
        .all(|(name, _)| *name != "Authorization" && *name != "Cookie")
    {
        request.extend(["Authorization: Bearer ", &served.token, "\r\n"]);
    }
    for (name, value) in headers {
        request.extend([*name, ": ", *value, "\r\n"]);
    }
    request.push_str("\r\n");
    let request = [request.as_bytes(), body].concat();
    loop {
        let heard = raw(served, &request);
        // Who asks too fast waits as long as it is told to.
        if heard.status != 429 {
            return heard;
        }
        assert!(heard.head.contains("retry-after: "), "{heard:?}");
        std::thread::sleep(Duration::from_secs(1));
    }
}

pub(crate) fn get(served: &Served, path: &str) -> Heard {
    ask(served, ("GET", path), &[], b"")
}

pub(crate) fn post(served: &Served, path: &str, body: &Value) -> Heard {
    let json = [("Content-Type", "application/json")];
    ask(served, ("POST", path), &json, body.to_string().as_bytes())
}

/// Uploads a file in two pieces; its identifier.
pub(crate) fn upload(served: &Served, name: &str, bytes: &[u8]) -> String {
    upload_of(served, (name, &serde_json::json!({})), bytes)
}

/// The same, with what is said of where it comes from.
pub(crate) fn upload_of(served: &Served, (name, origin): (&str, &Value), bytes: &[u8]) -> String {
    let mut new = origin.clone();
    new["name"] = name.into();
    new["size"] = bytes.len().into();
    let begun = post(served, "/v1/uploads", &new);
    assert_eq!(begun.status, 201, "{begun:?}");
    let id = begun.json()["id"]
        .as_str()
        .expect("an identifier")
        .to_owned();
    let middle = bytes.len() / 2;
    for (from, piece) in [(0, &bytes[..middle]), (middle, &bytes[middle..])] {
        let from = from.to_string();
        let heard = ask(
            served,
            ("PATCH", &format!("/v1/uploads/{id}")),
            &[("Upload-Offset", &from)],
            piece,
        );
        assert_eq!(heard.status, 204, "{heard:?}");
    }
    id
}

/// Asks for a job of an upload; its identifier.
pub(crate) fn job_of(served: &Served, kind: &str, upload: &str) -> String {
    let new = json!({"kind": kind, "upload": upload});
    let job = post(served, "/v1/jobs", &new);
    assert_eq!(job.status, 202, "{job:?}");
    job.json()["id"].as_str().expect("an identifier").to_owned()
}

/// Waits until all these jobs have named the title.
pub(crate) fn all_name(served: &Served, jobs: &[String], title: &str) {
    for id in jobs {
        let job = ended(served, id);
        assert_eq!(
            (&job["state"], &job["result"]["title"]),
            (&json!("done"), &json!(title)),
            "{job}"
        );
    }
}

/// Waits until all that is kept of jobs that are done was made.
pub(crate) fn settled(served: &Served, jobs: &[String]) {
    let begun = Instant::now();
    let is_keeping = |id: &String| get(served, &format!("/v1/jobs/{id}")).json()["keeping"] == true;
    while jobs.iter().any(is_keeping) {
        assert!(begun.elapsed() < Duration::from_secs(180), "{jobs:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Waits until a job has ended: it has its answer then, and what is kept of it may still be made.
pub(crate) fn ended(served: &Served, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let job = get(served, &format!("/v1/jobs/{id}")).json();
        let state = job["state"].as_str().expect("a state");
        if ["done", "failed", "cancelled"].contains(&state) {
            return job;
        }
        assert!(begun.elapsed() < Duration::from_secs(180), "{job}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
