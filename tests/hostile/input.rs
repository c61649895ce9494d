//! Hostile input for the built-in policy.

use super::*;

fn small() -> Policy {
    built_in().with_limits(LIMITS)
}

/// Many objects in one array.
fn array(bytes: usize) -> String {
    let mut text = "[".to_owned();
    let mut count = 0;
    while text.len() < bytes {
        write!(text, "{},", node(&format!("node-{count}"))).unwrap();
        count += 1;
    }
    text.pop();
    text + "]"
}

fn assert_out_of_memory<T: Debug>(answer: Result<T, Error>) {
    match answer {
        Err(Error::OutOfMemory(limit)) => assert_eq!(limit, LIMITS.memory),
        other => panic!("{other:?}"),
    }
}

#[test]
fn too_much_input_costs_one_call() {
    let policy = small();
    let large = [array(40 * MIB)];
    assert_out_of_memory(policy.evaluate(&large, &kubernetes()).map(drop));
    assert_well(&policy);
    let request = format!(r#"{{"objects":{}}}"#, large[0]);
    assert_out_of_memory(policy.evaluate_json(&request).map(drop));
    assert_well(&policy);
    for method in ["load", "upsert"] {
        let mut cluster = policy.open(&kubernetes()).unwrap();
        let answer = match method {
            "load" => cluster.load(&large),
            _ => cluster.upsert(&large),
        };
        assert_out_of_memory(answer);
        assert!(matches!(cluster.report(), Err(Error::Lost)));
        assert!(matches!(cluster.upsert(&[]), Err(Error::Lost)));
        assert_well(&policy);
    }
    // Not the text is too large here, but what is kept of it.
    let mut cluster = policy.open(&kubernetes()).unwrap();
    let filled = (0..1_000).find_map(|batch| {
        let nodes: Vec<_> = (0..1_000)
            .map(|at| node(&format!("node-{batch}-{at}")))
            .collect();
        cluster.upsert(&nodes).err()
    });
    assert!(matches!(filled, Some(Error::OutOfMemory(_))), "{filled:?}");
    assert!(matches!(cluster.report_json(), Err(Error::Lost)));
    // And here the settings.
    let settings = Settings {
        listed_kinds: vec!["Node".repeat(8 * MIB)],
        ..kubernetes()
    };
    assert_out_of_memory(policy.open(&settings).map(drop));
    assert_well(&policy);
}

/// The report on a document beside a good Node, which must not suffer.
fn beside(document: &str) -> Result<Report, Error> {
    let policy = built_in().with_limits(Limits {
        memory: 128 * MIB,
        ..LIMITS
    });
    let documents = [node("worker-1"), document.to_owned()];
    let report = policy.evaluate(&documents, &kubernetes());
    // Nor must a cluster that is kept, nor one for which all is one request.
    if report.is_ok() {
        let mut cluster = policy.open(&kubernetes()).unwrap();
        cluster.upsert(&documents[..1]).unwrap();
        cluster.upsert(&documents[1..]).unwrap();
        assert!(cluster.report().unwrap().cluster.nodes >= 1);
    }
    match policy.evaluate_json(&format!(
        r#"{{"objects":[{},{document}],"settings":{{"cni":"kubernetes"}}}}"#,
        documents[0]
    )) {
        Ok(json) => assert!(json.starts_with(r#"{"schema":"podroute.report/v1""#)),
        Err(Error::InvalidRequest(json)) => {
            assert!(json.starts_with(r#"{"error":"invalid-request""#), "{json}");
        }
        Err(error) => assert!(report.is_err(), "{error:?}"),
    }
    assert_well(&policy);
    report
}

/// The document is refused with words, and the good Node is routed.
#[track_caller]
fn assert_refused(document: &str, words: &str) {
    let report = beside(document).unwrap();
    assert_eq!(report.cluster.nodes, 1);
    assert_eq!(report.routes.len(), 1);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    let problem = &report.problems[0];
    assert_eq!(problem.severity, Severity::Error);
    assert!(problem.message.contains(words), "{}", problem.message);
}

#[track_caller]
fn assert_accepted(document: &str, nodes: u32) {
    let report = beside(document).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!(report.cluster.nodes, nodes);
    assert_eq!(report.routes.len(), 1);
}

const DEEP: usize = 200_000;

fn nested(open: &str, inside: &str, close: &str, depth: usize) -> String {
    format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
}

/// A Node with other metadata or other fields.
fn node_with(fields: &str) -> String {
    format!(r#"{{"apiVersion":"v1","kind":"Node",{fields}}}"#)
}

#[test]
fn what_never_ends_is_refused() {
    assert_refused(&"[".repeat(DEEP), "not JSON: EOF");
    assert_refused(&r#"{"a":"#.repeat(DEEP), "not JSON: EOF");
    assert_refused(&r#"{"kind":"List","items":["#.repeat(DEEP), "EOF");
    assert_refused(&"]".repeat(DEEP), "not JSON");
    assert_refused(&nested(r#"{"a":"#, "1", "}", DEEP), "without `kind`");
}

#[test]
fn depth_inside_an_object_does_not_matter() {
    let deep = nested("[", "", "]", DEEP);
    assert_accepted(
        &node_with(&format!(
            r#""metadata":{{"name":"worker-2"}},"status":{{"x":{deep}}}"#
        )),
        2,
    );
    assert_accepted(
        &node_with(&format!(
            r#""metadata":{{"name":"worker-2","labels":{{"x":{deep}}}}}"#
        )),
        2,
    );
    assert_refused(
        &node_with(&format!(r#""metadata":{{"name":{deep}}}"#)),
        "metadata.name: invalid type: sequence, expected a string",
    );
    assert_refused(
        &node_with(&format!(
            r#""metadata":{{"name":"worker-2"}},"spec":{{"podCIDRs":[{deep}]}}"#
        )),
        "cannot be read",
    );
}

#[test]
fn lists_of_lists_do_not_exhaust_the_stack() {
    for depth in [1_000, 5_000, DEEP] {
        for document in [
            nested("[", "", "]", depth),
            nested(r#"{"kind":"List","items":["#, "", "]}", depth),
        ] {
            let report = beside(&document).unwrap_or_else(|error| {
                panic!("{} at depth {depth}: {error:?}", &document[..8]);
            });
            assert_eq!(report.routes.len(), 1);
        }
    }
}

/// The same through a file: the host reads it before the policy does.
#[test]
fn files_of_lists_of_lists_do_not_exhaust_the_stack() {
    let folder = tempfile::tempdir().unwrap();
    let documents = [
        ("arrays.json", nested("[", "", "]", 20_000)),
        (
            "lists.json",
            nested(r#"{"kind":"List","items":["#, "", "]}", 20_000),
        ),
        ("arrays.yaml", nested("[", "", "]", 20_000)),
        ("sequences.yaml", nested("- ", "a", "", 20_000)),
        ("mappings.yaml", nested("{a: ", "b", "}", 20_000)),
    ];
    for (name, document) in documents {
        let file = folder.path().join(name);
        fs::write(&file, document).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_podroute"))
            .args(["check", "--format", "json"])
            .arg(&file)
            .output()
            .unwrap();
        // Killed by a signal it has no exit code.
        assert_eq!(output.status.code(), Some(2), "{name}: {output:?}");
    }
}

#[test]
fn huge_texts_are_texts() {
    let long = "a".repeat(2 * MIB);
    assert_accepted(&node_with(&format!(r#""metadata":{{"name":"{long}"}}"#)), 2);
    assert_refused(&long, "not JSON");
    assert_accepted(&format!(r#"{{"apiVersion":"v1","kind":"{long}"}}"#), 1);
    let escaped = r"\u0061".repeat(MIB / 4);
    assert_accepted(
        &node_with(&format!(r#""metadata":{{"name":"{escaped}"}}"#)),
        2,
    );
    let digits = "9".repeat(MIB);
    assert_accepted(
        &node_with(&format!(
            r#""metadata":{{"name":"b","generation":{digits},"resourceVersion":"{digits}"}}"#
        )),
        2,
    );
}

#[test]
fn odd_characters_are_kept_or_refused() {
    let named = |name: &str| node_with(&format!(r#""metadata":{{"name":"{name}"}}"#));
    assert_accepted(&named(r"a\u0000b"), 2);
    assert_accepted(&named("\u{202e}\u{1f680}\u{fffd}\u{fdd0}"), 2);
    assert_accepted(&named(r"\ud83d\ude80"), 2);
    assert_refused(&named("a\0b"), "control character");
    assert_refused(&named(r"a\ud800b"), "hex escape");
    assert_refused(&named(r"a\udc00\ud800b"), "surrogate");
    assert_refused(&format!("\u{feff}{}", node("b")), "not JSON");
    // Where nothing reads them, nothing minds.
    assert_accepted(&node_with(r#""metadata":{"name":"b"},"x":"\ud800""#), 2);
}

#[test]
fn keys_that_are_there_twice() {
    let twice = node_with(r#""metadata":{"name":"b"},"metadata":{"name":"c"}"#);
    assert_refused(&twice, "duplicate field `metadata`");
    let twice = node_with(r#""metadata":{"name":"b","name":"c"}"#);
    assert_refused(&twice, "duplicate field `name`");
    // The kind that comes first is the kind.
    let twice = node_with(r#""kind":"Secret","metadata":{"name":"b"}"#);
    assert_accepted(&twice, 2);
    let request = r#"{"objects":[],"objects":[]}"#;
    match small().evaluate_json(request) {
        Err(Error::InvalidRequest(json)) => assert!(json.contains("duplicate field `objects`")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for document in [
        "",
        " ",
        "null",
        "7",
        "true",
        "NaN",
        "\"Node\"",
        r#"{"kind":7}"#,
    ] {
        assert_refused_typed(document, "not JSON");
    }
    assert_refused("{}", "without `kind`");
    assert_refused(
        r#"{"kind":null,"apiVersion":null,"metadata":null}"#,
        "without `kind`",
    );
    assert_refused(
        r#"{"apiVersion":"v1","kind":"Node"}"#,
        "without metadata.name",
    );
    assert_refused(
        r#"{"apiVersion":"v1","kind":"NodeList","items":"x"}"#,
        "expected a sequence",
    );
    assert_refused_typed(&format!("{} x", node("b")), "trailing characters");
}

/// As above, for what cannot be part of a request, or is nothing there.
#[track_caller]
fn assert_refused_typed(document: &str, words: &str) {
    let report = small()
        .evaluate(&[node("worker-1"), document.to_owned()], &kubernetes())
        .unwrap();
    assert_eq!(report.routes.len(), 1, "{document}");
    assert_eq!(report.problems.len(), 1, "{document}");
    let message = &report.problems[0].message;
    assert!(message.contains(words), "{document}: {message}");
}

/// What the host copies out of a guest is limited; that must leave room for
/// the reports that the limits of memory and time allow.
#[test]
fn large_reports_arrive() {
    let policy = built_in();
    // What is alike is told once, with all objects: the names make it large.
    let count = 200_000;
    let nodes: Vec<_> = (0..count)
        .map(|at| {
            node_with(&format!(
                r#""metadata":{{"name":"n{at:0>700}"}},"spec":{{"podCIDRs":["x"]}}"#
            ))
        })
        .collect();
    let report = policy.evaluate(&nodes, &kubernetes()).unwrap();
    assert_eq!(report.cluster.nodes, count);
    let mut findings = report.findings.iter();
    let invalid = findings.find(|finding| finding.rule == "node/cidr-invalid");
    assert_eq!(invalid.unwrap().objects.len(), count as usize);
    let mut cluster = policy.open(&kubernetes()).unwrap();
    cluster.upsert(&nodes).unwrap();
    assert!(cluster.report_json().unwrap().len() > 128 * MIB);
}

/// The work grows with the input, not with its square.
#[test]
fn clusters_that_are_all_conflict_are_answered() {
    let policy = built_in().with_limits(Limits {
        memory: 512 * MIB,
        ..LIMITS
    });
    let node = |at: u32, prefix: &str, address: u32| {
        let address = std::net::Ipv4Addr::from(0x6440_0000 + address);
        format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"node-{at}"}},
                "spec":{{"podCIDR":"{prefix}","podCIDRs":["{prefix}"]}},
                "status":{{"addresses":[{{"type":"InternalIP","address":"{address}"}}]}}}}"#
        )
    };
    let prefix = |at: u32, length: u32| {
        format!(
            "{}/{length}",
            std::net::Ipv4Addr::from(0x0a00_0000 + (at << 8))
        )
    };
    let count = 20_000;
    let same_prefix: Vec<_> = (0..count).map(|at| node(at, "10.0.0.0/24", at)).collect();
    let report = policy.evaluate(&same_prefix, &kubernetes()).unwrap();
    assert_eq!((report.routes.len(), report.withheld.len()), (1, 19_999));
    let same_address: Vec<_> = (0..count).map(|at| node(at, &prefix(at, 24), 1)).collect();
    let report = policy.evaluate(&same_address, &kubernetes()).unwrap();
    assert_eq!((report.routes.len(), report.withheld.len()), (20_000, 0));
    let nested: Vec<_> = (0..count)
        .map(|at| node(at, &prefix(at, 9 + at % 16), at))
        .collect();
    let report = policy.evaluate(&nested, &kubernetes()).unwrap();
    assert_eq!(report.routes.len() + report.withheld.len(), 20_000);
    let copies = vec![node(1, "10.0.0.0/24", 1); 20_000];
    let report = policy.evaluate(&copies, &kubernetes()).unwrap();
    assert_eq!(report.routes.len(), 1);
    assert!(!report.problems.is_empty());
}
