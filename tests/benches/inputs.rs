//! What it takes to get from a dump to routes: podroute, which checks
//! everything on the way, against what people write when they only want the
//! map: a jq pipeline, yq, and a Python script.
//!
//! `cargo bench -p podroute --bench inputs` prints a table. Programs that are
//! not there are left out, and said so. `PODROUTE_BENCH_LARGE=1` adds a
//! cluster of 100,000 nodes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss
)]

#[path = "inputs/dump.rs"]
mod dump;
#[path = "inputs/measure.rs"]
mod measure;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use dump::Style;
use measure::{Measured, measure};

const TIMES: usize = 7;

/// From a node's name to its address, then a route for each pod CIDR.
const JQ: &str = r#"(.items | map(select(.kind == "Node") | {key: .metadata.name, value: (.status.addresses | map(select(.type == "InternalIP"))[0].address)}) | from_entries) as $hops
  | .items[] | select(.kind == "CiliumNode") | . as $node | .spec.ipam.podCIDRs[] | [., $hops[$node.metadata.name]] | @tsv"#;

const PYTHON: &str = r"
import sys, json
path = sys.argv[1]
if path.endswith('.json'):
    items = json.load(open(path))['items']
else:
    import yaml
    items = yaml.load(open(path), Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))['items']
hops = {i['metadata']['name']: next(a['address'] for a in i['status']['addresses'] if a['type'] == 'InternalIP')
        for i in items if i['kind'] == 'Node'}
for i in items:
    if i['kind'] == 'CiliumNode':
        for cidr in i['spec']['ipam']['podCIDRs']:
            print(cidr, hops[i['metadata']['name']], sep='\t')
";

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inputs");
    fs::create_dir_all(&folder).unwrap();
    compare(&dump::write(&folder, 5_000, Style::Yaml), 5_000);
    compare(&dump::write(&folder, 5_000, Style::Json), 5_000);
    if env::var_os("PODROUTE_BENCH_LARGE").is_some() {
        let file = dump::write(&folder, 100_000, Style::CompactJson);
        compare(&file, 100_000);
        fs::remove_file(file).unwrap();
    }
}

fn compare(file: &PathBuf, nodes: usize) {
    let megabytes = fs::metadata(file).unwrap().len() as f64 / 1e6;
    println!(
        "\n{nodes} Nodes and {nodes} CiliumNodes, {megabytes:.0} MB of {}",
        file.extension().unwrap().to_string_lossy()
    );
    println!(
        "{:<34}{:>10}{:>10}{:>12}{:>14}{:>8}",
        "", "seconds", "peak MB", "MB/input MB", "of podroute's", "routes"
    );
    let times = if nodes > 10_000 { 3 } else { TIMES };
    let is_json = file.extension().is_some_and(|one| one == "json");
    let file = file.to_str().unwrap();
    let podroute = env!("CARGO_BIN_EXE_podroute");
    let podroute = [
        podroute,
        "check",
        "--no-config",
        "--fail-on",
        "never",
        "--format",
        "json",
        file,
    ];
    let ours = measure(&podroute, times).expect("podroute runs");
    let mut rows = vec![("podroute check (all rules)".to_owned(), Some(ours))];
    if is_json {
        rows.push(("jq".to_owned(), measure(&["jq", "-r", JQ, file], times)));
    } else {
        rows.push((
            "yq (jq for YAML)".to_owned(),
            measure(&["yq", "-r", JQ, file], 1),
        ));
    }
    rows.push((
        "Python".to_owned(),
        measure(&["python3", "-c", PYTHON, file], times.min(3)),
    ));
    for (name, measured) in rows {
        match measured {
            Some(measured) => print_row(&name, measured, ours, megabytes),
            None => println!("{name:<34} is not there, or does not do it"),
        }
    }
}

fn print_row(name: &str, measured: Measured, ours: Measured, megabytes: f64) {
    let peak = measured.peak as f64 / 1e6;
    println!(
        "{name:<34}{:>10.3}{peak:>10.0}{:>12.1}{:>13.1}x{:>8}",
        measured.seconds,
        peak / megabytes,
        measured.seconds / ours.seconds,
        measured.routes
    );
}
