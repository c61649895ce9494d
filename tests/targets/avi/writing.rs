//! How changes get into a VRF context, and what stays as it was.

use podroute::targets::{Changes, Error, Written};

use crate::simulator::{Controller, Fault};
use crate::{BY_HAND, PUT, UUID, controller, observed, one_add, read, route, target, vrf, wanted};

/// Everything that a typed client would lose: unknown fields, numbers that no
/// type holds, spaces, escapes, the order of members.
const UNUSUAL: &str = r#"{"zeta":12345678901234567890.123,"uuid":"vrfcontext-7c1ad1a4","name":"global","bgp_profile":{"local_as": 4294967295, "big":1e400,"text":"caf\u00e9 \/ \"x\""},"static_routes":ROUTES,"alpha":[1.0,1.00,-0,{"nested":null}],"debugvrfcontext":{"flags":[ ]},"tenant_ref":"https://192.0.2.5/api/tenant/admin"}"#;

const ODD_ROUTE: &str = r#"{ "metric":12345678901234567890.123,"route_id":"9","labels":[{"value":"net","key":"team"}],"disable_gateway_monitor":true, "prefix":{"mask":8,"ip_addr":{"type":"V4","addr":"10.0.0.0"}},"new_in_40.1":{"x":0.10}}"#;

