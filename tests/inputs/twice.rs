//! Keys that an object has twice.

use super::*;

const GOOD: &str = "apiVersion: v1\nkind: Node\nmetadata: {name: good}\nspec: {podCIDRs: [10.244.7.0/24]}\nstatus: {addresses: [{type: InternalIP, address: 192.0.2.7}]}\n";

/// The object is refused, and the rest evaluated; a part of the snapshot is
/// unknown then.
fn assert_refused(name: &str, text: &str, expected: &str) {
    let run = check(name, text.as_bytes());
    assert_eq!(run.err, format!("error: {expected}\n"), "{text}");
    assert_eq!(run.code, 2);
    assert_eq!(run.json()["cluster"]["nodes"], 1, "{text}");
    assert!(
        run.json()["undecided"]
            .to_string()
            .contains("could not be read")
    );
}

#[test]
fn in_yaml() {
    let twice = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config, namespace: kube-system}\ndata:\n  ipam: kubernetes\n  ipam: cluster-pool\n";
    assert_refused(
        "a.yaml",
        &format!("{GOOD}---\n{twice}"),
        // The mapping that has it starts there.
        "a.yaml:11: has the key `ipam` twice; which of the two counts is for nobody to guess",
    );
}

#[test]
fn in_json() {
    let good = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"good"}}"#;
    let twice = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"b\"},\n\"spec\":{\n\"podCIDR\":\"10.0.0.0/24\",\n\"podCID\\u0052\":\"10.0.1.0/24\"}}";
    assert_refused(
        "a.json",
        &format!("{good}\n{twice}"),
        "a.json:5: has the key `podCIDR` twice; which of the two counts is for nobody to guess",
    );
    let list = format!("{{\"kind\":\"List\",\"items\":[{good},\n{twice}]}}");
    assert_refused(
        "a.json",
        &list,
        "a.json:5: has the key `podCIDR` twice; which of the two counts is for nobody to guess",
    );
}

#[test]
fn at_the_top() {
    let run = check(
        "a.json",
        br#"{"kind":"Node","kind":"Pod","metadata":{"name":"b"}}"#,
    );
    assert_eq!(run.err, "error: a.json:1: duplicate field `kind`\n");
    assert_eq!(run.code, 2);
}

#[test]
fn of_two_objects_is_no_matter() {
    let run = check(
        "a.yaml",
        format!(
            "{GOOD}---\n{}",
            GOOD.replace("good", "better").replace(".7", ".8")
        )
        .as_bytes(),
    );
    assert!(!run.err.contains("twice"), "{}", run.err);
}
