//! Messages about many nodes, in few words.

/// How many names a message spells out.
const SPELLED_OUT: usize = 3;

/// How much of a text from an object a message quotes, in characters.
const QUOTED: usize = 200;

/// The start of a sentence: `node a has`, `2 nodes (a, b) have`,
/// `7 nodes (a, b, c and 4 more) have`.
pub(in crate::rules) fn subject(noun: &str, names: &[&str], [one, many]: [&str; 2]) -> String {
    match names {
        [name] => format!("{noun} {name} {one}"),
        _ => format!("{} {noun}s ({}) {many}", names.len(), list(names)),
    }
}

/// `a, b, c and 4 more`.
pub(in crate::rules) fn list(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().copied().take(SPELLED_OUT).collect();
    let spelled_out = first.join(", ");
    match names.len() - first.len() {
        0 => spelled_out,
        more => format!("{spelled_out} and {more} more"),
    }
}

/// A text from an object, between backticks and cut when it is long.
pub(in crate::rules) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        None => format!("`{text}`"),
        Some((end, _)) => format!("`{}...`", text.get(..end).unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::{quote, subject};

    #[test]
    fn names_at_most_three() {
        let has = |names: &[&str]| subject("node", names, ["has", "have"]);
        assert_eq!(has(&["a"]), "node a has");
        assert_eq!(has(&["a", "b"]), "2 nodes (a, b) have");
        assert_eq!(has(&["a", "b", "c"]), "3 nodes (a, b, c) have");
        assert_eq!(
            has(&["a", "b", "c", "d"]),
            "4 nodes (a, b, c and 1 more) have"
        );
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(quote("no"), "`no`");
        assert_eq!(quote(&"ö".repeat(200)), format!("`{}`", "ö".repeat(200)));
        assert_eq!(quote(&"ö".repeat(201)), format!("`{}...`", "ö".repeat(200)));
    }
}
