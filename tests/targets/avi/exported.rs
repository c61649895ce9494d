//! VRF contexts from files.

use podroute::targets::Error;
use podroute::targets::avi::parse_vrf;

use crate::{BY_HAND, UUID, observed, route, vrf};

#[test]
fn an_object_a_list_of_one_and_an_array_of_one_are_the_same() {
    let ours = route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop");
    let object = vrf("global", UUID, &[BY_HAND, &ours]);
    let list = format!(r#"{{"count":1,"results":[{object}]}}"#);
    let array = format!("\n [{object}]\n");
    for text in [object, list, array] {
        assert_eq!(
            parse_vrf(&text).unwrap(),
            [
                observed("1", "198.51.100.0/24", "192.0.2.1", None),
                observed("shop-1", "10.244.1.0/24", "192.0.2.11", Some("shop")),
            ],
            "{text}"
        );
    }
}

#[test]
fn numbers_that_no_type_holds_do_no_harm() {
    let text = r#"{"name":"global","bgp_profile":{"local_as":1e400},"static_routes":[{"route_id":"1","metric":1e999}]}"#;
    assert_eq!(parse_vrf(text).unwrap()[0].id, "1");
}

#[test]
fn anything_else_is_refused_with_the_reason() {
    let one = vrf("global", UUID, &[]);
    for (text, words) in [
        (String::new(), "EOF"),
        (one[..one.len() / 2].to_owned(), "EOF"),
        ("7".to_owned(), "invalid type"),
        ("{}".to_owned(), "neither `name` nor `static_routes`"),
        ("[]".to_owned(), "an empty list"),
        (format!("[{one},{one}]"), "2 of them"),
        (
            format!(r#"{{"count":2,"results":[{one},{one}]}}"#),
            "2 of them",
        ),
        (r#"{"count":0,"results":[]}"#.to_owned(), "an empty list"),
        (
            r#"{"name":"x","static_routes":7}"#.to_owned(),
            "`static_routes` is no list",
        ),
    ] {
        let Err(Error::Refused(message)) = parse_vrf(&text) else {
            panic!("not refused: {text}");
        };
        assert!(message.contains(words), "{text}: {message}");
    }
}
