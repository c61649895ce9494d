//! The programs that the built-in templates are for take their texts, where
//! they are installed.

use std::process::{Command, Output};

use podroute::targets::Wanted;
use podroute::targets::file::{Template, render};

use crate::support::{Folder, route, worker_1, worker_2};

/// Nothing, IPv4 only, both families, and names that try to break out.
fn cases() -> Vec<(String, Vec<Wanted>)> {
    let ipv6 = route("fd00:10::/64", "2001:db8::11", "worker-1");
    let evil = route("10.0.1.0/24", "192.0.2.11", "worker\n}\\");
    vec![
        ("shop".to_owned(), vec![]),
        ("shop".to_owned(), vec![worker_1(), worker_2()]),
        ("shop".to_owned(), vec![worker_1(), ipv6.clone()]),
        ("shop\nnonsense \\".to_owned(), vec![evil, ipv6.clone()]),
        (format!("{} nonsense", "x".repeat(5000)), vec![ipv6]),
    ]
}

fn text(template: &str, owner: &str, routes: &[Wanted]) -> String {
    render(&Template::open(template).unwrap(), owner, routes).unwrap()
}

/// None, and why, where the program is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("not tested: `{program}` cannot be run: {error}");
            None
        }
    }
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{err}")
}

#[test]
fn bird_parses_its_text() {
    let folder = Folder::new();
    for (owner, routes) in cases() {
        let path = folder.put("routes.conf", &text("bird", &owner, &routes));
        let Some(output) = run("bird", &["-p", "-c", &path]) else {
            return;
        };
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn frr_parses_its_text() {
    let folder = Folder::new();
    for (owner, routes) in cases() {
        let path = folder.put("routes.conf", &text("frr", &owner, &routes));
        let Some(output) = run("vtysh", &["-C", "-f", &path]) else {
            return;
        };
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// In a network of its own, with a link on which the next hops are.
#[test]
fn iproute2_makes_its_routes() {
    let folder = Folder::new();
    for (owner, routes) in cases() {
        let path = folder.put("batch", &text("iproute2", &owner, &routes));
        let script = "ip link add pods0 type veth peer name pods1 && ip link set pods1 up \
             && ip addr add 192.0.2.1/24 dev pods0 && ip addr add 2001:db8::1/64 dev pods0 nodad \
             && ip link set pods0 up && echo prepared || exit 0
             ip -batch \"$1\" && ip -batch \"$1\" || exit 1
             echo done; ip route show proto 98; ip -6 route show proto 98";
        let arguments = ["--net", "--map-root-user", "sh", "-c", script, "sh", &path];
        let Some(output) = run("unshare", &arguments) else {
            return;
        };
        let said = said(&output);
        if !said.starts_with("prepared") {
            eprintln!("not tested: a network of its own cannot be made here: {said}");
            return;
        }
        assert!(output.status.success(), "{said}");
        let (_, made) = said.split_once("done\n").unwrap();
        let mut expected: Vec<String> = routes
            .iter()
            .map(|route| format!("{} via {} dev pods0", route.prefix, route.next_hop))
            .collect();
        expected.sort();
        let mut made: Vec<String> = made
            .lines()
            .map(|line| {
                line.split_whitespace()
                    .take(5)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        made.sort();
        assert_eq!(made, expected);
    }
}
