//! A routing table of the Linux kernel, by rtnetlink: for HAProxy, NGINX,
//! Envoy or IPVS on a host outside the cluster.
//!
//! The kernel has one number to tell who made a route, the routing protocol.
//! A route is ours exactly when it carries the number of `--protocol`; the
//! owner's name does not leave podroute. Other tables are never looked at: a
//! second podroute on the host has the same number, for another cluster.

mod device;
mod form;
mod options;
mod reading;
mod refusal;
mod route;
mod rules;
mod session;
mod watch;
mod writing;

use async_trait::async_trait;
use rtnetlink::packet_route::route::RouteHeader;

use self::form::Form;
pub use self::options::Options;
use self::options::{Place, Settings};
use self::rules::{FAMILIES, Lookup, Missing};
use self::session::Session;
use self::watch::Watch;
use super::{Changes, Error, Observed, Table, Target, Written};

const MAIN: u32 = RouteHeader::RT_TABLE_MAIN as u32;

/// The target.
struct Linux {
    name: String,
    place: Place,
    settings: Settings,
    /// None before the first read, and after an error: what failed is opened
    /// anew.
    open: Option<Open>,
}

/// The sockets, and the table that they are for.
struct Open {
    session: Session,
    watch: Watch,
    table: u32,
}

impl Linux {
    fn new(place: Place, settings: Settings) -> Self {
        Self {
            name: match &place {
                Place::Table(MAIN) => "linux table main".to_owned(),
                Place::Table(number) => format!("linux table {number}"),
                Place::Vrf(name) => format!("linux vrf {name}"),
            },
            place,
            settings,
            open: None,
        }
    }

    /// The sockets, listening for the table as it is numbered now.
    async fn attach(&mut self) -> Result<Open, Error> {
        let (session, watch) = match self.open.take() {
            Some(open) => (open.session, Some((open.table, open.watch))),
            None => (Session::open()?, None),
        };
        let table = match &self.place {
            Place::Table(number) => *number,
            Place::Vrf(name) => device::vrf_table(&session, name).await?,
        };
        let watch = match watch {
            Some((number, watch)) if number == table && watch.is_open() => watch,
            _ => Watch::open(table, session.port)?,
        };
        Ok(Open {
            session,
            watch,
            table,
        })
    }

    async fn form(&self, open: &Open) -> Result<Form, Error> {
        let device = match &self.settings.device {
            Some(name) => Some(device::index(&open.session, name).await?),
            None => None,
        };
        Ok(Form {
            table: open.table,
            protocol: self.settings.protocol,
            metric: self.settings.metric,
            device,
            onlink: self.settings.onlink,
        })
    }

    fn lookup(&self, open: &Open) -> Lookup {
        Lookup {
            table: open.table,
            protocol: self.settings.protocol,
            priority: self.settings.rule_priority,
            missing: match self.place {
                // The kernel's own rule leads to the tables of VRFs.
                Place::Vrf(_) => Missing::Ignore,
                Place::Table(_) => self.settings.missing_rule,
            },
        }
    }

    async fn look(&self, open: &Open) -> Result<Table, Error> {
        open.watch.forget();
        let form = self.form(open).await?;
        let routes = reading::table(&open.session, open.table).await?;
        let ours: Vec<_> = routes
            .iter()
            .map(|(_, route)| route)
            .filter(|route| form.is_ours(route))
            .collect();
        let mut table = Table {
            // Made under other settings, though the next hop may be right.
            stale: ours
                .iter()
                .any(|route| route.next_hop().is_some() && !form.fits(route)),
            ..Table::default()
        };
        let lookup = self.lookup(open);
        for family in FAMILIES {
            let used = ours.iter().any(|route| family.has(route.key.prefix));
            let todo = lookup.check(&open.session, family, used).await?;
            table.stale |= todo.is_open();
            table.notes.extend(lookup.note(family, &todo));
        }
        table.routes = routes
            .iter()
            .map(|(id, route)| Observed {
                id: id.clone(),
                prefix: route.key.prefix.to_string(),
                next_hop: route.next_hop().map(|address| address.to_string()),
                owner: form.is_ours(route).then(|| self.settings.owner.clone()),
            })
            .collect();
        Ok(table)
    }

    async fn change(&self, open: &Open, changes: &Changes) -> Result<Written, Error> {
        let form = self.form(open).await?;
        let written = writing::write(&open.session, form, changes).await?;
        let lookup = self.lookup(open);
        for family in FAMILIES {
            let used = changes.all.iter().any(|route| family.has(route.prefix));
            let todo = lookup.check(&open.session, family, used).await?;
            lookup.settle(&open.session, family, todo).await?;
        }
        Ok(written)
    }
}

#[async_trait]
impl Target for Linux {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&mut self) -> Result<Table, Error> {
        let open = self.attach().await?;
        let table = self.look(&open).await?;
        self.open = Some(open);
        Ok(table)
    }

    async fn write(&mut self, changes: &Changes) -> Result<Written, Error> {
        let open = self.attach().await?;
        let written = self.change(&open, changes).await?;
        self.open = Some(open);
        Ok(written)
    }

    async fn disturbed(&mut self) {
        match &self.open {
            Some(open) => open.watch.disturbed().await,
            None => std::future::pending().await,
        }
    }
}
