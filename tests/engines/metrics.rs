//! What is counted.

use serde_json::json;

use crate::program::Webhook;
use crate::shop::{duplicate, harmless};

fn requests(endpoint: &str, verdict: &str) -> String {
    format!("podroute_webhook_requests_total{{endpoint=\"{endpoint}\",verdict=\"{verdict}\"}} ")
}

#[tokio::test]
async fn requests_are_counted_by_endpoint_and_verdict() {
    let webhook = Webhook::of_shop(&[]);
    for endpoint in ["/admission", "/gatekeeper", "/v1/evaluate", "/v1/review"] {
        for verdict in ["allow", "warn", "deny", "report", "refused", "failed"] {
            assert_eq!(
                webhook.metric(&requests(endpoint, verdict)).await,
                Some(0.0)
            );
        }
    }
    let broken = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1"}, "spec": 7});
    for object in [&harmless(), &harmless(), &broken, &duplicate()] {
        webhook
            .post_json("/v1/review", &json!({"changes": [{"put": object}]}))
            .await;
    }
    webhook.post_json("/v1/review", &json!({})).await;
    webhook
        .post_json("/v1/evaluate", &json!({"objects": []}))
        .await;
    // The worst of all keys.
    webhook
        .post_json(
            "/gatekeeper",
            &json!({
                "apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest",
                "request": {"keys": [duplicate().to_string(), harmless().to_string()]},
            }),
        )
        .await;
    webhook.get("/v1/review").await;

    for (endpoint, verdict, count) in [
        ("/v1/review", "allow", 2.0),
        ("/v1/review", "warn", 1.0),
        ("/v1/review", "deny", 1.0),
        ("/v1/review", "refused", 1.0),
        ("/v1/evaluate", "report", 1.0),
        ("/gatekeeper", "deny", 1.0),
        ("/gatekeeper", "allow", 0.0),
    ] {
        let found = webhook.metric(&requests(endpoint, verdict)).await;
        assert_eq!(found, Some(count), "{endpoint} {verdict}");
    }
    let durations = "podroute_webhook_request_duration_seconds_count{endpoint=\"/v1/review\"} ";
    assert_eq!(webhook.metric(durations).await, Some(5.0));
}
