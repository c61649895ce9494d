//! The routes for other routers, from the templates of the target `file`:
//! FRR, BIRD, iproute2, an Avi Controller.
//!
//! A list without a verdict is not written at all: half of the routes must
//! never look like all of them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Checked;
use crate::policy::Report;
use crate::render::table;
use crate::targets::Wanted;
use crate::targets::file::{Template, comment, render as fill};

/// Where comments are broken. Readers of one line have a limit, too.
const WIDTH: usize = 100;

/// Commands or a configuration, with comments of this mark.
pub(super) fn render(template: &str, mark: &str, checked: &Checked<'_>) -> String {
    let report = checked.report;
    let routes = wanted(report).and_then(|routes| filled(template, "", &routes));
    match routes {
        Ok(text) => {
            let routes = table::plural(report.routes.len(), "route");
            let held = report.withheld.len();
            let mut all = comments(
                mark,
                &format!("podroute check: {routes} to pods, {held} withheld"),
            );
            for line in withheld(report) {
                all += &comments(mark, &line);
            }
            all + without_heading(mark, &text)
        }
        Err(reasons) => {
            let why = "podroute check: no verdict on the routes, so there are none here";
            let reasons = reasons.iter().map(|reason| format!("- {reason}"));
            let lines = [why.to_owned()].into_iter().chain(reasons);
            lines.map(|line| comments(mark, &line)).collect()
        }
    }
}

/// The static routes of a VRF context. JSON has no comments: what is withheld
/// stands beside them.
pub(super) fn avi(checked: &Checked<'_>) -> String {
    let report = checked.report;
    let text = decided(report).and_then(|()| match checked.owned {
        Some((owner, routes)) => filled("avi", owner, routes),
        None => Err(vec!["nobody said whose routes these are".to_owned()]),
    });
    let text = match text {
        Ok(text) if report.withheld.is_empty() => return text,
        Ok(text) => text,
        Err(no_verdict) => return json(&NoVerdict { no_verdict }),
    };
    let routes: StaticRoutes = serde_json::from_str(&text).unwrap_or_default();
    json(&StaticRoutes {
        withheld: withheld(report).collect(),
        ..routes
    })
}

#[derive(Serialize)]
struct NoVerdict {
    no_verdict: Vec<String>,
}

#[derive(Default, Deserialize, Serialize)]
struct StaticRoutes {
    static_routes: Vec<Box<RawValue>>,
    #[serde(skip_deserializing)]
    withheld: Vec<String>,
}

fn json(value: &impl Serialize) -> String {
    // There is nothing in it that JSON cannot say.
    let text = serde_json::to_string_pretty(value);
    format!("{}\n", text.unwrap_or_default())
}

/// What the template makes of the routes, or why it made nothing.
fn filled(template: &str, owner: &str, routes: &[Wanted]) -> Result<String, Vec<String>> {
    let template = Template::open(template);
    let text = template.and_then(|template| fill(&template, owner, routes));
    text.map_err(|error| vec![error.to_string()])
}

/// The templates begin with a comment for files that a daemon keeps.
fn without_heading<'a>(mark: &str, text: &'a str) -> &'a str {
    match text.split_once('\n') {
        Some((heading, rest)) if heading.starts_with(mark) => rest,
        _ => text,
    }
}

fn decided(report: &Report) -> Result<(), Vec<String>> {
    match report.undecided.as_slice() {
        [] => Ok(()),
        reasons => Err(reasons.to_vec()),
    }
}

/// The routes without ids, which matter only to tables that hold one. Texts
/// that are no addresses can come from another policy than the built-in one.
fn wanted(report: &Report) -> Result<Vec<Wanted>, Vec<String>> {
    decided(report)?;
    let routes = report.routes.iter().map(|route| {
        let (Ok(prefix), Ok(next_hop)) = (route.prefix.parse(), route.next_hop.parse()) else {
            return Err(vec![format!(
                "the policy made a route that cannot be read: {} via {}",
                route.prefix, route.next_hop
            )]);
        };
        Ok(Wanted {
            id: String::new(),
            prefix,
            next_hop,
            node: route.node.clone(),
        })
    });
    routes.collect()
}

fn withheld(report: &Report) -> impl Iterator<Item = String> {
    report.withheld.iter().map(|one| {
        format!(
            "withheld by {}: {} via {} (node {})",
            one.rule,
            one.prefix,
            one.next_hop.as_deref().unwrap_or("no address"),
            one.node
        )
    })
}

/// Lines that stay comments, whoever wrote the text.
fn comments(mark: &str, text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let options = textwrap::Options::new(WIDTH)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(&flat, options);
    let lines = lines
        .iter()
        .map(|line| format!("{mark} {}\n", comment(line)));
    lines.collect()
}
