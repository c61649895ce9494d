//! The whole way: cluster -> detect -> routes -> rules -> report.

use std::collections::BTreeSet;

use crate::cluster::Cluster;
use crate::detect::ako::Ako;
use crate::detect::{Detected, kubernetes_version};
use crate::networks;
use crate::prefix::Family;
use crate::programmed::Programmed;
use crate::report::{AkoFacts, ClusterFacts, Parts, Report};
use crate::routes::Mapping;
use crate::rules;
use crate::rules::context::{Context, Workings};
use crate::settings::Settings;
use crate::suppressions;
use crate::terms::Terms;

/// The report on a cluster.
pub fn evaluate(cluster: &Cluster, settings: &Settings) -> Report {
    report(cluster, settings, &Programmed::default())
}

/// The report on a cluster some of whose routes are on devices already.
pub fn report(cluster: &Cluster, settings: &Settings, programmed: &Programmed) -> Report {
    let detected = Detected::find(cluster, settings);
    let terms = Terms::of(&detected, settings);
    let workings = Workings::default();
    let context = Context {
        cluster,
        settings,
        detected: &detected,
        terms: &terms,
        programmed,
        workings: &workings,
    };
    let mapping = context.mapping();
    let outcome = rules::run(&context);
    let mut accepted = settings.suppressions.clone();
    accepted.extend(suppressions::in_annotations(cluster));
    let unjudged = unjudged(&outcome);
    let mut sifted = suppressions::apply(outcome.findings, &accepted, settings.today, &unjudged);
    let of_suppressions = rules::audit(&context, &sifted.audit);
    sifted.findings.extend(of_suppressions);
    Report::new(Parts {
        cluster: facts(cluster, &detected, mapping),
        routes: mapping.routes(),
        withheld: mapping.withheld(),
        networks: networks::find(cluster, &detected, settings),
        findings: sifted.findings,
        suppressed: sifted.suppressed,
        suppressions: sifted.audit,
        not_evaluated: outcome.not_evaluated,
        rules_off: outcome.off,
        undecided: detected.undecided.clone(),
        problems: cluster.problems().collect(),
    })
}

/// The rules of which nobody can say what they would have found.
fn unjudged(outcome: &rules::Outcome) -> BTreeSet<&'static str> {
    let not_evaluated = outcome.not_evaluated.iter().map(|entry| entry.rule);
    not_evaluated.chain(outcome.off.iter().copied()).collect()
}

fn facts(cluster: &Cluster, detected: &Detected<'_>, mapping: &Mapping<'_>) -> ClusterFacts {
    let cilium = detected.cilium.as_ref();
    ClusterFacts {
        cni: detected.cni.cni.name(),
        cni_evidence: detected.cni.evidence.clone(),
        ipam_mode: cilium
            .and_then(|cilium| cilium.ipam)
            .map(|mode| mode.name().to_owned()),
        pod_cidr_source: detected.place.describe().map(str::to_owned),
        cilium_version: cilium
            .and_then(|cilium| cilium.version)
            .map(|version| version.to_string()),
        kubernetes_version: kubernetes_version(cluster).map(|version| version.to_string()),
        families: Family::ALL
            .into_iter()
            .filter(|family| {
                mapping
                    .claims
                    .iter()
                    .any(|mapped| mapped.claim.prefix.family() == *family)
            })
            .collect(),
        nodes: count(cluster.nodes.len()),
        cilium_nodes: count(cluster.cilium_nodes.len()),
        ako: detected.akos.iter().map(ako_facts).collect(),
    }
}

fn ako_facts(ako: &Ako<'_>) -> AkoFacts {
    AkoFacts {
        namespace: ako.namespace().to_owned(),
        version: ako.version.map(|version| version.to_string()),
        cluster_name: ako.value("clusterName").map(str::to_owned),
        cni_plugin: ako.cni_plugin().to_owned(),
        syncs_routes: ako.sync_off().is_none(),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
