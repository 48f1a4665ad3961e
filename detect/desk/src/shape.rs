//! Records as JSON: what a client may know of them.

use countermark_register::desk::{
    CaseNote, CaseRecord, JobRecord, Sighting, TokenRecord, UploadRecord,
};
use countermark_register::{DeliveryRecord, TitleRecord};
use serde_json::{Value, json};

pub(crate) fn job(job: &JobRecord) -> Value {
    let result = job.result.as_deref();
    let result: Option<Value> = result.and_then(|text| serde_json::from_str(text).ok());
    json!({
        "id": job.id,
        "number": job.number,
        "kind": job.kind.as_str(),
        "state": job.state.as_str(),
        "name": job.name,
        "title": job.title,
        "case": job.case,
        "owner": job.owner,
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "result": result,
        "error": job.error,
    })
}

pub(crate) fn upload(upload: &UploadRecord, offset: u64) -> Value {
    json!({
        "id": upload.id,
        "name": upload.name,
        "size": upload.size,
        "offset": offset,
        "complete": upload.complete,
    })
}

pub(crate) fn case(case: &CaseRecord) -> Value {
    json!({"id": case.id, "name": case.name, "owner": case.owner, "created": case.created})
}

pub(crate) fn note(note: &CaseNote) -> Value {
    json!({"author": note.author, "text": note.text, "created": note.created})
}

pub(crate) fn token(token: &TokenRecord) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "role": token.role.as_str(),
        "created": token.created,
        "revoked": token.revoked,
    })
}

pub(crate) fn sighting(sighting: &Sighting) -> Value {
    json!({
        "title": sighting.title,
        "delivery": sighting.delivery,
        "place": sighting.place,
        "seconds": sighting.span,
        "seen": sighting.seen,
        "job": sighting.job,
    })
}

pub(crate) fn title(title: &TitleRecord) -> Value {
    json!({
        "id": title.id.to_string(),
        "name": title.name,
        "seconds": title.master.duration_seconds,
        "width": title.master.width,
        "height": title.master.height,
        "added": title.added.to_string(),
    })
}

/// Neither its payload, which a forger could use, nor its file's place.
pub(crate) fn delivery(delivery: &DeliveryRecord) -> Value {
    json!({
        "id": delivery.id.to_string(),
        "title": delivery.title,
        "distributor": delivery.distributor,
        "licensee": delivery.licensee,
        "state": delivery.state.to_string(),
        "created": delivery.created.to_string(),
    })
}
