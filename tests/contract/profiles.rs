//! The profiles that come built in, against the catalogue.

use podroute::Profile;
use podroute::policy::Level;

use super::*;

/// Whoever adds a rule with a warning adds it to the strict profile.
#[test]
fn strict_makes_an_error_of_every_warning() {
    let rules = built_in().rules().unwrap();
    let warnings: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| rule.severities.contains(&Severity::Warning))
        .map(|rule| rule.id.as_str())
        .collect();
    let strict = Profile::load("strict").unwrap();
    let raised: BTreeSet<&str> = strict
        .rules
        .iter()
        .filter(|setting| setting.severity == Some(Level::Error))
        .map(|setting| setting.rule.as_str())
        .collect();
    assert_eq!(raised, warnings);
    assert_eq!(strict.rules.len(), raised.len());
}

#[test]
fn every_profile_can_be_used() {
    let policy = built_in();
    for name in podroute::profile::names() {
        let profile = Profile::load(name).unwrap();
        let settings = Settings {
            rules: profile.rules,
            suppressions: profile.suppressions,
            ..Settings::default()
        };
        policy.open(&settings).map(drop).expect(name);
    }
}
