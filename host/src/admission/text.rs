//! Text for headers and terminals: one line, and no longer than it may be.

/// A text as one line of at most so many characters. Where something had to
/// go, it ends with three dots.
pub(super) fn line(text: &str, limit: usize) -> String {
    // The API server drops a warning with a control character in it.
    let mut line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(limit + 1)
        .collect();
    if line.chars().count() > limit {
        line = line.chars().take(limit.saturating_sub(3)).collect();
        line.truncate(line.trim_end().len());
        line.push_str("...");
    }
    line
}

/// How long a text is, as the API server counts.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Each of these once, in their order, with commas.
pub(super) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        assert_eq!(line("ab\ncd\u{7}", 6), "ab cd ");
        assert_eq!(line("äöüäöüä", 7), "äöüäöüä");
        assert_eq!(line("äöüäöüäö", 7), "äöüä...");
        assert_eq!(line("one two three", 7), "one...");
    }
}
