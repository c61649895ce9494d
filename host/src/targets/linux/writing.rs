//! Making changes, so that no packet is without a route on the way and no
//! route of anybody else is touched.
//!
//! The kernel replaces whatever route has the key (prefix, type of service,
//! metric) of the new one, no matter who made it. So:
//!
//! - A new route is only ever added where there is none of its key.
//! - In IPv4, a route that changes gets its successor behind it, then goes
//!   itself. Packets take the first of a key, and a deletion names the
//!   protocol.
//! - In IPv6, two routes of one key would become one with two next hops. There
//!   the kernel replaces, after a look that only our route is there to be
//!   replaced.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;
use rtnetlink::packet_core::{NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use rtnetlink::packet_route::RouteNetlinkMessage;

use super::form::Form;
use super::reading;
use super::refusal::Refusal;
use super::route::{Key, Route};
use super::session::Session;
use crate::targets::{Changes, Error, Failure, Wanted, Written};

/// A route to be made.
struct Step<'a> {
    wanted: &'a Wanted,
    how: How,
    /// The one that goes when this is made.
    old: Option<&'a Route>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// Where there is none of its key.
    Alone,
    /// After those of its key.
    Behind,
    /// In place of the one of its key.
    Instead,
}

impl How {
    fn flags(self) -> u16 {
        match self {
            Self::Alone => NLM_F_CREATE | NLM_F_EXCL,
            Self::Behind => NLM_F_CREATE | NLM_F_APPEND,
            Self::Instead => NLM_F_REPLACE,
        }
    }
}

pub(super) async fn write(
    session: &Session,
    form: Form,
    changes: &Changes,
) -> Result<Written, Error> {
    let held = reading::table(session, form.table).await?;
    let mut written = Written::default();
    let steps = steps(form, &held, changes, &mut written.failed)?;
    let made = make(session, form, steps, &mut written.failed).await?;

    let held_by_id = by_id(&held);
    let mut going = made.replaced;
    for route in &changes.deletes {
        match held_by_id.get(route.id.as_str()) {
            Some(held) if form.is_ours(held) && !made.kept.contains(&route.id) => going.push(held),
            // Gone already, or needed after all.
            _ => {}
        }
    }
    delete(session, &going, &mut written.failed).await?;
    Ok(written)
}

/// What has to be made. Nothing is done yet, so this may still be refused.
fn steps<'a>(
    form: Form,
    held: &'a [(String, Route)],
    changes: &'a Changes,
    failed: &mut Vec<Failure>,
) -> Result<Vec<Step<'a>>, Error> {
    let by_id = by_id(held);
    let mut of_key: HashMap<Key, Vec<&Route>> = HashMap::new();
    for (_, route) in held {
        of_key.entry(route.key).or_default().push(route);
    }

    let mut steps: Vec<Step> = changes
        .adds
        .iter()
        .map(|wanted| Step {
            wanted,
            how: How::Alone,
            old: None,
        })
        .collect();

    let mut updates = Vec::new();
    for wanted in &changes.updates {
        let old = by_id
            .get(wanted.id.as_str())
            .filter(|route| form.is_ours(route))
            .ok_or_else(|| {
                Error::Conflict(format!(
                    "the route {} that was to be changed is gone: somebody else changed the table; it is read again",
                    wanted.id
                ))
            })?;
        updates.push((wanted, *old));
    }
    // Made under other settings, to the right next hop.
    updates.extend(changes.all.iter().filter_map(|wanted| {
        let old = by_id.get(wanted.id.as_str())?;
        (form.is_ours(old) && old.next_hop() == Some(wanted.next_hop)).then_some((wanted, *old))
    }));

    for (wanted, old) in updates {
        if form.is(old, wanted) {
            continue;
        }
        let key = form.key(wanted.prefix);
        let how = match wanted.next_hop {
            _ if old.key != key => How::Alone,
            IpAddr::V4(_) => How::Behind,
            IpAddr::V6(_) => How::Instead,
        };
        let together = of_key.get(&key).map(Vec::as_slice).unwrap_or_default();
        if how == How::Instead
            && let Some(reason) = irreplaceable(form, old, together)
        {
            failed.push(failure(wanted.prefix, reason));
            continue;
        }
        steps.push(Step {
            wanted,
            how,
            old: Some(old),
        });
    }
    Ok(steps)
}

