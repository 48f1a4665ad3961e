//! Who asks: a bearer token or a page's session, and what it may do.
//!
//! | | page, local token | analyst | auditor | mastering | platform |
//! |---|---|---|---|---|---|
//! | `Need::Look` titles, deliveries | yes | yes | yes | yes | no |
//! | `Need::Read` jobs, cases, sightings | yes | yes | yes | no | no |
//! | `Need::Examine` uploads, jobs, cases | yes | yes | no | no | no |
//! | `Need::Ask` verify, own uploads and identifications | yes | yes | no | no | yes |
//! | `Need::Rule` tokens | yes | no | no | no | no |

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use countermark_register::desk::{Role, token_hash};

use crate::desk::Desk;
use crate::listen::Peer;
use crate::problem::Problem;

/// The name of the cookie of a page.
pub(crate) const COOKIE: &str = "desk";

/// What a route asks of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    Look,
    Read,
    Examine,
    Ask,
    Rule,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The token's name.
    pub(crate) name: String,
    /// None for the token that was printed, which may do all.
    pub(crate) role: Option<Role>,
}

impl Caller {
    fn may(&self, need: Need) -> bool {
        let Some(role) = self.role else { return true };
        match need {
            Need::Nothing => true,
            Need::Look => role != Role::Platform,
            Need::Read => matches!(role, Role::Analyst | Role::Auditor),
            Need::Examine => role == Role::Analyst,
            Need::Ask => matches!(role, Role::Analyst | Role::Platform),
            Need::Rule => false,
        }
    }

    /// Whose rows it sees: its own alone, or all.
    pub(crate) fn sees(&self) -> Option<&str> {
        (self.role == Some(Role::Platform)).then_some(self.name.as_str())
    }

    /// Whether it may see a row of `owner`.
    pub(crate) fn may_see(&self, owner: &str) -> bool {
        self.sees().is_none_or(|own| own == owner)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().cloned();
        known.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "a token is needed"))
    }
}

/// Lets a request through that may do what its route does.
pub(crate) async fn guard(
    State((desk, need)): State<(Arc<Desk>, Need)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if need == Need::Nothing {
        return Ok(next.run(request).await);
    }
    let now = Instant::now();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let peer = peer.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
    let Some((caller, by_cookie)) = caller(&desk, request.headers()).await? else {
        // Whoever tries tokens is slowed, whatever they are.
        desk.failures.take(&peer, now).map_err(Problem::too_many)?;
        let why = "a valid token is needed";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, why));
    };
    if by_cookie && request.method() != Method::GET && !request.headers().contains_key("x-desk") {
        return Err(Problem::forbidden("only the page itself may do this"));
    }
    if !caller.may(need) {
        return Err(Problem::forbidden("this token's role does not allow this"));
    }
    desk.rates
        .take(&caller.name, now)
        .map_err(Problem::too_many)?;
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(caller);
    Ok(response)
}

/// Whoever a request is from, and whether a cookie says so.
pub(crate) async fn caller(
    desk: &Arc<Desk>,
    headers: &HeaderMap,
) -> Result<Option<(Caller, bool)>, Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "))
    {
        let caller = of_token(desk, token.trim()).await?;
        return Ok(caller.map(|caller| (caller, false)));
    }
    let cookies = text(header::COOKIE).unwrap_or_default();
    let session = cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE);
    Ok(session
        .and_then(|(_, session)| desk.session(session))
        .map(|caller| (caller, true)))
}

/// Whose a token is.
pub(crate) async fn of_token(desk: &Arc<Desk>, token: &str) -> Result<Option<Caller>, Problem> {
    if token.len() > 200 {
        return Ok(None);
    }
    // Hashes are compared, so that time tells nothing of a token.
    let hash = token_hash(token);
    if desk.local.as_deref() == Some(hash.as_str()) {
        return Ok(Some(Caller {
            name: "local".to_owned(),
            role: None,
        }));
    }
    let known = desk.record(move |store| store.token(&hash)).await?;
    Ok(known.map(|known| Caller {
        name: known.name,
        role: Some(known.role),
    }))
}
