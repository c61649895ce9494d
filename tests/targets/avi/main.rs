//! The target `avi` against a simulated Avi Controller.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../simulators/avi/mod.rs"]
mod simulator;

mod clusters;
mod credentials;
mod exported;
mod lost;
mod reading;
mod refused;
mod se_groups;
mod sessions;
mod strays;
mod tenants;
mod writing;

use clap::Parser;
use podroute::targets::avi::Options;
use podroute::targets::{Bound, Changes, Observed, Table, Target, Wanted};
use simulator::Controller;

const UUID: &str = "vrfcontext-7c1ad1a4";
const PUT: &str = "PUT /api/vrfcontext/";
const GET: &str = "GET /api/vrfcontext/";

/// What the controller has of a route that a person made.
const BY_HAND: &str = r#"{"route_id":"1","prefix":{"ip_addr":{"addr":"198.51.100.0","type":"V4"},"mask":24},"next_hop":{"addr":"192.0.2.1","type":"V4"}}"#;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

/// Options as a user gives them.
fn options(arguments: &[&str]) -> Options {
    let program = ["podroute"].into_iter();
    Cli::try_parse_from(program.chain(arguments.iter().copied()))
        .unwrap_or_else(|error| panic!("{error}"))
        .options
}

/// The targets of this controller, with more options. No service engine group
/// is looked at: that has its own stories.
fn open(controller: &Controller, more: &[&str]) -> Vec<Bound> {
    let url = controller.url();
    let folder = controller.credentials().to_str().unwrap();
    let ca = controller.ca_pem_path();
    let mut arguments = vec!["--controller", &url, "--credentials", folder];
    arguments.extend(["--ca-file", ca.to_str().unwrap()]);
    if !more.contains(&"--service-engine-group") {
        arguments.push("--service-engine-group=");
    }
    arguments.extend(more);
    options(&arguments).open().unwrap()
}

fn target(controller: &Controller) -> Box<dyn Target> {
    target_with(controller, &[])
}

fn target_with(controller: &Controller, more: &[&str]) -> Box<dyn Target> {
    let mut bound = open(controller, more);
    assert_eq!(bound.len(), 1);
    bound.remove(0).target
}

/// A controller with the VRF context `global`, and these routes in it.
fn controller(routes: &[&str]) -> Controller {
    let controller = Controller::start();
    controller.set_vrf(&vrf("global", UUID, routes));
    controller
}

fn vrf(name: &str, uuid: &str, routes: &[&str]) -> String {
    format!(
        r#"{{"uuid":"{uuid}","name":"{name}","system_default":true,"static_routes":[{}]}}"#,
        routes.join(",")
    )
}

/// A route as it stands on the controller after we made it.
fn route(id: &str, prefix: &str, next_hop: &str, owner: &str) -> String {
    let (address, mask) = prefix.split_once('/').unwrap();
    let family = if address.contains(':') { "V6" } else { "V4" };
    format!(
        r#"{{"route_id":"{id}","prefix":{{"ip_addr":{{"addr":"{address}","type":"{family}"}},"mask":{mask}}},"next_hop":{{"addr":"{next_hop}","type":"{family}"}},"labels":[{{"key":"clustername","value":"{owner}"}}]}}"#
    )
}

fn observed(id: &str, prefix: &str, next_hop: &str, owner: Option<&str>) -> Observed {
    Observed {
        id: id.to_owned(),
        prefix: prefix.to_owned(),
        next_hop: Some(next_hop.to_owned()),
        owner: owner.map(str::to_owned),
    }
}

fn wanted(id: &str, prefix: &str, next_hop: &str) -> Wanted {
    Wanted {
        id: id.to_owned(),
        prefix: prefix.parse().unwrap(),
        next_hop: next_hop.parse().unwrap(),
        node: "worker-1".to_owned(),
    }
}

fn add(owner: &str, id: &str, prefix: &str, next_hop: &str) -> Changes {
    Changes {
        owner: owner.to_owned(),
        adds: vec![wanted(id, prefix, next_hop)],
        ..Changes::default()
    }
}

/// The change that most stories make, and the route that it makes.
fn one_add() -> (Changes, String) {
    (
        add("shop", "shop-1", "10.244.1.0/24", "192.0.2.11"),
        route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop"),
    )
}

async fn read(target: &mut Box<dyn Target>) -> Table {
    target
        .read()
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}
