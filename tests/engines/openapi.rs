//! The description of the endpoints: all of them, and what they answer.

use std::collections::BTreeSet;
use std::process::Command;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::program::Webhook;
use crate::shop::{duplicate, harmless};

async fn description(webhook: &Webhook) -> Value {
    let (status, text) = webhook.get("/openapi.json").await;
    assert_eq!(status, 200);
    serde_json::from_str(&text).unwrap()
}

/// Of a part of the document.
fn validator(document: &Value, place: &str) -> Validator {
    let mut schema = document.clone();
    schema["$ref"] = json!(format!("#{place}"));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    assert!(document.pointer(place).is_some(), "{place}");
    jsonschema::validator_for(&schema).unwrap()
}

fn escaped(path: &str) -> String {
    path.replace('/', "~1")
}

#[track_caller]
fn assert_described(document: &Value, path: &str, status: u16, answer: &Value) {
    let base = format!("/paths/{}/post/responses/{status}", escaped(path));
    let response = document.pointer(&base).unwrap_or_else(|| panic!("{base}"));
    let base = match response["$ref"].as_str() {
        Some(elsewhere) => elsewhere.trim_start_matches('#').to_owned(),
        None => base,
    };
    let place = format!("{base}/content/application~1json/schema");
    let errors: Vec<String> = validator(document, &place)
        .iter_errors(answer)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{path} {status}: {answer}");
}

#[tokio::test]
async fn the_router_and_the_description_have_the_same_endpoints() {
    let webhook = Webhook::of_shop(&[]);
    let (_, index) = webhook.get("/").await;
    let (_, list) = index.split_once("\n\n").unwrap();
    let there: BTreeSet<(String, String)> = list
        .lines()
        .map(|line| {
            let mut words = line.split_whitespace();
            let method = words.next().unwrap().to_lowercase();
            (words.next().unwrap().to_owned(), method)
        })
        .collect();
    let document = description(&webhook).await;
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| (path.clone(), method.clone()))
        })
        .collect();
    assert_eq!(described, there);
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let webhook = Webhook::of_shop(&[]);
    let document = description(&webhook).await;
    let mut waiting = vec![&document];
    let mut found = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let place = reference.strip_prefix('#').expect(reference);
                    assert!(document.pointer(place).is_some(), "{reference}");
                    found += 1;
                }
                waiting.extend(fields.values());
            }
            Value::Array(elements) => waiting.extend(elements),
            _ => {}
        }
    }
    assert!(found > 40, "{found}");
}

#[tokio::test]
async fn what_is_answered_is_as_described() {
    let webhook = Webhook::of_shop(&["--webhook-body-limit", "1"]);
    let document = description(&webhook).await;
    let provider = |keys: Value| {
        json!({
            "apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest",
            "request": {"keys": keys},
        })
    };
    let admission = |object: Value| {
        json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": "1", "operation": "CREATE", "name": "x",
                "kind": {"group": "cilium.io", "version": "v2", "kind": "CiliumNode"},
                "resource": {"group": "cilium.io", "version": "v2", "resource": "ciliumnodes"},
                "userInfo": {"username": "jane"}, "object": object,
            },
        })
    };
    let nodes: Vec<Value> = (0..20)
        .map(|index| {
            json!({
                "apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("w{index}")},
                "spec": {"podCIDRs": [format!("10.0.{index}.0/24")]},
            })
        })
        .collect();
    for (path, body, status) in [
        ("/v1/evaluate", json!({"objects": nodes}), 200),
        (
            "/v1/evaluate",
            json!({"objects": [], "settings": {"cni": "none"}}),
            400,
        ),
        (
            "/v1/evaluate",
            json!({"objects": ["x".repeat(1 << 20)]}),
            413,
        ),
        (
            "/v1/review",
            json!({"changes": [{"put": duplicate()}]}),
            200,
        ),
        (
            "/v1/review",
            json!({"objects": nodes, "changes": [{"delete": {"kind": "Node", "name": "w1"}}]}),
            200,
        ),
        ("/v1/review", json!({"changes": [], "settings": {}}), 400),
        (
            "/gatekeeper",
            provider(json!([
                duplicate().to_string(),
                harmless().to_string(),
                "x"
            ])),
            200,
        ),
        ("/gatekeeper", provider(json!("x")), 400),
        ("/admission", admission(duplicate()), 200),
        ("/admission", json!({}), 400),
    ] {
        let (answered, answer) = webhook.post_json(path, &body).await;
        assert_eq!(answered, status, "{path}: {answer}");
        assert_described(&document, path, status, &answer);
        // What is answered with 200 was described to be asked for.
        if status == 200 {
            let place = format!(
                "/paths/{}/post/requestBody/content/application~1json/schema",
                escaped(path)
            );
            assert!(
                validator(&document, &place).is_valid(&body),
                "{path}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn the_command_prints_the_same() {
    let webhook = Webhook::of_shop(&[]);
    let output = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(["schema", "openapi"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(webhook.get("/openapi.json").await, (200, printed));
}
