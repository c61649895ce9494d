//! What is shipped for CI systems: it can be parsed, and names only what
//! podroute has.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::top;

fn read(name: &str) -> String {
    fs::read_to_string(top().join(name)).expect(name)
}

fn yaml(text: &str) -> Value {
    serde_norway::from_str(text).expect("YAML")
}

/// The blocks of a page in this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let blocks = page.split(&opening).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(["check", "--help"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// `--flags` on lines that run podroute, and the formats asked for.
fn asked(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let joined = text.replace("\"$podroute\" check", "podroute check");
    let (mut flags, mut formats) = (BTreeSet::new(), BTreeSet::new());
    for line in joined
        .lines()
        .filter(|line| line.contains("podroute check"))
    {
        let (_, command) = line.split_once("podroute check").unwrap();
        let command = command.split(['|', '`', '#']).next().unwrap();
        let mut words = command.split([' ', '\'', '"', '=', ',', '[', ']']);
        while let Some(word) = words.next() {
            if word.starts_with("--") && word.ends_with(char::is_alphabetic) {
                flags.insert(word.to_owned());
            }
            if word == "--format" {
                formats.insert(words.next().unwrap().to_owned());
            }
        }
    }
    (flags, formats)
}

#[test]
fn every_flag_and_format_is_there() {
    let help = help();
    let pages = [
        "docs/formats.md",
        "docs/ci.md",
        "action.yml",
        ".pre-commit-hooks.yaml",
    ];
    let mut all = BTreeSet::new();
    for page in pages {
        let (flags, formats) = asked(&read(page));
        for flag in &flags {
            assert!(help.contains(&format!(" {flag}")), "{page}: {flag}");
        }
        for format in formats.iter().filter(|format| *format != "FORMAT") {
            assert!(help.contains(&format!("\n  {format} ")), "{page}: {format}");
            all.insert(format.clone());
        }
    }
    assert!(all.contains("sarif") && all.contains("gitlab"), "{all:?}");
}

/// The page has a section for each format that `--help` lists.
#[test]
fn every_format_is_documented() {
    let page = read("docs/formats.md");
    let help = help();
    let (_, formats) = help.split_once("Formats:\n").unwrap();
    let formats: Vec<&str> = formats
        .lines()
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert!(formats.len() >= 14, "{formats:?}");
    let documented = |name: &&str| page.contains(&format!("`{name}`"));
    let missing: Vec<&str> = formats
        .into_iter()
        .filter(|name| !documented(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn the_action_has_its_inputs() {
    let action = yaml(&read("action.yml"));
    assert_eq!(action["runs"]["using"], "composite");
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["description"].is_string(), "{name}");
        assert!(!input["required"].as_bool().unwrap_or(false), "{name}");
    }
    for step in action["runs"]["steps"].as_array().unwrap() {
        let script = step["run"].as_str().unwrap();
        assert_eq!(step["shell"], "bash");
        // What comes from a pull request may not become code.
        assert!(!script.contains("${{"), "{script}");
    }
}

#[test]
fn the_hook_is_a_hook() {
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    let hook = &hooks[0];
    assert_eq!(hook["id"], "podroute-check");
    assert_eq!(hook["entry"], "podroute check");
    assert_eq!(hook["types_or"], serde_json::json!(["yaml", "json"]));
    // A part of a cluster is no cluster.
    assert_eq!(hook["pass_filenames"], false);
}

#[test]
fn the_snippets_are_yaml() {
    let page = read("docs/ci.md");
    let blocks = blocks(&page, "yaml");
    assert!(blocks.len() >= 3, "{}", blocks.len());
    for block in blocks {
        assert!(yaml(&block).is_object(), "{block}");
    }
}
