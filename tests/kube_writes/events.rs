//! Events: what matters is told once, in the form that the API takes, and
//! nobody waits for it.

use std::time::Duration;

use axum::http::Method;
use podroute::daemon::events::{Event, Events, Own, Reason, Subject};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::simulator::{ApiServer, Network};

const NODE_EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/default/events/";
const OWN_EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/podroute-system/events/";
const SECOND: Duration = Duration::from_secs(1);

fn start(server: &ApiServer) -> (Events, JoinHandle<()>) {
    let own = Own::pod("podroute-system", "podroute-0", Some("uid-0".to_owned()));
    let (events, writer) = Events::new(server.client("a"), "podroute-0", Some(own));
    (events, tokio::spawn(writer.run()))
}

fn withheld(node: &str, prefix: &str) -> Event {
    Event {
        reason: Reason::RouteWithheld,
        subject: Subject::Node {
            name: node.to_owned(),
            uid: None,
        },
        note: format!("No route to {prefix}: another node claims it."),
    }
}

fn own(reason: Reason, note: &str) -> Event {
    Event {
        reason,
        subject: Subject::Daemon,
        note: note.to_owned(),
    }
}

/// The notes of all Events under a path, sorted.
fn notes(server: &ApiServer, prefix: &str) -> Vec<String> {
    let events = server.list(prefix);
    let notes = events.iter().map(|event| event["note"].as_str().unwrap());
    let mut notes: Vec<String> = notes.map(str::to_owned).collect();
    notes.sort();
    notes
}

/// An Event without what differs from run to run.
fn without_times(mut event: Value) -> Value {
    let fields = event.as_object_mut().unwrap();
    assert!(fields.remove("eventTime").is_some());
    assert!(fields.remove("metadata").is_some());
    event
}

#[tokio::test(start_paused = true)]
async fn a_withheld_route_is_told_on_the_node() {
    let server = ApiServer::start();
    let (events, _writer) = start(&server);

    events.standing(
        Reason::RouteWithheld,
        vec![withheld("worker-1", "10.0.1.0/24")],
    );
    sleep(SECOND).await;

    let [event] = &server.list(NODE_EVENTS)[..] else {
        panic!("not one event");
    };
    assert_eq!(
        without_times(event.clone()),
        json!({
            "apiVersion": "events.k8s.io/v1", "kind": "Event",
            "type": "Warning", "reason": "RouteWithheld", "action": "PlanRoutes",
            "note": "No route to 10.0.1.0/24: another node claims it.",
            "regarding": {"apiVersion": "v1", "kind": "Node", "name": "worker-1", "uid": "worker-1"},
            "reportingController": "podroute", "reportingInstance": "podroute-0",
        })
    );
}

