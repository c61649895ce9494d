//! Text with parts from outside, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// The codes of [`super::style`], and what is as harmless: colours, bold, dim,
/// and the end of them.
const STYLES: [&str; 9] = ["0", "1", "2", "31", "32", "33", "34", "35", "36"];

/// The text with control characters as escapes such as `\u{1b}`, but for line
/// ends and styles: the name of an object must not move the cursor or clear
/// the screen.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_harmful) {
        let (before, after) = rest.split_at(at);
        safe.push_str(before);
        if let Some((style, left)) = style(after) {
            safe.push_str(style);
            rest = left;
        } else {
            let mut letters = after.chars();
            if let Some(letter) = letters.next() {
                // Writing to a string cannot fail.
                let _ = write!(safe, "{}", letter.escape_unicode());
            }
            rest = letters.as_str();
        }
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

fn is_harmful(letter: char) -> bool {
    letter.is_control() && letter != '\n'
}

/// A style at the start of a text, and what comes after it.
fn style(text: &str) -> Option<(&str, &str)> {
    let code = text.strip_prefix("\u{1b}[")?;
    let (code, after) = code.split_once('m')?;
    let style = text.get(..text.len() - after.len())?;
    STYLES.contains(&code).then_some((style, after))
}

#[cfg(test)]
mod tests {
    use super::super::style;
    use super::harmless;

    #[test]
    fn keeps_styles_and_nothing_else() {
        for styled in [
            style::heading("a"),
            style::dim("a"),
            style::error("a"),
            style::warning("a"),
            style::info("a\nb"),
        ] {
            assert_eq!(harmless(&styled), styled);
        }
        for (text, expected) in [
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("\u{1b}[8mhidden", "\\u{1b}[8mhidden"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\rb\u{9b}2J\u{1b}", "a\\u{d}b\\u{9b}2J\\u{1b}"),
        ] {
            assert_eq!(harmless(text), expected);
        }
    }
}
