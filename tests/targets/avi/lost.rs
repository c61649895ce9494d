//! Answers that come late, in part or not at all.

use std::time::Duration;

use podroute::targets::{Error, Target};

use crate::simulator::{Controller, Fault};
use crate::{BY_HAND, GET, PUT, UUID, controller, one_add, read, target, target_with, vrf};

async fn unavailable(target: &mut Box<dyn Target>) -> String {
    match target.read().await {
        Err(Error::Unavailable(message)) => message,
        other => panic!("not unavailable: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_read_in_part_is_never_written() {
    let (changes, _) = one_add();
    for fault in [
        Fault::Half,
        Fault::Cut,
        Fault::Answer(200, String::new()),
        Fault::Answer(200, "null".to_owned()),
        Fault::Answer(200, "[]".to_owned()),
        Fault::Answer(200, "<html>Controller is starting</html>".to_owned()),
        Fault::Answer(200, "{}".to_owned()),
        Fault::Answer(200, r#"{"error":"not now"}"#.to_owned()),
        // Another object; no `_last_modified`; routes that are no list.
        Fault::Answer(
            200,
            r#"{"uuid":"another","name":"global","_last_modified":"1"}"#.to_owned(),
        ),
        Fault::Answer(200, vrf("global", UUID, &[])),
        Fault::Answer(
            200,
            format!(r#"{{"uuid":"{UUID}","_last_modified":"1","static_routes":{{}}}}"#),
        ),
    ] {
        let controller = controller(&[BY_HAND]);
        let mut target = target(&controller);
        controller.fail_next(GET, fault);

        unavailable(&mut target).await;

        assert!(matches!(
            target.write(&changes).await,
            Err(Error::Conflict(_))
        ));
        assert!(controller.requests("PUT ").is_empty());
        // The next time all is well.
        assert_eq!(read(&mut target).await.routes.len(), 1);
    }
}

#[tokio::test]
async fn an_error_after_a_good_read_leaves_nothing_to_write_from() {
    let controller = controller(&[BY_HAND]);
    let (changes, _) = one_add();
    let mut target = target(&controller);
    read(&mut target).await;
    controller.fail_next(GET, Fault::Half);
    unavailable(&mut target).await;

    assert!(matches!(
        target.write(&changes).await,
        Err(Error::Conflict(_))
    ));
    assert!(controller.requests("PUT ").is_empty());
}

#[tokio::test]
async fn after_a_write_without_an_answer_the_next_read_tells() {
    let (changes, route) = one_add();
    for (fault, is_there) in [
        (Fault::ResetBefore, false),
        (Fault::Answer(502, "Bad Gateway".to_owned()), false),
        (Fault::ResetAfter, true),
        (Fault::Cut, true),
        (Fault::Half, true),
    ] {
        let controller = controller(&[BY_HAND]);
        let mut target = target(&controller);
        read(&mut target).await;
        controller.fail_next(PUT, fault);

        let result = target.write(&changes).await;

        assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
        assert_eq!(controller.requests("PUT ").len(), 1);
        assert_eq!(controller.vrf("global").contains(&route), is_there);
        let routes = read(&mut target).await.routes;
        assert_eq!(routes.len(), if is_there { 2 } else { 1 });
    }
}

#[tokio::test]
async fn a_writer_that_dies_leaves_all_or_nothing() {
    let (changes, route) = one_add();
    for before in [true, false] {
        let controller = controller(&[BY_HAND]);
        let mut gate = if before {
            controller.pause_before(PUT)
        } else {
            controller.pause_after(PUT)
        };
        let mut dying = target(&controller);
        let its_changes = changes.clone();
        let task = tokio::spawn(async move {
            read(&mut dying).await;
            dying.write(&its_changes).await
        });
        gate.reached().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());

        // The next one sees which of the two it was, and goes on from there.
        let mut next = target(&controller);
        let there = read(&mut next).await.routes.len();
        assert_eq!(there, if before { 1 } else { 2 });
        if before {
            next.write(&changes).await.unwrap();
        }
        assert_eq!(
            controller.vrf("global"),
            vrf("global", UUID, &[BY_HAND, &route])
        );
        gate.release();
    }
}

#[tokio::test]
async fn a_controller_that_does_not_answer_in_time_is_unavailable() {
    let controller = controller(&[]);
    let mut target = target_with(&controller, &["--timeout", "1"]);
    controller.fail_next(GET, Fault::Delay(Duration::from_mins(2)));

    let message = unavailable(&mut target).await;

    assert!(message.contains("no answer in time"), "{message}");
}

#[tokio::test]
async fn a_controller_that_restarts_is_found_again() {
    let mut controller = controller(&[BY_HAND]);
    let mut target = target(&controller);
    read(&mut target).await;

    controller.stop();
    unavailable(&mut target).await;
    controller.expire_sessions();
    controller.start_again();

    assert_eq!(read(&mut target).await.routes.len(), 1);
}

#[tokio::test]
async fn a_controller_that_is_not_there_is_unavailable() {
    let mut controller = Controller::start();
    let mut target = target(&controller);
    controller.stop();
    let message = unavailable(&mut target).await;
    assert!(message.contains("no connection"), "{message}");
}