#[tokio::test]
async fn one_put_makes_all_changes_and_keeps_everything_else_byte_for_byte() {
    let keep = route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop");
    let go = route("shop-2", "10.244.2.0/24", "192.0.2.12", "shop");
    let go_too = route("shop-6", "10.244.6.0/24", "192.0.2.16", "shop");
    let other = route("shop-b-1", "10.9.0.0/24", "192.0.2.99", "shop-b");
    let stale = r#"{"route_id":"shop-3","if_name":"eth1","prefix":{"ip_addr":{"addr":"10.244.3.0","type":"V4"},"mask":24},"next_hop":{"addr":"192.0.2.13","type":"V4"},"labels":[{"key":"clustername","value":"shop"}],"weight":1.50}"#;
    let mended = stale.replace("192.0.2.13", "192.0.2.113");
    let before = format!("[{keep}, {ODD_ROUTE},{go},{stale},{BY_HAND},{go_too},{other}]");
    let added = route("shop-4", "10.244.4.0/24", "192.0.2.14", "shop");
    let added_v6 = route("shop-5", "fd00:10:4::/64", "2001:db8::14", "shop");
    let after = format!("[{keep},{ODD_ROUTE},{mended},{BY_HAND},{other},{added},{added_v6}]");

    let controller = Controller::start();
    controller.set_vrf(&UNUSUAL.replace("ROUTES", &before));
    let mut target = target(&controller);
    read(&mut target).await;
    let written = target
        .write(&Changes {
            owner: "shop".to_owned(),
            adds: vec![
                wanted("shop-4", "10.244.4.0/24", "192.0.2.14"),
                wanted("shop-5", "fd00:10:4::/64", "2001:db8::14"),
            ],
            updates: vec![wanted("shop-3", "10.244.3.0/24", "192.0.2.113")],
            deletes: vec![
                observed("shop-6", "10.244.6.0/24", "192.0.2.16", Some("shop")),
                observed("shop-2", "10.244.2.0/24", "192.0.2.12", Some("shop")),
            ],
            all: vec![],
        })
        .await;

    assert_eq!(written.unwrap(), Written::default());
    assert_eq!(controller.vrf("global"), UNUSUAL.replace("ROUTES", &after));
    let puts = controller.requests("PUT ");
    assert_eq!(puts.len(), 1);
    assert_eq!(puts[0].line(), format!("PUT /api/vrfcontext/{UUID}"));
    assert!(
        puts[0]
            .body
            .contains(r#""_last_modified":"1700000000000001""#)
    );
}

#[tokio::test]
async fn a_route_under_a_former_name_gets_the_new_one_where_it_stands() {
    let old = r#"{"route_id":"9f","labels":[{"key":"team","value":"net"},{"key":"clustername","value":"old"}],"prefix":{"ip_addr":{"addr":"10.244.1.0","type":"V4"},"mask":24},"next_hop":{"addr":"192.0.2.11","type":"V4","x":1}}"#;
    // The right next hop stays as it is written.
    let new = r#"{"route_id":"9f","labels":[{"key":"team","value":"net"},{"key":"clustername","value":"shop"}],"prefix":{"ip_addr":{"addr":"10.244.1.0","type":"V4"},"mask":24},"next_hop":{"addr":"192.0.2.11","type":"V4","x":1}}"#;
    let controller = controller(&[old, BY_HAND]);
    let mut target = target(&controller);
    read(&mut target).await;

    // Two labels are more than the controller takes now; it may have taken
    // them once. What is sent is what counts here.
    let refused = target
        .write(&Changes {
            owner: "shop".to_owned(),
            updates: vec![wanted("9f", "10.244.1.0/24", "192.0.2.11")],
            ..Changes::default()
        })
        .await;

    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let sent = &controller.requests(PUT)[0].body;
    assert!(sent.contains(&format!("[{new},{BY_HAND}]")), "{sent}");
}

#[tokio::test]
async fn the_first_route_goes_into_a_vrf_that_has_no_list_yet() {
    let controller = Controller::start();
    controller.set_vrf(&format!(r#"{{"uuid":"{UUID}","name":"global"}}"#));
    let (changes, route) = one_add();
    let mut target = target(&controller);
    read(&mut target).await;

    target.write(&changes).await.unwrap();

    assert_eq!(
        controller.vrf("global"),
        format!(r#"{{"uuid":"{UUID}","name":"global","static_routes":[{route}]}}"#)
    );
}

#[tokio::test]
async fn nothing_is_written_without_changes() {
    let controller = controller(&[BY_HAND]);
    let mut target = target(&controller);
    read(&mut target).await;

    let changes = Changes {
        owner: "shop".to_owned(),
        ..Changes::default()
    };
    target.write(&changes).await.unwrap();

    assert!(controller.requests("PUT ").is_empty());
}

#[tokio::test]
async fn nothing_is_written_from_what_was_not_read_since() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    let (changes, _) = one_add();

    assert!(matches!(
        target.write(&changes).await,
        Err(Error::Conflict(_))
    ));
    read(&mut target).await;
    target.write(&changes).await.unwrap();
    assert!(matches!(
        target.write(&changes).await,
        Err(Error::Conflict(_))
    ));

    assert_eq!(controller.requests("PUT ").len(), 1);
}

#[tokio::test]
async fn a_route_without_an_owner_is_never_changed_or_deleted() {
    let controller = controller(&[BY_HAND]);
    let mut target = target(&controller);
    let changes = [
        Changes {
            owner: "shop".to_owned(),
            updates: vec![wanted("1", "198.51.100.0/24", "192.0.2.2")],
            ..Changes::default()
        },
        Changes {
            owner: "shop".to_owned(),
            deletes: vec![observed("1", "198.51.100.0/24", "192.0.2.1", None)],
            ..Changes::default()
        },
    ];
    for changes in changes {
        read(&mut target).await;
        let Err(Error::Refused(message)) = target.write(&changes).await else {
            panic!("not refused");
        };
        assert!(
            message.contains("static route 1 carries no label clustername"),
            "{message}"
        );
    }
    assert!(controller.requests("PUT ").is_empty());
}

#[tokio::test]
async fn a_route_that_is_not_as_planned_is_a_conflict() {
    let controller = controller(&[&route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop")]);
    let mut target = target(&controller);
    let delete = |route| Changes {
        owner: "shop".to_owned(),
        deletes: vec![route],
        ..Changes::default()
    };
    let changes = [
        delete(observed(
            "shop-1",
            "10.244.1.0/24",
            "192.0.2.12",
            Some("shop"),
        )),
        delete(observed(
            "shop-1",
            "10.244.1.0/24",
            "192.0.2.11",
            Some("shop-b"),
        )),
        delete(observed(
            "shop-2",
            "10.244.1.0/24",
            "192.0.2.11",
            Some("shop"),
        )),
        Changes {
            owner: "shop".to_owned(),
            updates: vec![wanted("shop-2", "10.244.1.0/24", "192.0.2.11")],
            ..Changes::default()
        },
    ];
    for changes in changes {
        read(&mut target).await;
        let result = target.write(&changes).await;
        assert!(matches!(result, Err(Error::Conflict(_))), "{result:?}");
    }
    assert!(controller.requests("PUT ").is_empty());
}

#[tokio::test]
async fn an_accepted_write_that_left_a_route_out_is_an_error() {
    let kept = route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop");
    let controller = controller(&[&kept]);
    let mut target = target(&controller);
    read(&mut target).await;
    controller.fail_next(PUT, Fault::Answer(200, vrf("global", UUID, &[&kept])));

    let changes = Changes {
        owner: "shop".to_owned(),
        adds: vec![wanted("shop-2", "10.244.2.0/24", "192.0.2.12")],
        ..Changes::default()
    };
    let Err(Error::Refused(message)) = target.write(&changes).await else {
        panic!("not refused");
    };

    assert!(
        message.contains("it does not hold 10.244.2.0/24 via 192.0.2.12 (shop-2)"),
        "{message}"
    );
}

#[tokio::test]
async fn an_accepted_write_that_left_a_deleted_route_is_an_error() {
    let kept = route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop");
    let controller = controller(&[&kept]);
    let mut target = target(&controller);
    read(&mut target).await;
    controller.fail_next(PUT, Fault::Answer(200, vrf("global", UUID, &[&kept])));

    let changes = Changes {
        owner: "shop".to_owned(),
        deletes: vec![observed(
            "shop-1",
            "10.244.1.0/24",
            "192.0.2.11",
            Some("shop"),
        )],
        ..Changes::default()
    };
    let Err(Error::Refused(message)) = target.write(&changes).await else {
        panic!("not refused");
    };

    assert!(
        message.contains("it still holds 10.244.1.0/24 via 192.0.2.11 (shop-1)"),
        "{message}"
    );
}

#[tokio::test]
async fn an_address_in_another_spelling_is_the_same_address() {
    let controller = controller(&[]);
    let mut target = target(&controller);
    read(&mut target).await;
    let spelled = route("shop-1", "FD00:0010::/64", "2001:0DB8::0011", "shop");
    controller.fail_next(PUT, Fault::Answer(200, vrf("global", UUID, &[&spelled])));

    let changes = crate::add("shop", "shop-1", "fd00:10::/64", "2001:db8::11");

    assert_eq!(target.write(&changes).await.unwrap(), Written::default());
}
