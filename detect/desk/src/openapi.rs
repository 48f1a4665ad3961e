//! The `OpenAPI` document: made of the table of routes, checked in as `openapi.json`.
//!
//! # References
//! `OpenAPI` Specification 3.1.0.

use serde_json::{Map, Value, json};

use crate::caller::Need;
use crate::route::api;

/// What a route does, what it takes and what it gives.
struct Operation {
    id: &'static str,
    about: &'static str,
    /// The schema of its JSON body; a word in capitals is bytes.
    takes: Option<&'static str>,
    status: &'static str,
    gives: Option<&'static str>,
    query: &'static [(&'static str, bool)],
}

const ROWS: &[(&str, bool)] = &[("limit", false), ("before", false)];
const CUT: &[(&str, bool)] = &[("title", false), ("limit", false), ("offset", false)];
const USE: &[(&str, bool)] = &[
    ("platform", true),
    ("territory", true),
    ("day", true),
    ("name", false),
];

#[expect(clippy::too_many_lines, reason = "one table, a line a route")]
fn operation(method: &str, path: &str) -> Operation {
    let op = |id, about, takes, status, gives, query| Operation {
        id,
        about,
        takes,
        status,
        gives,
        query,
    };
    match (method, path) {
        ("GET", "/health") => op(
            "health",
            "Whether the desk can be asked",
            None,
            "200",
            Some("Health"),
            &[],
        ),
        ("GET", "/metrics") => op(
            "metrics",
            "Counters in Prometheus' text format",
            None,
            "200",
            Some("TEXT"),
            &[],
        ),
        ("GET", "/v1/openapi.json") => {
            op("openapi", "This document", None, "200", Some("Object"), &[])
        }
        ("GET", "/v1/titles") => op(
            "listTitles",
            "Titles on record",
            None,
            "200",
            Some("Titles"),
            CUT,
        ),
        ("GET", "/v1/deliveries") => op(
            "listDeliveries",
            "Deliveries on record",
            None,
            "200",
            Some("Deliveries"),
            CUT,
        ),
        ("GET", "/v1/sightings") => op(
            "listSightings",
            "What was found, the newest first",
            None,
            "200",
            Some("Sightings"),
            &[("title", false), ("limit", false)],
        ),
        ("GET", "/v1/cases") => op(
            "listCases",
            "Cases, the newest first",
            None,
            "200",
            Some("Cases"),
            ROWS,
        ),
        ("POST", "/v1/cases") => op(
            "addCase",
            "Begin a case",
            Some("NewCase"),
            "201",
            Some("Case"),
            &[],
        ),
        ("GET", "/v1/cases/{id}") => op(
            "getCase",
            "A case with its notes and jobs",
            None,
            "200",
            Some("WholeCase"),
            ROWS,
        ),
        ("POST", "/v1/cases/{id}/notes") => op(
            "addNote",
            "Note something in a case",
            Some("NewNote"),
            "201",
            Some("Note"),
            &[],
        ),
        ("POST", "/v1/uploads") => op(
            "addUpload",
            "Begin an upload",
            Some("NewUpload"),
            "201",
            Some("Upload"),
            &[],
        ),
        ("HEAD", "/v1/uploads/{id}") => op(
            "headUpload",
            "How far an upload is, in Upload-Offset",
            None,
            "200",
            None,
            &[],
        ),
        ("GET", "/v1/uploads/{id}") => {
            op("getUpload", "An upload", None, "200", Some("Upload"), &[])
        }
        ("PATCH", "/v1/uploads/{id}") => op(
            "appendUpload",
            "The bytes from Upload-Offset on",
            Some("BYTES"),
            "204",
            None,
            &[],
        ),
        ("DELETE", "/v1/uploads/{id}") => {
            op("removeUpload", "Forget an upload", None, "204", None, &[])
        }
        ("GET", "/v1/jobs") => op(
            "listJobs",
            "Jobs, the newest first",
            None,
            "200",
            Some("Jobs"),
            &[("case", false), ("limit", false), ("before", false)],
        ),
        ("POST", "/v1/jobs") => op(
            "addJob",
            "Have an upload examined",
            Some("NewJob"),
            "202",
            Some("Job"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}") => op("getJob", "A job", None, "200", Some("Job"), &[]),
        ("DELETE", "/v1/jobs/{id}") => {
            op("cancelJob", "Cancel a job", None, "200", Some("Job"), &[])
        }
        ("GET", "/v1/jobs/{id}/events") => op(
            "followJob",
            "What happens to a job, as server-sent events",
            None,
            "200",
            Some("EVENTS"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}/result") => op(
            "getResult",
            "The JSON of the command line",
            None,
            "200",
            Some("Object"),
            &[],
        ),
        ("POST", "/v1/verify") => op(
            "verify",
            "What a print or a clip is, and whether a licence on record covers its use",
            Some("BYTES"),
            "200",
            Some("Verified"),
            USE,
        ),
        ("GET", "/v1/tokens") => op(
            "listTokens",
            "Tokens on record",
            None,
            "200",
            Some("Tokens"),
            &[],
        ),
        ("POST", "/v1/tokens") => op(
            "addToken",
            "Make a token; its text is told this once",
            Some("NewToken"),
            "201",
            Some("FreshToken"),
            &[],
        ),
        _ => op("revokeToken", "Take a token back", None, "204", None, &[]),
    }
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in api() {
        let (method, path) = (route.method.as_str(), route.path);
        let own = described(&operation(method, path), path, route.need);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method.to_ascii_lowercase()] = own;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countermark desk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Times are milliseconds since 1970, seconds those of clips and titles. Errors are problem documents (RFC 9457). \
                A POST with an Idempotency-Key is done once.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas(),
        },
    })
}

