//! Whose changes are never denied, and the mode in which nobody's are.

use serde_json::{Value, json};

use crate::api_server::{admission, ask, asks, audit, by, service, warnings};
use crate::reviewer::Says;

const WARNING: &str = "podroute would deny this: sctp/not-enabled: enable-sctp is false, but SCTP is used by Service core/amf; set enable-sctp: \"true\" in ConfigMap cilium-config";

/// Asks about a change that is an error. None when it is denied, else why not.
async fn spared(arguments: &[&str], review: &Value) -> Option<String> {
    let says = Says::deny();
    let response = ask(&admission(arguments), &says, review).await.unwrap();
    // It is looked at either way, and the audit log has the true verdict.
    assert_eq!(says.asked().len(), 1);
    assert_eq!(audit(&response, "verdict"), Some("deny"));
    assert_eq!(audit(&response, "rules"), Some("sctp/not-enabled"));
    if response.allowed {
        assert_eq!(warnings(&response), [WARNING]);
        Some(audit(&response, "exempt").unwrap().to_owned())
    } else {
        assert!(warnings(&response).is_empty());
        assert_eq!(audit(&response, "exempt"), None);
        None
    }
}

#[tokio::test]
async fn nobodys_changes_are_denied_in_mode_warn() {
    let review = asks("CREATE", &service());
    assert_eq!(spared(&[], &review).await, None);
    assert_eq!(
        spared(&["--admission-mode", "warn"], &review).await,
        Some("mode warn".to_owned())
    );
}

#[tokio::test]
async fn who_only_reports_what_is_so_is_not_denied() {
    let review = asks("UPDATE", &service());
    let kubelet = by(
        review.clone(),
        "system:node:w1",
        &["system:nodes", "system:authenticated"],
    );
    assert_eq!(spared(&[], &kubelet).await.unwrap(), "group system:nodes");
    let operator = by(
        review.clone(),
        "system:serviceaccount:kube-system:cilium-operator",
        &[
            "system:serviceaccounts",
            "system:serviceaccounts:kube-system",
        ],
    );
    assert_eq!(
        spared(&[], &operator).await.unwrap(),
        "group system:serviceaccounts:kube-system"
    );
    for user in [
        "system:kube-controller-manager",
        "system:apiserver",
        "system:serviceaccount:calico-system:calico-node",
    ] {
        let review = by(review.clone(), user, &["system:authenticated"]);
        assert_eq!(spared(&[], &review).await, Some(format!("user {user}")));
    }
    // It writes what people have asked it for.
    let calico = by(
        review,
        "system:serviceaccount:calico-system:calico-apiserver",
        &["system:serviceaccounts:calico-system"],
    );
    assert_eq!(spared(&[], &calico).await, None);
}

#[tokio::test]
async fn the_operator_chooses_who_is_exempt() {
    let review = asks("CREATE", &service());
    for (arguments, why) in [
        (
            ["--exempt-user", "jane@example.com"],
            "user jane@example.com",
        ),
        (["--exempt-group", "sre,platform"], "group platform"),
        (["--exempt-namespace", "default,core"], "namespace core"),
    ] {
        assert_eq!(spared(&arguments, &review).await.unwrap(), why);
    }
    // In place of the default.
    let kubelet = by(review, "system:node:w1", &["system:nodes"]);
    assert_eq!(
        spared(&["--exempt-group", "platform"], &kubelet).await,
        None
    );
    assert_eq!(spared(&["--exempt-group", ""], &kubelet).await, None);
}

#[tokio::test]
async fn similar_names_and_empty_ones_exempt_nobody() {
    let review = asks("CREATE", &service());
    for arguments in [
        ["--exempt-user", "jane"],
        ["--exempt-group", "plat"],
        ["--exempt-namespace", "cor"],
        ["--exempt-namespace", "core-2"],
    ] {
        assert_eq!(spared(&arguments, &review).await, None, "{arguments:?}");
    }
    let nobody = by(review, "", &[""]);
    for option in ["--exempt-user", "--exempt-group", "--exempt-namespace"] {
        assert_eq!(spared(&[option, ""], &nobody).await, None, "{option}");
    }
}

#[tokio::test]
async fn who_writes_an_object_cannot_exempt_it() {
    let mut service = service();
    service["metadata"]["annotations"] = json!({
        "podroute.dev/exempt": "true",
        "podroute.dev/admission": "ignore",
    });
    service["metadata"]["labels"] = json!({"podroute.dev/exempt": "true"});
    assert_eq!(spared(&[], &asks("CREATE", &service)).await, None);
}
