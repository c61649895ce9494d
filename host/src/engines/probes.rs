//! What a kubelet asks: short texts, which it puts into events.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::Context;

type Answer = (StatusCode, String);

/// Whether the loops go round that the cluster comes from.
pub(super) async fn alive(State(context): State<Arc<Context>>) -> Answer {
    let hanging = context.reviewer.hanging();
    answer(hanging.is_empty(), &hanging.join("\n"))
}

/// Whether reviews can be asked for.
pub(super) async fn ready(State(context): State<Arc<Context>>) -> Answer {
    match context.reviewer.ready() {
        Ok(()) => answer(true, ""),
        Err(missing) => answer(false, &missing),
    }
}

fn answer(is_well: bool, wrong: &str) -> Answer {
    if is_well {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("{wrong}\n"))
}
