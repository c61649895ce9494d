//! An archive is read as if it were a folder.

use super::packing::{add, gzip, tar, zip};
use super::*;

/// A folder with several kinds of files.
fn mixed() -> Files {
    let other = NODE
        .replace("worker-1", "worker-2")
        .replace("10.244.1", "10.244.2")
        .replace("192.0.2.11", "192.0.2.12");
    files([
        ("top/a.json", NODE.to_owned()),
        ("top/below/b.yaml", format!("# a node\n{other}\n")),
        ("top/notes.txt", "not read".to_owned()),
        (
            "top/values.yaml",
            "ipam:\n  mode: cluster-pool\n".to_owned(),
        ),
    ])
}

#[test]
fn every_archive_says_what_the_folder_says() {
    let files = mixed();
    let expected = check_folder(&files);
    assert_eq!(expected.prefixes(), ["10.244.1.0/24", "10.244.2.0/24"]);
    for (name, bytes) in [
        ("bundle.zip", zip(&files)),
        ("bundle.tar", tar(&files)),
        ("bundle.tar.gz", gzip(&tar(&files))),
        ("bundle.tgz", gzip(&tar(&files))),
        // What counts is what is in it, not what it is called.
        ("bundle", zip(&files)),
        ("bundle.yaml", gzip(&tar(&files))),
    ] {
        let run = check(name, &bytes);
        assert_eq!(run.out, expected.out, "{name}");
        assert_eq!(run.code, expected.code, "{name}");
        assert_eq!(
            run.err,
            format!(
                "note: {name}: 1 files that are neither JSON nor YAML were not read\n\
                 note: {name}:top/values.yaml:1: is no Kubernetes object: it has no `kind`\n"
            ),
            "{name}"
        );
        assert_eq!(check_stdin(&bytes).out, expected.out, "{name}");
    }
}

#[test]
fn objects_are_found_again_by_archive_entry_and_line() {
    let broken =
        "kind: Node\napiVersion: v1\nmetadata:\n  name: bad\nspec:\n  podCIDRs: 10.0.0.0/24\n";
    let files = files([("top/k8s/nodes.yaml", broken.to_owned())]);
    for (name, bytes) in [("b.zip", zip(&files)), ("b.tgz", gzip(&tar(&files)))] {
        let run = check(name, &bytes);
        assert_eq!(
            run.err,
            format!(
                "error: Node bad spec.podCIDRs ({name}:top/k8s/nodes.yaml:6): cannot be read: \
                 invalid type: string \"10.0.0.0/24\", expected a sequence\n"
            )
        );
        assert_eq!(run.code, 2);
    }
}

#[test]
fn a_folder_may_hold_archives_and_an_archive_none() {
    let inner = zip(&files([("nodes.json", NODE.to_owned())]));
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/inner.zip"), &inner).unwrap();
    let run = check_in(folder.path(), "in");
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);
    assert_eq!(run.err, "");

    let mut outer = tar::Builder::new(Vec::new());
    add(&mut outer, "nodes.json", NODE.as_bytes());
    add(&mut outer, "deep/inner.zip", &inner);
    // Told by its content, too.
    add(&mut outer, "deep/inner.yaml", &inner);
    let run = check("outer.tar", &outer.into_inner().unwrap());
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);
    assert_eq!(
        run.err,
        "note: outer.tar: 2 archives inside of it were not read, such as \
         outer.tar:deep/inner.yaml; unpack it to check them\n"
    );
}

#[test]
fn gzip_inside_of_archives_is_read() {
    let mut tar = tar::Builder::new(Vec::new());
    add(&mut tar, "nodes.json.gz", &gzip(NODE.as_bytes()));
    let run = check("a.tar", &tar.into_inner().unwrap());
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);
}

#[test]
fn nothing_to_read_is_an_error() {
    for (name, bytes) in [
        ("empty.zip", zip(&Files::new())),
        ("empty.tgz", gzip(&tar(&Files::new()))),
        ("logs.zip", zip(&files([("a.log", "x".to_owned())]))),
    ] {
        let run = check(name, &bytes);
        assert_eq!(run.code, 2, "{name}");
        if name == "empty.tgz" {
            // Zeros alone do not say that they are a tar file.
            continue;
        }
        assert!(
            run.err.contains(&format!(
                "error: {name}: no .json, .yaml or .yml file (or .gz of one) is in this archive"
            )),
            "{}",
            run.err
        );
    }
}

#[test]
fn long_names_and_thousands_of_entries() {
    let deep = format!("{}/nodes.json", ["a-folder-with-a-long-name"; 20].join("/"));
    let mut files: Files = (0..5_000)
        .map(|at| (format!("logs/{at}.log"), "x".to_owned()))
        .collect();
    files.insert(deep, NODE.to_owned());
    for (name, bytes) in [("a.zip", zip(&files)), ("a.tgz", gzip(&tar(&files)))] {
        let run = check(name, &bytes);
        assert_eq!(run.prefixes(), ["10.244.1.0/24"], "{name}");
        assert_eq!(
            run.err,
            format!("note: {name}: 5000 files that are neither JSON nor YAML were not read\n")
        );
    }
}
