//! --format html and svg: what is in the files, apart from how it looks,
//! which tests/browser tries in a browser.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::*;

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("{before}"));
    rest.split_once(after)
        .unwrap_or_else(|| panic!("{after}"))
        .0
}

/// The page and the JSON of the same run.
fn page_of(input: &str) -> (String, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("report.html");
    let format = format!("html={}", file.display());
    let arguments = [
        "check",
        "--cni",
        "kubernetes",
        "--format",
        "json",
        "--format",
        &format,
        "-",
    ];
    let run = with_stdin(&arguments, input.as_bytes());
    (
        fs::read_to_string(file).unwrap(),
        run.out.trim_end().to_owned(),
    )
}

#[test]
fn the_page_runs_one_script_and_loads_nothing() {
    let (page, _) = page_of(NODE);
    let policy = between(
        &page,
        r#"http-equiv="Content-Security-Policy" content=""#,
        "\"",
    );
    let script = between(&page, "<script>", "</script>");
    let hash = STANDARD.encode(Sha256::digest(script));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    );
    assert_eq!(page.matches("<script").count(), 2, "that one and the JSON");
    for loads in ["src=", "<link", "@import", "<iframe", "<object", "<embed"] {
        assert!(!page.contains(loads), "{loads}");
    }
    // What is linked is for people to follow: rules name their references.
    assert!(!between(&page, "<style>", "</style>").contains("url(h"));
    assert!(!page.contains("{{"), "a place was left open");
}

#[test]
fn the_page_has_the_report_in_it() {
    let name = "</script><!-- <script>{{style}}";
    let (page, json) = page_of(&NODE.replace("worker-1", name));
    let inside = between(
        &page,
        r#"<script type="application/json" id="report">"#,
        "</script>",
    );
    assert!(!inside.contains('<'));
    assert!(json.contains(name));
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(read(inside), read(&json));
    assert!(page.contains("&lt;/script&gt;&lt;!-- &lt;script&gt;{{style}}"));
    assert!(!page.contains("{{style}}</style>"));
}

#[test]
fn the_map_goes_to_standard_output_or_a_file() {
    let run = with_stdin(
        &["check", "--cni", "kubernetes", "--format", "svg", "-"],
        NODE.as_bytes(),
    );
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("<svg "), "{}", run.out);
    assert!(run.out.ends_with("</svg>\n"));
    assert_eq!(run.out.matches("class=\"cell ").count(), 1);
    assert!(
        run.out
            .contains("10.244.1.0/24 of worker-1: routed via 192.0.2.11")
    );
}

/// Evidence is missing: the picture says so, and the exit code.
#[test]
fn no_verdict_is_no_empty_picture() {
    let run = with_stdin(&["check", "--format", "svg", "-"], b"[]");
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(run.out.contains("No verdict on the routes is possible"));
}
