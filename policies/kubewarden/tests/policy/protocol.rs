//! What a waPC host and Kubewarden take the module for.

use wasmparser::{Parser, Payload, TypeRef};

use crate::module::{BYTES, Policy};

#[test]
fn speaks_the_first_version_of_kubewardens_protocol() {
    let version = Policy::alone().call("protocol_version", b"").unwrap();
    assert_eq!(version, b"\"v1\"");
}

#[test]
fn does_not_know_other_operations() {
    assert_eq!(
        Policy::alone().call("mutate", b"{}").unwrap_err(),
        "No handler registered for function mutate"
    );
}

/// No clock, no files, no network, no randomness: nothing but waPC.
#[test]
fn imports_functions_of_wapc_only() {
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(&BYTES) {
        if let Payload::ImportSection(section) = payload.unwrap() {
            for import in section.into_imports() {
                let import = import.unwrap();
                assert!(matches!(import.ty, TypeRef::Func(_)), "{}", import.name);
                imports.push(format!("{}.{}", import.module, import.name));
            }
        }
    }
    imports.sort();
    assert_eq!(
        imports,
        [
            "wapc.__guest_error",
            "wapc.__guest_request",
            "wapc.__guest_response",
            "wapc.__host_call",
            "wapc.__host_error",
            "wapc.__host_error_len",
            "wapc.__host_response",
            "wapc.__host_response_len",
        ]
    );
}
