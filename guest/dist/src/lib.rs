//! From the policy crate to the component, and to the files that are published.
//!
//! The build script of the host takes the component from here and the command
//! `podroute-dist` publishes it, so both have the same bytes.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod component;
pub mod contents;
pub mod flags;
pub mod oci;
pub mod sha256;
pub mod toolchain;

/// What went wrong, in words for the person who builds.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
