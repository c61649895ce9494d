//! Logging in, and staying so.

use podroute::targets::Error;

use crate::simulator::{Controller, Fault, Recorded};
use crate::{
    BY_HAND, GET, PUT, controller, one_add, open, options, read, target, target_with, vrf,
};

#[tokio::test]
async fn a_session_is_used_for_everything() {
    let controller = controller(&[BY_HAND]);
    let (changes, _) = one_add();
    let mut target = target(&controller);
    for _ in 0..3 {
        read(&mut target).await;
    }
    target.write(&changes).await.unwrap();

    let lines: Vec<String> = controller.journal().iter().map(Recorded::line).collect();
    let get = "GET /api/vrfcontext/vrfcontext-7c1ad1a4";
    assert_eq!(
        lines,
        [
            "POST /login",
            "GET /api/vrfcontext?name=global&include_name=true&cloud_ref.name=Default-Cloud&page_size=100&page=1",
            get,
            get,
            get,
            "PUT /api/vrfcontext/vrfcontext-7c1ad1a4",
        ]
    );
}

#[tokio::test]
async fn a_session_that_ended_is_replaced_once() {
    let controller = controller(&[]);
    let (changes, route) = one_add();
    let mut target = target(&controller);
    read(&mut target).await;
    controller.expire_sessions();
    read(&mut target).await;
    controller.fail_next(PUT, Fault::Expire);
    target.write(&changes).await.unwrap();

    assert_eq!(controller.requests("POST /login").len(), 3);
    // Refused, then accepted.
    let puts: Vec<_> = controller
        .requests(PUT)
        .iter()
        .map(|put| put.status)
        .collect();
    assert_eq!(puts, [Some(401), Some(200)]);
    assert_eq!(controller.vrf("global").matches(&route).count(), 1);
}

#[tokio::test]
async fn sessions_that_are_never_accepted_are_an_error_and_no_loop() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    controller.fail_times(
        9,
        GET,
        Fault::Answer(401, r#"{"error":"no such session"}"#.to_owned()),
    );
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(message.contains("no such session"), "{message}");
    assert_eq!(controller.requests(GET).len(), 2);
    assert_eq!(controller.requests("POST /login").len(), 2);
}

#[tokio::test]
async fn a_new_csrf_token_is_taken_from_the_answer() {
    let controller = controller(&[]);
    let (changes, route) = one_add();
    let mut target = target(&controller);
    read(&mut target).await;
    controller.rotate_csrf_tokens();

    target.write(&changes).await.unwrap();

    let puts: Vec<_> = controller
        .requests(PUT)
        .iter()
        .map(|put| put.status)
        .collect();
    assert_eq!(puts, [Some(419), Some(200)]);
    assert_eq!(controller.requests("POST /login").len(), 1);
    assert!(controller.vrf("global").contains(&route));
}

#[tokio::test]
async fn without_a_new_csrf_token_the_next_login_brings_one() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    controller.fail_times(2, GET, Fault::Answer(419, String::new()));
    read(&mut target).await;
    assert_eq!(controller.requests("POST /login").len(), 2);
}

#[tokio::test]
async fn the_vrfs_of_a_controller_share_a_session_when_it_ends_too() {
    let controller = controller(&[]);
    controller.set_vrf(&vrf("b", "u-b", &[]));
    let mut bound = open(&controller, &["--vrf", "global,b"]);
    let (first, second) = bound.split_at_mut(1);
    for _ in 0..2 {
        let (a, b) = (first[0].target.read(), second[0].target.read());
        let (a, b) = tokio::join!(a, b);
        a.unwrap();
        b.unwrap();
        controller.expire_sessions();
    }
    assert_eq!(controller.requests("POST /login").len(), 2);
}

#[tokio::test]
async fn the_controllers_own_version_is_spoken() {
    let spoken = |controller: &Controller| controller.requests(GET).pop().unwrap().version;
    let controller = controller(&[]);
    controller.set_version("31.1.1");
    read(&mut target(&controller)).await;
    assert_eq!(spoken(&controller).as_deref(), Some("31.1.1"));

    // An older one if wished, a newer one never.
    read(&mut target_with(&controller, &["--api-version", "22.1.3"])).await;
    assert_eq!(spoken(&controller).as_deref(), Some("22.1.3"));
    read(&mut target_with(&controller, &["--api-version", "31.2.1"])).await;
    assert_eq!(spoken(&controller).as_deref(), Some("31.1.1"));
}

#[tokio::test]
async fn a_controller_that_does_not_say_its_version_at_login_is_asked() {
    let controller = controller(&[]);
    controller.hide_version_at_login();
    read(&mut target(&controller)).await;
    assert_eq!(controller.requests("GET /api/initial-data").len(), 1);
    assert_eq!(
        controller.requests(GET)[0].version.as_deref(),
        Some("30.2.1")
    );
}

#[tokio::test]
async fn a_controller_that_is_upgraded_is_asked_again() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    read(&mut target).await;
    controller.set_version("31.2.1");
    controller.expire_sessions();
    read(&mut target).await;
    let last = controller.requests(GET).pop().unwrap();
    assert_eq!(last.version.as_deref(), Some("31.2.1"));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let controller = controller(&[]);
    let other = Controller::start();
    let other_ca = other.ca_pem_path();
    let mut target = {
        let arguments = [
            "--controller",
            &controller.url(),
            "--credentials",
            controller.credentials().to_str().unwrap(),
            "--ca-file",
            other_ca.to_str().unwrap(),
        ];
        options(&arguments).open().unwrap().remove(0).target
    };

    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(message.contains("certificate is not accepted"), "{message}");
    assert!(message.contains("--ca-file"), "{message}");
    assert!(controller.journal().is_empty());

    // The right one in the same file is noticed.
    std::fs::copy(controller.ca_pem_path(), &other_ca).unwrap();
    read(&mut target).await;
}

#[tokio::test]
async fn an_authority_that_is_trusted_no_longer_ends_the_session() {
    let controller = controller(&[]);
    let other = Controller::start();
    let mut target = target(&controller);
    read(&mut target).await;
    let journal = controller.journal().len();

    std::fs::copy(other.ca_pem_path(), controller.ca_pem_path()).unwrap();

    let result = target.read().await;
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
    assert_eq!(controller.journal().len(), journal);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let controller = controller(&[]);
    // Its certificate is for 127.0.0.1.
    let url = format!("https://localhost:{}", controller.address().port());
    let arguments = [
        "--controller",
        &url,
        "--credentials",
        controller.credentials().to_str().unwrap(),
        "--ca-file",
        &controller.ca_pem_path().display().to_string(),
    ];
    let mut target = options(&arguments).open().unwrap().remove(0).target;
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(message.contains("certificate is not accepted"), "{message}");
    assert!(controller.journal().is_empty());
}

#[tokio::test]
async fn any_certificate_does_when_that_is_wished() {
    let controller = controller(&[]);
    let arguments = [
        "--controller",
        &controller.url(),
        "--credentials",
        controller.credentials().to_str().unwrap(),
        "--insecure-skip-tls-verify",
        "--service-engine-group=",
    ];
    let mut target = options(&arguments).open().unwrap().remove(0).target;
    read(&mut target).await;
}

#[tokio::test]
async fn without_an_authority_the_systems_count() {
    let controller = controller(&[]);
    let arguments = [
        "--controller",
        &controller.url(),
        "--credentials",
        controller.credentials().to_str().unwrap(),
    ];
    let mut target = options(&arguments).open().unwrap().remove(0).target;
    let result = target.read().await;
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
    assert!(controller.journal().is_empty());
}
