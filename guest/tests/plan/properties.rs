//! Whatever a table holds and a cluster wants: nobody else's routes are
//! touched, and what was planned once need not be planned again.

use std::collections::{BTreeMap, BTreeSet};

use podroute_policy::plan::{Observed, Plan, Request};
use podroute_policy::prefix::Prefix;
use podroute_policy::settings::RawSettings;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::watched::{Watched, at, in_zone, request, selecting, with_settings};

fn prefix() -> impl Strategy<Value = String> {
    let known = select(vec![
        "10.244.0.0/24",
        "10.244.1.0/24",
        "10.244.2.0/24",
        "10.244.3.0/24",
        "10.244.0.0/25",
        "10.244.0.128/25",
        "10.244.0.0/23",
        "10.244.0.7/24",
        "10.244.0.0/16",
        "fd00::/64",
        "fd00:0:0:1::/64",
        "fd00::/63",
        "0.0.0.0/0",
    ]);
    prop_oneof![20 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn address() -> impl Strategy<Value = String> {
    let known = select(vec![
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "192.0.2.4",
        "2001:db8::1",
        "2001:db8::2",
        "fe80::1",
    ]);
    prop_oneof![20 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn owner() -> impl Strategy<Value = Option<String>> {
    let known = select(vec![
        "shop", "shop", "shop", "shop", "old-shop", "shop-2", "Shop", "",
    ]);
    prop_oneof![8 => known.prop_map(|owner| Some(owner.to_owned())), 2 => Just(None), 1 => "\\PC{0,6}".prop_map(Some)]
}

/// A table. Ids are the device's own and unique.
fn table() -> impl Strategy<Value = Vec<Observed>> {
    let id = prop_oneof![
        6 => "[a-f][0-9]{2}",
        1 => select(vec!["shop-73716c7acd015f22-0", "shop-73716c7acd015f22-1"])
            .prop_map(str::to_owned),
    ];
    let route = (id, prefix(), option::weighted(0.9, address()), owner());
    vec(route, 0..14).prop_map(|routes| {
        let mut ids = BTreeSet::new();
        routes
            .into_iter()
            .filter(|(id, ..)| ids.insert(id.clone()))
            .map(|(id, prefix, next_hop, owner)| Observed {
                id,
                prefix,
                next_hop,
                owner,
            })
            .collect()
    })
}

/// Addresses are a node's own.
fn node() -> impl Strategy<Value = Value> {
    let addresses = |number: u8| {
        let own = [
            format!("192.0.2.{number}"),
            format!("2001:db8::{number}"),
            "fe80::1".to_owned(),
        ];
        proptest::sample::subsequence(own.to_vec(), 0..=3)
    };
    let zone = option::of(select(vec!["a", "b"]));
    (1_u8..5)
        .prop_flat_map(move |number| (Just(number), addresses(number)))
        .prop_flat_map(move |(number, addresses)| {
            (
                Just(number),
                Just(addresses),
                vec(prefix(), 0..4),
                zone.clone(),
            )
        })
        .prop_map(|(number, addresses, cidrs, zone)| {
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            let cidrs: Vec<&str> = cidrs.iter().map(String::as_str).collect();
            let node = at(number, &addresses, &cidrs);
            match zone {
                Some(zone) => in_zone(node, zone),
                None => node,
            }
        })
}

fn requests() -> impl Strategy<Value = Request> {
    (
        table(),
        option::weighted(0.3, Just("zone=a")),
        select(vec![0_u32, 25, 60, 100]),
        option::weighted(0.3, Just("old-shop".to_owned())),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(observed, selector, delete_share, former, withdraw)| {
            let request = match selector {
                Some(selector) => selecting(selector, &observed),
                None => request(&observed),
            };
            Request {
                delete_share,
                withdraw,
                former_owners: former.into_iter().collect(),
                ..request
            }
        })
}

fn is_ours(request: &Request, route: &Observed) -> bool {
    let owner = route.owner.as_ref();
    owner.is_some_and(|owner| *owner == request.owner || request.former_owners.contains(owner))
}

/// The table after everything in the plan was done, by id.
fn done(request: &Request, plan: &Plan) -> Vec<Observed> {
    let mut table: BTreeMap<String, Observed> = request
        .observed
        .iter()
        .map(|route| (route.id.clone(), route.clone()))
        .collect();
    for route in &plan.deletes {
        assert_eq!(table.remove(&route.id).as_ref(), Some(route));
    }
    for update in &plan.updates {
        assert_eq!(table.get(&update.from.id), Some(&update.from));
    }
    let updated = plan.updates.iter().map(|update| &update.to);
    for to in plan.adds.iter().chain(updated) {
        let route = Observed {
            id: to.id.clone(),
            prefix: to.prefix.to_string(),
            next_hop: Some(to.next_hop.to_string()),
            owner: Some(request.owner.clone()),
        };
        table.insert(to.id.clone(), route);
    }
    table.into_values().collect()
}

fn foreign(request: &Request, table: &[Observed]) -> BTreeSet<Observed> {
    let foreign = table.iter().filter(|route| !is_ours(request, route));
    foreign.cloned().collect()
}

/// Every route of ours is in exactly one place of the plan.
fn check_complete(request: &Request, plan: &Plan) {
    let mut places: Vec<&str> = Vec::new();
    places.extend(plan.updates.iter().map(|update| update.from.id.as_str()));
    places.extend(plan.deletes.iter().map(|route| route.id.as_str()));
    places.extend(plan.held.iter().map(|held| held.route.id.as_str()));
    places.extend(plan.right.iter().map(|right| right.id.as_str()));
    places.sort_unstable();
    let ours = request
        .observed
        .iter()
        .filter(|route| is_ours(request, route));
    let mut ids: Vec<&str> = ours.map(|route| route.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(places, ids);
    assert_eq!(plan.foreign, request.observed.len() - ids.len());
}

/// The prefixes of ours in the table, without those that are held.
fn check_one_each(request: &Request, plan: &Plan, table: &[Observed]) {
    let held: BTreeSet<&str> = plan
        .held
        .iter()
        .map(|held| held.route.id.as_str())
        .collect();
    let mut prefixes = BTreeSet::new();
    for route in table.iter().filter(|route| is_ours(request, route)) {
        if !held.contains(route.id.as_str()) {
            let prefix = Prefix::parse(&route.prefix).unwrap().prefix;
            assert!(prefixes.insert(prefix), "{prefix} twice");
        }
    }
}

fn check(watched: &mut Watched, request: &Request) {
    let plan = watched.plan(request);
    check_complete(request, &plan);
    let table = done(request, &plan);
    assert_eq!(
        foreign(request, &table),
        foreign(request, &request.observed)
    );
    let ids: BTreeSet<&str> = table.iter().map(|route| route.id.as_str()).collect();
    assert_eq!(ids.len(), table.len());
    assert_eq!(
        table.len(),
        request.observed.len() + plan.adds.len() - plan.deletes.len()
    );
    check_one_each(request, &plan, &table);
    if !plan.stopped.is_empty() {
        assert!(plan.adds.is_empty() && plan.updates.is_empty() && plan.deletes.is_empty());
    }
    for conflict in &plan.conflicts {
        assert!(!is_ours(request, &conflict.foreign));
        if conflict.blocks {
            let ours = plan.right.iter().chain(&plan.adds);
            let mut ours = ours.chain(plan.updates.iter().map(|update| &update.to));
            assert!(ours.all(|planned| planned.prefix != conflict.prefix));
        }
    }
    // The order of the table does not show.
    let mut reversed = request.clone();
    reversed.observed.reverse();
    assert_eq!(watched.plan(&reversed), plan);
    // Once all is done there is nothing left to do, or nothing but what
    // waited or stood in the way.
    let mut request = Request {
        observed: table,
        ..request.clone()
    };
    let mut rounds = 1;
    while let next = watched.plan(&request)
        && done(&request, &next) != request.observed
    {
        let may_change = plan.confirmation.is_some() || plan.conflicts.iter().any(|one| one.blocks);
        assert!(may_change && rounds < 4, "{next:?}");
        request.observed = done(&request, &next);
        rounds += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_the_table_and_the_cluster(
        nodes in vec(node(), 0..6),
        request in requests(),
        aggregate in any::<bool>(),
    ) {
        let settings = RawSettings { aggregate, ..RawSettings::default() };
        let mut watched = with_settings(&nodes, settings);
        check(&mut watched, &request);
    }
}
