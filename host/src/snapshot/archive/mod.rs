//! Archives, read in memory as if they were folders. Nothing is ever written,
//! so names such as `../../etc/passwd` do no harm, and links are not followed.

pub(super) mod tar;
pub(super) mod zip;

use std::io::{self, Read};

use super::limits::{Limits, in_words};
use super::{files, layouts, source};

/// How many bytes of the start of a file tell whether it is an archive.
pub(super) const START: usize = 512;

/// Where a tar file says that it is one.
const USTAR_AT: usize = 257;

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Archive {
    pub(super) entries: Vec<Entry>,
    /// Names of links, which are not followed.
    pub(super) links: Vec<String>,
    /// What is wrong with the archive as a whole.
    pub(super) errors: Vec<String>,
}

/// A file in an archive.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Text(String),
    /// It should have been read, and could not be.
    Unreadable(String),
    /// An archive in the archive.
    Nested,
    /// By its name it holds no objects.
    Other,
}

pub(super) fn is_zip(start: &[u8]) -> bool {
    // The second is that of an archive with nothing in it.
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

pub(super) fn is_tar(start: &[u8]) -> bool {
    start
        .get(USTAR_AT..)
        .is_some_and(|magic| magic.starts_with(b"ustar"))
}

/// Whether a file is an archive by its name.
pub(super) fn is_named_so(name: &str) -> bool {
    [".zip", ".tar", ".tar.gz", ".tgz"]
        .iter()
        .any(|extension| name.ends_with(extension))
}

/// Takes entries in, within the limits.
struct Collector<'a> {
    limits: &'a Limits,
    archive: Archive,
    seen: usize,
    held: u64,
}

impl<'a> Collector<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            archive: Archive::default(),
            seen: 0,
            held: 0,
        }
    }

    /// Counts an entry; false when there are too many.
    fn has_room(&mut self) -> bool {
        self.seen += 1;
        let fits = self.seen <= self.limits.entries;
        if !fits {
            self.archive.errors.push(format!(
                "holds more than {} entries; give podroute only what it is to read",
                self.limits.entries
            ));
        }
        fits
    }

    fn is_wanted(name: &str) -> bool {
        (files::is_wanted(name) && !layouts::is_dump(name)) || layouts::is_evidence(name)
    }

    /// Adds an entry whose contents nobody needs.
    fn pass(&mut self, name: String) {
        let body = if is_named_so(&name) {
            Body::Nested
        } else {
            Body::Other
        };
        self.archive.entries.push(Entry { name, body });
    }

    fn refuse(&mut self, name: String, reason: String) {
        self.archive.entries.push(Entry {
            name,
            body: Body::Unreadable(reason),
        });
    }

    /// Half a text may read like a whole one, with objects missing.
    fn spoil_last(&mut self) {
        if let Some(last) = self.archive.entries.last_mut()
            && matches!(last.body, Body::Text(_))
        {
            last.body = Body::Unreadable("is cut off".to_owned());
        }
    }

    /// Reads an entry. Fails when the archive itself cannot be read on.
    fn read(&mut self, name: String, reader: impl Read) -> io::Result<()> {
        let left = self.limits.total.saturating_sub(self.held);
        let limit = self.limits.entry.min(left);
        let body = match source::read_entry(reader, limit) {
            Ok(None) => Body::Nested,
            Ok(Some(Ok(text))) => {
                self.held += text.len() as u64;
                Body::Text(text)
            }
            Ok(Some(Err(reason))) => Body::Unreadable(reason),
            Err(error) if left < self.limits.entry && error.kind() == io::ErrorKind::Other => {
                self.refuse(
                    name,
                    format!(
                        "is not read: the archive holds more than {}",
                        in_words(self.limits.total)
                    ),
                );
                return Ok(());
            }
            Err(error) => {
                self.refuse(name, error.to_string());
                return Err(error);
            }
        };
        self.archive.entries.push(Entry { name, body });
        Ok(())
    }

    /// The entries in the order in which a folder lists its files.
    fn finish(mut self) -> Archive {
        self.archive
            .entries
            .sort_by(|a, b| a.name.split('/').cmp(b.name.split('/')));
        self.archive
    }
}
