//! What a review costs at 5,000 nodes: in the component, sort by sort, against
//! a report on the whole changed cluster; and over HTTPS, as AdmissionReviews
//! at 1,000 a second.
//!
//! `cargo bench -p podroute --bench reviews` prints two tables.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss
)]

#[path = "reviews/fleet.rs"]
mod fleet;
#[path = "reviews/load.rs"]
mod load;
#[allow(dead_code)]
#[path = "../engines/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "../engines/shop.rs"]
mod shop;

use std::time::{Duration, Instant};

use podroute::Policy;
use podroute::policy::{Change, Cluster, Settings};
use serde_json::Value;

const SIZE: usize = 5_000;
const TIMES: usize = 400;

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let objects = fleet::objects(SIZE);
    in_component(&objects);
    under_load(&objects).await;
}

fn in_component(objects: &[String]) {
    let mut cluster = open(objects);
    let whole = whole(&mut cluster);
    println!(
        "{SIZE} Nodes, CiliumNodes and Services in the component; a report on all takes {whole:.1?}"
    );
    println!(
        "{:<26}{:>10}{:>10}{:>10}{:>16}",
        "milliseconds", "median", "p99", "worst", "whole/median"
    );
    for (name, change) in fleet::SORTS {
        let mut times: Vec<Duration> = (0..TIMES)
            .map(|round| {
                // Far apart, so that no cache knows the node.
                let changes = [change(SIZE, round * 7919)];
                let start = Instant::now();
                cluster.review(&changes).unwrap();
                start.elapsed()
            })
            .collect();
        times.sort();
        let [median, p99, worst] = quantiles(&times);
        let ratio = whole.as_secs_f64() / median.as_secs_f64();
        println!(
            "{name:<26}{:>10.3}{:>10.3}{:>10.3}{ratio:>16.0}",
            millis(median),
            millis(p99),
            millis(worst)
        );
    }
    day(&mut cluster);
}

/// Of a thousand changes, how many are of each sort in [`fleet::SORTS`]: what
/// a large cluster sees on a busy day, with a node that moves now and then and
/// a setting that somebody edits.
const DAY: [usize; 10] = [620, 14, 190, 2, 170, 2, 1, 0, 1, 0];

fn day(cluster: &mut Cluster) {
    let mut times: Vec<Duration> = (0..2_000)
        .map(|round| {
            // In an order that is as good as any.
            let mut place = (round * 7919) % 1_000;
            let sort = DAY.iter().position(|count| {
                let here = place < *count;
                place = place.saturating_sub(*count);
                here
            });
            let (_, change) = fleet::SORTS[sort.unwrap()];
            let changes = [change(SIZE, round * 7919)];
            let start = Instant::now();
            cluster.review(&changes).unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    let [median, p99, worst] = quantiles(&times);
    println!(
        "{:<26}{:>10.3}{:>10.3}{:>10.3}",
        "a busy day",
        millis(median),
        millis(p99),
        millis(worst)
    );
}

fn open(objects: &[String]) -> Cluster {
    let settings = Settings {
        listed_kinds: ["Gateway", "GatewayClass"].map(str::to_owned).into(),
        ..Settings::default()
    };
    let mut cluster = Policy::built_in().unwrap().open(&settings).unwrap();
    assert_eq!(cluster.load(objects).unwrap(), []);
    cluster
}

/// The median time of putting a Service in and reporting on everything.
fn whole(cluster: &mut Cluster) -> Duration {
    let mut times: Vec<Duration> = (0..20)
        .map(|round| {
            let Change::Put(object) = fleet::SORTS[0].1(SIZE, round) else {
                panic!("a Service is put");
            };
            let start = Instant::now();
            cluster.upsert(&[object]).unwrap();
            cluster.report().unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    quantiles(&times)[0]
}

async fn under_load(objects: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("cluster.json");
    let list = format!(
        r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#,
        objects.join(",")
    );
    std::fs::write(&snapshot, list).unwrap();
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    std::fs::write(&cert, certificate.cert.pem()).unwrap();
    std::fs::write(&key, certificate.signing_key.serialize_pem()).unwrap();
    let webhook = program::Webhook::start(&[
        "webhook",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        cert.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ]);
    let url = webhook.url("/admission");
    println!(
        "AdmissionReviews over HTTPS at 1,000/s for 20 s, from when each was due; client and server share the cores"
    );
    println!(
        "{:<26}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "milliseconds", "median", "p99", "worst", "denied", "errors"
    );
    for (name, sorts) in MIXES {
        let bodies = bodies(sorts);
        load::run(&url, 200, 2, &bodies).await;
        let outcome = load::run(&url, 1_000, 20, &bodies).await;
        let [median, p99, worst] = quantiles(&outcome.times);
        println!(
            "{name:<26}{:>10.2}{:>10.2}{:>10.2}{:>10}{:>10}",
            millis(median),
            millis(p99),
            millis(worst),
            outcome.denied,
            outcome.errors
        );
    }
}

/// Sorts by their place in [`fleet::SORTS`], each as often as it is named.
const MIXES: [(&str, &[usize]); 2] = [
    ("Services", &[0, 0, 0, 1]),
    ("Services and nodes", &[0, 0, 1, 2, 4]),
];

fn bodies(sorts: &[usize]) -> Vec<String> {
    (0..1_000)
        .map(|at| {
            let (_, change) = fleet::SORTS[sorts[at % sorts.len()]];
            let Change::Put(text) = change(SIZE, at * 7919) else {
                panic!("an object is put");
            };
            let object: Value = serde_json::from_str(&text).unwrap();
            load::admission_review(&object)
        })
        .collect()
}

/// Median, 99th percentile and the worst, of sorted times.
fn quantiles(times: &[Duration]) -> [Duration; 3] {
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    [at(50), at(99), at(100)]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
