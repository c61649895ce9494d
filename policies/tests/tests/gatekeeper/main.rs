//! What is deployed to Gatekeeper: the template's Rego, which asks a real
//! podroute over TLS as the Provider says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod provider;

use std::sync::Arc;

use podroute_policy_tests::examples::{Example, examples, in_cluster, named};
use podroute_policy_tests::files;
use podroute_policy_tests::podroute::Podroute;
use podroute_policy_tests::rego::{Engine, ExternalData, Program, engines};
use provider::Provider;
use serde_json::{Value, json};

const VIOLATION: &str = "podroute.violation";

#[test]
fn what_would_break_routes_is_a_violation_that_says_how_to_mend_it() {
    let podroute = Podroute::with_examples();
    let denied = examples("denied");
    assert_eq!(denied.len(), 5);
    for engine in engines() {
        for example in &denied {
            let violations = violations(&engine, &podroute, "podroute-settings", &review(example));
            let rule = example.rule.as_deref().unwrap();
            let violation = violations
                .iter()
                .find(|violation| violation["details"]["rule"] == rule)
                .unwrap_or_else(|| panic!("no {rule} for {}: {violations:?}", example.file));
            let message = violation["msg"].as_str().unwrap();
            assert!(message.contains("and then: "), "{message}");
            assert!(message.contains("Fix: "), "{message}");
            assert!(message.ends_with(&format!("[{rule}]")), "{message}");
            assert_eq!(violation["details"]["severity"], "error");
        }
    }
}

#[test]
fn the_message_names_the_object_the_key_and_the_value() {
    let podroute = Podroute::with_examples();
    let change = review(&named("denied/sctp-service"));
    for engine in engines() {
        let violations = violations(&engine, &podroute, "podroute-objects", &change);
        assert_eq!(violations.len(), 1, "{engine:?}: {violations:?}");
        let message = violations[0]["msg"].as_str().unwrap();
        for part in ["Service core/amf", "enable-sctp: \"true\"", "cilium-config"] {
            assert!(message.contains(part), "no {part} in: {message}");
        }
    }
}

#[test]
fn what_is_harmless_violates_no_constraint() {
    let podroute = Podroute::with_examples();
    for engine in engines() {
        for example in examples("allowed") {
            for constraint in constraints() {
                let name = constraint["metadata"]["name"].as_str().unwrap();
                let violations = violations(&engine, &podroute, name, &review(&example));
                assert!(
                    violations.is_empty(),
                    "{name}, {}: {violations:?}",
                    example.file
                );
            }
        }
    }
}

#[test]
fn a_risk_violates_only_the_constraint_that_warns() {
    let podroute = Podroute::with_examples();
    for engine in engines() {
        for example in examples("warned") {
            let rule = example.rule.as_deref().unwrap();
            let change = review(&example);
            let denied = violations(&engine, &podroute, "podroute-settings", &change);
            assert!(denied.is_empty(), "{}: {denied:?}", example.file);
            let warned = violations(&engine, &podroute, "podroute-settings-warnings", &change);
            assert_eq!(warned.len(), 1, "{}: {warned:?}", example.file);
            assert_eq!(warned[0]["details"]["rule"], rule);
        }
    }
}

#[test]
fn what_can_not_be_looked_at_is_warned_of() {
    let podroute = Podroute::with_examples();
    let mut service = named("allowed/web-service").object;
    service["spec"]["ports"] = json!("https");
    let change = json!({"operation": "CREATE", "object": service});
    for engine in engines() {
        let denied = violations(&engine, &podroute, "podroute-objects", &change);
        assert!(denied.is_empty(), "{denied:?}");
        let warned = violations(&engine, &podroute, "podroute-objects-warnings", &change);
        let message = warned[0]["msg"].as_str().unwrap();
        let start = "the object could not be looked at wholly: ";
        assert!(message.starts_with(start), "{message}");
    }
}

