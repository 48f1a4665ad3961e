//! What a clip or a print is, and whether a use of it is licensed: the one call of a platform.
//!
//! A print is looked up in this process, with the index and what was looked at of references kept. A clip is decoded, which is done in
//! a process of its own like every job; it takes as long as that takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use countermark_fingerprint::print::{ClipPrint, MOST_BYTES};
use countermark_register::desk::{JobKind, JobState, NewJob, Origin, Sighting};
use countermark_register::{Day, TitleId};
use countermark_report::Answer as _;
use countermark_report::Audience;
use countermark_trace::Silence;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::uploads;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::licence::{Covered, Use};
use crate::problem::{Answer, Problem};

/// How long whoever sends a clip waits for its answer.
const CLIP_TIME: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
pub(super) struct Asked {
    platform: String,
    territory: String,
    day: String,
    name: Option<String>,
    source: Option<String>,
    uploader: Option<String>,
}

/// `POST /v1/verify?platform=..&territory=..&day=..` with the bytes of a print or a clip.
pub(super) async fn verify(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<Value>> {
    let begun = Instant::now();
    let wanted = checked(&asked)?;
    let own = [&asked.source, &asked.uploader].map(|own| own.as_deref());
    let origin = Origin::new(own[0], own[1], Some(&wanted.platform))?;
    let name = asked.name.as_deref().unwrap_or("clip").to_owned();
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let (first, rest) = head(&desk, body, length).await?;
    let answer = if ClipPrint::is_print(&first) {
        if !rest.is_end_stream_hint() {
            let why = format!("a print has at most {MOST_BYTES} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why));
        }
        let answer = of_print(&desk, &first, &name).await?;
        sighted(&desk, &answer, origin).await?;
        desk.meters.verified(begun.elapsed());
        answer
    } else {
        let sent = (&*name, &origin, length);
        of_clip(&desk, &caller, sent, (first, rest)).await?
    };
    told(&desk, wanted, answer, begun).await.map(Json)
}

fn checked(asked: &Asked) -> Answer<Use> {
    let wrong = |why: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why);
    let territory = asked.territory.to_ascii_uppercase();
    if territory.len() != 2 || !territory.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(wrong("territory is no code of two letters"));
    }
    let day = Day::parse(&asked.day).ok_or_else(|| wrong("day is no day, YYYY-MM-DD"))?;
    let platform = asked.platform.trim();
    if platform.is_empty()
        || platform.chars().count() > 100
        || platform.chars().any(char::is_control)
    {
        return Err(wrong("platform is no name"));
    }
    Ok(Use {
        platform: platform.to_owned(),
        territory,
        day,
    })
}

/// What is left of a body behind its head.
struct Rest(Option<Body>);

impl Rest {
    fn is_end_stream_hint(&self) -> bool {
        self.0.is_none()
    }
}

/// The first bytes of a body: of a print all of them.
async fn head(desk: &Desk, mut body: Body, length: Option<u64>) -> Answer<(Vec<u8>, Rest)> {
    if length.is_some_and(|length| length > desk.settings.most_upload) {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too large",
        ));
    }
    let mut first = Vec::new();
    loop {
        let frame = tokio::time::timeout(desk.settings.patience, body.frame()).await;
        let frame = frame
            .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "no byte came any more"))?;
        let Some(frame) = frame else {
            return Ok((first, Rest(None)));
        };
        let frame = frame.map_err(|_| Problem::bad("the body was cut off"))?;
        if let Some(bytes) = frame.data_ref() {
            first.extend_from_slice(bytes);
        }
        let is_clip = first.len() >= 8 && !ClipPrint::is_print(&first);
        if is_clip || first.len() > MOST_BYTES {
            return Ok((first, Rest(Some(body))));
        }
    }
}

/// The JSON of `identify`.
async fn of_print(desk: &Arc<Desk>, bytes: &[u8], name: &str) -> Answer<Value> {
    let print = ClipPrint::parse(bytes)
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let Ok(slot) = desk.lookups.acquire().await else {
        return Err(Problem::ours("the lookups were closed"));
    };
    let name = name.to_owned();
    let answer = desk
        .wait(move |desk| {
            let tracer = desk.tracer()?;
            let found = tracer.identify_print((&print, &name), 0, &Silence);
            let found = found.map_err(|error| Problem::ours(error.in_full()))?;
            serde_json::to_value(found.document(Audience::Outgoing)).map_err(Problem::ours)
        })
        .await;
    drop(slot);
    answer
}

