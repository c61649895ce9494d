//! Where the server has from what it shows.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::StatusCode;

use super::documents::{Plan, Routes};
use crate::daemon::status::Status;
use crate::web::Refusal;

/// The daemon, as far as the server needs it.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// The policy's report on the cluster as it is now, `podroute.report/v1`.
    async fn report(&self) -> Result<String, Error>;

    /// The routes that follow from it.
    async fn routes(&self) -> Result<Routes, Error>;

    /// What has to be done to each table, from when it was last read.
    async fn plan(&self) -> Result<Plan, Error>;

    /// Agrees to the plan of a table that waits for it.
    async fn confirm(&self, table: &str, token: &str) -> Result<(), Error>;

    fn status(&self) -> Arc<Status>;

    /// The loops that hang, one sentence each. Must answer at once, whatever
    /// hangs.
    fn hanging(&self) -> Vec<String>;

    /// Has the tables looked at now and not at the next occasion.
    fn reconcile_now(&self);
}

/// Why a question has no answer. The texts go to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The daemon has not come so far yet: ask again.
    #[error("{0}")]
    NotYet(String),
    /// There is no such table.
    #[error("{0}")]
    Unknown(String),
    /// The table waits for no confirmation, or for that of another plan, or
    /// another instance writes it.
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Failed(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::NotYet(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Unknown(_) => StatusCode::NOT_FOUND,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}
