//! Workflow commands of GitHub Actions: what is found becomes annotations on
//! the files of a pull request.
//!
//! GitHub takes at most ten annotations of a level from a step and drops the
//! others without a word. So the worst ten become annotations, and what is
//! left stands in the log as plain lines, which the last line counts.

use super::Checked;
use super::place::FilePlace;
use super::wording;
use crate::policy::{Finding, Severity};
use crate::render::style::severity_name;

/// Annotations of one level in a step.
const SHOWN: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

struct Command {
    level: Level,
    title: String,
    message: String,
    place: Option<FilePlace>,
}

pub(super) fn render(checked: &Checked<'_>) -> String {
    let mut text = String::new();
    let mut in_log = 0_usize;
    let (mut errors, mut warnings, mut notices) = (0, 0, 1);
    for command in commands(checked) {
        let given = match command.level {
            Level::Error => &mut errors,
            Level::Warning => &mut warnings,
            // One is for the summary.
            Level::Notice => &mut notices,
        };
        if *given < SHOWN {
            *given += 1;
            text += &command.annotation();
        } else {
            in_log += 1;
            text += &command.plain();
        }
    }
    let mut summary = wording::summary(checked.report);
    if in_log > 0 {
        summary = format!("{summary}; {in_log} more in the log of this step");
    }
    text + &Command::of(Level::Notice, "podroute", summary).annotation()
}

/// Worst first. What was not looked at comes before what is merely worth
/// knowing, so that it is never cut off.
fn commands(checked: &Checked<'_>) -> Vec<Command> {
    let report = checked.report;
    let undecided = report.undecided.iter();
    let mut commands: Vec<Command> = undecided
        .map(|reason| Command::of(Level::Error, "No verdict on the routes", reason.clone()))
        .collect();
    commands.extend(checked.snapshot.errors.iter().map(|error| Command {
        place: FilePlace::at(&error.location),
        ..Command::of(Level::Error, "Unreadable input", error.to_string())
    }));
    commands.extend(report.problems.iter().map(|problem| {
        Command {
            place: problem
                .object
                .as_ref()
                .and_then(|object| FilePlace::of(object, checked.snapshot).into_iter().next()),
            ..Command::of(
                level(problem.severity),
                "Problem with the input",
                wording::problem(problem),
            )
        }
    }));
    let (info, worse): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Info);
    commands.extend(worse.into_iter().map(|finding| found(finding, checked)));
    let waiting = wording::by_missing(&report.not_evaluated).into_iter();
    let waiting = waiting.map(|(missing, rules)| format!("{missing}: {}", rules.join(", ")));
    commands.extend(together("Not evaluated, for want of", waiting));
    let off = report.rules_off.iter().cloned();
    commands.extend(together("Switched off", off));
    let accepted = report.suppressed.iter().map(|suppressed| {
        let finding = &suppressed.finding;
        let reasons = suppressed.reasons.join("; ");
        format!("{}: {} (because: {reasons})", finding.rule, finding.message)
    });
    commands.extend(together("Accepted", accepted));
    commands.extend(info.into_iter().map(|finding| found(finding, checked)));
    commands
}

fn found(finding: &Finding, checked: &Checked<'_>) -> Command {
    let mut places = finding
        .objects
        .iter()
        .flat_map(|object| FilePlace::of(object, checked.snapshot));
    Command {
        place: places.next(),
        ..Command::of(
            level(finding.severity),
            &finding.rule,
            wording::explained(finding),
        )
    }
}

/// One notice for all of them, if there are any.
fn together(title: &str, lines: impl Iterator<Item = String>) -> Option<Command> {
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| Command::of(Level::Notice, title, lines.join("\n")))
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Notice,
    }
}

impl Command {
    fn of(level: Level, title: &str, message: String) -> Self {
        Self {
            level,
            title: title.to_owned(),
            message,
            place: None,
        }
    }

    fn annotation(&self) -> String {
        let name = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = Vec::new();
        if let Some(place) = &self.place {
            properties.push(format!("file={}", property(&place.path)));
            properties.extend(place.line.map(|line| format!("line={line}")));
        }
        properties.push(format!("title={}", property(&self.title)));
        format!(
            "::{name} {}::{}\n",
            properties.join(","),
            data(&self.message)
        )
    }

    /// A line that the runner does not look at.
    fn plain(&self) -> String {
        let severity = match self.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Notice => Severity::Info,
        };
        let place = self.place.as_ref().map(|place| match place.line {
            Some(line) => format!(" ({}:{line})", place.path),
            None => format!(" ({})", place.path),
        });
        let text = format!(
            "{} {}{}: {}",
            severity_name(severity),
            self.title,
            place.unwrap_or_default(),
            self.message
        );
        format!("{}\n", text.replace(['\r', '\n'], " "))
    }
}

/// As GitHub's own toolkit escapes them.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped() {
        let command = Command {
            place: Some(FilePlace {
                path: "a:b,c 100%.yaml".to_owned(),
                line: Some(7),
            }),
            ..Command::of(Level::Error, "a,b", "50%: x,\r\n::error::y".to_owned())
        };
        assert_eq!(
            command.annotation(),
            "::error file=a%3Ab%2Cc 100%25.yaml,line=7,title=a%2Cb::50%25: x,%0D%0A::error::y\n"
        );
        assert_eq!(
            command.plain(),
            "error a,b (a:b,c 100%.yaml:7): 50%: x,  ::error::y\n"
        );
    }
}
