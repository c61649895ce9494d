//! The map.

use std::collections::BTreeSet;

use super::*;

fn map(report: &Value) -> String {
    picture::map(&report.to_string()).unwrap()
}

/// A /16 cut into /24: with three claims, eight blocks a row, each 112 wide
/// and 48 high with 6 between them. Two claims of one block share its height.
#[test]
fn blocks_are_where_their_addresses_are() {
    let report = with(&[
        ("networks", json!([pool("10.0.0.0/16", 24)])),
        (
            "routes",
            json!([route("10.0.0.0/24", "a"), route("10.0.9.0/24", "b")]),
        ),
        (
            "withheld",
            json!([withheld("10.0.9.0/24", "c"), withheld("10.0.2.0/23", "d")]),
        ),
    ]);
    let svg = map(&report);
    let svg = Document::parse(&svg).unwrap();
    let mut cells: Vec<_> = cells(&svg).into_iter().map(drawn).collect();
    cells.sort_by_key(|(_, [x, y, ..])| (*y, *x));
    let cell = |class: &str, area| (class.to_owned(), area);
    assert_eq!(
        cells,
        [
            cell("cell routed", [0, 0, 106, 42]),
            // A /23 is two blocks wide, with the space between them.
            cell("cell held", [224, 0, 218, 42]),
            // Block 9 is the second one of the second row.
            cell("cell routed contested", [112, 48, 106, 20]),
            cell("cell held contested", [112, 69, 106, 20]),
        ]
    );
    // 256 blocks less the 16 of two rows.
    let texts = texts(&svg);
    assert!(texts.contains("240 × /24 free, from 10.0.16.0"), "{texts}");
    assert!(texts.contains("10.0.0.0/16  the pool"), "{texts}");
}

/// The n-th prefix.
type Prefixes<'a> = &'a dyn Fn(usize) -> String;

