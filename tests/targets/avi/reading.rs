//! What is in a VRF context.

use podroute::targets::{Error, Observed, Table};

use crate::simulator::Controller;
use crate::{BY_HAND, controller, observed, open, read, route, target, target_with, vrf};

#[tokio::test]
async fn every_route_is_there_with_its_owner() {
    let controller = controller(&[
        BY_HAND,
        &route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop"),
        &route("shop-2", "fd00:10:1::/64", "2001:db8::11", "shop"),
    ]);
    let mut target = target(&controller);
    assert_eq!(target.name(), "avi vrf global");
    assert_eq!(
        read(&mut target).await,
        Table {
            routes: vec![
                observed("1", "198.51.100.0/24", "192.0.2.1", None),
                observed("shop-1", "10.244.1.0/24", "192.0.2.11", Some("shop")),
                observed("shop-2", "fd00:10:1::/64", "2001:db8::11", Some("shop")),
            ],
            stale: false,
            notes: vec![],
        }
    );
}

#[tokio::test]
async fn only_the_label_clustername_makes_an_owner() {
    let with_labels = |id: &str, labels: &str| {
        format!(
            r#"{{"route_id":"{id}","prefix":{{"ip_addr":{{"addr":"10.0.0.0","type":"V4"}},"mask":8}},"next_hop":{{"addr":"192.0.2.1","type":"V4"}},"labels":{labels}}}"#
        )
    };
    let cases = [
        ("a", r#"[{"key":"clustername","value":"a"}]"#, Some("a")),
        ("b", r#"[{"key":"clustername","value":"a-b"}]"#, Some("a-b")),
        ("c", r#"[{"key":"clustername","value":" a"}]"#, Some(" a")),
        ("d", r#"[{"key":"clustername","value":""}]"#, Some("")),
        ("e", r#"[{"key":"clusterName","value":"a"}]"#, None),
        ("f", r#"[{"key":"clustername ","value":"a"}]"#, None),
        ("g", r#"[{"key":"team","value":"a"}]"#, None),
        ("h", r#"[{"key":"clustername","value":null}]"#, None),
        ("i", r#"[{"key":"clustername"}]"#, None),
        ("a-j", "[]", None),
        ("k", "null", None),
        ("l", r#""clustername=a""#, None),
    ];
    let routes: Vec<String> = cases
        .iter()
        .map(|(id, labels, _)| with_labels(id, labels))
        .collect();
    let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
    let controller = controller(&routes);

    let table = read(&mut target(&controller)).await;

    let owners: Vec<_> = table
        .routes
        .iter()
        .map(|route| (route.id.as_str(), route.owner.as_deref()))
        .collect();
    let expected: Vec<_> = cases.iter().map(|(id, _, owner)| (*id, *owner)).collect();
    assert_eq!(owners, expected);
}

#[tokio::test]
async fn the_label_counts_at_any_position_unless_two_contradict() {
    let labelled = |labels: &str| {
        vrf(
            "global",
            "u",
            &[&format!(r#"{{"route_id":"1","labels":[{labels}]}}"#)],
        )
    };
    let owner = |labels: &str| {
        let routes = podroute::targets::avi::parse_vrf(&labelled(labels)).unwrap();
        routes[0].owner.clone()
    };
    let (a, b, other) = (
        r#"{"key":"clustername","value":"a"}"#,
        r#"{"key":"clustername","value":"b"}"#,
        r#"{"key":"team","value":"net"}"#,
    );
    assert_eq!(owner(&format!("{other},{a}")).as_deref(), Some("a"));
    assert_eq!(owner(&format!("7,{a}")).as_deref(), Some("a"));
    assert_eq!(owner(&format!("{a},{a}")).as_deref(), Some("a"));
    assert_eq!(owner(&format!("{a},{b}")), None);
}

#[tokio::test]
async fn what_is_no_route_is_shown_as_it_stands_there() {
    let controller = controller(&[
        r#"{"route_id":"odd","prefix":{"ip_addr":{"addr":"db-net","type":"DNS"},"mask":99999999999999999999},"next_hop":{"addr":"","type":"V4"}}"#,
        r#"{"route_id":7,"prefix":"10.0.0.0/8","if_name":"eth1"}"#,
        r#""a word""#,
    ]);
    assert_eq!(
        read(&mut target(&controller)).await.routes,
        [
            Observed {
                id: "odd".to_owned(),
                prefix: "db-net/99999999999999999999".to_owned(),
                next_hop: Some(String::new()),
                owner: None,
            },
            Observed {
                id: "7".to_owned(),
                prefix: r#""10.0.0.0/8""#.to_owned(),
                next_hop: None,
                owner: None,
            },
            Observed {
                id: String::new(),
                prefix: r#""a word""#.to_owned(),
                next_hop: None,
                owner: None,
            },
        ]
    );
}

#[tokio::test]
async fn a_vrf_without_routes_is_an_empty_table() {
    let controller = Controller::start();
    for (name, json) in [
        ("none", r#"{"uuid":"u-1","name":"none"}"#),
        (
            "empty",
            r#"{"uuid":"u-2","name":"empty","static_routes":[]}"#,
        ),
        (
            "null",
            r#"{"uuid":"u-3","name":"null","static_routes":null}"#,
        ),
    ] {
        controller.set_vrf(json);
        let mut target = target_with(&controller, &["--vrf", name]);
        assert_eq!(read(&mut target).await, Table::default(), "{name}");
    }
}

#[tokio::test]
async fn the_vrf_is_the_one_of_this_name_in_this_cloud() {
    let controller = Controller::start();
    let in_dc1 = route("1", "10.1.0.0/16", "192.0.2.1", "dc1");
    let in_dc2 = route("2", "10.2.0.0/16", "192.0.2.2", "dc2");
    controller.set_vrf_in("dc1", "admin", &vrf("blue & green", "u-1", &[&in_dc1]));
    controller.set_vrf_in("dc2", "admin", &vrf("blue & green", "u-2", &[&in_dc2]));
    controller.set_vrf_in("dc2", "admin", &vrf("blue", "u-3", &[]));

    let mut target = target_with(&controller, &["--cloud", "dc2", "--vrf", "blue & green"]);

    let routes = read(&mut target).await.routes;
    assert_eq!(
        routes,
        [observed("2", "10.2.0.0/16", "192.0.2.2", Some("dc2"))]
    );
}

#[tokio::test]
async fn a_vrf_that_is_not_there_is_refused_with_those_that_are() {
    let controller = controller(&[]);
    controller.set_vrf(&vrf("management", "u-2", &[]));
    controller.set_vrf_in("other-cloud", "admin", &vrf("gobal", "u-3", &[]));
    let mut target = target_with(&controller, &["--vrf", "gobal"]);

    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };

    assert!(
        message.contains("no VRF context gobal in cloud Default-Cloud")
            && message.contains("there: global, management;")
            && message.contains("another tenant"),
        "{message}"
    );
}

#[tokio::test]
async fn a_vrf_that_was_made_anew_is_found_again() {
    let controller = controller(&[BY_HAND]);
    let mut target = target(&controller);
    read(&mut target).await;

    controller.remove_vrf("global");
    controller.set_vrf(&vrf("global", "vrfcontext-new", &[]));

    let Err(Error::Unavailable(message)) = target.read().await else {
        panic!("not unavailable");
    };
    assert!(
        message.contains("VrfContext object not found!"),
        "{message}"
    );
    assert_eq!(read(&mut target).await.routes, []);
}

#[tokio::test]
async fn each_vrf_has_the_nodes_that_its_label_names_in_one_session() {
    let controller = controller(&[BY_HAND]);
    controller.set_vrf(&vrf("t1-b", "u-b", &[]));
    let more = [
        "--vrf",
        "global",
        "--vrf",
        "t1-b",
        "--vrf-label",
        "net.example/vrf",
    ];

    let mut bound = open(&controller, &more);

    let nodes: Vec<_> = bound.iter().map(|bound| bound.nodes.as_deref()).collect();
    assert_eq!(
        nodes,
        [
            Some("net.example/vrf notin (t1-b)"),
            Some("net.example/vrf=t1-b")
        ]
    );
    assert_eq!(read(&mut bound[0].target).await.routes.len(), 1);
    assert_eq!(read(&mut bound[1].target).await.routes.len(), 0);
    assert_eq!(controller.requests("POST /login").len(), 1);
}
