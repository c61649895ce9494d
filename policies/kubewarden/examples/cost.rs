//! What a request costs, with everything sent again each time as Kubewarden
//! does: `cost MODULE NODES...`.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};
use wapc::WapcHost;
use wasmtime_provider::{
    ResourceLimits, WasmtimeEngineProvider, WasmtimeEngineProviderBuilder as Builder,
};

const ROUNDS: usize = 9;
const MIB: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let module = arguments.next().ok_or("usage: cost MODULE NODES...")?;
    let module = fs::read(module)?;
    let started = Instant::now();
    let compiled = Builder::new().module_bytes(&module).build_pre()?;
    println!(
        "module: {} bytes, compiled in {:.1?}",
        module.len(),
        started.elapsed()
    );
    for nodes in arguments {
        let cluster = Arc::new(Cluster::of(nodes.parse()?));
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            validate(&cluster, compiled.rehydrate(None)?)?;
            times.push(started.elapsed());
        }
        times.sort();
        let median: Duration = times.get(ROUNDS / 2).copied().unwrap_or_default();
        println!(
            "{nodes} nodes: {} KiB sent, {median:.1?} (median of {ROUNDS}), in {} MiB of memory",
            cluster.sent() / 1024,
            memory(&cluster, &module)?
        );
    }
    Ok(())
}

/// Asks about a Service that must be refused.
fn validate(cluster: &Arc<Cluster>, engine: WasmtimeEngineProvider) -> Result<(), Box<dyn Error>> {
    let asked = Arc::clone(cluster);
    let callback = move |_, _: &str, _: &str, _: &str, question: &[u8]| asked.list(question);
    let host = WapcHost::new(Box::new(engine), Some(Box::new(callback)))?;
    let answer = host.call("validate", cluster.request.as_bytes())?;
    let answer: Value = serde_json::from_slice(&answer)?;
    if answer.get("accepted") == Some(&json!(false)) && answer.get("warnings").is_none() {
        return Ok(());
    }
    Err(format!("an unexpected answer: {answer}").into())
}

/// The smallest power of two in which the request can be answered, in MiB.
fn memory(cluster: &Arc<Cluster>, module: &[u8]) -> Result<usize, Box<dyn Error>> {
    for mib in (2..=10).map(|power| 1 << power) {
        let limits = ResourceLimits {
            max_memory_size: Some(mib * MIB),
            max_table_elements: None,
        };
        let builder = Builder::new().module_bytes(module);
        let limited = builder.enable_resource_limits(limits).build()?;
        if validate(cluster, limited).is_ok() {
            return Ok(mib);
        }
    }
    Err("the request cannot be answered in a GiB".into())
}

/// What a policy server sends of a Cilium cluster, cut down to the fields that
/// the policy asks for, and a request that makes it ask.
struct Cluster {
    /// By kind, or by name for ConfigMaps.
    lists: BTreeMap<&'static str, String>,
    request: String,
}

impl Cluster {
    fn of(nodes: usize) -> Self {
        let some = |count: usize, item: fn(usize) -> Value| (0..count).map(item).collect();
        let lists: [(&str, &str, &str, Vec<Value>); 6] = [
            ("Node", "v1", "Node", some(nodes, node)),
            (
                "CiliumNode",
                "cilium.io/v2",
                "CiliumNode",
                some(nodes, cilium_node),
            ),
            ("Service", "v1", "Service", some(nodes / 4, service)),
            (
                "Deployment",
                "apps/v1",
                "Deployment",
                some(nodes / 4, deployment),
            ),
            ("DaemonSet", "apps/v1", "DaemonSet", some(1, daemon_set)),
            ("cilium-config", "v1", "ConfigMap", some(1, cilium_config)),
        ];
        let list = |(name, api_version, kind, items): (_, &str, &str, Vec<Value>)| {
            let kind = format!("{kind}List");
            let list = json!({
                "apiVersion": api_version, "kind": kind, "metadata": {}, "items": items,
            });
            (name, list.to_string())
        };
        let request = json!({
            "request": {
                "kind": {"group": "", "version": "v1", "kind": "Service"},
                "namespace": "core", "name": "amf", "operation": "CREATE",
                "object": {
                    "apiVersion": "v1", "kind": "Service",
                    "metadata": {"namespace": "core", "name": "amf"},
                    "spec": {"ports": [{"port": 38412, "protocol": "SCTP"}]},
                },
            },
            "settings": {},
        });
        Self {
            lists: lists.into_iter().map(list).collect(),
            request: request.to_string(),
        }
    }

