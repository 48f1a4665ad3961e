//! A line of the table of routes.

use std::sync::Arc;

use axum::http::Method;
use axum::routing::MethodRouter;

use crate::caller::Need;
use crate::desk::Desk;

/// One line of the table.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    pub(crate) handler: MethodRouter<Arc<Desk>>,
}

pub(crate) fn route(
    method: Method,
    path: &'static str,
    need: Need,
    handler: MethodRouter<Arc<Desk>>,
) -> Route {
    Route {
        method,
        path,
        need,
        handler,
    }
}
