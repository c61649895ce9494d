//! The findings as a ClusterReport of openreports.io, for the tools that show
//! what policy engines find. Written where that API is installed, and nowhere
//! else missed.

mod document;
mod kinds;

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams};
use kube::discovery;
use kube::{Client, Error};
use serde_json::Value;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::api_error::{in_words, is_forbidden, is_not_found};
use document::Document;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before asking again whether the API is there and allowed.
const PAUSE: Duration = Duration::from_mins(5);
/// How long to wait after any other failure.
const RETRY: Duration = Duration::from_mins(1);
/// How often a report is written that has not changed: one that somebody
/// deleted comes back, and for any other the API server does nothing.
const REFRESH: Duration = Duration::from_mins(10);

/// What the policy has to say about a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub findings: Vec<Finding>,
    pub not_evaluated: Vec<NotEvaluated>,
    /// Why there is no verdict on the routes; empty when there is one.
    pub undecided: Vec<String>,
    /// How many rules were evaluated and found nothing.
    pub passed: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `family/name`.
    pub rule: String,
    pub severity: Severity,
    pub message: String,
    pub effect: String,
    pub fix: String,
    /// Where that is documented.
    pub reference: String,
    /// The main one first.
    pub objects: Vec<Object>,
}

/// The worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Info,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub field: Option<String>,
}

/// A rule that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    pub rule: String,
    /// What would have to be known.
    pub missing: Vec<String>,
}

/// Writes the ClusterReport of one cluster.
pub struct ClusterReport {
    client: Client,
    name: String,
    /// The resource, once it has been found.
    resource: Option<ApiResource>,
    written: Option<Written>,
    /// Nothing is tried before then.
    pause: Option<Instant>,
    /// What was said last about why there is no report.
    said: Option<String>,
}

struct Written {
    /// Without times.
    document: Document,
    /// When each result was found first.
    found: HashMap<String, Timestamp>,
    at: Instant,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Written,
    /// As it is already.
    Unchanged,
    /// Not for the reason given, which is in the log, too.
    NotWritten(String),
}

impl ClusterReport {
    /// Named after the cluster, so that several can report to one place.
    pub fn new(client: Client, cluster: Option<&str>) -> Self {
        Self {
            client,
            name: document::name(cluster),
            resource: None,
            written: None,
            pause: None,
            said: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes the report if it says something else than the last one. To be
    /// called by the leader only, with every new report of the policy.
    pub async fn publish(&mut self, findings: &Findings) -> Outcome {
        let now = Instant::now();
        if let (Some(reason), Some(_)) = (&self.said, self.pause.filter(|until| now < *until)) {
            return Outcome::NotWritten(reason.clone());
        }
        let document = Document::new(findings);
        let written = self.written.as_ref();
        if written.is_some_and(|last| last.document == document && now < last.at + REFRESH) {
            return Outcome::Unchanged;
        }
        let first = written.map(|last| &last.found);
        let found = document.found(first, Timestamp::now());
        let body = document.body(&self.name, &found);
        match timeout(PATIENCE, self.apply(&body)).await {
            Ok(Ok(())) => {
                self.pause = None;
                if self.said.take().is_some() {
                    info!(name = self.name, "the ClusterReport is written now");
                }
                self.written = Some(Written {
                    document,
                    found,
                    at: now,
                });
                Outcome::Written
            }
            Ok(Err(error)) => self.refused(&error),
            Err(_) => {
                let reason = "the API server does not answer".to_owned();
                self.wait(RETRY, reason, true)
            }
        }
    }

    async fn apply(&mut self, body: &Value) -> Result<(), Error> {
        let resource = match &self.resource {
            Some(resource) => resource,
            None => self.resource.insert(discover(&self.client).await?),
        };
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), resource);
        let parameters = PatchParams::apply("podroute").force();
        api.patch(&self.name, &parameters, &Patch::Apply(body))
            .await
            .map(drop)
    }

    fn refused(&mut self, error: &Error) -> Outcome {
        if is_not_found(error) || matches!(error, Error::Discovery(_)) {
            self.resource = None;
            let reason = "the API openreports.io/v1alpha1 is not installed in the cluster";
            return self.wait(PAUSE, reason.to_owned(), false);
        }
        let reason = in_words(error);
        if is_forbidden(error) {
            let advice = "; allow create and patch on clusterreports (openreports.io)";
            return self.wait(PAUSE, reason + advice, true);
        }
        self.wait(RETRY, reason, true)
    }

    /// Each reason goes into the log once.
    fn wait(&mut self, pause: Duration, reason: String, is_wrong: bool) -> Outcome {
        self.pause = Some(Instant::now() + pause);
        if self.said.as_ref() != Some(&reason) {
            if is_wrong {
                warn!(name = self.name, "cannot write the ClusterReport: {reason}");
            } else {
                info!("no ClusterReport: {reason}");
            }
        }
        self.said = Some(reason.clone());
        Outcome::NotWritten(reason)
    }
}

async fn discover(client: &Client) -> Result<ApiResource, Error> {
    let kind = GroupVersionKind::gvk("openreports.io", "v1alpha1", "ClusterReport");
    let (resource, _) = discovery::pinned_kind(client, &kind).await?;
    Ok(resource)
}
