//! The component as an OCI image layout on disk: what registries and their
//! tools take. The manifest and its configuration are those of the CNCF's
//! "Wasm OCI Artifact layout", which wkg, wasmCloud and Spin read.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::Result;
use crate::contents::Contents;
use crate::sha256;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const LAYER: &str = "application/wasm";

/// What is to be published.
pub struct Artefact<'a> {
    pub component: &'a [u8],
    pub contents: &'a Contents,
    /// The name of the component's file, for tools that write it back.
    pub file: &'a str,
    /// The tag, too.
    pub version: &'a str,
    pub license: &'a str,
    /// Readers insist on a time.
    pub created: Timestamp,
}

/// Writes the layout into a directory that is not there yet, and returns the
/// digest of the manifest: what a registry will know the artefact by.
pub fn write(artefact: &Artefact, directory: &Path) -> Result<String> {
    let blobs = directory.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let layer = Descriptor {
        annotations: Some(Annotations {
            title: Some(artefact.file),
            ..Annotations::default()
        }),
        ..blob(&blobs, LAYER, artefact.component)?
    };
    let config = Config {
        created: artefact.created.to_string(),
        architecture: "wasm",
        // What the layout says for every component. This one needs no WASI.
        os: "wasip2",
        layer_digests: vec![&layer.digest],
        component: artefact.contents,
    };
    let config = blob(&blobs, CONFIG, &serde_json::to_vec(&config)?)?;
    let manifest = Manifest {
        schema_version: 2,
        media_type: MANIFEST,
        config,
        layers: vec![layer],
        annotations: Annotations {
            version: Some(artefact.version),
            licenses: Some(artefact.license),
            ..Annotations::default()
        },
    };
    let manifest = blob(&blobs, MANIFEST, &serde_json::to_vec(&manifest)?)?;
    let digest = manifest.digest.clone();
    let index = Index {
        schema_version: 2,
        media_type: INDEX,
        manifests: vec![Descriptor {
            annotations: Some(Annotations {
                ref_name: Some(artefact.version),
                ..Annotations::default()
            }),
            ..manifest
        }],
    };
    fs::write(directory.join("index.json"), serde_json::to_vec(&index)?)?;
    fs::write(
        directory.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )?;
    Ok(digest)
}

fn blob<'a>(blobs: &Path, media_type: &'a str, bytes: &[u8]) -> Result<Descriptor<'a>> {
    fs::write(blobs.join(sha256::hex(bytes)), bytes)?;
    Ok(Descriptor {
        media_type,
        digest: sha256::digest(bytes),
        size: bytes.len(),
        annotations: None,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u8,
    media_type: &'a str,
    manifests: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: Descriptor<'a>,
    layers: Vec<Descriptor<'a>>,
    annotations: Annotations<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    media_type: &'a str,
    digest: String,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: String,
    architecture: &'a str,
    os: &'a str,
    layer_digests: Vec<&'a str>,
    component: &'a Contents,
}

#[derive(Default, Serialize)]
struct Annotations<'a> {
    #[serde(
        rename = "org.opencontainers.image.title",
        skip_serializing_if = "Option::is_none"
    )]
    title: Option<&'a str>,
    #[serde(
        rename = "org.opencontainers.image.version",
        skip_serializing_if = "Option::is_none"
    )]
    version: Option<&'a str>,
    #[serde(
        rename = "org.opencontainers.image.licenses",
        skip_serializing_if = "Option::is_none"
    )]
    licenses: Option<&'a str>,
    #[serde(
        rename = "org.opencontainers.image.ref.name",
        skip_serializing_if = "Option::is_none"
    )]
    ref_name: Option<&'a str>,
}
