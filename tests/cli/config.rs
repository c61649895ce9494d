//! podroute.toml: options that a project sets once.

use super::*;

/// A folder with a configuration and a snapshot of two nodes that share a
/// prefix, which is an error.
fn project(config: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("podroute.toml"), config).unwrap();
    let other = NODE.replace("worker-1", "worker-2").replace(".11", ".12");
    fs::write(folder.path().join("nodes.json"), format!("{NODE}{other}")).unwrap();
    fs::create_dir(folder.path().join("below")).unwrap();
    folder
}

fn in_folder(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(command(arguments).current_dir(folder).output().unwrap())
}

const KUBERNETES: &str = "[check]\ncni = \"kubernetes\"\npaths = [\"nodes.json\"]\n";

#[test]
fn options_come_from_the_nearest_file() {
    let project = project(KUBERNETES);
    let here = in_folder(project.path(), &["check"]);
    assert_eq!(here.code, 1, "{}", here.err);
    assert!(here.out.contains("route/duplicate-prefix"), "{}", here.out);
    // The paths are those of the file's folder.
    let below = in_folder(&project.path().join("below"), &["check"]);
    assert_eq!(below.code, 1, "{}", below.err);
    let without = in_folder(project.path(), &["check", "--no-config"]);
    assert_eq!(without.code, 2, "{}", without.out);
    assert!(without.err.contains("Give a PATH"), "{}", without.err);
}

#[test]
fn flags_and_the_environment_count_more() {
    let project = project(&format!(
        "{KUBERNETES}fail-on = \"never\"\n[cleanup]\ncluster-name = \"shop\"\n"
    ));
    assert_eq!(in_folder(project.path(), &["check"]).code, 0);
    let flag = in_folder(project.path(), &["check", "--fail-on", "error"]);
    assert_eq!(flag.code, 1);
    // A list on the command line takes the place of the file's.
    let other = in_folder(project.path(), &["check", "no-such-file.json"]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("no-such-file.json"), "{}", other.err);
    let mut command = command(&["check"]);
    command.current_dir(project.path().join("below"));
    let elsewhere = TempDir::new().unwrap();
    let config = elsewhere.path().join("other.toml");
    fs::write(&config, "[check]\npaths = [\"none.json\"]\n").unwrap();
    command.env("PODROUTE_CONFIG", &config);
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 2);
    assert!(run.err.contains("none.json"), "{}", run.err);
}

#[test]
fn switches_and_lists_can_be_set() {
    let project = project(&format!(
        "{KUBERNETES}rule = [\"route/duplicate-prefix=off\"]\nall-routes = true\nformat = [\"json\"]\n"
    ));
    let run = in_folder(project.path(), &["check"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.json()["rulesOff"][0], "route/duplicate-prefix");
}

#[test]
fn what_is_wrong_is_named() {
    for (config, expected) in [
        ("[check]\nfail_on = \"error\"\n", "[check] has `fail_on`"),
        ("[chek]\n", "there is no command `chek`; there are check, "),
        ("cni = \"kubernetes\"\n", "`cni` is no table"),
        ("[check]\ncni = [\"a\", \"b\"]\n", "[check] cni: one value"),
        ("[check]\ncni = 1.5\n", "[check] cni: a text"),
        ("[check\n", "podroute.toml: TOML parse error"),
        ("[check]\nconfig = \"x\"\n", "[check] has `config`"),
    ] {
        let project = project(config);
        let run = in_folder(project.path(), &["check", "nodes.json"]);
        assert_eq!(run.code, 2, "{config}");
        assert!(run.err.contains(expected), "{config}: {}", run.err);
        assert!(run.err.contains("podroute.toml"), "{config}: {}", run.err);
    }
    let project = project("[check]\nfail-on = \"sometimes\"\n");
    let run = in_folder(project.path(), &["check", "nodes.json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("'sometimes'"), "{}", run.err);
    assert!(
        run.err.contains("some options come from"),
        "where it stands: {}",
        run.err
    );
    let run = in_folder(project.path(), &["check", "--config", "none.toml", "x"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("none.toml"), "{}", run.err);
}

/// The program has more commands than the file speaks of.
#[test]
fn help_is_help_with_a_file_too() {
    let project = project(KUBERNETES);
    let run = in_folder(project.path(), &["check", "--help"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("[default: kubernetes]"), "{}", run.out);
}
