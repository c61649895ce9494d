//! The module's face: its operations under the names by which waPC calls them.

// waPC finds the module's entry by its bare name.
#![allow(unsafe_code)]

use wapc_guest::{CallResult, host_call, register_function};

use crate::operations;

#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("protocol_version", |_| Ok(operations::protocol_version()));
    register_function("validate_settings", |payload| {
        answer(operations::validate_settings(payload))
    });
    register_function("validate", |payload| {
        answer(operations::validate(payload, &list_resources))
    });
    register_function("podroute.evaluate", |payload| {
        answer(operations::evaluate(payload))
    });
    register_function("podroute.review", |payload| {
        answer(operations::review(payload))
    });
}

fn answer(result: Result<Vec<u8>, String>) -> CallResult {
    result.map_err(Into::into)
}

/// Asks the policy server to list objects.
fn list_resources(request: &[u8]) -> Result<Vec<u8>, String> {
    host_call("kubewarden", "kubernetes", "list_resources_all", request)
        .map_err(|error| error.to_string())
}
