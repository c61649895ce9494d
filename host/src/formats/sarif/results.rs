//! Findings as results: worst first, accepted ones last.

use std::collections::BTreeMap;

use super::super::fingerprint::Fingerprints;
use super::super::place::FilePlace;
use super::super::wording;
use super::Checked;
use super::ROOT;
use super::catalogue::{Catalogue, level};
use super::log::{
    ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region, Result,
    Suppression,
};
use crate::policy::{
    AuditedSuppression, Finding, ObjectRef, Suppressed, SuppressionStatus as Status,
};
use crate::render::table;

/// What a result may have of locations on GitHub, the main one included.
const LOCATIONS: usize = 1000;
/// GitHub's action for uploads fills in its own key, and warns of any other
/// value there.
const FINGERPRINT: &str = "podrouteFinding/v1";

pub(super) fn of(checked: &Checked<'_>, catalogue: &Catalogue, shown: usize) -> Vec<Result> {
    let report = checked.report;
    let mut fingerprints = Fingerprints::default();
    let findings = report.findings.iter().map(|finding| (finding, Vec::new()));
    let accepted = report.suppressed.iter().map(|suppressed| {
        let reasons = suppressions(suppressed, &report.suppressions);
        (&suppressed.finding, reasons)
    });
    let all = findings.chain(accepted).take(shown);
    all.map(|(finding, suppressions)| {
        let (main, related_locations) = located(finding, checked);
        Result {
            rule_id: finding.rule.clone(),
            rule_index: catalogue.position(&finding.rule),
            level: level(finding.severity),
            message: Message::text(wording::explained(finding)),
            locations: [main].into_iter().filter(|main| !main.is_empty()).collect(),
            related_locations,
            partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprints.of(finding))]),
            suppressions,
        }
    })
    .collect()
}

/// The place that is to be changed, and the others. GitHub takes no result
/// without a file: what stands in none is about the input as a whole.
fn located(finding: &Finding, checked: &Checked<'_>) -> (Location, Vec<Location>) {
    let objects = finding.objects.iter();
    let mut all: Vec<(&ObjectRef, Location)> = objects
        .flat_map(|object| places(object, checked))
        .take(LOCATIONS)
        .collect();
    // The main object may be one that is missing.
    all.sort_by_key(|(_, location)| location.physical.is_none());
    let mut all = all.into_iter();
    let main = all.next().map(|(_, location)| location);
    let mut main = main.unwrap_or_default();
    if main.physical.is_none() {
        main.physical = FilePlace::of_input(checked.snapshot).as_ref().map(physical);
    }
    let related = all
        .enumerate()
        .map(|(number, (object, location))| Location {
            id: Some(number + 1),
            message: Some(Message::text(table::object(object))),
            ..location
        });
    (main, related.collect())
}

/// An object stands in several places if it was given several times, and in
/// none if it was read from standard input.
pub(super) fn places<'a>(
    object: &'a ObjectRef,
    checked: &Checked<'_>,
) -> Vec<(&'a ObjectRef, Location)> {
    let files = FilePlace::of(object, checked.snapshot);
    let mut files: Vec<Option<PhysicalLocation>> =
        files.iter().map(|place| Some(physical(place))).collect();
    if files.is_empty() {
        files.push(None);
    }
    let places = files.into_iter().map(|physical| {
        let location = Location {
            physical,
            logical: vec![logical(object)],
            ..Location::default()
        };
        (object, location)
    });
    places.collect()
}

pub(super) fn physical(place: &FilePlace) -> PhysicalLocation {
    let uri = place.uri();
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri_base_id: uri.is_relative.then_some(ROOT),
            uri: uri.text,
        },
        region: place.line.map(|start_line| Region { start_line }),
    }
}

/// `ConfigMap/kube-system/cilium-config/data.ipam`.
fn logical(object: &ObjectRef) -> LogicalLocation {
    let parts = [
        Some(object.kind.as_str()),
        object.namespace.as_deref(),
        Some(object.name.as_str()),
        object.field.as_deref(),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    LogicalLocation {
        name: object.field.as_ref().unwrap_or(&object.name).clone(),
        fully_qualified_name: parts.join("/"),
        kind: match object.field {
            Some(_) => "property",
            None => "resource",
        },
    }
}

/// Whoever accepted it did so in an annotation of the object, or elsewhere.
fn suppressions(suppressed: &Suppressed, audited: &[AuditedSuppression]) -> Vec<Suppression> {
    let reasons = suppressed.reasons.iter().map(|reason| {
        let is_annotation = audited.iter().any(|one| {
            one.status == Status::Used
                && one.reason == *reason
                && one.declared_at.is_some()
                && covers(&one.rule, &suppressed.finding.rule)
        });
        Suppression {
            kind: if is_annotation {
                "inSource"
            } else {
                "external"
            },
            status: "accepted",
            justification: reason.clone(),
        }
    });
    reasons.collect()
}

/// `*`, `family/*` or a rule.
fn covers(pattern: &str, rule: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => rule.starts_with(family),
        None => pattern == rule,
    }
}
