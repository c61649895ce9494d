//! What policies/admission puts into a cluster fits together, and asks about
//! what podroute reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use podroute_policy::objects::Kind;
use serde_json::{Value, json};

use crate::api_server::default_exemptions;
use crate::certificates::{NAMESPACE, replica};
use crate::kube::{Cluster, grants};
use crate::manifests::{COMPONENTS, document, documents, files, find, folder, objects, texts};

const NAME: &str = "podroute-webhook";

/// Operations on objects that a person makes, and that may break something.
const MADE: &[&str] = &["CREATE", "UPDATE"];
const TAKEN_OUT_TOO: &[&str] = &["CREATE", "UPDATE", "DELETE"];

/// Which operations on a kind are asked about, and as which resource. None for
/// kinds that only show what is: their authors have long decided, or are many.
fn meant(kind: Kind) -> Option<(&'static str, &'static [&'static str])> {
    match kind {
        Kind::BlockAffinity => Some(("blockaffinities", MADE)),
        Kind::CiliumNode => Some(("ciliumnodes", MADE)),
        Kind::CiliumNodeConfig => Some(("ciliumnodeconfigs", TAKEN_OUT_TOO)),
        Kind::CiliumPodIpPool => Some(("ciliumpodippools", TAKEN_OUT_TOO)),
        Kind::ConfigMap => Some(("configmaps", TAKEN_OUT_TOO)),
        Kind::Gateway => Some(("gateways", MADE)),
        Kind::IpPool => Some(("ippools", TAKEN_OUT_TOO)),
        Kind::Node => Some(("nodes", MADE)),
        Kind::Service => Some(("services", MADE)),
        Kind::DaemonSet
        | Kind::Deployment
        | Kind::GatewayClass
        | Kind::HostSubnet
        | Kind::Installation
        | Kind::Pod
        | Kind::StatefulSet => None,
    }
}

/// Every kind that the policy reads, by the names in its source: an object of
/// each exists in some API group.
fn kinds() -> Vec<Kind> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/src/objects/mod.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let (_, names) = source.split_once("pub fn name(self)").unwrap();
    let (names, _) = names.split_once("pub fn named").unwrap();
    let kinds: Vec<_> = names
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|name| Kind::named(name).unwrap())
        .collect();
    assert!(kinds.len() >= 16, "{kinds:?}");
    kinds
}

/// The groups that the policy reads a kind in, of all that are about.
fn groups(kind: Kind) -> Vec<&'static str> {
    let groups = [
        "",
        "apps",
        "cilium.io",
        "crd.projectcalico.org",
        "gateway.networking.k8s.io",
        "network.openshift.io",
        "networking.x-k8s.io",
        "operator.tigera.io",
        "projectcalico.org",
    ];
    let reads = |group: &&str| Kind::of(&format!("{group}/v1"), kind.name()) == Some(kind);
    let all: Vec<_> = groups.into_iter().filter(reads).collect();
    assert!(!all.is_empty(), "{kind:?}");
    all
}

fn webhooks() -> Vec<Value> {
    let configuration = document("base/webhooks.yaml");
    assert_eq!(configuration["metadata"]["name"], "podroute");
    configuration["webhooks"].as_array().unwrap().clone()
}

/// The operations that are asked about, by group and resource.
type Asked = BTreeMap<(String, String), BTreeSet<String>>;

fn asked() -> Asked {
    let mut asked = Asked::new();
    for webhook in webhooks() {
        for rule in webhook["rules"].as_array().unwrap() {
            for group in texts(&rule["apiGroups"]) {
                for resource in texts(&rule["resources"]) {
                    let operations = texts(&rule["operations"]).into_iter();
                    let before = asked.insert(
                        (group.to_owned(), resource.to_owned()),
                        operations.map(str::to_owned).collect(),
                    );
                    assert_eq!(before, None, "{resource} is asked about twice");
                }
            }
        }
    }
    asked
}

