//! Five changes that break a running cluster, each denied with a message that
//! says how to do it right: the policy itself, asked by the API server.

use std::path::Path;
use std::sync::Mutex;

use ::kube::core::admission::AdmissionResponse;
use async_trait::async_trait;
use podroute::Policy;
use podroute::admission::Admission;
use podroute::engines::reviewer::{Reviewer, Unanswered};
use podroute::policy::{Change, Cluster, Review, Settings};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::api_server::{admission, asks, audit, by, response, warnings};

/// The policy, with a cluster in it.
struct Resident(Mutex<Cluster>);

#[async_trait]
impl Reviewer for Resident {
    async fn review(&self, changes: Vec<Change>) -> Result<Review, Unanswered> {
        let review = self.0.lock().unwrap().review(&changes);
        review.map_err(|error| Unanswered::Failed(error.to_string()))
    }

    async fn review_json(&self, _: Vec<Change>) -> Result<String, Unanswered> {
        panic!("admission has no use for JSON")
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A cluster in order, in which AKO programs the routes: cluster.yaml.
struct World {
    objects: Vec<Value>,
    resident: Resident,
    admission: Admission,
}

impl World {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/admission/cluster.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        let list = Value::deserialize(serde_norway::Deserializer::from_str(&text)).unwrap();
        let mut cluster = Policy::built_in()
            .unwrap()
            .open(&Settings::default())
            .unwrap();
        assert!(cluster.load(&[list.to_string()]).unwrap().is_empty());
        Self {
            objects: list["items"].as_array().unwrap().clone(),
            resident: Resident(Mutex::new(cluster)),
            admission: admission(&[]),
        }
    }

    fn config_map(&self, name: &str) -> Value {
        let mut objects = self.objects.iter();
        let found = objects
            .find(|object| object["kind"] == "ConfigMap" && object["metadata"]["name"] == name);
        found.unwrap().clone()
    }

    async fn ask(&self, review: &Value) -> AdmissionResponse {
        let body = serde_json::to_vec(review).unwrap();
        response(&self.admission.answer(&body, &self.resident).await.unwrap())
    }

    /// Somebody edits a key of a ConfigMap.
    async fn edit(&self, name: &str, key: &str, value: &str) -> AdmissionResponse {
        let mut edited = self.config_map(name);
        assert_ne!(edited["data"][key], value, "{key} is that already");
        edited["data"][key] = json!(value);
        let mut review = asks("UPDATE", &edited);
        review["request"]["oldObject"] = self.config_map(name);
        self.ask(&review).await
    }
}

/// The change is denied by this rule, and the message has all of these.
fn assert_denied(response: &AdmissionResponse, rule: &str, words: &[&str]) {
    assert!(!response.allowed);
    assert_eq!(response.result.code, 403);
    let message = &response.result.message;
    assert!(message.starts_with("podroute: this change would break "));
    let rule = format!("\n  Rule: {rule} https://");
    for words in words
        .iter()
        .chain(["\n  Effect: ", "\n  Fix: ", &rule].iter())
    {
        assert!(message.contains(words), "{words}\n\n{message}");
    }
    assert!(message.chars().count() < 2400, "{message}");
    assert_eq!(audit(response, "verdict"), Some("deny"));
}

fn sctp_service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": "core", "name": "amf-n2"},
        "spec": {
            "type": "LoadBalancer",
            "loadBalancerClass": "ako.vmware.com/avi-lb",
            "selector": {"app": "amf"},
            "ports": [
                {"name": "sbi", "port": 80, "protocol": "TCP", "targetPort": 8080},
                {"name": "n2", "port": 38412, "protocol": "SCTP", "targetPort": 38412},
            ],
        },
    })
}

#[tokio::test]
async fn an_sctp_service_while_cilium_drops_sctp() {
    let world = World::new();
    let response = world.ask(&asks("CREATE", &sctp_service())).await;
    assert_denied(
        &response,
        "sctp/not-enabled",
        &[
            "enable-sctp is false in cilium-config, but SCTP is used by Service core/amf-n2\n",
            "Effect: Cilium drops every SCTP packet",
            "Fix: set enable-sctp: \"true\" in ConfigMap cilium-config (Helm: sctp.enabled=true)",
            "Where: ConfigMap kube-system/cilium-config data.enable-sctp, Service core/amf-n2 spec.ports[1].protocol\n",
        ],
    );

    // The same Service without that port breaks nothing.
    let mut web = sctp_service();
    web["spec"]["ports"].as_array_mut().unwrap().pop();
    let response = world.ask(&asks("CREATE", &web)).await;
    assert!(response.allowed);
    assert_eq!(audit(&response, "verdict"), Some("allow"));
}

