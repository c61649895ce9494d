//! Time and memory of a program, and how many routes it printed.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// The median.
    pub(crate) seconds: f64,
    /// The most memory that was resident, in bytes.
    pub(crate) peak: u64,
    pub(crate) routes: usize,
}

/// Runs a program several times; None when it cannot be run or fails.
pub(crate) fn measure(command: &[&str], times: usize) -> Option<Measured> {
    let mut runs: Vec<Measured> = (0..times).map(|_| once(command)).collect::<Option<_>>()?;
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let peak = runs.iter().map(|run| run.peak).max()?;
    let median = runs[runs.len() / 2];
    Some(Measured { peak, ..median })
}

fn once(command: &[&str]) -> Option<Measured> {
    let start = Instant::now();
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdout = child.stdout.take()?;
    let reader = thread::spawn(move || {
        let mut output = Vec::new();
        stdout.read_to_end(&mut output).map(|_| output)
    });
    let (id, mut peak) = (child.id(), 0);
    let status = loop {
        peak = peak.max(high_water_mark(id).unwrap_or_default());
        match child.try_wait().ok()? {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    let output = reader.join().ok()?.ok()?;
    status.success().then(|| Measured {
        seconds,
        peak,
        routes: routes(&output),
    })
}

/// From /proc: what was resident at most, so far.
fn high_water_mark(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// A line is a route, unless it is a report.
fn routes(output: &[u8]) -> usize {
    match serde_json::from_slice::<serde_json::Value>(output) {
        Ok(report) => report["routes"].as_array().map_or(0, Vec::len),
        Err(_) => output
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .count(),
    }
}
