//! Bodies that no API server sends: each is answered or refused.

use podroute::admission::Refused;
use podroute::policy::Change;
use serde_json::{Value, json};

use crate::api_server::{admission, asks, node, response, service};
use crate::reviewer::Says;

async fn answer(body: &[u8]) -> (Result<Vec<u8>, Refused>, Says) {
    let says = Says::allow();
    let answer = admission(&[]).answer(body, &says).await;
    (answer, says)
}

/// Refuses a body without asking the policy, and says why.
async fn refused(body: &[u8]) -> String {
    let (answer, says) = answer(body).await;
    let refused = answer.unwrap_err();
    assert_eq!(refused.code(), 400, "{refused}");
    assert_eq!(says.asked(), Vec::<Vec<Change>>::new());
    refused.to_string()
}

fn with(field: &str, value: Value) -> Vec<u8> {
    let mut review = asks("CREATE", &service());
    review["request"][field] = value;
    review.to_string().into_bytes()
}

fn without(field: &str) -> Vec<u8> {
    let mut review = asks("CREATE", &service());
    review["request"].as_object_mut().unwrap().remove(field);
    review.to_string().into_bytes()
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    for body in [
        &b""[..],
        b" ",
        b"{",
        b"null",
        b"42",
        b"[]",
        b"\xff\xfe",
        b"<html></html>",
        b"\x1f\x8b\x08",
    ] {
        let why = refused(body).await;
        assert!(why.starts_with("this is no AdmissionReview: "), "{why}");
        assert!(why.contains("look at clientConfig"), "{why}");
    }
}

#[tokio::test]
async fn every_beginning_of_a_review_is_refused() {
    let whole = asks("CREATE", &service()).to_string();
    for end in 0..whole.len() {
        refused(&whole.as_bytes()[..end]).await;
    }
    assert!(answer(whole.as_bytes()).await.0.is_ok());
    let twice = format!("{whole}{whole}");
    assert!(refused(twice.as_bytes()).await.contains("trailing"));
}

#[tokio::test]
async fn invalid_utf_8_is_refused_wherever_it_is() {
    for text in ["amf", "core", "jane@example.com"] {
        let review = asks("CREATE", &service()).to_string();
        let at = review.find(text).unwrap();
        let mut body = review.into_bytes();
        body[at] = 0xff;
        refused(&body).await;
    }
}

#[tokio::test]
async fn other_versions_and_kinds_are_refused_in_words() {
    for (api_version, kind) in [
        ("admission.k8s.io/v1beta1", "AdmissionReview"),
        ("admission.k8s.io/v2", "AdmissionReview"),
        ("admission.k8s.io/v1", "ConversionReview"),
        ("v1", "Service"),
    ] {
        let mut review = asks("CREATE", &service());
        review["apiVersion"] = json!(api_version);
        review["kind"] = json!(kind);
        assert_eq!(
            refused(review.to_string().as_bytes()).await,
            format!(
                "{kind} of {api_version} is not answered, only AdmissionReview of admission.k8s.io/v1; set admissionReviewVersions: [v1] in the ValidatingWebhookConfiguration"
            )
        );
    }
    assert!(
        refused(b"{}")
            .await
            .starts_with("(none) of (none) is not answered")
    );
    let long = json!({"apiVersion": "x".repeat(1 << 20), "kind": "\n"});
    assert!(refused(long.to_string().as_bytes()).await.len() < 500);
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_refused() {
    for request in [Value::Null, json!([]), json!("x"), json!({})] {
        let mut review = asks("CREATE", &service());
        review["request"] = request;
        refused(review.to_string().as_bytes()).await;
    }
    for field in ["uid", "kind", "operation"] {
        let why = refused(&without(field)).await;
        assert!(why.contains(&format!("missing field `{field}`")), "{why}");
    }
    refused(&with("operation", json!("PATCH"))).await;
    refused(&with("userInfo", json!("jane"))).await;
    refused(&with("dryRun", json!("yes"))).await;
    refused(&with("kind", json!("Service"))).await;
}

#[tokio::test]
async fn what_may_be_missing_or_null_may_be() {
    for field in ["userInfo", "oldObject", "dryRun", "options", "namespace"] {
        let (answer, says) = answer(&without(field)).await;
        assert!(response(&answer.unwrap()).allowed, "{field}");
        assert_eq!(says.asked().len(), 1, "{field}");
    }
    let nobody = json!({"username": null, "groups": null});
    assert!(answer(&with("userInfo", nobody)).await.0.is_ok());
}

#[tokio::test]
async fn a_change_without_an_object_is_refused() {
    for object in [Value::Null, json!([service()]), json!("x"), json!(1)] {
        for operation in ["CREATE", "UPDATE"] {
            let mut review = asks(operation, &service());
            review["request"]["object"] = object.clone();
            let why = refused(review.to_string().as_bytes()).await;
            let expected = format!("{operation} without an object");
            assert!(why.contains(&expected), "{why}");
        }
    }
}

#[tokio::test]
async fn fields_that_come_twice_are_refused() {
    let review = asks("CREATE", &service()).to_string();
    for (field, again) in [
        ("\"request\":", "\"request\":null,"),
        ("\"uid\":", "\"uid\":\"x\","),
        ("\"object\":", "\"object\":{},"),
        ("\"operation\":", "\"operation\":\"DELETE\","),
    ] {
        let twice = review.replacen(field, &format!("{again}{field}"), 1);
        let why = refused(twice.as_bytes()).await;
        assert!(why.contains("duplicate field"), "{why}");
    }
}

#[tokio::test]
async fn a_deep_object_is_passed_on_as_it_is() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for closed in [true, false] {
        let deep = if closed {
            deep.as_str()
        } else {
            &deep[..100_000]
        };
        let object = format!(r#"{{"kind":"Service","spec":{deep}}}"#);
        let body = String::from_utf8(with("object", json!("HERE"))).unwrap();
        let body = body.replace("\"HERE\"", &object);
        let (answer, says) = answer(body.as_bytes()).await;
        assert_eq!(answer.is_ok(), closed);
        let asked = says.asked();
        let put: Vec<_> = asked.iter().flatten().collect();
        assert_eq!(put == [&Change::Put(object)], closed);
    }
    // Deep, and where nothing is expected to be.
    for field in ["options", "oldObject", "extra"] {
        let body = String::from_utf8(with(field, json!("HERE"))).unwrap();
        let (answer, _) = answer(body.replace("\"HERE\"", &deep).as_bytes()).await;
        assert!(answer.is_ok(), "{field}");
    }
    let review = asks("DELETE", &service()).to_string();
    let old = r#""oldObject":{"#;
    let review = review.replace(old, &format!("{old}\"spec2\":{deep},"));
    assert!(answer(review.as_bytes()).await.0.is_ok());
}

#[tokio::test]
async fn a_large_object_is_passed_on_as_it_is() {
    let mut node = node();
    node["metadata"]["annotations"] = json!({"large": "\\\"x".repeat(5 << 18)});
    let text = node.to_string();
    assert!(text.len() > 5 << 20);

    let (answer, says) = answer(asks("CREATE", &node).to_string().as_bytes()).await;

    assert!(response(&answer.unwrap()).allowed);
    assert_eq!(says.asked(), vec![vec![Change::Put(text)]]);
}
