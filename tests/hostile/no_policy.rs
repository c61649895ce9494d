//! What is no policy is refused when it is loaded.

use super::*;

#[track_caller]
fn assert_no_policy(bytes: &[u8], words: &str) {
    match Policy::from_bytes(bytes) {
        Err(error @ Error::NotAPolicy(_)) => {
            let text = error.to_string();
            assert!(text.starts_with("not a podroute policy: "), "{text}");
            assert!(text.contains(words), "`{words}` is not in: {text}");
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("is a policy"),
    }
}

fn text(component: &str) -> Vec<u8> {
    wat::parse_str(component).unwrap()
}

#[test]
fn what_is_no_component_is_no_policy() {
    assert_no_policy(b"", "");
    assert_no_policy(b"\0asm", "");
    assert_no_policy(b"MZ\x90\0 this is something else", "");
    let noise: Vec<u8> = (0..4096_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    assert_no_policy(&noise, "");
    assert_no_policy(&COMPONENT[..COMPONENT.len() / 2], "");
    assert_no_policy(&text("(module)"), "component");
    let module = include_str!("guest.wat")
        .replace("{{memory}}", "1")
        .replace("{{", "(;")
        .replace("}}", ";)");
    assert_no_policy(&text(&module), "component");
}

/// Machine code is loaded without any check: it must never come from outside.
#[test]
fn machine_code_is_no_policy() {
    let engine = wasmtime::Engine::default();
    assert_no_policy(&engine.precompile_component(COMPONENT).unwrap(), "");
}

#[test]
fn a_component_of_another_world_is_no_policy() {
    assert_no_policy(&text("(component)"), "podroute:policy/");
    let mut resolve = Resolve::default();
    resolve
        .push_str(
            "other.wit",
            "package podroute:policy@0.2.0;
             interface json { evaluate: func(request: string) -> result<string, string>; }
             world policy { export json; }",
        )
        .unwrap();
    let newer = encode(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "podroute:policy/json@0.2.0#evaluate")
                (param i32 i32) (result i32) unreachable))"#,
        &resolve,
        "podroute:policy/policy",
    );
    assert_no_policy(&newer, "@0.1.0");
}

/// The right names with other types: another edition of the contract.
#[test]
fn a_component_of_other_types_is_no_policy() {
    let other = include_str!("../../wit/podroute.wit").replace(
        "rules: func() -> list<rule>;",
        "rules: func() -> list<string>;",
    );
    let code = include_str!("guest.wat").to_owned();
    let code = PLACES.iter().fold(code, |code, (place, default)| {
        code.replace(&format!("{{{{{place}}}}}"), default)
    });
    let mut resolve = Resolve::default();
    resolve.push_str("podroute.wit", &other).unwrap();
    assert_no_policy(
        &encode(&code, &resolve, "podroute:policy/policy"),
        "type mismatch",
    );
}

#[test]
fn a_component_that_imports_something_is_no_policy() {
    let import = r#"(component
        (import "wasi:clocks/monotonic-clock@0.2.0"
            (instance (export "now" (func (result u64))))))"#;
    assert_no_policy(&text(import), "wasi:clocks/monotonic-clock@0.2.0");

    // A policy in every other respect.
    let curious = |import: &str| {
        let mut resolve = Resolve::default();
        resolve
            .push_str("podroute.wit", include_str!("../../wit/podroute.wit"))
            .unwrap();
        let world = "package curious:policy;
            world policy {
                import clock: func() -> u64;
                include podroute:policy/policy@0.1.0;
            }";
        resolve.push_str("curious.wit", world).unwrap();
        let code = include_str!("guest.wat").replacen("(module", import, 1);
        let code = PLACES.iter().fold(code, |code, (place, default)| {
            code.replace(&format!("{{{{{place}}}}}"), default)
        });
        encode(&code, &resolve, "curious:policy/policy")
    };
    let asks = curious(r#"(module (import "$root" "clock" (func $clock (result i64)))"#);
    assert_no_policy(&asks, "clock");
}

#[test]
fn threads_and_what_could_wait_forever_are_refused() {
    assert_no_policy(&component(&[("module", "(memory 1 2 shared)")]), "threads");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.wasm");
    for path in [missing.as_path(), folder.path()] {
        match Policy::from_file(path).map(drop) {
            Err(Error::Unreadable { path: named, .. }) => assert_eq!(named, path),
            other => panic!("{other:?}"),
        }
    }
    let error = Policy::from_file(&missing).map(drop).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("missing.wasm"), "{text}");

    let file = folder.path().join("policy.wasm");
    fs::write(&file, COMPONENT).unwrap();
    assert_well(&Policy::from_file(&file).unwrap());
    fs::write(&file, "hello").unwrap();
    let error = Policy::from_file(Path::new(&file)).map(drop).unwrap_err();
    assert!(matches!(error, Error::NotAPolicy(_)), "{error:?}");
}