#[test]
fn the_api_server_asks_about_what_people_make_and_podroute_reads() {
    let mut wanted = Asked::new();
    for kind in kinds() {
        for group in groups(kind) {
            if let Some((resource, operations)) = meant(kind) {
                let operations = operations.iter().map(|&one| one.to_owned());
                wanted.insert(
                    (group.to_owned(), resource.to_owned()),
                    operations.collect(),
                );
            }
        }
    }
    assert_eq!(asked(), wanted);
}

#[test]
fn every_webhook_is_asked_in_the_same_way() {
    let service = find(&objects("base"), "Service", NAME);
    let mut names = BTreeSet::new();
    for webhook in webhooks() {
        let name = webhook["name"].as_str().unwrap();
        // The key of its entries in the audit log: services.podroute.dev/verdict.
        assert!(name.ends_with(".podroute.dev"), "{name}");
        assert!(names.insert(name.to_owned()), "{name}");
        assert_eq!(webhook["admissionReviewVersions"], json!(["v1"]));
        assert_eq!(webhook["sideEffects"], "None");
        assert_eq!(webhook["failurePolicy"], "Ignore");
        assert_eq!(webhook["matchPolicy"], "Equivalent");
        // More than podroute's own deadline of 4 s.
        assert_eq!(webhook["timeoutSeconds"], 5);
        assert!(webhook["objectSelector"].is_null());
        let called = json!({"service": {
            "namespace": service["metadata"]["namespace"],
            "name": service["metadata"]["name"],
            "path": "/admission",
            "port": service["spec"]["ports"][0]["port"],
        }});
        assert_eq!(webhook["clientConfig"], called);
        let left_out = match name {
            "services.podroute.dev" => json!({"matchExpressions": [{
                "key": "kubernetes.io/metadata.name",
                "operator": "NotIn",
                "values": ["kube-system", NAMESPACE],
            }]}),
            // cilium-config is in kube-system.
            _ => Value::Null,
        };
        assert_eq!(webhook["namespaceSelector"], left_out, "{name}");
    }
}

fn conditions(webhook: &str) -> Vec<String> {
    let webhooks = webhooks();
    let mut webhooks = webhooks.iter();
    let webhook = webhooks.find(|one| one["name"] == webhook).unwrap();
    let conditions = webhook["matchConditions"].as_array().unwrap().iter();
    conditions
        .map(|condition| condition["expression"].as_str().unwrap().to_owned())
        .collect()
}

/// The texts in single quotes of an expression.
fn quoted(expression: &str) -> Vec<&str> {
    expression.split('\'').skip(1).step_by(2).collect()
}

#[test]
fn of_config_maps_only_two_are_asked_about() {
    let conditions = conditions("settings.podroute.dev");
    assert_eq!(conditions.len(), 1);
    assert_eq!(
        quoted(&conditions[0]),
        [
            "/",
            "",
            "kube-system/cilium-config",
            "avi-system/avi-k8s-config"
        ]
    );
}

#[test]
fn who_is_exempt_by_default_is_not_asked_about_where_it_is_often() {
    let conditions = conditions("nodes.podroute.dev");
    let left_out: BTreeSet<_> = conditions.iter().flat_map(|one| quoted(one)).collect();
    let defaults = default_exemptions();
    assert_eq!(left_out, defaults.iter().map(String::as_str).collect());
}

