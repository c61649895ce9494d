//! Reports of the policy in the form in which they are written down.

use super::{
    Ako, ClusterFacts, Finding, NotEvaluated, ObjectRef, Part, Problem, Report, Route, Severity,
    Suppressed, Withheld,
};
use crate::policy;

impl From<policy::Severity> for Severity {
    fn from(severity: policy::Severity) -> Self {
        match severity {
            policy::Severity::Info => Self::Info,
            policy::Severity::Warning => Self::Warning,
            policy::Severity::Error => Self::Error,
        }
    }
}

impl From<Severity> for policy::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<&policy::ObjectRef> for ObjectRef {
    fn from(object: &policy::ObjectRef) -> Self {
        Self {
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            field: object.field.clone(),
        }
    }
}

impl From<&ObjectRef> for policy::ObjectRef {
    fn from(object: &ObjectRef) -> Self {
        Self {
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            field: object.field.clone(),
        }
    }
}

impl From<&policy::Finding> for Finding {
    fn from(finding: &policy::Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity.into(),
            message: finding.message.clone(),
            effect: finding.effect.clone(),
            fix: finding.fix.clone(),
            reference: finding.reference.clone(),
            objects: finding.objects.iter().map(Into::into).collect(),
        }
    }
}

impl From<&policy::Suppressed> for Suppressed {
    fn from(suppressed: &policy::Suppressed) -> Self {
        Self {
            finding: (&suppressed.finding).into(),
            reasons: suppressed.reasons.clone(),
        }
    }
}

impl From<&policy::Route> for Route {
    fn from(route: &policy::Route) -> Self {
        Self {
            prefix: route.prefix.clone(),
            next_hop: route.next_hop.clone(),
            node: route.node.clone(),
            family: family(route.family),
            source: (&route.source).into(),
            stands_for: route
                .stands_for
                .iter()
                .map(|part| Part {
                    prefix: part.prefix.clone(),
                    source: (&part.source).into(),
                })
                .collect(),
        }
    }
}

impl From<&policy::Withheld> for Withheld {
    fn from(withheld: &policy::Withheld) -> Self {
        Self {
            prefix: withheld.prefix.clone(),
            next_hop: withheld.next_hop.clone(),
            node: withheld.node.clone(),
            rule: withheld.rule.clone(),
        }
    }
}

impl From<&policy::Problem> for Problem {
    fn from(problem: &policy::Problem) -> Self {
        Self {
            object: problem.object.as_ref().map(Into::into),
            severity: problem.severity.into(),
            message: problem.message.clone(),
        }
    }
}

impl From<&policy::ClusterFacts> for ClusterFacts {
    fn from(facts: &policy::ClusterFacts) -> Self {
        let ako = |ako: &policy::types::Ako| Ako {
            namespace: ako.namespace.clone(),
            version: ako.version.clone(),
            cluster_name: ako.cluster_name.clone(),
            cni_plugin: ako.cni_plugin.clone(),
            syncs_routes: ako.syncs_routes,
        };
        Self {
            cni: facts.cni.clone(),
            ipam_mode: facts.ipam_mode.clone(),
            pod_cidr_source: facts.pod_cidr_source.clone(),
            cilium_version: facts.cilium_version.clone(),
            kubernetes_version: facts.kubernetes_version.clone(),
            families: facts.families.iter().map(|one| family(*one)).collect(),
            nodes: facts.nodes.into(),
            cilium_nodes: facts.cilium_nodes.into(),
            ako: facts.ako.iter().map(ako).collect(),
        }
    }
}

impl From<&policy::Report> for Report {
    fn from(report: &policy::Report) -> Self {
        let not_evaluated = |entry: &policy::NotEvaluated| NotEvaluated {
            rule: entry.rule.clone(),
            missing: entry.missing.clone(),
        };
        Self {
            cluster: (&report.cluster).into(),
            routes: report.routes.iter().map(Into::into).collect(),
            withheld: report.withheld.iter().map(Into::into).collect(),
            findings: report.findings.iter().map(Into::into).collect(),
            suppressed: report.suppressed.iter().map(Into::into).collect(),
            not_evaluated: report.not_evaluated.iter().map(not_evaluated).collect(),
            rules_off: report.rules_off.clone(),
            undecided: report.undecided.clone(),
            problems: report.problems.iter().map(Into::into).collect(),
        }
    }
}

fn family(family: policy::Family) -> String {
    match family {
        policy::Family::Ipv4 => "IPv4".to_owned(),
        policy::Family::Ipv6 => "IPv6".to_owned(),
    }
}
