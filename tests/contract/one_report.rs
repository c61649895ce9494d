//! The same report whichever way it is asked for.

use super::*;

/// The component's own function for one snapshot, which the library has no
/// use for: with bindings of this test's own.
mod direct {
    #![allow(clippy::pedantic)]

    wasmtime::component::bindgen!({
        path: "../wit/podroute.wit",
        world: "policy",
    });

    use self::exports::podroute::policy::types;
    use wasmtime::component::{Component, Linker};
    use wasmtime::{Engine, Store};

    pub(super) struct Direct {
        engine: Engine,
        component: Component,
    }

    impl Direct {
        pub(super) fn new() -> Self {
            let engine = Engine::default();
            let component = Component::new(&engine, ::podroute::policy::COMPONENT).unwrap();
            Self { engine, component }
        }

        /// The report as Rust writes it for debugging: the types here are
        /// others, of the same names.
        pub(super) fn evaluate(
            &self,
            documents: &[String],
            settings: &::podroute::policy::Settings,
        ) -> String {
            let mut store = Store::new(&self.engine, ());
            let nothing = Linker::new(&self.engine);
            let policy = Policy::instantiate(&mut store, &self.component, &nothing).unwrap();
            let settings = copied(settings.clone());
            let report = policy
                .podroute_policy_evaluator()
                .call_evaluate(&mut store, documents, &settings)
                .unwrap();
            format!("{:?}", report.unwrap())
        }
    }

    fn copied(settings: ::podroute::policy::Settings) -> types::Settings {
        types::Settings {
            cni: settings.cni,
            ipam_mode: settings.ipam_mode,
            cilium_version: settings.cilium_version,
            avi_version: settings.avi_version,
            next_hop_types: settings.next_hop_types,
            node_networks: settings.node_networks,
            node_selector: settings.node_selector,
            aggregate: settings.aggregate,
            connected_networks: settings.connected_networks,
            protected_networks: settings.protected_networks,
            other_clusters: each(settings.other_clusters, |other| types::OtherCluster {
                name: other.name,
                pod_cidrs: other.pod_cidrs,
            }),
            route_limit: settings.route_limit,
            at: settings.at,
            today: settings.today,
            rules: each(settings.rules, |rule| types::RuleSetting {
                rule: rule.rule,
                severity: rule.severity.map(level),
                parameters: each(rule.parameters, |parameter| types::Parameter {
                    name: parameter.name,
                    value: parameter.value,
                }),
            }),
            suppressions: each(settings.suppressions, |one| types::Suppression {
                rule: one.rule,
                object: one.object.map(|object| types::ObjectKey {
                    kind: object.kind,
                    namespace: object.namespace,
                    name: object.name,
                }),
                reason: one.reason,
                until: one.until,
            }),
            listed_kinds: settings.listed_kinds,
            gaps: each(settings.gaps, |gap| types::Gap {
                kind: gap.kind,
                reason: gap.reason,
            }),
        }
    }

    fn each<T, U>(list: Vec<T>, copy: impl Fn(T) -> U) -> Vec<U> {
        list.into_iter().map(copy).collect()
    }

    fn level(level: ::podroute::policy::Level) -> types::Level {
        match level {
            ::podroute::policy::Level::Off => types::Level::Off,
            ::podroute::policy::Level::Info => types::Level::Info,
            ::podroute::policy::Level::Warning => types::Level::Warning,
            ::podroute::policy::Level::Error => types::Level::Error,
        }
    }
}

