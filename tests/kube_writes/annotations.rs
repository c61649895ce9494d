//! What the daemon and people keep in the annotations of the Lease.

use podroute::daemon::leader::{CONFIRM, Error};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::replica::{LEASE, Replica, SECOND};
use crate::simulator::ApiServer;

#[tokio::test(start_paused = true)]
async fn annotations_of_others_stay() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;

    server.edit(LEASE, |lease| {
        lease["metadata"]["annotations"] = json!({"example.org/owner": "platform"});
    });
    sleep(10 * SECOND).await;
    let set = a.leadership.set_annotation("podroute.dev/plan", Some("x1"));
    set.await.unwrap();

    let both = json!({"example.org/owner": "platform", "podroute.dev/plan": "x1"});
    assert_eq!(server.get(LEASE).unwrap()["metadata"]["annotations"], both);
    let known = a.leadership.annotation("podroute.dev/plan");
    assert_eq!(known.as_deref(), Some("x1"));
    assert!(a.leads());

    let taken_off = a.leadership.set_annotation("podroute.dev/plan", None);
    taken_off.await.unwrap();

    let one = json!({"example.org/owner": "platform"});
    assert_eq!(server.get(LEASE).unwrap()["metadata"]["annotations"], one);
    a.leadership.release().await.unwrap();
    assert_eq!(server.get(LEASE).unwrap()["metadata"]["annotations"], one);
}

#[tokio::test(start_paused = true)]
async fn a_person_confirms_with_an_annotation() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let confirmed = a.leadership.annotation_changed(CONFIRM, None);

    let kubectl = async {
        sleep(10 * SECOND).await;
        server.edit(LEASE, |lease| {
            lease["metadata"]["annotations"] = json!({CONFIRM: "3f9a"});
        });
        Instant::now()
    };
    let ((answer, seen), annotated) = tokio::join!(
        async { (timeout(60 * SECOND, confirmed).await, Instant::now()) },
        kubectl
    );

    assert_eq!(answer.unwrap().as_deref(), Some("3f9a"));
    assert!(seen - annotated <= 2 * SECOND);
    assert!(a.leads());
}

#[tokio::test(start_paused = true)]
async fn an_annotation_that_changes_between_reading_and_writing_is_not_lost() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    server.edit(LEASE, |lease| {
        lease["metadata"]["annotations"] = json!({CONFIRM: "3f9a"});
    });

    let set = a.leadership.set_annotation("podroute.dev/plan", Some("x1"));
    set.await.unwrap();

    let both = json!({CONFIRM: "3f9a", "podroute.dev/plan": "x1"});
    assert_eq!(server.get(LEASE).unwrap()["metadata"]["annotations"], both);
}

#[tokio::test(start_paused = true)]
async fn a_follower_sets_no_annotation() {
    let server = ApiServer::start();
    let a = Replica::start(&server, "a");
    a.elected().await;
    let b = Replica::start(&server, "b");
    sleep(5 * SECOND).await;

    let refused = b.leadership.set_annotation("podroute.dev/plan", Some("x1"));

    assert!(matches!(refused.await, Err(Error::NotLeading(_))));
    assert_eq!(
        server.get(LEASE).unwrap()["metadata"]["annotations"],
        Value::Null
    );
}
