//! Policies that mean harm, and input that does: neither may take down the
//! host, nor anything but the call that it came in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod calls;
mod input;
mod no_policy;
mod others;

use std::fmt::{Debug, Write};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use podroute::Policy;
use podroute::policy::{
    COMPONENT, Cluster, Error, KindState, Limits, ObjectKey, PlanRequest, Report, Settings,
    Severity,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const MIB: usize = 1 << 20;
const LIMITS: Limits = Limits {
    memory: 24 * MIB,
    deadline: Duration::from_mins(2),
};
/// For calls that are to run into their deadline.
const SOON: Limits = Limits {
    deadline: Duration::from_millis(60),
    ..LIMITS
};

/// What the template leaves open, and what stands there in a guest that
/// behaves.
const PLACES: [(&str, &str); 23] = [
    ("memory", "2"),
    ("module", ""),
    ("start", ""),
    ("realloc", ""),
    ("open", ""),
    ("load", ""),
    ("upsert", ""),
    ("remove", ""),
    ("set-kind", ""),
    ("set-clock", ""),
    ("needs", ""),
    ("changes", ""),
    ("plan", ""),
    ("review", ""),
    ("review-json", ""),
    ("trace", ""),
    ("report", ""),
    ("report-json", ""),
    ("json", ""),
    ("post", ""),
    ("rules", ""),
    ("map", ""),
    ("page", ""),
];

/// The template's component with other code in some of its places.
fn component(code: &[(&str, &str)]) -> Vec<u8> {
    let mut text = include_str!("guest.wat").to_owned();
    for (place, code) in code.iter().chain(&PLACES) {
        assert!(PLACES.iter().any(|(known, _)| known == place), "{place}");
        text = text.replace(&format!("{{{{{place}}}}}"), code);
    }
    let mut resolve = Resolve::default();
    resolve
        .push_str("podroute.wit", include_str!("../../wit/podroute.wit"))
        .unwrap();
    encode(&text, &resolve, "podroute:policy/policy")
}

/// A core module as a component of some world.
fn encode(text: &str, resolve: &Resolve, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    let packages: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
    let world = resolve.select_world(&packages, Some(world)).unwrap();
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

fn guest(code: &[(&str, &str)]) -> Policy {
    Policy::from_bytes(&component(code))
        .unwrap()
        .with_limits(LIMITS)
}

/// A way to do harm, and what the host calls it.
struct Harm {
    name: &'static str,
    limits: Limits,
    code: &'static str,
    is: fn(&Error) -> bool,
}

const HARM: [Harm; 5] = [
    Harm {
        name: "a trap",
        limits: LIMITS,
        code: "unreachable",
        is: |error| matches!(error, Error::Trap(message) if message.contains("unreachable")),
    },
    Harm {
        name: "an endless loop",
        limits: SOON,
        code: "(loop $again (br $again))",
        is: |error| matches!(error, Error::Deadline(deadline) if *deadline == SOON.deadline),
    },
    Harm {
        name: "endless recursion",
        limits: LIMITS,
        code: "(call $recurse)",
        is: |error| matches!(error, Error::Trap(message) if message.contains("stack")),
    },
    Harm {
        name: "a memory bomb",
        limits: LIMITS,
        code: "(loop $again
            (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
            unreachable",
        is: |error| matches!(error, Error::OutOfMemory(limit) if *limit == LIMITS.memory),
    },
    Harm {
        name: "a table bomb",
        limits: LIMITS,
        code: "(loop $again
            (br_if $again
                (i32.ne (table.grow $table (ref.null func) (i32.const 5000)) (i32.const -1))))
            unreachable",
        is: |error| matches!(error, Error::OutOfMemory(limit) if *limit == LIMITS.memory),
    },
];

/// Calls that reach the code in a place.
fn call(policy: &Policy, place: &str) -> Result<(), Error> {
    let none = Settings::default();
    let open = || policy.open(&none);
    match place {
        // Only a request of one byte reaches the code.
        "json" | "realloc" | "post" => policy.evaluate_json("!").map(drop),
        "open" => open().map(drop),
        "start" | "rules" => policy.rules().map(drop),
        "map" => policy.map("{}").map(drop),
        "page" => policy.page("{}").map(drop),
        method => call_method(&mut open()?, method),
    }
}

const METHODS: [&str; 13] = [
    "load",
    "upsert",
    "remove",
    "set-kind",
    "set-clock",
    "needs",
    "changes",
    "plan",
    "review",
    "review-json",
    "trace",
    "report",
    "report-json",
];

const PLAN: PlanRequest = PlanRequest {
    owner: String::new(),
    former_owners: Vec::new(),
    node_selector: None,
    observed: Vec::new(),
    delete_share: 25,
    confirmed: None,
    withdraw: false,
};

fn call_method(cluster: &mut Cluster, method: &str) -> Result<(), Error> {
    match method {
        "load" => cluster.load(&["{}".to_owned()]).map(drop),
        "upsert" => cluster.upsert(&["{}".to_owned()]).map(drop),
        "remove" => cluster.remove(&key("Node", "worker-1")).map(drop),
        "set-kind" => cluster.set_kind("Node", &KindState::Listed),
        "set-clock" => cluster.set_clock(None, None),
        "needs" => cluster.needs().map(drop),
        "changes" => cluster.changes().map(drop),
        "plan" => cluster.plan(&PLAN).map(drop),
        "review" => cluster.review(&[]).map(drop),
        "review-json" => cluster.review_json(&[]).map(drop),
        "trace" => cluster.trace("192.0.2.1").map(drop),
        "report" => cluster.report().map(drop),
        "report-json" => cluster.report_json().map(drop),
        other => panic!("no method {other}"),
    }
}

fn key(kind: &str, name: &str) -> ObjectKey {
    ObjectKey {
        kind: kind.to_owned(),
        namespace: None,
        name: name.to_owned(),
    }
}

/// Everything except the place works, on the same policy.
fn assert_works_except(policy: &Policy, place: &str) {
    if place == "start" {
        return;
    }
    assert_eq!(policy.evaluate_json("fine").unwrap(), "fine");
    for other in ["open", "rules", "map", "page"].iter().chain(&METHODS) {
        if *other != place && !(place == "open" && METHODS.contains(other)) {
            call(policy, other).unwrap();
        }
    }
}

fn node(name: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}},
            "spec":{{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"]}},
            "status":{{"addresses":[{{"type":"InternalIP","address":"192.0.2.11"}}]}}}}"#
    )
}

fn kubernetes() -> Settings {
    Settings {
        cni: Some("kubernetes".to_owned()),
        ..Settings::default()
    }
}

/// The policy answers as it should.
fn assert_well(policy: &Policy) {
    let report = policy.evaluate(&[node("worker-1")], &kubernetes()).unwrap();
    assert_eq!(report.routes.len(), 1);
    assert_eq!(report.routes[0].prefix, "10.244.1.0/24");
    assert_eq!(report.routes[0].next_hop, "192.0.2.11");
}

fn built_in() -> Policy {
    Policy::built_in().unwrap()
}

#[track_caller]
fn assert_trap<T: Debug>(answer: Result<T, Error>, words: &str) {
    match answer {
        Err(Error::Trap(message)) if message.contains(words) => {}
        other => panic!("{other:?} is no trap with `{words}`"),
    }
}
