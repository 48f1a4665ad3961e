//! What bodies hold.

use countermark_register::desk::{JobKind, Role};
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

/// A body that is taken: fields that it must have, fields that it may have or that are null, and no other.
fn taken<const M: usize, const N: usize>(
    must: [(&str, Value); M],
    may: [(&str, Value); N],
) -> Value {
    let required = must.each_ref().map(|(name, _)| *name);
    let may = may.map(|(name, schema)| (name, json!({"anyOf": [schema, {"type": "null"}]})));
    let properties: Map<String, Value> = must
        .into_iter()
        .chain(may)
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    json!({"type": "object", "properties": properties, "required": required.to_vec(), "additionalProperties": false})
}

/// A name or text of one to `most` characters that is shown: something to see, and no control characters but new lines.
pub(super) fn text(most: usize) -> Value {
    let pattern = r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u009f\s][^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$";
    json!({"type": "string", "minLength": 1, "maxLength": most, "pattern": pattern})
}

/// An address of at most 2000 characters that a browser may be sent to.
pub(super) fn address() -> Value {
    json!({"type": "string", "maxLength": 2000, "pattern": r"^https?://[^\s\u0000-\u0020\u007f-\u009f]+$"})
}

fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    json!({"type": "string", "enum": words.into_iter().collect::<Vec<_>>()})
}

fn list_of(name: &str) -> Value {
    json!({
        "type": "object",
        "properties": {"items": {"type": "array", "items": reference(name)}, "next": {"type": ["integer", "null"]}},
        "required": ["items", "next"],
    })
}

/// A burst has clips within a time, a first sighting a release that it came before, which is that of a title.
fn new_rule() -> Value {
    let count =
        |least: u32, most: u32| json!({"type": "integer", "minimum": least, "maximum": most});
    let mut rule = taken(
        [("name", text(100)), ("kind", one_of(["burst", "first"]))],
        [
            ("title", text(500)),
            ("clips", count(1, 100_000)),
            ("within_seconds", count(1, 31 * 24 * 3600)),
            ("before", json!({"type": "integer"})),
        ],
    );
    let no = json!({"type": "null"});
    rule["oneOf"] = json!([
        {
            "properties": {"kind": {"const": "burst"}, "clips": {"type": "integer"}, "within_seconds": {"type": "integer"}, "before": no},
            "required": ["clips", "within_seconds"],
        },
        {
            "properties": {"kind": {"const": "first"}, "clips": no, "within_seconds": no},
            "anyOf": [
                {"properties": {"before": no}},
                {"properties": {"title": {"type": "string"}}, "required": ["title"]},
            ],
        },
    ]);
    rule
}

pub(super) fn schemas() -> Value {
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
        "NewCase": taken([("name", text(200))], []),
        "Case": object(&case),
        "Cases": list_of("Case"),
        "WholeCase": object(&[&case[..], &[("notes", "array"), ("jobs", "array")]].concat()),
        "NewNote": taken([("text", text(10_000))], []),
        "Note": object(&[("author", "string"), ("text", "string")]),
        "NewUpload": taken(
            [("name", json!({"type": "string"})), ("size", json!({"type": "integer", "minimum": 1}))],
            [("source", address()), ("uploader", text(200)), ("platform", text(200))],
        ),
        "Upload": object(&[("id", "string"), ("name", "string"), ("size", "integer"), ("offset", "integer"), ("complete", "boolean"), ("source", "string?"), ("uploader", "string?"), ("platform", "string?")]),
        "NewJob": taken(
            [("kind", one_of(JobKind::ALL.map(JobKind::as_str))), ("upload", json!({"type": "string"}))],
            [("title", json!({"type": "string"})), ("case", json!({"type": "string"}))],
        ),
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
        "NewRule": new_rule(),
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
        "NewWebhook": taken(
            [
                ("url", address()),
                ("events", json!({"type": "array", "minItems": 1, "items": one_of(["job.ended", "rule.fired"])})),
            ],
            [],
        ),
        "Webhook": object(&webhook),
        "Webhooks": list_of("Webhook"),
        "FreshWebhook": object(&[&webhook[..], &[("secret", "string")]].concat()),
        "Attempt": object(&[
            ("number", "integer"), ("message", "string"), ("event", "string"), ("state", "string"), ("status", "integer?"), ("error", "string?"),
            ("millis", "integer"), ("tried", "integer"),
        ]),
        "Attempts": list_of("Attempt"),
        "NewToken": taken([("name", text(100)), ("role", one_of(Role::ALL.map(Role::as_str)))], []),
        "Token": object(&token),
        "Tokens": list_of("Token"),
        "FreshToken": object(&[&token[..], &[("token", "string")]].concat()),
    })
}
