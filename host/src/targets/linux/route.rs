//! A route as the kernel has it.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteMessage, RouteProtocol, RouteType, RouteVia,
};

/// A route of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) table: u32,
    pub(super) protocol: u8,
    pub(super) key: Key,
    kind: RouteType,
    pub(super) hops: Vec<Hop>,
    /// The number of the nexthop object that the hops come from.
    object: Option<u32>,
    message: RouteMessage,
}

/// What the kernel looks for when it is asked to add or to replace a route:
/// `NLM_F_EXCL` allows one route of a key, whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) prefix: IpNet,
    /// Packets from there only; IPv6 knows this.
    pub(super) source: Option<IpNet>,
    /// Packets with this type of service only; IPv4 knows this.
    pub(super) tos: u8,
    pub(super) metric: u32,
}

/// One way that packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) gateway: Option<IpAddr>,
    pub(super) device: Option<u32>,
}

impl Route {
    /// None for what is no route of a table: cached paths, other families.
    pub(super) fn of(message: RouteMessage) -> Option<Self> {
        let header = &message.header;
        if header.flags.contains(RouteFlags::Cloned) {
            return None;
        }
        let family = header.address_family;
        let mut prefix = net(family, None, header.destination_prefix_length)?;
        let mut source = net(family, None, header.source_prefix_length)?;
        let (mut table, mut metric) = (u32::from(header.table), 0);
        let (mut object, mut several) = (None, None);
        for attribute in &message.attributes {
            match attribute {
                RouteAttribute::Destination(address) => {
                    prefix = net(family, Some(address), header.destination_prefix_length)?;
                }
                RouteAttribute::Source(address) => {
                    source = net(family, Some(address), header.source_prefix_length)?;
                }
                RouteAttribute::Table(number) => table = *number,
                RouteAttribute::Priority(number) => metric = *number,
                RouteAttribute::NhId(number) => object = Some(*number),
                RouteAttribute::MultiPath(hops) => several = Some(hops),
                _ => {}
            }
        }
        let hops = match several {
            Some(hops) => hops
                .iter()
                .map(|hop| Hop::of(&hop.attributes, Some(hop.interface_index)))
                .collect(),
            None => vec![Hop::of(&message.attributes, None)],
        };
        Some(Self {
            table,
            protocol: header.protocol.into(),
            key: Key {
                prefix,
                source: Some(source).filter(|source| source.prefix_len() > 0),
                tos: header.tos,
                metric,
            },
            kind: header.kind,
            hops,
            object,
            message,
        })
    }

    /// The address that every packet goes to; None where there is no such
    /// address, or more than one.
    pub(super) fn next_hop(&self) -> Option<IpAddr> {
        match *self.hops {
            [hop] if self.kind == RouteType::Unicast => hop.gateway,
            _ => None,
        }
    }

    /// What deletes this route and no other.
    pub(super) fn deletion(&self) -> RouteMessage {
        let mut message = self.message.clone();
        message.header.flags = RouteFlags::empty();
        // With a nexthop object, the kernel takes no hops besides.
        let by_hop = self.object.is_none();
        message.attributes.retain(|attribute| match attribute {
            RouteAttribute::Destination(_)
            | RouteAttribute::Source(_)
            | RouteAttribute::Table(_)
            | RouteAttribute::Priority(_)
            | RouteAttribute::PrefSource(_)
            | RouteAttribute::NhId(_) => true,
            RouteAttribute::Gateway(_)
            | RouteAttribute::Via(_)
            | RouteAttribute::Oif(_)
            | RouteAttribute::MultiPath(_) => by_hop,
            _ => false,
        });
        message
    }

    /// Whose it is, as far as the kernel knows.
    pub(super) fn holder(&self) -> String {
        let protocol = match RouteProtocol::from(self.protocol) {
            RouteProtocol::Other(number) => format!("protocol {number}"),
            known => format!("protocol {} ({known})", self.protocol),
        };
        format!("{self}, {protocol}")
    }
}

/// The way that the route goes, without its mark and metric.
impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key {
            prefix,
            source,
            tos,
            metric,
        } = &self.key;
        match self.kind {
            RouteType::Unicast => write!(formatter, "{prefix}")?,
            kind => write!(formatter, "{} {prefix}", word(kind))?,
        }
        if let Some(source) = source {
            write!(formatter, " from {source}")?;
        }
        if *tos != 0 {
            write!(formatter, " tos {tos:#04x}")?;
        }
        for hop in &self.hops {
            if let Some(gateway) = hop.gateway {
                write!(formatter, " via {gateway}")?;
            }
            if let Some(device) = hop.device {
                write!(formatter, " interface {device}")?;
            }
        }
        write!(formatter, " metric {metric}")
    }
}

impl Hop {
    fn of(attributes: &[RouteAttribute], device: Option<u32>) -> Self {
        let mut hop = Self {
            gateway: None,
            device,
        };
        for attribute in attributes {
            match attribute {
                RouteAttribute::Gateway(address) => hop.gateway = ip(address),
                RouteAttribute::Via(RouteVia::Inet(address)) => {
                    hop.gateway = Some((*address).into());
                }
                RouteAttribute::Via(RouteVia::Inet6(address)) => {
                    hop.gateway = Some((*address).into());
                }
                RouteAttribute::Oif(index) => hop.device = Some(*index),
                _ => {}
            }
        }
        hop
    }
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(address) => Some((*address).into()),
        RouteAddress::Inet6(address) => Some((*address).into()),
        _ => None,
    }
}

/// The kernel leaves out an address of all zeros.
fn net(family: AddressFamily, address: Option<&RouteAddress>, length: u8) -> Option<IpNet> {
    match (address, family) {
        (Some(address), _) => IpNet::new(ip(address)?, length).ok(),
        (None, AddressFamily::Inet) => Ipv4Net::new([0; 4].into(), length).ok().map(IpNet::V4),
        (None, AddressFamily::Inet6) => Ipv6Net::new([0; 16].into(), length).ok().map(IpNet::V6),
        _ => None,
    }
}

/// What `ip route` calls a type.
fn word(kind: RouteType) -> String {
    match kind {
        RouteType::Other(number) => format!("type-{number}"),
        known => format!("{known:?}").to_lowercase(),
    }
}
