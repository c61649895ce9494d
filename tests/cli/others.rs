//! The catalogue, other policies, limits, and what every tool has.

use super::*;

#[test]
fn the_catalogue_can_be_read() {
    let run = podroute(&["rules"]);
    assert!(
        run.out.contains("error, warning  ako/cni-plugin-mismatch"),
        "{}",
        run.out
    );
    let rules: Value = podroute(&["rules", "--format", "json"]).json();
    assert_eq!(rules.as_array().unwrap().len(), 109);

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
    for name in [
        "report",
        "diff",
        "trace",
        "clusters",
        "review",
        "review-request",
        "plan",
        "routes",
        "request",
        "error",
    ] {
        let schema = podroute(&["schema", name]).json();
        assert_eq!(schema["title"], format!("podroute.{name}/v1"));
    }
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
