//! What cannot be read, or should not be: one clear error, and the rest is
//! checked.

use std::fmt::Write as _;
use std::io::Cursor;
use std::os::unix::fs::symlink;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::packing::{add, gzip, tar, zip, zip_by};
use super::*;

fn two() -> Files {
    let second = NODE
        .replace("worker-1", "worker-2")
        .replace("10.244.1", "10.244.2")
        .replace(".11", ".12");
    files([("a.json", NODE.to_owned()), ("b.json", second)])
}

/// The first error, without the word in front.
fn error(run: &Run) -> &str {
    let first = run
        .err
        .lines()
        .find_map(|line| line.strip_prefix("error: "));
    first.unwrap_or_else(|| panic!("no error: {}", run.err))
}

#[test]
fn cut_off() {
    let files = two();
    let (zip, tar) = (zip(&files), tar(&files));
    let tgz = gzip(&tar);
    for (name, bytes, start, read) in [
        (
            "a.zip",
            &zip[..zip.len() - 30],
            "a.zip: is a zip archive that cannot be read, perhaps cut off: ",
            0,
        ),
        (
            "a.tar",
            &tar[..700],
            "a.tar: is a tar archive that cannot be read to its end: ",
            0,
        ),
        (
            "a.tar",
            &tar[..1100],
            "a.tar: is a tar archive that cannot be read to its end: ",
            1,
        ),
        // Between two entries nothing but the end is missing.
        (
            "a.tar",
            &tar[..1024],
            "a.tar: is a tar archive without its end; it was cut off",
            1,
        ),
        (
            "a.tgz",
            &tgz[..tgz.len() - 10],
            "a.tgz: is a tar archive that cannot be read to its end: ",
            2,
        ),
        (
            "a.gz",
            &gzip(NODE.as_bytes())[..60],
            "a.gz: is broken gzip: ",
            0,
        ),
    ] {
        let run = check(name, bytes);
        assert_eq!(run.code, 2, "{name}");
        assert!(error(&run).starts_with(start), "{name}: {}", run.err);
        assert_eq!(run.prefixes().len(), read, "{name}: {}", run.err);
        assert!(
            run.json()["undecided"]
                .to_string()
                .contains("part of the snapshot could not be read")
        );
    }
}

#[test]
fn one_broken_entry_says_nothing_of_the_others() {
    let mut bytes = zip_by(&two(), CompressionMethod::Stored);
    let at = bytes
        .windows(8)
        .position(|part| part == b"worker-1")
        .unwrap();
    bytes[at] = b'W';
    let run = check("a.zip", &bytes);
    assert_eq!(error(&run), "a.zip:a.json: Invalid checksum");
    assert_eq!(run.prefixes(), ["10.244.2.0/24"]);
}

#[test]
fn encrypted_entries() {
    let mut bytes = zip_by(&two(), CompressionMethod::Stored);
    // The flag of the first entry, before it and in the directory.
    bytes[6] |= 1;
    let directory = bytes
        .windows(4)
        .position(|part| part == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 8] |= 1;
    let run = check("a.zip", &bytes);
    assert_eq!(
        error(&run),
        "a.zip:a.json: is encrypted; unpack it with its password and check the folder"
    );
    assert_eq!(run.prefixes(), ["10.244.2.0/24"]);
}

#[test]
fn unknown_compression() {
    let mut bytes = zip_by(&two(), CompressionMethod::Stored);
    // The method of the first entry, before it and in the directory: zstd.
    bytes[8] = 93;
    let directory = bytes
        .windows(4)
        .position(|part| part == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 10] = 93;
    let run = check("a.zip", &bytes);
    assert!(
        error(&run).starts_with("a.zip:a.json: is compressed by Zstd"),
        "{}",
        run.err
    );
    assert_eq!(run.prefixes(), ["10.244.2.0/24"]);
}