#[test]
fn every_claim_of_five_thousand_nodes_has_its_own_cell() {
    let prefix = |at: usize| format!("10.{}.{}.0/24", at / 256, at % 256);
    let apart = |at: usize| format!("{}.{}.{}.0/24", 10 + at % 200, at / 25, at % 25);
    let six = |at: usize| format!("2001:db8:0:{at:x}::/64");
    let cases: [(&str, Value, Prefixes<'_>); 4] = [
        ("a pool", json!([pool("10.0.0.0/8", 24)]), &prefix),
        ("no pool", json!([]), &prefix),
        ("far apart", json!([]), &apart),
        ("IPv6", json!([pool("2001:db8::/32", 64)]), &six),
    ];
    for (name, networks, prefix) in cases {
        let routes: Vec<Value> = (0..5_000)
            .map(|at| route(&prefix(at), &format!("worker-{at}")))
            .collect();
        let report = with(&[("networks", networks), ("routes", Value::from(routes))]);
        let svg = map(&report);
        assert!(svg.len() < 2_000_000, "{name}: {} bytes", svg.len());
        let svg = Document::parse(&svg).unwrap();
        let cells = cells(&svg);
        let titles: BTreeSet<&str> = cells
            .iter()
            .map(|cell| cell.first_element_child().unwrap().text().unwrap())
            .collect();
        assert_eq!((cells.len(), titles.len()), (5_000, 5_000), "{name}");
        let places: BTreeSet<_> = cells
            .into_iter()
            .map(|cell| {
                // What bands there are lie one below the other.
                let band = cell.parent().unwrap().attribute("transform").unwrap();
                (band.to_owned(), drawn(cell).1)
            })
            .collect();
        assert_eq!(places.len(), 5_000, "{name}: cells lie on each other");
        let height: u32 = svg
            .root_element()
            .attribute("height")
            .unwrap()
            .parse()
            .unwrap();
        assert!(height < 4_000, "{name}: {height} high");
    }
}

#[test]
fn nothing_that_objects_say_becomes_markup() {
    let name = "<script>alert(1)</script>\"'&\u{0}\u{1b}]]>";
    let mut named = pool("10.0.0.0/16", 24);
    named["name"] = json!(name);
    let report = with(&[
        ("networks", json!([named])),
        ("routes", json!([route("10.0.0.0/24", name)])),
    ]);
    let svg = map(&report);
    let svg = Document::parse(&svg).unwrap();
    assert!(
        svg.descendants()
            .all(|node| node.tag_name().name() != "script")
    );
    let title = cells(&svg)[0].first_element_child().unwrap();
    assert!(
        title
            .text()
            .unwrap()
            .contains("<script>alert(1)</script>\"'&\u{fffd}\u{fffd}]]>")
    );
}

#[test]
fn says_that_there_is_nothing_or_no_verdict() {
    let svg = map(&report());
    let svg = Document::parse(&svg).unwrap();
    assert!(texts(&svg).contains("there is nothing to draw"));
    let report = with(&[
        ("undecided", json!(["CiliumNode could not be read"])),
        ("networks", json!([pool("10.0.0.0/16", 24)])),
    ]);
    let svg = map(&report);
    let texts = texts(&Document::parse(&svg).unwrap());
    assert!(
        texts.contains("No verdict on the routes is possible"),
        "{texts}"
    );
    // What nobody has seen is not free.
    assert!(
        texts.contains("256 × /24 no pod CIDR, from 10.0.0.0"),
        "{texts}"
    );
}

#[test]
fn what_pods_must_not_share_is_marked() {
    let report = with(&[
        (
            "networks",
            json!([
                pool("10.0.0.0/16", 24),
                network("native-routing", "10.0.0.0/8"),
                network("vip-network", "10.0.5.0/24"),
                network("node-network", "192.0.2.0/24"),
                network("node-addresses", "10.0.4.0/22"),
            ]),
        ),
        ("routes", json!([route("10.0.0.0/24", "a")])),
    ]);
    let svg = map(&report);
    let texts = texts(&Document::parse(&svg).unwrap());
    let line = |prefix: &str| texts.lines().find(|line| line.starts_with(prefix)).unwrap();
    assert_eq!(line("10.0.0.0/8"), "10.0.0.0/8, native-routing");
    assert_eq!(
        line("10.0.5.0/24"),
        "10.0.5.0/24, vip-network  overlaps pod addresses"
    );
    assert_eq!(line("192.0.2.0/24"), "192.0.2.0/24, node-network");
    assert_eq!(
        line("10.0.4.0/22"),
        "10.0.4.0/22, node-addresses  its range overlaps pod addresses"
    );
}

/// The ends of what there is: nothing is out of bounds, nothing is divided
/// by nothing.
#[test]
fn odd_prefixes_are_drawn() {
    for networks in [
        json!([pool("0.0.0.0/0", 32), pool("::/0", 128)]),
        json!([pool("10.0.0.0/24", 8), pool("255.255.255.255/32", 32)]),
        json!([
            pool("10.0.0.0/16", 24),
            pool("10.0.0.0/16", 26),
            pool("10.0.4.0/22", 28)
        ]),
        json!([]),
    ] {
        for prefixes in [
            &["0.0.0.0/0", "::/0"][..],
            &[
                "0.0.0.0/1",
                "255.255.255.255/32",
                "10.0.0.1/32",
                "ffff::/16",
            ],
            &[
                "10.0.0.0/16",
                "10.0.0.0/17",
                "10.0.0.0/32",
                "10.0.0.0/25",
                "::/128",
            ],
        ] {
            let routes: Vec<Value> = prefixes
                .iter()
                .map(|prefix| route(prefix, prefix))
                .collect();
            let report = with(&[
                ("networks", networks.clone()),
                ("routes", Value::from(routes)),
            ]);
            let svg = map(&report);
            let svg = Document::parse(&svg).unwrap();
            assert_eq!(cells(&svg).len(), prefixes.len(), "{networks} {prefixes:?}");
            for cell in cells(&svg) {
                let (_, [x, _, width, height]) = drawn(cell);
                assert!(x + width <= 896 && width > 0 && height > 0, "{cell:?}");
            }
        }
    }
}

#[test]
fn refuses_what_is_no_report() {
    for (text, words) in [
        ("", "EOF"),
        ("{}", "missing field"),
        (r#"{"schema":"x"}"#, "missing field"),
    ] {
        let error = picture::map(text).unwrap_err();
        assert!(
            error.contains(words) && error.contains("podroute check --format json"),
            "{error}"
        );
    }
    let other = with(&[("schema", json!("podroute.plan/v1"))]);
    let error = picture::map(&other.to_string()).unwrap_err();
    assert!(
        error.contains("`podroute.plan/v1` and not podroute.report/v1"),
        "{error}"
    );
    let broken = with(&[("routes", json!([route("10.0.0.0/33", "a")]))]);
    assert!(
        picture::map(&broken.to_string())
            .unwrap_err()
            .contains("10.0.0.0/33")
    );
}

#[test]
fn draws_the_snapshots() {
    for (name, expected) in [("shop", 3), ("cilium-cluster-pool", 0), ("calico", 0)] {
        let report = of_snapshot(name);
        let parsed: Value = serde_json::from_str(&report).unwrap();
        let count = |list: &str| parsed[list].as_array().unwrap().len();
        let claims = count("routes") + count("withheld");
        assert!(claims >= expected.max(1), "{name}");
        let svg = picture::map(&report).unwrap();
        assert_eq!(
            cells(&Document::parse(&svg).unwrap()).len(),
            claims,
            "{name}"
        );
    }
}
