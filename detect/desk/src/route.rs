//! Which request is for whom: one table, of which the router and the `OpenAPI` document are made.
//!
//! ```text
//! request -> its number -> guard (token, role, rate) -> handler -> headers of every answer -> journal
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, head, patch, post};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::access::guard;
use crate::caller::{Caller, Need};
use crate::desk::Desk;
use crate::entry::{Route, route};
use crate::page;
use crate::problem::{Cause, Problem};

pub(crate) mod asking;
mod cases;
mod jobs;
mod kept;
mod looking;
mod probe;
mod reference;
mod rules;
mod tokens;
pub(crate) mod uploads;
mod verify;
mod webhooks;

/// Bytes of a body that is no upload.
const MOST_BODY: usize = 64 * 1024;

/// What a page may do: nothing from elsewhere, no script but the desk's own file.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The interface.
pub(crate) fn api() -> Vec<Route> {
    let all = [records(), examinations(), warnings()];
    all.into_iter().flatten().collect()
}

/// What is on record.
fn records() -> Vec<Route> {
    vec![
        route(Method::GET, "/health", Need::Nothing, get(probe::health)),
        route(Method::GET, "/metrics", Need::Read, get(probe::metrics)),
        route(
            Method::GET,
            "/v1/openapi.json",
            Need::Nothing,
            get(probe::document),
        ),
        route(Method::GET, "/v1/titles", Need::Look, get(looking::titles)),
        route(
            Method::GET,
            "/v1/titles/{id}/reference",
            Need::Read,
            get(reference::piece),
        ),
        route(
            Method::GET,
            "/v1/deliveries",
            Need::Look,
            get(looking::deliveries),
        ),
        route(
            Method::GET,
            "/v1/sightings",
            Need::Read,
            get(looking::sightings),
        ),
        route(Method::GET, "/v1/cases", Need::Read, get(cases::list)),
        route(Method::POST, "/v1/cases", Need::Examine, post(cases::begin)),
        route(Method::GET, "/v1/cases/{id}", Need::Read, get(cases::one)),
        route(
            Method::POST,
            "/v1/cases/{id}/notes",
            Need::Examine,
            post(cases::note),
        ),
    ]
}

/// Clips and prints that are sent, and what is found.
fn examinations() -> Vec<Route> {
    let unbounded = DefaultBodyLimit::disable;
    vec![
        route(Method::POST, "/v1/uploads", Need::Ask, post(uploads::begin)),
        route(
            Method::HEAD,
            "/v1/uploads/{id}",
            Need::Ask,
            head(uploads::offset),
        ),
        route(
            Method::GET,
            "/v1/uploads/{id}",
            Need::Ask,
            get(uploads::one),
        ),
        route(
            Method::PATCH,
            "/v1/uploads/{id}",
            Need::Ask,
            patch(uploads::append).layer(unbounded()),
        ),
        route(
            Method::DELETE,
            "/v1/uploads/{id}",
            Need::Ask,
            delete(uploads::remove),
        ),
        route(Method::GET, "/v1/jobs", Need::Follow, get(jobs::list)),
        route(Method::POST, "/v1/jobs", Need::Ask, post(jobs::begin)),
        route(Method::GET, "/v1/jobs/{id}", Need::Follow, get(jobs::one)),
        route(
            Method::DELETE,
            "/v1/jobs/{id}",
            Need::Ask,
            delete(jobs::cancel),
        ),
        route(
            Method::GET,
            "/v1/jobs/{id}/events",
            Need::Follow,
            get(jobs::events),
        ),
        route(
            Method::GET,
            "/v1/jobs/{id}/result",
            Need::Follow,
            get(jobs::result),
        ),
        route(
            Method::GET,
            "/v1/jobs/{id}/bundle",
            Need::Read,
            get(kept::bundle),
        ),
        route(
            Method::GET,
            "/v1/jobs/{id}/report",
            Need::Read,
            get(kept::report),
        ),
        route(
            Method::GET,
            "/v1/jobs/{id}/frames/{name}",
            Need::Read,
            get(kept::frame),
        ),
        route(
            Method::POST,
            "/v1/verify",
            Need::Ask,
            post(verify::verify).layer(unbounded()),
        ),
    ]
}

/// Who is told of what, and who may ask.
fn warnings() -> Vec<Route> {
    vec![
        route(Method::GET, "/v1/rules", Need::Read, get(rules::list)),
        route(Method::POST, "/v1/rules", Need::Examine, post(rules::add)),
        route(
            Method::DELETE,
            "/v1/rules/{id}",
            Need::Examine,
            delete(rules::remove),
        ),
        route(Method::GET, "/v1/firings", Need::Read, get(rules::firings)),
        route(Method::GET, "/v1/webhooks", Need::Read, get(webhooks::list)),
        route(
            Method::POST,
            "/v1/webhooks",
            Need::Examine,
            post(webhooks::add),
        ),
        route(
            Method::DELETE,
            "/v1/webhooks/{id}",
            Need::Examine,
            delete(webhooks::remove),
        ),
        route(
            Method::GET,
            "/v1/webhooks/{id}/attempts",
            Need::Read,
            get(webhooks::attempts),
        ),
        route(Method::GET, "/v1/tokens", Need::Rule, get(tokens::list)),
        route(Method::POST, "/v1/tokens", Need::Rule, post(tokens::add)),
        route(
            Method::DELETE,
            "/v1/tokens/{id}",
            Need::Rule,
            delete(tokens::revoke),
        ),
    ]
}

/// All routes.
pub(crate) fn router(desk: &Arc<Desk>) -> Router {
    let mut router = Router::new();
    for Route {
        path,
        need,
        handler,
        ..
    } in api().into_iter().chain(page::routes())
    {
        let guarded = from_fn_with_state((Arc::clone(desk), need), guard);
        router = router.route(path, handler.route_layer(guarded));
    }
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    router
        .fallback(unknown)
        .method_not_allowed_fallback(unallowed)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(from_fn_with_state(Arc::clone(desk), numbered))
        .with_state(Arc::clone(desk))
}

async fn unknown(_: Uri) -> Problem {
    Problem::missing("place")
}

async fn unallowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this place does not take this method",
    )
}

/// Gives every request a number, and tells the journal what became of it.
async fn numbered(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    static LAST: AtomicU64 = AtomicU64::new(1);
    let begun = Instant::now();
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:08x}-{number:06x}", std::process::id());
    let method = request.method().clone();
    // The pattern, not what was typed: names may be anything.
    let pattern = request.extensions().get::<MatchedPath>();
    let pattern = pattern.map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let mut response = plain(next.run(request).await);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let status = response.status();
    desk.meters.answered(status.as_u16());
    let who = response.extensions().get::<Caller>();
    let who = who.map_or("-", |caller| caller.name.as_str());
    let millis = begun.elapsed().as_millis();
    let line = format!(
        "{id} {method} {pattern} {} {millis} ms {who}",
        status.as_u16()
    );
    match response.extensions().get::<Cause>() {
        Some(Cause(cause)) => desk.journal().warn(&format!("{line}: {cause}")),
        None => desk.journal().line(&line),
    }
    response
}

/// What the framework refuses by itself, as a problem document.
fn plain(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_text = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !is_text {
        return response;
    }
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body must be application/json",
        StatusCode::BAD_REQUEST => "the request cannot be understood",
        StatusCode::UNPROCESSABLE_ENTITY => "the body has not the fields that are needed",
        _ => status.canonical_reason().unwrap_or("error"),
    };
    let extensions = response.extensions().clone();
    let mut problem = Problem::new(status, detail).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem.extensions_mut().extend(extensions);
    problem
}