/// 600 MiB of blanks in an entry: the archive has half a megabyte.
#[test]
fn bombs() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a.json", SimpleFileOptions::default())
        .unwrap();
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..600 {
        zip.write_all(&blanks).unwrap();
    }
    zip.start_file("b.json", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(NODE.as_bytes()).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    let expected = "a.zip:a.json: holds more than 512 MiB";
    let run = check("a.zip", &bytes);
    assert_eq!(error(&run), expected);
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);

    // What it says of its size is not believed.
    let directory = bytes
        .windows(4)
        .position(|part| part == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&100_u32.to_le_bytes());
    let run = check("a.zip", &bytes);
    assert!(error(&run).starts_with("a.zip:a.json: "), "{}", run.err);
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);
}

#[test]
fn names_that_lead_out_and_act_are_shown_and_do_nothing() {
    let folder = TempDir::new().unwrap();
    let mut tar = tar::Builder::new(Vec::new());
    let broken = b"kind: [";
    for name in [
        "../../out.yaml",
        "/tmp/out.yaml",
        "a\x1b[2Jb\n\u{202e}.yaml",
    ] {
        add(&mut tar, name, broken);
    }
    fs::write(folder.path().join("e.tar"), tar.into_inner().unwrap()).unwrap();
    let run = check_in(folder.path(), "e.tar");
    for shown in [
        "e.tar:../../out.yaml:1: ",
        "e.tar:/tmp/out.yaml:1: ",
        "e.tar:a\\u{1b}[2Jb\\u{a}\\u{202e}.yaml:1: ",
    ] {
        assert!(
            run.err.contains(&format!("error: {shown}")),
            "{shown}: {}",
            run.err
        );
    }
    assert_eq!(run.err.lines().count(), 3);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing was written"
    );
}

#[test]
fn names_of_files_do_not_act_on_a_terminal() {
    let run = check("a\x1b[2J.yaml", b"kind: [");
    assert!(
        error(&run).starts_with("a\\u{1b}[2J.yaml:1: "),
        "{}",
        run.err
    );
}

/// The API server would not take such names, but a file may have them.
#[test]
fn names_of_objects_do_not_act_on_a_terminal() {
    let folder = TempDir::new().unwrap();
    let evil = NODE.replace("worker-1", r"w\u001b[2J\u009b8m\u001b[8mx");
    fs::write(folder.path().join("a.json"), evil.replace(".0/24", ".0/99")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args([
            "check",
            "--color",
            "always",
            "--cni",
            "kubernetes",
            "a.json",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let run = Run::of(output);
    assert!(
        run.out.contains("Node w\\u{1b}[2J\\u{9b}8m\\u{1b}[8mx"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("\u{1b}[2J") && !run.out.contains("\u{1b}[8m"));
}

#[test]
fn links_are_not_followed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("secret.json"), NODE).unwrap();
    let target = folder.path().join("secret.json");
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, name) in [
        (tar::EntryType::Symlink, "s.json"),
        (tar::EntryType::Link, "h.json"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        builder.append_link(&mut header, name, &target).unwrap();
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink(
        "s.json",
        target.to_str().unwrap(),
        SimpleFileOptions::default(),
    )
    .unwrap();
    for (name, bytes, count) in [
        ("l.tar", builder.into_inner().unwrap(), 2),
        ("l.zip", zip.finish().unwrap().into_inner(), 1),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let run = check_in(folder.path(), name);
        assert_eq!(run.prefixes(), Vec::<String>::new());
        assert!(
            run.err.contains(&format!(
                "note: {name}: {count} links were not followed, such as s.json"
            )),
            "{}",
            run.err
        );
        assert_eq!(run.code, 2, "nothing was left to read");
    }
}

#[test]
fn pipes_in_folders_are_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("in");
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("a.json"), NODE).unwrap();
    let pipe = inside.join("pipe.yaml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    symlink("nowhere", inside.join("dangling.yaml")).unwrap();
    let run = check_in(folder.path(), "in");
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);
    assert!(error(&run).starts_with("in/dangling.yaml: "), "{}", run.err);
}

#[test]
fn junk() {
    let noise: Vec<u8> = (0..4096_u32)
        .map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2])
        .collect();
    for (name, bytes) in [
        ("junk.yaml", noise.clone()),
        ("junk.zip", [b"PK\x03\x04".as_slice(), &noise].concat()),
        ("junk.gz", [b"\x1f\x8b".as_slice(), &noise].concat()),
        ("junk.json", b"{\"kind\":\"Node\xff\"}".to_vec()),
        (
            "junk.tar",
            tar(&files([("a.json", "\u{0}\u{1}".to_owned())])),
        ),
    ] {
        let run = check(name, &bytes);
        assert_eq!(run.code, 2, "{name}");
        assert!(error(&run).starts_with(name), "{}", run.err);
        assert!(
            !run.err
                .trim_end()
                .replace('\n', "")
                .contains(char::is_control),
            "{name}: {}",
            run.err
        );
    }
}

