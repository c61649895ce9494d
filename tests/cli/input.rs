//! What `podroute check` reads, and what it says of what it cannot read.

use super::*;

#[test]
fn reads_every_shape() {
    let yaml_of = |json: &str| {
        let value: Value = serde_json::from_str(json).unwrap();
        serde_norway::to_string(&value).unwrap()
    };
    let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{NODE}]}}"#);
    let typed = format!(
        r#"{{"apiVersion":"v1","items":[{}],"kind":"NodeList"}}"#,
        NODE.replace(r#""apiVersion":"v1","kind":"Node","#, "")
    );
    let shapes: [(&str, String); 8] = [
        ("a.json", NODE.to_owned()),
        ("a.json", list.clone()),
        ("a.json", typed.clone()),
        ("a.json", format!("[{NODE}]")),
        ("a.yaml", yaml_of(NODE)),
        ("a.yml", yaml_of(&list)),
        (
            "a.yaml",
            format!("---\n{}---\n{}", yaml_of(&typed), "# nothing\n"),
        ),
        ("no-extension", NODE.to_owned()),
    ];
    for (name, contents) in shapes {
        let run = check_file(name, &contents, &["--format", "json"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{name}: {contents}");
        assert_eq!(run.prefixes(), ["10.244.1.0/24"], "{name}: {contents}");

        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(contents.as_bytes()).unwrap();
        let zipped = encoder.finish().unwrap();
        let run = check_file(&format!("{name}.gz"), &zipped, &["--format", "json"]);
        assert_eq!(run.prefixes(), ["10.244.1.0/24"], "{name}.gz");

        let arguments = ["check", "--cni", "kubernetes", "--format", "json", "-"];
        assert_eq!(
            with_stdin(&arguments, contents.as_bytes()).prefixes(),
            ["10.244.1.0/24"]
        );
    }
}

#[test]
fn objects_of_several_files_are_one_cluster() {
    let folder = TempDir::new().unwrap();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    fs::write(folder.path().join("a.json"), NODE).unwrap();
    let other = NODE
        .replace("worker-1", "worker-2")
        .replace("10.244.1", "10.244.2");
    let other = other.replace("192.0.2.11", "192.0.2.12");
    fs::write(below.join("b.json"), &other).unwrap();
    fs::write(folder.path().join("notes.txt"), "not read").unwrap();
    let path = folder.path().to_str().unwrap();
    let run = podroute(&["check", "--cni", "kubernetes", "--format", "json", path]);
    assert_eq!(run.prefixes(), ["10.244.1.0/24", "10.244.2.0/24"]);
    assert!(
        run.err.contains("1 files that are neither JSON nor YAML"),
        "{}",
        run.err
    );
}

#[test]
fn bad_input_is_named_and_the_rest_is_checked() {
    let broken_field = format!(
        "{}\n---\napiVersion: v1\nkind: Node\nmetadata:\n  name: bad\nspec:\n  podCIDRs: 10.0.0.0/24\n",
        serde_norway::to_string(&serde_json::from_str::<Value>(NODE).unwrap()).unwrap()
    );
    let line = broken_field.lines().count();
    let run = check_file("a.yaml", &broken_field, &["--format", "json"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);
    assert_eq!(
        run.err,
        format!(
            "error: Node bad spec.podCIDRs (a.yaml:{line}): cannot be read: invalid type: string \"10.0.0.0/24\", expected a sequence\n"
        )
    );
    let problem = &run.json()["problems"][0];
    assert_eq!(problem["object"]["field"], "spec.podCIDRs");
    assert!(
        run.json()["undecided"][0]
            .as_str()
            .unwrap()
            .contains("Node bad")
    );

    let broken_yaml = "kind: [oops\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n}\n";
    let run = check_file("a.yaml", broken_yaml, &["--format", "json"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: a.yaml:1: is not YAML:"),
        "{}",
        run.err
    );
    assert_eq!(
        run.json()["cluster"]["nodes"],
        1,
        "the next document was read"
    );
    let undecided = run.json()["undecided"][0].as_str().unwrap().to_owned();
    assert!(
        undecided.contains("could not be read: a.yaml:1: is not YAML"),
        "{undecided}"
    );

    let broken_json = format!("{NODE}\n{{\"kind\": }}");
    let run = check_file("a.json", &broken_json, &["--format", "json"]);
    assert!(
        run.err.starts_with("error: a.json:5: is not JSON:"),
        "{}",
        run.err
    );
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);

    let run = check_file("a.yaml", "ipam:\n  mode: cluster-pool\n", &[]);
    assert!(
        run.err
            .contains("a.yaml:1: is no Kubernetes object: it has no `kind`"),
        "{}",
        run.err
    );

    let run = check_file("a.json", b"\x00\xff\xfe", &[]);
    assert!(run.err.contains("is not text"), "{}", run.err);
}

#[test]
fn of_two_copies_the_newer_counts() {
    let newer = NODE
        .replace("\"7\"", "\"12\"")
        .replace("10.244.1", "10.244.9");
    for copies in [[NODE, &newer], [&newer, NODE]] {
        let run = check_file("a.json", copies.concat(), &["--format", "json"]);
        assert_eq!(run.code, 0);
        assert_eq!(run.prefixes(), ["10.244.9.0/24"]);
        assert!(
            run.err.contains(
                "warning: Node worker-1 (a.json:1, a.json:4): is there twice; the copy with \
                 resourceVersion 12 is used, the one with resourceVersion 7 is not"
            ),
            "{}",
            run.err
        );
    }
}

#[test]
fn of_many_copies_the_newest_counts_whatever_the_order() {
    let copy = |version: &str| NODE.replace("\"7\"", &format!("\"{version}\""));
    let expected = "is there 3 times; the copy with resourceVersion 10 is used, those with \
                    resourceVersion 2, resourceVersion 9 are not";
    for order in [["2", "9", "10"], ["10", "9", "2"], ["9", "10", "2"]] {
        let run = check_file("a.json", order.map(copy).concat(), &["--format", "json"]);
        assert!(run.err.contains(expected), "{order:?}: {}", run.err);
    }
}

#[test]
fn secrets_are_dropped_at_the_door() {
    let secret = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"password":"aHVudGVyMg=="}}"#;
    let run = check_file("a.json", format!("{NODE}{secret}"), &["--format", "json"]);
    assert_eq!(run.code, 0);
    assert!(
        run.err.contains("note: a.json: 1 Secrets were not read in"),
        "{}",
        run.err
    );
    assert!(!run.out.contains("aHVudGVyMg"));
}