#[tokio::test]
async fn another_ipam_mode_on_a_running_cluster() {
    let world = World::new();
    let response = world.edit("cilium-config", "ipam", "kubernetes").await;
    assert_denied(
        &response,
        "ako/cni-plugin-mismatch",
        &[
            "AKO reads CiliumNode.spec.ipam.podCIDRs (cniPlugin: \"cilium\") but pod CIDRs stand on Node.spec.podCIDRs; first difference: node shop-1: AKO would program 10.32.0.0/24 via 192.0.2.11, right is 10.244.0.0/24 via 192.0.2.11; 3 of 3 nodes differ\n",
            "Where: ConfigMap avi-system/avi-k8s-config data.cniPlugin, ConfigMap kube-system/cilium-config data.ipam, Node shop-1 and 2 more\n",
        ],
    );
    assert_denied(
        &response,
        "ipam/mode-changed",
        &[
            "podroute: this change would break 2 things:\n\n1. ",
            "2. ipam is changed from cluster-pool to kubernetes in a cluster with nodes\n",
            "Fix: leave ipam: cluster-pool.",
        ],
    );
    // What it means for the nodes that are there is a warning of its own.
    assert_eq!(
        audit(&response, "rules"),
        Some("ako/cni-plugin-mismatch, ipam/mode-changed, node/cidr-mismatch")
    );
    assert!(warnings(&response)[0].starts_with(
        "podroute: node/cidr-mismatch: 3 nodes (shop-1, shop-2, shop-3) have other pod CIDRs"
    ));

    // Into a mode of which nothing is there yet, more breaks.
    let response = world.edit("cilium-config", "ipam", "multi-pool").await;
    assert!(!response.allowed);
    assert!(
        response
            .result
            .message
            .starts_with("podroute: this change would break 4 things:\n\n1. ")
    );
    for rule in [
        "ako/multi-pool-unsupported",
        "node/no-pod-cidr",
        "routing/multi-pool-tunnel",
        "ipam/mode-changed",
    ] {
        let rules = audit(&response, "rules").unwrap();
        assert!(rules.contains(rule), "{rule}: {rules}");
    }
}

#[tokio::test]
async fn a_pool_that_leaves_out_what_nodes_have() {
    let world = World::new();
    let range = "cluster-pool-ipv4-cidr";
    let response = world.edit("cilium-config", range, "10.48.0.0/16").await;
    assert_denied(
        &response,
        "pool/stale-cidr",
        &[
            "3 nodes (shop-1, shop-2, shop-3) have an IPv4 pod CIDR outside of cluster-pool-ipv4-cidr (10.48.0.0/16): 10.32.0.0/24, 10.32.1.0/24, 10.32.2.0/24\n",
            "Fix: append the former range to cluster-pool-ipv4-cidr again instead of replacing it",
        ],
    );

    // As the fix says.
    let both = "10.32.0.0/16 10.48.0.0/16";
    let response = world.edit("cilium-config", range, both).await;
    assert!(response.allowed);
    assert_eq!(audit(&response, "verdict"), Some("allow"));
}

#[tokio::test]
async fn an_ako_that_would_read_other_pod_cidrs() {
    let world = World::new();
    for (plugin, reads) in [
        ("", "AKO reads Node.spec.podCIDRs (cniPlugin: \"\")"),
        (
            "calico",
            "AKO reads Calico's BlockAffinities (cniPlugin: \"calico\")",
        ),
    ] {
        let response = world.edit("avi-k8s-config", "cniPlugin", plugin).await;
        assert_denied(
            &response,
            "ako/cni-plugin-mismatch",
            &[
                reads,
                "but pod CIDRs stand on CiliumNode.spec.ipam.podCIDRs",
                "right is 10.32.0.0/24 via 192.0.2.11",
                "Fix: set AKOSettings.cniPlugin: cilium in AKO's Helm values and restart AKO",
            ],
        );
    }
}

