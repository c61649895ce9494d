//! A cluster that is watched: not before it is known, and then as it is now.

use std::time::Duration;

use k8s_openapi::ByteString;
use serde_json::{Value, json};

use crate::cluster::{add_nodes, cilium, cilium_node};
use crate::kube::{self, Cluster, Fault};
use crate::program::{Webhook, building, until};
use crate::shop::added;

fn start(cluster: &Cluster, options: &[&str]) -> Webhook {
    let kubeconfig = cluster.kubeconfig();
    let given = ["webhook", "--kubeconfig", kubeconfig.to_str().unwrap()];
    Webhook::start(&[&given[..], &["--listen", "127.0.0.1:0"], options].concat())
}

async fn ready(webhook: &Webhook) {
    until("it is ready", async || {
        webhook.get("/readyz").await.0 == 200
    })
    .await;
}

const MISSING: &str = "CiliumNode has not been listed in full yet";

/// Gives the prefix of `w1` to `w2`, too.
fn duplicate() -> Value {
    cilium_node("w2", "10.0.1.0/24")
}

async fn review(webhook: &Webhook, change: Value) -> Value {
    let (status, review) = webhook
        .post_json("/v1/review", &json!({"changes": [change]}))
        .await;
    assert_eq!(status, 200, "{review}");
    review
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_follow_the_cluster() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let webhook = start(&cluster, &[]);
    ready(&webhook).await;
    let denied = review(&webhook, json!({"put": duplicate()})).await;
    assert_eq!(denied["verdict"], "deny");
    assert!(
        added(&denied).contains(&"route/duplicate-prefix"),
        "{denied}"
    );

    // The other one goes, and with it what is wrong.
    cluster.delete("CiliumNode", "", "w1");
    until("the prefix is free", async || {
        let review = review(&webhook, json!({"put": duplicate()})).await;
        !added(&review).contains(&"route/duplicate-prefix")
    })
    .await;

    add_nodes(&cluster, [1]);
    until("the prefix is taken", async || {
        let review = review(&webhook, json!({"put": duplicate()})).await;
        added(&review).contains(&"route/duplicate-prefix")
    })
    .await;

    // It only asks, and only what it has to.
    let writes = cluster.journal();
    let verbs: Vec<&str> = writes.iter().map(|entry| entry.verb.as_str()).collect();
    assert!(
        verbs
            .iter()
            .all(|verb| ["get", "list", "watch"].contains(verb)),
        "{verbs:?}"
    );
    assert_eq!(webhook.stop().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_before_the_kinds_are_listed() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    cluster.fail("*", "ciliumnodes", usize::MAX, Fault::Status(500, None));
    let webhook = start(&cluster, &[]);
    until("it waits for that kind alone", async || {
        let (status, text) = webhook.get("/readyz").await;
        status == 503 && text.starts_with(MISSING) && text.lines().count() == 1
    })
    .await;
    webhook.is_well().await;

    let changes = json!({"changes": [{"put": duplicate()}]});
    let (status, error) = webhook.post_json("/v1/review", &changes).await;
    assert_eq!(
        (status, &error["error"]),
        (503, &json!("service-unavailable"))
    );
    assert!(
        error["message"].as_str().unwrap().starts_with(MISSING),
        "{error}"
    );
    let keys = json!({
        "apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest",
        "request": {"keys": [duplicate().to_string()]},
    });
    let (status, answer) = webhook.post_json("/gatekeeper", &keys).await;
    assert_eq!(status, 200);
    assert_eq!(answer["response"]["items"], json!([]));
    let error = answer["response"]["systemError"].as_str().unwrap();
    assert!(error.starts_with(MISSING), "{error}");
    // What needs no cluster is answered.
    let (status, _) = webhook
        .post_json("/v1/evaluate", &json!({"objects": []}))
        .await;
    assert_eq!(status, 200);

    cluster.heal();
    ready(&webhook).await;
    assert_eq!(
        review(&webhook, json!({"put": duplicate()})).await["verdict"],
        "deny"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_watched_is_measured() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let webhook = start(&cluster, &[]);
    ready(&webhook).await;
    assert_eq!(
        webhook.metric("podroute_kind_synced{kind=\"Node\"} ").await,
        Some(1.0)
    );
    assert_eq!(webhook.metric("podroute_ready ").await, Some(1.0));
    // It never writes, whatever other instances do.
    assert_eq!(webhook.metric("podroute_leader ").await, Some(0.0));
    let (_, text) = webhook.get("/metrics").await;
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    let kinds: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("# TYPE "))
        .collect();
    let mut once = kinds.clone();
    once.dedup();
    assert_eq!(once, kinds);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_answers_the_same_beside_its_routes() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("routes.conf");
    let kubeconfig = cluster.kubeconfig();
    let webhook = Webhook::start(&[
        "run",
        "--cluster-name",
        "shop",
        "--kubeconfig",
        kubeconfig.to_str().unwrap(),
        "--leader-elect=false",
        "--listen",
        "127.0.0.1:0",
        "--webhook-listen",
        "127.0.0.1:0",
        "file",
        "--template",
        "frr",
        "--output",
        file.to_str().unwrap(),
    ]);
    ready(&webhook).await;
    assert_eq!(
        review(&webhook, json!({"put": duplicate()})).await["verdict"],
        "deny"
    );
    until("the routes are there", async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("10.0.1.0/24"))
    })
    .await;
    assert_eq!(
        review(&webhook, json!({"put": duplicate()})).await["verdict"],
        "deny"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_its_own_is_made_when_that_is_allowed() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    cluster.forbid("create", "secrets");
    let kubeconfig = cluster.kubeconfig();
    let starting = tokio::task::spawn_blocking(move || {
        let kubeconfig = kubeconfig.to_str().unwrap();
        let given = ["webhook", "--kubeconfig", kubeconfig];
        let own = ["--listen", "0.0.0.0:0", "--self-signed", "localhost"];
        Webhook::start(&[&given[..], &own].concat())
    });
    kube::until("it is refused", || {
        !cluster.requests("create", "secrets").is_empty()
    })
    .await;
    cluster.allow("create", "secrets");
    let webhook = starting.await.unwrap();
    assert!(
        webhook
            .log()
            .contains("policy engines are not answered yet: cannot create the Secret")
    );

    let authority = cluster.all("Secret")[0]["data"]["ca.crt"].clone();
    let authority: ByteString = serde_json::from_value(authority).unwrap();
    let trusted = reqwest::Certificate::from_pem(&authority.0).unwrap();
    let client = building().tls_certs_only([trusted]).build().unwrap();
    until("it is ready", async || {
        let answer = client.get(webhook.url("/readyz")).send().await.unwrap();
        answer.status() == 200
    })
    .await;
}
