//! What `ip -json route show` prints. The kernel has one number to tell who
//! made a route, the routing protocol; `ip` prints its name where it knows
//! one.

use std::collections::HashMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::policy::ObservedRoute;

/// A routing protocol, by number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol(String);

/// The protocols that the kernel uses itself, and that mark what people make
/// by hand. `static` would be number 4.
const NOT_OURS: [&str; 10] = [
    "0", "1", "2", "3", "4", "unspec", "redirect", "kernel", "boot", "static",
];

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || NOT_OURS.contains(&text) {
            return Err(
                "0 to 4 (kernel, boot, static, ...) mark the routes of the kernel itself and those made by hand; give the number or name that marks podroute's"
                    .to_owned(),
            );
        }
        Ok(Self(text.to_owned()))
    }
}

/// A route as `ip` prints it, as far as it matters.
#[derive(Deserialize)]
struct Printed {
    dst: String,
    /// None for `unicast`.
    #[serde(rename = "type")]
    kind: Option<String>,
    gateway: Option<String>,
    via: Option<Via>,
    dev: Option<String>,
    protocol: Option<Number>,
    metric: Option<u32>,
    table: Option<Number>,
    #[serde(default)]
    nexthops: Vec<Hop>,
    #[serde(default)]
    flags: Vec<String>,
}

/// A next hop of the other family.
#[derive(Deserialize)]
struct Via {
    host: String,
}

#[derive(Deserialize)]
struct Hop {
    gateway: Option<String>,
    via: Option<Via>,
}

/// Names are texts, and so are numbers, but for some versions of `ip`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Text(String),
    Number(u32),
}

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// The routes in a text: one array, or several after each other, such as one
/// for each family.
pub(super) fn parse(
    text: &str,
    protocol: &Protocol,
    owner: &str,
) -> Result<Vec<ObservedRoute>, String> {
    let lists = serde_json::Deserializer::from_str(text).into_iter::<Vec<Printed>>();
    let mut routes = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut is_empty = true;
    for list in lists {
        is_empty = false;
        let list = list.map_err(|error| {
            format!("is not what ip -json route show prints: {error}; make it anew with: ip -json route show table all")
        })?;
        for route in list.iter().filter(|route| route.is_of_a_table()) {
            let mut observed = route.observed(protocol, owner);
            let count = seen.entry(observed.id.clone()).or_default();
            *count += 1;
            if *count > 1 {
                observed.id = format!("{} #{count}", observed.id);
            }
            routes.push(observed);
        }
    }
    if is_empty {
        return Err(
            "is empty; for a table without routes ip -json route show prints []".to_owned(),
        );
    }
    Ok(routes)
}

impl Printed {
    /// The kernel's tables of its own addresses, and copies that it keeps for
    /// a while, are no routes of anybody.
    fn is_of_a_table(&self) -> bool {
        let is_local = matches!(
            self.table.as_ref().map(Number::text).as_deref(),
            Some("local" | "255")
        );
        let is_own = matches!(
            self.kind.as_deref(),
            Some("local" | "broadcast" | "anycast" | "multicast")
        );
        !is_local && !is_own && !self.flags.iter().any(|flag| flag == "cloned")
    }

    /// The address that every packet goes to; None where there is no such
    /// address, or more than one.
    fn next_hop(&self) -> Option<String> {
        if self.kind.as_deref().is_some_and(|kind| kind != "unicast") {
            return None;
        }
        let of = |gateway: &Option<String>, via: &Option<Via>| {
            let via = via.as_ref().map(|via| via.host.clone());
            gateway.clone().or(via)
        };
        match self.nexthops.as_slice() {
            [] => of(&self.gateway, &self.via),
            [hop] => of(&hop.gateway, &hop.via),
            _ => None,
        }
    }

    /// `ip` leaves the length of one address out, and has a word for all.
    fn prefix(&self) -> String {
        let gateway = self.next_hop().unwrap_or_default();
        match self.dst.as_str() {
            "default" if gateway.contains(':') => "::/0".to_owned(),
            "default" => "0.0.0.0/0".to_owned(),
            dst if dst.contains('/') => dst.to_owned(),
            dst if dst.contains(':') => format!("{dst}/128"),
            dst => format!("{dst}/32"),
        }
    }

