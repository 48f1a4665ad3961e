//! The page: rendered here, with one small script and no other origin.
//!
//! ```text
//! /             drop clips, what is being examined, what was      /jobs/{id}    verdict, seconds, findings, candidates, notices
//! /cases/{id}   clips of a case and notes                        /titles       titles and deliveries
//! /warnings     curve and tree of sightings, rules
//! ```

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::access::{caller, of_token};
use crate::caller::{COOKIE, Caller, Need};
use crate::desk::Desk;
use crate::entry::Route;
use crate::problem::{Answer, Problem};

mod case;
mod frame;
mod home;
mod job;
mod notice;
mod titles;
mod warnings;

use frame::framed;

/// The routes of the page. Who is not signed in is asked to be.
pub(crate) fn routes() -> Vec<Route> {
    let route = |method, path, handler| Route {
        method,
        path,
        need: Need::Nothing,
        handler,
    };
    vec![
        route(Method::GET, "/", get(home)),
        route(Method::GET, "/login", get(login)),
        route(Method::POST, "/session", post(sign_in)),
        route(Method::POST, "/session/end", post(sign_out)),
        route(Method::GET, "/jobs/{id}", get(one_job)),
        route(Method::GET, "/jobs/{id}/notice", get(one_notice)),
        route(Method::GET, "/cases/{id}", get(one_case)),
        route(Method::GET, "/titles", get(all_titles)),
        route(Method::GET, "/warnings", get(all_warnings)),
        route(
            Method::GET,
            "/desk.css",
            get(|| async { asset("text/css", include_str!("page/desk.css")) }),
        ),
        route(
            Method::GET,
            "/sides.js",
            get(|| async { asset("text/javascript", include_str!("page/sides.js")) }),
        ),
        route(
            Method::GET,
            "/desk.js",
            get(|| async { asset("text/javascript", include_str!("page/desk.js")) }),
        ),
    ]
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

fn page(markup: Markup) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (headers, markup.into_string()).into_response()
}

/// A page, for whoever may read; the others are asked for a token, or told that theirs is not enough.
async fn shown<F>(desk: &Arc<Desk>, headers: &HeaderMap, work: impl FnOnce(Caller) -> F) -> Response
where
    F: Future<Output = Answer<Markup>>,
{
    let known = match caller(desk, headers).await {
        Ok(known) => known,
        Err(problem) => return problem.into_response(),
    };
    let Some((caller, _)) = known else {
        return Redirect::to("/login").into_response();
    };
    if caller
        .role
        .is_some_and(|role| !matches!(role.as_str(), "analyst" | "auditor"))
    {
        return told(&Problem::forbidden("this token's role has no page"));
    }
    match work(caller).await {
        Ok(markup) => page(markup),
        Err(problem) => told(&problem),
    }
}

/// A problem as a page.
fn told(problem: &Problem) -> Response {
    let title = problem.status.canonical_reason().unwrap_or("Error");
    let body =
        html! { h1 { (title) } p { (problem.detail) } p { a href="/" { "Back to the desk" } } };
    let mut response = page(framed(title, None, &body));
    *response.status_mut() = problem.status;
    response
}

async fn home(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    shown(&desk, &headers, |caller| home::page(desk.clone(), caller)).await
}

async fn one_job(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    shown(&desk, &headers, |caller| {
        job::page(desk.clone(), caller, id)
    })
    .await
}

async fn one_notice(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(wanted): Query<notice::Wanted>,
) -> Response {
    shown(&desk, &headers, |caller| {
        notice::page(desk.clone(), caller, id, wanted)
    })
    .await
}

async fn one_case(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    shown(&desk, &headers, |caller| {
        case::page(desk.clone(), caller, id)
    })
    .await
}

async fn all_titles(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    shown(&desk, &headers, |caller| titles::page(desk.clone(), caller)).await
}

async fn all_warnings(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(wanted): Query<warnings::Wanted>,
) -> Response {
    shown(&desk, &headers, |caller| {
        warnings::page(desk.clone(), caller, wanted)
    })
    .await
}

async fn login() -> Response {
    page(frame::login(None))
}

#[derive(Deserialize)]
struct SignIn {
    token: String,
}

async fn sign_in(State(desk): State<Arc<Desk>>, Form(form): Form<SignIn>) -> Answer<Response> {
    let now = std::time::Instant::now();
    let Some(caller) = of_token(&desk, form.token.trim()).await? else {
        // The page's form is one of the ways to try tokens.
        desk.failures.take("form", now).map_err(Problem::too_many)?;
        let mut response = page(frame::login(Some(
            "This token is not known, or was taken back.",
        )));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return Ok(response);
    };
    let session = desk.sign_in(caller)?;
    // Where the desk speaks TLS itself, the cookie travels over nothing else.
    let secure = if desk.settings.tls.is_some() {
        "; Secure"
    } else {
        ""
    };
    let cookie =
        format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200{secure}");
    let headers = [(header::SET_COOKIE, cookie)];
    Ok((headers, Redirect::to("/")).into_response())
}

async fn sign_out(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    let cookies = headers
        .get(header::COOKIE)
        .and_then(|value| value.to_str().ok());
    let own = cookies
        .unwrap_or_default()
        .split(';')
        .filter_map(|one| one.trim().split_once('='));
    for (_, session) in own.filter(|(name, _)| *name == COOKIE) {
        desk.sign_out(session);
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    ([(header::SET_COOKIE, gone)], Redirect::to("/login")).into_response()
}
