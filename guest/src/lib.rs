//! podroute's policy: which node must a packet for a pod go to, and is the
//! cluster configured so that it will arrive?
//!
//! Pure logic over Kubernetes objects. It builds natively, for tests and
//! benchmarks, and as a WebAssembly component without imports, for use.
//! Data flows one way:
//!
//! objects -> cluster -> detect -> sources -> routes -> rules -> report
//!
//! and for a cluster that is watched: routes -> desired -> plan, and
//! change -> review
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod aggregate;
pub mod ako;
pub mod cluster;
pub mod conflicts;
pub mod desired;
pub mod detect;
pub mod evaluate;
pub mod excluded;
pub mod go;
pub mod json;
pub mod kernel;
pub mod networks;
pub mod next_hop;
pub mod objects;
pub mod picture;
pub mod plan;
pub mod prefix;
pub mod prefix_map;
pub mod programmed;
pub mod report;
pub mod review;
pub mod routes;
pub mod rules;
pub mod settings;
pub mod sources;
pub mod suppressions;
pub mod terms;
pub mod trace;
pub mod traced;
pub mod version;

#[cfg(all(feature = "component", target_family = "wasm"))]
mod component;
#[cfg(target_family = "wasm")]
mod memcmp;
