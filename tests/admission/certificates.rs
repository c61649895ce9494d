//! The certificate that podroute makes for itself: who may use it, when it is
//! renewed, and that the API server always knows who signed it.

use std::sync::Arc;
use std::time::Duration;

use ::kube::config::{KubeConfigOptions, Kubeconfig};
use ::kube::{Client, Config};
use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::ByteString;
use podroute::admission::certificate::{Options, Pems, SelfSigned};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time;

use crate::kube::{Cluster, Fault, until};

pub(crate) const NAMESPACE: &str = "podroute";
const NAME: &str = "podroute-webhook.podroute.svc";
const SECRET: &str = "podroute-webhook-certificate";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    certificate: Options,
}

pub(crate) async fn client(cluster: &Cluster) -> Client {
    let kubeconfig = Kubeconfig::read_from(cluster.kubeconfig()).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    NAMESPACE.clone_into(&mut config.default_namespace);
    Client::try_from(config).unwrap()
}

/// A replica with these options.
pub(crate) async fn replica(cluster: &Cluster, arguments: &[&str]) -> SelfSigned {
    let arguments = ["podroute"].iter().chain(arguments);
    let options = Arguments::try_parse_from(arguments).unwrap().certificate;
    SelfSigned::new(&client(cluster).await, &options).unwrap()
}

const PATCHING: [&str; 4] = ["--self-signed", NAME, "--patch-webhook", "podroute"];

fn day(days: i64) -> Timestamp {
    let start: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * days)
}

/// Whether somebody who trusts this bundle would talk to this server.
fn accepts(bundle: &str, pems: &Pems, name: &'static str, now: Timestamp) -> bool {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(bundle.as_bytes()) {
        roots.add(authority.unwrap()).unwrap();
    }
    let provider = Arc::new(ring::default_provider());
    let client = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let certificate = CertificateDer::from_pem_slice(pems.certificate.as_bytes()).unwrap();
    let now = Duration::from_secs(u64::try_from(now.as_second()).unwrap());
    let verified = client.build().unwrap().verify_server_cert(
        &certificate,
        &[],
        &ServerName::try_from(name).unwrap(),
        &[],
        UnixTime::since_unix_epoch(now),
    );
    verified.is_ok()
}

fn text(base64: &Value) -> String {
    let bytes: ByteString = serde_json::from_value(base64.clone()).unwrap();
    String::from_utf8(bytes.0).unwrap()
}

fn base64(text: &str) -> Value {
    serde_json::to_value(ByteString(text.as_bytes().to_vec())).unwrap()
}

fn secret(cluster: &Cluster) -> Value {
    cluster.get("Secret", NAMESPACE, SECRET).unwrap()
}

/// Who the Secret says signs.
fn authority(cluster: &Cluster) -> String {
    text(&secret(cluster)["data"]["ca.crt"])
}

fn configuration(cluster: &Cluster) -> Value {
    let found = cluster.get("ValidatingWebhookConfiguration", "", "podroute");
    found.unwrap()
}

/// Who the API server trusts.
fn trusted(cluster: &Cluster) -> String {
    text(&configuration(cluster)["webhooks"][0]["clientConfig"]["caBundle"])
}

fn webhook(name: &str, client: &Value) -> Value {
    json!({
        "name": name, "clientConfig": client,
        "admissionReviewVersions": ["v1"], "sideEffects": "None",
        // No version of Kubernetes has this yet.
        "ofTheFuture": {"kept": true},
    })
}

async fn cluster_with(webhooks: Value) -> Cluster {
    let cluster = Cluster::start().await;
    cluster.apply(json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "podroute"},
        "webhooks": webhooks,
    }));
    cluster
}

/// A cluster with one webhook, which is podroute's.
async fn cluster() -> Cluster {
    let service = json!({"service": {"namespace": "podroute", "name": "podroute-webhook", "path": "/admission"}});
    cluster_with(json!([webhook("services.podroute.dev", &service)])).await
}

