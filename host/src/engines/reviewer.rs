//! What answers reviews.

use std::fmt;

use async_trait::async_trait;

use crate::policy::{Change, Review};

/// A cluster of which somebody asks what changes would bring about.
#[async_trait]
pub trait Reviewer: Send + Sync + 'static {
    async fn review(&self, changes: Vec<Change>) -> Result<Review, Unanswered>;

    /// The same as JSON, `podroute.review/v1`.
    async fn review_json(&self, changes: Vec<Change>) -> Result<String, Unanswered>;

    /// Whether everything is known that reviews rest on, or what is missing.
    fn ready(&self) -> Result<(), String>;

    /// What hangs, one sentence each. Must answer at once, whatever hangs.
    fn hanging(&self) -> Vec<String> {
        Vec::new()
    }

    /// Metrics besides those of the server, in the text format of OpenMetrics
    /// without its end.
    fn write_metrics(&self, _text: &mut String) -> fmt::Result {
        Ok(())
    }
}

/// Why there is no review. The texts go to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Not everything is known yet: ask again.
    #[error("{0}")]
    NotYet(String),
    #[error("{0}")]
    Failed(String),
}
