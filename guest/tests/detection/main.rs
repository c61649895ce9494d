//! Which CNI is found, where its pod CIDRs are read, and what is said when
//! that cannot be told. A cluster is written as short words, see [`object`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod calico;
mod cilium;
mod others;

use podroute_policy::cluster::Cluster;
use podroute_policy::detect::{Detected, Place};
use podroute_policy::settings::{RawSettings, Settings};

/// `ds NAME`, `ds-off NAME`, `cilium KEY=VALUE,...`, `calico-config IPAM`,
/// `canal-config IPAM`, `installation TYPE [IPAM]`, `block NODE STATE`,
/// `pool CIDR`, `subnet NODE`, `ciliumnode NAME`, `node NAME`, `node NAME
/// ANNOTATION=VALUE`, `signed NAME REASON`.
fn object(words: &str) -> String {
    let mut parts = words.splitn(3, ' ');
    let (kind, name, more) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap_or_default(),
    );
    let config = |config: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"namespace":"kube-system","name":"{config}"}},"data":{{"cni_network_config":"{{\"mtu\": __CNI_MTU__, \"ipam\": {{\"type\": \"{name}\"}}"}}}}"#
        )
    };
    match kind {
        "ds" | "ds-off" => format!(
            r#"{{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{{"namespace":"kube-system","name":"{name}"}},"status":{{"desiredNumberScheduled":{}}}}}"#,
            if kind == "ds" { 2 } else { 0 }
        ),
        "cilium" => {
            let data: Vec<String> = name
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| format!(r#""{key}":"{value}""#))
                .collect();
            format!(
                r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"namespace":"kube-system","name":"cilium-config"}},"data":{{{}}}}}"#,
                data.join(",")
            )
        }
        "calico-config" | "canal-config" => config(kind),
        "installation" => {
            let ipam = match more {
                "" => String::new(),
                more => format!(r#","ipam":{{"type":"{more}"}}"#),
            };
            format!(
                r#"{{"apiVersion":"operator.tigera.io/v1","kind":"Installation","metadata":{{"name":"default"}},"spec":{{"cni":{{"type":"{name}"{ipam}}}}}}}"#
            )
        }
        "block" => format!(
            r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"BlockAffinity","metadata":{{"name":"{name}-1"}},"spec":{{"cidr":"10.1.0.0/26","node":"{name}","state":"{more}","deleted":"false"}}}}"#
        ),
        "virtual" => format!(
            r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"BlockAffinity","metadata":{{"name":"{name}-1"}},"spec":{{"cidr":"192.0.2.0/26","node":"{name}","state":"confirmed","deleted":"false","type":"virtual"}}}}"#
        ),
        "pool" => format!(
            r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"IPPool","metadata":{{"name":"pool"}},"spec":{{"cidr":"{name}"}}}}"#
        ),
        "subnet" => format!(
            r#"{{"apiVersion":"network.openshift.io/v1","kind":"HostSubnet","metadata":{{"name":"{name}"}},"host":"{name}","hostIP":"192.0.2.1","subnet":"10.1.0.0/23"}}"#
        ),
        "ciliumnode" => format!(
            r#"{{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{{"name":"{name}"}},"spec":{{"ipam":{{"podCIDRs":["10.2.0.0/24"]}}}}}}"#
        ),
        "node" => {
            let (key, value) = more.split_once('=').unwrap_or(("a", "b"));
            format!(
                r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}","annotations":{{"{key}":"{value}"}}}}}}"#
            )
        }
        "signed" => format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}},"status":{{"conditions":[{{"type":"NetworkUnavailable","status":"False","reason":"{more}"}}]}}}}"#
        ),
        other => panic!("{other:?}"),
    }
}

struct Found {
    cni: &'static str,
    place: Place,
    evidence: Vec<String>,
    undecided: Vec<String>,
}

fn find(words: &[&str], settings: &str) -> Found {
    let documents: Vec<String> = words.iter().map(|words| object(words)).collect();
    let mut cluster = Cluster::default();
    let problems = cluster.load(documents.iter().map(String::as_str));
    assert_eq!(problems, [], "{words:?}");
    let raw: RawSettings = serde_json::from_str(settings).unwrap();
    let settings = Settings::try_from(raw).unwrap();
    let detected = Detected::find(&cluster, &settings);
    Found {
        cni: detected.cni.cni.name(),
        place: detected.place,
        evidence: detected.cni.evidence.clone(),
        undecided: detected.undecided.clone(),
    }
}

/// A CNI and a place that are certain. Every cluster has a Node.
#[track_caller]
fn certain(words: &[&str], cni: &str, place: Place) {
    let words = [words, &["node n"]].concat();
    let found = find(&words, "{}");
    assert_eq!((found.cni, found.place), (cni, place), "{words:?}");
    assert_eq!(found.undecided, Vec::<String>::new(), "{words:?}");
}

/// A cluster of which something stays open, with words of what is said.
#[track_caller]
fn open(words: &[&str], cni: &str, place: Place, said: &str) {
    let words = [words, &["node n"]].concat();
    let found = find(&words, "{}");
    assert_eq!((found.cni, found.place), (cni, place), "{words:?}");
    let [undecided] = found.undecided.as_slice() else {
        panic!("{words:?}: {:?}", found.undecided);
    };
    assert!(undecided.contains(said), "{undecided}");
}
