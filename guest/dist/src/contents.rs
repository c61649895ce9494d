//! What a component has in it, read from its own bytes.

use serde::Serialize;
use wit_component::DecodedWasm;
use wit_parser::{IndexMap, Resolve, WorldItem, WorldKey};

use crate::Result;

/// Interfaces as WIT names them: `podroute:policy/json@0.1.0`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Contents {
    pub exports: Vec<String>,
    pub imports: Vec<String>,
    /// The world that was built, as the WIT file has it; a component does not
    /// remember it.
    pub target: String,
}

/// Reads a component that was built from a WIT file with one world.
pub fn read(component: &[u8], wit: &str) -> Result<Contents> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        return Err("this is a WIT package and not a component".into());
    };
    let world = resolve
        .worlds
        .get(world)
        .ok_or("the component has no world")?;
    let names = |items: &IndexMap<WorldKey, WorldItem>| {
        items
            .keys()
            .map(|key| resolve.name_world_key(key))
            .collect()
    };
    Ok(Contents {
        exports: names(&world.exports),
        imports: names(&world.imports),
        target: only_world(wit)?,
    })
}

fn only_world(wit: &str) -> Result<String> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("podroute.wit", wit)?;
    let world = resolve.select_world(&[package], None)?;
    let name = &resolve.worlds.get(world).ok_or("no such world")?.name;
    let package = &resolve.packages.get(package).ok_or("no such package")?.name;
    Ok(package.interface_id(name))
}
