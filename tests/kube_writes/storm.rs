//! Leader election through faults that come and go at random: never do two
//! lead, and when all is well again somebody does.

use podroute::daemon::leader::CONFIRM;
use serde_json::json;
use tokio::time::sleep;

use crate::replica::{LEASE, Replica, SECOND};
use crate::simulator::{ApiServer, Network};

/// Three replicas through ten minutes of faults that come and go at random.
#[tokio::test(start_paused = true)]
async fn never_two_lead_whatever_the_network_does() {
    let mut elections = 0;
    for seed in 1..=20 {
        let mut storm = Storm::start(seed);
        let mut leader = None;
        for tenth in 0..6_000 {
            if tenth % 40 == 0 {
                storm.strike().await;
            }
            sleep(SECOND / 10).await;
            let leaders = storm.leaders();
            assert!(leaders.len() <= 1, "seed {seed}, {tenth}: {leaders:?}");
            if let [now] = leaders[..] {
                elections += usize::from(leader.replace(now) != Some(now));
            }
        }

        let last = storm.calm();
        assert!(last.elected().await <= 20 * SECOND, "seed {seed}");
    }
    assert!(elections >= 100, "{elections}");
}

struct Storm {
    random: Random,
    server: ApiServer,
    replicas: [Replica; 3],
}

impl Storm {
    const NAMES: [&str; 3] = ["a", "b", "c"];

    fn start(seed: u64) -> Self {
        let server = ApiServer::start();
        Self {
            random: Random(seed),
            replicas: Self::NAMES.map(|name| Replica::start(&server, name)),
            server,
        }
    }

    fn leaders(&self) -> Vec<&'static str> {
        let replicas = Self::NAMES.into_iter().zip(&self.replicas);
        let leaders = replicas.filter(|(_, replica)| replica.leads());
        leaders.map(|(name, _)| name).collect()
    }

    /// Something happens to one of the replicas.
    async fn strike(&mut self) {
        let chosen = self.random.below(3);
        let (name, replica) = (Self::NAMES[chosen], &mut self.replicas[chosen]);
        match self.random.below(8) {
            0 => {
                replica.crash();
                *replica = Replica::start(&self.server, name);
            }
            1 => {
                // It may fail: then the others wait.
                let _ = replica.leadership.release().await;
                *replica = Replica::start(&self.server, name);
            }
            2 if self.server.get(LEASE).is_some() => self.server.edit(LEASE, |lease| {
                let token = self.random.below(1000).to_string();
                lease["metadata"]["annotations"] = json!({CONFIRM: token});
            }),
            network => {
                let networks = [
                    Network::Fine,
                    Network::Fine,
                    Network::Silent,
                    Network::Deaf,
                    Network::Slow,
                    Network::Unavailable,
                ];
                let now = networks[(network + self.random.below(6)) % 6];
                self.server.set_network(name, now);
            }
        }
    }

    /// All is well again, and all replicas but a new one are gone.
    fn calm(self) -> Replica {
        for replica in &self.replicas {
            replica.crash();
        }
        Replica::start(&self.server, "d")
    }
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }
}
