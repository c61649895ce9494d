//! What the tests of all engines need: a real podroute to ask, the examples,
//! and engines that run Rego. It fails as tests do: by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

pub mod examples;
pub mod files;
pub mod podroute;
pub mod rego;
