//! What stands in a VRF.

use serde_json::{Value, json};

use crate::avi::Controller;

/// The routes of the VRF `global`: `prefix via next hop (owner)`, sorted.
pub(crate) fn routes(controller: &Controller) -> Vec<String> {
    let vrf: Value = serde_json::from_str(&controller.vrf("global")).unwrap();
    let mut routes: Vec<String> = vrf["static_routes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|route| {
            let label = route["labels"].as_array().and_then(|labels| labels.first());
            let owner = label.map_or("nobody", |label| label["value"].as_str().unwrap());
            format!(
                "{}/{} via {} ({owner})",
                route["prefix"]["ip_addr"]["addr"].as_str().unwrap(),
                route["prefix"]["mask"],
                route["next_hop"]["addr"].as_str().unwrap(),
            )
        })
        .collect();
    routes.sort();
    routes
}

/// The routes of the nodes with these numbers, of the cluster `shop`.
pub(crate) fn of_nodes(numbers: impl IntoIterator<Item = u8>) -> Vec<String> {
    let route = |number| format!("10.0.{number}.0/24 via 192.0.2.{number} (shop)");
    let mut routes: Vec<String> = numbers.into_iter().map(route).collect();
    routes.sort();
    routes
}

/// A VRF `global` that holds what [`of_nodes`] has.
pub(crate) fn holding(numbers: impl IntoIterator<Item = u8>) -> String {
    let text = |number: u8| {
        let texts = ["shop-N", "10.0.N.0/24", "192.0.2.N"];
        texts.map(|text| text.replace('N', &number.to_string()))
    };
    let texts: Vec<[String; 3]> = numbers.into_iter().map(text).collect();
    let routes: Vec<_> = texts
        .iter()
        .map(|[id, prefix, next_hop]| (&**id, &**prefix, &**next_hop, Some("shop")))
        .collect();
    with(&routes)
}

/// A VRF `global` that holds these routes: id, prefix, next hop, owner.
pub(crate) fn with(routes: &[(&str, &str, &str, Option<&str>)]) -> String {
    let routes: Vec<Value> = routes
        .iter()
        .map(|(id, prefix, next_hop, owner)| {
            let (address, mask) = prefix.split_once('/').unwrap();
            let mut route = json!({
                "route_id": id,
                "prefix": {"ip_addr": {"addr": address, "type": "V4"}, "mask": mask.parse::<u8>().unwrap()},
                "next_hop": {"addr": next_hop, "type": "V4"},
            });
            if let Some(owner) = owner {
                route["labels"] = json!([{"key": "clustername", "value": owner}]);
            }
            route
        })
        .collect();
    json!({"uuid": "vrfcontext-1", "name": "global", "static_routes": routes}).to_string()
}

/// How many times a VRF was written.
pub(crate) fn writes(controller: &Controller) -> usize {
    controller.requests("PUT /api/vrfcontext/").len()
}
