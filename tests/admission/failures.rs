//! What becomes of a change that nothing can be said about.

use std::time::Duration;

use podroute::admission::Refused;
use podroute::engines::reviewer::Unanswered;

use crate::api_server::{admission, ask, asks, audit, by, service, warnings};
use crate::reviewer::Says;

const WHY: &str = "Node: not listed yet";
const WARNING: &str = "podroute has not looked at this: Node: not listed yet";

fn not_yet() -> Says {
    Says::this(Err(Unanswered::NotYet(WHY.to_owned())))
}

fn failed() -> Says {
    Says::this(Err(Unanswered::Failed("out of memory".to_owned())))
}

#[tokio::test]
async fn by_default_the_request_fails_and_the_failure_policy_decides() {
    let review = asks("CREATE", &service());
    let admission = admission(&[]);

    let refused = ask(&admission, &not_yet(), &review).await.unwrap_err();
    assert_eq!(refused, Refused::NotYet(WHY.to_owned()));
    assert_eq!((refused.code(), refused.to_string()), (503, WHY.to_owned()));

    let refused = ask(&admission, &failed(), &review).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string()),
        (500, "out of memory".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_review_that_takes_too_long_is_a_failure() {
    let review = asks("CREATE", &service());
    let seconds = Duration::from_secs;

    let slow = Says::allow().slowly(seconds(5));
    let refused = ask(&admission(&[]), &slow, &review).await.unwrap_err();
    assert_eq!(refused, Refused::Late(seconds(4)));
    assert_eq!(refused.code(), 504);
    assert!(refused.to_string().starts_with("no verdict within 4 s; "));

    let patient = admission(&["--admission-deadline", "9"]);
    assert!(ask(&patient, &slow, &review).await.unwrap().allowed);
}

#[tokio::test]
async fn what_is_allowed_unseen_says_so() {
    let admission = admission(&["--admission-on-failure", "allow"]);
    let response = ask(&admission, &not_yet(), &asks("CREATE", &service()))
        .await
        .unwrap();
    assert!(response.allowed);
    assert_eq!(warnings(&response), [WARNING]);
    assert_eq!(audit(&response, "verdict"), Some("not-reviewed"));
    assert_eq!(audit(&response, "reason"), Some(WHY));
    assert_eq!(audit(&response, "exempt"), None);
}

#[tokio::test]
async fn what_is_denied_unseen_says_so() {
    let admission = admission(&["--admission-on-failure", "deny"]);
    let response = ask(&admission, &not_yet(), &asks("CREATE", &service()))
        .await
        .unwrap();
    assert!(!response.allowed);
    // Somebody may try again: it is not the change that is wrong.
    assert_eq!(response.result.code, 503);
    assert_eq!(response.result.reason, "ServiceUnavailable");
    assert_eq!(
        response.result.message,
        "podroute could not look at this change, and is set to deny what it could not look at: Node: not listed yet; try again"
    );
    assert_eq!(audit(&response, "verdict"), Some("not-reviewed"));
}

#[tokio::test]
async fn who_is_never_denied_is_not_denied_by_a_failure_either() {
    let review = asks("CREATE", &service());
    let kubelet = by(review.clone(), "system:node:w1", &["system:nodes"]);
    for on_failure in ["fail", "allow", "deny"] {
        for (mode, review, why) in [
            ("enforce", &kubelet, "group system:nodes"),
            ("warn", &review, "mode warn"),
        ] {
            let admission = admission(&[
                "--admission-mode",
                mode,
                "--admission-on-failure",
                on_failure,
            ]);
            let response = ask(&admission, &failed(), review).await.unwrap();
            assert!(response.allowed, "{on_failure} {mode}");
            assert_eq!(
                warnings(&response),
                ["podroute has not looked at this: out of memory"]
            );
            assert_eq!(audit(&response, "verdict"), Some("not-reviewed"));
            assert_eq!(audit(&response, "exempt"), Some(why));
        }
    }
}

#[tokio::test]
async fn what_is_not_looked_at_anyway_needs_no_policy() {
    let mut review = asks("UPDATE", &service());
    review["request"]["subResource"] = "scale".into();
    let response = ask(&admission(&[]), &failed(), &review).await.unwrap();
    assert!(response.allowed);
}
