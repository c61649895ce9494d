//! Packets arrive, also while routes change.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::namespace::{can, further, ip, story};
use crate::plan::{converge, target};

/// Shorter than the time after which TCP sends a lost packet again.
const PATIENCE: Duration = Duration::from_millis(900);

const POD_V4: &str = "10.244.1.5";
const POD_V6: &str = "2001:db8:1::5";

/// Whether a packet gets to a pod and its answer back. Nothing listens there,
/// so the answer is a refusal.
fn reaches(pod: &str) -> bool {
    let address = SocketAddr::new(pod.parse().unwrap(), 9);
    let error = TcpStream::connect_timeout(&address, PATIENCE).unwrap_err();
    error.kind() == ErrorKind::ConnectionRefused
}

/// Two nodes on the load balancer's network, the pod's addresses on both: so
/// a packet arrives over either, as in the moment when a pod CIDR moves.
fn nodes() -> Vec<String> {
    ip("link set lb0 down");
    ip("link add name net0 type bridge");
    ip("link set net0 up");
    ip("addr flush dev lb0");
    ip("addr add 192.0.2.1/24 dev net0");
    ip("addr add 2001:db8::1/64 dev net0 nodad");
    (1..=2)
        .map(|number| {
            let node = further(&format!("node{number}"));
            ip(&format!(
                "link add name port{number} master net0 type veth peer name eth0 netns {node}"
            ));
            ip(&format!("link set port{number} up"));
            for step in [
                "link set lo up".to_owned(),
                format!("addr add 192.0.2.1{number}/24 dev eth0"),
                format!("addr add 2001:db8::1{number}/64 dev eth0 nodad"),
                format!("addr add {POD_V4}/32 dev lo"),
                format!("addr add {POD_V6}/128 dev lo nodad"),
                "link set eth0 up".to_owned(),
            ] {
                ip(&format!("-n {node} {step}"));
            }
            node
        })
        .collect()
}

fn to_node(number: u8) -> [(&'static str, &'static str); 2] {
    match number {
        1 => [
            ("10.244.1.0/24", "192.0.2.11"),
            ("2001:db8:1::/64", "2001:db8::11"),
        ],
        2 => [
            ("10.244.1.0/24", "192.0.2.12"),
            ("2001:db8:1::/64", "2001:db8::12"),
        ],
        // The first node under its new address.
        _ => [
            ("10.244.1.0/24", "192.0.2.13"),
            ("2001:db8:1::/64", "2001:db8::13"),
        ],
    }
}

#[test]
fn pods_answer_before_during_and_after_changes() {
    story(async || {
        if !can("link add name test type bridge") {
            return;
        }
        let nodes = nodes();
        let mut target = target(&["--manage-rule"]);
        assert!(!reaches(POD_V4) && !reaches(POD_V6));

        assert_eq!(converge(&mut *target, &to_node(1)).await, []);
        wait_until_reached();

        // Every probe arrives while the routes go back and forth.
        let stop = Arc::new(AtomicBool::new(false));
        let probes = [POD_V4, POD_V6].map(|pod| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                let (mut sent, mut lost) = (0_u32, 0_u32);
                while !stop.load(Ordering::Relaxed) {
                    sent += 1;
                    lost += u32::from(!reaches(pod));
                }
                (sent, lost)
            })
        });
        for round in 0..200 {
            let node = if round % 2 == 0 { 2 } else { 1 };
            assert_eq!(converge(&mut *target, &to_node(node)).await, []);
        }
        stop.store(true, Ordering::Relaxed);
        for probe in probes {
            let (sent, lost) = probe.join().unwrap();
            println!("{sent} probes, {lost} lost");
            assert!(sent > 0);
            assert_eq!(lost, 0, "of {sent} probes");
        }

        // The node gets another address, and loses the old one. Of the same
        // network, it would go together with the old one.
        ip(&format!("-n {} link set eth0 down", nodes[1]));
        ip(&format!("-n {} addr add 192.0.2.13/25 dev eth0", nodes[0]));
        ip(&format!(
            "-n {} addr add 2001:db8::13/64 dev eth0 nodad",
            nodes[0]
        ));
        assert_eq!(converge(&mut *target, &to_node(3)).await, []);
        ip(&format!("-n {} addr del 192.0.2.11/24 dev eth0", nodes[0]));
        ip(&format!(
            "-n {} addr del 2001:db8::11/64 dev eth0",
            nodes[0]
        ));
        wait_until_reached();

        assert_eq!(converge(&mut *target, &[]).await, []);
        assert!(!reaches(POD_V4) && !reaches(POD_V6));
    });
}

/// The first packets may have to wait for the neighbours to be found.
fn wait_until_reached() {
    for _ in 0..20 {
        if reaches(POD_V4) && reaches(POD_V6) {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the pod does not answer: {:#?}", ip("route show table all"));
}
