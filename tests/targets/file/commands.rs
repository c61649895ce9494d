//! The check command and the reload command.

use std::fs;
use std::path::Path;

use crate::support::{
    BOTH, FIRST, Folder, reconcile, refused, state_file, unavailable, worker_1, worker_2,
};

#[tokio::test]
async fn what_the_check_refuses_does_not_replace_the_old_file() {
    let folder = Folder::new();
    let check = "! grep -n 192.0.2.12 {} || { echo unknown gateway >&2; false; }";
    let reload = format!("echo reloaded >> {}", folder.path("log"));
    let mut target = folder.target(&["--check", check, "--reload", &reload]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    let state = fs::read_to_string(state_file(&folder)).unwrap();

    let message = refused(
        reconcile(&mut *target, &[worker_1(), worker_2()])
            .await
            .unwrap_err(),
    );
    assert_eq!(
        message,
        format!(
            "the --check command on the new text of {} ended with exit status: 1 and said: \
             3:ip route 10.0.2.0/24 192.0.2.12; unknown gateway; the old file stays; mend the \
             template or the command",
            folder.path("routes.conf")
        )
    );
    assert_eq!(folder.text("routes.conf"), FIRST);
    assert_eq!(fs::read_to_string(state_file(&folder)).unwrap(), state);
    assert_eq!(folder.text("log"), "reloaded\n");
    assert_eq!(
        folder.names(),
        ["log", "routes.conf", "routes.conf.podroute.json"]
    );
}

#[tokio::test]
async fn the_check_sees_the_new_file_beside_the_old_one() {
    let folder = Folder::new();
    fs::create_dir(folder.path("it's here")).unwrap();
    let output = folder.path("it's here/routes.conf");
    let log = folder.path("log");
    let check = format!(
        "cat {{}} \"$PODROUTE_FILE\" > {log}; stat -c %a {{}} >> {log}; cd \"$(dirname {{}})\"; ls \
         >> {log}"
    );
    let arguments = [
        "--output",
        &output,
        "--template",
        "frr",
        "--mode",
        "640",
        "--check",
        &check,
    ];
    let mut target = crate::support::open(crate::support::OWNER, &arguments).unwrap();
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    // It is hidden from `ls` and from `*`, as nothing shall include it.
    assert_eq!(folder.text("log"), format!("{FIRST}{FIRST}640\n"));
}

#[tokio::test]
async fn the_reload_command_runs_after_each_change() {
    let folder = Folder::new();
    let log = folder.path("log");
    let reload = format!("cat \"$PODROUTE_FILE\" >> {log}");
    let mut target = folder.target(&["--reload", &reload]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.text("log"), FIRST);

    assert!(!reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("log"), FIRST);

    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(folder.text("log"), format!("{FIRST}{BOTH}"));

    fs::remove_file(folder.path("routes.conf")).unwrap();
    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(folder.text("log"), format!("{FIRST}{BOTH}{BOTH}"));
}

#[tokio::test]
async fn a_reload_that_fails_runs_again_until_it_succeeds() {
    let folder = Folder::new();
    let (bird, log) = (folder.path("bird-is-up"), folder.path("log"));
    let reload = format!("echo try >> {log}; test -e {bird} || {{ echo no bird; exit 3; }}");
    let mut target = folder.target(&["--reload", &reload]);
    let message = unavailable(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert_eq!(
        message,
        format!(
            "{} is written, but the --reload command ended with exit status: 3 and said: no bird; \
             it is run again until it succeeds: mend what it complains of, or the command",
            folder.path("routes.conf")
        )
    );
    assert_eq!(folder.text("routes.conf"), FIRST);

    // No route changes, and still: an error until it succeeds, also after a
    // restart.
    let mut target = folder.target(&["--reload", &reload]);
    assert!(target.read().await.unwrap().stale);
    unavailable(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());

    fs::write(&bird, "").unwrap();
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert!(!reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("log"), "try\ntry\ntry\n");
}

#[tokio::test]
async fn without_a_reload_command_nothing_waits_for_one() {
    let folder = Folder::new();
    let mut target = folder.target(&["--reload", "exit 1"]);
    unavailable(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    let mut target = folder.target(&[]);
    assert!(!target.read().await.unwrap().stale);
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_with_all_that_it_started() {
    let folder = Folder::new();
    let id = folder.path("id");
    let reload = format!("echo waiting; sleep 600 & echo $! > {id}; wait");
    let mut target = folder.target(&["--reload", &reload, "--command-timeout", "1"]);
    let message = unavailable(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert!(
        message.contains("did not end within 1 s and was killed and said: waiting;"),
        "{message}"
    );
    let id = folder.text("id").trim().to_owned();
    while is_running(&id) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(target.read().await.unwrap().stale);
}

/// A process that was killed stays in the list until somebody asks for its
/// end.
fn is_running(id: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(id).join("status"));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

#[tokio::test]
async fn what_a_command_leaves_in_the_background_is_left_alone() {
    let folder = Folder::new();
    let id = folder.path("id");
    let reload = format!("sleep 600 & echo $! > {id}");
    let mut target = folder.target(&["--reload", &reload]);
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    let id = folder.text("id").trim().to_owned();
    assert!(is_running(&id));
    let kill = std::process::Command::new("kill").arg(id).status();
    assert!(kill.unwrap().success());
}

#[tokio::test]
async fn of_a_long_complaint_the_end_is_shown_on_one_line() {
    let folder = Folder::new();
    let reload = "seq 1 20000; printf 'line\\033[31m 2\\r\\n\\377last\\n'; exit 1";
    let mut target = folder.target(&["--reload", reload]);
    let message = unavailable(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    let end = "; 19999; 20000; line [31m 2; \u{fffd}last; it is run again";
    assert!(message.contains(end), "{message}");
    assert!(!message.contains("; 10000;"));
    assert!(message.len() < 2000);
}
