//! Reports, requests and errors are what the JSON Schemas say.

use super::*;

fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../wit/schema")
        .join(format!("podroute.{name}.v1.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(schema["$id"], format!("podroute.{name}/v1"));
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn assert_valid(schema: &Validator, value: &Value, name: &str) {
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{name}");
}

#[test]
fn requests_and_reports_are_what_the_schemas_say() {
    let (request, report) = (schema("request"), schema("report"));
    let policy = built_in();
    for case in cases() {
        let text: Value = serde_json::from_str(&case.request()).unwrap();
        assert_valid(&request, &text, &case.name);
        let text: Value = serde_json::from_str(&case.evaluate_json(&policy)).unwrap();
        assert_valid(&report, &text, &case.name);
    }
}

/// Every object in a report, by its path, changed by `change`.
fn changed(value: &Value, change: &dyn Fn(&Value) -> Vec<Value>) -> Vec<Value> {
    let inside = |inner: &Value, put: &dyn Fn(Value) -> Value| -> Vec<Value> {
        changed(inner, change).into_iter().map(put).collect()
    };
    match value {
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .flat_map(|(at, inner)| {
                inside(inner, &|inner| {
                    let mut copy = elements.clone();
                    copy[at] = inner;
                    Value::from(copy)
                })
            })
            .collect(),
        Value::Object(fields) => {
            let deeper = fields.iter().flat_map(|(name, inner)| {
                inside(inner, &|inner| {
                    let mut copy = fields.clone();
                    copy.insert(name.clone(), inner);
                    Value::from(copy)
                })
            });
            deeper.chain(change(value)).collect()
        }
        _ => Vec::new(),
    }
}

/// Each field of each object left out, or of another type, and one too many.
fn broken(object: &Value) -> Vec<Value> {
    let fields = object.as_object().unwrap();
    let mut broken: Vec<Value> = fields
        .keys()
        .map(|name| {
            let mut copy = fields.clone();
            copy.remove(name);
            Value::from(copy)
        })
        .collect();
    broken.extend(fields.keys().map(|name| {
        let mut copy = fields.clone();
        copy[name] = json!(0.5);
        Value::from(copy)
    }));
    let mut copy = fields.clone();
    copy.insert("extra".to_owned(), Value::Null);
    broken.push(Value::from(copy));
    broken
}

#[test]
fn the_schema_of_reports_can_fail() {
    let schema = schema("report");
    let policy = built_in();
    let mut parts = BTreeSet::new();
    for case in requests().into_iter().chain(odd_cases()) {
        let report: Value = serde_json::from_str(&case.evaluate_json(&policy)).unwrap();
        for part in [
            "routes",
            "withheld",
            "networks",
            "findings",
            "notEvaluated",
            "problems",
        ] {
            if !report[part].as_array().unwrap().is_empty() {
                parts.insert(part);
            }
        }
        let broken = changed(&report, &broken);
        assert!(broken.len() > 30);
        for broken in broken {
            assert!(!schema.is_valid(&broken), "{}: {broken}", case.name);
        }
    }
    assert_eq!(parts.len(), 6, "some part was empty in every case");
    for not_a_report in [json!(null), json!([]), json!({}), json!("")] {
        assert!(!schema.is_valid(&not_a_report));
    }
}

/// Requests that the component refuses, and a word of its reason.
fn invalid_requests() -> Vec<(&'static str, &'static str)> {
    vec![
        ("", "EOF"),
        ("{", "EOF"),
        ("[]", "invalid"),
        ("null", "invalid"),
        ("{}", "missing field `objects`"),
        (r#"{"objects":null}"#, "null"),
        (r#"{"objects":{}}"#, "map"),
        (r#"{"objects":[],"settings":null}"#, "null"),
        (r#"{"objects":[],"settings":[1]}"#, ""),
        (r#"{"objects":[],"setings":{}}"#, "unknown field `setings`"),
        (
            r#"{"objects":[],"settings":{"CNI":"cilium"}}"#,
            "unknown field `CNI`",
        ),
        (r#"{"objects":[],"settings":{"cni":7}}"#, "integer"),
        (r#"{"objects":[],"settings":{"routeLimit":-1}}"#, "-1"),
        (
            r#"{"objects":[],"settings":{"routeLimit":4294967296}}"#,
            "4294967296",
        ),
        (
            r#"{"objects":[],"settings":{"gaps":[{"kind":"Node"}]}}"#,
            "missing field `reason`",
        ),
        (
            r#"{"objects":[],"settings":{"nextHopTypes":"InternalIP"}}"#,
            "string",
        ),
        (r#"{"objects":[]} x"#, "trailing"),
    ]
}

/// Settings that cannot be used: the name that the error must give.
fn invalid_settings() -> Vec<(&'static str, Value)> {
    vec![
        ("cni", json!({"cni": "weaver"})),
        ("cni", json!({"cni": ""})),
        ("cni", json!({"cni": "Cilium"})),
        ("ciliumVersion", json!({"ciliumVersion": "latest"})),
        ("aviVersion", json!({"aviVersion": ""})),
        (
            "nextHopTypes",
            json!({"nextHopTypes": ["InternalIP", "CiliumInternalIP"]}),
        ),
        (
            "connectedNetworks",
            json!({"connectedNetworks": ["192.0.2.0/24", "192.0.2.0"]}),
        ),
        (
            "connectedNetworks",
            json!({"connectedNetworks": ["192.0.2.0/33"]}),
        ),
        (
            "protectedNetworks",
            json!({"protectedNetworks": ["2001:db8::/129"]}),
        ),
        (
            "protectedNetworks",
            json!({"protectedNetworks": ["everything"]}),
        ),
        (
            "nodeNetworks",
            json!({"nodeNetworks": ["10.0.0.0/8", "10.0.0.1"]}),
        ),
        ("nodeSelector", json!({"nodeSelector": "zone in a"})),
        (
            "otherClusters",
            json!({"otherClusters": [{"name": "east", "podCidrs": ["10.0.0.0/33"]}]}),
        ),
        ("today", json!({"today": "31.01.2026"})),
        ("rules", json!({"rules": [{"rule": "node/typo"}]})),
        (
            "rules",
            json!({"rules": [{"rule": "route/limit", "parameters": {"warnAtPercent": 0}}]}),
        ),
        (
            "rules",
            json!({"rules": [{"rule": "node/not-ready", "parameters": {"x": 1}}]}),
        ),
        (
            "suppressions",
            json!({"suppressions": [{"rule": "node/typo", "reason": "none"}]}),
        ),
        (
            "suppressions",
            json!({"suppressions": [{"rule": "node/not-ready", "reason": " "}]}),
        ),
        (
            "suppressions",
            json!({"suppressions": [{"rule": "*", "reason": "x", "until": "soon"}]}),
        ),
        ("at", json!({"at": "yesterday"})),
        ("at", json!({"at": "2026-02-30T00:00:00Z"})),
    ]
}

#[test]
fn invalid_settings_are_named() {
    let policy = built_in();
    let schema = schema("error");
    for (expected, settings) in invalid_settings() {
        let (evaluated, opened) = (
            policy.evaluate(&[], &typed(&settings)).map(drop),
            policy.open(&typed(&settings)).map(drop),
        );
        let said = policy.evaluate_json(&json!({"objects": [], "settings": settings}).to_string());
        let Err(Error::InvalidRequest(said)) = said else {
            panic!("{settings}: {said:?}");
        };
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_valid(&schema, &said, expected);
        assert_eq!(said["error"], "invalid-setting");
        assert_eq!(said["name"], expected);
        for answer in [evaluated, opened] {
            let Err(Error::InvalidSetting { name, message }) = answer else {
                panic!("{settings}: {answer:?}");
            };
            assert_eq!(name, expected);
            assert_eq!(said["message"], message);
        }
    }
}

#[test]
fn invalid_requests_are_told_in_json() {
    let policy = built_in();
    let (request_schema, error_schema) = (schema("request"), schema("error"));
    for (request, words) in invalid_requests() {
        let answer = policy.evaluate_json(request);
        let Err(Error::InvalidRequest(json)) = answer else {
            panic!("{request}: {answer:?}");
        };
        let error: Value = serde_json::from_str(&json).unwrap();
        assert_valid(&error_schema, &error, request);
        assert_eq!(error["error"], "invalid-request");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words), "{request}: {message}");
        assert_eq!(error.get("name"), None);
        // What is JSON at all is refused by the schema, too.
        if let Ok(request) = serde_json::from_str::<Value>(request) {
            assert!(!request_schema.is_valid(&request), "{request}");
        }
    }
    // And the schema of errors can fail.
    for error in [
        json!({}),
        json!({"error": "unheard-of", "message": ""}),
        json!({"error": "other", "message": "", "extra": 1}),
        json!({"error": "other", "message": 7}),
    ] {
        assert!(!error_schema.is_valid(&error), "{error}");
    }
}