#[tokio::test]
async fn the_api_server_accepts_the_certificate_for_ninety_days() {
    let cluster = cluster().await;
    let pems = replica(&cluster, &PATCHING)
        .await
        .look(day(0))
        .await
        .unwrap();

    let bundle = trusted(&cluster);
    assert_eq!(bundle, authority(&cluster));
    for (days, accepted) in [(-2, false), (0, true), (89, true), (91, false)] {
        assert_eq!(accepts(&bundle, &pems, NAME, day(days)), accepted, "{days}");
    }
    assert!(!accepts(&bundle, &pems, "podroute.podroute.svc", day(0)));
    let secret = secret(&cluster);
    assert_eq!(secret["type"], "kubernetes.io/tls");
    assert_eq!(text(&secret["data"]["tls.crt"]), pems.certificate);
    assert_eq!(text(&secret["data"]["tls.key"]), pems.key);
}

#[tokio::test]
async fn what_is_right_is_not_written_again() {
    let cluster = cluster().await;
    let replica = replica(&cluster, &PATCHING).await;
    let pems = replica.look(day(0)).await.unwrap();
    cluster.forget();

    for days in [0, 1, 59] {
        assert_eq!(replica.look(day(days)).await.unwrap(), pems);
    }

    let verbs: Vec<_> = cluster.journal().into_iter().map(|one| one.verb).collect();
    assert_eq!(verbs, ["get"; 6]);
}

#[tokio::test]
async fn replicas_that_start_together_use_the_same() {
    let cluster = cluster().await;
    let mut looks = Vec::new();
    for _ in 0..6 {
        let replica = replica(&cluster, &PATCHING).await;
        looks.push(tokio::spawn(async move { replica.look(day(0)).await }));
    }
    let mut served = Vec::new();
    for look in looks {
        served.push(look.await.unwrap().unwrap());
    }

    served.dedup();
    assert_eq!(served.len(), 1);
    assert!(accepts(&trusted(&cluster), &served[0], NAME, day(0)));
    assert_eq!(
        text(&secret(&cluster)["data"]["tls.crt"]),
        served[0].certificate
    );
}

#[tokio::test]
async fn it_is_renewed_thirty_days_before_it_ends_by_the_same_authority() {
    let cluster = cluster().await;
    let (first, second) = (
        replica(&cluster, &PATCHING).await,
        replica(&cluster, &PATCHING).await,
    );
    let before = first.look(day(0)).await.unwrap();
    let bundle = trusted(&cluster);
    cluster.forget();

    assert_eq!(first.look(day(60)).await.unwrap(), before);
    let after = first.look(day(61)).await.unwrap();
    // The other replica takes it over, and does not make one more.
    assert_eq!(second.look(day(61)).await.unwrap(), after);

    assert_ne!(after, before);
    assert!(accepts(&bundle, &after, NAME, day(61 + 89)));
    assert_eq!(trusted(&cluster), bundle);
    assert_eq!(cluster.requests("update", "secrets").len(), 1);
    assert_eq!(
        cluster.requests("update", "validatingwebhookconfigurations"),
        []
    );
}

#[tokio::test]
async fn no_certificate_is_ever_served_that_was_not_trusted_before() {
    let cluster = cluster().await;
    let replica = replica(&cluster, &PATCHING).await;
    replica.look(day(0)).await.unwrap();
    let mut authorities = vec![authority(&cluster)];

    // Twenty-five years.
    for step in 1..460 {
        let now = day(step * 20);
        let trusted_before = trusted(&cluster);
        let pems = replica.look(now).await.unwrap();
        assert!(accepts(&trusted_before, &pems, NAME, now), "{now}");
        assert!(accepts(&trusted(&cluster), &pems, NAME, now), "{now}");
        authorities.push(trusted(&cluster));
    }

    authorities.dedup();
    // A second joins the first after nine years, a third the second.
    let certificates = authorities
        .iter()
        .map(|bundle| bundle.matches("BEGIN CERTIFICATE").count());
    assert_eq!(certificates.collect::<Vec<_>>(), [1, 2, 2]);
}

#[tokio::test]
async fn other_names_are_another_certificate() {
    let cluster = cluster().await;
    let one = replica(&cluster, &PATCHING)
        .await
        .look(day(0))
        .await
        .unwrap();

    let names = format!("{NAME},Podroute.example.com");
    let both = replica(&cluster, &["--self-signed", &names]).await;
    let two = both.look(day(0)).await.unwrap();

    assert_ne!(one, two);
    let bundle = trusted(&cluster);
    for name in [NAME, "podroute.example.com"] {
        assert!(accepts(&bundle, &two, name, day(0)), "{name}");
    }
    assert_eq!(both.look(day(0)).await.unwrap(), two);
}

