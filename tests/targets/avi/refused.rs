//! What the controller says no to, or not now.

use podroute::targets::{Error, Target};

use crate::simulator::Fault;
use crate::{BY_HAND, GET, PUT, add, controller, one_add, read, route, target};

/// What becomes of an answer with this status and message to a write.
async fn write_answered(status: u16, message: &str) -> Error {
    let controller = controller(&[BY_HAND]);
    let mut target = target(&controller);
    read(&mut target).await;
    let body = format!(r#"{{"error":"{message}"}}"#);
    controller.fail_next(PUT, Fault::Answer(status, body));
    let result = target.write(&one_add().0).await;
    assert_eq!(controller.requests("PUT ").len(), 1);
    result.expect_err("an error")
}

#[tokio::test]
async fn every_other_refusal_is_an_error_in_the_controllers_own_words() {
    for status in [400, 402, 403, 404, 405, 406, 409, 413, 415, 422, 451] {
        let error = write_answered(status, "Reason: quota of routes").await;
        let message = error.to_string();
        if status == 404 {
            assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        } else {
            assert!(matches!(error, Error::Refused(_)), "{error:?}");
            assert!(message.contains(&format!("HTTP {status}")), "{message}");
        }
        assert!(message.contains("Reason: quota of routes"), "{message}");
    }
}

#[tokio::test]
async fn what_passes_by_itself_is_unavailable() {
    for status in [408, 429, 500, 502, 503, 504] {
        let error = write_answered(status, "busy").await;
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        let message = error.to_string();
        assert!(message.contains(&format!("HTTP {status}")), "{message}");
        assert!(message.contains("busy"), "{message}");
    }
}

#[tokio::test]
async fn reads_are_refused_in_the_same_words() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    controller.fail_next(
        GET,
        Fault::Answer(403, r#"{"detail":"no permission"}"#.to_owned()),
    );
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(
        message.contains("HTTP 403 Forbidden: no permission"),
        "{message}"
    );
}

#[tokio::test]
async fn a_route_id_that_somebody_else_uses_is_refused() {
    let controller = controller(&[BY_HAND]);
    let mut target = target(&controller);
    read(&mut target).await;
    let Err(Error::Refused(message)) = target
        .write(&add("shop", "1", "10.244.1.0/24", "192.0.2.11"))
        .await
    else {
        panic!("not refused");
    };
    assert!(message.contains("Unique constraints route_id"), "{message}");
}

#[tokio::test]
async fn an_upgrade_is_waited_for() {
    let controller = controller(&[]);
    let (changes, route) = one_add();
    let mut target = target(&controller);
    read(&mut target).await;
    controller.set_upgrading(true);

    let Err(Error::Unavailable(message)) = target.write(&changes).await else {
        panic!("not unavailable");
    };
    assert!(message.contains("disallowed during upgrade"), "{message}");

    controller.set_upgrading(false);
    read(&mut target).await;
    target.write(&changes).await.unwrap();
    assert!(controller.vrf("global").contains(&route));
}

#[tokio::test]
async fn a_vrf_that_goes_away_before_the_write_is_looked_up_again() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    read(&mut target).await;
    controller.remove_vrf("global");
    let new = crate::vrf("global", "vrfcontext-new", &[]);
    controller.set_vrf(&new);
    let (changes, route) = one_add();

    let result = target.write(&changes).await;
    assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");

    read(&mut target).await;
    target.write(&changes).await.unwrap();
    assert_eq!(
        controller.vrf("global"),
        crate::vrf("global", "vrfcontext-new", &[&route])
    );
}

#[tokio::test]
async fn a_failed_write_stays_an_error_until_it_succeeds() {
    let controller = controller(&[]);
    let (changes, ours) = one_add();
    let mut target = target(&controller);
    let body = r#"{"error":"Unique constraints route_id violated"}"#;
    controller.fail_times(3, PUT, Fault::Answer(400, body.to_owned()));
    for _ in 0..3 {
        read(&mut target).await;
        assert!(matches!(
            target.write(&changes).await,
            Err(Error::Refused(_))
        ));
    }
    read(&mut target).await;
    target.write(&changes).await.unwrap();
    assert!(controller.vrf("global").contains(&ours));
    assert_eq!(ours, route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop"));
}

#[tokio::test]
async fn a_long_answer_of_a_proxy_is_cut_short_in_messages() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    let page = format!("<html>\n\n{}</html>", "é".repeat(5000));
    controller.fail_next(GET, Fault::Answer(418, page));
    let message = target.read().await.unwrap_err().to_string();
    assert!(
        message.contains("<html> é") && message.len() < 1000,
        "{message}"
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let controller = controller(&[]);
    let elsewhere = crate::controller(&[]);
    let mut target = target(&controller);
    let to = format!("{}/api/vrfcontext/x", elsewhere.url());
    controller.fail_next(GET, Fault::Redirect(to.clone()));

    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };

    assert!(
        message.contains(&to) && message.contains("--controller"),
        "{message}"
    );
    assert!(elsewhere.journal().is_empty());
}

#[tokio::test]
async fn a_login_is_never_sent_elsewhere() {
    let controller = controller(&[]);
    let elsewhere = crate::controller(&[]);
    let mut target: Box<dyn Target> = target(&controller);
    controller.fail_next(
        "POST /login",
        Fault::Redirect(format!("{}/login", elsewhere.url())),
    );

    assert!(matches!(target.read().await, Err(Error::Refused(_))));
    assert!(elsewhere.journal().is_empty());
}
