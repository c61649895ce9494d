//! What routes of ours look like in the kernel.

use std::net::IpAddr;

use ipnet::IpNet;
use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::route::{
    RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};

use super::route::{Key, Route};
use crate::targets::Wanted;

/// What the kernel makes of metric 0 in IPv6.
const IPV6_METRIC: u32 = 1024;

/// Where routes go and what they have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) table: u32,
    pub(super) protocol: u8,
    pub(super) metric: u32,
    pub(super) device: Option<u32>,
    pub(super) onlink: bool,
}

impl Form {
    pub(super) fn is_ours(&self, route: &Route) -> bool {
        route.protocol == self.protocol
    }

    /// The key of our route to a prefix.
    pub(super) fn key(&self, prefix: IpNet) -> Key {
        let metric = match (prefix, self.metric) {
            (IpNet::V6(_), 0) => IPV6_METRIC,
            (_, metric) => metric,
        };
        Key {
            prefix,
            source: None,
            tos: 0,
            metric,
        }
    }

    /// Whether a route is one of ours as they are made now, whatever its next
    /// hop.
    pub(super) fn fits(&self, route: &Route) -> bool {
        self.is_ours(route)
            && route.key == self.key(route.key.prefix)
            && route.next_hop().is_some()
            && (self.device.is_none() || route.hops.iter().all(|hop| hop.device == self.device))
    }

    /// Whether a route is what is wanted.
    pub(super) fn is(&self, route: &Route, wanted: &Wanted) -> bool {
        self.fits(route)
            && route.key.prefix == wanted.prefix
            && route.next_hop() == Some(wanted.next_hop)
    }

    /// The route that is wanted.
    pub(super) fn route(&self, wanted: &Wanted) -> RouteMessage {
        let key = self.key(wanted.prefix);
        let mut message = RouteMessage::default();
        message.header = RouteHeader {
            address_family: match wanted.next_hop {
                IpAddr::V4(_) => AddressFamily::Inet,
                IpAddr::V6(_) => AddressFamily::Inet6,
            },
            destination_prefix_length: wanted.prefix.prefix_len(),
            // A number that does not fit stands in the attribute only.
            table: u8::try_from(self.table).unwrap_or(RouteHeader::RT_TABLE_UNSPEC),
            protocol: RouteProtocol::from(self.protocol),
            scope: RouteScope::Universe,
            kind: RouteType::Unicast,
            flags: if self.onlink {
                RouteFlags::Onlink
            } else {
                RouteFlags::empty()
            },
            ..RouteHeader::default()
        };
        message.attributes = vec![
            RouteAttribute::Destination(wanted.prefix.network().into()),
            RouteAttribute::Gateway(wanted.next_hop.into()),
            RouteAttribute::Table(self.table),
            RouteAttribute::Priority(key.metric),
        ];
        message
            .attributes
            .extend(self.device.map(RouteAttribute::Oif));
        message
    }
}
