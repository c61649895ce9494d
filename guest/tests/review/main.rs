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
use podroute_policy::review::Change;
use podroute_policy::rules;
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
