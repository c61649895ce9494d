//! Tar archives, plain or unpacked on the way.

use std::cell::Cell;
use std::io::{self, Read};

use super::{Archive, Collector};
use crate::snapshot::limits::{Limits, in_words};

/// How much may come between two entries: long names, attributes, padding.
const BETWEEN: u64 = 4 << 20;

/// A tar file ends in blocks of zeros.
const BLOCK: u64 = 512;

pub(in crate::snapshot) fn read(reader: impl Read, limits: &Limits) -> Archive {
    let mut collector = Collector::new(limits);
    let meter = Meter::new(limits.passed);
    let mut metered = Metered {
        inner: reader,
        meter: &meter,
    };
    let result = read_entries(&mut metered, &meter, &mut collector);
    // What comes after the last entry still has to be whole.
    let result = result.and_then(|()| {
        meter.allow_all();
        io::copy(&mut metered, &mut io::sink()).map(drop)
    });
    if let Err(error) = result {
        let message = format!("is a tar archive that cannot be read to its end: {error}");
        collector.archive.errors.push(message);
    } else if collector.archive.errors.is_empty() && meter.zeros.get() < BLOCK {
        let message = "is a tar archive without its end; it was cut off".to_owned();
        collector.archive.errors.push(message);
    }
    collector.finish()
}

fn read_entries(
    reader: &mut Metered<'_, impl Read>,
    meter: &Meter,
    collector: &mut Collector<'_>,
) -> io::Result<()> {
    let mut tar = tar::Archive::new(reader);
    let entries = tar.entries()?;
    meter.allow(BETWEEN);
    for entry in entries {
        let mut entry = entry?;
        meter.allow_all();
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        if !collector.has_room() {
            return Ok(());
        }
        if kind.is_symlink() || kind.is_hard_link() {
            collector.archive.links.push(name);
            continue;
        }
        // Its holes take no room in the archive, but time to go through.
        if kind.is_gnu_sparse() {
            let reason = "is a sparse file, which is not read; pack it without --sparse";
            collector.refuse(name, reason.to_owned());
            continue;
        }
        let size = entry.size();
        let mut counted = Counted {
            inner: &mut entry,
            count: 0,
        };
        if Collector::is_wanted(&name) {
            // Too large an entry says nothing of the others.
            match collector.read(name, &mut counted) {
                Err(error) if error.kind() != io::ErrorKind::Other => return Err(error),
                _ => {}
            }
        } else {
            collector.pass(name);
        }
        // Here and not in the tar reader, which has its bounds between entries.
        io::copy(&mut counted, &mut io::sink())?;
        if counted.count < size {
            collector.spoil_last();
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        meter.allow(BETWEEN);
    }
    Ok(())
}

/// How much a reader may still read.
struct Meter {
    /// Of all.
    left: Cell<u64>,
    /// Of that, for now.
    allowed: Cell<u64>,
    /// How many of the last bytes were zero.
    zeros: Cell<u64>,
    limit: u64,
}

impl Meter {
    fn new(limit: u64) -> Self {
        Self {
            left: Cell::new(limit),
            allowed: Cell::new(BETWEEN),
            zeros: Cell::new(0),
            limit,
        }
    }

    fn allow(&self, bytes: u64) {
        self.allowed.set(bytes.min(self.left.get()));
    }

    fn allow_all(&self) {
        self.allowed.set(self.left.get());
    }

    fn note(&self, read: &[u8]) {
        let count = read.len() as u64;
        self.left.set(self.left.get().saturating_sub(count));
        self.allowed.set(self.allowed.get().saturating_sub(count));
        let zeros = read.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        let before = if zeros == count { self.zeros.get() } else { 0 };
        self.zeros.set(before.saturating_add(zeros));
    }
}

struct Metered<'a, R> {
    inner: R,
    meter: &'a Meter,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowed = self.meter.allowed.get();
        if allowed == 0 && !buffer.is_empty() {
            // Nothing more may come; whether it would is one byte's question.
            let mut one = [0];
            if self.inner.read(&mut one)? == 0 {
                return Ok(0);
            }
            let limit = if self.meter.left.get() == 0 {
                self.meter.limit
            } else {
                BETWEEN
            };
            let message = if limit == BETWEEN {
                format!("it has a header of more than {}", in_words(BETWEEN))
            } else {
                format!("it unpacks to more than {}", in_words(limit))
            };
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let count = self.inner.by_ref().take(allowed).read(buffer)?;
        self.meter.note(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Counts what was read.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}
