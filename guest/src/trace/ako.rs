//! What AKO does about an address under its settings.

use std::net::IpAddr;

use super::TracedClaim;
use crate::ako::{self, NodeRoutes};
use crate::detect::ako::Ako;
use crate::prefix::Prefix;
use crate::rules::ako::static_routes_off;
use crate::rules::context::Context;

/// What one AKO does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedAko {
    pub namespace: String,
    /// The longest prefix that it programs around the address, as it writes
    /// it.
    pub prefix: Option<String>,
    pub next_hop: Option<IpAddr>,
    /// The node that it takes the prefix to be of.
    pub node: Option<String>,
    /// Why it programs none.
    pub reason: Option<String>,
    /// Whether the address is routed by it as it has to be.
    pub right: bool,
}

/// A route of AKO's around the address.
struct Around<'a> {
    prefix: Prefix,
    text: &'a str,
    next_hop: IpAddr,
    node: &'a str,
}

/// What each AKO does, beside the claim that is routed.
pub(super) fn all(
    context: &Context<'_>,
    ip: IpAddr,
    right: Option<&TracedClaim>,
) -> Vec<TracedAko> {
    let akos = context.detected.akos.iter();
    akos.map(|ako| one(context, ako, ip, right)).collect()
}

fn one(context: &Context<'_>, ako: &Ako<'_>, ip: IpAddr, right: Option<&TracedClaim>) -> TracedAko {
    let none = |reason| TracedAko {
        namespace: ako.namespace().to_owned(),
        prefix: None,
        next_hop: None,
        node: None,
        reason: Some(reason),
        right: right.is_none(),
    };
    if let Some(why) = ako.sync_off() {
        let key = static_routes_off::key(why);
        let value = ako.value(key).unwrap_or_default();
        return none(format!("it programs no static routes ({key}: {value:?})"));
    }
    let programmed = ako::program(context.cluster, ako);
    let routes = programmed.iter().flat_map(|(node, routes)| {
        let routes = routes.iter().flatten();
        routes.filter_map(move |route| {
            Some(Around {
                prefix: Prefix::parse(route.prefix).ok()?.prefix,
                text: route.prefix,
                next_hop: route.next_hop,
                node,
            })
        })
    });
    let around = routes.filter(|route| route.prefix.contains_address(ip));
    let Some(found) = around.max_by_key(|route| route.prefix.length()) else {
        let of_node = right.and_then(|claim| Some((claim, programmed.get(&*claim.node)?)));
        return none(match of_node {
            Some((claim, routes)) => without(&claim.node, routes, ako),
            None => "no prefix that it programs has the address".to_owned(),
        });
    };
    TracedAko {
        namespace: ako.namespace().to_owned(),
        prefix: Some(found.text.to_owned()),
        next_hop: Some(found.next_hop),
        node: Some(found.node.to_owned()),
        reason: None,
        right: right.is_some_and(|claim| {
            claim.prefix == found.prefix && claim.next_hop == Some(found.next_hop)
        }),
    }
}

/// Why the right node has no route of AKO's to the address.
fn without(node: &str, routes: &NodeRoutes<'_>, ako: &Ako<'_>) -> String {
    let plugin = ako.cni_plugin();
    match routes {
        Err(reason) => {
            format!("it gives node {node} no route (cniPlugin: {plugin:?}): {reason}")
        }
        Ok(routes) if routes.is_empty() => {
            format!("it finds no pod CIDR of node {node} (cniPlugin: {plugin:?})")
        }
        Ok(routes) => {
            let prefixes: Vec<&str> = routes.iter().map(|route| route.prefix).collect();
            format!(
                "it takes the pod CIDRs of node {node} to be {} (cniPlugin: {plugin:?})",
                prefixes.join(", ")
            )
        }
    }
}
