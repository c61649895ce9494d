//! Rules about routes: prefixes against each other, and next hops.

mod contested;
pub mod duplicate_prefix;
pub mod limit;
pub mod next_hop_in_prefix;
pub mod off_link;
pub mod overlapping_prefix;
pub mod protected_overlap;
pub mod shared_next_hop;

use std::net::IpAddr;

use super::context::Context;
use super::rule::Rule;
use crate::prefix::Family;
use crate::report::ObjectRef;
use crate::routes::{MappedClaim, Mapping};

pub const RULES: &[&Rule] = &[
    &duplicate_prefix::RULE,
    &limit::RULE,
    &next_hop_in_prefix::RULE,
    &off_link::RULE,
    &overlapping_prefix::RULE,
    &protected_overlap::RULE,
    &shared_next_hop::RULE,
];

/// The claims that become routes, with their next hops.
fn routed<'m, 'a>(mapping: &'m Mapping<'a>) -> impl Iterator<Item = (&'m MappedClaim<'a>, IpAddr)> {
    mapping
        .claims
        .iter()
        .filter(|mapped| mapped.withheld_by.is_none())
        .filter_map(|mapped| Some((mapped, mapped.next_hop?)))
}

/// Where a node's next hop stands.
fn next_hop_ref(context: &Context<'_>, node: &str, family: Family) -> Option<ObjectRef> {
    let object = context.cluster.nodes.get(node)?;
    let hop = context.mapping().next_hops_of(node)?.get(family);
    Some(object.to_ref().at(hop.origin.path()))
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, second, third] => format!("{first}, {second} and {third}"),
        [first, second, third, more @ ..] => {
            format!("{first}, {second}, {third} and {} more", more.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn names_at_most_three() {
        for (count, expected) in [
            (0, ""),
            (1, "0"),
            (2, "0 and 1"),
            (3, "0, 1 and 2"),
            (4, "0, 1, 2 and 1 more"),
            (9, "0, 1, 2 and 6 more"),
        ] {
            let names: Vec<String> = (0..count).map(|name: usize| name.to_string()).collect();
            assert_eq!(list(&names), expected);
        }
    }
}
