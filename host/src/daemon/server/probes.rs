//! What a kubelet asks: short texts, which it puts into events.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::Context;

type Answer = (StatusCode, String);

/// Whether the loops of the daemon go round. A daemon that waits for a
/// cluster or for a device is alive: to start it anew would not help.
pub(super) async fn alive(State(context): State<Arc<Context>>) -> Answer {
    answer(&context.source.hanging())
}

/// Says what is missing. Why is for those who may ask for the status: probes
/// are answered to anybody.
pub(super) async fn ready(State(context): State<Arc<Context>>) -> Answer {
    let missing = context.source.status().missing();
    let lines: Vec<_> = missing
        .into_iter()
        .map(|one| match one.reason {
            None => one.what,
            Some(_) => format!("{}; /status says why", one.what),
        })
        .collect();
    answer(&lines)
}

fn answer(wrong: &[String]) -> Answer {
    if wrong.is_empty() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, wrong.join("\n") + "\n")
}
