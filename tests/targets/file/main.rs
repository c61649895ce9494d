//! The target `file`: what it renders, how it replaces a file, and what it
//! repairs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod commands;
mod consumers;
mod disk;
mod killed;
mod ownership;
mod repair;
mod support;
mod templates;
