//! Changes of the example cluster, judged by both policies.

use podroute_policy_tests::examples::{examples, in_cluster, named};
use podroute_policy_tests::podroute::Podroute;
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::{cluster_policy, request, validating_policy};

const CLUSTER_POLICY: &str = "kyverno/cluster-policy.yaml";
const VALIDATING_POLICY: &str = "kyverno/validating-policy.yaml";

#[test]
fn what_would_break_routes_is_refused_with_the_way_to_mend_it() {
    let podroute = Podroute::with_examples();
    let denied = examples("denied");
    assert_eq!(denied.len(), 5);
    for example in &denied {
        for (policy, outcome) in judged(&podroute, &request::of(example)) {
            assert_eq!(outcome.refused.len(), 1, "{policy}: {outcome:?}");
            let message = &outcome.refused[0];
            let rule = example.rule.as_deref().unwrap();
            for part in [
                "podroute: ",
                ", and then: ",
                ". Fix: ",
                &format!("[{rule}]"),
            ] {
                assert!(message.contains(part), "{policy}: no {part:?} in {message}");
            }
            assert!(outcome.failed.is_empty(), "{policy}: {outcome:?}");
        }
    }
}

#[test]
fn only_errors_are_told_as_the_reason() {
    let podroute = Podroute::with_examples();
    // It adds a warning of node/cidr-mismatch as well.
    let request = request::of(&named("denied/ipam-mode"));
    for (policy, outcome) in judged(&podroute, &request) {
        let message = &outcome.refused[0];
        assert!(
            message.contains("[node/no-pod-cidr]"),
            "{policy}: {message}"
        );
        assert!(
            !message.contains("[node/cidr-mismatch]"),
            "{policy}: {message}"
        );
    }
}

#[test]
fn what_is_harmless_passes_without_a_word() {
    let podroute = Podroute::with_examples();
    for example in examples("allowed") {
        for (policy, outcome) in judged(&podroute, &request::of(&example)) {
            assert!(outcome.is_allowed(), "{policy}: {outcome:?}");
            assert_eq!(
                (outcome.warned, outcome.failed),
                (vec![], vec![]),
                "{policy}"
            );
        }
    }
}

#[test]
fn the_cluster_policy_warns_of_risks_and_both_let_them_pass() {
    let podroute = Podroute::with_examples();
    for example in examples("warned") {
        let request = request::of(&example);
        for (policy, outcome) in judged(&podroute, &request) {
            assert!(outcome.is_allowed(), "{policy}: {outcome:?}");
        }
        let policy = request::deployed(CLUSTER_POLICY, &podroute);
        let outcome = cluster_policy::judge(&policy, &request);
        let rule = example.rule.as_deref().unwrap();
        assert_eq!(outcome.warned.len(), 1, "{outcome:?}");
        assert!(
            outcome.warned[0].ends_with(&format!("[{rule}]")),
            "{outcome:?}"
        );
    }
}

#[test]
fn deleting_the_ciliumnode_of_a_running_node_is_noticed() {
    let podroute = Podroute::with_examples();
    let node = in_cluster("CiliumNode", "worker-1").unwrap();
    for (policy, outcome) in judged(&podroute, &request::deletion(&node)) {
        assert!(outcome.failed.is_empty(), "{policy}: {outcome:?}");
        let said = [outcome.refused, outcome.warned].concat().join(" ");
        assert!(said.contains("worker-1"), "{policy}: {said}");
    }
}

#[test]
fn deleting_the_settings_of_cilium_is_noticed_although_they_are_in_a_namespace() {
    let podroute = Podroute::with_examples();
    let settings = in_cluster("ConfigMap", "cilium-config").unwrap();
    let policy = request::deployed(CLUSTER_POLICY, &podroute);
    let outcome = cluster_policy::judge(&policy, &request::deletion(&settings));
    assert!(outcome.failed.is_empty(), "{outcome:?}");
    assert!(
        !outcome.refused.is_empty() || !outcome.warned.is_empty(),
        "{outcome:?}"
    );
}

