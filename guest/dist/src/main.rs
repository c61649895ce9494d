//! `cargo run --release -p podroute-dist`: everything that is published goes
//! into `target/dist`. What lies there depends on the sources and the compiler
//! alone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use jiff::Timestamp;
use podroute_dist::contents::{self, Contents};
use podroute_dist::oci::{self, Artefact};
use podroute_dist::{Result, component, sha256, toolchain};
use serde::{Deserialize, Serialize};

const NAME: &str = "podroute-policy";
const FILE: &str = "podroute-policy.wasm";

fn main() -> ExitCode {
    match publish() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("podroute-dist: {error}");
            ExitCode::FAILURE
        }
    }
}

fn publish() -> Result<()> {
    let cargo = metadata()?;
    let workspace = &cargo.workspace_root;
    let component = component::build(workspace, &cargo.target_directory)?;
    let wit = fs::read_to_string(workspace.join("wit/podroute.wit"))?;
    let contents = contents::read(&component, &wit)?;
    let created = created()?;

    let dist = cargo.target_directory.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::create_dir_all(dist.join("schema"))?;
    fs::write(dist.join(FILE), &component)?;
    fs::write(
        dist.join(format!("{FILE}.sha256")),
        format!("{}  {FILE}\n", sha256::hex(&component)),
    )?;
    fs::write(dist.join("podroute.wit"), &wit)?;
    fs::copy(workspace.join("LICENSE"), dist.join("LICENSE"))?;
    for schema in schemas(workspace)? {
        let name = schema.file_name().ok_or("a schema without a name")?;
        fs::copy(&schema, dist.join("schema").join(name))?;
    }
    let version = env!("CARGO_PKG_VERSION");
    let license = env!("CARGO_PKG_LICENSE");
    let oci_digest = oci::write(
        &Artefact {
            component: &component,
            contents: &contents,
            file: FILE,
            version,
            license,
            created,
        },
        &dist.join("oci"),
    )?;
    let manifest = Manifest {
        name: NAME,
        version,
        license,
        file: FILE,
        digest: sha256::digest(&component),
        size: component.len(),
        oci_digest,
        wit: &contents,
        rustc: toolchain::rustc_version()?,
    };
    let mut manifest = serde_json::to_string_pretty(&manifest)?;
    manifest.push('\n');
    fs::write(dist.join("manifest.json"), &manifest)?;
    print!("{manifest}");
    eprintln!("{} is complete", dist.display());
    Ok(())
}

/// `manifest.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    name: &'a str,
    version: &'a str,
    license: &'a str,
    file: &'a str,
    digest: String,
    size: usize,
    /// Of the manifest in the OCI layout.
    oci_digest: String,
    wit: &'a Contents,
    /// Another compiler makes other bytes.
    rustc: String,
}

/// The part of `cargo metadata` that is needed.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

fn metadata() -> Result<Metadata> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn schemas(workspace: &Path) -> Result<Vec<PathBuf>> {
    let mut schemas = Vec::new();
    for entry in fs::read_dir(workspace.join("wit/schema"))? {
        schemas.push(entry?.path());
    }
    Ok(schemas)
}

/// `SOURCE_DATE_EPOCH`, as reproducible builds have agreed on, or else the
/// beginning of time: the clock would make every build another one.
fn created() -> Result<Timestamp> {
    let Ok(seconds) = env::var("SOURCE_DATE_EPOCH") else {
        return Ok(Timestamp::UNIX_EPOCH);
    };
    let timestamp = seconds
        .parse()
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.ok_or_else(|| {
        format!(
            "SOURCE_DATE_EPOCH is `{seconds}`; it must be seconds since 1970, such as 1767225600"
        )
        .into()
    })
}
