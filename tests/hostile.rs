//! Policies that mean harm, and input that does: neither may take down the
//! host, nor anything but the call that it came in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use podroute::Policy;
use podroute::policy::{COMPONENT, Cluster, Error, Limits, ObjectKey, Report, Settings, Severity};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const MIB: usize = 1 << 20;
const LIMITS: Limits = Limits {
    memory: 24 * MIB,
    deadline: Duration::from_millis(60),
};

// ---------------------------------------------------------------- the guests

/// What the template leaves open, and what stands there in a guest that
/// behaves.
const PLACES: [(&str, &str); 13] = [
    ("memory", "2"),
    ("module", ""),
    ("start", ""),
    ("realloc", ""),
    ("evaluate", ""),
    ("open", ""),
    ("upsert", ""),
    ("remove", ""),
    ("report", ""),
    ("report-json", ""),
    ("json", ""),
    ("post", ""),
    ("rules", ""),
];

/// The template's component with other code in some of its places.
fn component(code: &[(&str, &str)]) -> Vec<u8> {
    let mut text = include_str!("hostile/guest.wat").to_owned();
    for (place, code) in code.iter().chain(&PLACES) {
        assert!(PLACES.iter().any(|(known, _)| known == place), "{place}");
        text = text.replace(&format!("{{{{{place}}}}}"), code);
    }
    let mut resolve = Resolve::default();
    resolve
        .push_str("podroute.wit", include_str!("../wit/podroute.wit"))
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
    code: &'static str,
    is: fn(&Error) -> bool,
}

const HARM: [Harm; 5] = [
    Harm {
        name: "a trap",
        code: "unreachable",
        is: |error| matches!(error, Error::Trap(message) if message.contains("unreachable")),
    },
    Harm {
        name: "an endless loop",
        code: "(loop $again (br $again))",
        is: |error| matches!(error, Error::Deadline(deadline) if *deadline == LIMITS.deadline),
    },
    Harm {
        name: "endless recursion",
        code: "(call $recurse)",
        is: |error| matches!(error, Error::Trap(message) if message.contains("stack")),
    },
    Harm {
        name: "a memory bomb",
        code: "(loop $again
            (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
            unreachable",
        is: |error| matches!(error, Error::OutOfMemory(limit) if *limit == LIMITS.memory),
    },
    Harm {
        name: "a table bomb",
        code: "(loop $again
            (br_if $again
                (i32.ne (table.grow $table (ref.null func) (i32.const 5000)) (i32.const -1))))
            unreachable",
        is: |error| matches!(error, Error::OutOfMemory(limit) if *limit == LIMITS.memory),
    },
];

// --------------------------------------------------------------------- calls

/// Calls that reach the code in a place.
fn call(policy: &Policy, place: &str) -> Result<(), Error> {
    let none = Settings::default();
    let open = || policy.open(&none);
    match place {
        // Only a request of one byte reaches the code.
        "json" | "realloc" | "post" => policy.evaluate_json("!").map(drop),
        "evaluate" | "start" => policy.evaluate(&[], &none).map(drop),
        "open" => open().map(drop),
        "rules" => policy.rules().map(drop),
        method => call_method(&mut open()?, method),
    }
}

const METHODS: [&str; 4] = ["upsert", "remove", "report", "report-json"];

fn call_method(cluster: &mut Cluster, method: &str) -> Result<(), Error> {
    match method {
        "upsert" => cluster.upsert(&["{}".to_owned()]).map(drop),
        "remove" => cluster.remove(&key("Node", "worker-1")).map(drop),
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
    for other in ["evaluate", "open", "rules"].iter().chain(&METHODS) {
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

#[test]
fn a_guest_that_behaves_works() {
    let policy = guest(&[]);
    assert_eq!(policy.evaluate_json("!").unwrap(), "!");
    assert_works_except(&policy, "");
    assert_eq!(policy.rules().unwrap(), []);
    assert_eq!(policy.evaluate(&[], &kubernetes()).unwrap().routes, []);
    let mut cluster = policy.open(&kubernetes()).unwrap();
    assert_eq!(cluster.upsert(&[node("a")]).unwrap(), []);
    assert!(!cluster.remove(&key("Node", "worker-1")).unwrap());
    assert_eq!(cluster.report_json().unwrap(), "{}");
}

#[test]
fn harm_anywhere_costs_one_call() {
    for (place, _) in &PLACES[2..] {
        for harm in HARM {
            let policy = guest(&[(place, harm.code)]);
            for _ in 0..2 {
                let error = call(&policy, place).expect_err(place);
                assert!((harm.is)(&error), "{} in {place}: {error:?}", harm.name);
                assert_works_except(&policy, place);
            }
        }
    }
    assert_well(&built_in());
}


#[test]
fn zz_probe() {
  for count in [100_000, 150_000, 200_000u32] {
    let p = Policy::built_in().unwrap();
    let docs = (0..count).map(|i| { let a = std::net::Ipv4Addr::from(0x0a00_0000 + i * 16); let b = std::net::Ipv4Addr::from(0x6400_0000 + i);  format!(r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"node-{i}"}},"spec":{{"podCIDR":"{a}/28","podCIDRs":["{a}/28"]}},"status":{{"addresses":[{{"type":"InternalIP","address":"{b}"}}],"conditions":[{{"type":"Ready","status":"True"}}]}}}}"#)}).collect::<Vec<_>>();
    let set = Settings { protected_networks: vec!["10.0.0.0/8".into()], ..kubernetes() };
    let t = std::time::Instant::now();
    let mut c = p.open(&set).unwrap();
    println!("{count} {:?}", c.upsert(&docs).map(|x| x.len()));
    println!("json {:?} {:?}", c.report_json().map(|x| (x.len())), t.elapsed());
    println!("typed {:?}", c.report().map(|r| format!("problems {} nodes {} routes {} withheld {} findings {}", r.problems.len(), r.cluster.nodes, r.routes.len(), r.withheld.len(), r.findings.len())));
  }
}
