//! Passwords and tokens: where they come from, and where they never go.

use std::fs;

use podroute::targets::Error;

use crate::simulator::{Controller, Fault};
use crate::{controller, options, read, target, target_with};

#[tokio::test]
async fn a_new_password_in_the_file_is_taken_at_the_next_login() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    read(&mut target).await;

    controller.set_password("hunter3-admin");
    controller.expire_sessions();
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(message.contains("does not let user admin in"), "{message}");
    assert!(message.contains("Invalid credentials"), "{message}");
    // The same password twice would lock the user sooner.
    assert_eq!(controller.requests("POST /login").len(), 2);

    controller.write_file("password", "hunter3-admin");
    read(&mut target).await;
}

#[tokio::test]
async fn a_password_that_changes_while_it_is_tried_is_read_again() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    controller.set_password("hunter3-admin");
    let mut gate = controller.pause_before("POST /login");

    let reading = tokio::spawn(async move { target.read().await.map(drop) });
    gate.reached().await;
    controller.write_file("password", "hunter3-admin\n");
    gate.release();

    reading.await.unwrap().unwrap();
    assert_eq!(controller.requests("POST /login").len(), 2);
}

#[tokio::test]
async fn a_token_takes_the_place_of_a_password() {
    let controller = controller(&[]);
    controller.add_token("token-of-admin");
    controller.set_password("not this one");
    controller.write_file("authtoken", "token-of-admin");

    read(&mut target(&controller)).await;

    let login = &controller.requests("POST /login")[0].body;
    assert_eq!(login, r#"{"token":"token-of-admin","username":"admin"}"#);
}

#[tokio::test]
async fn a_token_without_a_value_counts_as_none() {
    let controller = controller(&[]);
    controller.write_file("authtoken", "");
    read(&mut target(&controller)).await;
}

#[tokio::test]
async fn each_part_may_come_from_a_file_of_its_own() {
    let controller = controller(&[]);
    controller.write_file("other-password", "hunter4\n");
    controller.set_password("hunter4");
    let file = controller.credentials().join("other-password");
    let more = [
        "--username",
        "admin",
        "--password-file",
        file.to_str().unwrap(),
    ];
    read(&mut target_with(&controller, &more)).await;
}

#[tokio::test]
async fn the_folder_may_hold_the_authority_too() {
    let controller = controller(&[]);
    let ca = fs::read_to_string(controller.ca_pem_path()).unwrap();
    controller.write_file("certificateAuthorityData", &ca);
    let (url, folder) = (controller.url(), controller.credentials().to_str().unwrap());
    let arguments = ["--controller", &url, "--credentials", folder];
    let mut target = options(&arguments).open().unwrap().remove(0).target;
    read(&mut target).await;
}

#[tokio::test]
async fn what_is_missing_is_said_at_the_start() {
    let controller = Controller::start();
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    let refusal = |more: &[&str]| {
        let mut arguments = vec!["--controller", "avi.example.com"];
        arguments.extend(more);
        options(&arguments).open().err().expect("refused")
    };
    assert!(refusal(&[]).contains("give --username"));
    assert!(refusal(&["--username", "admin"]).contains("give --password-file"));
    assert!(refusal(&["--credentials", folder]).contains("username"));
    fs::write(empty.path().join("username"), "admin").unwrap();
    assert!(refusal(&["--credentials", folder]).contains("password"));
    fs::write(empty.path().join("password"), "\n").unwrap();
    assert!(refusal(&["--credentials", folder]).contains("is empty"));
    let folder = controller.credentials().to_str().unwrap();
    assert!(
        refusal(&["--credentials", folder, "--ca-file", "/nonexistent/ca"])
            .contains("/nonexistent/ca")
    );
    let both = [
        "--credentials",
        folder,
        "--ca-file",
        "ca.pem",
        "--insecure-skip-tls-verify",
    ];
    assert!(refusal(&both).contains("contradict"));
}

#[tokio::test]
async fn a_file_with_no_certificate_is_refused() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    fs::write(controller.ca_pem_path(), "oops").unwrap();
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(message.contains("no certificate"), "{message}");
}

#[tokio::test]
async fn no_message_repeats_a_password() {
    let controller = controller(&[]);
    let (url, folder) = (controller.url(), controller.credentials().to_str().unwrap());
    let ca = controller.ca_pem_path();
    let options = options(&[
        "--controller",
        &url,
        "--credentials",
        folder,
        "--ca-file",
        ca.to_str().unwrap(),
    ]);
    let mut target = options.open().unwrap().remove(0).target;
    // A controller that repeats what it was sent.
    let echo = r#"{"error":"bad password hunter2-admin for admin"}"#;
    for status in [400, 401, 403, 422, 500] {
        controller.fail_next("POST /login", Fault::Answer(status, echo.to_owned()));
        let message = target.read().await.unwrap_err().to_string();
        assert!(message.contains("bad password (secret)"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    assert!(!format!("{options:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_login_that_fails_for_now_is_unavailable() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    for fault in [
        Fault::Answer(503, "starting".to_owned()),
        Fault::Answer(429, String::new()),
        Fault::ResetBefore,
        Fault::Cut,
    ] {
        controller.fail_next("POST /login", fault);
        let result = target.read().await;
        assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
    }
    read(&mut target).await;
}
