//! How much of the server its clients may take.

use std::time::Duration;

use clap::Args;

use crate::policy;
use crate::web;

/// The limits of a server for policy engines.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub(super) of_server: web::Limits,
    /// Bytes of the body of an evaluation.
    pub(super) evaluation: usize,
    /// Bytes of the body of a review. An object in the API server has at most
    /// 1.5 MiB, and an update has two of them.
    pub(super) review: usize,
    /// Evaluations that are worked on at a time; each has memory of its own.
    pub(super) evaluations: usize,
    /// Reviews that are worked on at a time.
    pub(super) reviews: usize,
    /// Of the policy in an evaluation, whatever the cluster may take that
    /// resides.
    pub(super) policy: policy::Limits,
}

/// How long the policy may take for an evaluation.
const EVALUATION: Duration = Duration::from_secs(30);

const HEADING: &str = "Limits of the server for policy engines";

#[derive(Args, Clone, Copy, Debug)]
#[group(id = "engine-limit-options")]
pub(super) struct LimitOptions {
    /// Largest body of /v1/evaluate and /v1/review, in MiB
    #[arg(long = "webhook-body-limit", value_name = "MIB", default_value_t = 64,
          env = "PODROUTE_WEBHOOK_BODY_LIMIT", help_heading = HEADING,
          value_parser = clap::value_parser!(u32).range(1..=1024))]
    body_limit: u32,

    /// Largest body of /admission and /gatekeeper, in MiB
    #[arg(long = "webhook-review-body-limit", value_name = "MIB", default_value_t = 4,
          env = "PODROUTE_WEBHOOK_REVIEW_BODY_LIMIT", help_heading = HEADING,
          value_parser = clap::value_parser!(u32).range(1..=1024))]
    review_body_limit: u32,

    /// Memory that an evaluation may use, in MiB
    #[arg(long = "webhook-evaluation-memory", value_name = "MIB", default_value_t = 512,
          env = "PODROUTE_WEBHOOK_EVALUATION_MEMORY", help_heading = HEADING,
          value_parser = clap::value_parser!(u32).range(1..=4096))]
    evaluation_memory: u32,

    /// Requests to /v1/evaluate and /v1/review that are worked on at a time, each with memory of its own
    #[arg(long = "webhook-evaluations", value_name = "COUNT", default_value_t = 2,
          env = "PODROUTE_WEBHOOK_EVALUATIONS", help_heading = HEADING,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    evaluations: u16,

    /// Requests to /admission and /gatekeeper that are worked on at a time
    #[arg(long = "webhook-reviews", value_name = "COUNT", default_value_t = 32,
          env = "PODROUTE_WEBHOOK_REVIEWS", help_heading = HEADING,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    reviews: u16,

    /// Seconds that a request may take, its body and the work on it; an API server waits for 30 at most
    #[arg(long = "webhook-request-time", value_name = "SECONDS", default_value_t = 40,
          env = "PODROUTE_WEBHOOK_REQUEST_TIME", help_heading = HEADING,
          value_parser = clap::value_parser!(u16).range(1..))]
    request_time: u16,
}

impl From<LimitOptions> for Limits {
    fn from(options: LimitOptions) -> Self {
        Self {
            of_server: web::Limits {
                // API servers do without HTTP/2 here: a connection each for
                // requests at the same time.
                connections: 512,
                request: Duration::from_secs(options.request_time.into()),
                ..web::Limits::default()
            },
            evaluation: (options.body_limit as usize) << 20,
            review: (options.review_body_limit as usize) << 20,
            evaluations: options.evaluations.into(),
            reviews: options.reviews.into(),
            policy: policy::Limits {
                memory: (options.evaluation_memory as usize) << 20,
                deadline: EVALUATION,
            },
        }
    }
}
