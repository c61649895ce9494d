//! Workflow commands, read by the rules that GitHub documents for them.

use std::fmt::Write;

use crate::{ACCEPTED, UNDECIDED, check_in, folder, from_stdin, host_bits, shop};

/// A command: name, properties, message.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    message: String,
}

/// `%XX` back to what it stands for.
fn decoded(text: &str, escapes: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (escape, character) in escapes {
        text = text.replace(escape, character);
    }
    text.replace("%25", "%")
}

fn parse(line: &str) -> Option<Command> {
    const DATA: [(&str, &str); 2] = [("%0D", "\r"), ("%0A", "\n")];
    const PROPERTY: [(&str, &str); 4] = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")];
    let (head, message) = line.strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ')?;
    let properties = properties.split(',').map(|property| {
        let (key, value) = property.split_once('=').unwrap();
        (key.to_owned(), decoded(value, &PROPERTY))
    });
    Some(Command {
        name: name.to_owned(),
        properties: properties.collect(),
        message: decoded(message, &DATA),
    })
}

/// Name, file, line and title of each command.
fn commands(text: &str) -> Vec<String> {
    let commands = text.lines().filter_map(parse).map(|command| {
        let mut line = command.name;
        for (key, value) in command.properties {
            write!(line, " {key}={value}").unwrap();
        }
        line
    });
    commands.collect()
}

#[test]
fn the_shop() {
    let text = shop("github");
    let at = |name: &str, line: u32| format!("file=tests/snapshots/shop/{name}.yaml line={line}");
    assert_eq!(
        commands(&text),
        [
            format!(
                "error {} title=ako/cni-plugin-mismatch",
                at("configmaps", 21)
            ),
            format!(
                "error {} title=route/duplicate-prefix",
                at("ciliumnodes", 74)
            ),
            format!(
                "error {} title=sctp/controller-too-old",
                at("configmaps", 23)
            ),
            format!("error {} title=sctp/kernel-too-old", at("nodes", 243)),
            format!("error {} title=sctp/target-port", at("services", 70)),
            format!("warning {} title=sctp/bpf-masquerade", at("configmaps", 73)),
            "notice title=Not evaluated, for want of".to_owned(),
            format!("notice {} title=node/cidr-mismatch", at("nodes", 24)),
            "notice title=snapshot/partial".to_owned(),
            "notice title=podroute".to_owned(),
        ]
    );
    let last = parse(text.lines().last().unwrap()).unwrap();
    assert_eq!(
        last.message,
        "2 routes, 1 withheld; 5 errors, 1 warning, 2 info; 6 rules not evaluated"
    );
    let fifth = text.lines().nth(4).unwrap();
    assert_eq!(
        fifth,
        "::error file=tests/snapshots/shop/services.yaml,line=70,title=sctp/target-port::\
         Service signalling/m3ua-gateway has the SCTP port 2905 with targetPort 3905%0A\
         Then: Cilium does not rewrite SCTP ports: it drops what is sent to this port of the Service's \
         address (a load balancer that sends to the pods directly is not concerned)%0A\
         Fix: make port and targetPort equal: port 3905 in the Service, or let the pods listen on 2905"
    );
}

/// Control characters are made visible when a file is read, the rest here.
#[test]
fn file_names_are_escaped() {
    let folder = folder(&[("a:b,100%\n.yaml", &host_bits())]);
    let text = check_in(folder.path(), "github", &["--cni", "kubernetes", "."]);
    let line = text
        .lines()
        .find(|line| line.contains("host-bits"))
        .unwrap();
    assert!(
        line.starts_with("::notice file=a%3Ab%2C100%25\\u{a}.yaml,line=7,title=node/host-bits::"),
        "{line}"
    );
    let found = "notice file=a:b,100%\\u{a}.yaml line=7 title=node/host-bits".to_owned();
    assert!(commands(&text).contains(&found), "{text}");
}

#[test]
fn without_a_file_there_is_none() {
    let text = from_stdin("github", &host_bits());
    let found = "notice title=node/host-bits".to_owned();
    assert!(commands(&text).contains(&found), "{text}");
}

#[test]
fn what_was_not_looked_at_is_said() {
    let folder = folder(&[
        ("nodes.yaml", &host_bits()),
        ("ours.toml", ACCEPTED),
        ("broken.yaml", "a: ["),
    ]);
    let text = check_in(folder.path(), "github", UNDECIDED);
    assert_eq!(commands(&text)[0], "error title=No verdict on the routes");
    let last = parse(text.lines().last().unwrap()).unwrap();
    assert!(
        last.message.ends_with("; no verdict on the routes"),
        "{}",
        last.message
    );

    let arguments = [
        "--cni",
        "kubernetes",
        "--profile",
        "ours.toml",
        "nodes.yaml",
        "broken.yaml",
    ];
    let all = commands(&check_in(folder.path(), "github", &arguments));
    assert!(all[1].starts_with("error file=broken.yaml"), "{}", all[1]);
    assert!(all[1].ends_with("title=Unreadable input"), "{}", all[1]);
    assert!(all.contains(&"notice title=Accepted".to_owned()), "{all:?}");
    assert!(!all.iter().any(|line| line.contains("node/host-bits")));
}
