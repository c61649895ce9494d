//! Junk, from both sides. A trap would show as Kubewarden's own error, without
//! a word on what was wrong.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::module::Policy;
use crate::requests::{create, sctp_service, web_service};
use crate::server::PolicyServer;
use crate::yaml;

const OPERATIONS: [&str; 4] = [
    "podroute.evaluate",
    "podroute.review",
    "validate",
    "validate_settings",
];

fn junk() -> Vec<Vec<u8>> {
    let mut junk: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "}",
        "[]",
        "null",
        "0",
        "\"\"",
        "{}",
        "{\"request\":null}",
        "{\"request\":{}}",
        "{\"request\":{\"kind\":{}}}",
        "\u{feff}{}",
        "{\"settings\":7}",
        "{\"objects\":null}",
        "{\"objects\":[],\"changes\":[{\"put\":null}]}",
        "{\"objects\":[],\"changes\":[{\"put\":{},\"delete\":{}}]}",
        "{\"objects\":[],\"changes\":[{}]}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    junk.push(vec![0xff, 0xfe, 0x00]);
    junk.push(vec![b'['; 100_000]);
    junk.push("{\"request\":".repeat(50_000).into_bytes());
    junk
}

/// The instance must be good for the next request, too.
fn still_works(policy: &Policy) {
    assert_eq!(policy.call("protocol_version", b"").unwrap(), b"\"v1\"");
}

#[test]
fn junk_payloads_never_trap() {
    let policy = Policy::alone();
    for operation in OPERATIONS {
        for payload in junk() {
            // Errors are texts, answers are JSON.
            match policy.call(operation, &payload) {
                Ok(answer) => drop(serde_json::from_slice::<Value>(&answer).unwrap()),
                Err(message) => assert!(!message.is_empty()),
            }
        }
    }
    still_works(&policy);
}

#[test]
fn a_payload_that_breaks_off_anywhere_never_traps() {
    let policy = Policy::alone();
    let payload = json!({"request": create(&sctp_service()), "settings": {"mode": "warn"}});
    let payload = payload.to_string();
    for length in 0..payload.len() {
        let error = policy.call("validate", &payload.as_bytes()[..length]);
        assert!(
            error
                .unwrap_err()
                .starts_with("the payload is not an admission request: EOF")
        );
    }
    assert!(policy.call("validate", payload.as_bytes()).is_ok());
}

#[test]
fn any_field_of_a_request_may_be_of_any_type() {
    let policy = Policy::alone();
    let request = create(&sctp_service());
    for field in request.as_object().unwrap().keys() {
        for value in [
            json!(null),
            json!(7),
            json!("x"),
            json!([]),
            json!({}),
            json!([{}]),
        ] {
            let mut odd = request.clone();
            odd[field] = value;
            let payload = json!({"request": odd, "settings": {}}).to_string();
            drop(policy.call("validate", payload.as_bytes()));
        }
    }
    still_works(&policy);
}

#[test]
fn any_field_of_an_object_may_be_of_any_type() {
    let server = Arc::new(PolicyServer::of(yaml::snapshot("cilium-cluster-pool")));
    let policy = Policy::beside(&server);
    for object in yaml::snapshot("cilium-cluster-pool").iter().take(6) {
        for path in [
            "/metadata/name",
            "/metadata/labels",
            "/spec",
            "/status",
            "/data",
        ] {
            for value in [json!(null), json!(7), json!("x"), json!([]), json!({})] {
                let mut odd = object.clone();
                let Some(place) = odd.pointer_mut(path) else {
                    continue;
                };
                *place = value;
                let mut request = create(object);
                request["object"] = odd;
                policy.validate(&request, &json!({}));
            }
        }
    }
}

#[test]
fn a_host_that_answers_junk_is_said_to_have_answered_nothing() {
    for nonsense in [
        &b""[..],
        b"null",
        b"{}",
        b"[]",
        b"{\"items\":null}",
        b"\xff\xfe",
        b"[[[[[[[[",
        b"{\"apiVersion\":\"v1\",\"kind\":\"SecretList\",\"items\":[]}",
        b"{\"apiVersion\":\"v1\",\"kind\":\"NodeList\",\"items\":[7]}",
    ] {
        let policy = Policy::beside(&Arc::new(PolicyServer::answering(nonsense)));
        let answer = policy.validate(&create(&web_service()), &json!({}));
        assert_eq!(answer["accepted"], true);
        let not_listed = answer["audit_annotations"]["not-listed"].as_str();
        let text = String::from_utf8_lossy(nonsense);
        let not_listed: Vec<&str> = not_listed
            .unwrap_or_else(|| panic!("{text}"))
            .split(',')
            .collect();
        assert!(not_listed.contains(&"Node"), "{text}: {not_listed:?}");
        still_works(&policy);
    }
}
