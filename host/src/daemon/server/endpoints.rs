//! What can be asked for.

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::{Context, handlers, probes};
use crate::web::{
    Guard, Listed, Router, Turns, finish, guard, limit_bodies, read, routes, with_index, write,
};

type Endpoint = crate::web::Endpoint<Arc<Context>>;

/// What anybody may ask who reaches the server.
fn open() -> Vec<Endpoint> {
    vec![
        read(
            "/healthz",
            "whether the loops of the daemon go round",
            get(probes::alive),
        ),
        read(
            "/readyz",
            "whether everything was read once",
            get(probes::ready),
        ),
    ]
}

/// What only those may ask who have a token, where there are tokens.
fn guarded() -> Vec<Endpoint> {
    vec![
        read("/metrics", "metrics, OpenMetrics", get(handlers::metrics)),
        read(
            "/report",
            "routes and findings, podroute.report/v1",
            get(handlers::report),
        ),
        read(
            "/routes",
            "where packets for pods go, podroute.routes/v1",
            get(handlers::routes),
        ),
        read(
            "/plan",
            "what has to be done to each table, podroute.plan/v1",
            get(handlers::plan),
        ),
        read(
            "/status",
            "how the daemon fares, podroute.status/v1",
            get(handlers::status),
        ),
        write(
            "/plan/confirm",
            r#"agree to a plan that waits for it: {"table": "...", "token": "..."} as in /plan"#,
            post(handlers::confirm),
        ),
        write(
            "/reconcile",
            "look at the tables now",
            post(handlers::reconcile),
        ),
    ]
}

/// Everything.
pub(super) fn all(context: &Arc<Context>) -> Router {
    let (open, guarded) = (open(), guarded());
    let list: Arc<[Listed]> = open
        .iter()
        .chain(&guarded)
        .map(|one| one.listed.clone())
        .collect();
    let guarding = Arc::new(Guard {
        tokens: context.tokens.clone(),
        certificates: false,
        // Where others can ask too there are tokens.
        local: true,
    });
    let guarded = Turns::new(context.limits.requests)
        .take(with_index(guarded, &list))
        .layer(from_fn_with_state(guarding, guard));
    complete(routes(open, &list).merge(guarded), context)
}

/// What a server that only answers probes has.
pub(super) fn only_probes(context: &Arc<Context>) -> Router {
    let open = open();
    let list: Arc<[Listed]> = open.iter().map(|one| one.listed.clone()).collect();
    complete(with_index(open, &list), context)
}

fn complete(router: Router<Arc<Context>>, context: &Arc<Context>) -> Router {
    let router = limit_bodies(router, context.limits.body);
    finish(router, context.limits).with_state(Arc::clone(context))
}
