//! Baselines: findings that are known already, from an earlier report.
//!
//! A cluster with mistakes of long ago can be checked for new ones: what a
//! baseline has does not count, and does not hide anything either.

mod table;

use std::fs;
use std::path::Path;

use crate::diff::{Gone, Known, why_gone};
use crate::policy::{self, Finding};
use crate::reported::{self, Report};

/// An earlier report.
#[derive(Clone, Debug)]
pub struct Baseline {
    name: String,
    report: Report,
}

/// A report beside its baseline.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The baseline's file.
    pub name: String,
    /// The findings that are in the baseline, in the report's order. The
    /// report does not have them any more.
    pub known: Vec<Finding>,
    /// The findings of the baseline that the report did not have.
    pub gone: Vec<Gone>,
}

/// Why a file is no baseline.
#[derive(Debug, thiserror::Error)]
#[error("baseline {name}: {reason}")]
pub struct Error {
    name: String,
    reason: String,
}

impl Baseline {
    /// Reads the report of an earlier `podroute check --format json`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let parsed = fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| Report::parse(&text).map_err(|error| error.to_string()));
        match parsed {
            Ok(report) => Ok(Self { name, report }),
            Err(reason) => Err(Error { name, reason }),
        }
    }

    /// Takes the known findings out of a report.
    pub fn take_known(&self, report: &mut policy::Report) -> Compared {
        let now = Report::from(&*report);
        let before = Known::of(&self.report.findings);
        let after = Known::of(&now.findings);
        let all = std::mem::take(&mut report.findings);
        let (known, new) = all
            .into_iter()
            .partition(|finding| before.has(&reported::Finding::from(finding)));
        report.findings = new;
        let gone = self.report.findings.iter();
        Compared {
            name: self.name.clone(),
            known,
            gone: gone
                .filter(|finding| !after.has(finding))
                .map(|finding| Gone {
                    finding: finding.clone(),
                    why: why_gone(finding, &now),
                })
                .collect(),
        }
    }
}

impl Compared {
    /// For people. Styled; print it through `anstream`.
    pub fn to_table(&self) -> String {
        table::render(self)
    }
}
