//! The table in docs/coverage.md says what the code does: it is written from
//! the code, and this test fails when the two differ.
//! `UPDATE=1 cargo test -p podroute-policy --test coverage` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use podroute_policy::detect::coverage::{self, Coverage};

const START: &str = "<!-- table -->\n";
const END: &str = "<!-- end of table -->";

#[test]
fn the_table_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/coverage.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(START).expect("the start of the table");
    let (found, after) = rest.split_once(END).expect("the end of the table");
    let table = table();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{before}{START}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(found, table, "run it with UPDATE=1");
    }
}

#[test]
fn a_row_has_a_source_or_says_why_not() {
    for row in coverage::table() {
        assert_eq!(row.source.is_none(), row.why_no_routes.is_some(), "{row:?}");
    }
}

fn table() -> String {
    let mut table = "\
        | CNI | mode | pod CIDRs are read from | next hop: the first address of the CIDR's family in | routes |\n\
        |---|---|---|---|---|\n"
        .to_owned();
    for row in coverage::table() {
        let (next_hop, routes) = match row.why_no_routes {
            None => (next_hop(&row), "yes"),
            Some(why) => ("-".to_owned(), why),
        };
        let routes = match routes {
            "yes" => routes.to_owned(),
            why => format!("none: {why}"),
        };
        writeln!(
            table,
            "| {} | {} | {} | {next_hop} | {routes} |",
            row.cni,
            match row.mode {
                "" => "-",
                mode => mode,
            },
            row.source.unwrap_or("-"),
        )
        .unwrap();
    }
    table
}

fn next_hop(row: &Coverage) -> String {
    let mut places: Vec<String> = row
        .announced_by
        .iter()
        .map(|annotation| format!("`{annotation}`"))
        .collect();
    places.push("Node.status.addresses".to_owned());
    places.join(", ")
}
