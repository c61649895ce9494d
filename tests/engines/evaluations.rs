//! `/v1/evaluate`: what the component answers, byte for byte.

use std::fs;
use std::path::Path;

use podroute::Policy;
use podroute::policy::Error;
use serde_json::json;

use crate::program::Webhook;

#[tokio::test]
async fn every_case_of_the_embedders_is_answered_as_the_component_answers() {
    let webhook = Webhook::of_shop(&[]);
    let policy = Policy::built_in().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/conformance/requests");
    let mut refused = 0;
    let mut answered = 0;
    for file in fs::read_dir(folder).unwrap() {
        let request = fs::read_to_string(file.unwrap().path()).unwrap();
        let expected = match policy.evaluate_json(&request) {
            Ok(report) => {
                answered += 1;
                (200, report)
            }
            Err(Error::InvalidRequest(error)) => {
                refused += 1;
                (400, error)
            }
            Err(error) => panic!("{error}"),
        };
        assert_eq!(webhook.post("/v1/evaluate", request).await, expected);
    }
    assert!(answered > 3 && refused > 0, "{answered} {refused}");
}

#[tokio::test]
async fn requests_know_nothing_of_each_other_and_of_the_cluster() {
    let webhook = Webhook::of_shop(&[]);
    let nothing = json!({"objects": []});
    let (status, before) = webhook.post_json("/v1/evaluate", &nothing).await;
    assert_eq!(status, 200);
    assert_eq!(before["routes"], json!([]));
    assert_eq!(before["cluster"]["nodes"], 0);

    let node = json!({"objects": [{
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker-1"},
        "spec": {"podCIDRs": ["10.244.1.0/24"]},
        "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.11"}]},
    }], "settings": {"cni": "kubernetes"}});
    let (status, report) = webhook.post_json("/v1/evaluate", &node).await;
    assert_eq!(status, 200);
    assert_eq!(report["routes"][0]["prefix"], "10.244.1.0/24");
    assert_eq!(report["routes"][0]["nextHop"], "192.0.2.11");

    let (_, after) = webhook.post_json("/v1/evaluate", &nothing).await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_words_of_the_component() {
    let webhook = Webhook::of_shop(&[]);
    for (body, message) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{}", "missing field `objects` at line 1 column 2"),
        (
            r#"{"objects": [], "object": 1}"#,
            "unknown field `object`, expected `objects` or `settings` at line 1 column 24",
        ),
    ] {
        let (status, error) = webhook.post("/v1/evaluate", body).await;
        assert_eq!(status, 400, "{body}");
        let error: serde_json::Value = serde_json::from_str(&error).unwrap();
        assert_eq!(
            error,
            json!({"error": "invalid-request", "message": message})
        );
    }
    let settings = json!({"objects": [], "settings": {"routeLimit": 5, "cni": "none"}});
    let (status, error) = webhook.post_json("/v1/evaluate", &settings).await;
    assert_eq!((status, &error["error"]), (400, &json!("invalid-setting")));
    assert_eq!(error["name"], "cni");
}
