//! `/admission`: AdmissionReviews over HTTP. What they say has tests of its
//! own, in tests/admission.

use serde_json::{Value, json};

use crate::program::Webhook;
use crate::shop::{duplicate, harmless};

fn review(object: &Value, resource: &str) -> Value {
    let version = object["apiVersion"].as_str().unwrap();
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let resource = json!({"group": group, "version": version, "resource": resource});
    let kind = json!({"group": group, "version": version, "kind": object["kind"]});
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource,
            "name": object["metadata"]["name"], "namespace": object["metadata"]["namespace"],
            "operation": "CREATE", "userInfo": {"username": "jane", "groups": ["system:authenticated"]},
            "object": object, "oldObject": null, "dryRun": false, "options": null,
        },
    })
}

#[tokio::test]
async fn a_change_that_breaks_the_cluster_is_denied() {
    let webhook = Webhook::of_shop(&[]);
    let asked = review(&duplicate(), "ciliumnodes");
    let (status, answer) = webhook.post_json("/admission", &asked).await;
    assert_eq!(status, 200);
    assert_eq!(answer["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(answer["kind"], "AdmissionReview");
    assert_eq!(answer["response"]["uid"], asked["request"]["uid"]);
    assert_eq!(answer["response"]["allowed"], false);
    let message = answer["response"]["status"]["message"].as_str().unwrap();
    assert!(message.contains("route/duplicate-prefix"), "{message}");

    let (status, answer) = webhook
        .post_json("/admission", &review(&harmless(), "configmaps"))
        .await;
    assert_eq!(
        (status, &answer["response"]["allowed"]),
        (200, &json!(true))
    );
}

#[tokio::test]
async fn the_options_of_admission_are_those_of_the_command() {
    let webhook = Webhook::of_shop(&["--admission-mode", "warn"]);
    let asked = review(&duplicate(), "ciliumnodes");
    let (_, answer) = webhook.post_json("/admission", &asked).await;
    assert_eq!(answer["response"]["allowed"], true);
    let warnings = answer["response"]["warnings"].as_array().unwrap();
    assert!(!warnings.is_empty());
}

#[tokio::test]
async fn what_is_no_admission_review_is_refused() {
    let webhook = Webhook::of_shop(&[]);
    for body in [
        "",
        "{}",
        "[]",
        r#"{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview"}"#,
    ] {
        let (status, error) = webhook.post("/admission", body).await;
        assert_eq!(status, 400, "{body}");
        let error: Value = serde_json::from_str(&error).unwrap();
        assert_eq!(error["error"], "invalid-request");
    }
}
