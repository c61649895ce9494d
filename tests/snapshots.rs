//! The snapshots in tests/snapshots, read and evaluated as a user would:
//! routes worked out by hand from the files, and no finding on healthy ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};

use podroute::policy::{Report, Settings, Severity};
use podroute::snapshot::Input;
use podroute::{Policy, Profile, Snapshot};

/// tests/snapshots/dual-stack and its relatives: three nodes.
const DUAL_STACK: [&str; 6] = [
    "10.32.0.0/24 via 198.18.0.2",
    "10.32.1.0/24 via 198.18.0.3",
    "10.32.2.0/24 via 198.18.0.4",
    "fd00:32::/64 via 2001:db8:18::2",
    "fd00:32:0:1::/64 via 2001:db8:18::3",
    "fd00:32:0:2::/64 via 2001:db8:18::4",
];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/snapshots")
        .join(name)
}

fn check(names: &[&str]) -> (Report, Snapshot) {
    check_with(names, Settings::default())
}

fn check_with(names: &[&str], settings: Settings) -> (Report, Snapshot) {
    let inputs: Vec<Input> = names.iter().map(|name| Input::Path(path(name))).collect();
    let snapshot = Snapshot::read(&inputs);
    assert_eq!(snapshot.errors, [], "{names:?}");
    let settings = Settings {
        listed_kinds: snapshot.listed_kinds.iter().cloned().collect(),
        ..settings
    };
    let report = Policy::built_in()
        .unwrap()
        .evaluate(&snapshot.documents, &settings)
        .unwrap();
    (report, snapshot)
}

fn routes(report: &Report) -> Vec<String> {
    report
        .routes
        .iter()
        .map(|route| format!("{} via {}", route.prefix, route.next_hop))
        .collect()
}

