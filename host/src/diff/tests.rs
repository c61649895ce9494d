//! Reports that are written by hand, and what is different about them.

use serde_json::{Map, Value, json};

use super::*;
use crate::reported::Report;

/// A report with the given parts; everything else is empty.
fn report(parts: Value) -> Report {
    let mut value = json!({
        "schema": "podroute.report/v1",
        "cluster": {"cni": "cilium", "cniEvidence": [], "ipamMode": "cluster-pool",
            "podCidrSource": "CiliumNode.spec.ipam.podCIDRs", "ciliumVersion": "1.16.0",
            "kubernetesVersion": "1.30.0", "families": ["IPv4"], "nodes": 2, "ciliumNodes": 2, "ako": []},
        "routes": [], "withheld": [], "findings": [], "suppressed": [], "suppressions": [],
        "notEvaluated": [], "rulesOff": [], "undecided": [], "problems": [],
    });
    let parts: Map<String, Value> = serde_json::from_value(parts).unwrap();
    for (key, part) in parts {
        value[key] = part;
    }
    Report::parse(&value.to_string()).unwrap()
}

fn route(prefix: &str, next_hop: &str, node: &str) -> Value {
    json!({"prefix": prefix, "nextHop": next_hop, "node": node, "family": "IPv4",
        "source": {"kind": "CiliumNode", "namespace": null, "name": node, "field": null},
        "standsFor": []})
}

fn withheld(prefix: &str, node: &str, rule: &str) -> Value {
    json!({"prefix": prefix, "nextHop": null, "node": node, "rule": rule})
}

fn finding(rule: &str, severity: &str, names: &[&str]) -> Value {
    let objects: Vec<Value> = names
        .iter()
        .map(|name| json!({"kind": "Node", "namespace": null, "name": name, "field": "spec.podCIDRs[0]"}))
        .collect();
    json!({"rule": rule, "severity": severity, "message": "m", "effect": "e", "fix": "f",
        "reference": "r", "objects": objects})
}

fn between(old: &Report, new: &Report) -> Diff {
    let side = |name: &str, report: &Report| Side::of_report(name.to_owned(), report.clone());
    Diff::between(&side("old.json", old), &side("new.json", new))
}

#[test]
fn two_equal_reports_have_no_difference() {
    let one = report(json!({
        "routes": [route("10.0.1.0/24", "192.0.2.1", "a")],
        "findings": [finding("node/host-bits", "warning", &["a"])],
    }));
    let diff = between(&one, &one);
    assert!(diff.is_empty() && diff.decided);
    assert_eq!((diff.routes.unchanged, diff.findings.known), (1, 1));
    assert_eq!(diff.to_table(Shown::Some), "no difference\n");
    assert_eq!(diff.to_markdown(), "### podroute: no difference\n");
}

#[test]
fn nothing_is_said_to_be_equal_that_is_not_known() {
    let known = report(json!({}));
    let undecided = report(json!({"undecided": ["no Node is in the snapshot"]}));
    let unreadable = report(json!({"problems": [
        {"object": {"kind": "Node", "namespace": null, "name": "a", "field": null},
         "severity": "error", "message": "cannot be read"}]}));
    for (old, new) in [
        (&undecided, &undecided),
        (&known, &undecided),
        (&undecided, &known),
        (&known, &unreadable),
    ] {
        let diff = between(old, new);
        assert!(!diff.decided || diff.is_unreadable());
        for text in [diff.to_table(Shown::Some), diff.to_markdown()] {
            assert!(text.contains("ot all is known"), "{text}");
        }
        assert!(!diff.to_table(Shown::Some).ends_with("no difference\n"));
    }
}

fn reasons(old: &Report, new: &Report) -> Vec<String> {
    let routes = between(old, new).routes;
    let one_sided = |sign: char, changes: Vec<Change>| -> Vec<String> {
        let line =
            |one: Change| format!("{sign} {}: {:?}: {}", one.prefix, one.reason, one.because);
        changes.into_iter().map(line).collect()
    };
    let mut all = one_sided('+', routes.added);
    all.extend(one_sided('-', routes.removed));
    all.extend(
        routes
            .moved
            .into_iter()
            .map(|one| format!("~ {}: {:?}: {}", one.prefix, one.reason, one.because)),
    );
    all
}