#[test]
fn one_very_long_line() {
    let with = |length: usize| {
        let long = "x".repeat(length);
        let annotations = format!("\"annotations\":{{\"a\":\"{long}\"}},\"resourceVersion\"");
        NODE.replace("\"resourceVersion\"", &annotations)
    };
    let run = check("long.json", with(16 << 20).as_bytes());
    assert_eq!(
        (run.code, run.prefixes()),
        (0, vec!["10.244.1.0/24".to_owned()])
    );

    // One object of 64 MiB is none, and the rest is read.
    let large = with(64 << 20);
    let run = check("long.json", format!("{large}{NODE}").as_bytes());
    assert_eq!(
        (run.code, run.prefixes()),
        (2, vec!["10.244.1.0/24".to_owned()])
    );
    assert_eq!(
        error(&run),
        "long.json:1: is an object of more than 32 MiB: no API server keeps such a one"
    );
    let run = check(
        "long.yaml",
        format!("kind: [{}\n", "x".repeat(64 << 20)).as_bytes(),
    );
    assert!(run.err.len() < 1_000, "the line is not repeated");
    assert_eq!(run.code, 2);
}

#[test]
fn aliases_and_depth() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let run = check("bomb.yaml", format!("{bomb}---\n{NODE}").as_bytes());
    assert!(
        error(&run).contains("bomb.yaml:") && error(&run).contains("64 MiB"),
        "{}",
        run.err
    );
    assert_eq!(run.prefixes(), ["10.244.1.0/24"]);

    for (name, text) in [
        (
            "deep.yaml",
            format!(
                "kind: Node\nmetadata: {{name: a}}\nspec: {}{}\n",
                "[".repeat(100_000),
                "]".repeat(100_000)
            ),
        ),
        (
            "deep.json",
            format!(
                "{{\"kind\":\"Node\",\"metadata\":{{\"name\":\"a\"}},\"spec\":{}{}}}",
                "[".repeat(100_000),
                "]".repeat(100_000)
            ),
        ),
    ] {
        let run = check(name, text.as_bytes());
        assert_eq!(run.code, 2, "{name}: {}", run.err);
        assert!(run.err.starts_with("error: "), "{name}: {}", run.err);
    }
}

#[test]
fn wrong_kinds() {
    for (text, expected) in [
        (r#"{"kind":7}"#, "invalid type: integer `7`"),
        (r#"{"kind":["Node"]}"#, "invalid type: sequence"),
        (
            r#"{"kind":"NodeList","items":{}}"#,
            "items: a mapping where a list is expected",
        ),
        (r#"{"metadata":{"name":"x"}}"#, "is no Kubernetes object"),
    ] {
        let run = check("a.json", text.as_bytes());
        assert_eq!(run.code, 2, "{text}");
        assert!(error(&run).contains(expected), "{text}: {}", run.err);
    }
}
