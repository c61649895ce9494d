//! Texts from outside, in a document: escaped, cut short, counted.

/// Puts a text where markup is, in an element or between the quotes of an
/// attribute. What XML cannot contain becomes a replacement character.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(one),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push('\u{fffd}');
            }
            _ => escaped.push(one),
        }
    }
    escaped
}

/// The text, or its beginning and an ellipsis. It has at most `most`
/// characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

/// `1 node`, `2 nodes`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let number = grouped(u128::try_from(count).unwrap_or_default());
    match (count, what.strip_suffix('y')) {
        (1, _) => format!("{number} {what}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        _ if what.ends_with('x') => format!("{number} {what}es"),
        _ => format!("{number} {what}s"),
    }
}

/// `65,536`. What nobody would read to its end is a power of two.
pub(super) fn grouped(number: u128) -> String {
    const READABLE: u128 = 1_000_000_000;
    if number > READABLE {
        return format!("about 2^{}", number.ilog2());
    }
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        assert_eq!(
            escape("<script>\"&'\u{0}\u{1b}ü"),
            "&lt;script&gt;&quot;&amp;&#39;\u{fffd}\u{fffd}ü"
        );
    }

    #[test]
    fn counts_as_people_do() {
        assert_eq!(counted(0, "route"), "0 routes");
        assert_eq!(counted(1, "family"), "1 family");
        assert_eq!(counted(65_536, "family"), "65,536 families");
        assert_eq!(counted(2, "prefix"), "2 prefixes");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1 << 64), "about 2^64");
    }

    #[test]
    fn shortens_by_characters() {
        assert_eq!(shortened("wörker", 6), "wörker");
        assert_eq!(shortened("wörker-1", 6), "wörke…");
    }
}
