//! The answer to an admission request, in words that help whoever made it.

use std::collections::BTreeMap;

use podroute_policy::report::{Finding, Problem, Severity};
use podroute_policy::review::{Review, Verdict};
use podroute_policy::settings::Gap;
use serde::Serialize;

use crate::settings::Mode;

/// How many findings a refusal names, and how many warnings there are: a
/// change of cilium-config may add one for every node.
const SAID: usize = 8;

/// Kubewarden's `ValidationResponse`, without what only mutating policies
/// answer.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl Answer {
    /// For what does not concern pod routes.
    pub fn nothing_to_say() -> Self {
        Self {
            accepted: true,
            ..Self::default()
        }
    }

    /// What is to be said of a change. `refused` is what could not be listed.
    pub fn new(review: &Review, refused: &[Gap], mode: Mode) -> Self {
        let denied = review.verdict == Verdict::Deny && mode == Mode::Enforce;
        let (errors, others): (Vec<_>, Vec<_>) = review
            .added
            .iter()
            .partition(|finding| denied && finding.severity == Severity::Error);
        let mut warnings: Vec<String> = limited(others.iter().map(|one| warning(one))).collect();
        warnings.extend(limited(review.undecided.iter().map(|reason| {
            format!("podroute: after this change no verdict on the routes is possible: {reason}")
        })));
        warnings.extend(limited(review.problems.iter().map(unreadable)));
        warnings.extend(refused.iter().map(not_seen));
        Self {
            accepted: !denied,
            message: denied.then(|| message(&errors)),
            audit_annotations: annotations(review, refused),
            warnings,
        }
    }
}

/// What a person reads whose change is refused.
fn message(errors: &[&Finding]) -> String {
    let mut text = "podroute: this change would break pod routes.".to_owned();
    for line in limited(errors.iter().map(|finding| {
        format!(
            "{}: {}. Effect: {}. Fix: {} (see {})",
            finding.rule, finding.message, finding.effect, finding.fix, finding.reference
        )
    })) {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// The API server may cut warnings at 256 characters, hence the message first.
fn warning(finding: &Finding) -> String {
    format!(
        "podroute: {}: {}. Fix: {}",
        finding.rule, finding.message, finding.fix
    )
}

fn unreadable(problem: &Problem) -> String {
    match &problem.object {
        Some(object) => format!("podroute: {object}: {}", problem.message),
        None => format!("podroute: the object: {}", problem.message),
    }
}

fn not_seen(gap: &Gap) -> String {
    format!(
        "podroute: the cluster was not looked at wholly, since {} could not be listed: {}",
        gap.kind, gap.reason
    )
}

/// For the API server's audit log.
fn annotations(review: &Review, refused: &[Gap]) -> BTreeMap<&'static str, String> {
    let verdict = match review.verdict {
        Verdict::Allow => "allow",
        Verdict::Warn => "warn",
        Verdict::Deny => "deny",
    };
    let mut rules: Vec<&str> = review.added.iter().map(|finding| finding.rule).collect();
    rules.dedup();
    let gaps: Vec<&str> = refused.iter().map(|gap| gap.kind.as_str()).collect();
    [
        ("verdict", verdict.to_owned()),
        ("added", rules.join(",")),
        ("not-listed", gaps.join(",")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

/// The first few lines, and how many more there would be.
fn limited(lines: impl ExactSizeIterator<Item = String>) -> impl Iterator<Item = String> {
    let more = lines.len().saturating_sub(SAID);
    let rest = (more > 0).then(|| format!("podroute: and {more} more"));
    lines.take(SAID).chain(rest)
}