#[tokio::test]
async fn sctp_on_a_kernel_that_ciliums_agent_refuses() {
    let world = World::new();
    let response = world.edit("cilium-config", "enable-sctp", "true").await;
    assert_denied(
        &response,
        "sctp/kernel-too-old",
        &[
            "enable-sctp is true, and 1 node has a kernel older than 5.2.0: shop-3 (4.19.0-26-amd64)\n",
            "Effect: Cilium 1.15.10 does not start there",
            "Where: Node shop-3 status.nodeInfo.kernelVersion, ConfigMap kube-system/cilium-config data.enable-sctp\n",
        ],
    );
}

#[tokio::test]
async fn what_changes_nothing_is_allowed_without_a_word() {
    let world = World::new();
    for object in &world.objects {
        let response = world.ask(&asks("UPDATE", object)).await;
        assert!(response.allowed, "{object}");
        assert_eq!(warnings(&response), [""; 0], "{object}");
    }
    let response = world.edit("cilium-config", "debug", "true").await;
    assert_eq!(audit(&response, "verdict"), Some("allow"));
}

#[tokio::test]
async fn a_review_leaves_the_cluster_as_it_is() {
    let world = World::new();
    let denied = world.ask(&asks("CREATE", &sctp_service())).await;
    for _ in 0..3 {
        world.edit("cilium-config", "enable-sctp", "true").await;
        world
            .ask(&asks("DELETE", &world.config_map("cilium-config")))
            .await;
        assert_eq!(world.ask(&asks("CREATE", &sctp_service())).await, denied);
    }
}

#[tokio::test]
async fn a_finding_that_an_administrator_accepts_stops_nothing() {
    let world = World::new();
    let mut service = sctp_service();
    service["metadata"]["annotations"] =
        json!({"podroute.dev/ignore": "sctp/not-enabled: SCTP comes next week"});
    let review = asks("CREATE", &service);
    assert!(!world.ask(&review).await.allowed);

    let admin = by(review, "kubernetes-admin", &["kubeadm:cluster-admins"]);
    let response = world.ask(&admin).await;
    assert!(response.allowed);
    assert_eq!(audit(&response, "verdict"), Some("allow"));
}

#[tokio::test]
async fn a_cluster_that_makes_what_is_asked_of_it_is_not_stopped() {
    let world = World::new();
    let review = by(
        asks("CREATE", &sctp_service()),
        "system:serviceaccount:kube-system:service-controller",
        &["system:serviceaccounts:kube-system"],
    );
    let response = world.ask(&review).await;
    assert!(response.allowed);
    assert!(warnings(&response)[0].starts_with("podroute would deny this: sctp/not-enabled: "));
}

#[tokio::test]
async fn objects_that_nobody_can_read_are_answered() {
    let world = World::new();
    let hostile = [
        r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"amf","namespace":"core"},"spec":"none"}"#.to_owned(),
        r#"{"apiVersion":"v1","kind":"Service","spec":{}}"#.to_owned(),
        r#"{"kind":"Service","kind":"Node","metadata":{"name":"x"}}"#.to_owned(),
        r#"{"metadata":{}}"#.to_owned(),
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"amf","namespace":"core"}},"spec":{}{}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        format!(
            r#"{{"apiVersion":"v1","kind":"List","items":{}[]{}}}"#,
            r#"[{"apiVersion":"v1","kind":"List","items":"#.repeat(1000),
            "}]".repeat(1000)
        ),
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"amf","namespace":"core","annotations":{{"x":"{}"}}}},"spec":{{"ports":[]}}}}"#,
            "x".repeat(5 << 20)
        ),
    ];
    for object in hostile {
        let mut review = asks("CREATE", &sctp_service());
        review["request"]["object"] = json!("HERE");
        let body = review.to_string().replace("\"HERE\"", &object);
        let answer = world
            .admission
            .answer(body.as_bytes(), &world.resident)
            .await;
        // Whatever it is: it has the uid that was asked for.
        response(&answer.unwrap());
    }
    // The policy is as it was.
    let response = world.ask(&asks("CREATE", &sctp_service())).await;
    assert_denied(&response, "sctp/not-enabled", &[]);
}
