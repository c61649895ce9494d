//! `/gatekeeper`: a provider of external data, as Gatekeeper 3.x asks one.

use serde_json::{Value, json};

use crate::program::Webhook;
use crate::shop::{self, delete, duplicate, harmless, put};

fn asks(keys: &[String]) -> Value {
    json!({
        "apiVersion": "externaldata.gatekeeper.sh/v1beta1",
        "kind": "ProviderRequest",
        "request": {"keys": keys},
    })
}

fn parsed(review: &str) -> Value {
    serde_json::from_str(review).unwrap()
}

#[tokio::test]
async fn each_key_is_a_change_of_its_own() {
    let webhook = Webhook::of_shop(&[]);
    let node = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "shop-worker-1"},
    });
    let denied = parsed(&shop::review(&[put(&duplicate())]));
    let allowed = parsed(&shop::review(&[]));
    assert_eq!(
        (&denied["verdict"], &allowed["verdict"]),
        (&json!("deny"), &json!("allow"))
    );
    let deleted = parsed(&shop::review(&[delete("Node", "shop-worker-1")]));
    assert_ne!(deleted, allowed);
    let cases = [
        (
            json!({"operation": "CREATE", "object": harmless()}),
            &allowed,
        ),
        (
            json!({"operation": "UPDATE", "object": duplicate(), "oldObject": harmless()}),
            &denied,
        ),
        (json!({"operation": "DELETE", "oldObject": node}), &deleted),
        // Gatekeeper has the old object in both places.
        (
            json!({"operation": "DELETE", "object": node, "oldObject": node}),
            &deleted,
        ),
        // Its audit knows of no operation.
        (json!({"object": duplicate()}), &denied),
        (json!({"operation": "", "object": duplicate()}), &denied),
        // `input.review` as it is.
        (
            json!({
                "uid": "1", "kind": {"group": "cilium.io", "version": "v2", "kind": "CiliumNode"},
                "operation": "UPDATE", "userInfo": {"username": "eve"}, "dryRun": true,
                "object": duplicate(), "oldObject": null, "options": null,
            }),
            &denied,
        ),
        // An object by itself.
        (duplicate(), &denied),
    ];
    let keys: Vec<String> = cases.iter().map(|(key, _)| key.to_string()).collect();
    let (status, answer) = webhook.post_json("/gatekeeper", &asks(&keys)).await;
    assert_eq!(status, 200);
    let items: Vec<Value> = cases
        .iter()
        .map(|(key, review)| json!({"key": key.to_string(), "value": review}))
        .collect();
    assert_eq!(
        answer,
        json!({
            "apiVersion": "externaldata.gatekeeper.sh/v1beta1",
            "kind": "ProviderResponse",
            "response": {"idempotent": true, "items": items},
        })
    );
}

#[tokio::test]
async fn a_key_that_cannot_be_understood_has_an_error_and_the_others_have_values() {
    let webhook = Webhook::of_shop(&[]);
    let cases = [
        (
            "",
            "the key is not a JSON object: EOF while parsing a value at line 1 column 0",
        ),
        ("{}", "the key has no `object`"),
        (
            r#"{"operation": "UPDATE", "object": null}"#,
            "the key has no `object`",
        ),
        (
            r#"{"operation": "DELETE"}"#,
            "the key has no `oldObject`, which a DELETE needs",
        ),
        (
            r#"{"operation": "DELETE", "oldObject": {"kind": "Node"}}"#,
            "the object does not say which it is: missing field `metadata` at line 1 column 16",
        ),
        (
            r#"{"operation": "CONNECT", "object": {}}"#,
            "the operation \"CONNECT\" is none of CREATE, UPDATE and DELETE",
        ),
    ];
    let mut keys: Vec<String> = cases.iter().map(|(key, _)| (*key).to_owned()).collect();
    keys.push(harmless().to_string());
    let (status, answer) = webhook.post_json("/gatekeeper", &asks(&keys)).await;
    assert_eq!(status, 200);
    let mut items: Vec<Value> = cases
        .iter()
        .map(|(key, error)| json!({"key": key, "error": error}))
        .collect();
    let allowed = parsed(&shop::review(&[]));
    items.push(json!({"key": harmless().to_string(), "value": allowed}));
    assert_eq!(
        answer["response"],
        json!({"idempotent": true, "items": items})
    );
}

#[tokio::test]
async fn no_keys_are_no_items_and_other_requests_are_refused() {
    let webhook = Webhook::of_shop(&[]);
    let (status, answer) = webhook.post_json("/gatekeeper", &asks(&[])).await;
    assert_eq!(status, 200);
    assert_eq!(answer["response"], json!({"idempotent": true, "items": []}));

    let mut other = asks(&[]);
    other["apiVersion"] = json!("externaldata.gatekeeper.sh/v1alpha1");
    let message = "this takes a ProviderRequest of externaldata.gatekeeper.sh/v1beta1, not a ProviderRequest of externaldata.gatekeeper.sh/v1alpha1";
    assert_eq!(
        webhook.post_json("/gatekeeper", &other).await,
        (400, json!({"error": "invalid-request", "message": message}))
    );
    let (status, _) = webhook.post("/gatekeeper", r#"{"keys": []}"#).await;
    assert_eq!(status, 400);
}
