//! What is deployed to Conftest: the policy over real reports, its own tests,
//! and the plugin.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use podroute_policy_tests::rego::{Engine, Program, engines, no_external_data};
use podroute_policy_tests::{files, podroute};
use serde_json::{Value, json};

#[test]
fn a_healthy_cluster_passes() {
    let report = report("cilium-cluster-pool");
    for engine in engines() {
        let main = main_package(&engine, json!({}), &report);
        assert_eq!(main["deny"], json!([]), "{engine:?}");
        assert_eq!(main["warn"], json!([]), "{engine:?}");
    }
}

#[test]
fn errors_are_denied_and_warnings_are_warned_of() {
    let report = report("shop");
    let errors = rules(&report, &["error"]);
    let warnings = rules(&report, &["warning"]);
    assert!(errors.contains("route/duplicate-prefix"), "{errors:?}");
    assert!(!warnings.is_empty());
    for engine in engines() {
        let main = main_package(&engine, json!({}), &report);
        assert_eq!(rules_named(&main["deny"]), errors, "{engine:?}");
        assert_eq!(rules_named(&main["warn"]), warnings, "{engine:?}");
    }
}

#[test]
fn a_parameter_denies_warnings_too() {
    let report = report("shop");
    for engine in engines() {
        let data = json!({"podroute": {"severity": "warning"}});
        let main = main_package(&engine, data, &report);
        assert_eq!(
            rules_named(&main["deny"]),
            rules(&report, &["error", "warning"]),
            "{engine:?}"
        );
        assert_eq!(main["warn"], json!([]), "{engine:?}");
    }
}

#[test]
fn an_exception_lets_one_finding_pass() {
    let report = report("shop");
    let exceptions = json!([{"rule": "route/duplicate-prefix", "reason": "moved on Friday"}]);
    let mut others = rules(&report, &["error"]);
    others.remove("route/duplicate-prefix");
    for engine in engines() {
        let data = json!({"podroute": {"exceptions": exceptions}});
        let main = main_package(&engine, data, &report);
        assert_eq!(rules_named(&main["deny"]), others, "{engine:?}");
        assert_eq!(
            rules_named(&main["warn"]),
            rules(&report, &["warning"]),
            "{engine:?}"
        );
    }
}

#[test]
fn a_cluster_without_a_verdict_is_denied() {
    let directory = tempfile::tempdir().unwrap();
    let service = directory.path().join("service.yaml");
    fs::copy(
        files::policies("examples/allowed/web-service.yaml"),
        &service,
    )
    .unwrap();
    let report = read_report(&service);
    let reasons = report["undecided"].as_array().unwrap();
    assert!(!reasons.is_empty());
    for engine in engines() {
        let denied = main_package(&engine, json!({}), &report)["deny"].clone();
        let denied = denied.as_array().unwrap();
        assert_eq!(denied.len(), reasons.len(), "{engine:?}: {denied:?}");
        for message in denied {
            let message = message.as_str().unwrap();
            assert!(
                message.starts_with("no verdict on the routes: "),
                "{message}"
            );
        }
    }
}

#[test]
fn the_tests_of_the_policy_pass() {
    let text = files::text("conftest/policy/podroute_test.rego");
    let tests: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_suffix(" if {"))
        .filter(|name| name.starts_with("test_"))
        .collect();
    assert!(!tests.is_empty());
    for engine in engines() {
        for test in &tests {
            let passed = program(json!({})).eval(&engine, &format!("main_test.{test}"), &json!({}));
            assert_eq!(passed, json!(true), "{test} in {engine:?}");
        }
    }
}

#[test]
fn the_example_of_exceptions_is_what_the_policy_takes() {
    let data = files::document("conftest/exceptions.example.yaml");
    let rule = data["podroute"]["exceptions"][0]["rule"].clone();
    let report = report("cilium-cluster-pool");
    for engine in engines() {
        let main = main_package(&engine, data.clone(), &report);
        let warned = main["warn"].as_array().unwrap();
        let warning = warned[0].as_str().unwrap();
        assert!(
            warning.starts_with(&format!(
                "the exception for {} covers",
                rule.as_str().unwrap()
            )),
            "{engine:?}: {warning}"
        );
        assert_eq!(
            (main["deny"].clone(), warned.len()),
            (json!([]), 1),
            "{engine:?}"
        );
    }
}

