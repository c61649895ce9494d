//! `docs/failures.md` names tests: each is there.

use std::path::Path;

#[test]
fn every_test_that_the_failures_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = std::fs::read_to_string(root.join("docs/failures.md")).unwrap();
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with('|')) {
        // A name without a file is in the file that was named before.
        let mut source = String::new();
        for name in row.split('`').skip(1).step_by(2) {
            let test = match name.split_once("::") {
                Some((file, test)) => {
                    let path = root.join(format!("tests/{file}.rs"));
                    source = std::fs::read_to_string(&path)
                        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                    test
                }
                None if !source.is_empty() && is_a_test(name) => name,
                None => continue,
            };
            assert!(source.contains(&format!("fn {test}(")), "{row}: {test}");
            named += 1;
        }
    }
    assert!(named > 50, "{named}");
}

fn is_a_test(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && name.contains('_')
}
