//! Every snapshot that is here, redacted, gives the report that it gave.

use podroute::Snapshot;
use podroute::capture::Captured;
use podroute::capture::redact::{Key, redact};
use podroute::policy::{Policy, Report, Settings};
use podroute::snapshot::{Input, Manifest};

fn rules(report: &Report) -> Vec<(String, String)> {
    let all = report.findings.iter();
    let mut all: Vec<_> = all
        .map(|one| (one.rule.clone(), format!("{:?}", one.severity)))
        .collect();
    all.sort();
    all
}

/// Lengths of prefixes, and whether each lies inside of another: what a
/// report says of prefixes but for which they are.
fn structure(report: &Report) -> Vec<(u8, bool, usize)> {
    let prefixes: Vec<ipnet::IpNet> = report
        .routes
        .iter()
        .map(|route| route.prefix.parse().unwrap())
        .collect();
    let mut all: Vec<_> = prefixes
        .iter()
        .map(|one| {
            let others = prefixes.iter().filter(|other| other != &one);
            let sibling = others
                .clone()
                .any(|other| other.supernet() == one.supernet());
            let around = others.filter(|other| other.contains(one)).count();
            (one.prefix_len(), sibling, around)
        })
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn a_redacted_snapshot_gives_the_report_that_it_gave() {
    let policy = Policy::built_in().unwrap();
    let rule_ids: Vec<_> = policy
        .rules()
        .unwrap()
        .into_iter()
        .map(|rule| rule.id)
        .collect();
    let key = Key::of(b"a secret of sixteen bytes and more").unwrap();
    let mut folders: Vec<_> = std::fs::read_dir(crate::snapshots("."))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() > 10);
    for folder in folders {
        let snapshot = Snapshot::read(&[Input::Path(folder.clone())]);
        let settings = Settings {
            listed_kinds: snapshot.listed_kinds.iter().cloned().collect(),
            ..Settings::default()
        };
        // One object each, as they are captured.
        let captured = Captured {
            manifest: Manifest::default(),
            documents: snapshot.documents,
        };
        let replaced = redact(&captured, &key, &rule_ids).captured;
        let before = policy.evaluate(&captured.documents, &settings).unwrap();
        let after = policy.evaluate(&replaced.documents, &settings).unwrap();
        let name = folder.display();
        assert_eq!(rules(&after), rules(&before), "{name}");
        assert_eq!(structure(&after), structure(&before), "{name}");
        assert_eq!(after.undecided.len(), before.undecided.len(), "{name}");
        assert_eq!(after.not_evaluated, before.not_evaluated, "{name}");
        assert_eq!(after.withheld.len(), before.withheld.len(), "{name}");
    }
}
