//! The options of the target.

use clap::Args;

use super::rules::Missing;
use super::{Linux, MAIN};
use crate::targets::{Bound, Error};

/// A table that nothing else is known to use: above 255, where iproute2 and
/// most hand-made set-ups stay below, and none of those of strongSwan (220),
/// Tailscale (52), WireGuard (51820), Cilium (2004, 2005) or VRFs (1000 and
/// up, by habit).
const TABLE: u32 = 18_300;

/// Neither in iproute2's rt_protos nor used by a routing daemon (BIRD 12, FRR
/// 11 and 186 to 198, Calico 80, OVN 84, Open/R 99).
const PROTOCOL: &str = "183";

/// After the rules of VRFs (1000) and of VPNs (strongSwan 220, Tailscale
/// 5210), before that of the main table (32766).
const RULE_PRIORITY: &str = "18300";

/// Routes in a routing table of this Linux host.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Options {
    /// The routing table: a number, or main [default: 18300]
    ///
    /// A table of its own is used only where a policy rule (ip rule) leads to it: see
    /// --manage-rule.
    #[arg(long, value_name = "TABLE", value_parser = table, env = "PODROUTE_LINUX_TABLE",
          conflicts_with = "vrf_device")]
    table: Option<u32>,

    /// The VRF device whose table holds the routes
    #[arg(long, value_name = "NAME", value_parser = interface, env = "PODROUTE_LINUX_VRF_DEVICE")]
    vrf_device: Option<String>,

    /// The routing protocol number that marks podroute's routes: 5 to 255
    ///
    /// Every route in the table with this number is podroute's; no other program may use it
    /// there. Two podroutes on one host need two tables or two numbers.
    #[arg(long, value_name = "NUMBER", value_parser = protocol, default_value = PROTOCOL,
          env = "PODROUTE_LINUX_PROTOCOL")]
    protocol: u8,

    /// The metric of the routes [default: the kernel's: 0 for IPv4, 1024 for IPv6]
    #[arg(long, value_name = "NUMBER", env = "PODROUTE_LINUX_METRIC")]
    metric: Option<u32>,

    /// The interface that packets leave by [default: the one connected to the node's network]
    #[arg(long, value_name = "NAME", value_parser = interface, env = "PODROUTE_LINUX_DEVICE")]
    device: Option<String>,

    /// Take nodes as reachable on the interface, though it has no address in their network
    #[arg(long, requires = "device", env = "PODROUTE_LINUX_ONLINK")]
    onlink: bool,

    /// Keep a policy rule that leads to the table, as long as it holds routes of podroute
    ///
    /// One for each family of addresses, marked with the same protocol number. Where somebody
    /// else's rule leads to the table, none is added. Without this, podroute only says when a rule
    /// is missing.
    #[arg(
        long,
        conflicts_with = "vrf_device",
        env = "PODROUTE_LINUX_MANAGE_RULE"
    )]
    manage_rule: bool,

    /// The priority of that policy rule: 1 to 32765, before the main table's
    #[arg(long, value_name = "NUMBER", default_value = RULE_PRIORITY,
          value_parser = clap::value_parser!(u32).range(1..=32_765),
          env = "PODROUTE_LINUX_RULE_PRIORITY")]
    rule_priority: u32,
}

/// What all tables of one target have in common.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) owner: String,
    pub(super) protocol: u8,
    pub(super) metric: u32,
    pub(super) device: Option<String>,
    pub(super) onlink: bool,
    pub(super) missing_rule: Missing,
    pub(super) rule_priority: u32,
}

/// Where a table is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Table(u32),
    Vrf(String),
}

