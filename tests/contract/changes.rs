//! Objects come and go, and the report follows.

use super::*;

#[test]
fn what_was_removed_was_never_there() {
    let (a, b, c) = (
        &node("a", "10.244.1.0/24", "192.0.2.11"),
        &node("b", "10.244.1.0/24", "192.0.2.12"),
        &node("c", "10.244.0.0/16", "192.0.2.11"),
    );
    let mut cluster = cluster_of(&[a, b, c]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[c, b, a]));
    for (gone, left) in [(b, vec![a, c]), (a, vec![c])] {
        assert!(cluster.remove(&key(gone)).unwrap());
        assert_eq!(cluster.report_json().unwrap(), json_of(&left));
        assert!(!cluster.remove(&key(gone)).unwrap(), "it is gone already");
        assert_eq!(cluster.report_json().unwrap(), json_of(&left));
    }
    put(&mut cluster, &[b, a]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[a, b, c]));
}

/// Every object of every case, taken out and put back.
#[test]
fn any_object_may_go_and_come_back() {
    let policy = built_in();
    for case in cases() {
        // Removing takes single objects, not lists.
        if case
            .objects
            .iter()
            .any(|object| object["metadata"]["name"].is_null())
        {
            continue;
        }
        let mut cluster = policy.open(&case.settings()).unwrap();
        let documents = case.documents();
        cluster.load(&documents).unwrap();
        let json = cluster.report_json().unwrap();
        for (object, document) in case.objects.iter().zip(&documents) {
            cluster.remove(&key(object)).unwrap();
            let without = cluster.report_json().unwrap();
            assert!(!cluster.remove(&key(object)).unwrap(), "{}", case.name);
            assert_eq!(cluster.report_json().unwrap(), without, "{}", case.name);
            let copies = case
                .objects
                .iter()
                .filter(|other| key(other) == key(object));
            if copies.count() == 1 {
                cluster.upsert(std::slice::from_ref(document)).unwrap();
                assert_eq!(cluster.report_json().unwrap(), json, "{}", case.name);
            }
        }
    }
}

#[test]
fn a_later_copy_replaces_an_earlier_one() {
    let old = &node("a", "10.244.1.0/24", "192.0.2.11");
    let new = &node("a", "10.244.2.0/24", "192.0.2.12");
    let mut cluster = cluster_of(&[old]);
    put(&mut cluster, &[new]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[new]));
    // What nothing reads any more is gone: a Service that lost its SCTP port.
    let (sctp, tcp) = (&service("web", "SCTP"), &service("web", "TCP"));
    let mut cluster = cluster_of(&[sctp]);
    assert_ne!(json_of(&[sctp]), json_of(&[tcp]));
    put(&mut cluster, &[tcp]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[tcp]));
}

#[test]
fn problems_last_until_a_good_copy_comes() {
    let other = &node("b", "10.244.2.0/24", "192.0.2.12");
    let good = &node("a", "10.244.1.0/24", "192.0.2.11");
    let mut bad = good.clone();
    bad["spec"]["podCIDRs"] = json!(7);
    let bad = &bad;
    let problems = |cluster: &mut Cluster| cluster.report().unwrap().problems.len();

    // First bad, then good.
    let mut cluster = cluster_of(&[bad, other]);
    assert_eq!(problems(&mut cluster), 1);
    assert!(!cluster.report().unwrap().undecided.is_empty());
    put(&mut cluster, &[good]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[good, other]));
    // First good, then bad: the routes rest on an old copy, which is said.
    put(&mut cluster, &[bad]);
    assert_eq!(problems(&mut cluster), 1);
    assert!(!cluster.report().unwrap().undecided.is_empty());
    // The same again is no second problem.
    put(&mut cluster, &[bad]);
    assert_eq!(problems(&mut cluster), 1);
    put(&mut cluster, &[good]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[good, other]));
    // Bad and gone.
    put(&mut cluster, &[bad]);
    assert!(cluster.remove(&key(bad)).unwrap());
    assert_eq!(cluster.report_json().unwrap(), json_of(&[other]));
    let mut cluster = cluster_of(&[bad, other]);
    assert!(cluster.remove(&key(bad)).unwrap());
    assert!(!cluster.remove(&key(bad)).unwrap());
    assert_eq!(cluster.report_json().unwrap(), json_of(&[other]));
}

/// A cluster that is kept for long does not collect what was wrong long ago.
#[test]
fn problems_without_a_name_are_of_the_last_change() {
    let good = &node("a", "10.244.1.0/24", "192.0.2.11");
    let mut cluster = cluster_of(&[good]);
    for _ in 0..3 {
        put(&mut cluster, &[&json!({"metadata": {}})]);
        assert_eq!(cluster.report().unwrap().problems.len(), 1);
    }
    put(&mut cluster, &[good]);
    assert_eq!(cluster.report_json().unwrap(), json_of(&[good]));
}

#[test]
fn removing_names_the_very_object() {
    let web = &service("web", "SCTP");
    let node = &node("a", "10.244.1.0/24", "192.0.2.11");
    let mut cluster = cluster_of(&[web, node]);
    let json = cluster.report_json().unwrap();
    for (field, value) in [("kind", "Node"), ("namespace", "other"), ("name", "api")] {
        let mut key = key(web);
        match field {
            "kind" => key.kind = value.to_owned(),
            "namespace" => key.namespace = Some(value.to_owned()),
            _ => key.name = value.to_owned(),
        }
        assert!(!cluster.remove(&key).unwrap(), "{field}");
    }
    for kind in ["Secret", "service", ""] {
        let key = ObjectKey {
            kind: kind.to_owned(),
            ..key(web)
        };
        assert!(!cluster.remove(&key).unwrap(), "{kind}");
    }
    assert_eq!(cluster.report_json().unwrap(), json);
    assert!(cluster.remove(&key(web)).unwrap());
}

/// What nothing reads is not kept, and so it is not there.
#[test]
fn removing_says_whether_the_object_was_kept() {
    let kept = &node("a", "10.244.1.0/24", "192.0.2.11");
    for (object, is_kept) in [
        (service("web", "TCP"), true),
        (
            json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"namespace": "shop", "name": "settings"}, "data": {}}),
            false,
        ),
    ] {
        let mut cluster = cluster_of(&[kept]);
        for _ in 0..2 {
            put(&mut cluster, &[&object]);
            assert_eq!(cluster.remove(&key(&object)).unwrap(), is_kept, "{object}");
            assert!(!cluster.remove(&key(&object)).unwrap(), "{object}");
        }
    }
}
