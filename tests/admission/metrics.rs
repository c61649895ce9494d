//! What is counted.

use podroute::engines::reviewer::Unanswered;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};

use crate::api_server::{admission, ask, asks, by, service};
use crate::reviewer::Says;

#[tokio::test]
async fn every_answer_is_counted_and_dry_runs_apart() {
    let admission = admission(&[]);
    let mut registry = Registry::with_prefix("podroute");
    admission.register(&mut registry);
    let review = asks("CREATE", &service());
    let mut dry = review.clone();
    dry["request"]["dryRun"] = json!(true);
    let kubelet = by(review.clone(), "system:node:w1", &["system:nodes"]);
    let mut scale = review.clone();
    scale["request"]["subResource"] = json!("scale");
    let not_yet = || Says::this(Err(Unanswered::NotYet("not yet".to_owned())));
    let cases: [(&str, Says, &Value); 8] = [
        ("allowed", Says::allow(), &review),
        ("warned", Says::warn(), &review),
        ("denied", Says::deny(), &review),
        ("spared", Says::deny(), &kubelet),
        ("passed-by", Says::deny(), &scale),
        ("unseen", not_yet(), &kubelet),
        ("refused", not_yet(), &review),
        ("denied", Says::deny(), &dry),
    ];

    for (_, says, review) in &cases {
        drop(ask(&admission, says, review).await);
    }
    assert!(admission.answer(b"{", &Says::allow()).await.is_err());

    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    for (answer, _, review) in &cases {
        let dry_run = review["request"]["dryRun"].as_bool().unwrap();
        let count = if *answer == "refused" { 2 } else { 1 };
        let line = format!(
            "podroute_admission_requests_total{{answer=\"{answer}\",dry_run=\"{dry_run}\"}} {count}\n"
        );
        assert!(text.contains(&line), "{line}{text}");
    }
    assert!(
        text.contains("podroute_admission_duration_seconds_count 9\n"),
        "{text}"
    );
}
