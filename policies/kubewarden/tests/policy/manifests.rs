//! What is deployed says what the module does.

use std::collections::BTreeSet;

use podroute_kubewarden::sources::SOURCES;
use podroute_policy::objects::Kind;
use podroute_policy::objects::config_map::ConfigMap;
use serde_json::{Value, json};

use crate::yaml;

fn file(path: &str) -> Value {
    yaml::documents(&yaml::own(path)).remove(0)
}

fn versions_and_kinds() -> BTreeSet<(String, String)> {
    SOURCES
        .iter()
        .flat_map(|source| {
            let pair = |version: &&str| ((*version).to_owned(), source.kind.name().to_owned());
            source.versions.iter().map(pair)
        })
        .collect()
}

fn context_aware(of: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let resources = of["contextAwareResources"].as_array().unwrap();
    let pair = |one: &Value| (text(&one["apiVersion"]), text(&one["kind"]));
    resources.iter().map(pair).collect()
}

#[test]
fn the_policy_may_see_what_it_asks_for_and_nothing_else() {
    assert_eq!(context_aware(&file("metadata.yml")), versions_and_kinds());
    let deployed = &file("policy.yaml")["spec"];
    assert_eq!(context_aware(deployed), versions_and_kinds());
}

#[test]
fn the_policy_server_may_list_what_the_policy_asks_for_and_nothing_else() {
    let role = file("rbac.yaml");
    let mut granted = BTreeSet::new();
    for rule in role["rules"].as_array().unwrap() {
        assert_eq!(rule["verbs"], json!(["list", "watch"]));
        // Of ConfigMaps only those that are read.
        let names = if rule["resources"] == json!(["configmaps"]) {
            json!(ConfigMap::READ)
        } else {
            Value::Null
        };
        assert_eq!(rule["resourceNames"], names);
        for group in rule["apiGroups"].as_array().unwrap() {
            for resource in rule["resources"].as_array().unwrap() {
                let pair = (group.as_str().unwrap(), resource.as_str().unwrap());
                granted.insert((pair.0.to_owned(), pair.1.to_owned()));
            }
        }
    }
    let needed: BTreeSet<(String, String)> = SOURCES
        .iter()
        .flat_map(|source| {
            let group = |version: &&str| {
                version
                    .split_once('/')
                    .map_or("", |(group, _)| group)
                    .to_owned()
            };
            source
                .versions
                .iter()
                .map(move |version| (group(version), source.plural.to_owned()))
        })
        .collect();
    assert_eq!(granted, needed);
}

/// What only machines write is not among them: refusing a CiliumNode would
/// take the node off the network, which is worse than a missing route.
#[test]
fn people_and_pipelines_are_asked_about_machines_are_not() {
    let of_machines = [
        Kind::BlockAffinity,
        Kind::CiliumNode,
        Kind::HostSubnet,
        Kind::Node,
    ];
    let written_by_people: BTreeSet<(String, String)> = SOURCES
        .iter()
        .filter(|source| !of_machines.contains(&source.kind))
        .flat_map(|source| {
            let group = |version: &&str| {
                version
                    .split_once('/')
                    .map_or("", |(group, _)| group)
                    .to_owned()
            };
            source
                .versions
                .iter()
                .map(move |version| (group(version), source.plural.to_owned()))
        })
        .collect();
    for (path, of) in [("metadata.yml", ""), ("policy.yaml", "/spec")] {
        let document = file(path);
        let mut matched = BTreeSet::new();
        for rule in document.pointer(of).unwrap()["rules"].as_array().unwrap() {
            assert_eq!(rule["operations"], json!(["CREATE", "UPDATE", "DELETE"]));
            assert_eq!(rule["apiVersions"], json!(["*"]));
            for group in rule["apiGroups"].as_array().unwrap() {
                for resource in rule["resources"].as_array().unwrap() {
                    matched.insert((
                        group.as_str().unwrap().to_owned(),
                        resource.as_str().unwrap().to_owned(),
                    ));
                }
            }
        }
        assert_eq!(matched, written_by_people, "{path}");
    }
}

#[test]
fn the_metadata_is_what_kubewarden_wants() {
    let metadata = file("metadata.yml");
    assert_eq!(metadata["executionMode"], "kubewarden-wapc");
    assert_eq!(metadata["policyType"], "kubernetes");
    assert_eq!(metadata["mutating"], false);
    for annotation in ["title", "description", "author", "url", "source", "license"] {
        let text = metadata["annotations"][format!("io.kubewarden.policy.{annotation}")].as_str();
        assert!(text.is_some_and(|text| !text.is_empty()), "{annotation}");
    }
}

/// The settings of the example are good ones.
#[test]
fn the_policy_that_is_deployed_is_valid() {
    let settings = file("policy.yaml")["spec"]["settings"].to_string();
    podroute_kubewarden::settings::PolicySettings::read(settings.as_bytes()).unwrap();
}