#[tokio::test]
async fn what_cannot_be_used_is_made_anew_and_what_is_others_stays() {
    let cluster = cluster().await;
    let replica = replica(&cluster, &PATCHING).await;
    replica.look(day(0)).await.unwrap();
    let whole = secret(&cluster);
    let other = ::rcgen::KeyPair::generate().unwrap().serialize_pem();
    for (key, value) in [
        ("tls.crt", Value::Null),
        ("tls.crt", base64("nothing")),
        ("tls.key", base64(&other)),
        ("ca.crt", base64("")),
        ("ca.key", base64("nothing")),
        ("ca.key", Value::Null),
    ] {
        let mut broken = whole.clone();
        broken["data"][key] = value.clone();
        if value.is_null() {
            broken["data"].as_object_mut().unwrap().remove(key);
        }
        broken["data"]["others"] = base64("kept");
        broken["metadata"]["labels"] = json!({"team": "platform"});
        cluster.apply(broken);

        let pems = replica.look(day(0)).await.unwrap();

        assert!(accepts(&trusted(&cluster), &pems, NAME, day(0)), "{key}");
        let now = secret(&cluster);
        assert_ne!(now["data"]["ca.crt"], whole["data"]["ca.crt"], "{key}");
        assert_eq!(now["data"]["others"], base64("kept"));
        assert_eq!(now["metadata"]["labels"]["team"], "platform");
    }
    let mut undated = whole;
    undated["metadata"]["annotations"]["podroute.dev/certificate-ends"] = json!("soon");
    cluster.apply(undated);
    let pems = replica.look(day(0)).await.unwrap();
    assert!(accepts(&trusted(&cluster), &pems, NAME, day(0)));
}

#[tokio::test]
async fn a_secret_that_goes_comes_back() {
    let cluster = cluster().await;
    let replica = replica(&cluster, &PATCHING).await;
    let before = replica.look(day(0)).await.unwrap();
    cluster.delete("Secret", NAMESPACE, SECRET);

    let after = replica.look(day(0)).await.unwrap();

    assert_ne!(before, after);
    assert!(accepts(&trusted(&cluster), &after, NAME, day(0)));
}

#[tokio::test]
async fn whoever_was_faster_is_read_again() {
    for (verb, plural) in [
        ("create", "secrets"),
        ("update", "secrets"),
        ("update", "validatingwebhookconfigurations"),
    ] {
        let cluster = cluster().await;
        let replica = replica(&cluster, &PATCHING).await;
        if (verb, plural) == ("update", "secrets") {
            replica.look(day(0)).await.unwrap();
        }
        cluster.fail(verb, plural, 3, Fault::Status(409, None));

        let pems = replica.look(day(70)).await.unwrap();

        assert!(accepts(&trusted(&cluster), &pems, NAME, day(70)), "{verb}");
        assert_eq!(cluster.requests(verb, plural).len(), 4, "{verb} {plural}");
    }
}

#[tokio::test]
async fn nobody_is_always_faster() {
    let cluster = cluster().await;
    let replica = replica(&cluster, &PATCHING).await;
    cluster.fail("create", "secrets", 1000, Fault::Status(409, None));
    let error = replica.look(day(0)).await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot update the Secret podroute/podroute-webhook-certificate: others change it faster"),
        "{error}"
    );
    cluster.heal();
    let plural = "validatingwebhookconfigurations";
    cluster.fail("update", plural, 1000, Fault::Status(409, None));
    let error = replica.look(day(0)).await.unwrap_err().to_string();
    assert!(error.contains("(HTTP 409)"), "{error}");
    assert_eq!(cluster.requests("update", plural).len(), 10);
}

