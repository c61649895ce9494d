//! What the controller demands of a VRF context's static routes.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use super::state::Fields;

/// Says what is wrong with an object that is to be written.
pub(super) fn check(kind: &str, fields: &Fields) -> Result<(), String> {
    if kind != "vrfcontext" {
        return Ok(());
    }
    let Some(routes) = fields.get("static_routes") else {
        return Ok(());
    };
    let routes: Vec<Value> =
        serde_json::from_str(routes.get()).map_err(|error| format!("static_routes: {error}"))?;
    let mut ids = BTreeSet::new();
    for route in &routes {
        let Some(id) = route["route_id"].as_str() else {
            return Err("static_routes.route_id: This field is required.".to_owned());
        };
        if !ids.insert(id) {
            return Err(format!(
                "Unique constraints route_id violated in static_routes: {id}"
            ));
        }
        if route["labels"]
            .as_array()
            .is_some_and(|labels| labels.len() > 1)
        {
            return Err(format!("static_routes.labels of {id}: at most 1 item"));
        }
        let longest = match address(&route["prefix"]["ip_addr"])? {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let mask = route["prefix"]["mask"].as_u64();
        if mask.is_none_or(|mask| mask > longest) {
            return Err(format!("static_routes.prefix.mask of {id}: not valid"));
        }
        // Some go out of an interface instead.
        if let Some(next_hop) = route.get("next_hop") {
            address(next_hop)?;
        }
    }
    Ok(())
}

fn address(value: &Value) -> Result<IpAddr, String> {
    let address: Option<IpAddr> = value["addr"].as_str().and_then(|text| text.parse().ok());
    match (address, value["type"].as_str()) {
        (Some(address @ IpAddr::V4(_)), Some("V4"))
        | (Some(address @ IpAddr::V6(_)), Some("V6")) => Ok(address),
        _ => Err(format!("Invalid IP address: {value}")),
    }
}
