//! The daemon at 5,000 nodes, as a process of its own, against simulators of
//! the API server and of the Avi Controller: how soon it is ready, how much
//! memory it takes, how long a change takes to get to the device, and what it
//! costs when nothing happens.
//!
//! `cargo bench -p podroute --bench daemon` prints a table, in some minutes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../simulators/avi/mod.rs"]
mod avi;
#[allow(dead_code)]
#[path = "../daemon/cluster.rs"]
mod cluster;
#[path = "../simulators/kube/mod.rs"]
mod kube;
#[allow(dead_code)]
#[path = "../daemon/podroute.rs"]
mod podroute;
#[path = "daemon/process.rs"]
mod process;
#[path = "daemon/stopwatch.rs"]
mod stopwatch;
#[allow(dead_code)]
#[path = "../daemon/vrf.rs"]
mod vrf;

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use avi::Controller;
use kube::{Cluster, until};
use podroute::{Podroute, Start};
use process::Process;
use stopwatch::Stopwatch;

const NODES: usize = 5_000;
const PUT: &str = "PUT /api/vrfcontext/";

#[tokio::main]
async fn main() {
    let cluster = cluster::cilium().await;
    cluster.apply_fleet(NODES);
    let controller = Controller::start();
    controller.set_vrf(&vrf::with(&[]));

    println!("{NODES} Nodes + {NODES} CiliumNodes, default options");
    let (podroute, process) = cold_start(&cluster, &controller).await;
    memory("after the first write", &process);
    sleep(Duration::from_secs(15)).await;
    memory("at rest", &process);

    relist(&cluster, &podroute).await;
    sleep(Duration::from_secs(15)).await;
    memory("after a relist of all kinds", &process);

    let mut stopwatch = Stopwatch::new(&cluster, &controller);
    for index in 0..10 {
        stopwatch.change(index);
        stopwatch.all_written().await;
        sleep(Duration::from_millis(2_300)).await;
    }
    row("one change, to the PUT", &stopwatch.take());
    for burst in 0..10 {
        for index in 0..100 {
            stopwatch.change(1_000 + burst * 100 + index);
        }
        stopwatch.follow(Duration::from_millis(700)).await;
    }
    stopwatch.all_written().await;
    row("1,000 changes in bursts of 100", &stopwatch.take());
    for index in 0..250 {
        stopwatch.change(2_000 + index);
        stopwatch.follow(Duration::from_millis(20)).await;
    }
    stopwatch.all_written().await;
    row("250 changes, one each 20 ms", &stopwatch.take());
    sleep(Duration::from_secs(15)).await;
    memory("after these changes", &process);

    idle(&cluster, &process).await;
    memory("after heartbeats", &process);
    assert!(podroute.stop().await.success());
}

/// Starts the daemon, until it has written the routes.
async fn cold_start(cluster: &Cluster, controller: &Controller) -> (Podroute, Process) {
    let mut written = controller.pause_after(PUT);
    let start = Instant::now();
    let podroute = Start::avi(cluster, controller)
        .set("--log-level", "info")
        .run();
    let process = Process::new(podroute.id());
    let ready = async {
        podroute.ready().await;
        start.elapsed()
    };
    let first = async {
        written.reached().await;
        start.elapsed()
    };
    let (ready, first) = tokio::join!(ready, first);
    written.release();
    println!(
        "start to ready                     {:>6.2} s",
        ready.as_secs_f64()
    );
    println!(
        "start to the first PUT             {:>6.2} s   {:.2} s of CPU",
        first.as_secs_f64(),
        process.cpu().as_secs_f64()
    );
    assert_eq!(vrf::routes(controller).len(), NODES);
    (podroute, process)
}

/// Makes every watch start over with a list.
async fn relist(cluster: &Cluster, podroute: &Podroute) {
    cluster.forget();
    cluster.expire_history();
    cluster.end_watches();
    for plural in ["nodes", "ciliumnodes"] {
        until("a new list", || {
            let watches = cluster.requests("watch", plural);
            watches.iter().any(kube::Entry::is_streamed_list)
        })
        .await;
    }
    podroute.ready().await;
}

/// Every node reports its status once in five minutes.
async fn idle(cluster: &Cluster, process: &Process) {
    let (start, cpu) = (Instant::now(), process.cpu());
    let between = Duration::from_mins(5) / u32::try_from(NODES).unwrap();
    for index in 0..1_000 {
        let name = format!("worker-{}", index * 5);
        let mut node = cluster.get("Node", "", &name).unwrap();
        node["status"]["conditions"][0]["lastHeartbeatTime"] = json!(format!("beat {index}"));
        cluster.apply(node);
        let next = start + between * (index + 1);
        sleep(next.saturating_duration_since(Instant::now())).await;
    }
    let share = process.cpu().saturating_sub(cpu).as_secs_f64() / start.elapsed().as_secs_f64();
    println!(
        "CPU with heartbeats of all nodes   {:>6.2} % of a core",
        share * 100.0
    );
}

fn memory(when: &str, process: &Process) {
    println!(
        "memory {when:<28}{:>6} MB  (peak since the last line {} MB)",
        process.memory("VmRSS:"),
        process.memory("VmHWM:")
    );
    process.forget_peak();
}

fn row(what: &str, times: &[Duration]) {
    let worst = times.iter().max().unwrap();
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    println!(
        "{what:<33}{:>8.2} s  worst, {:.2} s median, of {}",
        worst.as_secs_f64(),
        sorted[sorted.len() / 2].as_secs_f64(),
        sorted.len()
    );
}