#[test]
fn a_route_moves_for_a_reason() {
    let old = report(json!({"routes": [
        route("10.0.1.0/24", "192.0.2.1", "a"),
        route("10.0.2.0/24", "192.0.2.2", "b"),
        route("10.0.3.0/24", "192.0.2.3", "c"),
        route("10.0.4.0/24", "192.0.2.4", "d"),
    ], "withheld": [withheld("10.0.4.0/24", "e", "route/duplicate-prefix")]}));
    let new = report(json!({"routes": [
        route("10.0.1.0/24", "192.0.2.9", "a"),
        route("10.0.2.0/24", "192.0.2.1", "a"),
        route("10.0.3.0/24", "192.0.2.1", "a"),
        route("10.0.4.0/24", "192.0.2.5", "e"),
    ], "withheld": [withheld("10.0.3.0/24", "c", "route/duplicate-prefix")]}));
    assert_eq!(
        reasons(&old, &new),
        [
            "~ 10.0.1.0/24: NextHop: node a has another next hop",
            "~ 10.0.2.0/24: OtherNode: the pod CIDR went from node b to node a",
            "~ 10.0.3.0/24: WithheldNow: both nodes claim it, and that of node c is withheld by route/duplicate-prefix",
            "~ 10.0.4.0/24: WithheldBefore: node d does not claim it any more; that of node e was withheld by route/duplicate-prefix",
        ]
    );
}

#[test]
fn a_route_comes_and_goes_for_a_reason() {
    let aggregate = |prefix: &str, parts: [&str; 2]| {
        let mut aggregate = route(prefix, "192.0.2.1", "a");
        aggregate["standsFor"] = parts
            .iter()
            .map(|part| json!({"prefix": part, "source": aggregate["source"]}))
            .collect();
        aggregate
    };
    let old = report(json!({
        "routes": [route("10.0.0.0/24", "192.0.2.1", "a"), route("10.0.1.0/24", "192.0.2.1", "a"),
                   route("10.0.7.0/24", "192.0.2.7", "g"), route("10.0.8.0/24", "192.0.2.8", "h")],
        "withheld": [withheld("10.0.5.0/24", "e", "node/no-next-hop")],
    }));
    let new = report(json!({
        "routes": [aggregate("10.0.0.0/23", ["10.0.0.0/24", "10.0.1.0/24"]),
                   route("10.0.5.0/24", "192.0.2.5", "e"), route("10.0.6.0/24", "192.0.2.6", "f"),
                   route("10.0.9.0/24", "192.0.2.1", "a")],
        "withheld": [withheld("10.0.8.0/24", "h", "node/excluded")],
    }));
    assert_eq!(
        reasons(&old, &new),
        [
            "+ 10.0.0.0/23: Aggregation: it stands for several routes that were there before",
            "+ 10.0.5.0/24: WithheldBefore: it was withheld by node/no-next-hop",
            "+ 10.0.6.0/24: Node: node f had no pod CIDR before",
            "+ 10.0.9.0/24: PodCidr: node a has this pod CIDR now",
            "- 10.0.0.0/24: Aggregation: 10.0.0.0/23 stands for it",
            "- 10.0.1.0/24: Aggregation: 10.0.0.0/23 stands for it",
            "- 10.0.7.0/24: Node: node g has no pod CIDR any more",
            "- 10.0.8.0/24: WithheldNow: it is withheld by node/excluded",
        ]
    );
}

#[test]
fn another_ipam_mode_is_the_reason_of_all() {
    let old = report(json!({"routes": [route("10.244.1.0/24", "192.0.2.1", "a")]}));
    let mut new = old.clone();
    new.cluster.ipam_mode = Some("kubernetes".to_owned());
    new.cluster.pod_cidr_source = Some("Node.spec.podCIDRs".to_owned());
    new.routes[0].prefix = "10.0.1.0/24".to_owned();
    let because = "pod CIDRs are read from Node.spec.podCIDRs, before from \
                   CiliumNode.spec.ipam.podCIDRs: the IPAM mode was cluster-pool and is kubernetes";
    assert_eq!(
        reasons(&old, &new),
        [
            format!("+ 10.0.1.0/24: Source: {because}"),
            format!("- 10.244.1.0/24: Source: {because}"),
        ]
    );
    let facts = between(&old, &new).facts;
    let names: Vec<&str> = facts.iter().map(|fact| fact.fact.as_str()).collect();
    assert_eq!(names, ["IPAM mode", "pod CIDRs in"]);
}

#[test]
fn findings_are_the_same_by_rule_severity_and_object() {
    let old = report(json!({
        "findings": [finding("a/a", "error", &["n", "m"]), finding("b/b", "error", &["n"]),
                     finding("c/c", "info", &["n"])],
    }));
    let mut changed = finding("a/a", "error", &["m"]);
    changed["message"] = json!("other numbers");
    let new = report(json!({
        "findings": [changed, finding("b/b", "warning", &["n"]), finding("c/c", "info", &["n", "o"])],
    }));
    let findings = between(&old, &new).findings;
    let added: Vec<&str> = findings.new.iter().map(|one| &*one.finding.rule).collect();
    let gone: Vec<(&str, Why)> = findings
        .gone
        .iter()
        .map(|one| (&*one.finding.rule, one.why))
        .collect();
    assert_eq!(added, ["b/b", "c/c"]);
    assert_eq!(gone, [("a/a", Why::Fixed), ("b/b", Why::Fixed)]);
    assert_eq!(findings.known, 1);
}

