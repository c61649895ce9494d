//! `/v1/review`: with objects, and about the cluster that the server has.

use podroute::Policy;
use serde_json::{Value, json};

use crate::program::Webhook;
use crate::shop::{self, added, delete, duplicate, harmless, put};

#[tokio::test]
async fn changes_are_reviewed_in_the_cluster_of_the_server() {
    let webhook = Webhook::of_shop(&[]);
    let (status, text) = webhook
        .post(
            "/v1/review",
            json!({"changes": [{"put": duplicate()}]}).to_string(),
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(text, shop::review(&[put(&duplicate())]));
    let review: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(review["verdict"], "deny");
    assert!(
        added(&review).contains(&"route/duplicate-prefix"),
        "{review}"
    );

    // The cluster is as it was.
    let changes = json!({"changes": []});
    let nothing = json!({
        "schema": "podroute.review/v1", "verdict": "allow",
        "added": [], "fixed": [], "undecided": [], "problems": [],
    });
    assert_eq!(
        webhook.post_json("/v1/review", &changes).await,
        (200, nothing.clone())
    );
    let changes = json!({"changes": [{"put": harmless()}]});
    assert_eq!(
        webhook.post_json("/v1/review", &changes).await,
        (200, nothing)
    );
}

#[tokio::test]
async fn several_changes_are_reviewed_as_one() {
    let webhook = Webhook::of_shop(&[]);
    // The one that has the prefix goes: nobody is left to quarrel with.
    let changes = json!({"changes": [
        {"put": duplicate()},
        {"delete": {"kind": "CiliumNode", "name": "shop-control-1"}},
        {"delete": {"kind": "Node", "namespace": null, "name": "shop-control-1"}},
    ]});
    let (status, text) = webhook.post("/v1/review", changes.to_string()).await;
    assert_eq!(status, 200);
    let both = [
        put(&duplicate()),
        delete("CiliumNode", "shop-control-1"),
        delete("Node", "shop-control-1"),
    ];
    assert_eq!(text, shop::review(&both));
    let review: Value = serde_json::from_str(&text).unwrap();
    assert!(
        !added(&review).contains(&"route/duplicate-prefix"),
        "{review}"
    );
}

#[tokio::test]
async fn changes_are_reviewed_among_objects_of_the_request() {
    let webhook = Webhook::of_shop(&[]);
    let objects = shop::snapshot().documents;
    let objects: Vec<Value> = objects
        .iter()
        .map(|object| serde_json::from_str(object).unwrap())
        .collect();
    let request = json!({"objects": objects, "changes": [{"put": duplicate()}]}).to_string();
    let expected = Policy::built_in().unwrap().review_json(&request).unwrap();
    assert_eq!(webhook.post("/v1/review", request).await, (200, expected));

    // And not among those of the server.
    let request = json!({"objects": [], "changes": [{"put": duplicate()}]}).to_string();
    let expected = Policy::built_in().unwrap().review_json(&request).unwrap();
    assert!(!expected.contains("route/duplicate-prefix"), "{expected}");
    assert_eq!(webhook.post("/v1/review", request).await, (200, expected));
}

#[tokio::test]
async fn what_is_no_review_request_is_refused_with_a_reason() {
    let webhook = Webhook::of_shop(&[]);
    let not_both = "`settings` without `objects`: a review of the server's own cluster has the settings that podroute was started with; leave `settings` out, or give `objects` too";
    for (body, message) in [
        (r#"{"changes": [], "settings": {}}"#, not_both),
        (r#"{"changes": [], "settings": null}"#, not_both),
        (
            r#"{"changes": [{"move": {}}]}"#,
            "`changes`: unknown variant `move`, expected `put` or `delete` at line 1 column 8",
        ),
        (
            r#"{"changes": [{"delete": {"kind": "Node"}}]}"#,
            "`changes`: missing field `name` at line 1 column 28",
        ),
        (
            r#"{"changes": [{"put": {}, "delete": {}}]}"#,
            "`changes`: expected value at line 1 column 11",
        ),
        (
            r#"{"changes": 1}"#,
            "`changes`: invalid type: integer `1`, expected a sequence at line 1 column 1",
        ),
        // The component's words.
        (
            r#"{"objects": null, "changes": []}"#,
            "invalid type: null, expected a sequence at line 1 column 16",
        ),
        (
            r#"{"object": []}"#,
            "unknown field `object`, expected one of `objects`, `settings`, `changes` at line 1 column 9",
        ),
        (
            "[]",
            "invalid length 0, expected struct ReviewRequest with 3 elements at line 1 column 2",
        ),
    ] {
        let (status, text) = webhook.post("/v1/review", body).await;
        assert_eq!(status, 400, "{body}");
        let error: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            error,
            json!({"error": "invalid-request", "message": message}),
            "{body}"
        );
    }
}

/// An object that cannot be read is told of in the review.
#[tokio::test]
async fn an_object_that_cannot_be_used_is_a_problem_of_the_review() {
    let webhook = Webhook::of_shop(&[]);
    let broken = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1"}, "spec": {"podCIDRs": 7},
    });
    let changes = json!({"changes": [{"put": broken}]}).to_string();
    let (status, text) = webhook.post("/v1/review", changes).await;
    assert_eq!((status, &text), (200, &shop::review(&[put(&broken)])));
    let review: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(review["verdict"], "warn");
    assert_eq!(review["problems"][0]["object"]["name"], "w1");
}
