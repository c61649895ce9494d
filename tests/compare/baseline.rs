//! `podroute check --baseline`.

use super::*;

#[test]
fn what_is_known_does_not_count() {
    let folder = Folder::new();
    let report = folder.report("report.json", &shop());
    let run = podroute(&["check", &shop(), "--baseline", &report], "");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out
            .contains("2 routes, 1 withheld; 0 errors, 0 warnings, 0 info\n"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("  8 known findings are in the baseline and did not count:\n"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains(
            "error ako/cni-plugin-mismatch  ConfigMap avi-system/avi-k8s-config data.cniPlugin\n"
        ),
        "{}",
        run.out
    );
    assert!(!run.out.contains("\nFindings\n"), "{}", run.out);
    // The report itself stays whole.
    let arguments = ["check", &shop(), "--baseline", &report, "--format", "json"];
    let run = podroute(&arguments, "");
    assert_eq!(run.code, 0);
    assert_eq!(run.out, fs::read_to_string(&report).unwrap());
}

#[test]
fn what_is_new_counts_and_what_is_gone_is_told() {
    let folder = Folder::new();
    let report = folder.report("report.json", &shop());
    let mut value: Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    let findings = value["findings"].as_array_mut().unwrap();
    // One less is known; one that is known was mended since.
    let mut mended = findings.remove(0);
    mended["rule"] = json!("route/off-link");
    findings.push(mended.clone());
    mended["rule"] = json!("route/next-hop-in-prefix");
    findings.push(mended);
    let baseline = folder.file("baseline.json", &value.to_string());
    let run = podroute(&["check", &shop(), "--baseline", &baseline], "");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("1 error, 0 warnings, 0 info\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("7 known findings"), "{}", run.out);
    assert!(
        run.out.contains("  2 findings of the baseline are gone:\n    error route/off-link  unknown: the rule was not evaluated completely\n    error route/next-hop-in-prefix  fixed\n"),
        "{}",
        run.out
    );
}

#[test]
fn no_baseline_is_a_usage_error_with_file_and_field() {
    let folder = Folder::new();
    let report = folder.report("report.json", &shop());
    let text = fs::read_to_string(&report).unwrap();
    for (contents, words) in [
        ("", "is not JSON"),
        ("[]", "has no `schema`"),
        (
            "{\"schema\": \"podroute.diff/v1\"}",
            "is a podroute.diff/v1",
        ),
        (
            &text.replacen("\"severity\":\"error\"", "\"severity\":\"fatal\"", 1),
            "field findings[0].severity: unknown variant `fatal`",
        ),
    ] {
        let file = folder.file("baseline.json", contents);
        let run = podroute(&["check", &shop(), "--baseline", &file], "");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{contents}");
        assert!(run.err.contains("baseline.json: "), "{}", run.err);
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    let run = podroute(&["check", &shop(), "--baseline", "nowhere.json"], "");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("nowhere.json"), "{}", run.err);
}

#[test]
fn a_baseline_does_not_make_a_verdict() {
    let folder = Folder::new();
    let empty = folder.snapshot("empty.json", &[]);
    let report = folder.report("report.json", &empty);
    let run = podroute(&["check", &empty, "--baseline", &report], "");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("No verdict"), "{}", run.out);
}
