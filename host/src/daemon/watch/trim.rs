//! Objects without the bulk that nobody here reads: most of a Node is images,
//! most of a Pod is volumes and container statuses, and environment variables
//! may hold secrets. What changes all the time goes too, such as the times of
//! heartbeats: an object that comes as it was is no news.

use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// Of the metadata of every kind.
const METADATA_BULK: [&str; 5] = [
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "uid",
];
/// What is kept of a condition of a Node or Pod.
const CONDITION: [&str; 3] = ["type", "status", "reason"];
/// What is kept of a container. The policy reads of Pods and Pod templates
/// what guest/src/objects/pod.rs names, and nothing else.
const CONTAINER: [&str; 4] = ["name", "image", "command", "ports"];
const POD_SPEC: [&str; 3] = ["containers", "hostNetwork", "nodeName"];
const POD_STATUS: [&str; 4] = ["phase", "podIP", "podIPs", "conditions"];
/// As guest/src/objects/node.rs reads it.
const NODE_STATUS: [&str; 3] = ["addresses", "conditions", "nodeInfo"];
/// As guest/src/objects/cilium_node.rs reads it. In the IPAM modes of clouds
/// the rest is long, and changes with every Pod.
const CILIUM_NODE_SPEC: [&str; 2] = ["addresses", "ipam"];
const CILIUM_NODE_IPAM: [&str; 2] = ["podCIDRs", "pools"];
const CILIUM_NODE_IPAM_STATUS: [&str; 2] = ["operator-status", "pod-cidrs"];

/// Removes what is not read. Fields of an unexpected type stay as they are.
pub(super) fn trim(kind: &str, object: &mut Fields) {
    if let Some(metadata) = inner(object, "metadata") {
        metadata.retain(|field, _| !METADATA_BULK.contains(&field.as_str()));
        if let Some(annotations) = inner(metadata, "annotations") {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    match kind {
        "Node" => {
            if let Some(status) = inner(object, "status") {
                keep(status, &NODE_STATUS);
                trim_conditions(status);
            }
        }
        "CiliumNode" => trim_cilium_node(object),
        "Pod" => {
            if let Some(spec) = inner(object, "spec") {
                trim_pod_spec(spec);
            }
            if let Some(status) = inner(object, "status") {
                keep(status, &POD_STATUS);
                trim_conditions(status);
            }
        }
        "DaemonSet" | "Deployment" | "StatefulSet" => trim_workload(object),
        "ConfigMap" => {
            object.remove("binaryData");
        }
        _ => {}
    }
}

fn trim_conditions(status: &mut Fields) {
    let Some(Value::Array(conditions)) = status.get_mut("conditions") else {
        return;
    };
    for condition in conditions.iter_mut().filter_map(Value::as_object_mut) {
        keep(condition, &CONDITION);
    }
}

fn trim_cilium_node(node: &mut Fields) {
    if let Some(metadata) = inner(node, "metadata") {
        // Copies of the Node's.
        metadata.remove("labels");
    }
    if let Some(spec) = inner(node, "spec") {
        keep(spec, &CILIUM_NODE_SPEC);
        if let Some(ipam) = inner(spec, "ipam") {
            keep(ipam, &CILIUM_NODE_IPAM);
        }
    }
    if let Some(status) = inner(node, "status") {
        keep(status, &["ipam"]);
        if let Some(ipam) = inner(status, "ipam") {
            keep(ipam, &CILIUM_NODE_IPAM_STATUS);
        }
    }
}

fn trim_workload(workload: &mut Fields) {
    let Some(spec) = inner(workload, "spec") else {
        return;
    };
    spec.remove("volumeClaimTemplates");
    let Some(template) = inner(spec, "template") else {
        return;
    };
    keep(template, &["spec"]);
    if let Some(spec) = inner(template, "spec") {
        trim_pod_spec(spec);
    }
}

fn trim_pod_spec(spec: &mut Fields) {
    keep(spec, &POD_SPEC);
    let Some(Value::Array(containers)) = spec.get_mut("containers") else {
        return;
    };
    for container in containers {
        let Value::Object(container) = container else {
            continue;
        };
        keep(container, &CONTAINER);
        // The policy reads which program runs, not its arguments.
        if let Some(Value::Array(command)) = container.get_mut("command") {
            command.truncate(1);
        }
    }
}

fn inner<'a>(object: &'a mut Fields, field: &str) -> Option<&'a mut Fields> {
    object.get_mut(field)?.as_object_mut()
}

fn keep(object: &mut Fields, fields: &[&str]) {
    object.retain(|field, _| fields.contains(&field.as_str()));
}
