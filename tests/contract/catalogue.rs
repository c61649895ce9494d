//! The catalogue and what reports say of rules and routes.

use super::*;

/// Everything that a report says of rules, it says of rules of the catalogue,
/// and on the examples of its page each rule of the catalogue is found.
#[test]
fn the_catalogue_has_the_rules_that_are_found() {
    let policy = built_in();
    let rules = policy.rules().unwrap();
    let severities: BTreeMap<&str, &Vec<Severity>> = rules
        .iter()
        .map(|rule| (rule.id.as_str(), &rule.severities))
        .collect();
    let mut found: BTreeSet<String> = BTreeSet::new();
    for case in cases() {
        let report = case.evaluate(&policy);
        for finding in report.findings {
            let known = severities[finding.rule.as_str()];
            let mut settings = case.settings["rules"].as_array().into_iter().flatten();
            let is_chosen = settings.any(|setting| setting["rule"] == finding.rule.as_str());
            assert!(
                is_chosen || known.contains(&finding.severity),
                "{finding:?}"
            );
            found.insert(finding.rule);
        }
        let of_entries = report.not_evaluated.iter().map(|entry| &entry.rule);
        let of_withheld = report.withheld.iter().map(|withheld| &withheld.rule);
        for rule in of_entries.chain(of_withheld) {
            assert!(severities.contains_key(rule.as_str()), "{rule}");
        }
    }
    let known: BTreeSet<String> = severities.keys().map(ToString::to_string).collect();
    assert_eq!(found, known);
}

/// A prefix is not withheld in silence: its rule has a finding, or could not
/// be judged, which makes the routes undecided.
#[test]
fn there_is_a_finding_of_what_is_withheld() {
    let policy = built_in();
    for case in cases() {
        let report = case.evaluate(&policy);
        for rule in report.withheld.iter().map(|withheld| &withheld.rule) {
            let found = report.findings.iter().any(|finding| finding.rule == *rule);
            let open = report.not_evaluated.iter().any(|entry| entry.rule == *rule)
                && !report.undecided.is_empty();
            assert!(found || open, "{}: {rule}", case.name);
        }
    }
}

/// A route is never one of a prefix that is withheld, nor there twice; and
/// next hops are of the prefix's family.
#[test]
fn routes_are_routes() {
    let policy = built_in();
    for case in cases() {
        let report = case.evaluate(&policy);
        let mut prefixes = BTreeSet::new();
        for route in &report.routes {
            assert!(prefixes.insert(&route.prefix), "{}: {route:?}", case.name);
            let is_v6 = route.family == Family::Ipv6;
            assert_eq!(route.prefix.contains(':'), is_v6, "{route:?}");
            assert_eq!(route.next_hop.contains(':'), is_v6, "{route:?}");
        }
        for withheld in &report.withheld {
            let routed = report
                .routes
                .iter()
                .any(|route| (&route.prefix, &route.node) == (&withheld.prefix, &withheld.node));
            assert!(!routed, "{}: {withheld:?}", case.name);
        }
    }
}

#[test]
fn the_catalogue_is_in_order() {
    let rules = built_in().rules().unwrap();
    assert!(rules.is_sorted_by(|one, other| one.id < other.id));
    for rule in rules {
        assert!(rule.page.starts_with(&format!("# {}\n\n", rule.id)));
        assert!(rule.page.contains(&rule.summary), "{}", rule.id);
        assert!(!rule.summary.contains('\n'), "{}", rule.id);
        assert!(!rule.severities.is_empty(), "{}", rule.id);
        let worst_first = |one: &Severity, other: &Severity| *one as u8 > *other as u8;
        assert!(rule.severities.is_sorted_by(worst_first), "{}", rule.id);
    }
}
