//! The `OpenAPI` document: made of the table of routes, checked in as `openapi.json`.
//!
//! # References
//! `OpenAPI` Specification 3.1.0.

use serde_json::{Map, Value, json};

use crate::caller::Need;
use crate::route::api;

mod operation;
mod schema;

use operation::{Operation, operation};
use schema::{address, reference, schemas, text};

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
        .map(|(name, required)| json!({"name": name, "in": "query", "required": required, "schema": asked(name)}))
        .collect();
    for name in ["id", "name"] {
        if path.contains(&format!("{{{name}}}")) {
            parameters.push(
                json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
            );
        }
    }
    if op.id == "appendUpload" {
        parameters.push(json!({"name": "Upload-Offset", "in": "header", "required": true, "schema": {"type": "integer", "minimum": 0, "maximum": i64::MAX}}));
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
        // Of an upload a part may be empty.
        let required = op.id != "appendUpload";
        own["requestBody"] = json!({"required": required, "content": content(takes)});
    }
    if need != Need::Nothing {
        own["security"] = json!([{"token": []}]);
    }
    own
}

/// What a parameter of a query may be.
fn asked(name: &str) -> Value {
    match name {
        "limit" => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        "offset" => json!({"type": "integer", "minimum": 0, "maximum": u64::MAX}),
        "before" => json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX}),
        "day" => json!({"type": "string", "format": "date"}),
        "territory" => json!({"type": "string", "pattern": "^[A-Za-z]{2}$"}),
        "platform" => text(100),
        "source" => address(),
        "uploader" => text(200),
        _ => json!({"type": "string"}),
    }
}

fn content(name: &str) -> Value {
    match name {
        "BYTES" => json!({"application/octet-stream": {}}),
        "ZIP" => json!({"application/zip": {}}),
        "HTML" => json!({"text/html": {}}),
        "MP4" => json!({"video/mp4": {}}),
        "PNG" => json!({"image/png": {}}),
        "TEXT" => json!({"text/plain": {}}),
        "EVENTS" => json!({"text/event-stream": {}}),
        _ => json!({"application/json": {"schema": reference(name)}}),
    }
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
