//! Who asks, and what they may do.
//!
//! | | page, local token | analyst | auditor | mastering | platform |
//! |---|---|---|---|---|---|
//! | `Need::Look` titles, deliveries | yes | yes | yes | yes | no |
//! | `Need::Read` cases, sightings, meters | yes | yes | yes | no | no |
//! | `Need::Follow` jobs; a platform its own | yes | yes | yes | no | yes |
//! | `Need::Examine` uploads, jobs, cases | yes | yes | no | no | no |
//! | `Need::Ask` verify, own uploads and identifications | yes | yes | no | no | yes |
//! | `Need::Rule` tokens | yes | no | no | no | no |

use std::net::SocketAddr;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use countermark_register::desk::Role;

use crate::problem::Problem;

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The name of the cookie of a page.
pub(crate) const COOKIE: &str = "desk";

/// What a route asks of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    Look,
    Read,
    Follow,
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
    pub(crate) fn may(&self, need: Need) -> bool {
        let Some(role) = self.role else { return true };
        match need {
            Need::Nothing => true,
            Need::Look => role != Role::Platform,
            Need::Read => matches!(role, Role::Analyst | Role::Auditor),
            Need::Follow => role != Role::Mastering,
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
