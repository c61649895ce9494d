//! A checked cluster in the formats that people and other programs read. One
//! file each; each is a function from [`Checked`] to text.

mod plan_json;
mod yaml;

use crate::Snapshot;
use crate::policy::{Plan, Report, Rule};
use crate::render::{plan, table};

/// A cluster that was checked, with all that a format may show of it.
pub struct Checked<'a> {
    pub report: &'a Report,
    /// The same as `podroute.report/v1`, for formats that need it.
    pub json: &'a str,
    /// Where objects stand.
    pub snapshot: &'a Snapshot,
    /// The catalogue, for formats that need it.
    pub rules: &'a [Rule],
    /// What would be done to a table, and its name.
    pub plan: Option<(&'a str, &'a Plan)>,
    /// Which routes to show where there may be too many for a person.
    pub routes: table::Routes,
}

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    PlanJson,
    Yaml,
}

impl Format {
    /// Every format, with its name and what it is for.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
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
    ];

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut formats = Self::ALL.into_iter();
        formats.find_map(|(format, known, _)| (known == name).then_some(format))
    }

    /// Whether it is made of [`Checked::json`].
    pub fn needs_json(self) -> bool {
        matches!(self, Self::Json | Self::Yaml)
    }

    /// Whether it shows more of the rules than the findings say.
    pub fn needs_rules(self) -> bool {
        false
    }

    /// Whether the text says what was wrong with the input.
    pub fn has_problems(self) -> bool {
        matches!(self, Self::Table)
    }

    /// The text, with a line end. Styled where the format is for a terminal:
    /// write it through `anstream`.
    pub fn render(self, checked: &Checked<'_>) -> String {
        match self {
            Self::Table => table(checked),
            Self::Json => format!("{}\n", checked.json),
            Self::PlanJson => plan_json::render(checked),
            Self::Yaml => yaml::render(checked),
        }
    }
}

fn table(checked: &Checked<'_>) -> String {
    let mut text = table::render(checked.report, checked.snapshot, checked.routes);
    if let Some((name, plan)) = checked.plan {
        text += "\nPlan for ";
        text += &plan::render(name, plan);
    }
    text
}
