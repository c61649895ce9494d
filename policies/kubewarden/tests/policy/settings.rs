//! What an administrator hears about the settings of the policy.

use serde_json::{Value, json};

use crate::module::Policy;

fn answer(settings: &Value) -> Value {
    let payload = settings.to_string();
    let answer = Policy::alone().call("validate_settings", payload.as_bytes());
    serde_json::from_slice(&answer.unwrap()).unwrap()
}

#[test]
fn good_settings_are_valid() {
    for settings in [
        json!({}),
        json!(null),
        json!({"mode": "warn"}),
        json!({"mode": null, "exemptNamespaces": null}),
        json!({
            "mode": "enforce",
            "exemptNamespaces": ["sandbox", "team-7"],
            "cni": "cilium",
            "protectedNetworks": ["198.51.100.0/24"],
            "rules": [{"rule": "sctp/*", "severity": "warning"}],
            "suppressions": [{"rule": "node/excluded", "reason": "edge nodes"}],
        }),
    ] {
        let expected = json!({"valid": true, "message": null});
        assert_eq!(answer(&settings), expected, "{settings}");
    }
}

#[test]
fn bad_settings_are_refused_with_the_setting_and_the_reason() {
    for (settings, message) in [
        (
            json!([]),
            "the settings are not a JSON object: invalid type: sequence, expected a map at line 1 column 0",
        ),
        (
            json!({"mode": "protect"}),
            "setting `mode`: unknown variant `protect`, expected `enforce` or `warn`",
        ),
        (
            json!({"exemptNamespaces": "sandbox"}),
            "setting `exemptNamespaces`: invalid type: string \"sandbox\", expected a sequence",
        ),
        (
            json!({"exemptNamespaces": ["ok", "Not OK"]}),
            "setting `exemptNamespaces`: `Not OK` is not the name of a namespace",
        ),
        (
            json!({"gaps": []}),
            "setting `gaps`: the policy lists the cluster itself; leave it out",
        ),
        (
            json!({"listedKinds": ["Node"]}),
            "setting `listedKinds`: the policy lists the cluster itself; leave it out",
        ),
    ] {
        let expected = json!({"valid": false, "message": message});
        assert_eq!(answer(&settings), expected);
    }
}

/// The settings of the core are refused in the core's words.
#[test]
fn a_bad_setting_of_the_core_is_refused_as_everywhere() {
    for settings in [
        json!({"cni": "x"}),
        json!({"protectedNetworks": ["10.0.0.0/33"]}),
        json!({"nodeSelector": "zone in (a"}),
        json!({"rules": [{"rule": "sctp/no-such"}]}),
    ] {
        let request = json!({"objects": [], "settings": settings}).to_string();
        let error = podroute_policy::json::evaluate_request(&request).unwrap_err();
        let error: Value = serde_json::from_str(&error).unwrap();
        let (name, message) = (&error["name"], &error["message"]);
        let message = format!(
            "setting `{}`: {}",
            name.as_str().unwrap(),
            message.as_str().unwrap()
        );
        let expected = json!({"valid": false, "message": message});
        assert_eq!(answer(&settings), expected);
    }
}

#[test]
fn a_setting_that_nobody_knows_is_refused() {
    let answer = answer(&json!({"exemptNamespace": ["sandbox"]}));
    assert_eq!(answer["valid"], false);
    let message = answer["message"].as_str().unwrap();
    assert!(message.starts_with("unknown field `exemptNamespace`, expected one of `cni`, "));
    assert!(message.ends_with("; besides these, `mode` and `exemptNamespaces`"));
}
