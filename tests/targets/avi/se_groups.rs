//! The label of the service engine group, without which its engines get no
//! routes.

use podroute::targets::{Changes, Error, Table, Target};

use crate::simulator::{Controller, Fault};
use crate::{controller, one_add, read, target_with};

const PUT: &str = "PUT /api/serviceenginegroup/";

/// With more in it than anybody here knows.
fn group(labels: &str) -> String {
    format!(
        r#"{{"zz":12345678901234567890.123,"uuid":"seg-1","name":"Default-Group"{labels},"max_se": 10.0}}"#
    )
}

fn no_changes() -> Changes {
    Changes {
        owner: "shop".to_owned(),
        ..Changes::default()
    }
}

fn open(controller: &Controller, more: &[&str]) -> Box<dyn Target> {
    let mut arguments = vec!["--service-engine-group", "Default-Group"];
    arguments.extend(more);
    target_with(controller, &arguments)
}

/// What a daemon of cluster `shop` reads.
async fn table(controller: &Controller, more: &[&str]) -> Table {
    let mut target = open(controller, more);
    target.strays("shop").await.unwrap();
    read(&mut target).await
}

#[tokio::test]
async fn a_group_with_our_label_needs_no_word() {
    let controller = controller(&[]);
    controller.set_se_group(&group(
        r#","labels":[{"key":"clustername","value":"shop"}]"#,
    ));
    for more in [&[][..], &["--write-se-group-labels"]] {
        assert_eq!(table(&controller, more).await, Table::default());
    }
}

#[tokio::test]
async fn a_group_that_gets_no_routes_of_ours_is_noted_and_left_alone() {
    for (labels, words) in [
        ("", "has no label clustername=shop"),
        (r#","labels":[]"#, "has no label clustername=shop"),
        (
            r#","labels":[{"key":"clustername","value":"shop-b"}]"#,
            "belongs to cluster shop-b",
        ),
        (
            r#","labels":[{"key":"team","value":"net"}]"#,
            "has other labels but not clustername=shop",
        ),
    ] {
        let controller = controller(&[]);
        controller.set_se_group(&group(labels));

        let mut target = open(&controller, &[]);
        target.strays("shop").await.unwrap();
        let table = read(&mut target).await;

        assert!(!table.stale);
        assert_eq!(table.notes.len(), 1);
        assert!(table.notes[0].contains(words), "{:?}", table.notes);
        target.write(&one_add().0).await.unwrap();
        assert!(controller.requests(PUT).is_empty());
    }
}

#[tokio::test]
async fn the_label_is_written_where_there_is_none() {
    for labels in ["", r#","labels":[]"#, r#","labels":null"#] {
        let controller = controller(&[]);
        controller.set_se_group(&group(labels));
        let mut target = open(&controller, &["--write-se-group-labels"]);

        // Not while reading, but reading says that there is something to do.
        let table = read(&mut target).await;
        assert!(table.stale && table.notes.is_empty());
        assert!(controller.requests("PUT ").is_empty());
        target.write(&no_changes()).await.unwrap();

        let marked = r#"[{"key":"clustername","value":"shop"}]"#;
        let expected = if labels.is_empty() {
            let end = format!(r#","max_se": 10.0,"labels":{marked}}}"#);
            group("").replace(r#","max_se": 10.0}"#, &end)
        } else {
            group(&format!(r#","labels":{marked}"#))
        };
        let expected = expected.replace(r#""max_se": 10.0"#, r#""max_se":10.0"#);
        assert_eq!(controller.se_group("Default-Group"), expected);
        assert_eq!(controller.requests("PUT ").len(), 1);
        assert_eq!(read(&mut target).await, Table::default());
    }
}

#[tokio::test]
async fn labels_that_are_there_are_never_overwritten() {
    for labels in [
        r#","labels":[{"key":"clustername","value":"shop-b"}]"#,
        r#","labels":[{"key":"team","value":"net"}]"#,
    ] {
        let controller = controller(&[]);
        controller.set_se_group(&group(labels));
        let mut target = open(&controller, &["--write-se-group-labels"]);
        assert!(!read(&mut target).await.stale);
        target.write(&one_add().0).await.unwrap();
        assert!(controller.requests(PUT).is_empty());
        assert_eq!(read(&mut target).await.notes.len(), 1);
    }
}

#[tokio::test]
async fn two_clusters_do_not_both_get_a_group() {
    let controller = controller(&[]);
    controller.set_se_group(&group(""));
    let mut target = open(&controller, &["--write-se-group-labels"]);
    read(&mut target).await;
    let mut gate = controller.pause_before(PUT);
    let writing = tokio::spawn(async move { (target.write(&no_changes()).await, target) });
    gate.reached().await;
    let theirs = group(r#","labels":[{"key":"clustername","value":"bank"}]"#);
    controller.set_se_group(&theirs);
    gate.release();

    let (result, mut target) = writing.await.unwrap();

    assert!(matches!(result, Err(Error::Conflict(_))), "{result:?}");
    let table = read(&mut target).await;
    assert!(table.notes[0].contains("belongs to cluster bank"));
    assert!(!table.stale);
}

#[tokio::test]
async fn a_label_that_cannot_be_written_is_an_error_while_the_routes_are_in_place() {
    let controller = controller(&[]);
    controller.set_se_group(&group(""));
    let mut target = open(&controller, &["--write-se-group-labels"]);
    read(&mut target).await;
    let body = r#"{"error":"no permission for ServiceEngineGroup"}"#;
    controller.fail_next(PUT, Fault::Answer(403, body.to_owned()));
    let (changes, route) = one_add();

    let Err(Error::Refused(message)) = target.write(&changes).await else {
        panic!("not refused");
    };

    assert!(
        message.contains("no permission for ServiceEngineGroup"),
        "{message}"
    );
    assert!(controller.vrf("global").contains(&route));
    // And the next round tries again.
    assert!(read(&mut target).await.stale);
    target.write(&no_changes()).await.unwrap();
    assert!(!read(&mut target).await.stale);
}

#[tokio::test]
async fn a_group_that_cannot_be_looked_at_keeps_no_route_waiting() {
    let controller = controller(&[crate::BY_HAND]);
    let mut target = open(&controller, &[]);
    let table = read(&mut target).await;
    assert_eq!(table.routes.len(), 1);
    assert!(
        table.notes[0].contains("Default-Group is not in cloud Default-Cloud"),
        "{:?}",
        table.notes
    );

    controller.fail_next("GET /api/serviceenginegroup", Fault::Half);
    let table = read(&mut target).await;
    assert_eq!(table.routes.len(), 1);
    assert!(table.notes[0].contains("is not known"), "{:?}", table.notes);
}
