//! GitLab's Code Quality report: the fields that GitLab documents.

use serde_json::{Value, json};

use crate::{ACCEPTED, UNDECIDED, check_in, folder, from_stdin, host_bits, json, shop};

fn violations(text: &str) -> Vec<Value> {
    let all = json(text).as_array().unwrap().clone();
    let mut fingerprints: Vec<String> = Vec::new();
    for one in &all {
        assert!(
            one["description"].is_string() && one["check_name"].is_string(),
            "{one}"
        );
        let known = ["info", "minor", "major", "critical", "blocker"];
        assert!(known.contains(&one["severity"].as_str().unwrap()), "{one}");
        assert!(
            one["location"]["lines"]["begin"].as_u64().unwrap() >= 1,
            "{one}"
        );
        let path = one["location"]["path"].as_str().unwrap();
        assert!(
            !path.is_empty() && !path.starts_with("./") && !path.starts_with('/'),
            "{one}"
        );
        fingerprints.push(one["fingerprint"].as_str().unwrap().to_owned());
    }
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(
        fingerprints.len(),
        all.len(),
        "GitLab shows one of each fingerprint"
    );
    all
}

fn lines(all: &[Value]) -> Vec<String> {
    let lines = all.iter().map(|one| {
        format!(
            "{} {} {}:{}",
            one["severity"].as_str().unwrap(),
            one["check_name"].as_str().unwrap(),
            one["location"]["path"].as_str().unwrap(),
            one["location"]["lines"]["begin"]
        )
    });
    lines.collect()
}

#[test]
fn the_shop() {
    let at = |name: &str, line: u32| format!("tests/snapshots/shop/{name}.yaml:{line}");
    let input = at("ciliumnodes", 1);
    let all = violations(&shop("gitlab"));
    assert_eq!(
        lines(&all),
        [
            format!("critical ako/cni-plugin-mismatch {}", at("configmaps", 21)),
            format!("critical route/duplicate-prefix {}", at("ciliumnodes", 74)),
            format!("critical sctp/controller-too-old {}", at("configmaps", 23)),
            format!("critical sctp/kernel-too-old {}", at("nodes", 243)),
            format!("critical sctp/target-port {}", at("services", 70)),
            format!("major sctp/bpf-masquerade {}", at("configmaps", 73)),
            format!("info node/cidr-mismatch {}", at("nodes", 24)),
            format!("info snapshot/partial {input}"),
            format!("info podroute/not-evaluated {input}"),
            format!("info podroute/not-evaluated {input}"),
            format!("info podroute/not-evaluated {input}"),
            format!("info podroute/not-evaluated {input}"),
        ]
    );
    assert_eq!(
        all[9]["description"],
        "Not evaluated, for want of Pod: cilium/version-skew, pod/outside-node-cidr, pod/wrong-node"
    );
}

#[test]
fn what_was_accepted_or_not_looked_at_is_said() {
    let folder = folder(&[
        ("nodes.yaml", &host_bits()),
        ("ours.toml", ACCEPTED),
        ("broken.yaml", "a: ["),
    ]);
    let arguments = [
        "--cni",
        "kubernetes",
        "--profile",
        "ours.toml",
        "./nodes.yaml",
    ];
    let all = violations(&check_in(folder.path(), "gitlab", &arguments));
    let accepted = all.last().unwrap();
    assert_eq!(accepted["severity"], "info");
    assert_eq!(accepted["check_name"], "node/host-bits");
    assert_eq!(
        accepted["location"],
        json!({"path": "nodes.yaml", "lines": {"begin": 7}})
    );
    let text = accepted["description"].as_str().unwrap();
    assert!(
        text.starts_with("Accepted, because: written by hand | see <OPS-7>\n"),
        "{text}"
    );

    let undecided = violations(&check_in(folder.path(), "gitlab", UNDECIDED));
    assert_eq!(
        lines(&undecided)[0],
        "blocker podroute/undecided nodes.yaml:1"
    );
    let unreadable = violations(&check_in(folder.path(), "gitlab", &["broken.yaml"]));
    let first = lines(&unreadable);
    assert!(
        first
            .iter()
            .any(|line| line.starts_with("blocker podroute/unreadable broken.yaml:")),
        "{first:?}"
    );
}

#[test]
fn standard_input_is_named_as_what_it_is() {
    let all = violations(&from_stdin("gitlab", &host_bits()));
    assert_eq!(lines(&all)[0], "info node/host-bits standard input:1");
}