fn described(op: &Operation, path: &str, need: Need) -> Value {
    let mut parameters: Vec<Value> = op
        .query
        .iter()
        .map(|(name, required)| json!({"name": name, "in": "query", "required": required, "schema": {"type": "string"}}))
        .collect();
    if path.contains("{id}") {
        parameters.push(
            json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}),
        );
    }
    if op.id == "appendUpload" {
        parameters.push(json!({"name": "Upload-Offset", "in": "header", "required": true, "schema": {"type": "integer"}}));
    }
    let mut answers = json!({
        op.status: {"description": "done"},
        "default": {
            "description": "a problem",
            "content": {"application/problem+json": {"schema": reference("Problem")}},
        },
    });
    if let Some(gives) = op.gives {
        answers[op.status]["content"] = content(gives);
    }
    let mut own = json!({
        "operationId": op.id,
        "summary": op.about,
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(takes) = op.takes {
        own["requestBody"] = json!({"required": true, "content": content(takes)});
    }
    if need != Need::Nothing {
        own["security"] = json!([{"token": []}]);
    }
    own
}

fn content(name: &str) -> Value {
    match name {
        "BYTES" => json!({"application/octet-stream": {}}),
        "TEXT" => json!({"text/plain": {}}),
        "EVENTS" => json!({"text/event-stream": {}}),
        _ => json!({"application/json": {"schema": reference(name)}}),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// An object of which every named field is there; a field that ends in `?` may be null.
fn object(fields: &[(&str, &str)]) -> Value {
    let mut properties = Map::new();
    for (name, kind) in fields {
        let (kind, optional) = kind
            .strip_suffix('?')
            .map_or((*kind, false), |kind| (kind, true));
        let schema = match kind {
            "string" | "integer" | "number" | "boolean" | "object" | "array" if optional => {
                json!({"type": [kind, "null"]})
            }
            "string" | "integer" | "number" | "boolean" | "object" | "array" => {
                json!({"type": kind})
            }
            other => reference(other),
        };
        properties.insert((*name).to_owned(), schema);
    }
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn list_of(name: &str) -> Value {
    json!({
        "type": "object",
        "properties": {"items": {"type": "array", "items": reference(name)}, "next": {"type": ["integer", "null"]}},
        "required": ["items", "next"],
    })
}

fn schemas() -> Value {
    let mut optional = object(&[
        ("kind", "string"),
        ("upload", "string"),
        ("title", "string?"),
        ("case", "string?"),
    ]);
    optional["required"] = json!(["kind", "upload"]);
    let case = [
        ("id", "string"),
        ("name", "string"),
        ("owner", "string"),
        ("created", "integer"),
    ];
    let token = [
        ("id", "string"),
        ("name", "string"),
        ("role", "string"),
        ("created", "integer"),
        ("revoked", "integer?"),
    ];
    json!({
        "Problem": object(&[("type", "string"), ("title", "string"), ("status", "integer"), ("detail", "string")]),
        "Object": {"type": "object"},
        "Health": object(&[("status", "string"), ("version", "string")]),
        "Title": object(&[("id", "string"), ("name", "string"), ("seconds", "number"), ("width", "integer"), ("height", "integer"), ("added", "string")]),
        "Titles": list_of("Title"),
        "Delivery": object(&[("id", "string"), ("title", "string"), ("distributor", "string"), ("licensee", "string?"), ("state", "string"), ("created", "string")]),
        "Deliveries": list_of("Delivery"),
        "Sighting": object(&[("title", "string"), ("delivery", "string?"), ("place", "string"), ("seconds", "array"), ("seen", "integer"), ("job", "string?")]),
        "Sightings": list_of("Sighting"),
        "NewCase": object(&[("name", "string")]),
        "Case": object(&case),
        "Cases": list_of("Case"),
        "WholeCase": object(&[&case[..], &[("notes", "array"), ("jobs", "array")]].concat()),
        "NewNote": object(&[("text", "string")]),
        "Note": object(&[("author", "string"), ("text", "string")]),
        "NewUpload": object(&[("name", "string"), ("size", "integer")]),
        "Upload": object(&[("id", "string"), ("name", "string"), ("size", "integer"), ("offset", "integer"), ("complete", "boolean")]),
        "NewJob": optional,
        "Job": object(&[
            ("id", "string"), ("number", "integer"), ("kind", "string"), ("state", "string"), ("name", "string"), ("title", "string?"),
            ("case", "string?"), ("owner", "string"), ("created", "integer"), ("started", "integer?"), ("ended", "integer?"),
            ("result", "object?"), ("error", "string?"),
        ]),
        "Jobs": list_of("Job"),
        "Verified": object(&[
            ("schema", "integer"), ("verdict", "string"), ("title", "string?"), ("matches", "array"), ("sure", "object"), ("use", "object"),
            ("licence", "object?"), ("seconds", "number"),
        ]),
        "NewToken": object(&[("name", "string"), ("role", "string")]),
        "Token": object(&token),
        "Tokens": list_of("Token"),
        "FreshToken": object(&[&token[..], &[("token", "string")]].concat()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_checked_in_is_that_of_the_routes() {
        let made = format!("{:#}\n", document());
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("COUNTERMARK_OPENAPI").is_some() {
            std::fs::write(path, &made).expect("the document is written");
        }
        let kept = std::fs::read_to_string(path).expect("the document");
        assert!(
            kept == made,
            "run with COUNTERMARK_OPENAPI=record and look at the difference"
        );
    }

    #[test]
    fn every_operation_is_named_once_and_every_reference_leads_somewhere() {
        let document = document();
        let mut names = Vec::new();
        for entry in document["paths"].as_object().expect("paths").values() {
            for own in entry.as_object().expect("methods").values() {
                names.push(own["operationId"].as_str().expect("a name").to_owned());
            }
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!((names.len(), all), (all, api().len()));
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().expect("a name");
            assert!(
                document["components"]["schemas"][name].is_object(),
                "{name}"
            );
        }
    }
}
