//! A captured cluster as a file: `kind: List`, as kubectl would print it, with
//! the manifest in front.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::Captured;

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// YAML, and not JSON.
    pub yaml: bool,
    pub gzip: bool,
}

impl Encoding {
    /// By the name: `.yaml` or `.yml`, and `.gz` after that; else JSON.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let plain = name.strip_suffix(".gz");
        let gzip = plain.is_some();
        let name = plain.unwrap_or(&name);
        let extension = Path::new(name).extension().unwrap_or_default();
        Self {
            yaml: extension == "yaml" || extension == "yml",
            gzip,
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_file(captured: &Captured, path: &Path) -> io::Result<()> {
    let encoding = Encoding::of(path);
    // A link stays one.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        // A pipe or a terminal cannot be replaced.
        return write_to(captured, encoding, fs::File::create(&path)?);
    }
    let mut file = NamedTempFile::with_prefix_in(".podroute-", folder(&path))?;
    write_to(captured, encoding, file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Writes to something that is open.
pub fn write_to(captured: &Captured, encoding: Encoding, target: impl Write) -> io::Result<()> {
    let mut target = BufWriter::new(target);
    if encoding.gzip {
        let mut packed = GzEncoder::new(&mut target, Compression::default());
        write_plain(captured, encoding, &mut packed)?;
        packed.finish()?;
    } else {
        write_plain(captured, encoding, &mut target)?;
    }
    target.flush()
}

fn write_plain(captured: &Captured, encoding: Encoding, out: &mut impl Write) -> io::Result<()> {
    let manifest = serde_json::to_string(&captured.manifest)?;
    let items = std::iter::once(&manifest).chain(&captured.documents);
    if encoding.yaml {
        out.write_all(b"apiVersion: v1\nkind: List\nitems:\n")?;
        for item in items {
            let item: Value = serde_json::from_str(item)?;
            // A list of one, so that it is indented as one of the items.
            let text = serde_norway::to_string(&[item]).map_err(io::Error::other)?;
            out.write_all(text.as_bytes())?;
        }
        return Ok(());
    }
    out.write_all(b"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n")?;
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.write_all(b",\n")?;
        }
        out.write_all(item.as_bytes())?;
    }
    out.write_all(b"\n]}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_how() {
        for (name, yaml, gzip) in [
            ("c.json", false, false),
            ("c", false, false),
            ("c.yaml", true, false),
            ("c.yml.gz", true, true),
            ("c.json.gz", false, true),
            ("folder.yaml/c", false, false),
        ] {
            assert_eq!(
                Encoding::of(Path::new(name)),
                Encoding { yaml, gzip },
                "{name}"
            );
        }
    }
}
