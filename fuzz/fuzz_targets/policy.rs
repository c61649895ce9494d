//! Objects, as YAML or JSON, all the way to the report.
#![no_main]

use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use podroute_policy::settings::Settings;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let snapshot = podroute_fuzz::read("input.yaml", bytes);
    let mut cluster = Cluster::default();
    cluster.load(snapshot.documents.iter().map(String::as_str));
    let settings = Settings::default();
    let report = evaluate(&cluster, &settings);
    let text = serde_json::to_string(&report).expect("a report is JSON");

    // The same objects in another order are the same cluster.
    let mut backwards = Cluster::default();
    backwards.load(snapshot.documents.iter().rev().map(String::as_str));
    let again = serde_json::to_string(&evaluate(&backwards, &settings)).expect("a report is JSON");
    assert_eq!(text, again);
});
