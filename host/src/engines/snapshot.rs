//! A cluster that was read from files, to try things out with.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tracing::error;

use super::{Reviewer, Unanswered};
use crate::policy::{Change, Cluster, Error, Policy, Problem, Review, Settings};

/// A cluster that stays as it is.
pub struct FromSnapshot {
    kept: Arc<Mutex<Kept>>,
    /// Who may ask next, in the order in which they came.
    turn: Arc<Semaphore>,
}

struct Kept {
    policy: Policy,
    settings: Settings,
    documents: Vec<String>,
    /// None when the policy failed and could not be begun anew.
    cluster: Option<Cluster>,
}

impl FromSnapshot {
    /// Takes in objects, as [`crate::Snapshot`] has them. Also returns what
    /// could not be used of them.
    pub fn open(
        policy: Policy,
        settings: Settings,
        documents: Vec<String>,
    ) -> Result<(Self, Vec<Problem>), Error> {
        let mut kept = Kept {
            policy,
            settings,
            documents,
            cluster: None,
        };
        let problems = kept.begin()?;
        let reviewer = Self {
            kept: Arc::new(Mutex::new(kept)),
            turn: Arc::new(Semaphore::new(1)),
        };
        Ok((reviewer, problems))
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Cluster) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Unanswered> {
        let kept = Arc::clone(&self.kept);
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let answer = spawn_blocking(move || {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = kept.ask(question);
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

impl Kept {
    fn begin(&mut self) -> Result<Vec<Problem>, Error> {
        let mut cluster = self.policy.open(&self.settings)?;
        let problems = cluster.load(&self.documents)?;
        self.cluster = Some(cluster);
        Ok(problems)
    }

    /// A policy that fails at this question is not asked it again: the next
    /// one finds a fresh instance.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut Cluster) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.cluster.is_none() {
            self.begin()?;
        }
        let cluster = self.cluster.as_mut().ok_or(Error::Lost)?;
        let answer = question(cluster);
        if let Err(reason) = &answer {
            error!("the policy failed and is started anew: {reason}");
            self.cluster = None;
        }
        answer
    }
}

#[async_trait]
impl Reviewer for FromSnapshot {
    async fn review(&self, changes: Vec<Change>) -> Result<Review, Unanswered> {
        self.ask(move |cluster| cluster.review(&changes)).await
    }

    async fn review_json(&self, changes: Vec<Change>) -> Result<String, Unanswered> {
        self.ask(move |cluster| cluster.review_json(&changes)).await
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}
