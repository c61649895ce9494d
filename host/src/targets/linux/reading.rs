//! Which routes there are.

use std::collections::HashMap;

use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::route::{RouteAttribute, RouteHeader, RouteMessage};

use super::route::Route;
use super::rules::FAMILIES;
use super::session::{Session, Trouble};
use crate::targets::Error;

/// The routes of a table with the ids they are told apart by, in the order in
/// which the kernel tries those of one prefix.
pub(super) async fn table(session: &Session, number: u32) -> Result<Vec<(String, Route)>, Error> {
    let mut request = RouteMessage::default();
    if session.filters() {
        request.header.table = u8::try_from(number).unwrap_or(RouteHeader::RT_TABLE_UNSPEC);
        request.attributes = vec![RouteAttribute::Table(number)];
    }
    let mut routes = routes(session, request).await?;
    routes.retain(|route| route.table == number);
    Ok(with_ids(routes))
}

async fn routes(session: &Session, request: RouteMessage) -> Result<Vec<Route>, Error> {
    let mut routes = Vec::new();
    for family in FAMILIES {
        let mut request = request.clone();
        request.header.address_family = family.number();
        let answers = match session.dump(RouteNetlinkMessage::GetRoute(request)).await {
            // Nobody has put a route into the table yet.
            Err(Trouble::Refused(refusal)) if refusal.is_missing() => continue,
            answers => answers.map_err(|trouble| trouble.while_doing("read the routes"))?,
        };
        routes.extend(
            answers
                .into_iter()
                .filter_map(|message| match message {
                    RouteNetlinkMessage::NewRoute(route) => Route::of(route),
                    _ => None,
                })
                // A kernel without IPv6 answers with the routes of IPv4.
                .filter(|route| family.has(route.key.prefix)),
        );
    }
    Ok(routes)
}

/// Routes that differ in nothing that podroute looks at get a number.
fn with_ids(routes: Vec<Route>) -> Vec<(String, Route)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    routes
        .into_iter()
        .map(|route| {
            let id = format!("{route} protocol {}", route.protocol);
            let count = seen.entry(id.clone()).or_default();
            *count += 1;
            match *count {
                1 => (id, route),
                count => (format!("{id} #{count}"), route),
            }
        })
        .collect()
}