/// Why the kernel might replace more than our route.
fn irreplaceable(form: Form, old: &Route, together: &[&Route]) -> Option<String> {
    if let Some(other) = together.iter().find(|route| **route != old) {
        return Some(format!(
            "another route has the same prefix and metric: {}; delete it, or choose another --table or --metric",
            other.holder()
        ));
    }
    (old.hops.len() > 1).then(|| {
        format!(
            "this route of several next hops may be somebody else's in part, which the kernel does not tell: {old}; delete it and podroute makes its own: ip -6 route del {} table {} metric {}",
            old.key.prefix, form.table, old.key.metric
        )
    })
}

/// What became of the steps.
struct Made<'a> {
    /// Routes whose successors are in place.
    replaced: Vec<&'a Route>,
    /// The ids of routes that turned out to be what was wanted.
    kept: HashSet<String>,
}

async fn make<'a>(
    session: &Session,
    form: Form,
    steps: Vec<Step<'a>>,
    failed: &mut Vec<Failure>,
) -> Result<Made<'a>, Error> {
    let requests = steps
        .iter()
        .map(|step| {
            let route = RouteNetlinkMessage::NewRoute(form.route(step.wanted));
            (route, step.how.flags())
        })
        .collect();
    let mut made = Made {
        replaced: Vec::new(),
        kept: HashSet::new(),
    };
    let mut taken = Vec::new();
    let answers = session.change_all(requests).await?;
    for (step, answer) in steps.into_iter().zip(answers) {
        match answer {
            Ok(()) => made.done(&step),
            Err(refusal) if refusal.is_taken() => taken.push((step, refusal)),
            Err(refusal) => {
                failed.push(failure(step.wanted.prefix, in_words(step.wanted, &refusal)));
            }
        }
    }
    if taken.is_empty() {
        return Ok(made);
    }
    let held = reading::table(session, form.table).await?;
    for (step, refusal) in taken {
        let right = held.iter().find(|(_, route)| form.is(route, step.wanted));
        if let Some((id, _)) = right {
            made.kept.insert(id.clone());
            made.done(&step);
            continue;
        }
        let key = form.key(step.wanted.prefix);
        let reason = match held.iter().find(|(_, route)| route.key == key) {
            Some((_, other)) => format!(
                "another route has the same prefix and metric: {}; delete it, or choose another --table or --metric",
                other.holder()
            ),
            None => in_words(step.wanted, &refusal),
        };
        failed.push(failure(step.wanted.prefix, reason));
    }
    Ok(made)
}

impl<'a> Made<'a> {
    fn done(&mut self, step: &Step<'a>) {
        if step.how != How::Instead {
            self.replaced.extend(step.old);
        }
    }
}

async fn delete(
    session: &Session,
    routes: &[&Route],
    failed: &mut Vec<Failure>,
) -> Result<(), Error> {
    let requests = routes
        .iter()
        .map(|route| (RouteNetlinkMessage::DelRoute(route.deletion()), 0))
        .collect();
    let answers = session.change_all(requests).await?;
    for (route, answer) in routes.iter().zip(answers) {
        match answer {
            Err(refusal) if !refusal.is_missing() => failed.push(failure(
                route.key.prefix,
                format!("the kernel does not delete the route {route}: {refusal}"),
            )),
            // Somebody else was faster.
            _ => {}
        }
    }
    Ok(())
}

fn by_id(held: &[(String, Route)]) -> HashMap<&str, &Route> {
    held.iter()
        .map(|(id, route)| (id.as_str(), route))
        .collect()
}

fn failure(prefix: IpNet, reason: String) -> Failure {
    Failure {
        prefix: prefix.to_string(),
        reason,
    }
}

/// Why the kernel did not make a route, with the next step.
fn in_words(wanted: &Wanted, refusal: &Refusal) -> String {
    let next_hop = wanted.next_hop;
    if refusal.is_unreachable() {
        format!(
            "next hop {next_hop} is not reachable on any connected network: give this host an address in the network of its nodes, or leave such nodes out (the kernel says {refusal})"
        )
    } else if refusal.is_down() {
        format!(
            "the interface towards next hop {next_hop} is down: bring it up with ip link set NAME up (the kernel says {refusal})"
        )
    } else {
        format!(
            "the kernel refuses next hop {next_hop}: {refusal}; see what it has for that address: ip route get {next_hop}"
        )
    }
}
