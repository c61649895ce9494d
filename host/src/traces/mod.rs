//! What becomes of packets for addresses, as people and programs read it. The
//! policy works it out; here it gets the places of the objects in the files.

mod document;
mod table;

use crate::Snapshot;
use crate::policy::Trace;

/// For people. Styled; print it through `anstream`.
pub fn to_table(traces: &[Trace], snapshot: &Snapshot) -> String {
    let parts: Vec<String> = traces
        .iter()
        .map(|trace| table::render(trace, snapshot))
        .collect();
    parts.join("\n")
}

/// As `podroute.trace/v1`.
pub fn to_json(traces: &[Trace], snapshot: &Snapshot) -> serde_json::Result<String> {
    serde_json::to_string(&document::Document::of(traces, snapshot))
}
