//! The sections of a page.

use super::*;

/// The page has no entities and closes every element, so that a reader of
/// XML can read it.
fn page(report: &str) -> String {
    format!("<main>{}</main>", picture::page(report).unwrap())
}

fn section<'a>(page: &'a Document<'_>, id: &str) -> Node<'a, 'a> {
    let mut sections = page
        .descendants()
        .filter(|node| node.attribute("id") == Some(id));
    let section = sections.next().unwrap_or_else(|| panic!("no section {id}"));
    assert!(sections.next().is_none(), "{id} is there twice");
    section
}

fn words(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    let texts: String = texts.map(|one| one.text().unwrap()).collect();
    texts.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn count(node: Node<'_, '_>, tag: &str) -> usize {
    node.descendants()
        .filter(|one| one.tag_name().name() == tag)
        .count()
}

#[test]
fn has_every_finding_and_every_route() {
    let report = of_snapshot("shop");
    let parsed: Value = serde_json::from_str(&report).unwrap();
    let text = page(&report);
    let page = Document::parse(&text).unwrap();
    let findings = parsed["findings"].as_array().unwrap();
    assert!(findings.len() >= 7);
    assert_eq!(count(section(&page, "findings"), "details"), findings.len());
    let shown = words(section(&page, "findings"));
    for finding in findings {
        for field in ["rule", "message", "effect", "fix", "reference"] {
            let text = finding[field].as_str().unwrap();
            let text: Vec<&str> = text.split_whitespace().collect();
            assert!(shown.contains(&text.join(" ")), "{field} {text:?}");
        }
    }
    // And the heads of the tables.
    assert_eq!(count(section(&page, "route-table"), "tr"), 2 + 1);
    assert_eq!(count(section(&page, "withheld-table"), "tr"), 1 + 1);
    assert!(words(section(&page, "summary")).contains("5 errors to mend"));
    assert!(
        words(section(&page, "not-evaluated"))
            .contains("For want of the setting routeLimit route/limit")
    );
}

#[test]
fn nothing_that_was_not_looked_at_is_well() {
    let text = page(&with(&[("undecided", json!(["no Node is in the snapshot"]))]).to_string());
    let undecided = Document::parse(&text).unwrap();
    let summary = words(section(&undecided, "summary"));
    assert!(
        summary.contains("No verdict on the routes is possible no Node is in the snapshot"),
        "{summary}"
    );
    assert!(words(section(&undecided, "findings")).contains("which means nothing"));
    assert!(words(section(&undecided, "routes")).contains("no verdict is possible"));

    let open = with(&[(
        "notEvaluated",
        json!([{"rule": "route/limit", "missing": ["x"]}]),
    )]);
    let text = page(&open.to_string());
    let open = Document::parse(&text).unwrap();
    assert!(
        words(section(&open, "summary")).contains("No error and no warning; 1 rule not evaluated")
    );
    assert!(words(section(&open, "findings")).contains("Some rules were not evaluated"));

    let problem = json!([{"object": null, "severity": "error", "message": "cannot be read"}]);
    let text = page(&with(&[("problems", problem)]).to_string());
    let problem = Document::parse(&text).unwrap();
    assert!(words(section(&problem, "summary")).contains("Some objects could not be read"));
    assert!(words(section(&problem, "problems")).contains("cannot be read"));
}

#[test]
fn what_is_accepted_or_off_is_said() {
    let finding = json!({"rule": "node/x", "severity": "error", "message": "m", "effect": "e",
        "fix": "f", "reference": "javascript:alert(1)", "objects": []});
    let report = with(&[
        (
            "suppressed",
            json!([{"finding": finding, "reasons": ["it is repaired"]}]),
        ),
        (
            "suppressions",
            json!([{"rule": "node/*", "object": null, "reason": "later", "until": "2026-01-31",
                "declaredAt": null, "status": "expired"}]),
        ),
        ("rulesOff", json!(["ako/other-next-hop"])),
    ]);
    let text = page(&report.to_string());
    let page = Document::parse(&text).unwrap();
    let accepted = words(section(&page, "accepted"));
    assert!(accepted.contains("it is repaired"), "{accepted}");
    assert!(
        accepted.contains("node/* until 2026-01-31 covers nothing: it is expired"),
        "{accepted}"
    );
    assert!(words(section(&page, "rules-off")).contains("ako/other-next-hop"));
    // A reference that is no address of the web is no link.
    assert_eq!(count(section(&page, "accepted"), "a"), 0);
}

#[test]
fn nothing_that_objects_say_becomes_markup() {
    let name = "</td></main><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u{0}";
    let finding = json!({"rule": name, "severity": "error", "message": name, "effect": name,
        "fix": name, "reference": format!("https://example.org/{name}"),
        "objects": [{"kind": name, "namespace": name, "name": name, "field": name}]});
    let report = with(&[
        ("routes", json!([route("10.0.0.0/24", name)])),
        ("withheld", json!([withheld("10.0.0.0/24", name)])),
        ("findings", json!([finding])),
        ("undecided", json!([name])),
        ("notEvaluated", json!([{"rule": name, "missing": [name]}])),
        (
            "problems",
            json!([{"object": null, "severity": "error", "message": name}]),
        ),
    ]);
    let text = page(&report.to_string());
    let page = Document::parse(&text).unwrap();
    assert_eq!(count(page.root(), "script") + count(page.root(), "img"), 0);
    assert!(words(section(&page, "route-table")).contains("<script>alert(1)</script>"));
}