/// Findings of severity warning and above.
fn alarms(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

/// Whether objects go to the policy as they are read, or all at the end.
#[test]
fn feeding_is_reading_and_loading() {
    let policy = Policy::built_in().unwrap();
    let mut count = 0;
    for folder in path(".").read_dir().unwrap() {
        let inputs = [Input::Path(folder.unwrap().path())];
        let snapshot = Snapshot::read(&inputs);
        let settings = Settings {
            listed_kinds: snapshot.listed_kinds.iter().cloned().collect(),
            ..Settings::default()
        };
        let at_the_end = policy.evaluate(&snapshot.documents, &settings).unwrap();
        let mut cluster = policy.open(&Settings::default()).unwrap();
        let mut seen = 0;
        let fed = Snapshot::feed(&inputs, &mut cluster, |more| seen += more).unwrap();
        assert_eq!(cluster.report().unwrap(), at_the_end, "{inputs:?}");
        assert_eq!(seen, snapshot.documents.len());
        assert_eq!(fed.notes, snapshot.notes);
        assert_eq!(fed.errors, snapshot.errors);
        count += 1;
    }
    assert!(count > 20);
}

#[test]
fn dual_stack_in_both_modes() {
    for (config, mode, source) in [
        (
            "dual-stack/config-cluster-pool.yaml",
            "cluster-pool",
            "CiliumNode",
        ),
        ("dual-stack/config-kubernetes.yaml", "kubernetes", "Node"),
    ] {
        let (report, _) = check(&[
            config,
            "dual-stack/nodes.yaml",
            "dual-stack/ciliumnodes.yaml",
        ]);
        assert_eq!(report.cluster.ipam_mode.as_deref(), Some(mode));
        assert_eq!(routes(&report), DUAL_STACK, "{mode}");
        assert!(
            report
                .routes
                .iter()
                .all(|route| route.source.kind == source)
        );
        assert_eq!(alarms(&report), Vec::<String>::new(), "{mode}");
        assert_eq!(report.undecided, Vec::<String>::new(), "{mode}");
    }
}

#[test]
fn without_cilium_nodes_only_the_host_scope_has_routes() {
    let (report, _) = check(&["dual-stack/config-kubernetes.yaml", "dual-stack/nodes.yaml"]);
    assert_eq!(routes(&report), DUAL_STACK);
    assert_eq!(report.undecided, Vec::<String>::new());

    let (report, _) = check(&[
        "dual-stack/config-cluster-pool.yaml",
        "dual-stack/nodes.yaml",
    ]);
    assert_eq!(routes(&report), Vec::<String>::new());
    assert_eq!(report.undecided.len(), 1, "{:?}", report.undecided);
}

#[test]
fn without_cilium_config_the_mode_is_not_guessed() {
    let files = ["dual-stack/nodes.yaml", "dual-stack/ciliumnodes.yaml"];
    let (report, _) = check(&files);
    assert_eq!(routes(&report), Vec::<String>::new());
    assert!(
        report.undecided[0].contains("cilium-config"),
        "{:?}",
        report.undecided
    );

    let chosen = Settings {
        ipam_mode: Some("cluster-pool".to_owned()),
        ..Settings::default()
    };
    let (report, _) = check_with(&files, chosen);
    assert_eq!(routes(&report), DUAL_STACK);
    assert_eq!(report.undecided, Vec::<String>::new());
}

#[test]
fn a_sysdump_folder() {
    let (report, snapshot) = check(&["sysdump"]);
    assert_eq!(routes(&report), DUAL_STACK);
    assert_eq!(report.cluster.cilium_version.as_deref(), Some("1.20.0"));
    assert_eq!(alarms(&report), Vec::<String>::new());
    // The empty list of Services was looked at; that of DaemonSets has only
    // Cilium's; and what was left out is one note.
    assert!(snapshot.listed_kinds.contains("Service"));
    assert!(!snapshot.listed_kinds.contains("DaemonSet"));
    assert_eq!(snapshot.notes.len(), 1, "{:?}", snapshot.notes);
}

#[test]
fn routes_stay_the_same_while_a_cluster_moves_to_multi_pool() {
    for stage in ["1-before", "2-during", "3-after"] {
        let (report, _) = check(&[&format!("multi-pool-move/{stage}.yaml")]);
        assert_eq!(routes(&report), DUAL_STACK, "{stage}");
        assert_eq!(alarms(&report), Vec::<String>::new(), "{stage}");
    }
}

#[test]
fn the_planted_mistakes_of_the_shop_are_found() {
    let (report, snapshot) = check(&["shop"]);
    assert_eq!(
        routes(&report),
        ["10.0.0.0/24 via 192.0.2.11", "10.0.1.0/24 via 192.0.2.12"]
    );
    let withheld: Vec<_> = report
        .withheld
        .iter()
        .map(|withheld| {
            (
                withheld.prefix.as_str(),
                withheld.node.as_str(),
                withheld.rule.as_str(),
            )
        })
        .collect();
    assert_eq!(
        withheld,
        [("10.0.1.0/24", "shop-worker-2", "route/duplicate-prefix")]
    );
    let rules: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
        .map(|finding| finding.rule.as_str())
        .collect();
    assert_eq!(
        rules,
        [
            "ako/cni-plugin-mismatch",
            "route/duplicate-prefix",
            "sctp/controller-too-old",
            "sctp/kernel-too-old",
            "sctp/target-port",
            "sctp/bpf-masquerade",
        ]
    );
    let mismatch = &report.findings[0];
    assert!(
        mismatch.fix.contains("AKOSettings.cniPlugin: cilium"),
        "{}",
        mismatch.fix
    );
    let place = snapshot.locate(&mismatch.objects[0]);
    assert!(
        place[0].to_string().ends_with("shop/configmaps.yaml:21"),
        "{place:?}"
    );
}

/// With every kind and every setting given, every rule has its verdict.
#[test]
fn nothing_is_left_open_where_everything_is_given() {
    let strict = Profile::load("strict").unwrap();
    let settings = Settings {
        connected_networks: vec!["192.0.2.0/24".to_owned()],
        route_limit: Some(100),
        rules: strict.rules,
        ..Settings::default()
    };
    let (report, _) = check_with(&["cilium-cluster-pool"], settings);
    assert_eq!(report.routes.len(), 3);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(
        report.not_evaluated.is_empty(),
        "{:?}",
        report.not_evaluated
    );
    assert!(report.undecided.is_empty(), "{:?}", report.undecided);
}
