//! Which change each request is about, and which requests are about none.

use podroute::admission::Refused;
use podroute::policy::{Change, ObjectKey};
use serde_json::{Value, json};

use crate::api_server::{admission, ask, asks, audit, node, service, warnings};
use crate::reviewer::Says;

fn put(object: &Value) -> Vec<Vec<Change>> {
    vec![vec![Change::Put(object.to_string())]]
}

fn delete(kind: &str, namespace: Option<&str>, name: &str) -> Vec<Vec<Change>> {
    vec![vec![Change::Delete(ObjectKey {
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    })]]
}

/// Asks, has it allowed without a word, and returns what was reviewed.
async fn reviewed(review: &Value) -> Vec<Vec<Change>> {
    let says = Says::allow();
    let response = ask(&admission(&[]), &says, review).await.unwrap();
    assert!(response.allowed);
    assert!(warnings(&response).is_empty());
    assert_eq!(audit(&response, "verdict"), Some("allow"));
    assert_eq!(response.audit_annotations.len(), 1);
    says.asked()
}

/// Asks about what is not to be looked at, and returns what the audit log has.
async fn passed_by(review: &Value) -> String {
    let says = Says::deny();
    let response = ask(&admission(&[]), &says, review).await.unwrap();
    assert!(response.allowed);
    assert!(warnings(&response).is_empty());
    assert_eq!(says.asked(), Vec::<Vec<Change>>::new());
    assert_eq!(audit(&response, "verdict"), Some("not-reviewed"));
    audit(&response, "reason").unwrap().to_owned()
}

#[tokio::test]
async fn what_is_created_or_updated_is_put() {
    for operation in ["CREATE", "UPDATE"] {
        assert_eq!(
            reviewed(&asks(operation, &service())).await,
            put(&service())
        );
        assert_eq!(reviewed(&asks(operation, &node())).await, put(&node()));
    }
}

#[tokio::test]
async fn the_object_reaches_the_policy_as_it_was_written() {
    // Numbers, escapes, order and spaces that a parser would change.
    let object = r#"{ "kind":"Service" ,"z":1.0,"a":12345678901234567890123,"n":"caf\u00e9","apiVersion":"v1","metadata":{"name":"amf","namespace":"core"}}"#;
    let mut review = asks("CREATE", &service());
    review["request"]["object"] = json!("HERE");
    let body = review.to_string().replace("\"HERE\"", object);
    let says = Says::allow();

    admission(&[]).answer(body.as_bytes(), &says).await.unwrap();

    assert_eq!(says.asked(), vec![vec![Change::Put(object.to_owned())]]);
}

#[tokio::test]
async fn what_is_deleted_is_deleted_by_its_name() {
    let amf = delete("Service", Some("core"), "amf");
    let mut review = asks("DELETE", &service());
    assert_eq!(reviewed(&review).await, amf);

    // Old servers leave the object out, and some the name.
    review["request"]["oldObject"] = Value::Null;
    assert_eq!(reviewed(&review).await, amf);
    let mut review = asks("DELETE", &service());
    review["request"]["name"] = json!("");
    review["request"]
        .as_object_mut()
        .unwrap()
        .remove("namespace");
    assert_eq!(reviewed(&review).await, amf);

    let review = asks("DELETE", &node());
    assert_eq!(reviewed(&review).await, delete("Node", None, "w1"));
}

#[tokio::test]
async fn of_a_collection_each_object_is_known_by_itself() {
    let config_map = |name: &str| {
        let mut review = asks(
            "DELETE",
            &json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"namespace": "kube-system", "name": name},
            }),
        );
        review["request"]["name"] = json!("");
        review
    };
    assert_eq!(
        reviewed(&config_map("cilium-config")).await,
        delete("ConfigMap", Some("kube-system"), "cilium-config")
    );
    assert_eq!(
        passed_by(&config_map("kube-root-ca.crt")).await,
        "podroute reads no such objects"
    );
}

#[tokio::test]
async fn a_delete_of_nothing_in_particular_is_refused() {
    let mut review = asks("DELETE", &service());
    review["request"]["name"] = json!("");
    review["request"]["oldObject"] = Value::Null;
    let refused = ask(&admission(&[]), &Says::allow(), &review).await;
    assert!(
        matches!(&refused, Err(Refused::Malformed(why)) if why == "DELETE without the name of an object"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_status_comes_with_its_object_and_is_put() {
    for object in [node(), service()] {
        let mut review = asks("UPDATE", &object);
        review["request"]["subResource"] = json!("status");
        assert_eq!(reviewed(&review).await, put(&object));
    }
}

#[tokio::test]
async fn other_subresources_are_passed_by() {
    for (operation, subresource) in [
        ("UPDATE", "scale"),
        ("CREATE", "proxy"),
        ("CREATE", "eviction"),
        ("CONNECT", "exec"),
    ] {
        let mut review = asks(operation, &node());
        review["request"]["subResource"] = json!(subresource);
        assert_eq!(
            passed_by(&review).await,
            "podroute does not read this subresource"
        );
    }
    assert_eq!(
        passed_by(&asks("CONNECT", &node())).await,
        "nothing is changed"
    );
}

#[tokio::test]
async fn objects_that_podroute_does_not_read_are_passed_by() {
    for (api_version, kind, name) in [
        ("v1", "Secret", "amf"),
        // Only those that it knows by name.
        ("v1", "ConfigMap", "kube-root-ca.crt"),
        // A kind of the same name, from somebody else.
        ("networking.istio.io/v1", "Gateway", "edge"),
        ("serving.knative.dev/v1", "Service", "amf"),
    ] {
        let object = json!({
            "apiVersion": api_version, "kind": kind,
            "metadata": {"namespace": "core", "name": name},
        });
        for operation in ["CREATE", "UPDATE", "DELETE"] {
            assert_eq!(
                passed_by(&asks(operation, &object)).await,
                "podroute reads no such objects",
                "{operation} {kind}"
            );
        }
    }
}

#[tokio::test]
async fn of_both_kinds_of_gateways_each_is_read() {
    for api_version in [
        "gateway.networking.k8s.io/v1",
        "networking.x-k8s.io/v1alpha1",
    ] {
        let gateway = json!({
            "apiVersion": api_version, "kind": "Gateway",
            "metadata": {"namespace": "core", "name": "n2"},
        });
        assert_eq!(reviewed(&asks("CREATE", &gateway)).await, put(&gateway));
    }
}

#[tokio::test]
async fn a_dry_run_gets_the_same_verdict() {
    for says in [Says::allow, Says::warn, Says::deny] {
        let real = asks("CREATE", &service());
        let mut dry = real.clone();
        dry["request"]["dryRun"] = json!(true);
        let admission = admission(&[]);
        let real = ask(&admission, &says(), &real).await.unwrap();
        let dry = ask(&admission, &says(), &dry).await.unwrap();
        assert_eq!(real, dry);
    }
}
