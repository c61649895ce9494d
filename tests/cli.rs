//! The command line, run as a user runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-1","resourceVersion":"7"},
  "spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"]},
  "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.11"}],
            "conditions":[{"type":"Ready","status":"True"}]}}"#;

fn snapshots(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/snapshots")
        .join(name)
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("JSON")
    }

    fn prefixes(&self) -> Vec<String> {
        self.json()["routes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|route| route["prefix"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn podroute(arguments: &[&str]) -> Run {
    Run::of(command(arguments).output().unwrap())
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podroute"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

fn with_stdin(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Run::of(child.wait_with_output().unwrap())
}

/// Checks a file with these contents; podroute runs in its folder.
fn check_file(name: &str, contents: impl AsRef<[u8]>, arguments: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), contents).unwrap();
    let arguments = [&["check", "--cni", "kubernetes", name], arguments].concat();
    Run::of(
        command(&arguments)
            .current_dir(folder.path())
            .output()
            .unwrap(),
    )
}

#[test]
fn the_shop_has_findings() {
    let run = podroute(&["check", snapshots("shop").to_str().unwrap()]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("error ako/cni-plugin-mismatch"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("10.0.0.0/24  192.0.2.11  shop-control-1"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("AKOSettings.cniPlugin: cilium"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .ends_with("2 routes, 1 withheld; 5 errors, 2 warnings, 1 info\n"),
        "{}",
        run.out
    );
    assert!(!run.out.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn exit_codes() {
    let dual_stack = |config: &str| {
        ["nodes.yaml", "ciliumnodes.yaml", config].map(|name| {
            snapshots("dual-stack")
                .join(name)
                .to_str()
                .unwrap()
                .to_owned()
        })
    };
    let check = |paths: &[String], more: &[&str]| {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        podroute(&[&["check"], more, paths.as_slice()].concat()).code
    };
    let healthy = dual_stack("config-cluster-pool.yaml");
    assert_eq!(check(&healthy, &[]), 0);
    assert_eq!(check(&healthy, &["--fail-on", "warning"]), 0);
    // The snapshot has no Services: snapshot/partial is an info.
    assert_eq!(check(&healthy, &["--fail-on", "info"]), 1);
    let shop = [snapshots("shop").to_str().unwrap().to_owned()];
    assert_eq!(check(&shop, &["--fail-on", "error"]), 1);
    assert_eq!(check(&shop, &["--fail-on", "never"]), 0);
    assert_eq!(check(&healthy[..2], &[]), 3, "no cilium-config");
    assert_eq!(check(&["no-such-file.yaml".to_owned()], &[]), 2);
    assert_eq!(check(&healthy, &["--cni", "none"]), 2);
    assert_eq!(podroute(&["check"]).code, 2);
    assert_eq!(podroute(&["frobnicate"]).code, 2);
}

#[test]
fn an_empty_input_is_no_verdict() {
    assert_eq!(with_stdin(&["check", "-"], b"").code, 3);
    let folder = TempDir::new().unwrap();
    let run = podroute(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("no .json, .yaml or .yml file"),
        "{}",
        run.err
    );
}

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
fn the_readme_shows_the_real_output() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = command(&["check", "tests/snapshots/shop"])
        .current_dir(&top)
        .output()
        .unwrap();
    let output = Run::of(run).out;
    let readme = fs::read_to_string(top.join("README.md")).unwrap();
    assert!(
        readme.contains(&output),
        "README.md shows other output than:\n{output}"
    );
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

#[test]
fn colours_only_when_wanted() {
    let shop = snapshots("shop");
    let shop = shop.to_str().unwrap();
    assert!(
        podroute(&["check", "--color", "always", shop])
            .out
            .contains("\u{1b}[1m")
    );
    assert!(
        !podroute(&["check", "--color", "never", shop])
            .out
            .contains('\u{1b}')
    );
    let run = command(&["check", shop])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!Run::of(run).out.contains('\u{1b}'));
}

#[test]
fn long_route_lists_are_cut_for_people() {
    let nodes: String = (0..100)
        .map(|number| {
            NODE.replace("worker-1", &format!("n{number:03}"))
                .replace("10.244.1.", &format!("10.244.{number}."))
                .replace("192.0.2.11", &format!("192.0.2.{number}"))
        })
        .collect();
    let run = check_file("a.json", &nodes, &[]);
    assert!(
        run.out.contains("and 60 more; --all-routes shows them"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("10.244.40.0/24"));
    let run = check_file("a.json", &nodes, &["--all-routes"]);
    assert!(run.out.contains("10.244.99.0/24"), "{}", run.out);
}

#[test]
fn the_catalogue_can_be_read() {
    let run = podroute(&["rules"]);
    assert!(
        run.out.contains("error, warning  ako/cni-plugin-mismatch"),
        "{}",
        run.out
    );
    let rules: Value = podroute(&["rules", "--format", "json"]).json();
    assert_eq!(rules.as_array().unwrap().len(), 47);

    let page = podroute(&["explain", "ako/cni-plugin-mismatch"]);
    assert!(
        page.out.starts_with("# ako/cni-plugin-mismatch\n"),
        "{}",
        page.out
    );
    let page = podroute(&["explain", "ako/cni-plugin-mismatch", "--format", "json"]).json();
    assert_eq!(page["severities"], serde_json::json!(["error", "warning"]));

    let unknown = podroute(&["explain", "cni-plugin-mismatch"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown
            .err
            .contains("did you mean ako/cni-plugin-mismatch?"),
        "{}",
        unknown.err
    );
}

#[test]
fn another_policy_can_be_run() {
    let folder = TempDir::new().unwrap();
    let component = folder.path().join("policy.wasm");
    let component = component.to_str().unwrap();
    assert_eq!(podroute(&["component", "--output", component]).code, 0);
    let shop = snapshots("shop");
    let shop = shop.to_str().unwrap();
    let own = podroute(&["check", "--format", "json", "--policy", component, shop]);
    assert_eq!(own.out, podroute(&["check", "--format", "json", shop]).out);

    let run = podroute(&["check", "--policy", shop, shop]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot read the policy"), "{}", run.err);
    let text = snapshots("shop/nodes.yaml");
    let run = podroute(&["check", "--policy", text.to_str().unwrap(), shop]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("not a podroute policy"), "{}", run.err);
}

#[test]
fn limits_end_in_errors() {
    let shop = snapshots("shop");
    let run = podroute(&["check", "--memory-limit", "1", shop.to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("more than 1 MiB of memory"), "{}", run.err);
}

#[test]
fn prints_schemas_and_completions() {
    let schema = podroute(&["schema", "report"]).json();
    assert_eq!(schema["title"], "podroute.report/v1");
    for shell in ["bash", "zsh", "fish"] {
        assert!(podroute(&["completions", shell]).out.contains("podroute"));
    }
    let help = podroute(&["check", "--help"]).out;
    assert!(
        help.contains("Exit codes:") && help.contains("Examples:"),
        "{help}"
    );
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let script = format!(
        "set -o pipefail; {} rules | head -1",
        env!("CARGO_BIN_EXE_podroute")
    );
    let run = Run::of(Command::new("bash").args(["-c", &script]).output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
}
