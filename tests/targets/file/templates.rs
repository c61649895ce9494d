//! The texts of the built-in templates, written by hand, and what becomes of
//! templates of one's own.

use podroute::targets::Wanted;
use podroute::targets::file::{Template, render};

use crate::support::{Folder, open, refused, route, worker_1, worker_2};

fn text(template: &str, owner: &str, routes: &[Wanted]) -> String {
    render(&Template::open(template).unwrap(), owner, routes).unwrap()
}

fn dual_stack() -> [Wanted; 4] {
    [
        route("fd00:10:0:2::/64", "2001:db8::12", "worker-2"),
        worker_2(),
        route("fd00:10:0:1::/64", "2001:db8::11", "worker-1"),
        worker_1(),
    ]
}

#[test]
fn frr() {
    let nothing = "! podroute: routes to the pods of shop. Changes by hand are undone.\n";
    assert_eq!(text("frr", "shop", &[]), nothing);
    assert_eq!(
        text("frr", "shop", &[worker_1()]),
        "\
! podroute: routes to the pods of shop. Changes by hand are undone.
ip route 10.0.1.0/24 192.0.2.11
"
    );
    assert_eq!(
        text("frr", "shop", &dual_stack()),
        "\
! podroute: routes to the pods of shop. Changes by hand are undone.
ip route 10.0.1.0/24 192.0.2.11
ip route 10.0.2.0/24 192.0.2.12
ipv6 route fd00:10:0:1::/64 2001:db8::11
ipv6 route fd00:10:0:2::/64 2001:db8::12
"
    );
}

#[test]
fn bird() {
    assert_eq!(
        text("bird", "shop", &[]),
        "\
# podroute: routes to the pods of shop. Changes by hand are undone.
protocol static podroute_v4 {
  ipv4;
}
protocol static podroute_v6 {
  ipv6;
}
"
    );
    assert_eq!(
        text("bird", "shop", &[worker_1()]),
        "\
# podroute: routes to the pods of shop. Changes by hand are undone.
protocol static podroute_v4 {
  ipv4;
  route 10.0.1.0/24 via 192.0.2.11; # worker-1
}
protocol static podroute_v6 {
  ipv6;
}
"
    );
    assert_eq!(
        text("bird", "shop", &dual_stack()),
        "\
# podroute: routes to the pods of shop. Changes by hand are undone.
protocol static podroute_v4 {
  ipv4;
  route 10.0.1.0/24 via 192.0.2.11; # worker-1
  route 10.0.2.0/24 via 192.0.2.12; # worker-2
}
protocol static podroute_v6 {
  ipv6;
  route fd00:10:0:1::/64 via 2001:db8::11; # worker-1
  route fd00:10:0:2::/64 via 2001:db8::12; # worker-2
}
"
    );
}

#[test]
fn iproute2() {
    let nothing = "# podroute: routes to the pods of shop. Changes by hand are undone.\n";
    assert_eq!(text("iproute2", "shop", &[]), nothing);
    assert_eq!(
        text("iproute2", "shop", &[worker_1()]),
        "\
# podroute: routes to the pods of shop. Changes by hand are undone.
route replace 10.0.1.0/24 via 192.0.2.11 proto 98 table 254 # worker-1
"
    );
    assert_eq!(
        text("iproute2", "shop", &dual_stack()),
        "\
# podroute: routes to the pods of shop. Changes by hand are undone.
route replace 10.0.1.0/24 via 192.0.2.11 proto 98 table 254 # worker-1
route replace 10.0.2.0/24 via 192.0.2.12 proto 98 table 254 # worker-2
route replace fd00:10:0:1::/64 via 2001:db8::11 proto 98 table 254 # worker-1
route replace fd00:10:0:2::/64 via 2001:db8::12 proto 98 table 254 # worker-2
"
    );
}

fn json(template: &str, owner: &str, routes: &[Wanted]) -> serde_json::Value {
    serde_json::from_str(&text(template, owner, routes)).unwrap()
}

#[test]
fn avi() {
    assert_eq!(
        json("avi", "shop", &[]),
        serde_json::json!({"static_routes": []})
    );
    let ipv4 = serde_json::json!({
        "route_id": "shop-10.0.1.0/24",
        "prefix": {"ip_addr": {"addr": "10.0.1.0", "type": "V4"}, "mask": 24},
        "next_hop": {"addr": "192.0.2.11", "type": "V4"},
        "labels": [{"key": "clustername", "value": "shop"}]
    });
    assert_eq!(
        json("avi", "shop", &[worker_1()]),
        serde_json::json!({"static_routes": [ipv4]})
    );
    let ipv6 = serde_json::json!({
        "route_id": "shop-fd00:10:0:1::/64",
        "prefix": {"ip_addr": {"addr": "fd00:10:0:1::", "type": "V6"}, "mask": 64},
        "next_hop": {"addr": "2001:db8::11", "type": "V6"},
        "labels": [{"key": "clustername", "value": "shop"}]
    });
    let routes = json("avi", "shop", &dual_stack());
    let routes = routes["static_routes"].as_array().unwrap();
    assert_eq!(routes.len(), 4);
    assert_eq!((&routes[0], &routes[2]), (&ipv4, &ipv6));
}

