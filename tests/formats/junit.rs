//! JUnit XML. consumers/ has a parser read it; here the text is looked at.

use crate::{ACCEPTED, UNDECIDED, check_in, folder, host_bits, shop, top};

/// A test case with all that belongs to it.
fn case<'a>(text: &'a str, name: &str) -> &'a str {
    let start = text
        .find(&format!("<testcase name=\"{name}\""))
        .expect(name);
    let line_end = text[start..].find('\n').unwrap();
    if text[start..start + line_end].ends_with("/>") {
        return &text[start..start + line_end];
    }
    let end = text[start..].find("</testcase>").unwrap();
    &text[start..start + end]
}

#[test]
fn the_shop() {
    let text = shop("junit");
    // A case for each of 109 rules, and two of its own.
    assert!(
        text.contains(
            "<testsuite name=\"podroute\" tests=\"111\" skipped=\"6\" errors=\"0\" failures=\"6\">"
        ),
        "{}",
        &text[..400]
    );
    assert_eq!(
        case(&text, "sctp/target-port"),
        "<testcase name=\"sctp/target-port\" classname=\"podroute.sctp\">
            <failure message=\"Service signalling/m3ua-gateway has the SCTP port 2905 with targetPort 3905\" \
         type=\"error\">Service signalling/m3ua-gateway has the SCTP port 2905 with targetPort 3905
Then: Cilium does not rewrite SCTP ports: it drops what is sent to this port of the Service&apos;s address (a load \
         balancer that sends to the pods directly is not concerned)
Fix: make port and targetPort equal: port 3905 in the Service, or let the pods listen on 2905
At: Service signalling/m3ua-gateway spec.ports[0].targetPort (tests/snapshots/shop/services.yaml:70)
Reference: https://docs.cilium.io/en/stable/configuration/sctp/</failure>
        "
    );
    assert!(case(&text, "sctp/bpf-masquerade").contains("type=\"warning\""));
    assert!(case(&text, "route/off-link").contains(
        "<skipped message=\"not evaluated, for want of the setting connectedNetworks\"/>"
    ));
    let info = case(&text, "node/cidr-mismatch");
    assert!(
        info.contains("<system-out>info: 3 nodes ") && !info.contains("<failure"),
        "{info}"
    );
    assert_eq!(
        case(&text, "sctp/node-port"),
        "<testcase name=\"sctp/node-port\" classname=\"podroute.sctp\"/>"
    );
}

#[test]
fn rules_that_are_off_do_not_pass() {
    let arguments = ["--rule", "sctp/*=off", "tests/snapshots/shop"];
    let text = check_in(&top(), "junit", &arguments);
    assert!(
        case(&text, "sctp/target-port")
            .contains("<skipped message=\"switched off in the settings\"/>")
    );
}

#[test]
fn what_was_accepted_passes_and_is_told() {
    let folder = folder(&[("nodes.yaml", &host_bits()), ("ours.toml", ACCEPTED)]);
    let arguments = [
        "--cni",
        "kubernetes",
        "--profile",
        "ours.toml",
        "nodes.yaml",
    ];
    let text = check_in(folder.path(), "junit", &arguments);
    let accepted = case(&text, "node/host-bits");
    assert!(
        accepted.contains("<system-out>accepted, because: written by hand | see &lt;OPS-7&gt;\n"),
        "{accepted}"
    );
    assert!(!accepted.contains("<failure"), "{accepted}");
}

#[test]
fn without_a_verdict_no_rule_passes() {
    let folder = folder(&[("nodes.yaml", &host_bits()), ("broken.yaml", "a: [")]);
    let text = check_in(folder.path(), "junit", UNDECIDED);
    assert!(text.contains(" errors=\"1\" "), "{}", &text[..300]);
    assert!(
        case(&text, "verdict on the routes")
            .contains("<error message=\"no verdict on the routes\" type=\"undecided\">")
    );
    let rules = text.matches("<testcase name=").count() - 2;
    let spoken = text.matches("<skipped").count() + text.matches("<failure").count();
    assert_eq!(spoken, rules, "none passes");

    let text = check_in(
        folder.path(),
        "junit",
        &["--cni", "kubernetes", "nodes.yaml", "broken.yaml"],
    );
    assert!(
        case(&text, "input")
            .contains("<error message=\"not all of the input could be used\" type=\"input\">")
    );
}
