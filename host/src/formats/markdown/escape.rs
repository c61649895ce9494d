//! Text from a cluster, made harmless in GitHub's Markdown.

use std::fmt::Write;

/// How long a name may be.
const CODE: usize = 300;

/// Text that shows as it is in a table's cell, and calls nobody: a line, in
/// which words that GitHub would make something of (@mentions, #1, :100:)
/// stand as code, where it does not.
pub(super) fn escape(text: &str, longest: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = cut(&flat, longest);
    let words = short.split(' ').map(|word| {
        if is_alive(word) {
            format!("<code>{}</code>", entities(word))
        } else {
            entities(word)
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A name or an address as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", entities(&cut(text, CODE)))
}

fn cut(text: &str, longest: usize) -> String {
    let mut short: String = text.chars().take(longest).collect();
    if short.len() < text.len() {
        short.push('\u{2026}');
    }
    short
}

/// Whether GitHub may make a mention, a reference or an emoji of a part of
/// it. An IPv6 address has emojis in it: `fd00:100::`.
fn is_alive(word: &str) -> bool {
    word.contains(['@', '#']) || word.matches(':').count() > 1
}

/// Characters by number mean nothing to Markdown and HTML.
fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' | '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$'
            | '^' | '!' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            // Would hide text, or turn its order round.
            character if is_invisible(character) => escaped.push('?'),
            character => escaped.push(character),
        }
    }
    escaped
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_means_anything() {
        let text = "a|b `c` <script> **d** [e](f) \\ @user #12 :tada:\nnext";
        assert_eq!(
            escape(text, 100),
            "a&#124;b &#96;c&#96; &#60;script&#62; &#42;&#42;d&#42;&#42; &#91;e&#93;(f) &#92; \
             <code>@user</code> <code>#12</code> <code>:tada:</code> next"
        );
    }

    #[test]
    fn addresses_are_no_emojis() {
        assert_eq!(
            escape("via fd00:100::1", 99),
            "via <code>fd00:100::1</code>"
        );
        assert_eq!(escape("ipam: cluster-pool", 99), "ipam: cluster-pool");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(escape("äöü", 2), "äö\u{2026}");
        assert_eq!(escape("äöü", 3), "äöü");
        assert_eq!(code("a\u{202e}b"), "<code>a?b</code>");
    }
}