#[test]
fn the_service_finds_the_pods_and_the_pods_their_account() {
    let objects = objects("base");
    let deployment = find(&objects, "Deployment", NAME);
    let service = find(&objects, "Service", NAME);
    let budget = find(&objects, "PodDisruptionBudget", NAME);
    let account = find(&objects, "ServiceAccount", NAME);
    let template = &deployment["spec"]["template"];
    let labels = &template["metadata"]["labels"];
    assert_eq!(service["spec"]["selector"], *labels);
    assert_eq!(budget["spec"]["selector"]["matchLabels"], *labels);
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], *labels);
    assert!(deployment["spec"]["replicas"].as_u64().unwrap() >= 2);
    let pod = &template["spec"];
    assert_eq!(pod["serviceAccountName"], account["metadata"]["name"]);

    let container = &pod["containers"][0];
    let port = &container["ports"][0];
    assert_eq!(service["spec"]["ports"][0]["targetPort"], port["name"]);
    let number = port["containerPort"].as_u64().unwrap();
    let listen = &container["env"][0];
    assert_eq!(listen["name"], "PODROUTE_WEBHOOK_LISTEN");
    assert_eq!(listen["value"], format!("0.0.0.0:{number}"));
    for (probe, path) in [
        ("startupProbe", "/healthz"),
        ("livenessProbe", "/healthz"),
        ("readinessProbe", "/readyz"),
    ] {
        let get = json!({"path": path, "port": port["name"], "scheme": "HTTPS"});
        assert_eq!(container[probe]["httpGet"], get);
    }
    let policy = document("network-policy/network-policy.yaml");
    assert_eq!(policy["spec"]["podSelector"]["matchLabels"], *labels);
    assert_eq!(policy["spec"]["ingress"][0]["ports"][0]["port"], number);

    // As the namespace demands it.
    let namespace = find(&objects, "Namespace", NAMESPACE);
    assert_eq!(
        namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"],
        "restricted"
    );
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(
        container["securityContext"],
        json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        })
    );
}

/// An environment variable of the container in a patch of the Deployment.
fn environment(part: &str, name: &str) -> String {
    let patch = document(&format!("{part}/deployment.yaml"));
    let container = &patch["spec"]["template"]["spec"]["containers"][0];
    let mut environment = container["env"].as_array().unwrap().iter();
    let found = environment.find(|one| one["name"] == name);
    found.unwrap()["value"].as_str().unwrap().to_owned()
}

#[test]
fn cert_manager_makes_what_the_pods_mount_and_the_api_server_trusts() {
    let objects = objects("cert-manager");
    let certificate = find(&objects, "Certificate", NAME);
    let patch = document("cert-manager/deployment.yaml");
    let pod = &patch["spec"]["template"]["spec"];
    let mounted = &pod["containers"][0]["volumeMounts"][0];
    let folder = mounted["mountPath"].as_str().unwrap();
    for (option, file) in [
        ("PODROUTE_WEBHOOK_TLS_CERT", "tls.crt"),
        ("PODROUTE_WEBHOOK_TLS_KEY", "tls.key"),
    ] {
        let value = environment("cert-manager", option);
        assert_eq!(value, format!("{folder}/{file}"));
    }
    assert_eq!(mounted["name"], pod["volumes"][0]["name"]);
    assert_eq!(
        pod["volumes"][0]["secret"]["secretName"],
        certificate["spec"]["secretName"]
    );
    assert_eq!(
        certificate["spec"]["dnsNames"],
        json!([format!("{NAME}.{NAMESPACE}.svc")])
    );
    let patch = document("cert-manager/webhooks.yaml");
    assert_eq!(
        patch["metadata"]["annotations"]["cert-manager.io/inject-ca-from"],
        format!("{NAMESPACE}/{NAME}")
    );
    // Each is signed by what another makes.
    let issuer = find(&objects, "Issuer", NAME);
    let authority = find(&objects, "Certificate", "podroute-webhook-ca");
    assert_eq!(certificate["spec"]["issuerRef"]["name"], NAME);
    assert_eq!(
        issuer["spec"]["ca"]["secretName"],
        authority["spec"]["secretName"]
    );
    let root = authority["spec"]["issuerRef"]["name"].as_str().unwrap();
    find(&objects, "Issuer", root);
}

