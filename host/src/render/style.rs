//! Colours. Whether they are shown is decided where the text is written.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::policy::Severity;

const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const INFO: Style = AnsiColor::Cyan.on_default().bold();

fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

pub fn heading(text: impl Display) -> String {
    paint(HEADING, text)
}

pub fn dim(text: impl Display) -> String {
    paint(DIM, text)
}

pub fn error(text: impl Display) -> String {
    paint(ERROR, text)
}

pub fn warning(text: impl Display) -> String {
    paint(WARNING, text)
}

pub fn info(text: impl Display) -> String {
    paint(INFO, text)
}

/// A severity's name in its colour.
pub fn severity(severity: Severity) -> String {
    let style = match severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        Severity::Info => INFO,
    };
    paint(style, severity_name(severity))
}

pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