/// Every way to ask gives the same report: the typed ones equal ones, those
/// in JSON the same bytes, and the JSON says what the typed one says.
#[test]
fn the_report_does_not_depend_on_how_it_is_asked_for() {
    let (policy, direct) = (built_in(), direct::Direct::new());
    for case in cases() {
        let (documents, settings) = (case.documents(), case.settings());
        let report = case.evaluate(&policy);
        assert_eq!(
            direct.evaluate(&documents, &settings),
            format!("{report:?}"),
            "{}",
            case.name
        );
        let json = case.evaluate_json(&policy);
        assert_eq!(
            serde_json::from_str::<Value>(&json).unwrap(),
            to_json(&report),
            "{}",
            case.name
        );

        let mut at_once = policy.open(&settings).unwrap();
        at_once.load(&documents).unwrap();
        assert_same(&case.name, &mut at_once, &report, &json);

        let mut one_list = policy.open(&settings).unwrap();
        let list = Value::from(case.objects.clone()).to_string();
        one_list.load(&[list]).unwrap();
        assert_same(&case.name, &mut one_list, &report, &json);

        let mut backwards = policy.open(&settings).unwrap();
        let reversed: Vec<String> = documents.iter().rev().cloned().collect();
        backwards.load(&reversed).unwrap();
        assert_same(&case.name, &mut backwards, &report, &json);

        let mut in_parts = policy.open(&settings).unwrap();
        for document in &documents {
            in_parts.load(std::slice::from_ref(document)).unwrap();
            in_parts.report().unwrap();
        }
        assert_same(&case.name, &mut in_parts, &report, &json);

        // A change replaces what was there, and what was wrong before.
        if !case.name.starts_with("problems") {
            let mut changes = policy.open(&settings).unwrap();
            changes.upsert(&documents).unwrap();
            assert_same(&case.name, &mut changes, &report, &json);

            let mut one_by_one = policy.open(&settings).unwrap();
            for document in documents {
                one_by_one.upsert(&[document]).unwrap();
                one_by_one.report().unwrap();
            }
            assert_same(&case.name, &mut one_by_one, &report, &json);
        }
    }
}

fn assert_same(name: &str, cluster: &mut Cluster, report: &Report, json: &str) {
    assert_eq!(cluster.report_json().unwrap(), json, "{name}");
    assert_eq!(cluster.report().unwrap(), *report, "{name}");
    // Asking changes nothing.
    assert_eq!(cluster.report_json().unwrap(), json, "{name}");
}

fn role(role: NetworkRole) -> &'static str {
    match role {
        NetworkRole::Pool => "pool",
        NetworkRole::NativeRouting => "native-routing",
        NetworkRole::NodeNetwork => "node-network",
        NetworkRole::VipNetwork => "vip-network",
        NetworkRole::Protected => "protected",
        NetworkRole::OtherCluster => "other-cluster",
        NetworkRole::NodeAddresses => "node-addresses",
        NetworkRole::ServiceAddresses => "service-addresses",
    }
}

fn status(status: SuppressionStatus) -> &'static str {
    match status {
        SuppressionStatus::Used => "used",
        SuppressionStatus::Unused => "unused",
        SuppressionStatus::Unknown => "unknown",
        SuppressionStatus::Expired => "expired",
        SuppressionStatus::Undated => "undated",
        SuppressionStatus::Invalid => "invalid",
    }
}

