//! The component's exports: the WIT world `policy` over the same core.

// What wit-bindgen generates talks to the component's host over raw memory.
#![allow(unsafe_code)]

mod bindings {
    #![allow(clippy::all, clippy::pedantic, unused_qualifications, unreachable_pub)]
    wit_bindgen::generate!({
        path: "../wit/podroute.wit",
        world: "policy",
    });
}

use std::cell::RefCell;

use bindings::exports::podroute::policy::types as wit;
use bindings::exports::podroute::policy::{catalogue, evaluator, json};

use crate::cluster::Cluster;
use crate::evaluate::evaluate;
use crate::objects::{Key, Kind};
use crate::prefix::Family;
use crate::report::{ObjectRef, Problem, Report, Severity};
use crate::rules::{self, page::Page};
use crate::settings::{Gap, InvalidSetting, RawSettings, Settings};

struct Component;

bindings::export!(Component with_types_in bindings);

impl evaluator::Guest for Component {
    type Cluster = KeptCluster;

    fn evaluate(
        documents: Vec<String>,
        settings: wit::Settings,
    ) -> Result<wit::Report, wit::Error> {
        let kept = KeptCluster::new(settings)?;
        kept.state().borrow_mut().load(&documents);
        drop(documents);
        Ok(kept.state().borrow_mut().report().into())
    }
}

/// A cluster that is kept between calls, with its report until it changes.
struct KeptCluster(RefCell<State>);

struct State {
    settings: Settings,
    cluster: Cluster,
    report: Option<Report>,
}

impl KeptCluster {
    fn new(settings: wit::Settings) -> Result<Self, wit::Error> {
        Ok(Self(RefCell::new(State {
            settings: Settings::try_from(RawSettings::from(settings))?,
            cluster: Cluster::default(),
            report: None,
        })))
    }

    fn state(&self) -> &RefCell<State> {
        &self.0
    }
}

impl State {
    fn upsert(&mut self, documents: &[String]) -> Vec<Problem> {
        self.report = None;
        self.cluster.upsert(documents.iter().map(String::as_str))
    }

    fn load(&mut self, documents: &[String]) -> Vec<Problem> {
        self.report = None;
        self.cluster.load(documents.iter().map(String::as_str))
    }

    fn report(&mut self) -> &Report {
        self.report
            .get_or_insert_with(|| evaluate(&self.cluster, &self.settings))
    }
}

impl evaluator::GuestCluster for KeptCluster {
    fn open(settings: wit::Settings) -> Result<evaluator::Cluster, wit::Error> {
        Self::new(settings).map(evaluator::Cluster::new)
    }

    fn load(&self, documents: Vec<String>) -> Vec<wit::Problem> {
        let problems = self.0.borrow_mut().load(&documents);
        problems.iter().map(wit::Problem::from).collect()
    }

    fn upsert(&self, documents: Vec<String>) -> Vec<wit::Problem> {
        let problems = self.0.borrow_mut().upsert(&documents);
        problems.iter().map(wit::Problem::from).collect()
    }

    fn remove(&self, object: wit::ObjectKey) -> bool {
        let Some(kind) = Kind::named(&object.kind) else {
            return false;
        };
        let mut state = self.0.borrow_mut();
        state.report = None;
        state.cluster.remove(&Key {
            kind,
            namespace: object.namespace.unwrap_or_default(),
            name: object.name,
        })
    }

    fn report(&self) -> wit::Report {
        self.0.borrow_mut().report().into()
    }

    fn report_json(&self) -> String {
        // A report has nothing in it that JSON cannot say.
        crate::json::write(self.0.borrow_mut().report()).unwrap_or_default()
    }
}

impl json::Guest for Component {
    fn evaluate(request: String) -> Result<String, String> {
        crate::json::evaluate_request(&request)
    }
}

impl catalogue::Guest for Component {
    fn rules() -> Vec<wit::Rule> {
        let mut rules: Vec<_> = rules::all().collect();
        rules.sort_by_key(|rule| rule.id);
        rules
            .into_iter()
            .map(|rule| wit::Rule {
                id: rule.id.to_owned(),
                severities: rule.severities.iter().copied().map(Into::into).collect(),
                summary: Page::parse(rule.page).summary().to_owned(),
                page: rule.page.to_owned(),
            })
            .collect()
    }
}

