//! What the fuzz targets share: the readers of the host, without the WebAssembly
//! runtime that it brings along.
#![allow(dead_code)]

mod distinct;

#[path = "../../host/src/snapshot/mod.rs"]
pub mod snapshot;

/// What the readers need of the contract.
pub mod policy {
    #[derive(Clone, Debug)]
    pub struct Gap {
        pub kind: String,
        pub reason: String,
    }

    #[derive(Clone, Debug)]
    pub struct ObjectRef {
        pub kind: String,
        pub namespace: Option<String>,
        pub name: String,
        pub field: Option<String>,
    }

    #[derive(Clone, Debug)]
    pub enum KindState {
        Listed,
        Gap(String),
    }

    #[derive(Debug)]
    pub enum Error {
        Runtime(String),
    }

    /// A cluster that takes everything and keeps nothing.
    pub struct Cluster;

    impl Cluster {
        pub fn load(&mut self, _: &[String]) -> Result<(), Error> {
            Ok(())
        }

        pub fn set_kind(&mut self, _: &str, _: &KindState) -> Result<(), Error> {
            Ok(())
        }
    }
}

/// What was captured of a live cluster.
pub mod capture {
    pub struct Captured {
        pub manifest: crate::snapshot::Manifest,
        pub documents: Vec<String>,
    }
}

use policy::ObjectRef;
use snapshot::{Limits, Snapshot};

/// Small enough that reaching a limit is quick, and that passing one shows in
/// the memory.
const LIMITS: Limits = Limits {
    file: 1 << 20,
    entry: 1 << 20,
    total: 4 << 20,
    passed: 16 << 20,
    entries: 1_000,
};

/// Reads input as `podroute check` does, and asserts what always holds.
pub fn read(name: &str, bytes: &[u8]) -> Snapshot {
    let snapshot = Snapshot::read_bytes(name, bytes, &LIMITS);
    for document in &snapshot.documents {
        let value: serde_json::Value = match serde_json::from_str(document) {
            Ok(value) => value,
            // Deeper than the policy reads; it says so itself.
            Err(error) if error.to_string().contains("recursion limit") => continue,
            Err(error) => panic!("no JSON: {error}: {document}"),
        };
        assert_eq!(distinct::twice(document), None, "{document}");
        let text = |value: Option<&serde_json::Value>| {
            value
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let metadata = value.get("metadata");
        let object = ObjectRef {
            kind: text(value.get("kind")),
            namespace: Some(text(
                metadata.and_then(|metadata| metadata.get("namespace")),
            )),
            name: text(metadata.and_then(|metadata| metadata.get("name"))),
            field: Some("spec.podCIDRs[0]".to_owned()),
        };
        assert!(
            !snapshot.locate(&object).is_empty(),
            "stands nowhere: {document}"
        );
    }
    let is_distinct = str::from_utf8(bytes).is_ok_and(distinct::is_distinct);
    for error in &snapshot.errors {
        assert!(
            !(is_distinct && error.message.starts_with("has the key `")),
            "no key is there twice: {error:?}"
        );
        assert!(
            !error.to_string().contains(char::is_control),
            "acts on a terminal: {error:?}"
        );
    }
    for note in &snapshot.notes {
        assert!(
            !note.contains(char::is_control),
            "acts on a terminal: {note:?}"
        );
    }
    snapshot
}
