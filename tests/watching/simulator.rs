//! The simulator, by what the API's documentation promises: a test is worth
//! as much as the server that it runs against.

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind, ObjectMeta};
use kube::discovery::Discovery;
use kube::{Api, Error};
use serde_json::json;

use crate::cluster::Cluster;
use crate::follower::client;
use crate::node;

fn code<T>(answer: Result<T, Error>) -> u16 {
    match answer {
        Err(Error::Api(status)) => status.code,
        Err(error) => panic!("{error}"),
        Ok(_) => 200,
    }
}

fn lease(holder: &str) -> Lease {
    Lease {
        metadata: ObjectMeta {
            name: Some("podroute".to_owned()),
            ..ObjectMeta::default()
        },
        spec: Some(LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            ..LeaseSpec::default()
        }),
    }
}

#[tokio::test]
async fn only_one_of_two_takes_a_lease() {
    let cluster = Cluster::start().await;
    let leases: Api<Lease> = Api::namespaced(client(&cluster).await, "podroute");
    assert_eq!(code(leases.get("podroute").await), 404);
    let params = PostParams::default();
    let created = leases.create(&params, &lease("a")).await.unwrap();
    assert_eq!(code(leases.create(&params, &lease("b")).await), 409);

    let mut first = created.clone();
    first.spec.as_mut().unwrap().holder_identity = Some("b".to_owned());
    let mut second = created;
    second.spec.as_mut().unwrap().holder_identity = Some("c".to_owned());
    leases.replace("podroute", &params, &first).await.unwrap();
    assert_eq!(
        code(leases.replace("podroute", &params, &second).await),
        409
    );

    let now = leases.get("podroute").await.unwrap();
    assert_eq!(now.spec.unwrap().holder_identity.unwrap(), "b");
    leases
        .delete("podroute", &DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(code(leases.get("podroute").await), 404);
}

#[tokio::test]
async fn server_side_apply_makes_and_changes() {
    let cluster = Cluster::start().await;
    cluster.install_known("ClusterReport");
    let kind = GroupVersionKind::gvk("openreports.io", "v1alpha1", "ClusterReport");
    let resource = ApiResource::from_gvk(&kind);
    let reports: Api<DynamicObject> = Api::all_with(client(&cluster).await, &resource);
    let params = PatchParams::apply("podroute");
    let report = |count: u32| {
        Patch::Apply(json!({
            "apiVersion": "openreports.io/v1alpha1", "kind": "ClusterReport",
            "metadata": {"name": "podroute"},
            "summary": {"fail": count},
        }))
    };
    let first = reports
        .patch("podroute", &params, &report(1))
        .await
        .unwrap();
    let same = reports
        .patch("podroute", &params, &report(1))
        .await
        .unwrap();
    let other = reports
        .patch("podroute", &params, &report(2))
        .await
        .unwrap();
    assert_eq!(
        first.metadata.resource_version,
        same.metadata.resource_version
    );
    assert_ne!(
        same.metadata.resource_version,
        other.metadata.resource_version
    );
    assert_eq!(
        cluster.get("ClusterReport", "", "podroute").unwrap()["summary"],
        json!({"fail": 2})
    );

    let merge = Patch::Merge(json!({"summary": {"fail": null, "warn": 1}}));
    let merged = reports
        .patch("podroute", &PatchParams::default(), &merge)
        .await;
    assert_eq!(merged.unwrap().data["summary"], json!({"warn": 1}));
}

#[tokio::test]
async fn discovery_tells_what_is_installed() {
    let cluster = Cluster::start().await;
    cluster.install_known("CiliumNode");
    let discovery = Discovery::new(client(&cluster).await).run().await.unwrap();
    let has = |group: &str, kind: &str| {
        discovery
            .get(group)
            .is_some_and(|group| group.recommended_kind(kind).is_some())
    };
    assert!(has("cilium.io", "CiliumNode"));
    assert!(has("apps", "DaemonSet"));
    assert!(has("", "Node"));
    assert!(!has("projectcalico.org", "IPPool"));
}

#[tokio::test]
async fn pages_are_of_one_moment_until_they_expire() {
    let cluster = Cluster::start().await;
    for name in ["a", "b", "c"] {
        cluster.apply(node(name));
    }
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client(&cluster).await);
    let first = nodes.list(&ListParams::default().limit(2)).await.unwrap();
    cluster.delete("Node", "", "c");
    cluster.apply(node("d"));

    let token = first.metadata.continue_.unwrap();
    let rest = ListParams::default().limit(2).continue_token(&token);
    let second = nodes.list(&rest).await.unwrap();
    let names: Vec<_> = second
        .items
        .iter()
        .map(|one| one.metadata.name.clone().unwrap())
        .collect();
    assert_eq!(names, ["c"]);
    assert_eq!(
        second.metadata.resource_version,
        first.metadata.resource_version
    );

    cluster.expire_history();
    assert_eq!(code(nodes.list(&rest).await), 410);
}
