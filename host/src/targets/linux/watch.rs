//! The kernel's notices about what others change.

use std::sync::Arc;

use futures::{FutureExt, StreamExt};
use rtnetlink::MulticastGroup;
use rtnetlink::packet_core::{NetlinkMessage, NetlinkPayload};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::LinkFlags;
use rtnetlink::packet_route::route::{RouteAttribute, RouteMessage};
use rtnetlink::sys::AsyncSocket;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

use super::rules;
use crate::targets::Error;

/// What may change a table. Not the routes alone: with an interface or an
/// address, IPv4 routes go without a notice of their own.
const GROUPS: [MulticastGroup; 7] = [
    MulticastGroup::Link,
    MulticastGroup::Ipv4Ifaddr,
    MulticastGroup::Ipv6Ifaddr,
    MulticastGroup::Ipv4Route,
    MulticastGroup::Ipv6Route,
    MulticastGroup::Ipv4Rule,
    MulticastGroup::Ipv6Rule,
];

/// Room for the notices of some thousands of our own changes. The kernel
/// gives as much of it as net.core.rmem_max allows.
const BUFFER: i32 = 4 << 20;

/// Listens for changes that concern a table.
pub(super) struct Watch {
    disturbed: Arc<Notify>,
    listener: AbortHandle,
    _tasks: JoinSet<()>,
}

/// What a watch is interested in.
#[derive(Clone, Copy)]
struct Interest {
    table: u32,
    /// The socket of our own changes.
    own_port: u32,
}

impl Watch {
    pub(super) fn open(table: u32, own_port: u32) -> Result<Self, Error> {
        let (mut connection, _, mut notices) = rtnetlink::new_multicast_connection(&GROUPS)
            .map_err(|error| {
                Error::Unavailable(format!(
                    "cannot listen to the kernel's notices about routes: {error}"
                ))
            })?;
        if let Err(error) = connection.socket_mut().socket_mut().set_rx_buf_sz(BUFFER) {
            tracing::debug!(%error, "the buffer for the kernel's notices stays small");
        }
        let disturbed = Arc::new(Notify::new());
        let interest = Interest { table, own_port };
        let mut tasks = JoinSet::new();
        tasks.spawn(connection);
        let listener = tasks.spawn({
            let disturbed = Arc::clone(&disturbed);
            async move {
                while let Some((notice, _)) = notices.next().await {
                    if interest.concerns(&notice) {
                        disturbed.notify_one();
                    }
                }
                // From now on nobody would tell.
                disturbed.notify_one();
            }
        });
        Ok(Self {
            disturbed,
            listener,
            _tasks: tasks,
        })
    }

    pub(super) async fn disturbed(&self) {
        self.disturbed.notified().await;
    }

    /// Forgets what was noticed so far: the table is read after this.
    pub(super) fn forget(&self) {
        let _noticed = self.disturbed.notified().now_or_never();
    }

    /// Whether notices still come in.
    pub(super) fn is_open(&self) -> bool {
        !self.listener.is_finished()
    }
}

impl Interest {
    fn concerns(self, notice: &NetlinkMessage<RouteNetlinkMessage>) -> bool {
        let inner = match &notice.payload {
            NetlinkPayload::InnerMessage(inner) => inner,
            // Notices were lost; what they said is not known.
            NetlinkPayload::Overrun(_) => return true,
            _ => return false,
        };
        if notice.header.port_number == self.own_port {
            return false;
        }
        match inner {
            RouteNetlinkMessage::NewRoute(route) | RouteNetlinkMessage::DelRoute(route) => {
                table(route) == self.table
            }
            RouteNetlinkMessage::NewRule(rule) | RouteNetlinkMessage::DelRule(rule) => {
                rules::table(rule) == self.table
            }
            RouteNetlinkMessage::NewLink(link) => link.header.change_mask.contains(LinkFlags::Up),
            RouteNetlinkMessage::DelLink(_)
            | RouteNetlinkMessage::NewAddress(_)
            | RouteNetlinkMessage::DelAddress(_) => true,
            _ => false,
        }
    }
}

fn table(route: &RouteMessage) -> u32 {
    route
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            RouteAttribute::Table(number) => Some(*number),
            _ => None,
        })
        .unwrap_or_else(|| u32::from(route.header.table))
}
