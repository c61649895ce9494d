//! podroute as a Kubewarden policy: what a change would do to pod routes,
//! said before it is made.
//!
//! The same core as everywhere, in a waPC module instead of a component. For
//! every request it asks its host for the cluster, since a Kubewarden policy
//! keeps nothing from one request to the next:
//!
//! request -> change -> sources -> cluster -> judge -> answer
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answer;
pub mod gather;
pub mod host;
pub mod judge;
pub mod operations;
pub mod request;
pub mod settings;
pub mod sources;

#[cfg(target_family = "wasm")]
mod module;
