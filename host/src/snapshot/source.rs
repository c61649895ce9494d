//! Bytes in; text, or what an archive holds, out.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::archive::{self, Archive};
use super::limits::{Limits, in_words};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A file that was read. The text is kept to find lines in it.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

/// What was in a file.
#[derive(Debug)]
pub(super) enum Content {
    Text(String),
    Archive(Archive),
}

pub(super) fn read_file(path: &Path, limits: &Limits) -> Result<Content, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let start = start_of(&mut file).map_err(|error| error.to_string())?;
    // A pipe cannot be rewound; it is read like standard input.
    if archive::is_zip(&start) && file.rewind().is_ok() {
        return Ok(Content::Archive(archive::zip::read(
            BufReader::new(file),
            limits,
        )));
    }
    go_on(Cursor::new(start).chain(file), limits)
}

/// Reads from where there is no going back, such as standard input.
pub(super) fn read(mut reader: impl Read, limits: &Limits) -> Result<Content, String> {
    let start = start_of(&mut reader).map_err(|error| error.to_string())?;
    go_on(Cursor::new(start).chain(reader), limits)
}

fn go_on(mut reader: impl Read, limits: &Limits) -> Result<Content, String> {
    let failed = |error: io::Error| error.to_string();
    let start = start_of(&mut reader).map_err(failed)?;
    if start.starts_with(&GZIP_MAGIC) {
        let broken = |error: io::Error| format!("is broken gzip: {error}");
        let whole = BufReader::new(Cursor::new(start).chain(reader));
        let mut unpacked = MultiGzDecoder::new(whole);
        let start = start_of(&mut unpacked).map_err(broken)?;
        let is_tar = archive::is_tar(&start);
        let whole = Cursor::new(start).chain(unpacked);
        if is_tar {
            return Ok(Content::Archive(archive::tar::read(whole, limits)));
        }
        let bytes = limited(whole, limits.file).map_err(broken)?;
        return text(bytes).map(Content::Text);
    }
    let (is_zip, is_tar) = (archive::is_zip(&start), archive::is_tar(&start));
    let whole = Cursor::new(start).chain(reader);
    if is_tar {
        return Ok(Content::Archive(archive::tar::read(whole, limits)));
    }
    let bytes = limited(whole, limits.file).map_err(failed)?;
    if is_zip {
        let whole = Cursor::new(bytes);
        return Ok(Content::Archive(archive::zip::read(whole, limits)));
    }
    text(bytes).map(Content::Text)
}

/// The text of an entry of an archive, and how many bytes it has. None when
/// the entry is an archive itself.
pub(super) fn read_entry(
    mut reader: impl Read,
    limit: u64,
) -> io::Result<Option<Result<String, String>>> {
    let start = start_of(&mut reader)?;
    if archive::is_zip(&start) || archive::is_tar(&start) {
        return Ok(None);
    }
    let is_gzip = start.starts_with(&GZIP_MAGIC);
    let whole = Cursor::new(start).chain(reader);
    if !is_gzip {
        return Ok(Some(text(limited(whole, limit)?)));
    }
    let mut unpacked = MultiGzDecoder::new(BufReader::new(whole));
    let start = match start_of(&mut unpacked) {
        Ok(start) if archive::is_tar(&start) => return Ok(None),
        Ok(start) => start,
        Err(error) => return Ok(Some(Err(format!("is broken gzip: {error}")))),
    };
    let bytes = limited(Cursor::new(start).chain(unpacked), limit);
    Ok(Some(match bytes {
        Ok(bytes) => text(bytes),
        Err(error) => Err(format!("is broken gzip: {error}")),
    }))
}

/// As much of the start as it takes to tell what a file is.
fn start_of(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(archive::START);
    reader
        .by_ref()
        .take(archive::START as u64)
        .read_to_end(&mut start)?;
    Ok(start)
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.utf8_error().valid_up_to();
        format!("is not text: byte {before} is no UTF-8")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn limited(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "holds more than {}",
            in_words(limit)
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{Content, Limits};

    fn text(bytes: &[u8]) -> Result<String, String> {
        match super::read(bytes, &Limits::default())? {
            Content::Text(text) => Ok(text),
            Content::Archive(archive) => panic!("{archive:?}"),
        }
    }

    fn zipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn reads_plain_and_zipped() {
        assert_eq!(text(b"kind: Node").unwrap(), "kind: Node");
        assert_eq!(text(b"\xef\xbb\xbfkind: Node").unwrap(), "kind: Node");
        assert_eq!(text(b"").unwrap(), "");
        let zipped = zipped(b"kind: Node");
        assert_eq!(text(&zipped).unwrap(), "kind: Node");
        let cut = text(&zipped[..zipped.len() - 9]).unwrap_err();
        assert!(cut.starts_with("is broken gzip"), "{cut}");
    }

    #[test]
    fn refuses_what_is_no_text() {
        assert_eq!(
            text(b"kind\xff").unwrap_err(),
            "is not text: byte 4 is no UTF-8"
        );
    }

    #[test]
    fn counts_what_comes_out_and_not_what_goes_in() {
        let bomb = zipped(&vec![b' '; 5000]);
        assert!(bomb.len() < 100);
        let limits = Limits {
            file: 4096,
            ..Limits::default()
        };
        let refused = super::read(&bomb[..], &limits).unwrap_err();
        assert_eq!(refused, "is broken gzip: holds more than 4 KiB");
    }
}
