//! Settings in JSON and in the record of the WIT: the same.

use podroute::policy::{
    Gap, Level, ObjectKey, OtherCluster, Parameter, RuleSetting, Settings, Suppression,
};
use serde_json::Value;

/// Settings in JSON as the record of the WIT.
pub(super) fn typed(settings: &Value) -> Settings {
    let known = [
        "cni",
        "ipamMode",
        "ciliumVersion",
        "aviVersion",
        "nextHopTypes",
        "nodeNetworks",
        "nodeSelector",
        "aggregate",
        "connectedNetworks",
        "protectedNetworks",
        "otherClusters",
        "routeLimit",
        "at",
        "today",
        "rules",
        "suppressions",
        "listedKinds",
        "gaps",
    ];
    for name in settings.as_object().unwrap().keys() {
        assert!(known.contains(&name.as_str()), "{name}");
    }
    let text = |name: &str| settings[name].as_str().map(str::to_owned);
    let list = |name: &str| -> Vec<String> {
        let list = settings[name].as_array().into_iter().flatten();
        list.map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let objects = |name: &str| settings[name].as_array().into_iter().flatten();
    Settings {
        cni: text("cni"),
        ipam_mode: text("ipamMode"),
        cilium_version: text("ciliumVersion"),
        avi_version: text("aviVersion"),
        next_hop_types: list("nextHopTypes"),
        node_networks: list("nodeNetworks"),
        node_selector: text("nodeSelector"),
        aggregate: settings["aggregate"] == true,
        connected_networks: list("connectedNetworks"),
        protected_networks: list("protectedNetworks"),
        other_clusters: objects("otherClusters").map(other_cluster).collect(),
        route_limit: settings["routeLimit"]
            .as_u64()
            .map(|limit| limit.try_into().unwrap()),
        at: text("at"),
        today: text("today"),
        rules: objects("rules").map(rule_setting).collect(),
        suppressions: objects("suppressions").map(suppression).collect(),
        listed_kinds: list("listedKinds"),
        gaps: objects("gaps")
            .map(|gap| Gap {
                kind: gap["kind"].as_str().unwrap().to_owned(),
                reason: gap["reason"].as_str().unwrap().to_owned(),
            })
            .collect(),
    }
}

fn other_cluster(value: &Value) -> OtherCluster {
    let cidrs = value["podCidrs"].as_array().unwrap();
    OtherCluster {
        name: value["name"].as_str().unwrap().to_owned(),
        pod_cidrs: cidrs
            .iter()
            .map(|cidr| cidr.as_str().unwrap().to_owned())
            .collect(),
    }
}

fn rule_setting(value: &Value) -> RuleSetting {
    let parameters = value["parameters"].as_object().into_iter().flatten();
    RuleSetting {
        rule: value["rule"].as_str().unwrap().to_owned(),
        severity: value["severity"].as_str().map(|level| match level {
            "off" => Level::Off,
            "info" => Level::Info,
            "warning" => Level::Warning,
            "error" => Level::Error,
            other => panic!("{other}"),
        }),
        parameters: parameters
            .map(|(name, value)| Parameter {
                name: name.clone(),
                value: value.as_i64().unwrap(),
            })
            .collect(),
    }
}

fn suppression(value: &Value) -> Suppression {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Suppression {
        rule: text(&value["rule"]).unwrap(),
        object: value["object"].as_object().map(|object| ObjectKey {
            kind: text(&object["kind"]).unwrap(),
            namespace: object.get("namespace").and_then(text),
            name: text(&object["name"]).unwrap(),
        }),
        reason: text(&value["reason"]).unwrap(),
        until: text(&value["until"]),
    }
}
