//! One static route of a VRF context.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::value::RawValue;

use super::OWNER_LABEL;
use super::object::{self, Fields, Label};
use crate::targets::{Error, Observed, Wanted};

/// Reads a route, as far as it is one. What the controller may write there
/// that we do not expect is kept as text.
pub(super) fn observe(route: &RawValue) -> Observed {
    let Ok(fields) = serde_json::from_str::<Fields>(route.get()) else {
        return Observed {
            id: String::new(),
            prefix: route.get().to_owned(),
            next_hop: None,
            owner: None,
        };
    };
    Observed {
        id: text(&fields, "route_id").unwrap_or_default(),
        prefix: prefix(&fields),
        next_hop: object::get::<Fields>(&fields, "next_hop")
            .and_then(|next_hop| text(&next_hop, "addr")),
        owner: object::list(&fields, "labels")
            .ok()
            .and_then(|labels| object::owner(&labels)),
    }
}

/// A new route.
pub(super) fn create(wanted: &Wanted, owner: &str) -> Result<Box<RawValue>, Error> {
    object::raw(&StaticRoute {
        route_id: &wanted.id,
        prefix: Prefix {
            ip_addr: Address::new(wanted.prefix.addr()),
            mask: wanted.prefix.prefix_len(),
        },
        next_hop: Address::new(wanted.next_hop),
        labels: [owner_label(owner)],
    })
}

/// The same route with the wanted next hop and owner. Whatever else it has
/// stays, and so does what is right already.
pub(super) fn update(
    route: &RawValue,
    wanted: &Wanted,
    owner: &str,
) -> Result<Box<RawValue>, Error> {
    let observed = observe(route);
    let unreadable = |error: String| {
        Error::Refused(format!(
            "static route {}: {error}; mend it on the controller",
            wanted.id
        ))
    };
    let mut fields: Fields =
        serde_json::from_str(route.get()).map_err(|error| unreadable(error.to_string()))?;
    let next_hop: Option<IpAddr> = observed.next_hop.and_then(|text| text.parse().ok());
    if next_hop != Some(wanted.next_hop) {
        let next_hop = object::raw(&Address::new(wanted.next_hop))?;
        fields.insert("next_hop".to_owned(), next_hop);
    }
    if observed.owner.as_deref() != Some(owner) {
        let mut labels = object::list(&fields, "labels").map_err(unreadable)?;
        labels.retain(|label| !is_owner_label(label));
        labels.push(object::raw(&owner_label(owner))?);
        fields.insert("labels".to_owned(), object::raw(&labels)?);
    }
    object::raw(&fields)
}

fn prefix(fields: &Fields) -> String {
    let Some(value) = fields.get("prefix") else {
        return String::new();
    };
    let address = || {
        let prefix: Fields = serde_json::from_str(value.get()).ok()?;
        let address = text(&object::get(&prefix, "ip_addr")?, "addr")?;
        Some(match text(&prefix, "mask") {
            Some(mask) => format!("{address}/{mask}"),
            None => address,
        })
    };
    address().unwrap_or_else(|| value.get().to_owned())
}

/// A member's string; of anything else its JSON text.
fn text(fields: &Fields, key: &str) -> Option<String> {
    let value = fields.get(key)?.get();
    match serde_json::from_str::<Option<String>>(value) {
        Ok(text) => text,
        Err(_) => Some(value.to_owned()),
    }
}

fn is_owner_label(label: &RawValue) -> bool {
    serde_json::from_str::<Label>(label.get()).is_ok_and(|label| label.key == OWNER_LABEL)
}

fn owner_label(owner: &str) -> Label {
    Label {
        key: OWNER_LABEL.to_owned(),
        value: Some(owner.to_owned()),
    }
}

#[derive(Serialize)]
struct StaticRoute<'a> {
    route_id: &'a str,
    prefix: Prefix,
    next_hop: Address,
    labels: [Label; 1],
}

#[derive(Serialize)]
struct Prefix {
    ip_addr: Address,
    mask: u8,
}

#[derive(Serialize)]
struct Address {
    addr: IpAddr,
    #[serde(rename = "type")]
    family: &'static str,
}

impl Address {
    fn new(addr: IpAddr) -> Self {
        let family = match addr {
            IpAddr::V4(_) => "V4",
            IpAddr::V6(_) => "V6",
        };
        Self { addr, family }
    }
}
