//! Leader election: of several replicas one leads, and another takes over when
//! it is gone, but never before.

use std::time::Duration;

use axum::http::Method;
use podroute::daemon::leader::{CONFIRM, Error, Leadership, State};
use serde_json::json;
use tokio::time::{Instant, advance, sleep, timeout};

use crate::replica::{LEASE, Replica, SECOND, identity, options, spec};
use crate::simulator::{ApiServer, Network};

#[tokio::test(start_paused = true)]
async fn the_first_replica_creates_the_lease_and_leads_at_once() {
    let server = ApiServer::start();

    let a = Replica::start(&server, "a");

    assert_eq!(a.elected().await, Duration::ZERO);
    assert_eq!(
        spec(&server),
        json!({"holderIdentity": identity(&a), "leaseDurationSeconds": 15, "leaseTransitions": 0})
    );
    assert_eq!(a.leadership.lease(), Some(("podroute-system", "podroute")));
    assert!(identity(&a).starts_with("a_"));
}

#[tokio::test(start_paused = true)]
async fn a_leader_renews_every_two_seconds_with_one_request() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;

    sleep(Duration::from_millis(20_500)).await;

    assert!(a.leads());
    assert_eq!(server.count(&Method::PUT, "leases"), 10);
    assert_eq!(server.count(&Method::GET, "leases"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_replica_follows_and_takes_over_when_the_first_is_gone() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let b = Replica::start(&server, "b");
    sleep(60 * SECOND).await;
    assert!(a.leads() && !b.leads());
    let holder = Some(identity(&a).to_owned());
    assert_eq!(*b.leadership.watch().borrow(), State::Following { holder });

    a.crash();
    let waited = b.elected().await;

    // From the last renewal that it saw, itself up to two seconds before the
    // crash, and seen up to 4.4 seconds late.
    assert!(waited >= 13 * SECOND && waited <= 20 * SECOND, "{waited:?}");
    assert!(!a.leads());
    assert_eq!(
        spec(&server),
        json!({"holderIdentity": identity(&b), "leaseDurationSeconds": 15, "leaseTransitions": 1})
    );
}

#[tokio::test(start_paused = true)]
async fn of_many_who_find_the_lease_free_at_the_same_time_one_gets_it() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    a.crash();
    let others = ["b", "c", "d", "e", "f"].map(|name| Replica::start(&server, name));

    // Each saw the Lease at the same time, and looks again when it is free.
    sleep(15 * SECOND).await;
    sleep(SECOND / 100).await;

    assert_eq!(others.iter().filter(|replica| replica.leads()).count(), 1);
    assert_eq!(spec(&server)["leaseTransitions"], 1);
    assert!(server.count(&Method::PUT, "leases") > 1);
}

