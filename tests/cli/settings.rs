//! Settings, profiles of rules, and findings that were accepted.

use super::*;

/// Two blocks side by side, two addresses, a node that is not ready.
const NODES: &str = r#"{"apiVersion":"v1","kind":"List","items":[
  {"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-1","labels":{"zone":"a"}},
   "spec":{"podCIDR":"10.244.2.0/24","podCIDRs":["10.244.2.0/24","10.244.3.0/24"]},
   "status":{"addresses":[{"type":"InternalIP","address":"198.51.100.11"},{"type":"InternalIP","address":"192.0.2.11"}],
             "conditions":[{"type":"Ready","status":"False"}]}},
  {"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-2","labels":{"zone":"b"}},
   "spec":{"podCIDR":"10.244.4.9/24","podCIDRs":["10.244.4.9/24"]},
   "status":{"addresses":[{"type":"InternalIP","address":"198.51.100.12"}],
             "conditions":[{"type":"Ready","status":"True"}]}}]}"#;

fn routes(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let json = run.json();
    let routes = json["routes"].as_array().unwrap().iter();
    routes
        .map(|route| (text(&route["prefix"]), text(&route["nextHop"])))
        .collect()
}

fn rules(run: &Run) -> Vec<String> {
    let json = run.json();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|one| {
            format!(
                "{} {}",
                one["severity"].as_str().unwrap(),
                one["rule"].as_str().unwrap()
            )
        })
        .collect()
}

fn check(arguments: &[&str]) -> Run {
    let arguments = [&["--format", "json"], arguments].concat();
    check_file("nodes.json", NODES, &arguments)
}

fn owned(routes: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(prefix, hop): &(&str, &str)| ((*prefix).to_owned(), (*hop).to_owned());
    routes.iter().map(own).collect()
}

#[test]
fn routes_follow_the_settings() {
    assert_eq!(
        routes(&check(&[])),
        owned(&[
            ("10.244.2.0/24", "198.51.100.11"),
            ("10.244.3.0/24", "198.51.100.11"),
            ("10.244.4.0/24", "198.51.100.12"),
        ])
    );
    // worker-2 has no address in the network.
    let only_one = owned(&[
        ("10.244.2.0/24", "192.0.2.11"),
        ("10.244.3.0/24", "192.0.2.11"),
    ]);
    assert_eq!(
        routes(&check(&["--node-network", "192.0.2.0/24"])),
        only_one
    );
    assert_eq!(
        routes(&check(&["--aggregate", "-l", "zone in (a)"])),
        owned(&[("10.244.2.0/23", "198.51.100.11")])
    );
    let table = check_file("nodes.json", NODES, &["--aggregate"]).out;
    assert!(
        table.contains("2 pod CIDRs: 10.244.2.0/24, 10.244.3.0/24"),
        "{table}"
    );
    let other = check(&["--other-cluster", "east=10.0.0.0/8"]);
    assert!(
        rules(&other).contains(&"error mesh/overlap".to_owned()),
        "{}",
        other.out
    );
}

#[test]
fn rules_follow_profiles_and_options() {
    let host_bits = |arguments: &[&str]| {
        let run = check(arguments);
        let found = rules(&run);
        found
            .into_iter()
            .find(|rule| rule.ends_with("node/host-bits"))
    };
    assert_eq!(host_bits(&[]).as_deref(), Some("info node/host-bits"));
    assert_eq!(host_bits(&["--rule", "node/*=off"]), None);
    assert_eq!(
        host_bits(&["--rule", "*=off", "--rule", "node/host-bits=error"]).as_deref(),
        Some("error node/host-bits")
    );
    let strict = check(&["--profile", "strict"]);
    assert_eq!(strict.code, 1);
    assert!(rules(&strict).contains(&"error node/next-hop-ambiguous".to_owned()));
    assert_eq!(
        check(&["--profile", "strict", "--profile", "default"]).code,
        1
    );

    let off = check_file("nodes.json", NODES, &["--rule", "node/host-bits=off"]).out;
    assert!(
        off.contains("Switched off (1 rule)\n    node/host-bits\n"),
        "{off}"
    );
}

#[test]
fn what_is_accepted_is_shown_apart() {
    let folder = TempDir::new().unwrap();
    let profile = folder.path().join("ours.toml");
    fs::write(
        &profile,
        r#"
        [rules]
        "node/host-bits" = "error"

        [[suppressions]]
        rule = "node/host-bits"
        object = { kind = "Node", name = "worker-2" }
        reason = "written by hand, see OPS-7"
        until = 2999-12-31

        [[suppressions]]
        rule = "node/link-local-next-hop"
        reason = "gone long ago"
        "#,
    )
    .unwrap();
    let profile = profile.to_str().unwrap();
    let run = check(&["--profile", profile]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(!rules(&run).iter().any(|rule| rule.contains("host-bits")));
    assert!(rules(&run).contains(&"warning snapshot/suppression-in-vain".to_owned()));
    let json = run.json();
    assert_eq!(
        json["suppressed"][0]["reasons"][0],
        "written by hand, see OPS-7"
    );
    assert_eq!(json["suppressions"][0]["status"], "used");

    let table = check_file("nodes.json", NODES, &["--profile", profile]).out;
    assert!(
        table.contains("Accepted (1)\n    node/host-bits: "),
        "{table}"
    );
    assert!(
        table.contains("because: written by hand, see OPS-7"),
        "{table}"
    );
    assert!(table.trim_end().ends_with("; 1 accepted"), "{table}");
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    for (arguments, words) in [
        (
            &["--profile", "stirct"][..],
            "built in are ako, default, generic, strict",
        ),
        (&["--rule", "node/host-bits"], "expected RULE=SEVERITY"),
        (
            &["--rule", "node/host-bits=fatal"],
            "is none of off, info, warning, error",
        ),
        (&["--rule", "node/typo=off"], "`node/typo` is no rule"),
        (&["--node-selector", "zone of a"], "nodeSelector"),
        (&["--other-cluster", "10.0.0.0/8"], "expected NAME=CIDR"),
        (&["--node-network", "10.0.0.0"], "nodeNetworks"),
    ] {
        let run = check(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
}
