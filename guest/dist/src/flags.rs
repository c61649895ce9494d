//! Compiler flags that keep the machine out of the component.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Result;

/// Flags for `CARGO_ENCODED_RUSTFLAGS`: panics name source files, and those
/// names are the same wherever the sources lie.
pub fn reproducible(workspace: &Path) -> Result<OsString> {
    let cargo_home = env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    Ok(encode(workspace, &registries(&cargo_home)?))
}

/// Where crates are unpacked. Each registry, and each mirror of one, has a
/// directory that is named after its address. With vendored crates there is
/// none.
fn registries(cargo_home: &Path) -> Result<Vec<PathBuf>> {
    let sources = cargo_home.join("registry/src");
    let entries = match fs::read_dir(&sources) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => {
            entries.map_err(|error| format!("cannot read {}: {error}", sources.display()))?
        }
    };
    let mut registries = Vec::new();
    for entry in entries {
        registries.push(entry?.path());
    }
    registries.sort();
    Ok(registries)
}

fn encode(workspace: &Path, registries: &[PathBuf]) -> OsString {
    let mut flags = OsString::new();
    let mut remap = |from: &Path, to: &str| {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    };
    remap(workspace, "/podroute");
    for registry in registries {
        remap(registry, "/crates");
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_in_order_and_may_be_missing() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(registries(home.path()).unwrap(), Vec::<PathBuf>::new());
        let sources = home.path().join("registry/src");
        for name in ["mirror-2", "index-1"] {
            fs::create_dir_all(sources.join(name)).unwrap();
        }
        assert_eq!(
            registries(home.path()).unwrap(),
            [sources.join("index-1"), sources.join("mirror-2")]
        );
    }

    #[test]
    fn each_place_gets_a_name_of_its_own() {
        let registries = [PathBuf::from("/home/a/.cargo/registry/src/index-1")];
        let flags = encode(Path::new("/home/a/podroute"), &registries);
        assert_eq!(
            flags,
            "--remap-path-prefix=/home/a/podroute=/podroute\u{1f}\
             --remap-path-prefix=/home/a/.cargo/registry/src/index-1=/crates"
        );
    }
}