#[tokio::test(start_paused = true)]
async fn a_term_begins_when_the_request_is_sent() {
    let server = ApiServer::start();
    server.set_network("a", Network::Slow);
    let a = Replica::start(&server, "a");

    // Two requests: one to look, one to create.
    assert_eq!(a.elected().await, 8 * SECOND);

    let until = Instant::now() + 6 * SECOND;
    let state = a.leadership.watch().borrow().clone();
    assert_eq!(state, State::Leading { until });
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_others_may_take_over() {
    for network in [Network::Silent, Network::Deaf, Network::Unavailable] {
        let server = ApiServer::start();
        let a = Replica::start(&server, "a");
        a.elected().await;
        let b = Replica::start(&server, "b");
        sleep(30 * SECOND).await;

        server.set_network("a", network);
        let mut state = a.leadership.watch();
        let start = Instant::now();
        let stopped = state.wait_for(|state| matches!(state, State::Following { .. }));
        timeout(60 * SECOND, stopped).await.unwrap().unwrap();

        let led = start.elapsed();
        assert!(
            led >= 8 * SECOND && led <= 10 * SECOND,
            "{network:?} {led:?}"
        );
        assert!(!a.leads() && !b.leads(), "{network:?}");
        assert!(a.leadership.problem().is_some());
        // Answers that got lost were renewals all the same.
        let waited = b.elected().await;
        assert!(waited >= 3 * SECOND, "{network:?} {waited:?}");
        assert!(!a.leads());

        server.set_network("a", Network::Fine);
        sleep(10 * SECOND).await;
        assert!(!a.leads() && b.leads(), "{network:?}");
        assert_eq!(a.leadership.problem(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_whose_process_stood_still_does_not_believe_to_lead() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;

    advance(11 * SECOND).await;

    assert!(!a.leads());
}

#[tokio::test(start_paused = true)]
async fn one_lost_connection_costs_nobody_the_lead() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;

    server.set_network("a", Network::Silent);
    sleep(4 * SECOND).await;
    server.set_network("a", Network::Fine);

    for _ in 0..20 {
        sleep(SECOND).await;
        assert!(a.leads());
    }
    assert_eq!(spec(&server)["leaseTransitions"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_stops_hands_over_at_once() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let b = Replica::start(&server, "b");
    sleep(10 * SECOND).await;

    a.leadership.release().await.unwrap();

    assert!(!a.leads());
    assert_eq!(
        spec(&server),
        json!({"holderIdentity": "", "leaseDurationSeconds": 1, "leaseTransitions": 0})
    );
    assert!(b.elected().await <= 5 * SECOND);
    assert_eq!(spec(&server)["leaseTransitions"], 1);
    // It is still running, but never stands again.
    b.crash();
    sleep(60 * SECOND).await;
    assert!(!a.leads());
    assert_eq!(spec(&server)["holderIdentity"], identity(&b));
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_stops_leaves_the_lease_alone() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let b = Replica::start(&server, "b");
    sleep(10 * SECOND).await;

    b.leadership.release().await.unwrap();

    assert!(a.leads());
    assert_eq!(spec(&server)["holderIdentity"], identity(&a));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_asks_for_more_time_gets_it() {
    let server = ApiServer::start();
    server.put(
        LEASE,
        json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": "podroute", "namespace": "podroute-system"},
            "spec": {
                "holderIdentity": "a-slow-one", "leaseDurationSeconds": 40,
                // Whatever the clocks say: this is long ago, or far ahead.
                "acquireTime": "2001-01-01T00:00:00.000000Z", "renewTime": "2001-01-01T00:00:00.000000Z",
                "leaseTransitions": 7,
            },
        }),
    );

    let b = Replica::start(&server, "b");

    assert_eq!(b.elected().await, 40 * SECOND);
    assert_eq!(spec(&server)["leaseTransitions"], 8);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_deletes_comes_back_with_the_same_leader() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let b = Replica::start(&server, "b");
    sleep(10 * SECOND).await;

    server.delete(LEASE);

    for _ in 0..20 {
        sleep(SECOND).await;
        assert!(a.leads() && !b.leads());
    }
    assert_eq!(spec(&server)["holderIdentity"], identity(&a));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_deleted_together_with_its_holder_is_created_after_a_while() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let b = Replica::start(&server, "b");
    sleep(10 * SECOND).await;

    a.crash();
    server.delete(LEASE);

    assert!(b.elected().await >= 15 * SECOND);
    assert_eq!(spec(&server)["holderIdentity"], identity(&b));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_takes_away_is_not_led_by_two() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;

    server.edit(LEASE, |lease| {
        lease["spec"]["holderIdentity"] = json!("a-person");
    });
    sleep(3 * SECOND).await;

    assert!(!a.leads());
    let holder = Some("a-person".to_owned());
    assert_eq!(*a.leadership.watch().borrow(), State::Following { holder });
    assert_eq!(spec(&server)["holderIdentity"], "a-person");
}

#[tokio::test(start_paused = true)]
async fn without_permission_nobody_leads_and_the_reason_is_said() {
    let server = ApiServer::start();
    server.forbid("/leases");
    let a = Replica::start(&server, "a");
    sleep(10 * SECOND).await;

    assert!(!a.leads());
    assert_eq!(
        a.leadership.problem().unwrap(),
        "cannot read the Lease podroute-system/podroute: leases.coordination.k8s.io is forbidden: User \"system:serviceaccount:podroute-system:podroute\" cannot get resource \"leases\" in API group \"coordination.k8s.io\" (HTTP 403); allow get, create and update on leases (coordination.k8s.io) in the namespace podroute-system, or name another with --lease-namespace"
    );

    server.allow("/leases");
    assert!(a.elected().await <= 5 * SECOND);
    assert_eq!(a.leadership.problem(), None);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_does_not_exist_is_named() {
    let server = ApiServer::start();
    let options = options(&["--lease-namespace", "nowhere", "--lease-name", "edge"]);
    let leadership = Leadership::new(&server.client("a"), &options);
    let running = leadership.clone();
    tokio::spawn(async move { running.run().await });
    sleep(SECOND).await;

    assert_eq!(
        leadership.problem().unwrap(),
        "cannot create the Lease nowhere/edge: namespaces \"nowhere\" not found (HTTP 404); create the namespace nowhere, or name another with --lease-namespace"
    );
}

#[tokio::test(start_paused = true)]
async fn a_replica_without_election_leads_always() {
    let server = ApiServer::start();
    let options = options(&["--leader-elect=false"]);
    let leadership = Leadership::new(&server.client("a"), &options);

    sleep(100 * SECOND).await;

    assert!(leadership.is_leading_now());
    assert!(matches!(
        *leadership.watch().borrow(),
        State::Leading { .. }
    ));
    assert!(matches!(
        leadership.set_annotation(CONFIRM, None).await,
        Err(Error::NoLease(_))
    ));
    assert_eq!(server.count(&Method::GET, ""), 0);
    leadership.release().await.unwrap();
    assert!(!leadership.is_leading_now());
}
