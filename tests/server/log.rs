//! What the log looks like.

use std::io;
use std::sync::{Arc, Mutex};

use clap::Parser;
use podroute::daemon::log::Options;
use podroute::daemon::server;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    log: Options,
    // In one command with the log's.
    #[command(flatten)]
    _server: server::Options,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is logged under these options while this runs.
fn log(arguments: &[&str], colours: bool, events: fn()) -> String {
    let line = CommandLine::try_parse_from([&["podroute"], arguments].concat()).unwrap();
    let lines = Lines::default();
    let log = line.log.log_to(lines.clone(), colours).unwrap();
    tracing::dispatcher::with_default(&log, events);
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_line_of_text_has_a_time_in_utc_a_level_and_fields() {
    let text = log(&[], false, || {
        tracing::warn!(routes = 3, "the table has changed");
    });
    let (time, rest) = text.split_once(' ').unwrap();
    let time: jiff::Timestamp = time.parse().unwrap();
    assert!(text.starts_with(&time.to_string()[..19]), "{text}");
    assert_eq!(
        rest.trim(),
        "WARN server::log: the table has changed routes=3"
    );
}

#[test]
fn colours_are_for_terminals_and_never_come_from_a_value() {
    let events: fn() = || tracing::warn!(node = "\u{1b}[31mworker-1", "read");
    assert!(log(&[], true, events).contains("\u{1b}["));
    assert!(!log(&[], false, events).contains('\u{1b}'));
}

#[test]
fn a_line_of_json_is_one_object() {
    let text = log(&["--log-format", "json"], false, || {
        tracing::error!(table = "avi vrf global", "cannot be\nwritten");
    });
    assert_eq!(text.lines().count(), 1);
    let mut event: Value = serde_json::from_str(&text).unwrap();
    let time = event["timestamp"].take();
    assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    assert_eq!(
        event,
        json!({
            "timestamp": null,
            "level": "ERROR",
            "target": "server::log",
            "message": "cannot be\nwritten",
            "table": "avi vrf global",
        })
    );
}

#[test]
fn what_is_logged_can_be_chosen() {
    let events: fn() = || {
        tracing::info!(target: "podroute::daemon", "one");
        tracing::debug!(target: "podroute::daemon", "two");
        tracing::debug!(target: "other", "three");
        tracing::warn!(target: "other", "four");
        tracing::warn!(target: "kube_client::client", "five");
    };
    let words = |level: &str| {
        let text = log(&["--log-level", level], false, events);
        let words = text
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    // Of libraries only what is worth a warning, of kube's client not even
    // that: it warns of each watch that ends.
    assert_eq!(words("info"), ["one", "four"]);
    assert_eq!(words("debug"), ["one", "two", "four"]);
    assert_eq!(words("warn"), ["four", "five"]);
    assert_eq!(words("info,other=debug"), ["one", "three", "four", "five"]);
    assert!(words("off").is_empty());
}

#[test]
fn a_filter_that_means_nothing_is_refused() {
    for level in ["loud", "", "info,loud", "podroute=loud", "a=b=c"] {
        let line = CommandLine::try_parse_from(["podroute", "--log-level", level]);
        let error = line.map(drop).unwrap_err().to_string();
        assert!(error.contains("--log-level"), "{error}");
    }
}
