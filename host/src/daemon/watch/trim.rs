//! Objects without the bulk that nobody here reads: most of a Node is images,
//! most of a Pod is volumes and container statuses, and environment variables
//! may hold secrets.

use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// What is kept of a container. The policy reads of Pods and Pod templates
/// what guest/src/objects/pod.rs names, and nothing else.
const CONTAINER: [&str; 4] = ["name", "image", "command", "ports"];
const POD_SPEC: [&str; 3] = ["containers", "hostNetwork", "nodeName"];
const POD_STATUS: [&str; 4] = ["phase", "podIP", "podIPs", "conditions"];
/// Of a Node's status, by size; the rest is small.
const NODE_STATUS_BULK: [&str; 3] = ["images", "volumesInUse", "volumesAttached"];

/// Removes what is not read. Fields of an unexpected type stay as they are.
pub(super) fn trim(kind: &str, object: &mut Fields) {
    if let Some(metadata) = inner(object, "metadata") {
        metadata.remove("managedFields");
        if let Some(annotations) = inner(metadata, "annotations") {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    match kind {
        "Node" => {
            if let Some(status) = inner(object, "status") {
                status.retain(|field, _| !NODE_STATUS_BULK.contains(&field.as_str()));
            }
        }
        "Pod" => {
            if let Some(spec) = inner(object, "spec") {
                trim_pod_spec(spec);
            }
            if let Some(status) = inner(object, "status") {
                keep(status, &POD_STATUS);
            }
        }
        "DaemonSet" | "Deployment" | "StatefulSet" => trim_workload(object),
        "ConfigMap" => {
            object.remove("binaryData");
        }
        _ => {}
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
