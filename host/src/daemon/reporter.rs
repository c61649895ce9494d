//! The policy's report, made anew when the cluster has changed and passed on
//! to whoever looks: the status, Events, a ClusterReport.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::cluster_report::{self, ClusterReport, Findings};
use super::events::{Reason, Subject};
use super::leader::Leadership;
use super::notices::{self, Notices};
use super::resident::Resident;
use super::status::{Board, ByFamily, FindingCount, Heartbeat, ReportSummary, Severity};
use super::tables::Signal;
use crate::policy::{self, Report};

/// What is needed to report.
pub(super) struct Reporter {
    pub resident: Arc<Mutex<Resident>>,
    /// The owner marks that are ours or were.
    pub owners: Vec<String>,
    pub board: Board,
    /// Goes up when the cluster has changed.
    pub fed: watch::Receiver<u64>,
    /// The AKO instances that write routes under our mark, in words; None
    /// until it is known.
    pub rivals: watch::Sender<Option<Vec<String>>>,
    pub signals: Vec<Arc<Signal>>,
    pub notices: Arc<Notices>,
    /// None where no ClusterReport is written.
    pub cluster_report: Option<ClusterReport>,
    pub leadership: Leadership,
    /// How many rules there are.
    pub rules: usize,
}

/// The least time between two reports: each looks at the whole cluster.
const PAUSE: Duration = Duration::from_secs(10);

/// Rules about age need a report even when nothing changes.
const LONGEST: Duration = Duration::from_mins(10);

impl Reporter {
    /// Reports until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken, heartbeat: Heartbeat) {
        let mut last = Instant::now();
        let mut is_current = false;
        let mut leads = false;
        loop {
            heartbeat.beat();
            // What others are told, only a leader tells: a new one has it all
            // to tell.
            let led = std::mem::replace(&mut leads, self.leadership.is_leading_now());
            is_current &= led || !leads;
            // While kinds are listed for the first time there is nothing to
            // say, and it would be said again and again.
            let is_ready = self.board.now().kinds_are_known();
            let is_first = self.rivals.borrow().is_none();
            let is_due = !is_current && (is_first || last.elapsed() >= PAUSE);
            if is_ready && (is_due || last.elapsed() >= LONGEST) {
                last = Instant::now();
                is_current = true;
                self.fed.mark_unchanged();
                self.report().await;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = self.fed.changed() => match changed {
                    Ok(()) => is_current = false,
                    Err(_) => return,
                },
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn report(&mut self) {
        let resident = Arc::clone(&self.resident);
        let report = spawn_blocking(move || {
            let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
            resident.report()
        });
        let report = match report.await {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => return error!("no report: {error}"),
            Err(error) => return error!("no report: {error}"),
        };
        self.board
            .change(|status| status.report = Some(summary(&report)));
        self.tell_rivals(&report);
        self.notices
            .standing(Reason::RouteWithheld, "report", withheld(&report));
        if let Some(cluster_report) = &mut self.cluster_report
            && self.leadership.is_leading_now()
        {
            cluster_report.publish(&findings(&report, self.rules)).await;
        }
    }

    fn tell_rivals(&self, report: &Report) {
        let rivals = rivals(report, &self.owners);
        let is_news = self.rivals.send_if_modified(|known| {
            let is_news = known.as_ref() != Some(&rivals);
            if is_news {
                *known = Some(rivals.clone());
            }
            is_news
        });
        if is_news {
            for rival in &rivals {
                warn!("{rival}");
            }
            for signal in &self.signals {
                signal.look();
            }
        }
    }
}

/// AKO instances that write static routes with a label of this cluster, be it
/// a former one: each would undo what the other does.
fn rivals(report: &Report, owners: &[String]) -> Vec<String> {
    let akos = report.cluster.ako.iter().filter(|ako| ako.syncs_routes);
    akos.filter_map(|ako| {
            let name = ako.cluster_name.as_ref();
            let owner = name.filter(|name| owners.contains(name))?;
            let namespace = &ako.namespace;
            Some(format!(
                "AKO in namespace {namespace} programs static routes under the name {owner} too; set `disableStaticRouteSync: \"true\"` in ConfigMap {namespace}/avi-k8s-config and restart AKO, or start podroute with --beside-ako for a table that AKO does not write to"
            ))
        })
        .collect()
}

fn summary(report: &Report) -> ReportSummary {
    let mut counts: BTreeMap<(String, Severity), u64> = BTreeMap::new();
    for finding in &report.findings {
        let severity = match finding.severity {
            policy::Severity::Error => Severity::Error,
            policy::Severity::Warning => Severity::Warning,
            policy::Severity::Info => Severity::Info,
        };
        *counts.entry((finding.rule.clone(), severity)).or_default() += 1;
    }
    let mut withheld = ByFamily::default();
    for route in &report.withheld {
        *withheld.of(&route.prefix) += 1;
    }
    ReportSummary {
        at: Timestamp::now(),
        since: Instant::now(),
        findings: counts
            .into_iter()
            .map(|((rule, severity), count)| FindingCount {
                rule,
                severity,
                count,
            })
            .collect(),
        withheld,
        undecided: report.undecided.clone(),
    }
}

/// The routes that are withheld, node by node.
fn withheld(report: &Report) -> Vec<(Subject, String)> {
    let mut by_node: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for withheld in &report.withheld {
        let words = format!("{} (rule {})", withheld.prefix, withheld.rule);
        by_node.entry(&withheld.node).or_default().push(words);
    }
    by_node
        .into_iter()
        .map(|(node, prefixes)| {
            let note = format!(
                "No route is made to this node for {}. `podroute explain RULE` says why, and what to do.",
                prefixes.join(", ")
            );
            (notices::node(node), note)
        })
        .collect()
}

/// The report as a ClusterReport takes it.
fn findings(report: &Report, rules: usize) -> Findings {
    let judged = report
        .findings
        .iter()
        .map(|finding| &finding.rule)
        .chain(report.not_evaluated.iter().map(|entry| &entry.rule))
        .chain(&report.rules_off)
        .collect::<BTreeSet<_>>()
        .len();
    Findings {
        findings: report.findings.iter().map(Into::into).collect(),
        not_evaluated: report
            .not_evaluated
            .iter()
            .map(|entry| cluster_report::NotEvaluated {
                rule: entry.rule.clone(),
                missing: entry.missing.clone(),
            })
            .collect(),
        undecided: report.undecided.clone(),
        passed: rules.saturating_sub(judged),
    }
}

impl From<&policy::Finding> for cluster_report::Finding {
    fn from(finding: &policy::Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: match finding.severity {
                policy::Severity::Error => cluster_report::Severity::Error,
                policy::Severity::Warning => cluster_report::Severity::Warning,
                policy::Severity::Info => cluster_report::Severity::Info,
            },
            message: finding.message.clone(),
            effect: finding.effect.clone(),
            fix: finding.fix.clone(),
            reference: finding.reference.clone(),
            objects: finding
                .objects
                .iter()
                .map(|object| cluster_report::Object {
                    kind: object.kind.clone(),
                    namespace: object.namespace.clone(),
                    name: object.name.clone(),
                    field: object.field.clone(),
                })
                .collect(),
        }
    }
}