/// The same of a clip, as a job that is waited for.
async fn of_clip(
    desk: &Arc<Desk>,
    caller: &Caller,
    (name, origin, length): (&str, &Origin, Option<u64>),
    (first, rest): (Vec<u8>, Rest),
) -> Answer<Value> {
    let known = length.unwrap_or(desk.settings.most_upload.min(1 << 30));
    let upload = uploads::room(desk, caller, (name, origin), known.max(first.len() as u64)).await?;
    let kept = store(desk, &upload.id, (first, rest), upload.size).await;
    let size = match kept {
        Ok(size) => size,
        Err(problem) => {
            crate::worker::forget(desk, &upload.id).await?;
            return Err(problem);
        }
    };
    let mut listener = desk.events.listen();
    let (owner, name) = (caller.name.clone(), upload.name.clone());
    let job = desk
        .record(move |store| {
            store.complete_upload(&upload.id, size)?;
            store.add_job(&NewJob {
                kind: JobKind::Identify,
                upload: &upload.id,
                name: &name,
                title: None,
                case: None,
                owner: &owner,
                not_before: 0,
            })
        })
        .await?;
    desk.events.waiting.notify_one();
    let until = tokio::time::Instant::now() + CLIP_TIME;
    loop {
        let id = job.id.clone();
        let now = desk.record(move |store| store.job(&id)).await?;
        match (now.state, now.result, now.error) {
            (JobState::Done, Some(result), _) => {
                return serde_json::from_str(&result).map_err(Problem::ours);
            }
            (state, _, error) if state.is_final() => {
                let why = error.unwrap_or_else(|| "it was cancelled".to_owned());
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why));
            }
            _ => (),
        }
        let is_own = async {
            while let Ok(event) = listener.recv().await {
                if event.job == job.id && event.body["state"] != "running" {
                    return;
                }
            }
        };
        if tokio::time::timeout_at(until, is_own).await.is_err() {
            let why = format!("it is not done yet: look at the job {}", job.id);
            return Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, why));
        }
    }
}

async fn store(desk: &Desk, id: &str, (first, rest): (Vec<u8>, Rest), most: u64) -> Answer<u64> {
    let have = uploads::written(desk, id, Body::from(first), (0, most)).await?;
    match rest.0 {
        None => Ok(have),
        Some(rest) => uploads::written(desk, id, rest, (have, most)).await,
    }
}

/// Puts on record where a print was seen; a clip's job does that of itself.
async fn sighted(desk: &Arc<Desk>, found: &Value, origin: Origin) -> Answer<()> {
    let Some(title) = found["title"].as_str() else {
        return Ok(());
    };
    let second = |at: usize| found["matches"][0]["reference"][at].as_f64();
    let sighting = Sighting {
        number: 0,
        job: None,
        title: title.to_owned(),
        delivery: None,
        place: origin.platform.clone().unwrap_or_default(),
        span: [0, 1].map(|at| second(at).unwrap_or(0.0)),
        seen: 0,
        origin,
    };
    let fired = desk
        .record(move |store| store.add_sighting(&sighting))
        .await?;
    crate::worker::warned(desk, &fired);
    Ok(())
}

/// The answer: what it is, how sure that is, and what is on record of such a use.
async fn told(desk: &Arc<Desk>, wanted: Use, mut found: Value, begun: Instant) -> Answer<Value> {
    let title = found["title"].as_str().map(str::to_owned);
    let (name, using) = (title.clone(), wanted.clone());
    let licence = desk
        .wait(move |desk| {
            let Some(name) = name else {
                return Ok(Covered::NoLicenceOnRecord);
            };
            let tracer = desk.tracer()?;
            let known = tracer.titles().iter().find(|title| title.name == name);
            let id: Option<TitleId> = known.map(|title| title.id);
            Ok(id.map_or(Covered::NoLicenceOnRecord, |id| {
                desk.licences.covering(id, &using)
            }))
        })
        .await?;
    let matches = found["matches"].take();
    let mut body = json!({
        "schema": found["schema"],
        "verdict": found["verdict"],
        "title": title,
        "matches": if matches.is_null() { json!([]) } else { matches },
        "sure": {
            "sighted": found["sighted"],
            "probes": found["probes"],
            "telling": found["telling"],
        },
        "use": wanted,
        "seconds": (begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
    });
    // Of what is nothing that is on record no licence can be.
    body["licence"] = title.map_or(Value::Null, |_| json!(licence));
    Ok(body)
}
