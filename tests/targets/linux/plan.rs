//! What the daemon does around a target: read, plan, write. The plan is that
//! of a simple case.

use clap::Parser;
use podroute::targets::linux::Options;
use podroute::targets::{Changes, Error, Failure, Target, Wanted};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    linux: Options,
}

pub(crate) const OWNER: &str = "shop";

pub(crate) fn target(arguments: &[&str]) -> Box<dyn Target> {
    let cli = Cli::parse_from([&["podroute"], arguments].concat());
    let mut bounds = cli.linux.open(OWNER).unwrap();
    assert_eq!(bounds.len(), 1);
    bounds.remove(0).target
}

/// Makes the routes of ours what is wanted: pairs of prefix and next hop.
/// Returns what failed.
pub(crate) async fn converge(target: &mut dyn Target, wanted: &[(&str, &str)]) -> Vec<Failure> {
    try_converge(target, wanted).await.unwrap()
}

pub(crate) async fn try_converge(
    target: &mut dyn Target,
    wanted: &[(&str, &str)],
) -> Result<Vec<Failure>, Error> {
    let changes = plan(target, wanted).await?;
    Ok(target.write(&changes).await?.failed)
}

pub(crate) async fn plan(
    target: &mut dyn Target,
    wanted: &[(&str, &str)],
) -> Result<Changes, Error> {
    let mut ours = target.read().await?.routes;
    ours.retain(|route| route.owner.as_deref() == Some(OWNER));
    let mut changes = Changes {
        owner: OWNER.to_owned(),
        ..Changes::default()
    };
    for (prefix, next_hop) in wanted {
        // Of several, the one that is right already stays.
        let there = ours
            .iter()
            .position(|route| {
                route.prefix == *prefix && route.next_hop.as_deref() == Some(*next_hop)
            })
            .or_else(|| ours.iter().position(|route| route.prefix == *prefix))
            .map(|at| ours.remove(at));
        let route = Wanted {
            id: there
                .as_ref()
                .map_or_else(|| format!("new {prefix}"), |route| route.id.clone()),
            prefix: prefix.parse().unwrap(),
            next_hop: next_hop.parse().unwrap(),
            node: "worker".to_owned(),
        };
        match there {
            None => changes.adds.push(route.clone()),
            Some(there) if there.next_hop.as_deref() != Some(*next_hop) => {
                changes.updates.push(route.clone());
            }
            Some(_) => {}
        }
        changes.all.push(route);
    }
    changes.deletes = ours;
    Ok(changes)
}

/// The routes of a table as (prefix, next hop, owner).
pub(crate) async fn held(target: &mut dyn Target) -> Vec<(String, Option<String>, Option<String>)> {
    let table = target.read().await.unwrap();
    let mut ids: Vec<&str> = table.routes.iter().map(|route| route.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), table.routes.len(), "ids are unique: {table:#?}");
    table
        .routes
        .into_iter()
        .map(|route| (route.prefix, route.next_hop, route.owner))
        .collect()
}

/// The same as written in a test.
pub(crate) fn route(
    prefix: &str,
    next_hop: Option<&str>,
    owner: Option<&str>,
) -> (String, Option<String>, Option<String>) {
    (
        prefix.to_owned(),
        next_hop.map(str::to_owned),
        owner.map(str::to_owned),
    )
}