    fn sent(&self) -> usize {
        self.lists.values().map(String::len).sum()
    }

    fn list(&self, question: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let question: Value = serde_json::from_slice(question)?;
        let text = |field: &str| {
            question
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let name = text("field_selector").strip_prefix("metadata.name=");
        if let Some(list) = self.lists.get(name.unwrap_or(text("kind"))) {
            return Ok(list.clone().into_bytes());
        }
        let kind = format!("{}List", text("kind"));
        let none = json!({"apiVersion": text("api_version"), "kind": kind, "items": []});
        Ok(none.to_string().into_bytes())
    }
}

/// Metadata is sent whole, and that is most of it.
fn metadata(kind: &str, name: &str, number: usize) -> Value {
    json!({
        "namespace": matches!(kind, "Service" | "Deployment").then_some("shop"),
        "name": name,
        "uid": format!("5f0c1e17-7d3a-4c0b-9a44-{number:012x}"),
        "resourceVersion": (4_180_000 + number).to_string(),
        "creationTimestamp": "2025-03-04T08:13:40Z",
        "labels": {
            "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux", "topology.kubernetes.io/region": "eu-central",
            "topology.kubernetes.io/zone": format!("eu-central-{}", number % 3),
        },
        "annotations": {
            "example.org/owner": format!("{kind} {number}"),
            "node.alpha.kubernetes.io/ttl": "0",
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        },
        "managedFields": [],
    })
}

fn name(number: usize) -> String {
    format!("worker-{number:05}.eu-central.example.org")
}

fn address(number: usize) -> String {
    format!("172.16.{}.{}", number / 250, number % 250 + 1)
}

fn node(number: usize) -> Value {
    let condition = |kind: &str, status: &str, reason: &str| json!({"type": kind, "status": status, "reason": reason});
    json!({
        "metadata": metadata("Node", &name(number), number),
        "spec": {},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address(number)},
                {"type": "Hostname", "address": name(number)},
            ],
            "conditions": [
                condition("NetworkUnavailable", "False", "CiliumIsUp"),
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID"),
                condition("Ready", "True", "KubeletReady"),
            ],
            "nodeInfo": {"kernelVersion": "6.8.0-31-generic", "kubeletVersion": "v1.33.1"},
        },
    })
}

fn cilium_node(number: usize) -> Value {
    let (high, low) = (number / 256, number % 256);
    json!({
        "metadata": metadata("CiliumNode", &name(number), number),
        "spec": {
            "addresses": [
                {"type": "InternalIP", "ip": address(number)},
                {"type": "CiliumInternalIP", "ip": format!("10.{high}.{low}.7")},
            ],
            "ipam": {"podCIDRs": [format!("10.{high}.{low}.0/24")]},
        },
        "status": {"ipam": {"operator-status": {}}},
    })
}

fn service(number: usize) -> Value {
    let name = format!("service-{number:05}");
    let (high, low) = (number / 250, number % 250 + 1);
    json!({
        "metadata": metadata("Service", &name, number),
        "spec": {
            "type": "ClusterIP", "clusterIP": format!("172.31.{high}.{low}"),
            "clusterIPs": [format!("172.31.{high}.{low}")], "selector": {"app": name},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}],
        },
    })
}

fn deployment(number: usize) -> Value {
    let name = format!("service-{number:05}");
    json!({
        "metadata": metadata("Deployment", &name, number),
        "spec": {"template": {"spec": {"containers": [{
            "name": "main", "image": format!("registry.example.org/team/{name}:1.2.3"),
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        }]}}},
    })
}

fn daemon_set(_: usize) -> Value {
    json!({
        "metadata": {"namespace": "kube-system", "name": "cilium"},
        "spec": {"template": {"spec": {"hostNetwork": true, "containers": [
            {"name": "cilium-agent", "image": "quay.io/cilium/cilium:v1.17.4"},
        ]}}},
    })
}

fn cilium_config(_: usize) -> Value {
    json!({
        "metadata": {"namespace": "kube-system", "name": "cilium-config"},
        "data": {
            "ipam": "cluster-pool", "cluster-pool-ipv4-cidr": "10.0.0.0/11",
            "cluster-pool-ipv4-mask-size": "24", "enable-ipv4": "true", "enable-sctp": "false",
            "routing-mode": "tunnel",
        },
    })
}