#[test]
fn without_podroute_the_failure_policy_decides() {
    let podroute = Podroute::with_examples();
    let request = request::of(&named("allowed/web-service"));
    let mut policies =
        [CLUSTER_POLICY, VALIDATING_POLICY].map(|policy| request::deployed(policy, &podroute));
    drop(podroute);
    for (policy, judge) in policies
        .iter()
        .zip([cluster_policy::judge, validating_policy::judge])
    {
        let outcome = judge(policy, &request);
        assert!(!outcome.is_allowed(), "{outcome:?}");
    }
    policies[0]["spec"]["webhookConfiguration"]["failurePolicy"] = json!("Ignore");
    policies[1]["spec"]["failurePolicy"] = json!("Ignore");
    for (policy, judge) in policies
        .iter()
        .zip([cluster_policy::judge, validating_policy::judge])
    {
        let outcome = judge(policy, &request);
        assert!(outcome.is_allowed(), "{outcome:?}");
        assert!(!outcome.failed.is_empty(), "{outcome:?}");
    }
}

#[test]
fn an_answer_that_is_no_review_is_no_pass() {
    let podroute = Podroute::with_examples();
    let request = request::of(&named("allowed/web-service"));
    let astray = |policy: &str| -> Value {
        let policy = request::deployed(policy, &podroute).to_string();
        serde_json::from_str(&policy.replace("/v1/review", "/v1/nothing")).unwrap()
    };
    for (policy, outcome) in [
        (
            CLUSTER_POLICY,
            cluster_policy::judge(&astray(CLUSTER_POLICY), &request),
        ),
        (
            VALIDATING_POLICY,
            validating_policy::judge(&astray(VALIDATING_POLICY), &request),
        ),
    ] {
        assert!(!outcome.is_allowed(), "{policy}: {outcome:?}");
        let why = [outcome.refused, outcome.failed].concat().join(" ");
        assert!(why.contains("404"), "{policy}: {why}");
    }
}

#[test]
fn braces_in_what_podroute_quotes_stay_text() {
    let podroute = Podroute::with_examples();
    let mut example = named("denied/ako-cni-plugin");
    example.object["data"]["cniPlugin"] = json!("{{ request.name }}");
    let policy = request::deployed(CLUSTER_POLICY, &podroute);
    let outcome = cluster_policy::judge(&policy, &request::of(&example));
    assert!(
        outcome.refused[0].contains("{{ request.name }}"),
        "{outcome:?}"
    );
}

#[test]
fn configmaps_of_others_are_nobodys_business() {
    // A podroute that is gone: whatever asked it would fail.
    let podroute = Podroute::with_examples();
    let policies =
        [CLUSTER_POLICY, VALIDATING_POLICY].map(|policy| request::deployed(policy, &podroute));
    drop(podroute);
    for (field, other) in [("namespace", "shop"), ("name", "kubeadm-config")] {
        let mut example = named("denied/ipam-mode");
        example.object["metadata"][field] = json!(other);
        let request = request::of(&example);
        let judges = [cluster_policy::judge, validating_policy::judge];
        for (policy, judge) in policies.iter().zip(judges) {
            let outcome = judge(policy, &request);
            assert!(outcome.is_allowed(), "{outcome:?}");
            assert!(outcome.failed.is_empty(), "{outcome:?}");
        }
    }
}

/// What each of the two policies says.
fn judged(podroute: &Podroute, request: &Value) -> [(&'static str, Outcome); 2] {
    let deployed = |policy| request::deployed(policy, podroute);
    [
        (
            CLUSTER_POLICY,
            cluster_policy::judge(&deployed(CLUSTER_POLICY), request),
        ),
        (
            VALIDATING_POLICY,
            validating_policy::judge(&deployed(VALIDATING_POLICY), request),
        ),
    ]
}
