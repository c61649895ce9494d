//! Sets accepted findings apart.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Audited, Status, Suppressed, Suppression};
use crate::report::{Finding, ObjectRef};
use crate::rules::choices;

/// What is left, what is not, and what became of each suppression.
#[derive(Debug, Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
    pub audit: Vec<Audited>,
}

/// Applies suppressions to findings. `unjudged` are rules of which nobody can
/// say what they would have found.
pub fn apply(
    findings: Vec<Finding>,
    suppressions: &[Suppression],
    today: Option<Date>,
    unjudged: &BTreeSet<&str>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let in_force: Vec<(usize, &Suppression)> = suppressions
        .iter()
        .enumerate()
        .filter(|(_, one)| lapsed(one, today).is_none())
        .collect();
    let mut used = BTreeSet::new();
    for finding in findings {
        let covering: Vec<(usize, &Suppression)> = in_force
            .iter()
            .filter(|(_, one)| covers_some(one, &finding))
            .copied()
            .collect();
        used.extend(covering.iter().map(|(at, _)| *at));
        let covering: Vec<&Suppression> = covering.into_iter().map(|(_, one)| one).collect();
        divide(finding, &covering, &mut outcome);
    }
    outcome.audit = suppressions
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let status = lapsed(one, today).unwrap_or_else(|| match used.contains(&at) {
                true => Status::Used,
                false if unjudged.iter().any(|id| choices::matches(&one.rule, id)) => {
                    Status::Unknown
                }
                false => Status::Unused,
            });
            audited(one, status)
        })
        .collect();
    outcome
}

/// Why a suppression is not in force; None when it is.
fn lapsed(suppression: &Suppression, today: Option<Date>) -> Option<Status> {
    match (suppression.until, today) {
        _ if suppression.invalid => Some(Status::Invalid),
        (Some(_), None) => Some(Status::Undated),
        (Some(until), Some(today)) if until < today => Some(Status::Expired),
        _ => None,
    }
}

fn covers_some(suppression: &Suppression, finding: &Finding) -> bool {
    choices::matches(&suppression.rule, finding.rule)
        && match &suppression.object {
            None => true,
            Some(object) => finding.objects.iter().any(|one| object.matches(one)),
        }
}

/// Puts a finding where it belongs, or cuts it in two when only some of the
/// objects that it is about are covered.
///
/// A finding is about its main object and those beside it: of the same kind,
/// at the same field. The others explain it; who accepts it for one of them
/// accepts it as a whole.
fn divide(finding: Finding, covering: &[&Suppression], outcome: &mut Outcome) {
    if covering.is_empty() {
        outcome.findings.push(finding);
        return;
    }
    let reasons: Vec<String> = covering.iter().map(|one| one.reason.clone()).collect();
    let is_covered = |object: &ObjectRef| {
        let patterns = covering.iter().filter_map(|one| one.object.as_ref());
        patterns.into_iter().any(|pattern| pattern.matches(object))
    };
    let main = finding.objects.first().cloned();
    let is_subject = |object: &ObjectRef| main.as_ref().is_some_and(|main| is_beside(main, object));
    let subjects = finding.objects.iter().filter(|object| is_subject(object));
    let as_a_whole = covering.iter().any(|one| one.object.is_none())
        || finding
            .objects
            .iter()
            .any(|object| !is_subject(object) && is_covered(object));
    if as_a_whole || subjects.clone().all(is_covered) {
        outcome.suppressed.push(Suppressed { finding, reasons });
        return;
    }
    let total = subjects.count();
    let (accepted, left): (Vec<ObjectRef>, Vec<ObjectRef>) = finding
        .objects
        .iter()
        .cloned()
        .partition(|object| is_subject(object) && is_covered(object));
    let message = format!(
        "{} (accepted for {} of {total} objects: {})",
        finding.message,
        accepted.len(),
        names(&accepted)
    );
    outcome.suppressed.push(Suppressed {
        finding: Finding {
            objects: accepted,
            ..finding.clone()
        },
        reasons,
    });
    outcome.findings.push(Finding {
        message,
        objects: left,
        ..finding
    });
}

/// Whether two places are of the same kind and at the same field, positions
/// in lists aside.
fn is_beside(main: &ObjectRef, other: &ObjectRef) -> bool {
    let field = |object: &ObjectRef| {
        let field = object.field.as_deref().unwrap_or_default();
        field.replace(|c: char| c.is_ascii_digit(), "")
    };
    main.kind == other.kind && field(main) == field(other)
}