    fn observed(&self, protocol: &Protocol, owner: &str) -> ObservedRoute {
        let made_by = self.protocol.as_ref().map(Number::text).unwrap_or_default();
        let (prefix, next_hop) = (self.prefix(), self.next_hop());
        let mut id = match &self.kind {
            Some(kind) => format!("{kind} {prefix}"),
            None => prefix.clone(),
        };
        let parts = [
            ("via", next_hop.clone()),
            ("dev", self.dev.clone()),
            ("metric", self.metric.map(|metric| metric.to_string())),
            ("table", self.table.as_ref().map(Number::text)),
            ("protocol", Some(made_by.clone())),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                id = format!("{id} {name} {value}");
            }
        }
        ObservedRoute {
            id,
            prefix,
            next_hop,
            owner: (made_by == protocol.0).then(|| owner.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As iproute2 6.1 prints them.
    const V4: &str = r#"[{"dst":"default","gateway":"192.0.2.254","dev":"eth0","protocol":"dhcp","metric":100,"flags":[]},
        {"dst":"10.0.1.0/24","gateway":"192.0.2.1","dev":"eth0","protocol":"240","flags":[]},
        {"dst":"10.0.2.0/24","dev":"cilium_host","protocol":"kernel","scope":"link","prefsrc":"10.0.2.1","flags":[]},
        {"type":"blackhole","dst":"10.0.3.0/24","protocol":"240","flags":[]},
        {"dst":"10.0.4.0/24","protocol":"240","flags":[],"nexthops":[
            {"gateway":"192.0.2.4","dev":"eth0","weight":1,"flags":[]},
            {"gateway":"192.0.2.5","dev":"eth0","weight":1,"flags":[]}]},
        {"type":"local","dst":"192.0.2.9","dev":"eth0","table":"local","protocol":"kernel","flags":[]}]"#;
    const V6: &str = r#"[{"dst":"fd00:1::/64","gateway":"2001:db8::1","dev":"eth0","protocol":"240","metric":1024,"flags":[],"pref":"medium"},
        {"dst":"fd00:2::7","gateway":"2001:db8::1","dev":"eth0","protocol":"240","metric":1024,"flags":[],"pref":"medium"},
        {"dst":"default","gateway":"fe80::1","dev":"eth0","protocol":"ra","metric":1024,"flags":[],"pref":"medium"},
        {"dst":"10.0.5.0/24","via":{"family":"inet6","host":"2001:db8::1"},"dev":"eth0","protocol":"240","flags":[]}]"#;

    fn routes(text: &str) -> Vec<(String, Option<String>, bool)> {
        let protocol = "240".parse().unwrap();
        let routes = parse(text, &protocol, "shop").unwrap();
        let mut ids: Vec<&String> = routes.iter().map(|route| &route.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), routes.len(), "{ids:?}");
        routes
            .into_iter()
            .map(|route| {
                let ours = route.owner.as_deref() == Some("shop");
                assert_eq!(route.owner.is_some(), ours);
                (route.prefix, route.next_hop, ours)
            })
            .collect()
    }

    fn of(prefix: &str, next_hop: Option<&str>, ours: bool) -> (String, Option<String>, bool) {
        (prefix.to_owned(), next_hop.map(str::to_owned), ours)
    }

    #[test]
    fn ours_are_those_of_our_protocol() {
        assert_eq!(
            routes(V4),
            [
                of("0.0.0.0/0", Some("192.0.2.254"), false),
                of("10.0.1.0/24", Some("192.0.2.1"), true),
                of("10.0.2.0/24", None, false),
                of("10.0.3.0/24", None, true),
                of("10.0.4.0/24", None, true),
            ]
        );
    }

    #[test]
    fn both_families_may_stand_in_one_file() {
        let both = routes(&format!("{V4}\n{V6}"));
        assert_eq!(
            both[5..],
            [
                of("fd00:1::/64", Some("2001:db8::1"), true),
                of("fd00:2::7/128", Some("2001:db8::1"), true),
                of("::/0", Some("fe80::1"), false),
                of("10.0.5.0/24", Some("2001:db8::1"), true),
            ]
        );
        assert_eq!(routes("[]"), []);
    }

    #[test]
    fn two_routes_may_look_the_same() {
        let one = r#"{"dst":"10.0.1.0/24","gateway":"192.0.2.1","protocol":240,"flags":[]}"#;
        assert_eq!(routes(&format!("[{one},{one}]")).len(), 2);
    }

    #[test]
    fn what_is_no_list_of_routes_is_refused() {
        let protocol = "240".parse().unwrap();
        for text in ["", " ", "{}", "default via 192.0.2.1", "[{}]", "[] 7"] {
            assert!(parse(text, &protocol, "shop").is_err(), "{text}");
        }
        for not_ours in ["", "4", "static", "kernel"] {
            assert!(not_ours.parse::<Protocol>().is_err(), "{not_ours}");
        }
    }
}
