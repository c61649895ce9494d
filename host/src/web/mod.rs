//! What the servers have in common: where they listen, TLS, who may ask,
//! limits, the list of endpoints, errors as JSON.
//!
//! The daemon's own server and the one for policy engines are each a list of
//! [`Endpoint`]s on top of this.

mod answer;
mod connection;
mod endpoints;
mod files;
mod guard;
mod limits;
mod listen;
mod place;
mod tls;
mod tokens;

pub use limits::Limits;
pub use place::StartError;

pub(crate) use answer::{JSON, Listed, Refusal};
pub(crate) use endpoints::{
    Endpoint, Router, Turn, Turns, finish, limit_bodies, read, routes, with_index, write,
};
pub(crate) use files::{Contents, Reloads};
pub(crate) use guard::{Guard, guard};
pub(crate) use listen::listen;
pub(crate) use place::{Names, Place, bind, is_local};
pub(crate) use tls::Shown;
pub(crate) use tokens::{Tokens, WatchedTokens};
