//! Several writers of one VRF context.

use podroute::targets::{Changes, Error, Target, Wanted};

use crate::simulator::Controller;
use crate::{BY_HAND, PUT, UUID, one_add, read, route, target, vrf, wanted};

/// One cluster's daemon: reads, then makes true what it wants; again after a
/// conflict.
struct Cluster {
    name: &'static str,
    target: Box<dyn Target>,
    /// What it wants, one after the other.
    goals: Vec<Wanted>,
    done: usize,
    planned: Option<Changes>,
}

impl Cluster {
    fn new(controller: &Controller, name: &'static str, goals: Vec<Wanted>) -> Self {
        Self {
            name,
            target: target(controller),
            goals,
            done: 0,
            planned: None,
        }
    }

    async fn read(&mut self) {
        let table = read(&mut self.target).await;
        let goal = self.goals[self.done].clone();
        let mut changes = Changes {
            owner: self.name.to_owned(),
            ..Changes::default()
        };
        if table.routes.iter().any(|route| route.id == goal.id) {
            changes.updates.push(goal);
        } else {
            changes.adds.push(goal);
        }
        self.planned = Some(changes);
    }

    async fn write(&mut self) {
        let changes = self.planned.take().unwrap();
        match self.target.write(&changes).await {
            Ok(_) => self.done += 1,
            Err(Error::Conflict(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn finish(&mut self) {
        while self.done < self.goals.len() {
            self.read().await;
            self.write().await;
        }
    }
}

/// Every order in which two writers can take this many steps each: true is a
/// step of the first.
fn orders(first: usize, second: usize) -> Vec<Vec<bool>> {
    if first == 0 && second == 0 {
        return vec![vec![]];
    }
    let mut orders = Vec::new();
    for (mine, steps) in [(true, first), (false, second)] {
        if steps == 0 {
            continue;
        }
        let rest = if mine {
            self::orders(first - 1, second)
        } else {
            self::orders(first, second - 1)
        };
        for mut order in rest {
            order.insert(0, mine);
            orders.push(order);
        }
    }
    orders
}

#[tokio::test]
async fn two_clusters_lose_nothing_in_any_order() {
    // Names of which one is the beginning of the other.
    let goals = |id: &str, prefix: &str| {
        vec![
            wanted(id, prefix, "192.0.2.10"),
            wanted(id, prefix, "192.0.2.20"),
        ]
    };
    let orders = orders(4, 4);
    assert_eq!(orders.len(), 70);
    let controller = Controller::start();
    let mut conflicts = 0;
    for order in orders {
        controller.set_vrf(&vrf("global", UUID, &[BY_HAND]));
        let mut a = Cluster::new(&controller, "a", goals("a-1", "10.1.0.0/24"));
        let mut b = Cluster::new(&controller, "a-b", goals("a-b-1", "10.2.0.0/24"));

        let puts = controller.requests(PUT).len();
        for &mine in &order {
            let cluster = if mine { &mut a } else { &mut b };
            match cluster.planned {
                Some(_) => cluster.write().await,
                None => cluster.read().await,
            }
        }
        a.finish().await;
        b.finish().await;

        let mut routes = read(&mut a.target).await.routes;
        routes.sort();
        assert_eq!(
            routes,
            [
                crate::observed("1", "198.51.100.0/24", "192.0.2.1", None),
                crate::observed("a-1", "10.1.0.0/24", "192.0.2.20", Some("a")),
                crate::observed("a-b-1", "10.2.0.0/24", "192.0.2.20", Some("a-b")),
            ],
            "{order:?}"
        );
        assert!(controller.vrf("global").contains(BY_HAND), "{order:?}");
        conflicts += controller.requests(PUT).len() - puts - 4;
    }
    // Of two that read before either writes the second is turned away.
    assert!(conflicts > 0);
}

#[tokio::test]
async fn whoever_writes_second_reads_again() {
    let controller = crate::controller(&[]);
    let (changes, ours) = one_add();
    let mut target = target(&controller);
    read(&mut target).await;
    controller.set_vrf(&vrf("global", UUID, &[BY_HAND]));

    let Err(Error::Conflict(message)) = target.write(&changes).await else {
        panic!("no conflict");
    };
    assert!(message.contains("HTTP 412"), "{message}");
    assert!(!controller.vrf("global").contains(&ours));

    read(&mut target).await;
    target.write(&changes).await.unwrap();
    assert_eq!(
        controller.vrf("global"),
        vrf("global", UUID, &[BY_HAND, &ours])
    );
}

#[tokio::test]
async fn routes_of_clusters_with_similar_names_stay() {
    let others = [
        route("a-1", "10.1.0.0/24", "192.0.2.1", "a"),
        route("a-b-1", "10.2.0.0/24", "192.0.2.2", "a-b"),
        route("A-1", "10.3.0.0/24", "192.0.2.3", "A"),
    ];
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let controller = crate::controller(&others);
    let mut target = target(&controller);
    read(&mut target).await;

    let changes = Changes {
        owner: "a".to_owned(),
        deletes: vec![crate::observed(
            "a-1",
            "10.1.0.0/24",
            "192.0.2.1",
            Some("a"),
        )],
        ..Changes::default()
    };
    target.write(&changes).await.unwrap();

    assert_eq!(controller.vrf("global"), vrf("global", UUID, &others[1..]));
}
