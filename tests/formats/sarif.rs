//! SARIF, read as its consumers read it.

use std::fs;

use serde_json::{Value, json};

use crate::{ACCEPTED, UNDECIDED, check_in, folder, from_stdin, host_bits, json, shop, top};

fn run(text: &str) -> Value {
    let log = json(text);
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    log["runs"][0].clone()
}

fn results(run: &Value) -> &Vec<Value> {
    run["results"].as_array().unwrap()
}

/// Rule, level, file and line: as in the README's table.
fn lines(run: &Value) -> Vec<String> {
    let results = results(run).iter();
    let lines = results.map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        format!(
            "{} {} {} {}",
            result["level"].as_str().unwrap(),
            result["ruleId"].as_str().unwrap(),
            place["artifactLocation"]["uri"].as_str().unwrap_or("-"),
            place["region"]["startLine"]
        )
    });
    lines.collect()
}

fn notifications(run: &Value) -> Vec<String> {
    let all = run["invocations"][0]["toolExecutionNotifications"].as_array();
    let all = all.unwrap().iter().map(|one| {
        let text = one["message"]["text"].as_str().unwrap();
        let id = one["descriptor"]["id"].as_str().unwrap();
        format!("{} {id}: {text}", one["level"].as_str().unwrap())
    });
    all.collect()
}

#[test]
fn the_shop() {
    let run = run(&shop("sarif"));
    let file = |name: &str| format!("tests/snapshots/shop/{name}.yaml");
    assert_eq!(
        lines(&run),
        [
            format!("error ako/cni-plugin-mismatch {} 21", file("configmaps")),
            format!("error route/duplicate-prefix {} 74", file("ciliumnodes")),
            format!("error sctp/controller-too-old {} 23", file("configmaps")),
            format!("error sctp/kernel-too-old {} 243", file("nodes")),
            format!("error sctp/target-port {} 70", file("services")),
            format!("warning sctp/bpf-masquerade {} 73", file("configmaps")),
            format!("note node/cidr-mismatch {} 24", file("nodes")),
            // About no object: the input as a whole.
            format!("note snapshot/partial {} null", file("ciliumnodes")),
        ]
    );
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert_eq!(
        run["properties"],
        json!({
            "summary": "2 routes, 1 withheld; 5 errors, 1 warning, 2 info; 6 rules not evaluated",
            "routes": 2,
            "withheld": 1
        })
    );
    let not_evaluated = notifications(&run);
    assert_eq!(not_evaluated.len(), 6);
    assert_eq!(
        not_evaluated[0],
        "note not-evaluated: cilium/node-override was not evaluated, for want of CiliumNodeConfig"
    );
}

#[test]
fn a_result_says_everything() {
    let run = run(&shop("sarif"));
    let result = &results(&run)[1];
    let place = |line: u32| {
        json!({
            "artifactLocation": {"uri": "tests/snapshots/shop/ciliumnodes.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line}
        })
    };
    let field = |node: &str| {
        json!([{
            "name": "spec.ipam.podCIDRs[0]",
            "fullyQualifiedName": format!("CiliumNode/{node}/spec.ipam.podCIDRs[0]"),
            "kind": "property"
        }])
    };
    assert_eq!(
        result["message"]["text"],
        "nodes shop-worker-1 and shop-worker-2 have the same pod CIDR 10.0.1.0/24; shop-worker-1 keeps \
         the route because its object is older; that of shop-worker-2 is withheld\n\
         Then: a router sends all packets for 10.0.1.0/24 to one node: pods of that CIDR on the others \
         cannot be reached, and two pods may have one address\n\
         Fix: find out whose pods really use the addresses; then drain the other node and let the \
         operator allocate anew, for shop-worker-2: kubectl delete ciliumnode shop-worker-2, and \
         restart its Cilium agent"
    );
    assert_eq!(
        result["locations"],
        json!([{"physicalLocation": place(74), "logicalLocations": field("shop-worker-1")}])
    );
    assert_eq!(
        result["relatedLocations"],
        json!([{
            "id": 1,
            "physicalLocation": place(112),
            "logicalLocations": field("shop-worker-2"),
            "message": {"text": "CiliumNode shop-worker-2 spec.ipam.podCIDRs[0]"}
        }])
    );
    assert_eq!(result["suppressions"], json!([]));

    let rules = &run["tool"]["driver"]["rules"];
    let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], "route/duplicate-prefix");
    assert_eq!(rule["name"], "RouteDuplicatePrefix");
    assert_eq!(rule["defaultConfiguration"]["level"], "error");
    assert_eq!(rule["properties"]["tags"], json!(["kubernetes", "route"]));
}

