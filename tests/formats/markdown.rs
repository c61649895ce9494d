//! The comment for a pull request. consumers/ renders it as GitHub does.

use crate::{ACCEPTED, UNDECIDED, check_in, folder, host_bits, node, shop};

#[test]
fn the_shop() {
    let text = shop("markdown");
    let head: Vec<&str> = text.lines().take(7).collect();
    assert_eq!(
        head,
        [
            "<!-- podroute check -->",
            "### \u{274c} podroute: 5 errors, 1 warning, 2 info",
            "",
            "2 routes, 1 withheld; 5 errors, 1 warning, 2 info; 6 rules not evaluated",
            "",
            "| | Rule | Finding | Where |",
            "|---|---|---|---|",
        ]
    );
    let row = text
        .lines()
        .find(|line| line.contains("<code>sctp/target-port</code>"));
    assert_eq!(
        row.unwrap(),
        "| \u{274c} error | <code>sctp/target-port</code> | Service signalling/m3ua-gateway has the SCTP port \
         2905 with targetPort 3905<details><summary>effect and fix</summary>Then: Cilium does not rewrite SCTP \
         ports: it drops what is sent to this port of the Service&#39;s address (a load balancer that sends to \
         the pods directly is not concerned)<br>Fix: make port and targetPort equal: port 3905 in the Service, \
         or let the pods listen on 2905</details> | Service signalling/m3ua-gateway \
         spec.ports&#91;0&#93;.targetPort<br><code>tests/snapshots/shop/services.yaml:70</code> |"
    );
    assert!(
        text.contains("<details><summary>Withheld routes (1)</summary>\n\n| Prefix"),
        "{text}"
    );
    assert!(
        text.contains("<details><summary>Rules not evaluated (6)</summary>\n\n- for want of"),
        "{text}"
    );
    assert!(
        text.contains("- for want of the setting routeLimit: <code>route/limit</code>\n"),
        "{text}"
    );
}

#[test]
fn a_verdict_is_not_made_up() {
    let folder = folder(&[
        ("nodes.yaml", &host_bits()),
        ("ours.toml", ACCEPTED),
        ("broken.yaml", "a: ["),
    ]);
    let text = check_in(folder.path(), "markdown", UNDECIDED);
    assert!(
        text.contains("### \u{2754} podroute: no verdict on the routes\n"),
        "{text}"
    );
    assert!(text.contains(
        "**No verdict on the routes is possible; that nothing was found means nothing:**"
    ));

    let arguments = [
        "--cni",
        "kubernetes",
        "--profile",
        "ours.toml",
        "nodes.yaml",
        "broken.yaml",
    ];
    let text = check_in(folder.path(), "markdown", &arguments);
    assert!(
        text.contains(
            "**Problems with the input:**\n\n- error: <code>broken.yaml:1:</code> is not YAML"
        ),
        "{text}"
    );
    assert!(
        text.contains("<details><summary>Accepted (1)</summary>"),
        "{text}"
    );
    assert!(
        text.contains("(because: written by hand &#124; see &#60;OPS-7&#62;)"),
        "{text}"
    );
}

#[test]
fn names_do_no_harm() {
    let evil = node(
        "\"a|b <img src=x> @octocat #1\"",
        "10.0.1.7/24",
        "192.0.2.1",
    );
    let folder = folder(&[("nodes.yaml", &evil)]);
    let text = check_in(
        folder.path(),
        "markdown",
        &["--cni", "kubernetes", "nodes.yaml"],
    );
    let row = text
        .lines()
        .find(|line| line.contains("node/host-bits"))
        .unwrap();
    assert_eq!(row.matches('|').count(), 5, "{row}");
    assert!(!row.contains("<img"), "{row}");
    assert!(
        row.contains("a&#124;b &#60;img src=x&#62; <code>@octocat</code> <code>#1</code>"),
        "{row}"
    );
}