#[tokio::test]
async fn what_the_self_signed_variant_may_is_what_it_needs() {
    let objects: Vec<_> = ["base", "self-signed"]
        .into_iter()
        .flat_map(objects)
        .collect();
    let cluster = Cluster::start().await;
    cluster.apply(document("base/webhooks.yaml"));
    cluster.grant_only(grants(&objects, NAMESPACE, NAME));
    let arguments: Vec<_> = [
        ("--self-signed", "PODROUTE_SELF_SIGNED"),
        ("--self-signed-secret", "PODROUTE_SELF_SIGNED_SECRET"),
        ("--patch-webhook", "PODROUTE_PATCH_WEBHOOK"),
    ]
    .into_iter()
    .flat_map(|(option, variable)| [option.to_owned(), environment("self-signed", variable)])
    .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let replica = replica(&cluster, &arguments).await;

    let now = Timestamp::now();
    replica.look(now).await.unwrap();
    let later = now + jiff::SignedDuration::from_hours(70 * 24);
    replica.look(later).await.unwrap();

    // Every webhook of the configuration is told.
    let configuration = cluster
        .get("ValidatingWebhookConfiguration", "", "podroute")
        .unwrap();
    for webhook in configuration["webhooks"].as_array().unwrap() {
        assert!(webhook["clientConfig"]["caBundle"].is_string(), "{webhook}");
    }
    let unused = cluster.unused_grants().into_iter();
    let unused: Vec<_> = unused
        .filter(|grant| !["list", "watch"].contains(&grant.verb.as_str()))
        .collect();
    assert_eq!(unused, []);
}

/// The rules of a ClusterRole in a file.
fn rules(path: &Path) -> Value {
    let mut documents = documents(path);
    documents.retain(|document| document["kind"] == "ClusterRole");
    assert_eq!(documents.len(), 1, "{}", path.display());
    documents.remove(0)["rules"].clone()
}

#[test]
fn it_reads_what_podroute_run_reads_and_writes_nothing() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kubernetes/rbac");
    for (part, of_run) in [
        ("base", "common"),
        ("rbac/cilium", "cilium"),
        ("rbac/calico", "calico"),
        ("rbac/openshift", "openshift"),
    ] {
        let ours = rules(&folder().join(part).join("read.yaml"));
        assert_eq!(ours, rules(&run.join(of_run).join("read.yaml")), "{part}");
        for rule in ours.as_array().unwrap() {
            assert_eq!(rule["verbs"], json!(["list", "watch"]), "{rule}");
        }
        let granted = grants(&objects(part), NAMESPACE, NAME);
        assert!(!granted.is_empty(), "{part}");
    }
}

#[test]
fn failing_closed_is_for_what_people_set_up() {
    let patched: Vec<_> = document("fail-closed/webhooks.yaml")["webhooks"]
        .as_array()
        .unwrap()
        .clone();
    let fail = |name: &str| json!({"name": name, "failurePolicy": "Fail"});
    assert_eq!(
        patched,
        [fail("settings.podroute.dev"), fail("pools.podroute.dev")]
    );
    // A patch is merged by name: one that is not there would be added.
    for patch in patched {
        assert!(
            webhooks()
                .iter()
                .any(|webhook| webhook["name"] == patch["name"])
        );
    }
}

#[test]
fn every_part_is_what_its_kustomization_says() {
    for part in COMPONENTS.into_iter().chain(["base"]) {
        let kustomization = document(&format!("{part}/kustomization.yaml"));
        let kind = match part {
            "base" => "Kustomization",
            _ => "Component",
        };
        assert_eq!(kustomization["kind"], kind, "{part}");
        let mut listed = vec!["kustomization.yaml".to_owned()];
        listed.extend(files(part, "resources"));
        listed.extend(files(part, "patches"));
        listed.sort();
        let there = std::fs::read_dir(folder().join(part)).unwrap();
        let mut there: Vec<_> = there
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        assert_eq!(listed, there, "{part}");
        for object in objects(part) {
            let namespace = &object["metadata"]["namespace"];
            let outside = [
                "Namespace",
                "ClusterRole",
                "ClusterRoleBinding",
                "ValidatingWebhookConfiguration",
            ]
            .contains(&object["kind"].as_str().unwrap());
            assert_eq!(namespace.is_null(), outside, "{object}");
            assert!(outside || *namespace == NAMESPACE, "{object}");
        }
    }
    // The example names every component, in use or to be taken in.
    let example = folder().join("example/kustomization.yaml");
    let example = std::fs::read_to_string(example).unwrap();
    for part in COMPONENTS {
        let named = part.starts_with("rbac/") || example.contains(&format!("- ../{part}"));
        assert!(named, "{part}");
    }
}