#[test]
fn what_was_not_looked_at_is_not_fixed() {
    let old = report(json!({"findings": [finding("a/a", "error", &["n"])]}));
    let why = |parts: Value| between(&old, &report(parts)).findings.gone[0].why;
    assert_eq!(why(json!({})), Why::Fixed);
    assert_eq!(why(json!({"rulesOff": ["a/a"]})), Why::Off);
    assert_eq!(why(json!({"undecided": ["no Node"]})), Why::Undecided);
    let missing = json!({"notEvaluated": [{"rule": "a/a", "missing": ["Pod"]}]});
    assert_eq!(why(missing.clone()), Why::NotEvaluated);
    let accepted = json!({"suppressed": [
        {"finding": finding("a/a", "error", &["n"]), "reasons": ["known"]}]});
    assert_eq!(why(accepted), Why::Accepted);

    let new = between(&report(missing), &old);
    assert!(new.findings.new[0].was_unknown);
    assert_eq!(new.not_evaluated.gone, ["a/a"]);
    assert!(!between(&report(json!({})), &old).findings.new[0].was_unknown);
}

#[test]
fn long_lists_are_cut_and_counted() {
    let routes: Vec<Value> = (0..5000)
        .map(|at| {
            let (high, low) = (at / 256, at % 256);
            route(
                &format!("10.{high}.{low}.0/24"),
                "192.0.2.1",
                &format!("n{at}"),
            )
        })
        .collect();
    let diff = between(&report(json!({})), &report(json!({"routes": routes})));
    let table = diff.to_table(Shown::Some);
    assert!(
        table.contains("and 4960 more; --all-routes shows them"),
        "{table}"
    );
    assert_eq!(diff.to_table(Shown::All).matches("\n  + 10.").count(), 5000);
    let markdown = diff.to_markdown();
    assert!(markdown.contains("\nand 4950 more\n"), "{markdown}");
    // The greatest length of a comment at GitHub.
    assert!(markdown.len() < 65_536);
}

#[test]
fn names_cannot_break_markdown() {
    let evil = "<b>|`x`|\n@all";
    let new = report(json!({
        "routes": [route("10.0.1.0/24", "192.0.2.1", evil)],
        "findings": [finding("a/a", "error", &[evil])],
    }));
    let markdown = between(&report(json!({})), &new).to_markdown();
    let row = markdown.lines().find(|line| line.contains("10.0.1.0/24"));
    assert_eq!(
        row.unwrap(),
        r"| added | `10.0.1.0/24` | `192.0.2.1` | `` <b>\|`x`\| @all `` | node &lt;b&gt;\|\`x\`\| &#64;all had no pod CIDR before |"
    );
    assert!(markdown.lines().all(|line| !line.starts_with('@')));
}

#[test]
fn json_is_what_the_schema_says() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../wit/schema/podroute.diff.v1.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let old = report(json!({
        "routes": [route("10.0.1.0/24", "192.0.2.1", "a"), route("10.0.2.0/24", "192.0.2.2", "b")],
        "withheld": [withheld("10.0.5.0/24", "e", "node/no-next-hop"),
                     withheld("10.0.6.0/24", "e", "node/no-next-hop")],
        "findings": [finding("a/a", "error", &["n"])],
        "notEvaluated": [{"rule": "c/c", "missing": ["Pod"]}],
        "undecided": ["no Node"],
    }));
    let new = report(json!({
        "routes": [route("10.0.1.0/24", "192.0.2.9", "a"), route("10.0.3.0/24", "192.0.2.2", "b")],
        "withheld": [withheld("10.0.5.0/24", "e", "node/excluded"),
                     withheld("10.0.7.0/24", "e", "node/excluded")],
        "findings": [finding("b/b", "error", &["n"])],
        "notEvaluated": [{"rule": "d/d", "missing": ["Pod"]}],
    }));
    let text = between(&old, &new).to_json().unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let errors: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{text}");
    assert_eq!(value["schema"], "podroute.diff/v1");
    // Without any of its members it is none.
    for key in value.as_object().unwrap().keys() {
        let mut less = value.clone();
        less.as_object_mut().unwrap().remove(key);
        assert!(!schema.is_valid(&less), "{key}");
    }
}

#[test]
fn severities_are_in_order() {
    let new = report(json!({"findings": [finding("a/a", "warning", &["n"])]}));
    let diff = between(&report(json!({})), &new);
    assert!(!diff.has_new(Severity::Error));
    assert!(diff.has_new(Severity::Warning) && diff.has_new(Severity::Info));
}
