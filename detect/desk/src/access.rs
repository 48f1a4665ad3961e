//! Who asks: a bearer token or a page's session, and what it may do.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use countermark_register::desk::token_hash;

use crate::caller::{COOKIE, Caller, Need, Peer};
use crate::desk::Desk;
use crate::problem::Problem;

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
