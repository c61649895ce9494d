//! Names and texts from outside, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control characters, and those that change the direction of
/// writing, as escapes such as `\u{1b}`: a name must not move the cursor, nor
/// look like another.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_harmful(letter) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "{}", letter.escape_unicode());
        } else {
            escaped.push(letter);
        }
    }
    Cow::Owned(escaped)
}

fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn escapes_what_would_act_and_nothing_else() {
        for (text, expected) in [
            ("nodes.yaml", "nodes.yaml"),
            ("größe.yaml", "größe.yaml"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("a\nb\0", "a\\u{a}b\\u{0}"),
            ("a\u{202e}lmay.b", "a\\u{202e}lmay.b"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
