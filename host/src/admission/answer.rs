//! What the API server is told: allowed or not, and what else.

use std::collections::BTreeMap;
use std::fmt;

use kube::core::response::{Status, StatusCause, StatusDetails, StatusSummary};
use serde::Serialize;

use super::refused::Refused;
use super::text::{line, list};
use super::{denial, warnings};
use crate::policy::{Review, Severity};

/// Of an annotation in the audit log.
const LIMIT: usize = 500;

/// How many errors are also told one by one to programs.
const CAUSES: usize = 10;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Allowed,
    Warned,
    Denied,
    /// Whoever made it, or the mode, kept it from being denied.
    Spared,
    /// Nothing was said about it, for want of a verdict.
    Unseen,
    /// There is nothing to say about such a request.
    PassedBy,
}

/// The names that logs and metrics have for it.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allowed => "allowed",
            Self::Warned => "warned",
            Self::Denied => "denied",
            Self::Spared => "spared",
            Self::Unseen => "unseen",
            Self::PassedBy => "passed-by",
        })
    }
}

pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// None: it is allowed.
    denial: Option<Status>,
    warnings: Vec<String>,
    /// For the audit log. The API server puts the webhook's name and a slash
    /// before each key, and drops one that has a slash already.
    annotations: BTreeMap<&'static str, String>,
}

impl Answer {
    pub(super) fn allowed() -> Self {
        Self::new(Outcome::Allowed, "allow")
    }

    pub(super) fn warned(review: &Review) -> Self {
        let mut answer = Self::new(Outcome::Warned, "warn");
        answer.warnings = warnings::of(review, false);
        answer.with_rules(review)
    }

    /// It would be denied, if it were not for who makes it.
    pub(super) fn spared(review: &Review) -> Self {
        let mut answer = Self::new(Outcome::Spared, "deny");
        answer.warnings = warnings::of(review, true);
        answer.with_rules(review)
    }

    pub(super) fn denied(review: &Review) -> Self {
        let mut answer = Self::new(Outcome::Denied, "deny");
        answer.warnings = warnings::of(review, false);
        let causes = denial::errors(review)
            .take(CAUSES)
            .map(|finding| StatusCause {
                reason: finding.rule.clone(),
                message: line(&finding.message, LIMIT),
                field: finding
                    .objects
                    .first()
                    .and_then(|object| object.field.clone())
                    .unwrap_or_default(),
            });
        answer.denial = Some(Status {
            details: Some(StatusDetails {
                name: String::new(),
                group: String::new(),
                kind: String::new(),
                uid: String::new(),
                causes: causes.collect(),
                retry_after_seconds: 0,
            }),
            ..failure(403, "Forbidden", denial::message(review))
        });
        answer.with_rules(review)
    }

    /// There is nothing to look at. Nobody needs to be warned of that.
    pub(super) fn passed_by(why: &str) -> Self {
        Self::new(Outcome::PassedBy, "not-reviewed").annotated("reason", why)
    }

    /// Let through, and nobody has looked.
    pub(super) fn unseen(failure: &Refused) -> Self {
        let why = failure.to_string();
        let mut answer = Self::new(Outcome::Unseen, "not-reviewed").annotated("reason", &why);
        answer.warnings = vec![warnings::unseen(&why)];
        answer
    }

    /// Denied because nobody could look.
    pub(super) fn denied_unseen(refused: &Refused) -> Self {
        let why = refused.to_string();
        let mut answer = Self::new(Outcome::Denied, "not-reviewed").annotated("reason", &why);
        let message = format!(
            "podroute could not look at this change, and is set to deny what it could not look at: {}; try again",
            line(&why, LIMIT)
        );
        // A time-out or a server that is not ready is nobody's mistake.
        answer.denial = Some(failure(503, "ServiceUnavailable", message));
        answer
    }

    /// Denied because it accepts findings.
    pub(super) fn denied_acceptance(why: &str) -> Self {
        let mut answer = Self::new(Outcome::Denied, "deny").annotated("reason", why);
        answer.denial = Some(failure(403, "Forbidden", format!("podroute: {why}")));
        answer
    }

    /// It would be denied for one thing more.
    pub(super) fn and_would_deny(mut self, why: &str) -> Self {
        self.warnings.insert(0, warnings::would_deny(why));
        self.annotated("reason", why)
    }

    /// Nothing is denied, for this reason.
    pub(super) fn lenient(self, why: &str) -> Self {
        self.annotated("exempt", why)
    }

    fn new(outcome: Outcome, verdict: &str) -> Self {
        let answer = Self {
            outcome,
            denial: None,
            warnings: Vec::new(),
            annotations: BTreeMap::new(),
        };
        answer.annotated("verdict", verdict)
    }

    fn with_rules(self, review: &Review) -> Self {
        let told = review.added.iter();
        let told = told.filter(|finding| finding.severity != Severity::Info);
        match list(told.map(|finding| finding.rule.as_str())) {
            none if none.is_empty() => self,
            rules => self.annotated("rules", &rules),
        }
    }

    fn annotated(mut self, key: &'static str, value: &str) -> Self {
        self.annotations.insert(key, line(value, LIMIT));
        self
    }

    pub(super) fn rules(&self) -> &str {
        self.annotations
            .get("rules")
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// The AdmissionReview of it.
    pub(super) fn write(&self, uid: &str) -> Result<Vec<u8>, Refused> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Review<'a> {
            api_version: &'static str,
            kind: &'static str,
            response: Response<'a>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response<'a> {
            uid: &'a str,
            allowed: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<&'a Status>,
            audit_annotations: &'a BTreeMap<&'static str, String>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            warnings: &'a [String],
        }
        let review = Review {
            api_version: "admission.k8s.io/v1",
            kind: "AdmissionReview",
            response: Response {
                uid,
                allowed: self.denial.is_none(),
                status: self.denial.as_ref(),
                audit_annotations: &self.annotations,
                warnings: &self.warnings,
            },
        };
        serde_json::to_vec(&review).map_err(|error| Refused::Failed(error.to_string()))
    }
}

fn failure(code: u16, reason: &str, message: String) -> Status {
    Status {
        status: Some(StatusSummary::Failure),
        code,
        message,
        metadata: None,
        reason: reason.to_owned(),
        details: None,
    }
}
