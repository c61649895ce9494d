//! What policy engines ask of the cluster that is watched.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::metrics::Metrics;
use super::resident::Resident;
use super::status::{Board, Health};
use crate::engines::{Reviewer, Unanswered};
use crate::policy::{self, Change, Review};

/// The daemon, as the server for policy engines sees it.
pub(super) struct Reviews {
    resident: Arc<Mutex<Resident>>,
    board: Board,
    health: Health,
    /// None where another server shows them.
    metrics: Option<Arc<Metrics>>,
    /// Who may ask next, in the order in which they came: whoever feeds the
    /// cluster has one competitor for it and not many, and no crowd of threads
    /// waits for it.
    turn: Arc<Semaphore>,
}

impl Reviews {
    pub(super) fn new(
        resident: Arc<Mutex<Resident>>,
        board: Board,
        health: Health,
        metrics: Option<Arc<Metrics>>,
    ) -> Self {
        Self {
            resident,
            board,
            health,
            metrics,
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Resident) -> Result<T, policy::Error> + Send + 'static,
    ) -> Result<T, Unanswered> {
        self.ready().map_err(Unanswered::NotYet)?;
        let resident = Arc::clone(&self.resident);
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let answer = spawn_blocking(move || {
            let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = question(&mut resident);
            drop(resident);
            drop(turn);
            answer
        });
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Unanswered::Failed(error.to_string())),
            Err(error) => Err(Unanswered::Failed(error.to_string())),
        }
    }
}

#[async_trait]
impl Reviewer for Reviews {
    async fn review(&self, changes: Vec<Change>) -> Result<Review, Unanswered> {
        self.ask(move |resident| resident.review(&changes)).await
    }

    async fn review_json(&self, changes: Vec<Change>) -> Result<String, Unanswered> {
        self.ask(move |resident| resident.review_json(&changes))
            .await
    }

    /// Why a kind cannot be read is for the log: anybody may ask this.
    fn ready(&self) -> Result<(), String> {
        let missing = self.board.now().missing_kinds();
        if missing.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = missing
            .into_iter()
            .map(|one| match one.reason {
                None => one.what,
                Some(_) => format!("{}; the log says why", one.what),
            })
            .collect();
        Err(lines.join("\n"))
    }

    fn hanging(&self) -> Vec<String> {
        self.health.hanging(Instant::now())
    }

    fn write_metrics(&self, text: &mut String) -> fmt::Result {
        match &self.metrics {
            Some(metrics) => metrics.write(&self.board.now(), text),
            None => Ok(()),
        }
    }
}