impl Options {
    /// The target. `owner` is what its routes are said to carry: the kernel
    /// has room for the protocol number only.
    pub fn open(&self, owner: &str) -> Result<Vec<Bound>, Error> {
        let place = match (&self.vrf_device, self.table) {
            (Some(_), Some(_)) => {
                return Err(Error::Refused(
                    "--table and --vrf-device are both set; a VRF device has its own table, so leave out --table".to_owned(),
                ));
            }
            (Some(name), None) => Place::Vrf(name.clone()),
            (None, table) => Place::Table(table.unwrap_or(TABLE)),
        };
        if self.manage_rule && matches!(place, Place::Vrf(_) | Place::Table(MAIN)) {
            return Err(Error::Refused(
                "--manage-rule is for a table of its own; the main table and those of VRF devices are looked up anyway, so leave it out".to_owned(),
            ));
        }
        let settings = Settings {
            owner: owner.to_owned(),
            protocol: self.protocol,
            metric: self.metric.unwrap_or(0),
            device: self.device.clone(),
            onlink: self.onlink,
            missing_rule: if self.manage_rule {
                Missing::Add
            } else {
                Missing::Tell
            },
            rule_priority: self.rule_priority,
        };
        Ok(vec![Bound {
            target: Box::new(Linux::new(place, settings)),
            nodes: None,
        }])
    }
}

fn table(text: &str) -> Result<u32, String> {
    match (text, text.parse()) {
        ("main", _) => Ok(MAIN),
        ("local" | "255", _) => {
            Err("table local (255) holds this host's own addresses; choose another".to_owned())
        }
        (_, Ok(0)) => Err("0 stands for no table; choose another".to_owned()),
        (_, Ok(number)) => Ok(number),
        (_, Err(_)) => Err(
            "neither a number nor main; a name of your own has its number in rt_tables of iproute2"
                .to_owned(),
        ),
    }
}

fn protocol(text: &str) -> Result<u8, String> {
    match text.parse() {
        Ok(0..=4) => Err(
            "0 to 4 mark the routes of the kernel itself and those made by hand; choose a number that nothing else on this host uses"
                .to_owned(),
        ),
        Ok(number) => Ok(number),
        Err(_) => Err("no number from 5 to 255".to_owned()),
    }
}

/// The kernel's rule for names.
fn interface(text: &str) -> Result<String, String> {
    let fits = (1..=15).contains(&text.len())
        && !matches!(text, "." | "..")
        && !text.contains(|letter: char| letter == '/' || letter.is_whitespace());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("no name of an interface: 1 to 15 characters without space and slash".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        linux: Options,
    }

    fn open(arguments: &[&str]) -> Result<String, String> {
        let cli = Cli::try_parse_from([&["podroute"], arguments].concat())
            .map_err(|error| error.to_string())?;
        let bounds = cli.linux.open("shop").map_err(|error| error.to_string())?;
        let [bound] = <[Bound; 1]>::try_from(bounds).map_err(|_| "not one")?;
        assert_eq!(bound.nodes, None);
        Ok(bound.target.name().to_owned())
    }

    #[test]
    fn the_options_name_a_table() {
        assert_eq!(open(&[]).unwrap(), "linux table 18300");
        assert_eq!(open(&["--table", "77"]).unwrap(), "linux table 77");
        assert_eq!(open(&["--table", "main"]).unwrap(), "linux table main");
        assert_eq!(open(&["--table", "254"]).unwrap(), "linux table main");
        assert_eq!(open(&["--vrf-device", "blue"]).unwrap(), "linux vrf blue");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (arguments, reason) in [
            (&["--table", "local"][..], "this host's own addresses"),
            (&["--table", "0"], "no table"),
            (&["--table", "pods"], "neither a number nor main"),
            (
                &["--table", "7", "--vrf-device", "blue"],
                "cannot be used with",
            ),
            (&["--protocol", "2"], "made by hand"),
            (&["--protocol", "256"], "no number from 5 to 255"),
            (&["--device", "eth0/1"], "no name of an interface"),
            (&["--onlink"], "--device <NAME>"),
            (&["--manage-rule", "--table", "main"], "looked up anyway"),
            (
                &["--manage-rule", "--vrf-device", "blue"],
                "cannot be used with",
            ),
            (&["--rule-priority", "32766"], "1..=32765"),
        ] {
            let error = open(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments:?}: {error}");
        }
    }
}
