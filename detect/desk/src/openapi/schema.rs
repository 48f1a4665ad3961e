//! What bodies hold.

use serde_json::{Map, Value, json};

/// Where a schema is found by its name.
pub(super) fn reference(name: &str) -> Value {
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

pub(super) fn schemas() -> Value {
    let mut optional = object(&[
        ("kind", "string"),
        ("upload", "string"),
        ("title", "string?"),
        ("case", "string?"),
    ]);
    optional["required"] = json!(["kind", "upload"]);
    let mut new_rule = object(&[
        ("name", "string"),
        ("kind", "string"),
        ("title", "string?"),
        ("clips", "integer?"),
        ("within_seconds", "integer?"),
        ("before", "integer?"),
    ]);
    new_rule["required"] = json!(["name", "kind"]);
    let mut new_upload = object(&[
        ("name", "string"),
        ("size", "integer"),
        ("source", "string?"),
        ("uploader", "string?"),
        ("platform", "string?"),
    ]);
    new_upload["required"] = json!(["name", "size"]);
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
    let webhook = [
        ("id", "string"),
        ("url", "string"),
        ("events", "array"),
        ("owner", "string"),
        ("created", "integer"),
    ];
    json!({
        "Problem": object(&[("type", "string"), ("title", "string"), ("status", "integer"), ("detail", "string")]),
        "Object": {"type": "object"},
        "Health": object(&[("status", "string"), ("version", "string")]),
        "Title": object(&[("id", "string"), ("name", "string"), ("seconds", "number"), ("width", "integer"), ("height", "integer"), ("added", "string")]),
        "Titles": list_of("Title"),
        "Delivery": object(&[("id", "string"), ("title", "string"), ("distributor", "string"), ("licensee", "string?"), ("state", "string"), ("created", "string")]),
        "Deliveries": list_of("Delivery"),
        "Sighting": object(&[("title", "string"), ("delivery", "string?"), ("place", "string"), ("seconds", "array"), ("seen", "integer"), ("job", "string?"), ("source", "string?"), ("uploader", "string?")]),
        "Sightings": list_of("Sighting"),
        "NewCase": object(&[("name", "string")]),
        "Case": object(&case),
        "Cases": list_of("Case"),
        "WholeCase": object(&[&case[..], &[("notes", "array"), ("jobs", "array")]].concat()),
        "NewNote": object(&[("text", "string")]),
        "Note": object(&[("author", "string"), ("text", "string")]),
        "NewUpload": new_upload,
        "Upload": object(&[("id", "string"), ("name", "string"), ("size", "integer"), ("offset", "integer"), ("complete", "boolean"), ("source", "string?"), ("uploader", "string?"), ("platform", "string?")]),
        "NewJob": optional,
        "Job": object(&[
            ("id", "string"), ("number", "integer"), ("kind", "string"), ("state", "string"), ("name", "string"), ("title", "string?"),
            ("case", "string?"), ("owner", "string"), ("created", "integer"), ("started", "integer?"), ("ended", "integer?"),
            ("result", "object?"), ("error", "string?"), ("source", "string?"), ("uploader", "string?"), ("platform", "string?"), ("bundle", "boolean"), ("keeping", "boolean"),
        ]),
        "Jobs": list_of("Job"),
        "Verified": object(&[
            ("schema", "integer"), ("verdict", "string"), ("title", "string?"), ("matches", "array"), ("sure", "object"), ("use", "object"),
            ("licence", "object?"), ("seconds", "number"),
        ]),
        "NewRule": new_rule,
        "Rule": object(&[
            ("id", "string"), ("name", "string"), ("kind", "string"), ("title", "string?"), ("clips", "integer?"), ("within_seconds", "integer?"),
            ("before", "integer?"), ("owner", "string"), ("created", "integer"),
        ]),
        "Rules": list_of("Rule"),
        "Firing": object(&[
            ("number", "integer"), ("rule", "string"), ("name", "string"), ("title", "string"), ("clips", "integer"), ("job", "string?"),
            ("place", "string"), ("source", "string?"), ("uploader", "string?"), ("fired", "integer"),
        ]),
        "Firings": list_of("Firing"),
        "NewWebhook": object(&[("url", "string"), ("events", "array")]),
        "Webhook": object(&webhook),
        "Webhooks": list_of("Webhook"),
        "FreshWebhook": object(&[&webhook[..], &[("secret", "string")]].concat()),
        "Attempt": object(&[
            ("number", "integer"), ("message", "string"), ("event", "string"), ("state", "string"), ("status", "integer?"), ("error", "string?"),
            ("millis", "integer"), ("tried", "integer"),
        ]),
        "Attempts": list_of("Attempt"),
        "NewToken": object(&[("name", "string"), ("role", "string")]),
        "Token": object(&token),
        "Tokens": list_of("Token"),
        "FreshToken": object(&[&token[..], &[("token", "string")]].concat()),
    })
}
