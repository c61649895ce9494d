//! Packets to pods, through the routes of the kernel that podroute runs on.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::cluster::{add_nodes, cilium, node};
use crate::kube::until;
use crate::namespace::{can, further, ip, story};
use crate::podroute::Start;

/// Pods on the two nodes, w11 and w12.
const PODS: [&str; 2] = ["10.0.11.5", "10.0.12.5"];

/// Two machines on the load balancer's network: 192.0.2.111 with the node
/// address 192.0.2.11 and a pod, and the same with 112 and 12. Returns their
/// namespaces.
fn machines() -> Vec<String> {
    ip("link set net0 up");
    ip("link set wire master net0");
    [11, 12]
        .map(|number| {
            let machine = further(&format!("w{number}"));
            ip(&format!(
                "link add name w{number} master net0 type veth peer name eth0 netns {machine}"
            ));
            ip(&format!("link set w{number} up"));
            for step in [
                "link set lo up".to_owned(),
                format!("addr add 192.0.2.1{number}/24 dev eth0"),
                format!("addr add 192.0.2.{number}/32 dev eth0"),
                format!("addr add 10.0.{number}.5/32 dev lo"),
                "link set eth0 up".to_owned(),
            ] {
                ip(&format!("-n {machine} {step}"));
            }
            machine
        })
        .to_vec()
}

/// Whether a packet gets to a pod and its answer back. Nothing listens there,
/// so the answer is a refusal.
fn reaches(pod: &str) -> bool {
    let address = SocketAddr::new(pod.parse().unwrap(), 9);
    // Shorter than the time after which TCP sends a lost packet again.
    let patience = Duration::from_millis(900);
    let error = TcpStream::connect_timeout(&address, patience).unwrap_err();
    error.kind() == ErrorKind::ConnectionRefused
}

/// Sends packets to both pods, one after the other, until it is asked.
struct Traffic {
    stop: Arc<AtomicBool>,
    sender: JoinHandle<Vec<bool>>,
}

impl Traffic {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let sender = thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                let mut arrived = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    arrived.extend(PODS.map(reaches));
                    thread::sleep(Duration::from_millis(2));
                }
                arrived
            }
        });
        Self { stop, sender }
    }

    /// Whether every packet has arrived.
    fn arrived(self) -> bool {
        self.stop.store(true, Ordering::Relaxed);
        let arrived = self.sender.join().unwrap();
        !arrived.is_empty() && arrived.iter().all(|arrived| *arrived)
    }
}

/// Podroute's routes, in all tables: `prefix via next hop`.
fn routes() -> Vec<String> {
    let mut routes: Vec<String> = ip("route show table all proto 183")
        .iter()
        .map(|line| line.split(" dev ").next().unwrap().to_owned())
        .collect();
    routes.sort();
    routes
}

#[test]
fn pods_are_reached_while_nodes_move_and_when_podroute_is_gone() {
    story(async || {
        if !can("link add name net0 type bridge") {
            return;
        }
        let machines = machines();
        let cluster = cilium().await;
        add_nodes(&cluster, [11, 12]);
        // Somebody else's route in the same table.
        ip("route add 198.51.100.0/24 via 192.0.2.111 table 18300 proto static");
        assert!(!PODS.map(reaches).contains(&true));
        let podroute = Start::target(&cluster, &["linux", "--manage-rule"])
            .with(&["--leader-elect=false", "--window", "0.1"])
            .run();
        let right = ["10.0.11.0/24 via 192.0.2.11", "10.0.12.0/24 via 192.0.2.12"];
        until("both routes", || routes() == right).await;
        // The rule that leads to the table comes after the routes.
        until("both pods", || PODS.map(reaches) == [true, true]).await;

        // The node's address changes: the new one is there before the old
        // one goes. No packet is lost.
        let traffic = Traffic::start();
        ip(&format!(
            "-n {} addr add 192.0.2.21/32 dev eth0",
            machines[0]
        ));
        cluster.apply(node("w11", "192.0.2.21"));
        let moved = ["10.0.11.0/24 via 192.0.2.21", "10.0.12.0/24 via 192.0.2.12"];
        until("the new next hop", || routes() == moved).await;
        ip(&format!(
            "-n {} addr del 192.0.2.11/32 dev eth0",
            machines[0]
        ));
        // By the new address, which nobody had asked for before.
        assert!(reaches(PODS[0]));
        assert!(traffic.arrived());

        // Without being asked to look, and long before it would by itself.
        ip("route del 10.0.12.0/24 table 18300");
        until("the route is back", || routes() == moved).await;
        assert!(reaches(PODS[1]));
        podroute.says("drift repaired").await;

        // Routes outlive the one who made them.
        assert!(podroute.stop().await.success());
        assert_eq!(routes(), moved);
        assert_eq!(PODS.map(reaches), [true, true]);

        let cleaned = Command::new(env!("CARGO_BIN_EXE_podroute"))
            .args(["cleanup", "--cluster-name", "shop", "linux"])
            .status();
        assert!(cleaned.unwrap().success());
        assert_eq!(routes(), Vec::<String>::new());
        assert!(!PODS.map(reaches).contains(&true));
        let rules = ip("rule show");
        assert!(
            !rules.iter().any(|rule| rule.contains("18300")),
            "{rules:?}"
        );
        assert_eq!(
            ip("route show table 18300"),
            ["198.51.100.0/24 via 192.0.2.111 dev lb0 proto static"]
        );
    });
}
