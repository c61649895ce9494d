//! A file is written whole, for its owner, or not at all.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::kube::{Fault, until};
use crate::{Desk, shop};

#[tokio::test]
async fn the_name_says_the_format_and_the_report_is_the_same() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let mut reports = Vec::new();
    for name in ["s.json", "s.yaml", "s.yml.gz", "s.json.gz", "plain"] {
        let taken = desk.run(&["snapshot", "-o", name]).await;
        assert_eq!(
            (taken.code, &*taken.err, &*taken.out),
            (0, "", ""),
            "{name}"
        );
        let file = std::fs::metadata(desk.path(name)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
        reports.push(desk.checked(name).await);
    }
    assert!(reports.windows(2).all(|two| two[0] == two[1]));
    let yaml = std::fs::read_to_string(desk.path("s.yaml")).unwrap();
    assert!(yaml.starts_with("apiVersion: v1\nkind: List\nitems:\n- "));
    assert_eq!(
        std::fs::read(desk.path("s.json.gz")).unwrap()[..2],
        [0x1f, 0x8b]
    );
}

#[tokio::test]
async fn standard_output_goes_into_a_check() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "-"]).await;
    std::fs::write(desk.path("again.json"), &taken.out).unwrap();
    assert_eq!(
        desk.checked("again.json").await["routes"],
        desk.live().await["routes"]
    );
}

#[tokio::test]
async fn whoever_has_seen_enough_may_go() {
    let cluster = shop().await;
    cluster.apply_fleet(300);
    let desk = Desk::at(&cluster);
    let mut child = desk
        .command(&["snapshot", "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[tokio::test]
async fn an_interruption_leaves_no_file() {
    let cluster = shop().await;
    cluster.fail("list", "services", usize::MAX, Fault::Silent);
    let desk = Desk::at(&cluster);
    std::fs::write(desk.path("s.json"), "before").unwrap();
    let child = desk
        .command(&["snapshot", "-o", "s.json"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("it lists", || {
        !cluster.requests("list", "services").is_empty()
    })
    .await;
    let id = child.id().unwrap().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("nothing was written")
    );
    assert_eq!(desk.files(), ["s.json"]);
    assert_eq!(
        std::fs::read_to_string(desk.path("s.json")).unwrap(),
        "before"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_of_and_leaves_nothing() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    std::fs::create_dir(desk.path("taken")).unwrap();
    let run = desk.run(&["snapshot", "-o", "no/such/folder/s.json"]).await;
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no/such/folder/s.json: "), "{}", run.err);
    assert_eq!(desk.run(&["snapshot", "-o", "taken"]).await.code, 2);
    assert_eq!(desk.files(), ["taken"]);
}

#[tokio::test]
async fn a_link_stays_a_link() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    std::fs::write(desk.path("real.json"), "").unwrap();
    std::os::unix::fs::symlink("real.json", desk.path("link.json")).unwrap();
    assert_eq!(
        desk.run(&["snapshot", "-o", "link.json", "-q"]).await.code,
        0
    );
    assert!(desk.path("link.json").is_symlink());
    assert_eq!(desk.kind("real.json", "Node").1, 3);
}
