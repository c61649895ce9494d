//! What people are told, in words that they can act on, and within the limits
//! of the API server.

use podroute::policy::{Finding, Review, Severity, Verdict};
use serde_json::json;

use crate::api_server::{admission, ask, asks, audit, service, warnings};
use crate::reviewer::{Says, finding, mode_changed, not_enabled, object, problem, review};

async fn told(review: Review) -> ::kube::core::admission::AdmissionResponse {
    let says = Says::this(Ok(review));
    ask(&admission(&[]), &says, &asks("CREATE", &service()))
        .await
        .unwrap()
}

fn error(rule: &str, message: &str) -> Finding {
    finding(rule, Severity::Error, message)
}

#[tokio::test]
async fn a_denial_says_what_happens_and_how_to_fix_it() {
    let response = told(review(Verdict::Deny, vec![not_enabled()])).await;

    assert!(!response.allowed);
    assert_eq!(
        response.result.message,
        "podroute: this change would break something:

enable-sctp is false, but SCTP is used by Service core/amf
  Effect: Cilium drops every SCTP packet
  Fix: set enable-sctp: \"true\" in ConfigMap cilium-config
  Where: ConfigMap kube-system/cilium-config data.enable-sctp, Service core/amf spec.ports[0].protocol
  Rule: sctp/not-enabled https://docs.cilium.io/en/stable/configuration/sctp/

More on a rule: podroute explain RULE"
    );
    assert_eq!(response.result.code, 403);
    assert_eq!(response.result.reason, "Forbidden");
    assert_eq!(
        serde_json::to_value(&response.result.details).unwrap(),
        json!({"causes": [{
            "reason": "sctp/not-enabled",
            "message": "enable-sctp is false, but SCTP is used by Service core/amf",
            "field": "data.enable-sctp",
        }]})
    );
    assert_eq!(audit(&response, "rules"), Some("sctp/not-enabled"));
}

#[tokio::test]
async fn several_errors_are_numbered_and_warnings_come_as_warnings() {
    let added = vec![
        error("a/one", "first"),
        error("b/two", "second"),
        mode_changed(),
        finding("c/three", Severity::Info, "for the curious"),
    ];
    let response = told(review(Verdict::Deny, added)).await;

    assert_eq!(
        response.result.message,
        "podroute: this change would break 2 things:

1. first
  Effect: packets are lost
  Fix: set it right
  Rule: a/one https://example.com/page

2. second
  Effect: packets are lost
  Fix: set it right
  Rule: b/two https://example.com/page

More on a rule: podroute explain RULE"
    );
    assert_eq!(
        warnings(&response),
        [
            "podroute: ipam/mode-changed: the mode is crd, but each of 3 CiliumNodes carries CIDRs; set it right"
        ]
    );
    assert_eq!(
        audit(&response, "rules"),
        Some("a/one, b/two, ipam/mode-changed")
    );
}

#[tokio::test]
async fn many_errors_fit_on_a_terminal_and_none_goes_unsaid() {
    let long = "x".repeat(5000);
    let added = (0..200)
        .map(|index| {
            let objects = (0..20).map(|node| object("Node", None, &format!("w{node}"), None));
            Finding {
                effect: long.clone(),
                objects: objects.collect(),
                ..error(&format!("a/rule-{}", index % 7), &long)
            }
        })
        .collect();
    let response = told(review(Verdict::Deny, added)).await;

    let message = &response.result.message;
    assert!(message.chars().count() < 3800, "{}", message.len());
    assert!(message.starts_with("podroute: this change would break 200 things:\n\n1. xxx"));
    assert!(message.contains("Where: Node w0, Node w1, Node w2 and 17 more\n"));
    let (_, rest) = message.split_once("\n\nand ").unwrap();
    let told = message.matches("\n  Rule: ").count();
    assert!(told >= 1);
    assert!(
        rest.starts_with(&format!("{} more: a/rule-{}, ", 200 - told, told % 7)),
        "{rest}"
    );
    assert!(message.lines().all(|line| line.chars().count() <= 620));
    assert_eq!(response.result.details.unwrap().causes.len(), 10);
    assert!(
        serde_json::to_string(&response.audit_annotations)
            .unwrap()
            .len()
            < 1000
    );
}

#[tokio::test]
async fn warnings_stay_within_the_limits_of_the_api_server() {
    let added: Vec<_> = (0..100)
        .map(|index| {
            let rule = format!("a/rule-{index}");
            finding(&rule, Severity::Warning, &"ü".repeat(400))
        })
        .collect();
    let response = told(review(Verdict::Warn, added)).await;

    let lengths: Vec<_> = warnings(&response)
        .iter()
        .map(|warning| warning.chars().count())
        .collect();
    // 3,072 characters are twelve of the longest.
    assert_eq!(lengths[..12], [256; 12]);
    assert_eq!(lengths.len(), 13);
    assert!(lengths.iter().sum::<usize>() <= 4096);
    let first = &warnings(&response)[0];
    assert!(first.starts_with("podroute: a/rule-0: üüü") && first.ends_with("ü..."));
    assert!(warnings(&response)[12].starts_with("podroute: 88 more are left out; "));
}

#[tokio::test]
async fn a_warning_is_one_line_without_control_characters() {
    let message = "two\nlines, a bell\u{7} and\ta tab";
    let added = vec![finding("a/b", Severity::Warning, message)];
    let response = told(review(Verdict::Warn, added)).await;
    assert_eq!(
        warnings(&response),
        ["podroute: a/b: two lines, a bell  and a tab; set it right"]
    );
}

#[tokio::test]
async fn what_was_not_judged_or_read_is_said() {
    let pool = object("CiliumPodIPPool", None, "default", Some("spec.ipv4"));
    let response = told(Review {
        undecided: vec!["`ipam: x` is no IPAM mode".to_owned()],
        problems: vec![
            problem(Severity::Error, None, "a Service without metadata.name"),
            problem(Severity::Warning, Some(pool), "not a list"),
        ],
        ..review(Verdict::Warn, vec![])
    })
    .await;
    assert!(response.allowed);
    assert_eq!(
        warnings(&response),
        [
            "podroute: routes can no longer be told: `ipam: x` is no IPAM mode",
            "podroute has not looked at this: a Service without metadata.name",
            "podroute: CiliumPodIPPool default spec.ipv4: not a list",
        ]
    );
    assert_eq!(audit(&response, "verdict"), Some("warn"));
    assert_eq!(audit(&response, "rules"), None);
}

#[tokio::test]
async fn a_denial_without_an_error_is_a_denial() {
    let response = told(review(Verdict::Deny, vec![])).await;
    assert!(!response.allowed);
    assert_eq!(
        response.result.message,
        "podroute: the policy denies this change and names no error"
    );
}

/// The API server makes `services.podroute.dev/verdict` of `verdict`, and
/// drops a key that has a slash of its own.
#[tokio::test]
async fn the_audit_log_takes_every_key() {
    for says in [Says::allow(), Says::warn(), Says::deny()] {
        let admission = admission(&["--admission-mode", "warn"]);
        let response = ask(&admission, &says, &asks("CREATE", &service()))
            .await
            .unwrap();
        assert!(!response.audit_annotations.is_empty());
        for key in response.audit_annotations.keys() {
            assert!(key.chars().all(|c| c.is_ascii_lowercase()), "{key}");
        }
    }
}
