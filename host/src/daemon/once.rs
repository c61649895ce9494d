//! `podroute run --once`: for cron and pipelines.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Parts;
use super::status::Kind;
use super::tables::{End, Seen, Table};

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub tables: Vec<OfTable>,
    /// Kinds that could not be listed, with the reasons.
    pub unread: Vec<String>,
}

/// What came of one table.
#[derive(Debug)]
pub struct OfTable {
    pub name: String,
    /// None when it could not even be read.
    pub seen: Option<Seen>,
    pub end: End,
    /// What went wrong.
    pub error: Option<String>,
}

pub(super) async fn run(parts: Parts, patience: Duration) -> Outcome {
    let Parts {
        feed,
        reporter,
        mut tables,
        shared,
        answers,
        health,
    } = parts;
    let stop = CancellationToken::new();
    let fed = tokio::spawn(feed.run(stop.clone(), health.expect("feed", Duration::MAX)));
    let reported =
        tokio::spawn(reporter.run(stop.clone(), health.expect("reporter", Duration::MAX)));
    let end = Instant::now() + patience;
    // Everything listed or refused, and the first report made.
    let mut changes = shared.board.subscribe();
    let ready = async {
        loop {
            let status = changes.borrow_and_update().clone();
            if status.kinds_are_known() && status.report.is_some() {
                return;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = timeout_at(end, ready).await;
    let mut outcome = Outcome {
        tables: Vec::new(),
        unread: unread(&shared.board.now().kinds),
    };
    for table in &mut tables {
        let last = settle(table, end).await;
        let name = table.name().to_owned();
        let status = shared.board.now();
        let shown = status.tables.get(&name);
        outcome.tables.push(OfTable {
            seen: table.seen().borrow().clone(),
            end: last,
            error: shown.and_then(|shown| Some(shown.error.as_ref()?.text.clone())),
            name,
        });
    }
    stop.cancel();
    let _ = tokio::join!(fed, reported);
    drop(answers);
    outcome
}

/// Looks at a table until it is settled or waits, or time is over.
async fn settle(table: &mut Table, end: Instant) -> End {
    let mut pause = Duration::from_millis(500);
    loop {
        match table.cycle().await.end {
            last @ (End::Settled | End::Waiting) => return last,
            last if Instant::now() + pause >= end => return last,
            End::Again => {}
            End::Failed => {
                sleep(pause).await;
                pause *= 2;
            }
        }
    }
}

fn unread(kinds: &std::collections::BTreeMap<String, Kind>) -> Vec<String> {
    kinds
        .iter()
        .filter_map(|(name, kind)| match kind {
            Kind::Unreadable { reason, .. } => Some(format!("{name} cannot be read: {reason}")),
            Kind::Waiting => Some(format!("{name} was not listed in time")),
            Kind::NotWanted | Kind::Synced => None,
        })
        .collect()
}
