//! A checked cluster in the formats that people and other programs read. One
//! file each; each is a function from [`Checked`] to text.

mod csv;
mod fingerprint;
mod github;
mod gitlab;
mod html;
mod junit;
mod markdown;
mod place;
pub mod plan_json;
mod routes;
mod sarif;
mod svg;
mod wording;
mod yaml;

use crate::Snapshot;
use crate::baseline::Compared;
use crate::policy::{Plan, Report, Rule};
use crate::render::{plan, table, terminal};
use crate::targets::Wanted;

/// A cluster that was checked, with all that a format may show of it.
pub struct Checked<'a> {
    pub report: &'a Report,
    /// The same as `podroute.report/v1`, for formats that need it.
    pub json: &'a str,
    /// The map as SVG, for formats that need it.
    pub map: &'a str,
    /// The sections of a page, for formats that need them.
    pub page: &'a str,
    /// Where objects stand.
    pub snapshot: &'a Snapshot,
    /// The catalogue, for formats that need it.
    pub rules: &'a [Rule],
    /// What would be done to a table, and its name.
    pub plan: Option<(&'a str, &'a Plan)>,
    /// The routes as a table would hold them, with their ids, and the owner
    /// mark, for formats that need it.
    pub owned: Option<(&'a str, &'a [Wanted])>,
    /// Which routes to show where there may be too many for a person.
    pub routes: table::Routes,
    /// What a baseline knows already; the report does not have it any more,
    /// while `json` has everything.
    pub baseline: Option<&'a Compared>,
}

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    PlanJson,
    Yaml,
    Markdown,
    Sarif,
    Junit,
    Github,
    Gitlab,
    Csv,
    Avi,
    Frr,
    Bird,
    Iproute2,
    Html,
    Svg,
}

impl Format {
    /// Every format, with its name and what it is for.
    pub const ALL: [(Self, &'static str, &'static str); 16] = [
        (Self::Table, "table", "for people"),
        (
            Self::Json,
            "json",
            "podroute.report/v1; see `podroute schema report`",
        ),
        (
            Self::PlanJson,
            "plan-json",
            "podroute.plan/v1, the plan alone; needs --vrf",
        ),
        (Self::Yaml, "yaml", "podroute.report/v1 as YAML"),
        (Self::Markdown, "markdown", "a comment for a pull request"),
        (Self::Sarif, "sarif", "SARIF 2.1.0, for code scanning"),
        (Self::Junit, "junit", "JUnit XML, a test case per rule"),
        (
            Self::Github,
            "github",
            "workflow commands: annotations in GitHub Actions",
        ),
        (Self::Gitlab, "gitlab", "GitLab's Code Quality report"),
        (Self::Csv, "csv", "the routes, as comma-separated values"),
        (
            Self::Avi,
            "avi",
            "the routes, as static routes of an Avi VRF context; needs an owner mark",
        ),
        (Self::Frr, "frr", "the routes, as commands of FRR's vtysh"),
        (Self::Bird, "bird", "the routes, as protocols of BIRD 2"),
        (
            Self::Iproute2,
            "iproute2",
            "the routes, as a batch for `ip -batch`",
        ),
        (
            Self::Html,
            "html",
            "one page with everything, which loads nothing",
        ),
        (Self::Svg, "svg", "a map of the address space"),
    ];

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut formats = Self::ALL.into_iter();
        formats.find_map(|(format, known, _)| (known == name).then_some(format))
    }

    /// Whether it is made of [`Checked::json`].
    pub fn needs_json(self) -> bool {
        matches!(self, Self::Json | Self::Yaml | Self::Html | Self::Svg)
    }

    /// Whether it is made of [`Checked::map`].
    pub fn needs_map(self) -> bool {
        self == Self::Svg
    }

    /// Whether it is made of [`Checked::page`].
    pub fn needs_page(self) -> bool {
        self == Self::Html
    }

    /// Whether it shows more of the rules than the findings say.
    pub fn needs_rules(self) -> bool {
        matches!(self, Self::Sarif | Self::Junit)
    }

    /// Whether it is made of [`Checked::owned`].
    pub fn needs_owner(self) -> bool {
        matches!(self, Self::Avi)
    }

    /// Whether the text says what was wrong with the input.
    pub fn has_problems(self) -> bool {
        matches!(
            self,
            Self::Table | Self::Markdown | Self::Github | Self::Html
        )
    }

    /// The text, with a line end. Styled where the format is for a terminal:
    /// write it through `anstream`.
    pub fn render(self, checked: &Checked<'_>) -> String {
        match self {
            Self::Table => terminal::harmless(&table(checked)).into_owned(),
            Self::Json => format!("{}\n", checked.json),
            Self::PlanJson => plan_json::render(checked),
            Self::Yaml => yaml::render(checked),
            Self::Markdown => markdown::render(checked),
            Self::Sarif => sarif::render(checked),
            Self::Junit => junit::render(checked),
            Self::Github => github::render(checked),
            Self::Gitlab => gitlab::render(checked),
            Self::Csv => csv::render(checked),
            Self::Avi => routes::avi(checked),
            Self::Frr => routes::render("frr", "!", checked),
            Self::Bird => routes::render("bird", "#", checked),
            Self::Iproute2 => routes::render("iproute2", "#", checked),
            Self::Html => html::render(checked),
            Self::Svg => svg::render(checked),
        }
    }
}

fn table(checked: &Checked<'_>) -> String {
    let mut text = table::render(checked.report, checked.snapshot, checked.routes);
    if let Some((name, plan)) = checked.plan {
        text += "\nPlan for ";
        text += &plan::render(name, plan);
    }
    if let Some(baseline) = checked.baseline {
        text += "\n";
        text += &baseline.to_table();
    }
    text
}
