//! Bytes in, text out: plain or gzip.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// How much one file may hold once unpacked. A few kilobytes of gzip can
/// unpack to as many gigabytes.
const LIMIT: u64 = 2 << 30;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A file that was read. The text is kept to find lines in it.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

pub(super) fn read_file(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    text(file)
}

pub(super) fn read_stdin() -> Result<String, String> {
    text(io::stdin().lock())
}

fn text(mut reader: impl Read) -> Result<String, String> {
    let mut start = Vec::with_capacity(GZIP_MAGIC.len());
    let read = |error: io::Error| error.to_string();
    reader
        .by_ref()
        .take(GZIP_MAGIC.len() as u64)
        .read_to_end(&mut start)
        .map_err(read)?;
    let zipped = start == GZIP_MAGIC;
    let whole = start.as_slice().chain(reader);
    let bytes = if zipped {
        limited(MultiGzDecoder::new(whole)).map_err(|error| format!("is broken gzip: {error}"))?
    } else {
        limited(whole).map_err(read)?
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.utf8_error().valid_up_to();
        format!("is not text: byte {before} is no UTF-8")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::other(format!(
            "holds more than {} GiB",
            LIMIT >> 30
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::text;

    #[test]
    fn reads_plain_and_zipped() {
        assert_eq!(text(&b"kind: Node"[..]).unwrap(), "kind: Node");
        assert_eq!(text(&b"\xef\xbb\xbfkind: Node"[..]).unwrap(), "kind: Node");
        assert_eq!(text(&b""[..]).unwrap(), "");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"kind: Node").unwrap();
        let zipped = encoder.finish().unwrap();
        assert_eq!(text(&zipped[..]).unwrap(), "kind: Node");
        let cut = text(&zipped[..zipped.len() - 9]).unwrap_err();
        assert!(cut.starts_with("is broken gzip"), "{cut}");
    }

    #[test]
    fn refuses_what_is_no_text() {
        assert_eq!(
            text(&b"kind\xff"[..]).unwrap_err(),
            "is not text: byte 4 is no UTF-8"
        );
    }
}