#[tokio::test(start_paused = true)]
async fn what_stands_is_told_once_until_it_clears() {
    let server = ApiServer::start();
    let (events, _writer) = start(&server);
    let one = withheld("worker-1", "10.0.1.0/24");
    let two = withheld("worker-1", "10.0.2.0/24");

    for _ in 0..100 {
        events.standing(Reason::RouteWithheld, vec![one.clone()]);
        sleep(SECOND).await;
    }
    events.standing(Reason::RouteWithheld, vec![one.clone(), two.clone()]);
    // Of another reason: this one does not clear the others.
    events.standing(Reason::RouteWriteFailed, Vec::new());
    sleep(SECOND).await;

    assert_eq!(
        notes(&server, NODE_EVENTS),
        [one.note.clone(), two.note.clone()]
    );
    assert_eq!(server.count(&Method::PATCH, "events"), 0);

    events.standing(Reason::RouteWithheld, vec![two.clone()]);
    events.standing(Reason::RouteWithheld, vec![one.clone(), two]);
    sleep(SECOND).await;

    // It came back soon: the Event that is there is counted up.
    assert_eq!(server.count(&Method::POST, "events"), 2);
    let events = server.list(NODE_EVENTS);
    let again = events.iter().find(|event| event["note"] == one.note);
    assert_eq!(again.unwrap()["series"]["count"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_happens_again_is_counted_even_if_its_event_is_gone() {
    let server = ApiServer::start();
    let (events, _writer) = start(&server);
    let restarted = own(Reason::PolicyRestarted, "The policy crashed.");

    events.send(restarted.clone());
    events.send(restarted.clone());
    sleep(SECOND).await;
    let told = server.list(OWN_EVENTS);
    assert_eq!((told.len(), &told[0]["series"]["count"]), (1, &json!(2)));
    assert_eq!(
        told[0]["regarding"],
        json!({
            "apiVersion": "v1", "kind": "Pod", "namespace": "podroute-system",
            "name": "podroute-0", "uid": "uid-0",
        })
    );

    let name = told[0]["metadata"]["name"].as_str().unwrap();
    server.delete(&format!("{OWN_EVENTS}{name}"));
    events.send(restarted);
    sleep(SECOND).await;

    assert_eq!(notes(&server, OWN_EVENTS), ["The policy crashed."]);
}

#[tokio::test(start_paused = true)]
async fn without_a_pod_the_lease_stands_for_the_daemon() {
    let server = ApiServer::start();
    server.put(
        "/apis/coordination.k8s.io/v1/namespaces/podroute-system/leases/podroute",
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": "podroute", "namespace": "podroute-system", "uid": "uid-9"},
        }),
    );
    let lease = Own::lease("podroute-system", "podroute");
    let (events, writer) = Events::new(server.client("a"), "a", Some(lease));
    tokio::spawn(writer.run());

    events.send(own(Reason::RoutesApplied, "3 routes added."));
    sleep(SECOND).await;

    let told = server.list(OWN_EVENTS);
    assert_eq!(told[0]["type"], "Normal");
    assert_eq!(
        told[0]["regarding"],
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "namespace": "podroute-system", "name": "podroute", "uid": "uid-9",
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_summarised() {
    let server = ApiServer::start();
    let (events, _writer) = start(&server);
    let all: Vec<Event> = (0..200)
        .map(|n| withheld(&format!("worker-{n}"), "10.0.0.0/24"))
        .collect();

    events.standing(Reason::RouteWithheld, all.clone());
    events.send(own(Reason::DriftRepaired, "A route was mended."));
    sleep(59 * SECOND).await;
    assert_eq!(server.list(NODE_EVENTS).len(), 30);
    assert!(server.list(OWN_EVENTS).is_empty());

    sleep(2 * SECOND).await;
    assert_eq!(
        notes(&server, OWN_EVENTS),
        [
            "171 further Events were not written: 170 RouteWithheld, 1 DriftRepaired. See podroute's log and status page for all of them."
        ]
    );

    // What was left out has been dealt with.
    events.standing(Reason::RouteWithheld, all);
    sleep(300 * SECOND).await;
    assert_eq!(server.list(NODE_EVENTS).len(), 30);
    assert_eq!(server.list(OWN_EVENTS).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn long_notes_are_cut_between_characters() {
    let server = ApiServer::start();
    let long = "a".to_owned() + &"ü".repeat(600);
    let (events, writer) = Events::new(
        server.client("a"),
        &"ö".repeat(100),
        Some(Own::pod("podroute-system", "podroute-0", None)),
    );
    tokio::spawn(writer.run());

    events.send(own(Reason::KindUnreadable, &long));
    sleep(SECOND).await;

    // 1 + 510 * 2 + 3 bytes.
    let expected = "a".to_owned() + &"ü".repeat(510) + "…";
    assert_eq!(expected.len(), 1024);
    assert_eq!(notes(&server, OWN_EVENTS), [expected]);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_told_is_told_later_if_it_still_stands() {
    let server = ApiServer::start();
    server.forbid("/events");
    let (events, _writer) = start(&server);
    let one = withheld("worker-1", "10.0.1.0/24");

    for _ in 0..30 {
        events.standing(Reason::RouteWithheld, vec![one.clone()]);
        sleep(SECOND).await;
    }
    // Not again and again.
    assert_eq!(server.count(&Method::POST, "events"), 1);

    server.allow("/events");
    for _ in 0..60 {
        events.standing(Reason::RouteWithheld, vec![one.clone()]);
        sleep(SECOND).await;
    }
    assert_eq!(notes(&server, NODE_EVENTS), [one.note]);
}

#[tokio::test(start_paused = true)]
async fn where_nodes_are_out_of_reach_the_daemon_still_tells_of_itself() {
    let server = ApiServer::start();
    server.forbid("/namespaces/default/events");
    let (events, _writer) = start(&server);

    events.standing(
        Reason::RouteWithheld,
        vec![withheld("worker-1", "10.0.1.0/24")],
    );
    events.send(own(Reason::RoutesApplied, "3 routes added."));
    sleep(SECOND).await;

    assert!(server.list(NODE_EVENTS).is_empty());
    assert_eq!(notes(&server, OWN_EVENTS), ["3 routes added."]);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_an_api_server_that_does_not_answer() {
    let server = ApiServer::start();
    server.set_network("a", Network::Silent);
    let (events, _writer) = start(&server);
    events.send(own(Reason::DriftRepaired, "A route was mended."));
    sleep(SECOND).await;

    for n in 0..1_000 {
        events.send(own(Reason::RoutesApplied, &format!("{n} routes added.")));
    }
    server.set_network("a", Network::Fine);
    sleep(75 * SECOND).await;
    events.send(own(Reason::RoutesApplied, "The last."));
    sleep(SECOND).await;

    assert_eq!(
        notes(&server, OWN_EVENTS),
        [
            "257 further Events were not written: 256 RoutesApplied, 1 DriftRepaired; 744 messages were dropped while the API server was slow. See podroute's log and status page for all of them.",
            "The last.",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_in_the_queue_is_written_before_the_end() {
    let server = ApiServer::start();
    let (events, writer) = start(&server);

    for n in 0..50 {
        events.send(own(Reason::RoutesApplied, &format!("{n} routes added.")));
    }
    drop(events);
    writer.await.unwrap();

    assert_eq!(server.list(OWN_EVENTS).len(), 31);
    let summary = "20 further Events were not written: 20 RoutesApplied. See podroute's log and status page for all of them.";
    assert!(notes(&server, OWN_EVENTS).contains(&summary.to_owned()));
}