#[tokio::test]
async fn only_webhooks_that_call_podroute_are_told() {
    let service = |namespace: &str, name: &str| json!({"service": {"namespace": namespace, "name": name, "port": 8443}});
    let cluster = cluster_with(json!([
        webhook(
            "services.podroute.dev",
            &service("podroute", "podroute-webhook")
        ),
        webhook("another.example.com", &service("podroute", "another")),
        webhook(
            "elsewhere.example.com",
            &service("elsewhere", "podroute-webhook")
        ),
        webhook(
            "outside.example.com",
            &json!({"url": "https://192.0.2.1/x", "caBundle": "eA=="})
        ),
        webhook(
            "nodes.podroute.dev",
            &service("podroute", "podroute-webhook")
        ),
    ]))
    .await;
    let before = configuration(&cluster);

    replica(&cluster, &PATCHING)
        .await
        .look(day(0))
        .await
        .unwrap();

    let after = configuration(&cluster);
    let mut expected = before["webhooks"].clone();
    for index in [0, 4] {
        expected[index]["clientConfig"]["caBundle"] = base64(&authority(&cluster));
    }
    assert_eq!(after["webhooks"], expected);
}

#[tokio::test]
async fn nothing_is_patched_unless_asked_for() {
    let cluster = cluster().await;
    let before = configuration(&cluster);

    replica(&cluster, &PATCHING[..2])
        .await
        .look(day(0))
        .await
        .unwrap();

    assert_eq!(configuration(&cluster), before);
    let asked = cluster.journal().into_iter().map(|one| one.plural);
    assert_eq!(asked.collect::<Vec<_>>(), ["secrets", "secrets"]);
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let cluster = cluster().await;
    let patching = replica(&cluster, &PATCHING).await;
    let error = async |replica: &SelfSigned| replica.look(day(0)).await.unwrap_err().to_string();

    cluster.forbid("get", "secrets");
    assert_eq!(
        error(&patching).await,
        "cannot read the Secret podroute/podroute-webhook-certificate: secrets \"podroute-webhook-certificate\" is forbidden: User \"system:serviceaccount:podroute:podroute\" cannot get resource \"secrets\" in API group \"\" in the namespace \"podroute\"; allow get, create and update on secrets there"
    );
    cluster.allow("get", "secrets");
    cluster.forbid("update", "validatingwebhookconfigurations");
    let forbidden = error(&patching).await;
    assert!(forbidden.starts_with("cannot update the ValidatingWebhookConfiguration podroute: "));
    assert!(forbidden.ends_with("; allow get and update on validatingwebhookconfigurations (admissionregistration.k8s.io) of the name podroute"));

    let other = replica(
        &cluster,
        &["--self-signed", "a.b.svc", "--patch-webhook", "podroute"],
    )
    .await;
    assert_eq!(
        error(&other).await,
        "no webhook of the ValidatingWebhookConfiguration podroute calls a Service with one of the names a.b.svc; give --self-signed the name SERVICE.NAMESPACE.svc"
    );
    let absent = replica(
        &cluster,
        &["--self-signed", NAME, "--patch-webhook", "absent"],
    )
    .await;
    assert!(error(&absent).await.contains("not found (HTTP 404)"));
    let unnameable = replica(&cluster, &["--self-signed", "exämple.com"]).await;
    let made = error(&unnameable).await;
    assert!(
        made.starts_with("no certificate can be made for exämple.com: "),
        "{made}"
    );
}

#[tokio::test]
async fn a_server_gets_each_new_certificate() {
    let cluster = cluster().await;
    let replica = replica(&cluster, &PATCHING).await;
    let first = replica.look(Timestamp::now()).await.unwrap();
    let (sender, served) = watch::channel(first.clone());
    let keeping = tokio::spawn(async move { replica.keep(sender).await });
    tokio::task::yield_now().await;
    cluster.delete("Secret", NAMESPACE, SECRET);

    time::pause();
    time::advance(Duration::from_secs(61)).await;
    time::resume();

    until("another certificate is served", || {
        served.borrow().certificate != first.certificate
    })
    .await;
    let now = served.borrow().clone();
    assert_eq!(text(&secret(&cluster)["data"]["tls.crt"]), now.certificate);
    keeping.abort();
}

#[test]
fn nothing_is_made_for_nobody_and_keys_are_not_shown() {
    let parsed = |arguments: &[&str]| {
        let arguments = ["podroute"].iter().chain(arguments);
        Arguments::try_parse_from(arguments).map(|parsed| parsed.certificate)
    };
    assert!(parsed(&["--patch-webhook", "podroute"]).is_err());
    let pems = Pems {
        certificate: "public".to_owned(),
        key: "private".to_owned(),
    };
    let shown = format!("{pems:?}");
    assert!(
        shown.contains("public") && !shown.contains("private"),
        "{shown}"
    );
}
