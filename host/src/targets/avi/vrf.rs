//! A VRF context: its static routes, and how changes get into them.

use std::collections::{BTreeMap, HashMap};

use ipnet::IpNet;
use serde_json::value::RawValue;

use super::object::{self, Fields};
use super::route;
use crate::targets::{Changes, Error, Observed};

const ROUTES: &str = "static_routes";

/// How many routes an error message names.
const NAMED: usize = 5;

/// A VRF context as the controller wrote it.
#[derive(Debug)]
pub(super) struct Vrf {
    fields: Fields,
    routes: Vec<Box<RawValue>>,
}

/// The static routes of an exported VRF context: the object itself, a list
/// that the API gave with one in it, or an array of one.
pub fn parse_vrf(text: &str) -> Result<Vec<Observed>, Error> {
    let refused = |message: String| {
        Error::Refused(format!(
            "no VRF context of an Avi Controller: {message}; export it with GET /api/vrfcontext?name=NAME"
        ))
    };
    let one = |mut results: Vec<Box<RawValue>>| match (results.pop(), results.len()) {
        (Some(vrf), 0) => Ok(vrf),
        (Some(_), others) => Err(refused(format!("{} of them, not one", others + 1))),
        (None, _) => Err(refused("an empty list".to_owned())),
    };
    let vrf = if text.trim_start().starts_with('[') {
        one(serde_json::from_str(text).map_err(|error| refused(error.to_string()))?)?
    } else {
        let fields: Fields =
            serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
        if fields.contains_key("results") {
            one(object::list(&fields, "results").map_err(refused)?)?
        } else {
            object::raw(&fields)?
        }
    };
    let vrf = Vrf::parse(vrf.get()).map_err(refused)?;
    // Any JSON object would do otherwise, and a wrong file look like a VRF
    // context without routes.
    if vrf.name().is_none() && !vrf.fields.contains_key(ROUTES) {
        return Err(refused(format!("neither `name` nor `{ROUTES}`")));
    }
    Ok(vrf.observed())
}

impl Vrf {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fields: Fields = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let routes = object::list(&fields, ROUTES)?;
        Ok(Self { fields, routes })
    }

    pub(super) fn name(&self) -> Option<String> {
        object::get(&self.fields, "name")
    }

    pub(super) fn uuid(&self) -> Option<String> {
        object::get(&self.fields, "uuid")
    }

    /// Whether the controller can tell that somebody else wrote in between.
    pub(super) fn is_versioned(&self) -> bool {
        self.fields.contains_key("_last_modified")
    }

    pub(super) fn observed(&self) -> Vec<Observed> {
        self.routes
            .iter()
            .map(|route| route::observe(route))
            .collect()
    }

    /// Makes the changes in this copy. Refuses any that would touch a route
    /// that is not as the plan took it to be, or that nobody has marked.
    pub(super) fn apply(&mut self, changes: &Changes) -> Result<(), Error> {
        let observed = self.observed();
        let positions: HashMap<&str, usize> = observed
            .iter()
            .enumerate()
            .map(|(position, route)| (route.id.as_str(), position))
            .collect();
        let find = |id: &str| {
            let found = positions.get(id).copied();
            found.and_then(|position| Some((position, observed.get(position)?)))
        };

        for wanted in &changes.updates {
            let Some((position, was)) = find(&wanted.id) else {
                return Err(moved(&wanted.id));
            };
            only_marked(was)?;
            if let Some(route) = self.routes.get_mut(position) {
                *route = route::update(route, wanted, &changes.owner)?;
            }
        }
        let mut gone = Vec::new();
        for delete in &changes.deletes {
            match find(&delete.id) {
                Some((position, was)) if was == delete => {
                    only_marked(was)?;
                    gone.push(position);
                }
                _ => return Err(moved(&delete.id)),
            }
        }
        gone.sort_unstable();
        let mut position = 0;
        self.routes.retain(|_| {
            let stays = gone.binary_search(&position).is_err();
            position += 1;
            stays
        });
        for wanted in &changes.adds {
            self.routes.push(route::create(wanted, &changes.owner)?);
        }
        let routes = object::raw(&self.routes)?;
        self.fields.insert(ROUTES.to_owned(), routes);
        Ok(())
    }

    /// What to send.
    pub(super) fn to_text(&self) -> Result<String, Error> {
        object::raw(&self.fields).map(|text| text.get().to_owned())
    }

    /// Whether the controller holds exactly those routes of this owner that
    /// were sent. The message says what is not so.
    pub(super) fn holds(&self, sent: &Self, owner: &str) -> Result<(), String> {
        let sent = sent.owned(owner);
        let held = self.owned(owner);
        let missing = differences(&sent, &held);
        let surplus = differences(&held, &sent);
        match (missing.as_str(), surplus.as_str()) {
            ("", "") => Ok(()),
            (missing, "") => Err(format!("it does not hold {missing}")),
            ("", surplus) => Err(format!("it still holds {surplus}")),
            (missing, surplus) => Err(format!("it does not hold {missing}; it holds {surplus}")),
        }
    }

    fn owned(&self, owner: &str) -> Routes {
        self.observed()
            .into_iter()
            .filter(|route| route.owner.as_deref() == Some(owner))
            .map(|route| {
                let next_hop = canonical_address(&route.next_hop.unwrap_or_default());
                (route.id, (canonical_prefix(&route.prefix), next_hop))
            })
            .collect()
    }
}

/// Routes by id: prefix and next hop, in the one way to write them.
type Routes = BTreeMap<String, (String, String)>;

/// What is in the first that the second has not, for people.
fn differences(first: &Routes, second: &Routes) -> String {
    let mut only_first = first
        .iter()
        .filter(|(id, route)| second.get(*id) != Some(*route))
        .map(|(id, (prefix, next_hop))| format!("{prefix} via {next_hop} ({id})"));
    let named: Vec<String> = only_first.by_ref().take(NAMED).collect();
    match only_first.count() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn canonical_prefix(text: &str) -> String {
    text.parse::<IpNet>()
        .map_or_else(|_| text.to_owned(), |prefix| prefix.trunc().to_string())
}

fn canonical_address(text: &str) -> String {
    text.parse::<std::net::IpAddr>()
        .map_or_else(|_| text.to_owned(), |address| address.to_string())
}

fn moved(id: &str) -> Error {
    Error::Conflict(format!(
        "static route {id} is not as it was when the plan was made; it is read again"
    ))
}

/// The last gate before somebody else's route.
fn only_marked(route: &Observed) -> Result<(), Error> {
    if route.owner.is_some() {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "static route {} carries no label {} and is not touched; remove it by hand if it is not needed",
        route.id,
        super::OWNER_LABEL
    )))
}
