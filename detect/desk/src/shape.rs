//! Records as JSON: what a client may know of them.

use countermark_register::desk::{
    Attempt, CaseNote, CaseRecord, Condition, Firing, JobRecord, RuleRecord, Sighting, TokenRecord,
    UploadRecord, WebhookRecord,
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
        "source": job.origin.source,
        "uploader": job.origin.uploader,
        "platform": job.origin.platform,
        "bundle": job.has_bundle,
        "keeping": job.is_keeping,
    })
}

pub(crate) fn upload(upload: &UploadRecord, offset: u64) -> Value {
    json!({
        "id": upload.id,
        "name": upload.name,
        "size": upload.size,
        "offset": offset,
        "complete": upload.complete,
        "source": upload.origin.source,
        "uploader": upload.origin.uploader,
        "platform": upload.origin.platform,
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

pub(crate) fn rule(rule: &RuleRecord) -> Value {
    let (clips, within_seconds, before) = match rule.condition {
        Condition::Burst {
            clips,
            within_millis,
        } => (Some(clips), Some(within_millis / 1000), None),
        Condition::First { before } => (None, None, before),
    };
    json!({
        "id": rule.id,
        "name": rule.name,
        "kind": rule.condition.as_str(),
        "title": rule.title,
        "clips": clips,
        "within_seconds": within_seconds,
        "before": before,
        "owner": rule.owner,
        "created": rule.created,
    })
}

pub(crate) fn firing(firing: &Firing) -> Value {
    json!({
        "number": firing.number,
        "rule": firing.rule,
        "name": firing.name,
        "title": firing.title,
        "clips": firing.clips,
        "job": firing.job,
        "place": firing.place,
        "source": firing.origin.source,
        "uploader": firing.origin.uploader,
        "fired": firing.fired,
    })
}

/// Without its secret, which is told once.
pub(crate) fn webhook(webhook: &WebhookRecord) -> Value {
    let events = [
        ("job.ended", webhook.events.jobs),
        ("rule.fired", webhook.events.rules),
    ];
    let events = events.iter().filter(|(_, own)| *own).map(|(name, _)| name);
    json!({
        "id": webhook.id,
        "url": webhook.url,
        "events": events.collect::<Vec<_>>(),
        "owner": webhook.owner,
        "created": webhook.created,
    })
}

pub(crate) fn attempt(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "message": attempt.message,
        "event": attempt.event,
        "state": attempt.state,
        "status": attempt.status,
        "error": attempt.error,
        "millis": attempt.millis,
        "tried": attempt.tried,
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
        "source": sighting.origin.source,
        "uploader": sighting.origin.uploader,
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
