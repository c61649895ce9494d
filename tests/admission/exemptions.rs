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

fn accepting(text: &str) -> Value {
    let mut service = service();
    service["metadata"]["annotations"] = json!({"podroute.dev/ignore": text});
    service
}

const UNACCEPTED: &str = "the annotation podroute.dev/ignore accepts findings, and only members of these groups may set it: system:masters, kubeadm:cluster-admins; leave it out, or have one of them set it (podroute webhook --accepting-group)";

#[tokio::test]
async fn who_writes_an_object_cannot_accept_what_it_brings_about() {
    let says = Says::allow();
    let created = asks("CREATE", &accepting("sctp/*: fine"));
    let response = ask(&admission(&[]), &says, &created).await.unwrap();
    assert!(!response.allowed);
    assert_eq!(response.result.code, 403);
    assert_eq!(response.result.message, format!("podroute: {UNACCEPTED}"));
    assert_eq!(audit(&response, "verdict"), Some("deny"));
    assert_eq!(audit(&response, "reason"), Some(UNACCEPTED));

    // Who may: the groups that are named, or everybody.
    let admin = by(created.clone(), "admin", &["system:masters"]);
    let everybody: &[&str] = &["--accepting-group", "*"];
    let platform: &[&str] = &["--accepting-group", "platform"];
    for (arguments, review) in [
        (&[][..], &admin),
        (everybody, &created),
        (platform, &created),
    ] {
        let response = ask(&admission(arguments), &says, review).await.unwrap();
        assert!(response.allowed, "{arguments:?}");
    }
    let nobody = admission(&["--accepting-group", ""]);
    assert!(!ask(&nobody, &says, &admin).await.unwrap().allowed);
}

#[tokio::test]
async fn what_was_accepted_before_stays_accepted_until_it_changes() {
    let says = Says::allow();
    for (before, after, allowed) in [
        (accepting("a/b: c"), accepting("a/b: c"), true),
        (accepting("a/b: c"), service(), true),
        (accepting("a/b: c"), accepting("a/*: c"), false),
        (service(), accepting("a/b: c"), false),
        (Value::Null, accepting("a/b: c"), false),
    ] {
        let mut review = asks("UPDATE", &after);
        review["request"]["oldObject"] = before;
        let response = ask(&admission(&[]), &says, &review).await.unwrap();
        assert_eq!(response.allowed, allowed, "{review}");
    }
    // Whoever deletes an object accepts nothing.
    let deleted = asks("DELETE", &accepting("a/b: c"));
    assert!(ask(&admission(&[]), &says, &deleted).await.unwrap().allowed);
}

#[tokio::test]
async fn who_is_exempt_is_told_that_they_accept_findings() {
    let says = Says::warn();
    let review = asks("CREATE", &accepting("a/b: c"));
    let warn = admission(&["--admission-mode", "warn"]);
    let response = ask(&warn, &says, &review).await.unwrap();
    assert!(response.allowed);
    let told = warnings(&response);
    assert!(
        told[0].starts_with("podroute would deny this: the annotation podroute.dev/ignore accepts")
    );
    assert!(told[1].starts_with("podroute: ipam/mode-changed: "));
    assert_eq!(says.asked().len(), 1);
}
