//! What is counted and measured of requests, in the text format of OpenMetrics.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::{Context, Reviewer};
use crate::admission::Admission;
use crate::web::Reloads;

pub(super) use crate::daemon::metrics::CONTENT_TYPE;

/// What is counted; other paths are not.
const MEASURED: [&str; 4] = ["/admission", "/gatekeeper", "/v1/evaluate", "/v1/review"];

/// In seconds.
const BUCKETS: [f64; 13] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answered {
    Allow,
    Warn,
    Deny,
    /// A report, which has no verdict.
    Report,
    /// The request was at fault.
    Refused,
    /// It was not.
    Failed,
}

impl Answered {
    const ALL: [Self; 6] = [
        Self::Allow,
        Self::Warn,
        Self::Deny,
        Self::Report,
        Self::Refused,
        Self::Failed,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
            Self::Report => "report",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// What a review says.
    pub(super) fn of_review(review: &str) -> Self {
        #[derive(serde::Deserialize)]
        struct Verdict<'a> {
            verdict: &'a str,
        }
        match serde_json::from_str(review) {
            Ok(Verdict { verdict: "allow" }) => Self::Allow,
            Ok(Verdict { verdict: "warn" }) => Self::Warn,
            Ok(Verdict { verdict: "deny" }) => Self::Deny,
            _ => Self::Failed,
        }
    }

    /// What an AdmissionReview says.
    pub(super) fn of_admission(review: &[u8]) -> Self {
        #[derive(serde::Deserialize)]
        struct Review {
            response: Said,
        }
        #[derive(serde::Deserialize)]
        struct Said {
            allowed: bool,
            #[serde(default)]
            warnings: Vec<serde::de::IgnoredAny>,
        }
        match serde_json::from_slice(review) {
            Ok(Review { response }) if !response.allowed => Self::Deny,
            Ok(Review { response }) if !response.warnings.is_empty() => Self::Warn,
            Ok(_) => Self::Allow,
            Err(_) => Self::Failed,
        }
    }

    /// What a status says, where nothing else does.
    fn of_status(status: StatusCode) -> Self {
        if status.is_client_error() {
            Self::Refused
        } else {
            Self::Failed
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByVerdict {
    endpoint: &'static str,
    verdict: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByEndpoint {
    endpoint: &'static str,
}

#[derive(Clone, Debug)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(BUCKETS)
    }
}

#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<ByVerdict, Counter>,
    duration: Family<ByEndpoint, Histogram, Buckets>,
    reloads: Reloads,
}

impl Metrics {
    pub(super) fn new(admission: &Admission) -> Self {
        let mut registry = Registry::with_prefix("podroute");
        admission.register(&mut registry);
        let requests = Family::<ByVerdict, Counter>::default();
        registry.register(
            "webhook_requests",
            "Requests of policy engines, by endpoint and by how they were answered",
            requests.clone(),
        );
        let duration = Family::<ByEndpoint, Histogram, Buckets>::new_with_constructor(Buckets);
        registry.register_with_unit(
            "webhook_request_duration",
            "How long requests of policy engines took, in seconds",
            Unit::Seconds,
            duration.clone(),
        );
        // From zero on: whoever looks for an increase would miss the first one
        // otherwise.
        for endpoint in MEASURED {
            for verdict in Answered::ALL.map(Answered::name) {
                drop(requests.get_or_create(&ByVerdict { endpoint, verdict }));
            }
        }
        Self {
            reloads: Reloads::register(&mut registry, "webhook"),
            registry,
            requests,
            duration,
        }
    }

    pub(super) fn reloads(&self) -> &Reloads {
        &self.reloads
    }

    fn count(&self, endpoint: &'static str, answered: Answered, took: Duration) {
        let verdict = answered.name();
        self.requests
            .get_or_create(&ByVerdict { endpoint, verdict })
            .inc();
        self.duration
            .get_or_create(&ByEndpoint { endpoint })
            .observe(took.as_secs_f64());
    }

    /// Everything, for a scrape.
    pub(super) fn text(&self, reviewer: &dyn Reviewer) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        reviewer.write_metrics(&mut text)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

/// Counts what goes through. Handlers say in an extension of the response what
/// the answer is.
pub(super) async fn measure(
    State(context): State<Arc<Context>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let measured = MEASURED.into_iter().find(|one| *one == path);
    let Some(endpoint) = measured.filter(|_| request.method() == Method::POST) else {
        return next.run(request).await;
    };
    let began = Instant::now();
    let response = next.run(request).await;
    let said = response.extensions().get::<Answered>().copied();
    let answered = said.unwrap_or_else(|| Answered::of_status(response.status()));
    context.metrics.count(endpoint, answered, began.elapsed());
    response
}
