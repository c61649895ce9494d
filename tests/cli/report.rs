//! What `podroute check` prints, and its exit codes.

use super::*;

#[test]
fn the_shop_has_findings() {
    let run = podroute(&["check", snapshots("shop").to_str().unwrap()]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("error ako/cni-plugin-mismatch"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("10.0.0.0/24  192.0.2.11  shop-control-1"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("AKOSettings.cniPlugin: cilium"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .ends_with("2 routes, 1 withheld; 5 errors, 1 warning, 2 info\n"),
        "{}",
        run.out
    );
    assert!(!run.out.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn exit_codes() {
    let dual_stack = |config: &str| {
        ["nodes.yaml", "ciliumnodes.yaml", config].map(|name| {
            snapshots("dual-stack")
                .join(name)
                .to_str()
                .unwrap()
                .to_owned()
        })
    };
    let check = |paths: &[String], more: &[&str]| {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        podroute(&[&["check"], more, paths.as_slice()].concat()).code
    };
    let healthy = dual_stack("config-cluster-pool.yaml");
    assert_eq!(check(&healthy, &[]), 0);
    assert_eq!(check(&healthy, &["--fail-on", "warning"]), 0);
    // The snapshot has no Services: snapshot/partial is an info.
    assert_eq!(check(&healthy, &["--fail-on", "info"]), 1);
    let shop = [snapshots("shop").to_str().unwrap().to_owned()];
    assert_eq!(check(&shop, &["--fail-on", "error"]), 1);
    assert_eq!(check(&shop, &["--fail-on", "never"]), 0);
    assert_eq!(check(&healthy[..2], &[]), 3, "no cilium-config");
    assert_eq!(check(&["no-such-file.yaml".to_owned()], &[]), 2);
    assert_eq!(check(&healthy, &["--cni", "none"]), 2);
    assert_eq!(podroute(&["check"]).code, 2);
    assert_eq!(podroute(&["frobnicate"]).code, 2);
}

#[test]
fn an_empty_input_is_no_verdict() {
    assert_eq!(with_stdin(&["check", "-"], b"").code, 3);
    let folder = TempDir::new().unwrap();
    let run = podroute(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("no .json, .yaml or .yml file"),
        "{}",
        run.err
    );
}

#[test]
fn the_readme_shows_the_real_output() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = command(&["check", "tests/snapshots/shop"])
        .current_dir(&top)
        .output()
        .unwrap();
    let output = Run::of(run).out;
    let readme = fs::read_to_string(top.join("README.md")).unwrap();
    assert!(
        readme.contains(&output),
        "README.md shows other output than:\n{output}"
    );
}

#[test]
fn colours_only_when_wanted() {
    let shop = snapshots("shop");
    let shop = shop.to_str().unwrap();
    assert!(
        podroute(&["check", "--color", "always", shop])
            .out
            .contains("\u{1b}[1m")
    );
    assert!(
        !podroute(&["check", "--color", "never", shop])
            .out
            .contains('\u{1b}')
    );
    let run = command(&["check", shop])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!Run::of(run).out.contains('\u{1b}'));
}

#[test]
fn long_route_lists_are_cut_for_people() {
    let nodes: String = (0..100)
        .map(|number| {
            NODE.replace("worker-1", &format!("n{number:03}"))
                .replace("10.244.1.", &format!("10.244.{number}."))
                .replace("192.0.2.11", &format!("192.0.2.{number}"))
        })
        .collect();
    let run = check_file("a.json", &nodes, &[]);
    assert!(
        run.out.contains("and 60 more; --all-routes shows them"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("10.244.40.0/24"));
    let run = check_file("a.json", &nodes, &["--all-routes"]);
    assert!(run.out.contains("10.244.99.0/24"), "{}", run.out);
}
