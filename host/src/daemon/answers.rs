//! What the server asks of the daemon.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::resident::Resident;
use super::server::documents::{Plan, Route, Routes, Withheld};
use super::server::{Error, Source};
use super::status::{Board, Health, Status};
use super::tables::{Confirmed, Seen, Signal};
use crate::policy;

/// The daemon, as the server sees it.
pub(super) struct Answers {
    pub resident: Arc<Mutex<Resident>>,
    pub board: Board,
    pub health: Health,
    pub confirmed: Confirmed,
    pub tables: Vec<OfTable>,
    pub dry_run: bool,
}

/// A table, as the server sees it.
pub(super) struct OfTable {
    pub name: String,
    pub seen: watch::Receiver<Option<Seen>>,
    pub signal: Arc<Signal>,
}

impl Answers {
    async fn ask<T: Send + 'static>(
        &self,
        question: fn(&mut Resident) -> Result<T, policy::Error>,
    ) -> Result<T, Error> {
        let resident = Arc::clone(&self.resident);
        let answer = spawn_blocking(move || {
            let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
            question(&mut resident)
        });
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Error::Failed(error.to_string())),
            Err(error) => Err(Error::Failed(error.to_string())),
        }
    }
}

#[async_trait]
impl Source for Answers {
    async fn report(&self) -> Result<String, Error> {
        self.ask(Resident::report_json).await
    }

    async fn routes(&self) -> Result<Routes, Error> {
        let report = self.ask(Resident::report).await?;
        Ok(Routes {
            routes: report
                .routes
                .into_iter()
                .map(|route| Route {
                    prefix: route.prefix,
                    next_hop: route.next_hop,
                    node: route.node,
                })
                .collect(),
            withheld: report
                .withheld
                .into_iter()
                .map(|withheld| Withheld {
                    prefix: withheld.prefix,
                    next_hop: withheld.next_hop,
                    node: withheld.node,
                    rule: withheld.rule,
                })
                .collect(),
            undecided: report.undecided,
        })
    }

    async fn plan(&self) -> Result<Plan, Error> {
        let mut tables = Vec::new();
        for table in &self.tables {
            let seen = table.seen.borrow().clone();
            tables.extend(seen.map(|seen| seen.document(&table.name, self.dry_run)));
        }
        if tables.is_empty() {
            return Err(Error::NotYet(
                "no table has been read yet; /status says what is missing".to_owned(),
            ));
        }
        tables.sort_by(|a, b| a.table.cmp(&b.table));
        Ok(Plan { tables })
    }

    async fn confirm(&self, table: &str, token: &str) -> Result<(), Error> {
        let Some(found) = self.tables.iter().find(|one| one.name == table) else {
            let names: Vec<&str> = self.tables.iter().map(|one| one.name.as_str()).collect();
            return Err(Error::Unknown(format!(
                "there is no table `{table}`; there is {}",
                names.join(", ")
            )));
        };
        let status = self.board.now();
        if !status.leadership.role.writes() {
            let holder = status.leadership.holder.as_deref().unwrap_or("nobody");
            return Err(Error::Conflict(format!(
                "another instance writes this table; confirm there: {holder}"
            )));
        }
        let asked = status
            .tables
            .get(table)
            .and_then(|table| table.confirmation.as_ref());
        match asked {
            Some(asked) if asked.token == token => {
                self.confirmed.add(token);
                found.signal.changed(Instant::now());
                Ok(())
            }
            Some(_) => Err(Error::Conflict(
                "the plan has changed since; look at /plan and confirm the one that is there"
                    .to_owned(),
            )),
            None => Err(Error::Conflict(
                "this table waits for no confirmation".to_owned(),
            )),
        }
    }

    fn status(&self) -> Arc<Status> {
        self.board.now()
    }

    fn hanging(&self) -> Vec<String> {
        self.health.hanging(Instant::now())
    }

    fn reconcile_now(&self) {
        for table in &self.tables {
            table.signal.look();
        }
    }
}
