//! Plans as text: what would change in a table, line by line.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::style;
use crate::policy::{ObservedRoute, Plan};

/// Reasons are shown once, with this many of the routes they are about.
const EXAMPLES: usize = 3;

/// A plan of a table. Styled; print it through `anstream`.
pub fn render(table: &str, plan: &Plan) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut text, table, plan);
    text
}

fn write(out: &mut String, table: &str, plan: &Plan) -> std::fmt::Result {
    writeln!(
        out,
        "{}: {} to add, {} to change, {} to delete; {} right, {} held, {} of others",
        style::heading(table),
        plan.adds.len(),
        plan.updates.len(),
        plan.deletes.len(),
        plan.right.len(),
        plan.held.len(),
        plan.foreign
    )?;
    for reason in &plan.stopped {
        writeln!(out, "  {} nothing is touched: {reason}", style::error("!"))?;
    }
    for route in &plan.adds {
        let (prefix, next_hop, node) = (&route.prefix, &route.next_hop, &route.node);
        writeln!(out, "  + {prefix} via {next_hop}  (node {node})")?;
    }
    for update in &plan.updates {
        let (prefix, next_hop, node) = (&update.to.prefix, &update.to.next_hop, &update.to.node);
        let from = &update.from;
        if from.next_hop.as_ref() == Some(next_hop) {
            let owner = from.owner.as_deref().unwrap_or_default();
            writeln!(
                out,
                "  ~ {prefix} via {next_hop}  (node {node}; owner mark, now {owner})"
            )?;
        } else {
            writeln!(
                out,
                "  ~ {prefix} via {next_hop}  (node {node}; now {})",
                hop(from)
            )?;
        }
    }
    for route in &plan.deletes {
        writeln!(out, "  - {} via {}", route.prefix, hop(route))?;
    }
    write_held(out, plan)?;
    for conflict in &plan.conflicts {
        let foreign = &conflict.foreign;
        let what = if conflict.blocks {
            "is not added: somebody else has a route to it"
        } else {
            "loses packets to a route of somebody else"
        };
        writeln!(
            out,
            "  {} {} (node {}) {what}: {} via {}, id {}",
            style::warning("!"),
            conflict.prefix,
            conflict.node,
            foreign.prefix,
            hop(foreign),
            foreign.id
        )?;
    }
    if let Some(asked) = plan.confirmation.as_ref().filter(|asked| !asked.given) {
        writeln!(
            out,
            "  {} {} of {} routes would be deleted, which waits for a confirmation: --confirm {}",
            style::warning("?"),
            asked.deletes,
            asked.of_routes,
            asked.token
        )?;
    }
    Ok(())
}

fn write_held(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for held in &plan.held {
        let prefixes = by_reason.entry(&held.reason).or_default();
        prefixes.push(&held.route.prefix);
    }
    for (reason, prefixes) in by_reason {
        let examples = prefixes.iter().take(EXAMPLES).copied();
        let examples: Vec<&str> = examples.collect();
        write!(out, "  = {}", examples.join(", "))?;
        let more = prefixes.len().saturating_sub(EXAMPLES);
        if more > 0 {
            write!(out, " and {more} more")?;
        }
        writeln!(out, " stay: {reason}")?;
    }
    Ok(())
}

fn hop(route: &ObservedRoute) -> &str {
    route.next_hop.as_deref().unwrap_or("no address")
}
