//! podroute is killed in the middle of a write, at each step of it, and the
//! next one puts things right.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use podroute::targets::Wanted;

use crate::support::{
    BOTH, FIRST, Folder, OWNER, open, prefixes, reconcile, route, state_file, unavailable,
    worker_1, worker_2,
};

/// Writes the routes of `routes_of(count)` in a process of its own, started
/// by this shell command.
fn write_elsewhere(folder: &Folder, shell: &str, count: &str, options: &[&str]) -> ExitStatus {
    let output = folder.path("routes.conf");
    let arguments = [&["--output", &output, "--template", "frr"], options].concat();
    Command::new("sh")
        .args(["-c", &format!("{shell}; exec \"$@\""), "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "killed::in_a_process_of_its_own", "--ignored"])
        .env("PODROUTE_TEST_ROUTES", count)
        .env("PODROUTE_TEST_ARGUMENTS", arguments.join("\n"))
        .output()
        .unwrap()
        .status
}

#[tokio::test]
#[ignore = "other tests run it, to kill it"]
async fn in_a_process_of_its_own() {
    let count = std::env::var("PODROUTE_TEST_ROUTES").unwrap();
    let arguments = std::env::var("PODROUTE_TEST_ARGUMENTS").unwrap();
    let mut target = open(OWNER, &arguments.split('\n').collect::<Vec<_>>()).unwrap();
    let routes = routes_of(count.parse().unwrap());
    reconcile(&mut *target, &routes).await.unwrap();
}

fn routes_of(count: u8) -> Vec<Wanted> {
    match count {
        1 => vec![worker_1()],
        2 => vec![worker_1(), worker_2()],
        _ => (0..count)
            .map(|n| route(&format!("10.0.{n}.0/24"), "192.0.2.11", "worker-1"))
            .collect(),
    }
}

const KILL: &str = "kill -9 $PPID";

#[test]
fn without_being_killed_it_writes() {
    let folder = Folder::new();
    assert!(write_elsewhere(&folder, ":", "2", &[]).success());
    assert_eq!(folder.text("routes.conf"), BOTH);
}

#[tokio::test]
async fn while_the_new_text_is_written() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    // The kernel kills whoever writes a file past the limit: 1 or 2 KiB.
    let status = write_elsewhere(&folder, "ulimit -c 0; ulimit -f 2", "200", &[]);
    assert_eq!(status.signal(), Some(25), "{status}");
    assert_eq!(folder.names().len(), 3, "{:?}", folder.names());
    assert_eq!(folder.text("routes.conf"), FIRST);

    let table = target.read().await.unwrap();
    assert_eq!(
        (prefixes(&table), table.stale),
        (vec!["10.0.1.0/24"], false)
    );
    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(folder.text("routes.conf"), BOTH);
    assert_eq!(folder.names(), ["routes.conf", "routes.conf.podroute.json"]);
}

#[tokio::test]
async fn while_the_new_text_is_checked() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    let status = write_elsewhere(&folder, ":", "2", &["--check", KILL]);
    assert_eq!(status.signal(), Some(9), "{status}");
    assert_eq!(folder.text("routes.conf"), FIRST);

    let table = target.read().await.unwrap();
    assert_eq!(
        (prefixes(&table), table.stale),
        (vec!["10.0.1.0/24"], false)
    );
    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(folder.text("routes.conf"), BOTH);
    assert_eq!(folder.names(), ["routes.conf", "routes.conf.podroute.json"]);
}

/// The disk as it is when the new state is there and the new text is not.
#[tokio::test]
async fn between_the_state_file_and_the_output_file() {
    for old in [Some(FIRST), None] {
        let folder = Folder::new();
        let reload = format!("echo reloaded >> {}", folder.path("log"));
        let failing = ["--reload", "false"];
        reconcile(&mut *folder.target(&failing), &[worker_1(), worker_2()])
            .await
            .unwrap_err();
        match old {
            Some(old) => drop(folder.put("routes.conf", old)),
            None => fs::remove_file(folder.path("routes.conf")).unwrap(),
        }

        let mut target = folder.target(&["--reload", &reload]);
        let table = target.read().await.unwrap();
        assert!(table.stale);
        assert_eq!(prefixes(&table), ["10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(table.notes, [""; 0]);
        assert!(
            reconcile(&mut *target, &[worker_1(), worker_2()])
                .await
                .unwrap()
        );
        assert_eq!(folder.text("routes.conf"), BOTH);
        assert_eq!(folder.text("log"), "reloaded\n");
        assert!(
            !reconcile(&mut *target, &[worker_1(), worker_2()])
                .await
                .unwrap()
        );
    }
}

/// Not killed, but stopped at the same place: the output file's name is taken
/// at the last moment.
#[tokio::test]
async fn the_state_file_is_written_before_the_output_file() {
    let folder = Folder::new();
    let output = folder.path("routes.conf");
    let check = format!("mkdir {output}");
    let mut target = folder.target(&["--check", &check]);
    let message = unavailable(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert!(
        message.starts_with(&format!("cannot replace {output}: ")),
        "{message}"
    );
    assert_eq!(folder.names(), ["routes.conf", "routes.conf.podroute.json"]);

    fs::remove_dir(&output).unwrap();
    let mut target = folder.target(&[]);
    let table = target.read().await.unwrap();
    assert_eq!((prefixes(&table), table.stale), (vec!["10.0.1.0/24"], true));
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);
}

#[tokio::test]
async fn while_it_reloads() {
    let folder = Folder::new();
    let reload = format!("echo reloaded >> {}", folder.path("log"));
    let mut target = folder.target(&["--reload", &reload]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    let status = write_elsewhere(&folder, ":", "2", &["--reload", KILL]);
    assert_eq!(status.signal(), Some(9), "{status}");
    assert_eq!(folder.text("routes.conf"), BOTH);

    assert!(target.read().await.unwrap().stale);
    assert!(
        reconcile(&mut *target, &[worker_1(), worker_2()])
            .await
            .unwrap()
    );
    assert_eq!(folder.text("log"), "reloaded\nreloaded\n");
    assert!(
        !reconcile(&mut *target, &[worker_1(), worker_2()])
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn at_its_very_first_write() {
    for command in ["--check", "--reload"] {
        let folder = Folder::new();
        let status = write_elsewhere(&folder, ":", "2", &[command, KILL]);
        assert_eq!(status.signal(), Some(9), "{status}");

        let mut target = folder.target(&["--reload", "true"]);
        assert!(
            reconcile(&mut *target, &[worker_1(), worker_2()])
                .await
                .unwrap()
        );
        assert_eq!(folder.text("routes.conf"), BOTH);
        assert!(
            !reconcile(&mut *target, &[worker_1(), worker_2()])
                .await
                .unwrap()
        );
        assert!(state_file(&folder).exists());
    }
}
