//! Policy rules (`ip rule`): without one, nobody looks into a table of its
//! own.

use ipnet::IpNet;
use rtnetlink::packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use rtnetlink::packet_route::route::RouteProtocol;
use rtnetlink::packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use rtnetlink::packet_route::{AddressFamily, RouteNetlinkMessage};

use super::MAIN;
use super::session::{Session, Trouble};
use crate::targets::Error;

/// What rules have to do with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) table: u32,
    /// The mark of our own rules.
    pub(super) protocol: u8,
    pub(super) priority: u32,
    pub(super) missing: Missing,
}

/// What happens when no rule leads to a table with routes of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// A person is told.
    Tell,
    /// podroute adds one.
    Add,
    Ignore,
}

/// What has to be done about the rules of one family.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Todo {
    add: bool,
    delete: Vec<RuleMessage>,
    /// A rule is missing that somebody else has to add.
    missing: bool,
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

pub(super) const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

impl Family {
    pub(super) fn has(self, prefix: IpNet) -> bool {
        match prefix {
            IpNet::V4(_) => self == Self::V4,
            IpNet::V6(_) => self == Self::V6,
        }
    }

    pub(super) fn number(self) -> AddressFamily {
        match self {
            Self::V4 => AddressFamily::Inet,
            Self::V6 => AddressFamily::Inet6,
        }
    }
}

impl Lookup {
    /// What has to be done, in a table with or without routes of ours.
    pub(super) async fn check(
        &self,
        session: &Session,
        family: Family,
        routes: bool,
    ) -> Result<Todo, Error> {
        let mut request = RuleMessage::default();
        request.header.family = family.number();
        let rules = session
            .dump(RouteNetlinkMessage::GetRule(request))
            .await
            .map_err(|trouble| trouble.while_doing("read the policy rules (ip rule)"))?;
        let rules: Vec<RuleMessage> = rules
            .into_iter()
            .filter_map(|message| match message {
                // A kernel without IPv6 answers with the rules of IPv4.
                RouteNetlinkMessage::NewRule(rule) if rule.header.family == family.number() => {
                    Some(rule)
                }
                _ => None,
            })
            .collect();
        Ok(self.judge(&rules, routes))
    }

    fn judge(&self, rules: &[RuleMessage], routes: bool) -> Todo {
        let leading: Vec<&RuleMessage> = rules
            .iter()
            .filter(|rule| leads_to(rule, self.table))
            .collect();
        let (ours, others): (Vec<&RuleMessage>, Vec<&RuleMessage>) =
            leading.iter().partition(|rule| self.is_ours(rule));
        if !routes {
            return Todo {
                delete: ours.into_iter().cloned().collect(),
                ..Todo::default()
            };
        }
        // Behind the rule for the main table, packets do not get this far if
        // that has a default route.
        let main = rules
            .iter()
            .filter(|rule| leads_to(rule, MAIN) && takes_everything(rule))
            .map(priority)
            .min()
            .unwrap_or(u32::MAX);
        let in_time = |rule: &&RuleMessage| priority(rule) <= main;
        match self.missing {
            Missing::Ignore => Todo::default(),
            Missing::Tell => Todo {
                missing: !leading.iter().any(in_time),
                ..Todo::default()
            },
            Missing::Add => {
                let (right, wrong): (Vec<&RuleMessage>, Vec<&RuleMessage>) = ours
                    .iter()
                    .partition(|rule| priority(rule) == self.priority);
                Todo {
                    add: right.is_empty() && !others.iter().any(in_time),
                    delete: wrong.into_iter().cloned().collect(),
                    missing: false,
                }
            }
        }
    }

    /// A sentence for a person, if it is a person's business.
    pub(super) fn note(&self, family: Family, todo: &Todo) -> Option<String> {
        let (name, option) = match family {
            Family::V4 => ("IPv4", ""),
            Family::V6 => ("IPv6", "-6 "),
        };
        let Self {
            table, priority, ..
        } = self;
        todo.missing.then(|| {
            format!(
                "no policy rule before that of the main table leads {name} packets to table {table}, so its routes are not used; run: ip {option}rule add priority {priority} lookup {table} (and make it last over a restart), or start podroute with --manage-rule"
            )
        })
    }

    /// Adds and deletes rules; the new before the old.
    pub(super) async fn settle(
        &self,
        session: &Session,
        family: Family,
        todo: Todo,
    ) -> Result<(), Error> {
        if todo.add {
            let request = RouteNetlinkMessage::NewRule(self.rule(family, self.priority));
            match session.change(request, NLM_F_CREATE | NLM_F_EXCL).await {
                Err(Trouble::Refused(refusal)) if refusal.is_taken() => {}
                answer => answer.map_err(|trouble| {
                    trouble.while_doing(&format!("add a policy rule for table {}", self.table))
                })?,
            }
        }
        for rule in todo.delete {
            let request = RouteNetlinkMessage::DelRule(self.rule(family, priority(&rule)));
            match session.change(request, 0).await {
                Err(Trouble::Refused(refusal)) if refusal.is_missing() => {}
                answer => answer.map_err(|trouble| {
                    trouble.while_doing(&format!("delete a policy rule for table {}", self.table))
                })?,
            }
        }
        Ok(())
    }

    /// Our rule. As a request to delete, it fits no rule of anybody else.
    fn rule(&self, family: Family, priority: u32) -> RuleMessage {
        let mut rule = RuleMessage::default();
        rule.header.family = family.number();
        rule.header.action = RuleAction::ToTable;
        rule.attributes = vec![
            RuleAttribute::Priority(priority),
            RuleAttribute::Table(self.table),
            RuleAttribute::Protocol(RouteProtocol::from(self.protocol)),
        ];
        rule
    }

    fn is_ours(&self, rule: &RuleMessage) -> bool {
        rule.attributes.iter().any(|attribute| {
            matches!(attribute, RuleAttribute::Protocol(protocol) if u8::from(*protocol) == self.protocol)
        })
    }
}

impl Todo {
    /// Whether podroute has something to do.
    pub(super) fn is_open(&self) -> bool {
        self.add || !self.delete.is_empty()
    }
}

fn leads_to(rule: &RuleMessage, number: u32) -> bool {
    rule.header.action == RuleAction::ToTable && table(rule) == number
}

/// Whether no packet gets past a rule for want of a mark, an address or the
/// like.
fn takes_everything(rule: &RuleMessage) -> bool {
    // What the kernel says where nothing is suppressed.
    const NOTHING: u32 = u32::MAX;
    let header = &rule.header;
    header.dst_len == 0
        && header.src_len == 0
        && header.tos == 0
        && rule.attributes.iter().all(|attribute| {
            matches!(
                attribute,
                RuleAttribute::Priority(_)
                    | RuleAttribute::Table(_)
                    | RuleAttribute::Protocol(_)
                    | RuleAttribute::SuppressPrefixLen(NOTHING)
                    | RuleAttribute::SuppressIfGroup(NOTHING)
            )
        })
}

/// The table that a rule leads to.
pub(super) fn table(rule: &RuleMessage) -> u32 {
    rule.attributes
        .iter()
        .find_map(|attribute| match attribute {
            RuleAttribute::Table(number) => Some(*number),
            _ => None,
        })
        .unwrap_or_else(|| u32::from(rule.header.table))
}

/// The kernel leaves out priority 0.
fn priority(rule: &RuleMessage) -> u32 {
    rule.attributes
        .iter()
        .find_map(|attribute| match attribute {
            RuleAttribute::Priority(number) => Some(*number),
            _ => None,
        })
        .unwrap_or(0)
}
