//! Files of routes that podroute itself writes: `podroute.routes/v1`,
//! `podroute.report/v1`, and CSV with a header.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use crate::policy::ObservedRoute;
use crate::reported::schema_of;

#[derive(Deserialize)]
struct Document {
    routes: Vec<Route>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Route {
    prefix: String,
    next_hop: String,
}

/// All routes of the file are ours.
pub(super) fn parse(text: &str, owner: &str) -> Result<Vec<ObservedRoute>, String> {
    let routes = match schema_of(text).as_deref() {
        Some("podroute.routes/v1" | "podroute.report/v1") => json(text)?,
        Some(other) => {
            return Err(format!(
                "is a {other}, expected podroute.routes/v1, podroute.report/v1 or CSV"
            ));
        }
        None if text.trim_start().starts_with(['{', '[']) => {
            return Err(
                "is JSON, but has no `schema` podroute.routes/v1 or podroute.report/v1".to_owned(),
            );
        }
        None => csv(text)?,
    };
    let mut seen: HashMap<String, u32> = HashMap::new();
    Ok(routes
        .into_iter()
        .map(|route| {
            let count = seen.entry(route.prefix.clone()).or_default();
            *count += 1;
            ObservedRoute {
                id: format!("{} #{count}", route.prefix),
                prefix: route.prefix,
                next_hop: Some(route.next_hop),
                owner: Some(owner.to_owned()),
            }
        })
        .collect())
}

fn json(text: &str) -> Result<Vec<Route>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let reader = &mut serde_json::Deserializer::from_str(text);
    let document: Document = serde_path_to_error::deserialize(reader)
        .map_err(|error| format!("field {}: {}", error.path(), error.inner()))?;
    for (at, route) in document.routes.iter().enumerate() {
        check(route).map_err(|reason| format!("field routes[{at}]: {reason}"))?;
    }
    Ok(document.routes)
}

/// The columns go by their names in the header: `prefix` and `next_hop`,
/// whatever else there is.
fn csv(text: &str) -> Result<Vec<Route>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?;
    let column = |names: &[&str]| {
        let mut columns = header.iter();
        columns.position(|name| names.contains(&name.to_lowercase().as_str()))
    };
    let prefix = column(&["prefix"]);
    let next_hop = column(&["next_hop", "nexthop", "next hop", "next-hop"]);
    let (Some(prefix), Some(next_hop)) = (prefix, next_hop) else {
        return Err("line 1: no header with the columns prefix and next_hop".to_owned());
    };
    let mut routes = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let route = Route {
            prefix: field(prefix),
            next_hop: field(next_hop),
        };
        let line = record.position().map_or(0, csv::Position::line);
        check(&route).map_err(|reason| format!("line {line}: {reason}"))?;
        routes.push(route);
    }
    Ok(routes)
}

/// A file of routes has nothing else in it: what cannot be read would be
/// taken for a route that is not there.
fn check(route: &Route) -> Result<(), String> {
    if route.prefix.parse::<IpNet>().is_err() {
        return Err(format!("prefix `{}` is no CIDR", route.prefix));
    }
    if route.next_hop.parse::<IpAddr>().is_err() {
        return Err(format!("next hop `{}` is no IP address", route.next_hop));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(text: &str) -> Vec<String> {
        let routes = parse(text, "shop").unwrap();
        routes
            .into_iter()
            .map(|route| {
                assert_eq!(route.owner.as_deref(), Some("shop"));
                format!("{} via {}", route.prefix, route.next_hop.unwrap())
            })
            .collect()
    }

    #[test]
    fn reads_routes_in_all_forms() {
        let expected = ["10.0.1.0/24 via 192.0.2.1", "fd00:1::/64 via 2001:db8::1"];
        for text in [
            r#"{"schema":"podroute.routes/v1","routes":[{"prefix":"10.0.1.0/24","nextHop":"192.0.2.1","node":"a"},
                {"prefix":"fd00:1::/64","nextHop":"2001:db8::1","node":"a"}],"withheld":[],"undecided":[]}"#,
            "prefix,next_hop,node\n10.0.1.0/24,192.0.2.1,a\nfd00:1::/64,2001:db8::1,a\n",
            "\u{feff}node,nextHop,PREFIX\r\na,192.0.2.1,10.0.1.0/24\r\na, 2001:db8::1 ,fd00:1::/64\r\n",
            "# made by hand\nprefix,next_hop\n10.0.1.0/24,192.0.2.1\nfd00:1::/64,2001:db8::1",
        ] {
            assert_eq!(routes(text), expected, "{text}");
        }
        assert_eq!(routes("prefix,next_hop\n"), Vec::<String>::new());
    }

    #[test]
    fn one_prefix_may_be_there_twice() {
        let routes = parse(
            "prefix,next_hop\n10.0.1.0/24,192.0.2.1\n10.0.1.0/24,192.0.2.2\n",
            "shop",
        );
        let ids: Vec<String> = routes.unwrap().into_iter().map(|route| route.id).collect();
        assert_eq!(ids, ["10.0.1.0/24 #1", "10.0.1.0/24 #2"]);
    }

    #[test]
    fn what_is_no_list_of_routes_is_refused_with_its_place() {
        for (text, words) in [
            ("", "line 1: no header"),
            ("10.0.1.0/24,192.0.2.1\n", "line 1: no header"),
            ("prefix,next_hop\n10.0.1.0,192.0.2.1\n", "line 2: prefix"),
            ("prefix,next_hop\n10.0.1.0/24,\n", "line 2: next hop"),
            ("prefix,next_hop\n10.0.1.0/24\n", "record 1"),
            ("[]", "has no `schema`"),
            (r#"{"schema":"podroute.plan/v1"}"#, "is a podroute.plan/v1"),
            (
                r#"{"schema":"podroute.routes/v1","routes":[{"prefix":7}]}"#,
                "field routes[0].prefix",
            ),
            (
                r#"{"schema":"podroute.routes/v1","routes":[{"prefix":"x","nextHop":"192.0.2.1"}]}"#,
                "field routes[0]: prefix `x`",
            ),
        ] {
            let error = parse(text, "shop").unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