/// Of every rule, and the pages are those that `podroute explain` prints.
#[test]
fn rules_are_described() {
    let run = run(&shop("sarif"));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        let file = format!("guest/src/rules/{}.md", id.replace('-', "_"));
        let page = fs::read_to_string(top().join(file)).unwrap();
        let help = rule["help"]["markdown"].as_str().unwrap();
        assert!(page.contains(help), "{id}");
        assert!(
            help.contains("## Fix") && !help.contains("## Examples"),
            "{id}"
        );
        let link = rule["helpUri"].as_str().unwrap();
        assert!(page.contains(&format!("<{link}>")), "{id}: {link}");
        for description in ["shortDescription", "fullDescription"] {
            let text = rule[description]["text"].as_str().unwrap();
            assert!(!text.is_empty() && text.chars().count() <= 1024, "{id}");
        }
    }
}

fn fingerprints(run: &Value) -> Vec<String> {
    let results = results(run).iter();
    let key = "podrouteFinding/v1";
    let all = results.map(|result| result["partialFingerprints"][key].to_string());
    all.collect()
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let moved = tempfile::TempDir::new().unwrap();
    let shop_folder = top().join("tests/snapshots/shop");
    for file in fs::read_dir(shop_folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap();
        fs::write(moved.path().join(name), format!("# one\n# two\n{text}")).unwrap();
    }
    let before = run(&shop("sarif"));
    let after = run(&check_in(moved.path(), "sarif", &["."]));
    assert_eq!(fingerprints(&before), fingerprints(&after));
    let line = |run: &Value| {
        results(run)[0]["locations"][0]["physicalLocation"]["region"]["startLine"].clone()
    };
    assert_eq!((line(&before), line(&after)), (json!(21), json!(23)));

    let mut unique = fingerprints(&before);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), results(&before).len());
}

#[test]
fn files_have_any_name() {
    let folder = folder(&[("a b/100%,c:ö#.yaml", &host_bits())]);
    let run = run(&check_in(
        folder.path(),
        "sarif",
        &["--cni", "kubernetes", "."],
    ));
    let found = lines(&run);
    assert_eq!(
        found[0],
        "note node/host-bits a%20b/100%25%2Cc%3A%C3%B6%23.yaml 7"
    );
}

#[test]
fn what_stands_in_no_file_has_no_file() {
    let run = run(&from_stdin("sarif", &host_bits()));
    let location = &results(&run)[0]["locations"][0];
    assert_eq!(location["physicalLocation"], Value::Null);
    assert_eq!(
        location["logicalLocations"][0]["fullyQualifiedName"],
        "Node/worker-1/spec.podCIDRs[0]"
    );
}

#[test]
fn what_was_accepted_is_suppressed() {
    let folder = folder(&[("nodes.yaml", &host_bits()), ("ours.toml", ACCEPTED)]);
    let arguments = [
        "--cni",
        "kubernetes",
        "--profile",
        "ours.toml",
        "nodes.yaml",
    ];
    let outside = run(&check_in(folder.path(), "sarif", &arguments));
    let accepted = results(&outside).last().unwrap();
    assert_eq!(accepted["ruleId"], "node/host-bits");
    assert_eq!(
        accepted["suppressions"],
        json!([{"kind": "external", "status": "accepted", "justification": "written by hand | see <OPS-7>"}])
    );

    let annotation =
        "  name: worker-1\n  annotations: {podroute.dev/ignore: \"node/host-bits: by hand\"}\n";
    let text = host_bits().replace("  name: worker-1\n", annotation);
    fs::write(folder.path().join("nodes.yaml"), text).unwrap();
    let inside = run(&check_in(
        folder.path(),
        "sarif",
        &["--cni", "kubernetes", "nodes.yaml"],
    ));
    assert_eq!(
        results(&inside).last().unwrap()["suppressions"],
        json!([{"kind": "inSource", "status": "accepted", "justification": "by hand"}])
    );
}

#[test]
fn without_a_verdict_nothing_was_successful() {
    let folder = folder(&[("nodes.yaml", &host_bits()), ("broken.yaml", "a: [")]);
    let undecided = run(&check_in(folder.path(), "sarif", UNDECIDED));
    assert_eq!(undecided["invocations"][0]["executionSuccessful"], false);
    let all = notifications(&undecided);
    assert!(all[0].starts_with("error undecided: "), "{}", all[0]);

    let unreadable = run(&check_in(
        folder.path(),
        "sarif",
        &["--cni", "kubernetes", "nodes.yaml", "broken.yaml"],
    ));
    assert_eq!(unreadable["invocations"][0]["executionSuccessful"], false);
    let all = &unreadable["invocations"][0]["toolExecutionNotifications"];
    let mut all = all.as_array().unwrap().iter();
    let notice = all
        .find(|one| one["descriptor"]["id"] == "unreadable")
        .unwrap();
    assert_eq!(
        notice["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "broken.yaml"
    );
}

#[test]
fn rules_that_are_off_are_named() {
    let arguments = ["--rule", "sctp/target-port=off", "tests/snapshots/shop"];
    let run = run(&check_in(&top(), "sarif", &arguments));
    let off = &run["invocations"][0]["ruleConfigurationOverrides"];
    assert_eq!(off[0]["descriptor"]["id"], "sctp/target-port");
    assert_eq!(off[0]["configuration"], json!({"enabled": false}));
    assert_eq!(off.as_array().unwrap().len(), 1);
}
