//! What a review must say, from full evaluations before and after the change.

use std::collections::BTreeSet;

use podroute_policy::cluster::Cluster;
use podroute_policy::desired::Desired;
use podroute_policy::evaluate::evaluate;
use podroute_policy::report::{Finding, Report, Severity};
use podroute_policy::review::{Change, Review, Reviewer, Verdict};
use podroute_policy::settings::Settings;

pub(crate) struct Oracle<'a> {
    documents: &'a [String],
    settings: &'a Settings,
}

/// What is said, and of what: a line for each object.
type Said = BTreeSet<(Severity, &'static str, String)>;

impl<'a> Oracle<'a> {
    pub(crate) fn new(documents: &'a [String], settings: &'a Settings) -> Self {
        Self {
            documents,
            settings,
        }
    }

    /// Reviews the changes, and returns how the review is wrong.
    pub(crate) fn check(&self, changes: &[Change]) -> Option<String> {
        let mut cluster = self.cluster();
        let before = evaluate(&cluster, self.settings);
        let mut desired = Desired::default();
        let mut reviewer = Reviewer::default();
        let found = reviewer.review(&mut cluster, &mut desired, self.settings, changes);
        let untouched = evaluate(&cluster, self.settings);
        if json(&before) != json(&untouched) {
            return Some("the cluster is not as it was".to_owned());
        }
        for change in changes {
            match change {
                Change::Put(text) => drop(cluster.upsert([text.as_str()])),
                Change::Delete(key) => drop(cluster.remove(key)),
            }
        }
        let after = evaluate(&cluster, self.settings);
        let has_mode = has_change_of_mode(&found);
        wrong(&before, &after, &without_change_of_mode(found), has_mode)
    }

    fn cluster(&self) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.load(self.documents.iter().map(String::as_str));
        cluster
    }
}

/// What only a review can say: that the mode was another before.
fn is_change_of_mode(finding: &Finding) -> bool {
    finding.rule == "ipam/mode-changed" && finding.severity == Severity::Error
}

fn has_change_of_mode(review: &Review) -> bool {
    review.added.iter().any(is_change_of_mode)
}

fn without_change_of_mode(mut review: Review) -> Review {
    review.added.retain(|one| !is_change_of_mode(one));
    review
}

fn wrong(before: &Report, after: &Report, found: &Review, has_mode: bool) -> Option<String> {
    let (old, new) = (said(&before.findings), said(&after.findings));
    let added: Said = new.difference(&old).cloned().collect();
    let fixed: Said = old.difference(&new).cloned().collect();
    let undecided: Vec<&String> = after
        .undecided
        .iter()
        .filter(|reason| !before.undecided.contains(reason))
        .collect();
    let worst = added.iter().map(|(severity, ..)| *severity).max();
    let verdict = match worst {
        Some(Severity::Error) => Verdict::Deny,
        Some(Severity::Warning) => Verdict::Warn,
        _ if undecided.is_empty() => Verdict::Allow,
        _ => Verdict::Warn,
    };
    let mut wrong = Vec::new();
    // It may be worse for a change of the mode.
    if found.verdict < verdict || (found.verdict > verdict && !has_mode) {
        wrong.push(format!("verdict {:?}, not {verdict:?}", found.verdict));
    }
    if found.undecided.iter().collect::<Vec<_>>() != undecided {
        wrong.push(format!(
            "undecided {:?}, not {undecided:?}",
            found.undecided
        ));
    }
    compare("added", &said(&found.added), &added, &old, &mut wrong);
    compare("fixed", &said(&found.fixed), &fixed, &new, &mut wrong);
    (!wrong.is_empty()).then(|| wrong.join("\n"))
}

/// A review tells of the neighbourhood: where a change makes the same true of
/// many nodes, it tells of some. Nothing else may be missing, and nothing may
/// be there that a full evaluation does not say. Objects of which it was said
/// before, or still is, may be among the others.
fn compare(what: &str, found: &Said, expected: &Said, known: &Said, wrong: &mut Vec<String>) {
    let extra: Vec<_> = found
        .difference(expected)
        .filter(|one| !known.contains(one))
        .collect();
    if !extra.is_empty() {
        wrong.push(format!("{what} too much: {extra:?}"));
    }
    let rules = |said: &Said| -> BTreeSet<(Severity, &'static str)> {
        said.iter()
            .map(|(severity, rule, _)| (*severity, *rule))
            .collect()
    };
    let (found, expected) = (rules(found), rules(expected));
    if found != expected {
        wrong.push(format!("{what}: {found:?}, not {expected:?}"));
    }
}

fn said(findings: &[Finding]) -> Said {
    findings
        .iter()
        .filter(|finding| !finding.rule.starts_with("snapshot/"))
        .flat_map(|finding| {
            let objects = finding.objects.iter().map(ToString::to_string);
            let of_none = finding.objects.is_empty().then(String::new);
            objects
                .chain(of_none)
                .map(|object| (finding.severity, finding.rule, object))
        })
        .collect()
}

fn json(report: &Report) -> String {
    podroute_policy::json::write(report).unwrap()
}
