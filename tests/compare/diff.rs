//! `podroute diff`.

use super::*;

#[test]
fn a_snapshot_equals_its_own_report() {
    let folder = Folder::new();
    let report = folder.report("report.json", &shop());
    for sides in [[&shop(), &report], [&report, &shop()], [&report, &report]] {
        let run = podroute(&["diff", sides[0], sides[1]], "");
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, "no difference\n"),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_node_has_another_address_and_one_is_new() {
    let folder = Folder::new();
    let [daemon_set, a, b] = two_nodes();
    let old = folder.snapshot("old.json", &[daemon_set.clone(), a, b.clone()]);
    let moved = node("a", "10.244.0.0/24", "192.0.2.9");
    let more = node("c", "10.244.2.0/24", "192.0.2.3");
    let new = folder.snapshot("new.json", &[daemon_set, moved, b, more]);
    let run = podroute(&["diff", &old, &new, "--format", "json"], "");
    assert_eq!(run.code, 0, "{}", run.err);
    let diff = run.json();
    assert_valid("diff", &diff);
    assert_eq!(
        diff["routes"],
        json!({
            "added": [{"prefix": "10.244.2.0/24", "nextHop": "192.0.2.3", "node": "c",
                "reason": "node", "because": "node c had no pod CIDR before"}],
            "removed": [],
            "moved": [{"prefix": "10.244.0.0/24",
                "old": {"nextHop": "192.0.2.1", "node": "a"},
                "new": {"nextHop": "192.0.2.9", "node": "a"},
                "reason": "next-hop", "because": "node a has another next hop"}],
            "unchanged": 1,
        })
    );
    assert_eq!(
        diff["facts"],
        json!([{"fact": "nodes", "old": "2", "new": "3"},
               {"fact": "routes", "old": "2", "new": "3"}])
    );
    let code = |fail_on: &str| podroute(&["diff", &old, &new, "--fail-on", fail_on], "").code;
    assert_eq!(code("route-change"), 1);
    assert_eq!(code("new-error,route-change"), 1);
    assert_eq!(code("never"), 0);
    assert_eq!(code("never,route-change"), 2);

    let run = podroute(&["diff", &old, &new], "");
    assert!(
        run.out.contains(
            "  ~ 10.244.0.0/24 via 192.0.2.9  (node a; before 192.0.2.1, node a; node a has another next hop)\n"
        ),
        "{}",
        run.out
    );
    let run = podroute(&["diff", &old, &new, "--format", "markdown"], "");
    assert!(
        run.out
            .starts_with("### podroute: 2 route changes, 0 new errors, 0 new warnings\n"),
        "{}",
        run.out
    );
}

#[test]
fn a_new_error_fails() {
    let folder = Folder::new();
    let [daemon_set, a, b] = two_nodes();
    let good = folder.snapshot("good.json", &[daemon_set.clone(), a.clone(), b]);
    let twin = node("b", "10.244.0.0/24", "192.0.2.2");
    let bad = folder.snapshot("bad.json", &[daemon_set, a, twin]);
    let run = podroute(&["diff", &good, &bad, "--format", "json"], "");
    assert_eq!(run.code, 1, "{}", run.err);
    let diff = run.json();
    let rules: Vec<&str> = diff["findings"]["new"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["finding"]["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"route/duplicate-prefix"), "{rules:?}");
    assert_eq!(
        diff["withheld"]["added"][0]["rule"],
        "route/duplicate-prefix"
    );
    // The other way round it is mended.
    let run = podroute(&["diff", &bad, &good, "--format", "json"], "");
    assert_eq!(run.code, 0);
    let gone = &run.json()["findings"]["gone"][0];
    assert_eq!(
        (&gone["finding"]["rule"], &gone["why"]),
        (&json!("route/duplicate-prefix"), &json!("fixed"))
    );
}

#[test]
fn what_is_not_known_is_no_equality() {
    let folder = Folder::new();
    let old = folder.snapshot("old.json", &two_nodes());
    let empty = folder.snapshot("empty.json", &[]);
    for (sides, path) in [([&old, &empty], &empty), ([&empty, &empty], &empty)] {
        let run = podroute(&["diff", sides[0], sides[1]], "");
        assert_eq!(run.code, 3, "{}", run.out);
        assert!(run.out.contains(path.as_str()), "{}", run.out);
        assert!(run.out.contains("Not all is known"), "{}", run.out);
    }
    let broken = folder.file("broken.json", "{\"kind\": ");
    let run = podroute(&["diff", &old, &broken], "");
    assert_eq!(run.code, 2);
    assert!(run.out.contains("unreadable"), "{}", run.out);
}

#[test]
fn one_side_may_be_piped_in() {
    let folder = Folder::new();
    let snapshot = folder.snapshot("old.json", &two_nodes());
    let report = folder.report("report.json", &snapshot);
    for piped in [&snapshot, &report] {
        let text = fs::read_to_string(piped).unwrap();
        let run = podroute(&["diff", &snapshot, "-"], &text);
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, "no difference\n"),
            "{}",
            run.err
        );
    }
    let run = podroute(&["diff", "-", "-"], "");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("only one side"), "{}", run.err);
}

#[test]
fn other_documents_are_refused_by_name() {
    let folder = Folder::new();
    let plan = folder.file(
        "plan.json",
        r#"{"schema": "podroute.plan/v1", "tables": []}"#,
    );
    let run = podroute(&["diff", &plan, &shop()], "");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("plan.json: is a podroute.plan/v1, expected podroute.report/v1"),
        "{}",
        run.err
    );
    let report = folder.report("report.json", &shop());
    let text = fs::read_to_string(&report).unwrap();
    let cut = folder.file("cut.json", &text.replace("\"findings\":", "\"finds\":"));
    let run = podroute(&["diff", &cut, &shop()], "");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("missing field `findings`"), "{}", run.err);
    let run = podroute(&["diff", "no-such-file", &shop()], "");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no-such-file"), "{}", run.err);
}
