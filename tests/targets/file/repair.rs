//! Whatever happens to the file, the next round puts it right.

use std::fs;

use podroute::targets::{Changes, Error, Observed, Table, Wanted};

use crate::support::{
    BOTH, FIRST, Folder, OWNER, plan, prefixes, reconcile, refused, route, state_file, worker_1,
    worker_2,
};

#[tokio::test]
async fn a_new_file_is_written_and_then_left_alone() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    assert_eq!(
        target.name(),
        format!("file {}", folder.path("routes.conf"))
    );
    let nothing = Table {
        stale: true,
        ..Table::default()
    };
    assert_eq!(target.read().await.unwrap(), nothing);

    let routes = [worker_2(), worker_1()];
    assert!(reconcile(&mut *target, &routes).await.unwrap());
    assert_eq!(folder.text("routes.conf"), BOTH);
    let both = Table {
        routes: vec![
            Observed {
                id: "shop-10.0.1.0/24".to_owned(),
                prefix: "10.0.1.0/24".to_owned(),
                next_hop: Some("192.0.2.11".to_owned()),
                owner: Some("shop".to_owned()),
            },
            Observed {
                id: "shop-10.0.2.0/24".to_owned(),
                prefix: "10.0.2.0/24".to_owned(),
                next_hop: Some("192.0.2.12".to_owned()),
                owner: Some("shop".to_owned()),
            },
        ],
        ..Table::default()
    };
    assert_eq!(target.read().await.unwrap(), both);

    // Another process finds the same.
    let mut target = folder.target(&[]);
    assert_eq!(target.read().await.unwrap(), both);
    assert!(!reconcile(&mut *target, &routes).await.unwrap());
    assert_eq!(folder.names(), ["routes.conf", "routes.conf.podroute.json"]);

    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);
    assert_eq!(prefixes(&target.read().await.unwrap()), ["10.0.1.0/24"]);
}

#[tokio::test]
async fn an_empty_plan_makes_a_file_without_routes() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    assert!(reconcile(&mut *target, &[]).await.unwrap());
    let header = "! podroute: routes to the pods of shop. Changes by hand are undone.\n";
    assert_eq!(folder.text("routes.conf"), header);
    assert!(!reconcile(&mut *target, &[]).await.unwrap());
}

#[tokio::test]
async fn a_change_by_hand_is_undone() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    folder.put("routes.conf", "ip route 10.0.1.0/24 192.0.2.66\n");
    let table = target.read().await.unwrap();
    assert!(table.stale);
    assert_eq!(prefixes(&table), ["10.0.1.0/24"]);
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);

    folder.put("routes.conf", "");
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);

    fs::remove_file(folder.path("routes.conf")).unwrap();
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);
    assert!(!target.read().await.unwrap().stale);
}

#[tokio::test]
async fn another_template_is_taken_up() {
    let folder = Folder::new();
    let template = folder.put(
        "own.j2",
        "{% for r in routes %}{{ r.prefix }}\n{% endfor %}",
    );
    let mut target = folder.target(&["--template", &template]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.text("routes.conf"), "10.0.1.0/24\n");

    folder.put("own.j2", "{% for r in routes %}{{ r.node }}\n{% endfor %}");
    assert!(target.read().await.unwrap().stale);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.text("routes.conf"), "worker-1\n");

    let mut target = folder.target(&[]);
    assert!(target.read().await.unwrap().stale);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.text("routes.conf"), FIRST);
}

#[tokio::test]
async fn a_template_that_breaks_later_leaves_the_file_as_it_is() {
    let folder = Folder::new();
    let template = folder.put(
        "own.j2",
        "{% for r in routes %}{{ r.prefix }}\n{% endfor %}",
    );
    let mut target = folder.target(&["--template", &template]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    folder.put(
        "own.j2",
        "{% for r in routes %}\n{{ r.prefx }}\n{% endfor %}",
    );
    let message = refused(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert!(
        message.starts_with(&format!("template {template}, line 2: ")),
        "{message}"
    );

    folder.put("own.j2", "{% for r in routes %}{{ r.prefix }}\n");
    let message = refused(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert!(message.contains(&template), "{message}");
    assert_eq!(folder.text("routes.conf"), "10.0.1.0/24\n");
}

#[tokio::test]
async fn a_template_that_cannot_render_the_old_routes_may_render_the_new_ones() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    let ipv6 = route("fd00:1::/64", "2001:db8::11", "worker-1");
    reconcile(&mut *target, &[worker_1(), ipv6]).await.unwrap();

    let text = "{% if ipv6 %}{{ no_ipv6_please }}{% endif %}{{ ipv4[0].prefix }}\n";
    let template = folder.put("own.j2", text);
    let mut target = folder.target(&["--template", &template]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.text("routes.conf"), "10.0.1.0/24\n");
}

#[tokio::test]
async fn routes_that_nobody_asked_to_change_stay() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();

    // A plan whose deletes are held back names neither route.
    let table = target.read().await.unwrap();
    let mut changes = plan(&table, &[route("10.0.3.0/24", "192.0.2.13", "worker-3")]);
    changes.deletes.clear();
    target.write(&changes).await.unwrap();
    assert_eq!(
        folder.text("routes.conf"),
        format!("{BOTH}ip route 10.0.3.0/24 192.0.2.13\n")
    );

    // A route that is there moves, with its id.
    target.read().await.unwrap();
    let moved = Wanted {
        id: "shop-10.0.3.0/24".to_owned(),
        ..route("10.0.4.0/24", "192.0.2.14", "worker-4")
    };
    let changes = Changes {
        owner: OWNER.to_owned(),
        updates: vec![moved.clone()],
        all: vec![moved],
        ..Changes::default()
    };
    target.write(&changes).await.unwrap();
    assert_eq!(
        folder.text("routes.conf"),
        format!("{BOTH}ip route 10.0.4.0/24 192.0.2.14\n")
    );

    // A new route in the place of one that it does not name.
    let table = target.read().await.unwrap();
    let moved = Wanted {
        id: "another".to_owned(),
        ..route("10.0.1.0/24", "192.0.2.12", "worker-2")
    };
    let mut changes = plan(&table, &[moved]);
    changes
        .deletes
        .retain(|route| route.prefix == "10.0.4.0/24");
    target.write(&changes).await.unwrap();
    assert_eq!(
        folder.text("routes.conf"),
        BOTH.replace("192.0.2.11", "192.0.2.12")
    );
}

#[tokio::test]
async fn a_plan_made_of_an_older_file_is_refused() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    let table = target.read().await.unwrap();
    folder.put("routes.conf", "! by hand\n");
    let error = target
        .write(&plan(&table, &[worker_2()]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!(folder.text("routes.conf"), "! by hand\n");

    // Another podroute was faster.
    let table = target.read().await.unwrap();
    let mut other = folder.target(&[]);
    reconcile(&mut *other, &[worker_1(), worker_2()])
        .await
        .unwrap();
    let error = target
        .write(&plan(&table, &[worker_2()]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!(folder.text("routes.conf"), BOTH);
}

#[tokio::test]
async fn the_state_file_is_for_people_too() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    let state: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(state_file(&folder)).unwrap()).unwrap();
    assert_eq!(
        state,
        serde_json::json!({
            "schema": "podroute.file-state/v1",
            "output": folder.path("routes.conf"),
            "owner": "shop",
            "reloadPending": false,
            "routes": [{
                "id": "shop-10.0.1.0/24",
                "prefix": "10.0.1.0/24",
                "nextHop": "192.0.2.11",
                "node": "worker-1"
            }]
        })
    );
}
