//! Man pages, completions, and what goes to which stream.

use std::os::unix::process::CommandExt;

use super::*;

#[test]
fn every_command_has_a_page() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("man1");
    let run = podroute(&["manual", "--folder", pages.to_str().unwrap()]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let help = podroute(&["--help"]).out;
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    let mut count = 0;
    for command in commands.filter(|command| *command != "help") {
        let page = fs::read_to_string(pages.join(format!("podroute-{command}.1")));
        let page = page.unwrap_or_else(|error| panic!("{command}: {error}"));
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
        assert!(page.contains("Examples:"), "{command}");
        count += 1;
    }
    assert!(count > 8, "{help}");
    let whole = podroute(&["manual"]).out;
    assert_eq!(fs::read_to_string(pages.join("podroute.1")).unwrap(), whole);
}

#[test]
fn shells_complete_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = podroute(&["completions", shell]).out;
        assert!(script.contains("fail-on"), "{shell}");
        assert!(script.contains("explain"), "{shell}");
    }
}

#[test]
fn quiet_leaves_errors_only() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("node.json"), NODE).unwrap();
    fs::write(folder.path().join("readme.txt"), "nothing").unwrap();
    let path = folder.path().to_str().unwrap();
    let check = ["check", "--cni", "kubernetes", "--format", "json", path];
    let loud = podroute(&check);
    assert!(loud.err.contains("note: "), "{}", loud.err);
    let quiet = podroute(&[&check[..], &["--quiet"]].concat());
    assert_eq!((quiet.err.as_str(), quiet.out), ("", loud.out));
    fs::write(folder.path().join("broken.json"), "{").unwrap();
    let broken = podroute(&[&check[..], &["-q"]].concat());
    assert_eq!(broken.code, 2);
    assert!(broken.err.contains("broken.json:1"), "{}", broken.err);
    assert!(!broken.err.contains("note: "), "{}", broken.err);
}

/// `podroute check ... | head -1`: nobody reads on.
#[test]
fn a_closed_pipe_is_no_error() {
    let nodes: String = (0..200)
        .flat_map(|a| (0..20).map(move |b| (a, b)))
        .map(|(a, b)| {
            NODE.replace("worker-1", &format!("n{a}-{b}"))
                .replace("10.244.1.", &format!("10.{a}.{b}."))
                .replace("192.0.2.11", &format!("172.16.{a}.{b}"))
        })
        .collect();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("nodes.json");
    fs::write(&file, nodes).unwrap();
    let file = file.to_str().unwrap();
    for format in ["table", "json", "yaml"] {
        let mut command = command(&["check", "--cni", "kubernetes", "--all-routes", "--format"]);
        command.args([format, file]).process_group(0);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{format}");
    }
}
