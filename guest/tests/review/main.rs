//! A review of a change says what full evaluations before and after it say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../desired/addresses.rs"]
mod addresses;
mod examples;
#[path = "../desired/objects.rs"]
mod objects;
mod oracle;
mod random;
#[path = "../desired/world.rs"]
mod world;

use examples::Example;
use oracle::Oracle;
use podroute_policy::cluster::{Cluster, Looks};
use podroute_policy::detect::Detected;
use podroute_policy::objects::Kind;
use podroute_policy::programmed::Programmed;
use podroute_policy::review::Change;
use podroute_policy::rules;
use podroute_policy::rules::context::{Context, Workings};
use podroute_policy::rules::rule::{Reach, Rule};
use podroute_policy::settings::Settings;
use podroute_policy::terms::Terms;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn says_what_full_evaluations_say(case in random::case()) {
        let settings = case.settings();
        let wrong = Oracle::new(&case.documents, &settings).check(&case.changes());
        prop_assert_eq!(wrong, None);
    }
}

/// A review of a Service asks no rule that says it does not look at them.
#[test]
fn rules_that_look_at_services_say_so() {
    for page in rules::all().map(|rule| rule.page) {
        for example in examples::of(page) {
            let settings = example.listing();
            let mut cluster = Cluster::default();
            cluster.load(example.documents.iter().map(String::as_str));
            for (rule, looks) in looks(&cluster, &settings) {
                let services = [Kind::Service, Kind::Gateway];
                if services.iter().any(|kind| looks.kinds.contains(kind)) {
                    let says_so = matches!(rule.reach, Reach::Services | Reach::Node);
                    assert!(says_so, "{}: {}", rule.id, example.title);
                }
            }
        }
    }
}

/// What each rule looks at.
fn looks(cluster: &Cluster, settings: &Settings) -> Vec<(&'static Rule, Looks)> {
    let detected = Detected::find(cluster, settings);
    let terms = Terms::of(&detected, settings);
    let (programmed, workings) = (Programmed::default(), Workings::default());
    let context = Context {
        cluster,
        settings,
        detected: &detected,
        terms: &terms,
        programmed: &programmed,
        workings: &workings,
    };
    let of_rule = |rule: &'static Rule| {
        cluster.take_looks();
        rule.run(&context);
        (rule, cluster.take_looks())
    };
    rules::all().map(of_rule).collect()
}

/// Of every example of every rule, each object comes, and each goes.
#[test]
fn every_object_of_every_example_comes_and_goes() {
    let only = std::env::var("PAGE").unwrap_or_default();
    let mut failures = Vec::new();
    let mut reviews = 0;
    for rule in rules::all().filter(|rule| rule.id.starts_with(&only)) {
        for example in examples::of(rule.page) {
            for at in 0..example.documents.len() {
                reviews += 2;
                for (what, failure) in
                    [("comes", comes(&example, at)), ("goes", goes(&example, at))]
                {
                    failures.extend(failure.map(|failure| {
                        format!("{}: {}: {at} {what}\n{failure}", rule.id, example.title)
                    }));
                }
            }
        }
    }
    assert!(reviews > 0, "no page matches {only:?}");
    assert!(
        failures.is_empty(),
        "{} of {reviews}\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
}

fn comes(example: &Example, at: usize) -> Option<String> {
    // A list may be empty, and be there to say that nothing else is.
    example.key(at)?;
    let mut rest = example.documents.clone();
    let object = rest.remove(at);
    Oracle::new(&rest, &example.listing()).check(&[Change::Put(object)])
}

fn goes(example: &Example, at: usize) -> Option<String> {
    let key = example.key(at)?;
    Oracle::new(&example.documents, &example.listing()).check(&[Change::Delete(key)])
}
