//! What a scrape finds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use podroute::daemon::metrics::{Metrics, Outcome};
use podroute::daemon::status::{
    ByFamily, Confirmation, Failure, FindingCount, Kind, Leadership, PlanSize, PolicyState,
    ReportSummary, Role, Routes, Severity, Status, Table,
};
use podroute::targets;

use crate::daemon::Daemon;

/// The lines with a value, by what stands before it.
fn samples(metrics: &Metrics, status: &Status) -> BTreeMap<String, f64> {
    let text = metrics.text(status).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn status() -> Status {
    let time = |text: &str| text.parse().unwrap();
    let counts = |desired, applied, failed, withheld, foreign, held| Routes {
        desired,
        applied,
        failed,
        withheld,
        foreign,
        held,
    };
    let table = Table {
        last_read: Some(time("2026-01-31T12:00:00.5Z")),
        last_write: Some(time("2026-01-31T12:00:01Z")),
        last_success: None,
        error: Some(Failure {
            at: time("2026-01-31T12:00:01Z"),
            text: "the controller answers 412".to_owned(),
        }),
        routes: ByFamily {
            ipv4: counts(10, 7, 1, 2, 5, 2),
            ipv6: counts(3, 3, 0, 0, 0, 0),
        },
        plan: PlanSize {
            adds: 1,
            changes: 0,
            deletes: 4,
        },
        held: Vec::new(),
        confirmation: Some(Confirmation {
            token: "5f2c".to_owned(),
            deletes: 4,
            share: 0.4,
        }),
        dry_run: false,
    };
    let unreadable = Kind::Unreadable {
        reason: "forbidden".to_owned(),
        synced_before: true,
    };
    let finding = |rule: &str, severity, count| FindingCount {
        rule: rule.to_owned(),
        severity,
        count,
    };
    Status {
        started: time("2026-01-31T11:00:00Z"),
        kinds: [
            ("CiliumNode".to_owned(), Kind::NotWanted),
            ("Node".to_owned(), Kind::Synced),
            ("Pod".to_owned(), unreadable),
        ]
        .into(),
        leadership: Leadership {
            role: Role::Leader,
            holder: Some("podroute-0".to_owned()),
        },
        tables: [("avi vrf \"global\"".to_owned(), table)].into(),
        report: Some(ReportSummary {
            at: time("2026-01-31T11:59:00Z"),
            since: Instant::now(),
            findings: vec![
                finding("node/host-bits", Severity::Warning, 2),
                finding("route/limit", Severity::Error, 1),
            ],
            withheld: ByFamily { ipv4: 1, ipv6: 4 },
            undecided: Vec::new(),
        }),
        policy: PolicyState {
            restarts: 3,
            last_error: Some("the policy crashed".to_owned()),
        },
    }
}

/// 2026-01-31T12:00:00Z is 1769860800 seconds after 1970.
#[test]
fn what_is_so_now_comes_from_the_status() {
    let mut samples = samples(&Metrics::new(), &status());
    let age = samples.remove("podroute_report_age_seconds").unwrap();
    assert!((0.0..60.0).contains(&age), "{age}");
    let table = r#"table="avi vrf \"global\"""#;
    let mut expected: BTreeMap<String, f64> = [
        (r#"podroute_build_info{version="0.1.0"}"#, 1.0),
        ("podroute_process_start_time_seconds", 1_769_857_200.0),
        ("podroute_ready", 1.0),
        ("podroute_leader", 1.0),
        ("podroute_policy_restarts_total", 3.0),
        (r#"podroute_kind_synced{kind="Node"}"#, 1.0),
        (r#"podroute_kind_synced{kind="Pod"}"#, 0.0),
        (r#"podroute_kind_unreadable{kind="Node"}"#, 0.0),
        (r#"podroute_kind_unreadable{kind="Pod"}"#, 1.0),
        (
            r#"podroute_findings{rule="node/host-bits",severity="warning"}"#,
            2.0,
        ),
        (
            r#"podroute_findings{rule="route/limit",severity="error"}"#,
            1.0,
        ),
        ("podroute_undecided", 0.0),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (sort, ipv4, ipv6) in [
        ("desired", 10.0, 3.0),
        ("applied", 7.0, 3.0),
        ("failed", 1.0, 0.0),
        ("withheld", 3.0, 4.0),
        ("foreign", 5.0, 0.0),
        ("held", 2.0, 0.0),
    ] {
        for (family, count) in [("ipv4", ipv4), ("ipv6", ipv6)] {
            let name = format!("podroute_routes_{sort}{{{table},family=\"{family}\"}}");
            expected.insert(name, count);
        }
    }
    for (change, count) in [("add", 1.0), ("change", 0.0), ("delete", 4.0)] {
        let name = format!("podroute_plan_routes{{{table},change=\"{change}\"}}");
        expected.insert(name, count);
    }
    for (name, value) in [
        ("table_failing", 1.0),
        ("confirmation_pending", 1.0),
        ("dry_run", 0.0),
        ("last_read_timestamp_seconds", 1_769_860_800.5),
        ("last_write_timestamp_seconds", 1_769_860_801.0),
    ] {
        expected.insert(format!("podroute_{name}{{{table}}}"), value);
    }
    assert_eq!(samples, expected);
}

#[test]
fn a_follower_does_not_write() {
    let mut status = status();
    for (role, writes) in [(Role::Leader, 1), (Role::Follower, 0), (Role::NotUsed, 1)] {
        status.leadership.role = role;
        let text = Metrics::new().text(&status).unwrap();
        assert!(
            text.contains(&format!("\npodroute_leader {writes}\n")),
            "{role:?}"
        );
    }
}

#[test]
fn what_happens_is_counted() {
    let metrics = Metrics::new();
    let table = "linux table 220";
    metrics.table_read(table, Outcome::Ok, Duration::from_millis(3));
    metrics.table_read(table, Outcome::Unavailable, Duration::from_secs(30));
    metrics.table_written(table, Outcome::Partial, Duration::from_millis(400));
    metrics.drift_repaired(table, 2);
    metrics.drift_repaired(table, 3);
    metrics.event_applied(table, Duration::from_millis(40));
    metrics.event("Node");
    metrics.event("Node");
    metrics.watch_restarted("Node");
    let samples = samples(&metrics, &Status::new());

    for (name, value) in [
        (
            r#"table_reads_total{table="linux table 220",result="ok"}"#,
            1.0,
        ),
        (
            r#"table_reads_total{table="linux table 220",result="unavailable"}"#,
            1.0,
        ),
        (
            r#"table_read_duration_seconds_sum{table="linux table 220"}"#,
            30.003,
        ),
        (
            r#"table_read_duration_seconds_count{table="linux table 220"}"#,
            2.0,
        ),
        (
            r#"table_read_duration_seconds_bucket{le="0.001",table="linux table 220"}"#,
            0.0,
        ),
        (
            r#"table_read_duration_seconds_bucket{le="0.005",table="linux table 220"}"#,
            1.0,
        ),
        (
            r#"table_read_duration_seconds_bucket{le="10.0",table="linux table 220"}"#,
            1.0,
        ),
        (
            r#"table_read_duration_seconds_bucket{le="60.0",table="linux table 220"}"#,
            2.0,
        ),
        (
            r#"table_writes_total{table="linux table 220",result="partial"}"#,
            1.0,
        ),
        (
            r#"table_write_duration_seconds_sum{table="linux table 220"}"#,
            0.4,
        ),
        (r#"drift_repaired_total{table="linux table 220"}"#, 5.0),
        (
            r#"event_to_applied_seconds_bucket{le="0.025",table="linux table 220"}"#,
            0.0,
        ),
        (
            r#"event_to_applied_seconds_bucket{le="0.05",table="linux table 220"}"#,
            1.0,
        ),
        (
            r#"event_to_applied_seconds_bucket{le="+Inf",table="linux table 220"}"#,
            1.0,
        ),
        (r#"events_total{kind="Node"}"#, 2.0),
        (r#"watch_restarts_total{kind="Node"}"#, 1.0),
    ] {
        assert_eq!(
            samples.get(&format!("podroute_{name}")),
            Some(&value),
            "{name}"
        );
    }
}

/// An increase from nothing to one is no increase.
#[test]
fn counters_begin_at_zero() {
    let metrics = Metrics::new();
    metrics.expect_table("linux table 220");
    metrics.expect_kind("Node");
    let samples = samples(&metrics, &Status::new());
    for name in [
        r#"podroute_table_writes_total{table="linux table 220",result="refused"}"#,
        r#"podroute_table_reads_total{table="linux table 220",result="unavailable"}"#,
        r#"podroute_drift_repaired_total{table="linux table 220"}"#,
        r#"podroute_events_total{kind="Node"}"#,
        r#"podroute_watch_restarts_total{kind="Node"}"#,
    ] {
        assert_eq!(samples.get(name), Some(&0.0), "{name}");
    }
}

#[test]
fn an_outcome_says_what_the_device_did() {
    let error = |error: fn(String) -> targets::Error| error("no".to_owned());
    assert_eq!(
        Outcome::of_read(&Ok(targets::Table::default())),
        Outcome::Ok
    );
    for (kind, outcome) in [
        (
            targets::Error::Conflict as fn(String) -> _,
            Outcome::Conflict,
        ),
        (targets::Error::Unavailable, Outcome::Unavailable),
        (targets::Error::Refused, Outcome::Refused),
    ] {
        assert_eq!(Outcome::of_read(&Err(error(kind))), outcome);
        assert_eq!(Outcome::of_write(&Err(error(kind))), outcome);
    }
    let mut written = targets::Written::default();
    assert_eq!(Outcome::of_write(&Ok(written.clone())), Outcome::Ok);
    written.failed.push(targets::Failure {
        prefix: "10.244.1.0/24".to_owned(),
        reason: "the table is full".to_owned(),
    });
    assert_eq!(Outcome::of_write(&Ok(written)), Outcome::Partial);
}

/// The rules of OpenMetrics that a collector relies on.
#[tokio::test]
async fn the_text_is_openmetrics() {
    let daemon = Daemon::start(&[]);
    daemon.fake.board.change(|shown| *shown = status());
    daemon
        .metrics
        .table_read("linux table 220", Outcome::Ok, Duration::from_millis(3));
    daemon.metrics.expect_kind("Node");
    let response = daemon.get("/metrics").await;
    assert_eq!(
        response.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = response.text().await.unwrap();
    let body = text.strip_suffix("# EOF\n").expect("an end");

    let mut described = BTreeSet::new();
    let mut current = String::new();
    for line in body.lines() {
        if let Some(description) = line.strip_prefix("# HELP ") {
            let (name, help) = description.split_once(' ').unwrap();
            assert!(name.starts_with("podroute_"), "{name}");
            assert!(help.ends_with('.') && !help.ends_with(".."), "{help}");
            assert_eq!(
                name.ends_with("_seconds"),
                help.contains("in seconds"),
                "{line}"
            );
            assert!(described.insert(name.to_owned()), "{name} is there twice");
            name.clone_into(&mut current);
        } else if let Some(description) = line.strip_prefix("# UNIT ") {
            assert_eq!(description, format!("{current} seconds"));
        } else if let Some(description) = line.strip_prefix("# TYPE ") {
            assert_eq!(description.split_once(' ').unwrap().0, current);
        } else {
            let name = line.split(['{', ' ']).next().unwrap();
            let rest = name.strip_prefix(&current);
            let suffixes = ["", "_total", "_info", "_sum", "_count", "_bucket"];
            assert!(rest.is_some_and(|rest| suffixes.contains(&rest)), "{line}");
        }
    }
    assert!(described.len() > 25, "{described:?}");
}

#[test]
fn every_metric_is_documented() {
    let metrics = Metrics::new();
    metrics.expect_table("t");
    metrics.expect_kind("Node");
    metrics.table_read("t", Outcome::Ok, Duration::ZERO);
    metrics.table_written("t", Outcome::Ok, Duration::ZERO);
    metrics.event_applied("t", Duration::ZERO);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/daemon.md");
    let page = std::fs::read_to_string(path).unwrap();
    let text = metrics.text(&status()).unwrap();
    let types: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE podroute_")?.split_once(' '))
        .collect();
    assert!(types.len() > 25, "{types:?}");
    for (name, kind) in types {
        let name = match kind {
            "counter" => format!("`{name}_total`"),
            "info" => format!("`{name}_info`"),
            _ => format!("`{name}`"),
        };
        let documented = page
            .lines()
            .any(|line| line.starts_with('|') && line.contains(&name) && line.contains(kind));
        assert!(
            documented,
            "docs/daemon.md has no line for {name}, a {kind}"
        );
    }
}