impl From<InvalidSetting> for wit::Error {
    fn from(invalid: InvalidSetting) -> Self {
        Self::InvalidSetting(wit::InvalidSetting {
            name: invalid.name.to_owned(),
            message: invalid.message,
        })
    }
}

impl From<wit::Settings> for RawSettings {
    fn from(settings: wit::Settings) -> Self {
        Self {
            cni: settings.cni,
            ipam_mode: settings.ipam_mode,
            cilium_version: settings.cilium_version,
            avi_version: settings.avi_version,
            next_hop_types: settings.next_hop_types,
            connected_networks: settings.connected_networks,
            protected_networks: settings.protected_networks,
            route_limit: settings.route_limit,
            at: settings.at,
            listed_kinds: settings.listed_kinds,
            gaps: settings
                .gaps
                .into_iter()
                .map(|gap| Gap {
                    kind: gap.kind,
                    reason: gap.reason,
                })
                .collect(),
        }
    }
}

impl From<Family> for wit::Family {
    fn from(family: Family) -> Self {
        match family {
            Family::V4 => Self::Ipv4,
            Family::V6 => Self::Ipv6,
        }
    }
}

impl From<Severity> for wit::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<&ObjectRef> for wit::ObjectRef {
    fn from(object: &ObjectRef) -> Self {
        Self {
            kind: object.kind.to_string(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            field: object.field.clone(),
        }
    }
}

impl From<&Problem> for wit::Problem {
    fn from(problem: &Problem) -> Self {
        Self {
            object: problem.object.as_ref().map(Into::into),
            severity: problem.severity.into(),
            message: problem.message.clone(),
        }
    }
}

impl From<&Report> for wit::Report {
    fn from(report: &Report) -> Self {
        Self {
            cluster: (&report.cluster).into(),
            routes: report
                .routes
                .iter()
                .map(|route| wit::Route {
                    prefix: route.prefix.to_string(),
                    next_hop: route.next_hop.to_string(),
                    node: route.node.clone(),
                    family: route.family.into(),
                    source: (&route.source).into(),
                })
                .collect(),
            withheld: report
                .withheld
                .iter()
                .map(|withheld| wit::Withheld {
                    prefix: withheld.prefix.to_string(),
                    next_hop: withheld.next_hop.map(|address| address.to_string()),
                    node: withheld.node.clone(),
                    rule: withheld.rule.to_owned(),
                })
                .collect(),
            findings: report
                .findings
                .iter()
                .map(|finding| wit::Finding {
                    rule: finding.rule.to_owned(),
                    severity: finding.severity.into(),
                    message: finding.message.clone(),
                    effect: finding.effect.clone(),
                    fix: finding.fix.clone(),
                    reference: finding.reference.to_owned(),
                    objects: finding.objects.iter().map(Into::into).collect(),
                })
                .collect(),
            not_evaluated: report
                .not_evaluated
                .iter()
                .map(|entry| wit::NotEvaluated {
                    rule: entry.rule.to_owned(),
                    missing: entry.missing.clone(),
                })
                .collect(),
            undecided: report.undecided.clone(),
            problems: report.problems.iter().map(Into::into).collect(),
        }
    }
}

impl From<&crate::report::ClusterFacts> for wit::ClusterFacts {
    fn from(facts: &crate::report::ClusterFacts) -> Self {
        Self {
            cni: facts.cni.to_owned(),
            cni_evidence: facts.cni_evidence.clone(),
            ipam_mode: facts.ipam_mode.clone(),
            pod_cidr_source: facts.pod_cidr_source.clone(),
            cilium_version: facts.cilium_version.clone(),
            kubernetes_version: facts.kubernetes_version.clone(),
            families: facts.families.iter().copied().map(Into::into).collect(),
            nodes: facts.nodes,
            cilium_nodes: facts.cilium_nodes,
            ako: facts
                .ako
                .iter()
                .map(|ako| wit::Ako {
                    namespace: ako.namespace.clone(),
                    version: ako.version.clone(),
                    cluster_name: ako.cluster_name.clone(),
                    cni_plugin: ako.cni_plugin.clone(),
                    syncs_routes: ako.syncs_routes,
                })
                .collect(),
        }
    }
}