fn names(objects: &[ObjectRef]) -> String {
    const NAMED: usize = 3;
    let names: Vec<&str> = objects
        .iter()
        .take(NAMED)
        .map(|object| object.name.as_str())
        .collect();
    let more = if objects.len() > NAMED { ", ..." } else { "" };
    format!("{}{more}", names.join(", "))
}

fn audited(suppression: &Suppression, status: Status) -> Audited {
    Audited {
        rule: suppression.rule.clone(),
        object: suppression.object.clone(),
        reason: suppression.reason.clone(),
        until: suppression.until.map(|day| day.to_string()),
        declared_at: suppression.declared_at.clone(),
        status,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{ObjectPattern, Status, Suppression};
    use super::{Outcome, apply};
    use crate::report::{Finding, ObjectRef, Severity};

    fn object(kind: &'static str, name: &str, field: &str) -> ObjectRef {
        ObjectRef {
            kind: kind.into(),
            namespace: None,
            name: name.to_owned(),
            field: Some(field.to_owned()),
        }
    }

    /// Two nodes with something wrong in a list, and a key that explains it.
    fn finding() -> Finding {
        Finding {
            rule: "node/host-bits",
            severity: Severity::Info,
            message: "2 nodes".to_owned(),
            effect: String::new(),
            fix: String::new(),
            reference: "",
            objects: vec![
                object("Node", "a", "spec.podCIDRs[0]"),
                object("Node", "b", "spec.podCIDRs[1]"),
                object("ConfigMap", "cilium-config", "data.ipam"),
            ],
        }
    }

    fn suppression(rule: &str, object: Option<(&str, &str)>, until: Option<&str>) -> Suppression {
        Suppression {
            rule: rule.to_owned(),
            object: object.map(|(kind, name)| ObjectPattern {
                kind: kind.to_owned(),
                namespace: None,
                name: name.to_owned(),
            }),
            reason: "accepted".to_owned(),
            until: until.map(|day| day.parse().unwrap()),
            declared_at: None,
            invalid: false,
        }
    }

    fn outcome(suppressions: &[Suppression], unjudged: &[&str]) -> Outcome {
        let today = "2026-11-22".parse().ok();
        let unjudged: BTreeSet<&str> = unjudged.iter().copied().collect();
        apply(vec![finding()], suppressions, today, &unjudged)
    }

    #[test]
    fn accepts_the_whole_for_every_subject_or_for_what_explains_it() {
        for accepted in [
            vec![suppression("node/host-bits", None, None)],
            vec![suppression(
                "node/*",
                Some(("ConfigMap", "cilium-config")),
                None,
            )],
            vec![
                suppression("*", Some(("Node", "a")), Some("2026-11-22")),
                suppression("node/host-bits", Some(("Node", "b")), None),
            ],
        ] {
            let outcome = outcome(&accepted, &[]);
            assert!(outcome.findings.is_empty());
            assert_eq!(outcome.suppressed.len(), 1);
            assert!(outcome.audit.iter().all(|one| one.status == Status::Used));
        }
    }

    #[test]
    fn accepts_a_part() {
        let outcome = outcome(&[suppression("*", Some(("Node", "b")), None)], &[]);
        assert_eq!(outcome.findings.len(), 1);
        let left = &outcome.findings[0];
        assert_eq!(left.message, "2 nodes (accepted for 1 of 2 objects: b)");
        let names: Vec<&str> = left.objects.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "cilium-config"]);
        assert_eq!(outcome.suppressed[0].finding.objects.len(), 1);
    }

    #[test]
    fn says_what_became_of_each() {
        let mut invalid = suppression("*", None, None);
        invalid.invalid = true;
        let outcome = outcome(
            &[
                suppression("node/not-ready", None, None),
                suppression("route/limit", None, None),
                suppression("node/host-bits", Some(("Node", "c")), None),
                suppression("node/host-bits", None, Some("2026-11-21")),
                invalid,
            ],
            &["route/limit"],
        );
        assert_eq!(outcome.findings.len(), 1);
        let status: Vec<Status> = outcome.audit.iter().map(|one| one.status).collect();
        assert_eq!(
            status,
            [
                Status::Unused,
                Status::Unknown,
                Status::Unused,
                Status::Expired,
                Status::Invalid
            ]
        );
    }

    #[test]
    fn without_a_date_nothing_that_runs_out_counts() {
        let dated = [suppression("*", None, Some("2099-01-01"))];
        let outcome = apply(vec![finding()], &dated, None, &BTreeSet::new());
        assert_eq!(outcome.findings.len(), 1);
        assert_eq!(outcome.audit[0].status, Status::Undated);
    }
}
