//! The metrics that are worked out from the status.

use std::sync::atomic::AtomicU64;

use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::PREFIX;
use super::labels::{ByKind, ByTable};
use crate::daemon::status::{Kind, Routes, Severity, Status, Table};

/// A registry with these metrics, for one answer.
pub(super) fn registry(status: &Status) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    process(&mut registry, status);
    cluster(&mut registry, status);
    report(&mut registry, status);
    routes(&mut registry, status);
    tables(&mut registry, status);
    registry
}

fn process(registry: &mut Registry, status: &Status) {
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "Which podroute this is", Info::new(version));
    registry.register_with_unit(
        "process_start_time",
        "When the process was started, in seconds since 1970",
        Unit::Seconds,
        ConstGauge::new(seconds(status.started)),
    );
    registry.register(
        "ready",
        "1 when every kind that is wanted was listed in full and, where this instance writes, every table was read",
        ConstGauge::new(flag(status.missing().is_empty())),
    );
    registry.register(
        "leader",
        "1 when this instance writes: it is the leader, or there is no election",
        ConstGauge::new(flag(status.leadership.role.writes())),
    );
    registry.register(
        "policy_restarts",
        "How often the policy was lost to a crash or to its limits and begun anew",
        ConstCounter::new(status.policy.restarts),
    );
}

fn cluster(registry: &mut Registry, status: &Status) {
    let synced = Family::<ByKind, Gauge>::default();
    let unreadable = Family::<ByKind, Gauge>::default();
    for (name, kind) in &status.kinds {
        if *kind != Kind::NotWanted {
            let name = ByKind::new(name);
            synced.get_or_create(&name).set(flag(*kind == Kind::Synced));
            unreadable
                .get_or_create(&name)
                .set(flag(matches!(kind, Kind::Unreadable { .. })));
        }
    }
    registry.register(
        "kind_synced",
        "1 when the kind was listed in full and is being watched",
        synced,
    );
    registry.register(
        "kind_unreadable",
        "1 when the API server does not give the kind",
        unreadable,
    );
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRule {
    rule: String,
    severity: &'static str,
}

fn report(registry: &mut Registry, status: &Status) {
    let findings = Family::<ByRule, Gauge>::default();
    if let Some(report) = &status.report {
        for finding in &report.findings {
            let labels = ByRule {
                rule: finding.rule.clone(),
                severity: match finding.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Info => "info",
                },
            };
            findings
                .get_or_create(&labels)
                .inc_by(number(finding.count));
        }
        registry.register_with_unit(
            "report_age",
            "How long ago the policy made the report that counts now, in seconds",
            Unit::Seconds,
            ConstGauge::new(report.since.elapsed().as_secs_f64()),
        );
        registry.register(
            "undecided",
            "For how many reasons no verdict on the routes is possible",
            ConstGauge::new(number(report.undecided.len() as u64)),
        );
    }
    registry.register(
        "findings",
        "How many findings there are, by rule and severity",
        findings,
    );
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByFamily {
    table: String,
    family: &'static str,
}

/// The name of a metric, its help, and where its value comes from.
type Entry<T, V> = (&'static str, &'static str, fn(&T) -> V);

fn routes(registry: &mut Registry, status: &Status) {
    let sorts: [Entry<Routes, u64>; 6] = [
        ("desired", "Routes that the table should hold", |routes| {
            routes.desired
        }),
        (
            "applied",
            "Routes that the table should hold and does, just as they should be",
            |routes| routes.applied,
        ),
        (
            "failed",
            "Changes that the device refused when they were last tried",
            |routes| routes.failed,
        ),
        (
            "withheld",
            "Prefixes that some node of the cluster claims but that must not be routed to it, and those that a route of somebody else keeps out of the table",
            |routes| routes.withheld,
        ),
        (
            "foreign",
            "Routes in the table that are not ours and are left as they are",
            |routes| routes.foreign,
        ),
        (
            "held",
            "Changes that are not made now; /status says why",
            |routes| routes.held,
        ),
    ];
    // What the cluster withholds, no table gets.
    let of_cluster = status.report.as_ref().map(|report| report.withheld);
    let of_cluster = of_cluster.unwrap_or_default();
    for (sort, help, count) in sorts {
        let family = Family::<ByFamily, Gauge>::default();
        for (name, table) in &status.tables {
            for (version, routes, more) in [
                ("ipv4", &table.routes.ipv4, of_cluster.ipv4),
                ("ipv6", &table.routes.ipv6, of_cluster.ipv6),
            ] {
                let more = if sort == "withheld" { more } else { 0 };
                let labels = ByFamily {
                    table: name.clone(),
                    family: version,
                };
                family
                    .get_or_create(&labels)
                    .set(number(count(routes) + more));
            }
        }
        registry.register(format!("routes_{sort}"), help, family);
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByChange {
    table: String,
    change: &'static str,
}

fn tables(registry: &mut Registry, status: &Status) {
    let plan = Family::<ByChange, Gauge>::default();
    for (name, table) in &status.tables {
        let size = &table.plan;
        for (change, count) in [
            ("add", size.adds),
            ("change", size.changes),
            ("delete", size.deletes),
        ] {
            let labels = ByChange {
                table: name.clone(),
                change,
            };
            plan.get_or_create(&labels).set(number(count));
        }
    }
    registry.register(
        "plan_routes",
        "How many routes the plan adds, changes and deletes",
        plan,
    );

    let flags: [Entry<Table, bool>; 3] = [
        (
            "table_failing",
            "1 from the moment something goes wrong with a table until it goes right",
            |table| table.error.is_some(),
        ),
        (
            "confirmation_pending",
            "1 when a plan waits for somebody to agree to it",
            |table| table.confirmation.is_some(),
        ),
        (
            "dry_run",
            "1 when nothing is written to the table",
            |table| table.dry_run,
        ),
    ];
    for (name, help, is) in flags {
        let family = Family::<ByTable, Gauge>::default();
        for (table, state) in &status.tables {
            family
                .get_or_create(&ByTable::new(table))
                .set(flag(is(state)));
        }
        registry.register(name, help, family);
    }

    let times: [Entry<Table, Option<Timestamp>>; 3] = [
        (
            "last_read_timestamp",
            "When the device last told what the table holds, in seconds since 1970",
            |table| table.last_read,
        ),
        (
            "last_write_timestamp",
            "When a write to the table was last tried, in seconds since 1970",
            |table| table.last_write,
        ),
        (
            "last_success_timestamp",
            "When every route was last seen, or made, as it should be, in seconds since 1970",
            |table| table.last_success,
        ),
    ];
    for (name, help, when) in times {
        let family = Family::<ByTable, Gauge<f64, AtomicU64>>::default();
        for (table, state) in &status.tables {
            if let Some(time) = when(state) {
                family
                    .get_or_create(&ByTable::new(table))
                    .set(seconds(time));
            }
        }
        registry.register_with_unit(name, help, Unit::Seconds, family);
    }
}

fn flag(is: bool) -> i64 {
    i64::from(is)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}
