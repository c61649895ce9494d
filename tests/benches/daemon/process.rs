//! What the kernel says of a process.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) struct Process {
    folder: PathBuf,
}

impl Process {
    pub(crate) fn new(id: u32) -> Self {
        Self {
            folder: PathBuf::from(format!("/proc/{id}")),
        }
    }

    /// `VmRSS:` or `VmHWM:`, in megabytes.
    pub(crate) fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(self.folder.join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() / 1024
    }

    /// Makes `VmHWM:` start over.
    pub(crate) fn forget_peak(&self) {
        fs::write(self.folder.join("clear_refs"), "5").unwrap();
    }

    /// User and system time so far.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(self.folder.join("stat")).unwrap();
        // The name in parentheses may hold anything.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks: u64 = fields
            .split(' ')
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().unwrap())
            .sum();
        // Linux shows a hundred ticks a second on every architecture.
        Duration::from_millis(ticks * 10)
    }
}
