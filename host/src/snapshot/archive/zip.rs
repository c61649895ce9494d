//! Zip archives.

use std::io::{Read, Seek};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{Archive, Collector};
use crate::snapshot::limits::Limits;

pub(in crate::snapshot) fn read(reader: impl Read + Seek, limits: &Limits) -> Archive {
    let mut collector = Collector::new(limits);
    match ZipArchive::new(reader) {
        Ok(mut zip) => read_entries(&mut zip, &mut collector),
        Err(error) => collector.archive.errors.push(format!(
            "is a zip archive that cannot be read, perhaps cut off: {}",
            reason(&error)
        )),
    }
    collector.finish()
}

fn read_entries(zip: &mut ZipArchive<impl Read + Seek>, collector: &mut Collector<'_>) {
    for index in 0..zip.len() {
        if !collector.has_room() {
            return;
        }
        let (name, is_link, method) = match zip.by_index_data(index) {
            Ok(entry) if entry.is_dir() => continue,
            Ok(entry) => {
                let raw = String::from_utf8_lossy(entry.name_raw());
                (raw.into_owned(), entry.is_symlink(), entry.compression())
            }
            Err(error) => {
                collector.archive.errors.push(reason(&error));
                continue;
            }
        };
        if is_link {
            collector.archive.links.push(name);
        } else if !Collector::is_wanted(&name) {
            collector.pass(name);
        } else if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            let reason = format!(
                "is compressed by {method}, which podroute cannot unpack; pack it with deflate"
            );
            collector.refuse(name, reason);
        } else {
            match zip.by_index(index) {
                // An entry that cannot be read says nothing of the others.
                Ok(entry) => drop(collector.read(name, entry)),
                Err(error) => collector.refuse(name, reason(&error)),
            }
        }
    }
}

fn reason(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "is encrypted; unpack it with its password and check the folder".to_owned()
        }
        error => error.to_string(),
    }
}