#[test]
fn a_deletion_is_reviewed_by_the_object_that_goes() {
    let podroute = Podroute::with_examples();
    let node = in_cluster("CiliumNode", "worker-1").unwrap();
    // Gatekeeper copies oldObject to object.
    let change = json!({"operation": "DELETE", "object": node, "oldObject": node});
    for engine in engines() {
        let violations = violations(&engine, &podroute, "podroute-nodes", &change);
        let message = violations[0]["msg"].as_str().unwrap();
        assert!(message.contains("worker-1"), "{engine:?}: {message}");
    }
}

#[test]
fn what_leaves_the_routes_without_a_verdict_is_warned_of() {
    let podroute = Podroute::with_examples();
    let settings = in_cluster("ConfigMap", "cilium-config").unwrap();
    let change = json!({"operation": "DELETE", "object": settings, "oldObject": settings});
    for engine in engines() {
        let warned = violations(&engine, &podroute, "podroute-settings-warnings", &change);
        let start = "no verdict on the routes would be possible any more: ";
        assert!(
            warned
                .iter()
                .any(|one| one["msg"].as_str().unwrap().starts_with(start)),
            "{engine:?}: {warned:?}"
        );
    }
}

#[test]
fn the_audit_of_what_is_there_finds_nothing() {
    let podroute = Podroute::with_examples();
    let object = in_cluster("ConfigMap", "cilium-config").unwrap();
    for engine in engines() {
        // The audit knows no operation.
        let violations = violations(
            &engine,
            &podroute,
            "podroute-settings",
            &json!({"operation": "", "object": object}),
        );
        assert!(violations.is_empty(), "{engine:?}: {violations:?}");
    }
}

#[test]
fn without_podroute_the_constraint_decides() {
    let podroute = Podroute::with_examples();
    let gone = Provider::deployed(&podroute);
    drop(podroute);
    let change = review(&named("allowed/web-service"));
    for engine in engines() {
        let refused = eval(&engine, gone.external_data(), "podroute-settings", &change);
        let message = refused[0]["msg"].as_str().unwrap();
        assert!(
            message.starts_with("podroute gave no review of this change: "),
            "{engine:?}: {message}"
        );
        let passed = eval(&engine, gone.external_data(), "podroute-objects", &change);
        assert!(passed.is_empty(), "{engine:?}: {passed:?}");
    }
}

#[test]
fn an_answer_without_the_review_is_no_pass() {
    let podroute = Podroute::with_examples();
    let change = review(&named("allowed/web-service"));
    // Nothing at this path: status 404, and no items.
    let mut lost = Provider::deployed(&podroute);
    lost.url = podroute.url("/nothing");
    // Certificates of another authority.
    let mut stranger = Provider::deployed(&podroute);
    stranger.ca_bundle = Provider::deployed(&Podroute::with_examples()).ca_bundle;
    for engine in engines() {
        for provider in [&lost, &stranger] {
            let violations = eval(
                &engine,
                provider.external_data(),
                "podroute-settings",
                &change,
            );
            assert_eq!(violations.len(), 1, "{engine:?}: {violations:?}");
        }
    }
}

#[test]
fn a_request_without_an_object_is_no_pass() {
    let podroute = Podroute::with_examples();
    for engine in engines() {
        let change = json!({"operation": "UPDATE"});
        let violations = violations(&engine, &podroute, "podroute-settings", &change);
        assert_eq!(violations.len(), 1, "{engine:?}: {violations:?}");
    }
}