#[test]
fn the_plugin_gives_conftest_the_report_and_the_policy() {
    let stand_in = StandIn::new(0);
    let shop = snapshot("shop");
    let output = stand_in.run_plugin(&[shop.to_str().unwrap(), "--", "--data", "exceptions.yaml"]);
    assert!(output.status.success(), "{output:?}");
    let policy = files::policies("conftest").join("policy");
    assert_eq!(
        stand_in.file("arguments"),
        format!(
            "test\n--parser\njson\n--policy\n{}\n--data\nexceptions.yaml\n-\n",
            policy.display()
        )
    );
    let given: Value = serde_json::from_str(&stand_in.file("input")).unwrap();
    assert_eq!(given, report("shop"));
}

#[test]
fn the_plugin_ends_as_conftest_does() {
    let output = StandIn::new(1).run_plugin(&[snapshot("shop").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn the_plugin_does_not_call_what_could_not_be_read_a_failed_test() {
    let stand_in = StandIn::new(0);
    let output = stand_in.run_plugin(&["/nowhere"]);
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("/nowhere"), "{message}");
    assert!(!stand_in.path("input").exists());
}

/// In place of Conftest: writes down what it is given.
struct StandIn {
    directory: tempfile::TempDir,
}

impl StandIn {
    fn new(exit_code: u8) -> Self {
        let stand_in = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\ncat > '{}'\nexit {exit_code}\n",
            stand_in.path("arguments").display(),
            stand_in.path("input").display(),
        );
        fs::write(stand_in.path("conftest"), script).unwrap();
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(stand_in.path("conftest"), executable).unwrap();
        std::os::unix::fs::symlink(
            podroute::binary().canonicalize().unwrap(),
            stand_in.path("podroute"),
        )
        .unwrap();
        stand_in
    }

    /// Calls the plugin as its description says.
    fn run_plugin(&self, arguments: &[&str]) -> Output {
        let plugin = files::document("conftest/plugin.yaml");
        let directory = files::policies("conftest");
        let command = plugin["command"]
            .as_str()
            .unwrap()
            .replace("$CONFTEST_PLUGIN_DIR", directory.to_str().unwrap());
        let path = std::env::var("PATH").unwrap();
        Command::new(command)
            .args(arguments)
            .env("CONFTEST_PLUGIN_DIR", directory)
            .env(
                "PATH",
                format!("{}:{path}", self.directory.path().display()),
            )
            .output()
            .unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

fn main_package(engine: &Engine, data: Value, report: &Value) -> Value {
    program(data).eval(engine, "main", report)
}

fn program(data: Value) -> Program {
    let modules = ["podroute.rego", "podroute_test.rego"].map(|name| {
        let text = files::text(&format!("conftest/policy/{name}"));
        (name.to_owned(), text)
    });
    Program {
        modules: modules.into(),
        v0: false,
        data,
        external_data: no_external_data(),
    }
}

fn snapshot(name: &str) -> std::path::PathBuf {
    files::policies("../tests/snapshots").join(name)
}

fn report(name: &str) -> Value {
    read_report(&snapshot(name))
}

fn read_report(snapshot: &Path) -> Value {
    let output = podroute::check(&["--format", "json", snapshot.to_str().unwrap()]);
    serde_json::from_slice(&output.stdout).expect("podroute check --format json writes a report")
}

/// The rules of a report's findings of some severities.
fn rules(report: &Value, severities: &[&str]) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| severities.contains(&finding["severity"].as_str().unwrap()))
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// The rules that messages name in brackets at their ends.
fn rules_named(messages: &Value) -> BTreeSet<String> {
    let messages = messages.as_array().unwrap();
    messages
        .iter()
        .map(|message| {
            let message = message.as_str().unwrap();
            let (_, rule) = message.rsplit_once(" [").unwrap();
            rule.trim_end_matches(']').to_owned()
        })
        .collect()
}
