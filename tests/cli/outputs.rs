//! Several formats in one run.

use super::*;

#[test]
fn each_format_goes_to_its_place() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let run = podroute(&[
        "check",
        "--format",
        "table",
        "--format",
        &format!("json={}", file("report.json")),
        "--format",
        &format!("table={}", file("report.txt")),
        "--color",
        "always",
        snapshots("shop").to_str().unwrap(),
    ]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("\u{1b}[1m"),
        "colours where they are wanted"
    );
    let text = fs::read_to_string(file("report.txt")).unwrap();
    assert_eq!(text, anstream::adapter::strip_str(&run.out).to_string());
    let report: Value =
        serde_json::from_str(&fs::read_to_string(file("report.json")).unwrap()).unwrap();
    assert_eq!(report["schema"], "podroute.report/v1");
}

#[test]
fn yaml_says_what_json_says() {
    let shop = snapshots("shop");
    let check = |format: &str| podroute(&["check", "--format", format, shop.to_str().unwrap()]);
    let yaml: Value = serde_norway::from_str(&check("yaml").out).unwrap();
    assert_eq!(yaml, check("json").json());
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_read() {
    for (formats, expected) in [
        (&["json", "table"][..], "only one --format"),
        (&["jsonn"], "there is no format `jsonn`; there are table, "),
        (&["json="], "a file name is missing"),
        (&["plan-json"], "needs --vrf"),
    ] {
        let mut arguments = vec!["check", "no-such-file.yaml"];
        for format in formats {
            arguments.extend(["--format", format]);
        }
        let run = podroute(&arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{formats:?}");
        assert!(run.err.contains(expected), "{formats:?}: {}", run.err);
        assert!(!run.err.contains("no-such-file"), "{}", run.err);
    }
    let run = podroute(&[
        "check",
        "--format",
        "json=/no/such/folder/report.json",
        snapshots("shop").to_str().unwrap(),
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("/no/such/folder/report.json"),
        "{}",
        run.err
    );
}

#[test]
fn help_lists_the_formats() {
    let help = podroute(&["check", "--help"]).out;
    for format in ["table", "json", "yaml", "plan-json"] {
        assert!(help.contains(&format!("\n  {format} ")), "{help}");
    }
}
