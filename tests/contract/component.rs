//! What the component imports and exports.

use super::*;

fn decoded() -> (Resolve, WorldId) {
    match wit_component::decode(COMPONENT).unwrap() {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => panic!("the component is a WIT package"),
    }
}

fn names<'a>(resolve: &Resolve, keys: impl Iterator<Item = &'a WorldKey>) -> Vec<String> {
    keys.map(|key| resolve.name_world_key(key)).collect()
}

/// Whether something is an interface of nothing but types, none of them a
/// resource: no code can be reached through it.
fn is_only_types(resolve: &Resolve, item: &WorldItem) -> bool {
    let WorldItem::Interface { id, .. } = item else {
        return matches!(item, WorldItem::Type { .. });
    };
    let interface = &resolve.interfaces[*id];
    let is_resource = |kind: &wit_parser::TypeDefKind| *kind == wit_parser::TypeDefKind::Resource;
    interface.functions.is_empty()
        && !interface
            .types
            .values()
            .any(|id| is_resource(&resolve.types[*id].kind))
}

#[test]
fn the_component_imports_nothing() {
    let (resolve, world) = decoded();
    let imports = names(&resolve, resolve.worlds[world].imports.keys());
    assert_eq!(imports, Vec::<String>::new());
}

/// And the interface of the types that they share.
#[test]
fn the_component_exports_four_interfaces() {
    let (resolve, world) = decoded();
    let exports = &resolve.worlds[world].exports;
    let code = exports
        .iter()
        .filter(|(_, item)| !is_only_types(&resolve, item))
        .map(|(key, _)| key);
    assert_eq!(
        names(&resolve, code),
        [
            "podroute:policy/evaluator@0.1.0",
            "podroute:policy/json@0.1.0",
            "podroute:policy/catalogue@0.1.0",
            "podroute:policy/picture@0.1.0"
        ]
    );
}

/// Function by function, what wit/podroute.wit says.
#[test]
fn the_component_is_what_the_wit_says() {
    let (resolve, world) = decoded();
    let mut written = Resolve::default();
    let package = written
        .push_str("podroute.wit", include_str!("../../wit/podroute.wit"))
        .unwrap();
    let written_world = written.select_world(&[package], Some("policy")).unwrap();
    let functions = |resolve: &Resolve, world: WorldId| -> BTreeSet<String> {
        let interfaces = resolve.worlds[world].exports.iter();
        interfaces
            .flat_map(|(key, item)| {
                let WorldItem::Interface { id, .. } = item else {
                    panic!("{key:?}");
                };
                let interface = resolve.name_world_key(key);
                let functions = resolve.interfaces[*id].functions.values();
                let of = |function: &wit_parser::Function| {
                    let parameters: Vec<&str> = function
                        .params
                        .iter()
                        .map(|parameter| parameter.name.as_str())
                        .collect();
                    format!("{interface}#{}({})", function.name, parameters.join(", "))
                };
                functions.map(of).collect::<Vec<_>>()
            })
            .collect()
    };
    let found = functions(&resolve, world);
    assert!(found.contains("podroute:policy/json@0.1.0#evaluate(request)"));
    assert_eq!(found, functions(&written, written_world));
}

#[test]
fn the_component_has_no_path_of_the_machine_that_built_it() {
    let workspace = env!("CARGO_MANIFEST_DIR").strip_suffix("host").unwrap();
    for path in [workspace, ".cargo/registry"] {
        let is_there = COMPONENT
            .windows(path.len())
            .any(|window| window == path.as_bytes());
        assert!(!is_there, "{path}");
    }
}