#[test]
fn the_message_says_why_there_is_no_review() {
    let answers = [
        (json!({"system_error": "not listed yet"}), "not listed yet"),
        (json!({"errors": [["key", "no JSON"]]}), "no JSON"),
        (
            json!({"responses": [["key", {"schema": "podroute.report/v1"}]]}),
            "HTTP status 200, and no review in the answer",
        ),
    ];
    let change = review(&named("allowed/web-service"));
    for engine in engines() {
        for (part, reason) in &answers {
            let mut answer =
                json!({"responses": [], "errors": [], "status_code": 200, "system_error": ""});
            let (name, value) = part.as_object().unwrap().iter().next().unwrap();
            answer[name] = value.clone();
            let answers = Arc::new(move |_: &Value| answer.clone());
            let violations = eval(&engine, answers, "podroute-settings", &change);
            assert_eq!(violations.len(), 1, "{engine:?}: {violations:?}");
            let message = violations[0]["msg"].as_str().unwrap();
            assert!(
                message.contains(&format!("this change: {reason}.")),
                "{message}"
            );
        }
    }
}

#[test]
fn without_parameters_errors_and_silence_are_violations() {
    let podroute = Podroute::with_examples();
    let provider = Provider::deployed(&podroute);
    let rules = |change: &str| -> Vec<Vec<Value>> {
        let change = review(&named(change));
        let rules = engines().into_iter().map(|engine| {
            let input = json!({"review": change, "parameters": {}});
            let violations = program(provider.external_data()).eval(&engine, VIOLATION, &input);
            let violations = violations.as_array().unwrap();
            violations
                .iter()
                .map(|one| one["details"]["rule"].clone())
                .collect()
        });
        rules.collect()
    };
    for denied in rules("denied/pool-moved") {
        assert_eq!(denied, [json!("pool/stale-cidr")]);
    }
    for warned in rules("warned/pool-mask") {
        assert!(warned.is_empty(), "{warned:?}");
    }
    drop(podroute);
    for unanswered in rules("allowed/web-service") {
        assert_eq!(unanswered, [Value::Null]);
    }
}

#[test]
fn every_constraint_is_of_the_templates_kind_and_keeps_to_its_schema() {
    let template = files::document("gatekeeper/template.yaml");
    let kind = &template["spec"]["crd"]["spec"]["names"]["kind"];
    // Gatekeeper wants the name to be the kind in small letters.
    assert_eq!(
        template["metadata"]["name"],
        kind.as_str().unwrap().to_lowercase()
    );
    let properties =
        &template["spec"]["crd"]["spec"]["validation"]["openAPIV3Schema"]["properties"];
    let constraints = constraints();
    assert!(!constraints.is_empty());
    for constraint in constraints {
        assert_eq!(&constraint["kind"], kind);
        for (name, value) in constraint["spec"]["parameters"].as_object().unwrap() {
            let known = properties[name]["enum"].as_array().unwrap();
            assert!(known.contains(value), "{name}: {value}");
        }
    }
}

/// What Gatekeeper's webhook is given.
fn review(example: &Example) -> Value {
    json!({
        "operation": example.operation(),
        "object": example.object,
        "oldObject": example.old,
    })
}

fn violations(
    engine: &Engine,
    podroute: &Podroute,
    constraint: &str,
    review: &Value,
) -> Vec<Value> {
    eval(
        engine,
        Provider::deployed(podroute).external_data(),
        constraint,
        review,
    )
}

fn eval(engine: &Engine, provider: ExternalData, constraint: &str, review: &Value) -> Vec<Value> {
    let constraint = constraints()
        .into_iter()
        .find(|one| one["metadata"]["name"] == constraint)
        .unwrap_or_else(|| panic!("no Constraint {constraint}"));
    let input = json!({"review": review, "parameters": constraint["spec"]["parameters"]});
    let violations = program(provider).eval(engine, VIOLATION, &input);
    violations.as_array().unwrap().clone()
}

/// The Rego that stands in the template.
fn program(external_data: ExternalData) -> Program {
    let template = files::document("gatekeeper/template.yaml");
    let rego = template["spec"]["targets"][0]["rego"].as_str().unwrap();
    Program {
        modules: vec![("template.rego".to_owned(), rego.to_owned())],
        v0: true,
        data: json!({}),
        external_data,
    }
}

fn constraints() -> Vec<Value> {
    files::documents("gatekeeper/constraints.yaml")
}
