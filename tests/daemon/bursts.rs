//! Much that happens at once is written at once.

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium};
use crate::podroute::Start;
use crate::seen::{patiently, sum};
use crate::vrf::{of_nodes, routes, with, writes};

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_changes_is_few_writes() {
    let cluster = cilium().await;
    add_nodes(&cluster, [1]);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    // So long that nothing else can end it.
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--window", "5"])
        .run();
    patiently("the first route", || routes(&controller) == of_nodes([1])).await;
    podroute.ready().await;
    let count = "podroute_event_to_applied_seconds_count";
    let before = sum(&podroute, count, "").await;

    // The first of them is written as soon as it can be, the others together.
    add_nodes(&cluster, 2..=51);
    patiently("all routes", || routes(&controller) == of_nodes(1..=51)).await;
    let burst = writes(&controller) - 1;
    assert!((1..=3).contains(&burst), "{burst} writes");
    let mut applied = before;
    for _ in 0..600 {
        applied = sum(&podroute, count, "").await;
        if applied > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(applied > before, "{applied}");

    // One that comes alone waits for nobody.
    let reads = sum(&podroute, "podroute_table_reads_total", "").await;
    add_nodes(&cluster, [52]);
    patiently("the last route", || routes(&controller) == of_nodes(1..=52)).await;
    assert!(sum(&podroute, "podroute_table_reads_total", "").await > reads);
}
