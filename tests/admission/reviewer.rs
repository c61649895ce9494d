//! A reviewer that says what it is told to, and remembers what it was asked.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use podroute::engines::reviewer::{Reviewer, Unanswered};
use podroute::policy::{Change, Finding, ObjectRef, Problem, Review, Severity, Verdict};

pub(crate) struct Says {
    answer: Result<Review, Unanswered>,
    takes: Duration,
    asked: Mutex<Vec<Vec<Change>>>,
}

impl Says {
    pub(crate) fn this(answer: Result<Review, Unanswered>) -> Self {
        Self {
            answer,
            takes: Duration::ZERO,
            asked: Mutex::default(),
        }
    }

    pub(crate) fn allow() -> Self {
        Self::this(Ok(review(Verdict::Allow, vec![])))
    }

    pub(crate) fn deny() -> Self {
        Self::this(Ok(review(Verdict::Deny, vec![not_enabled()])))
    }

    pub(crate) fn warn() -> Self {
        Self::this(Ok(review(Verdict::Warn, vec![mode_changed()])))
    }

    pub(crate) fn slowly(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }

    /// The changes of each review.
    pub(crate) fn asked(&self) -> Vec<Vec<Change>> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Reviewer for Says {
    async fn review(&self, changes: Vec<Change>) -> Result<Review, Unanswered> {
        self.asked.lock().unwrap().push(changes);
        tokio::time::sleep(self.takes).await;
        self.answer.clone()
    }

    async fn review_json(&self, _: Vec<Change>) -> Result<String, Unanswered> {
        panic!("admission has no use for JSON")
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

pub(crate) fn review(verdict: Verdict, added: Vec<Finding>) -> Review {
    Review {
        verdict,
        added,
        fixed: vec![],
        undecided: vec![],
        problems: vec![],
    }
}

pub(crate) fn finding(rule: &str, severity: Severity, message: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message: message.to_owned(),
        effect: "packets are lost".to_owned(),
        fix: "set it right".to_owned(),
        reference: "https://example.com/page".to_owned(),
        objects: vec![],
    }
}

pub(crate) fn object(
    kind: &str,
    namespace: Option<&str>,
    name: &str,
    field: Option<&str>,
) -> ObjectRef {
    ObjectRef {
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        field: field.map(str::to_owned),
    }
}

pub(crate) fn problem(severity: Severity, object: Option<ObjectRef>, message: &str) -> Problem {
    Problem {
        object,
        severity,
        message: message.to_owned(),
    }
}

pub(crate) fn not_enabled() -> Finding {
    Finding {
        effect: "Cilium drops every SCTP packet".to_owned(),
        fix: "set enable-sctp: \"true\" in ConfigMap cilium-config".to_owned(),
        reference: "https://docs.cilium.io/en/stable/configuration/sctp/".to_owned(),
        objects: vec![
            object(
                "ConfigMap",
                Some("kube-system"),
                "cilium-config",
                Some("data.enable-sctp"),
            ),
            object(
                "Service",
                Some("core"),
                "amf",
                Some("spec.ports[0].protocol"),
            ),
        ],
        ..finding(
            "sctp/not-enabled",
            Severity::Error,
            "enable-sctp is false, but SCTP is used by Service core/amf",
        )
    }
}

pub(crate) fn mode_changed() -> Finding {
    finding(
        "ipam/mode-changed",
        Severity::Warning,
        "the mode is crd, but each of 3 CiliumNodes carries CIDRs",
    )
}
