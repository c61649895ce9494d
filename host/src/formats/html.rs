//! The report as one page that needs nothing else: no network, no other file.
//!
//! The policy writes the sections, so that a browser shows the same. What
//! runs is one script, named by its hash in the page's Content-Security-Policy,
//! which refuses everything else, all network included.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Checked;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

pub(super) fn render(checked: &Checked<'_>) -> String {
    let cluster = &checked.report.cluster;
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    let about = format!("{}, {} nodes", cluster.cni, cluster.nodes);
    fill(&[
        ("policy", &format!("'sha256-{hash}'")),
        ("about", &escaped(&about)),
        ("version", env!("CARGO_PKG_VERSION")),
        ("style", STYLE),
        ("report", &in_script(checked.json)),
        ("script", SCRIPT),
        ("page", checked.page),
    ])
}

/// Puts texts into the places of the template. What looks like a place in a
/// text is none.
fn fill(texts: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        page += before;
        let Some((place, after)) = after.split_once("}}") else {
            break;
        };
        let text = texts.iter().find(|(name, _)| *name == place);
        page += text.map_or("", |(_, text)| text);
        rest = after;
    }
    page + rest
}

/// JSON that cannot end the script element that it is put into. In JSON `<`
/// stands in strings only.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