/// The JSON form of a typed report, field by field.
fn to_json(report: &Report) -> Value {
    let family = |family: &Family| match family {
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
    };
    let severity = |severity: Severity| match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let object = |object: &ObjectRef| {
        json!({
            "kind": object.kind, "namespace": object.namespace,
            "name": object.name, "field": object.field,
        })
    };
    let suppression = |one: &AuditedSuppression| {
        json!({
            "rule": one.rule,
            "object": one.object.as_ref().map(|object| json!({
                "kind": object.kind, "namespace": object.namespace, "name": object.name,
            })),
            "reason": one.reason, "until": one.until,
            "declaredAt": one.declared_at.as_ref().map(object),
            "status": status(one.status),
        })
    };
    let Report {
        cluster,
        routes,
        withheld,
        networks,
        findings,
        suppressed,
        suppressions,
        not_evaluated,
        rules_off,
        undecided,
        problems,
    } = report;
    let finding = |finding: &Finding| {
        json!({
            "rule": finding.rule, "severity": severity(finding.severity),
            "message": finding.message, "effect": finding.effect, "fix": finding.fix,
            "reference": finding.reference,
            "objects": finding.objects.iter().map(object).collect::<Vec<_>>(),
        })
    };
    json!({
        "schema": "podroute.report/v1",
        "cluster": {
            "cni": cluster.cni,
            "cniEvidence": cluster.cni_evidence,
            "ipamMode": cluster.ipam_mode,
            "podCidrSource": cluster.pod_cidr_source,
            "ciliumVersion": cluster.cilium_version,
            "kubernetesVersion": cluster.kubernetes_version,
            "families": cluster.families.iter().map(family).collect::<Vec<_>>(),
            "nodes": cluster.nodes,
            "ciliumNodes": cluster.cilium_nodes,
            "ako": cluster.ako.iter().map(|ako| json!({
                "namespace": ako.namespace, "version": ako.version,
                "clusterName": ako.cluster_name, "cniPlugin": ako.cni_plugin,
                "syncsRoutes": ako.syncs_routes,
            })).collect::<Vec<_>>(),
        },
        "routes": routes.iter().map(|route| json!({
            "prefix": route.prefix, "nextHop": route.next_hop, "node": route.node,
            "family": family(&route.family), "source": object(&route.source),
            "standsFor": route.stands_for.iter().map(|part| json!({
                "prefix": part.prefix, "source": object(&part.source),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "withheld": withheld.iter().map(|withheld| json!({
            "prefix": withheld.prefix, "nextHop": withheld.next_hop,
            "node": withheld.node, "rule": withheld.rule,
        })).collect::<Vec<_>>(),
        "networks": networks.iter().map(|network| json!({
            "role": role(network.role), "prefix": network.prefix, "name": network.name,
            "blockLength": network.block_length,
            "source": network.source.as_ref().map(object),
        })).collect::<Vec<_>>(),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "suppressed": suppressed.iter().map(|suppressed| json!({
            "finding": finding(&suppressed.finding), "reasons": suppressed.reasons,
        })).collect::<Vec<_>>(),
        "suppressions": suppressions.iter().map(suppression).collect::<Vec<_>>(),
        "notEvaluated": not_evaluated.iter().map(|entry| json!({
            "rule": entry.rule, "missing": entry.missing,
        })).collect::<Vec<_>>(),
        "rulesOff": rules_off,
        "undecided": undecided,
        "problems": problems.iter().map(|problem| json!({
            "object": problem.object.as_ref().map(object),
            "severity": severity(problem.severity), "message": problem.message,
        })).collect::<Vec<_>>(),
    })
}

/// load returns what the report lists as problems afterwards, and upsert,
/// for which there are no copies, what else was wrong.
#[test]
fn what_could_not_be_used_is_said() {
    let texts = |problems: &[Problem]| -> BTreeSet<String> {
        problems.iter().map(|one| format!("{one:?}")).collect()
    };
    let mut cases = odd_cases().into_iter();
    let case = cases.find(|case| case.name == "problems of every sort");
    let case = case.unwrap();
    let policy = built_in();
    let mut loaded = policy.open(&case.settings()).unwrap();
    let said = loaded.load(&case.documents()).unwrap();
    let listed = loaded.report().unwrap().problems;
    assert_eq!(texts(&said), texts(&listed));
    for (words, severity) in [
        ("is there twice", Severity::Warning),
        ("cannot be read", Severity::Error),
        ("without metadata.name", Severity::Error),
        ("without `kind`", Severity::Error),
    ] {
        assert!(
            listed
                .iter()
                .any(|one| one.message.contains(words) && one.severity == severity),
            "{words}: {listed:?}"
        );
    }
    let mut changed = policy.open(&case.settings()).unwrap();
    let said = changed.upsert(&case.documents()).unwrap();
    let errors: Vec<Problem> = listed
        .into_iter()
        .filter(|one| one.severity == Severity::Error)
        .collect();
    assert_eq!(texts(&said), texts(&errors));
    assert_eq!(texts(&changed.report().unwrap().problems), texts(&errors));
}

/// A snapshot's newest copy counts, in whatever order and in however many
/// parts; of changes the last one counts.
#[test]
fn of_copies_the_newest_counts_and_of_changes_the_last() {
    let copy = |version: &str, cidr: &str| {
        let mut copy = node("a", cidr, "192.0.2.11");
        copy["metadata"]["resourceVersion"] = json!(version);
        copy
    };
    let (old, new) = (&copy("9", "10.244.9.0/24"), &copy("10", "10.244.10.0/24"));
    let prefix = |cluster: &mut Cluster| cluster.report().unwrap().routes[0].prefix.clone();
    let mut reports = BTreeSet::new();
    for copies in [[old, new], [new, old]] {
        let mut cluster = cluster_of(&copies);
        assert_eq!(prefix(&mut cluster), "10.244.10.0/24");
        reports.insert(cluster.report_json().unwrap());
        let mut in_parts = cluster_of(&copies[..1]);
        in_parts.load(&[copies[1].to_string()]).unwrap();
        reports.insert(in_parts.report_json().unwrap());
        // What came as a change has no other copies, and is what there is.
        for change in copies {
            put(&mut cluster, &[change]);
            assert_eq!(cluster.report_json().unwrap(), json_of(&[change]));
        }
    }
    assert_eq!(reports.len(), 1, "{reports:?}");
    // Of the same age, the contents decide.
    let (one, other) = (&copy("9", "10.244.1.0/24"), &copy("9", "10.244.2.0/24"));
    assert_eq!(json_of(&[one, other]), json_of(&[other, one]));
}