#[test]
fn plain_json_keeps_the_order_of_its_keys() {
    assert_eq!(
        text("json", "shop", &[]),
        r#"{
  "schema": "podroute.routes/v1",
  "owner": "shop",
  "routes": [
  ]
}
"#
    );
    let ipv6 = route("fd00:10:0:1::/64", "2001:db8::11", "worker-1");
    assert_eq!(
        text("json", "shop", &[ipv6, worker_1()]),
        r#"{
  "schema": "podroute.routes/v1",
  "owner": "shop",
  "routes": [
    {"prefix": "10.0.1.0/24", "address": "10.0.1.0", "length": 24, "family": "ipv4", "nextHop": "192.0.2.11", "node": "worker-1", "id": "shop-10.0.1.0/24"},
    {"prefix": "fd00:10:0:1::/64", "address": "fd00:10:0:1::", "length": 64, "family": "ipv6", "nextHop": "2001:db8::11", "node": "worker-1", "id": "shop-fd00:10:0:1::/64"}
  ]
}
"#
    );
    let empty = json("json", "shop", &[]);
    assert_eq!(empty["routes"], serde_json::json!([]));
}

#[test]
fn the_order_of_the_routes_does_not_matter() {
    let mut reversed = dual_stack();
    reversed.reverse();
    for template in Template::names() {
        assert_eq!(
            text(template, "shop", &dual_stack()),
            text(template, "shop", &reversed)
        );
    }
}

#[test]
fn no_name_breaks_out_of_its_place() {
    let owner = "shop\"}\r\nip route 0.0.0.0/0 203.0.113.66\u{2028}\\";
    let evil = Wanted {
        id: "\"],\"x\":[\"".to_owned(),
        node: "worker\nroute 0.0.0.0/0 via 203.0.113.66;\\".to_owned(),
        ..worker_1()
    };

    assert_eq!(
        text("frr", owner, std::slice::from_ref(&evil)),
        "\
! podroute: routes to the pods of shop\"}??ip route 0.0.0.0/0 203.0.113.66??. Changes by hand are undone.
ip route 10.0.1.0/24 192.0.2.11
"
    );
    for template in ["bird", "iproute2"] {
        let harmless = text(template, "shop", &[worker_1()]);
        let text = text(template, owner, std::slice::from_ref(&evil));
        assert_eq!(text.lines().count(), harmless.lines().count());
        let route = text
            .lines()
            .find(|line| line.contains("10.0.1.0/24"))
            .unwrap();
        assert!(
            route.ends_with("# worker?route 0.0.0.0/0 via 203.0.113.66;?"),
            "{route}"
        );
    }
    let avi = json("avi", owner, std::slice::from_ref(&evil));
    assert_eq!(avi["static_routes"][0]["route_id"], evil.id);
    assert_eq!(avi["static_routes"][0]["labels"][0]["value"], owner);
    let plain = json("json", owner, std::slice::from_ref(&evil));
    assert_eq!(plain["owner"], owner);
    assert_eq!(plain["routes"][0]["node"], evil.node);

    // vtysh takes the end of a line longer than its buffer for a command.
    let long = "x".repeat(10_000);
    for template in ["frr", "bird", "iproute2"] {
        let text = text(template, &long, &[]);
        assert!(text.lines().all(|line| line.len() < 300));
    }
}

#[test]
fn a_template_of_ones_own_sees_everything() {
    let folder = Folder::new();
    let template = folder.put(
        "own.j2",
        "\
{{ owner }} {{ routes | length }} {{ ipv4 | length }} {{ ipv6 | length }} <&>
{% for r in routes %}
  {# said of each #}
{{ r.prefix }} {{ r.address }} {{ r.length + 1 }} {{ r.family }} {{ r.next_hop }} {{ r.node }} {{ r.id }}
{% else %}
no routes
{% endfor %}
",
    );
    assert_eq!(text(&template, "a<b", &[]), "a<b 0 0 0 <&>\nno routes\n");
    let ipv6 = route("fd00:10:0:1::/64", "2001:db8::11", "worker-1");
    assert_eq!(
        text(&template, "a<b", &[worker_1(), ipv6]),
        "\
a<b 2 1 1 <&>
10.0.1.0/24 10.0.1.0 25 ipv4 192.0.2.11 worker-1 shop-10.0.1.0/24
fd00:10:0:1::/64 fd00:10:0:1:: 65 ipv6 2001:db8::11 worker-1 shop-fd00:10:0:1::/64
"
    );
}

const VARIABLES: &str = "; mend the template: a template has owner, and the lists routes, ipv4 and \
                         ipv6; each route has prefix, address, length, family, next_hop, node and \
                         id";

#[test]
fn errors_in_a_template_say_where() {
    let template = Template::parse("own.j2", "one\n{{ owners }}\n".to_owned()).unwrap();
    let message = refused(render(&template, "shop", &[]).unwrap_err());
    assert_eq!(
        message,
        format!("template own.j2, line 2: undefined value{VARIABLES}")
    );

    let wrong = "one\ntwo\n{% for route in routes %}\n{% endif %}\n";
    let message = refused(Template::parse("own.j2", wrong.to_owned()).err().unwrap());
    assert!(
        message.starts_with("template own.j2, line 4: syntax error: "),
        "{message}"
    );
    assert!(message.ends_with(VARIABLES), "{message}");
}

#[test]
fn a_template_that_cannot_be_read_is_refused_at_the_start() {
    let arguments = [
        "--output",
        "/var/lib/podroute/routes.conf",
        "--template",
        "/nowhere/own.j2",
    ];
    let message = refused(open("shop", &arguments).err().unwrap());
    assert_eq!(
        message,
        "cannot read the template /nowhere/own.j2: No such file or directory (os error 2); give \
         --template the path of a file that podroute may read, or one of frr, bird, iproute2, avi, \
         json"
    );
}
